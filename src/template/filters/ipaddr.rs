//! `ipaddr` and the other filters of `ansible.utils` on addresses.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, State};

use super::Family;
use super::ip_query::Question;
use crate::template::arguments::{Args, bad, items};
use crate::template::network::Interface;
use crate::template::objects::List;
use crate::template::python;

pub(super) const FILTERS: Family = &[
    ("ipaddr", |_, args| each(args, None)),
    ("ipv4", |_, args| each(args, Some(false))),
    ("ipv6", |_, args| each(args, Some(true))),
    ("ipwrap", wrap_all),
    ("ipsubnet", subnet),
    ("ipmath", math),
    ("nthhost", nth_host),
    ("next_nth_usable", |_, args| near(args, 1)),
    ("previous_nth_usable", |_, args| near(args, -1)),
    ("network_in_network", |_, args| {
        let (network, other) = (one(args.value())?, one(&args.need(1, "test")?)?);
        Ok(Value::from(network.contains(&other)))
    }),
    ("network_in_usable", |_, args| {
        let (network, other) = (one(args.value())?, one(&args.need(1, "test")?)?);
        let usable = network.usable().is_some_and(|(first, last)| {
            network.v6 == other.v6 && first <= other.network() && other.last() <= last
        });
        Ok(Value::from(usable))
    }),
    ("reduce_on_network", |_, args| {
        let network = one(&args.need(1, "network")?)?;
        let mut inside = vec![];
        for item in items(args.value())? {
            if network.contains(&one(&item)?) {
                inside.push(item);
            }
        }
        Ok(List::value(inside))
    }),
    ("ip4_hex", |_, args| {
        let delimiter = args.text(1, "delimiter")?.unwrap_or_default();
        let address = one(args.value())?.address;
        let bytes = (0..4).rev().map(|at| format!("{:02x}", address >> (8 * at) & 0xff));
        Ok(Value::from(bytes.collect::<Vec<_>>().join(&delimiter)))
    }),
    ("cidr_merge", merge),
];

/// An address that must be one.
fn one(value: &Value) -> Result<Interface, Error> {
    let text = python::text(value)?;
    Interface::parse(&text).ok_or_else(|| bad(format!("`{text}` is no IP address or network")))
}

/// Asks one address, or each of a list; of a list what has no answer drops out.
fn each(args: &Args, v6: Option<bool>) -> Result<Value, Error> {
    let query = args.get(1, "query")?;
    args.get(2, "version")?;
    args.get(3, "alias")?;
    let value = args.value();
    if !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
        return ask(value, query.as_ref(), v6);
    }
    let mut found = vec![];
    for item in items(value)? {
        let answer = ask(&item, query.as_ref(), v6)?;
        found.extend(answer.is_true().then_some(answer));
    }
    Ok(List::value(found))
}

fn ask(value: &Value, query: Option<&Value>, v6: Option<bool>) -> Result<Value, Error> {
    let address = match value.kind() {
        ValueKind::String => Interface::parse(value.as_str().unwrap_or_default()),
        ValueKind::Number => number(value),
        _ => None,
    };
    let Some(address) = address.filter(|address| v6.is_none_or(|v6| address.v6 == v6)) else {
        return Ok(Value::from(false));
    };
    let index = query.filter(|query| query.is_integer()).and_then(Value::as_i64);
    if let Some(index) = index {
        return Ok(if address.with_prefix && address.prefix < address.bits() {
            nth(&address, index).map_or(Value::from(false), |at| {
                Value::from(Interface { address: at, ..address }.to_string())
            })
        } else {
            Value::from(address.to_string())
        });
    }
    let query = query.map(python::text).transpose()?.unwrap_or_default();
    Question { address: &address, given: value }.ask(&query)
}

/// A number as an address.
fn number(value: &Value) -> Option<Interface> {
    let number = u128::try_from(value.clone()).ok()?;
    Some(Interface::host(match u32::try_from(number) {
        Ok(number) => std::net::Ipv4Addr::from(number).into(),
        Err(_) => std::net::Ipv6Addr::from(number).into(),
    }))
}

/// The address at an index of a network; from its end where that is negative.
fn nth(network: &Interface, index: i64) -> Option<u128> {
    let distance = u128::from(index.unsigned_abs());
    let at = if index < 0 {
        network.last().checked_sub(distance - 1)?
    } else {
        network.network().checked_add(distance)?
    };
    (network.network() <= at && at <= network.last()).then_some(at)
}

/// The usable address so many after its own.
pub(super) fn step(address: &Interface, (first, last): (u128, u128), by: i64) -> Option<u128> {
    let distance = u128::from(by.unsigned_abs());
    let at = if by < 0 {
        address.address.checked_sub(distance)?
    } else {
        address.address.checked_add(distance)?
    };
    (first <= at && at <= last).then_some(at)
}

/// An IPv6 address in brackets, anything else as it is.
pub(super) fn wrap(text: &str) -> String {
    match Interface::parse(text).filter(|address| address.v6) {
        Some(address) => {
            let own = address.ip(address.address);
            let prefix =
                if address.with_prefix { format!("/{}", address.prefix) } else { String::new() };
            format!("[{own}]{prefix}")
        }
        None => text.to_owned(),
    }
}

fn wrap_all(_: &mut State, args: &Args) -> Result<Value, Error> {
    args.get(1, "query")?;
    let value = args.value();
    let wrapped = |value: &Value| match value.as_str() {
        Some(text) => Value::from(wrap(text)),
        None => value.clone(),
    };
    Ok(match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            List::value(items(value)?.iter().map(wrapped).collect())
        }
        _ => wrapped(value),
    })
}

/// Subnets of a size in a network, the network of a size around an address, or which of the
/// subnets of its size an address is in a network.
fn subnet(_: &mut State, args: &Args) -> Result<Value, Error> {
    let query = args.get(1, "query")?;
    let index = args.int(2, "index")?;
    let text = python::text(args.value())?;
    let Some(own) = Interface::parse(&text) else { return Ok(Value::from(false)) };
    let Some(query) = query.filter(|query| !matches!(query.as_str(), Some(""))) else {
        return Ok(Value::from(own.subnet().to_string()));
    };
    let size = match query.as_str().map(str::trim) {
        Some(text) => text.parse::<u32>().ok(),
        None => query.as_i64().and_then(|size| u32::try_from(size).ok()),
    };
    let Some(size) = size else {
        return position(&own, &one(&query)?);
    };
    if size > own.bits() {
        return Err(bad(format!("a prefix of {size} is too long")));
    }
    let sized =
        |address: u128| Interface { address, prefix: size, with_prefix: true, ..own }.subnet();
    if own.with_prefix && own.prefix != own.bits() {
        if size < own.prefix {
            return Err(bad(format!("a subnet of size {size} is larger than `{own}`")));
        }
        let count = 1_u128.checked_shl(size - own.prefix).unwrap_or(u128::MAX);
        let Some(index) = index else { return Ok(Value::from(count)) };
        let distance = u128::from(index.unsigned_abs());
        let at = if index < 0 { count.checked_sub(distance) } else { Some(distance) };
        let at = at.filter(|at| *at < count);
        return Ok(at.map_or(Value::from(false), |at| {
            let width = sized(own.network()).wildcard() + 1;
            Value::from(sized(own.network() + at * width).to_string())
        }));
    }
    let Some(index) = index else { return Ok(Value::from(sized(own.address).to_string())) };
    // The networks around an address, from the widest on.
    let widths: Vec<u32> = (size..own.bits()).collect();
    let at = if index < 0 {
        widths.len().checked_sub(usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX))
    } else {
        usize::try_from(index).ok()
    };
    Ok(at.and_then(|at| widths.get(at)).map_or(Value::from(false), |width| {
        let network = Interface { prefix: *width, with_prefix: true, ..own }.subnet();
        Value::from(network.to_string())
    }))
}

/// Which of a network's parts of its own size an address lies in, from 1.
fn position(own: &Interface, network: &Interface) -> Result<Value, Error> {
    if !network.contains(own) {
        return Err(bad(format!("`{own}` is not in `{network}`")));
    }
    let width = own.wildcard().saturating_add(1);
    Ok(Value::from((own.network() - network.network()) / width + 1))
}

fn math(_: &mut State, args: &Args) -> Result<Value, Error> {
    let own = one(args.value())?;
    let amount = args.int(1, "amount")?.ok_or_else(|| bad("it needs an amount"))?;
    let distance = u128::from(amount.unsigned_abs());
    let highest = if own.v6 { u128::MAX } else { u32::MAX.into() };
    let at = if amount < 0 {
        own.address.checked_sub(distance)
    } else {
        own.address.checked_add(distance)
    };
    let at = at.filter(|at| *at <= highest);
    at.map(|at| Value::from(own.ip(at).to_string()))
        .ok_or_else(|| bad("the result is no address any more"))
}

fn nth_host(_: &mut State, args: &Args) -> Result<Value, Error> {
    let text = python::text(args.value())?;
    let index = args.int(1, "query")?.unwrap_or(1);
    let Some(own) = Interface::parse(&text).filter(|own| own.prefix < own.bits()) else {
        return Ok(Value::from(false));
    };
    Ok(nth(&own, index).map_or(Value::from(false), |at| Value::from(own.ip(at).to_string())))
}

fn near(args: &Args, direction: i64) -> Result<Value, Error> {
    let own = one(args.value())?;
    let offset = args.int(1, "offset")?.ok_or_else(|| bad("it needs an offset"))?;
    let found = own.usable().and_then(|range| step(&own, range, offset.saturating_mul(direction)));
    Ok(found.map_or(Value::from(()), |at| Value::from(own.ip(at).to_string())))
}

fn merge(_: &mut State, args: &Args) -> Result<Value, Error> {
    let action = args.text(1, "action")?.unwrap_or_else(|| "merge".to_owned());
    let mut all = items(args.value())?
        .iter()
        .map(|item| Ok(one(item)?.subnet()))
        .collect::<Result<Vec<_>, Error>>()?;
    all.sort_by_key(|network| (network.v6, network.network(), network.prefix));
    if action == "span" {
        let (Some(first), Some(last)) = (all.first(), all.iter().max_by_key(|n| n.last())) else {
            return Ok(Value::from(()));
        };
        let mut span = *first;
        while span.prefix > 0 && !span.contains(last) {
            span = Interface { prefix: span.prefix - 1, ..span }.subnet();
        }
        return Ok(Value::from(span.to_string()));
    }
    if action != "merge" {
        return Err(bad(format!("`action` must be merge or span, not `{action}`")));
    }
    let mut merged: Vec<Interface> = vec![];
    for network in all {
        if merged.last().is_some_and(|last| last.contains(&network)) {
            continue;
        }
        merged.push(network);
        while let [.., a, b] = merged.as_slice() {
            let both = Interface { prefix: a.prefix.saturating_sub(1), ..*a }.subnet();
            if a.prefix != b.prefix || a.prefix == 0 || a.v6 != b.v6 || !both.contains(b) {
                break;
            }
            merged.truncate(merged.len() - 2);
            merged.push(both);
        }
    }
    Ok(List::value(merged.iter().map(|network| Value::from(network.to_string())).collect()))
}
