//! Filters on hardware addresses.

use minijinja::value::Value;
use minijinja::{Error, State};

use super::Family;
use super::encode::hex;
use crate::template::arguments::{Args, bad};
use crate::template::network::Interface;
use crate::template::python;
use crate::template::random::Random;

pub(super) const UTILS: Family =
    &[("hwaddr", |_, args| convert(args)), ("macaddr", |_, args| convert(args)), ("slaac", slaac)];

pub(super) const GENERAL: Family = &[("random_mac", random_mac)];

/// The six bytes of an address in any of the usual spellings.
fn parse(text: &str) -> Option<[u8; 6]> {
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
    if digits.len() != 12 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 6];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).ok()?;
    }
    Some(bytes)
}

fn convert(args: &Args) -> Result<Value, Error> {
    let query = args.text(1, "query")?.unwrap_or_default();
    args.get(2, "alias")?;
    let text = python::text(args.value())?;
    let Some(bytes) = parse(&text) else {
        return match query.as_str() {
            "" => Ok(Value::from(())),
            "bool" => Ok(Value::from(false)),
            _ => Err(bad(format!("`{text}` is no hardware address"))),
        };
    };
    let digits = hex(&bytes);
    let grouped = |size: usize, separator: &str| {
        let groups: Vec<&str> = (0..12).step_by(size).map(|at| &digits[at..at + size]).collect();
        groups.join(separator)
    };
    Ok(match query.as_str() {
        "bool" => Value::from(true),
        "bare" => Value::from(digits.to_uppercase()),
        "cisco" => Value::from(grouped(4, ".")),
        "int" => {
            Value::from(bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
        }
        "pgsql" | "postgresql" | "psql" => Value::from(grouped(6, ":")),
        "win" | "eui48" => Value::from(grouped(2, "-").to_uppercase()),
        "" | "linux" | "unix" => Value::from(grouped(2, ":")),
        other => return Err(bad(format!("there is no query `{other}`"))),
    })
}

/// The address that a hardware address gives itself in a network.
fn slaac(_: &mut State, args: &Args) -> Result<Value, Error> {
    let text = python::text(args.value())?;
    let network = Interface::parse(&text).filter(|network| network.v6);
    let network = network.ok_or_else(|| bad(format!("`{text}` is no IPv6 network")))?;
    let query = args.text(1, "query")?.unwrap_or_default();
    let hardware = parse(&query);
    let hardware = hardware.ok_or_else(|| bad(format!("`{query}` is no hardware address")))?;
    let (vendor, device) = hardware.split_at(3);
    let mut host = [vendor, &[0xff, 0xfe], device].concat();
    host[0] ^= 2;
    let host = host.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let address = network.address & !u128::from(u64::MAX) | u128::from(host);
    Ok(Value::from(network.ip(address).to_string()))
}

/// Whether a text is a hardware address.
pub(in crate::template) fn is_address(text: &str) -> bool {
    parse(text).is_some()
}

/// Fills up a beginning such as `52:54:00` at random.
fn random_mac(_: &mut State, args: &Args) -> Result<Value, Error> {
    let beginning = python::text(args.value())?.to_lowercase();
    let mut random = match args.get(1, "seed")?.filter(|seed| !seed.is_none()) {
        Some(seed) => match seed.as_i64().filter(|_| seed.is_integer()) {
            Some(number) => Random::from_number(number),
            None => Random::from_text(&python::text(&seed)?),
        },
        None => Random::System,
    };
    let parts: Vec<&str> = beginning.split(':').collect();
    let valid = |part: &&str| part.len() == 2 && u8::from_str_radix(part, 16).is_ok();
    if parts.len() > 5 || !parts.iter().all(valid) {
        return Err(bad(format!("`{beginning}` is no beginning such as 52:54:00")));
    }
    // Ten digits are drawn at once, whatever number is missing: seeds give what Ansible gives.
    let (low, high) = (0x10_0000_0000_usize, 0x100_0000_0000);
    let digits = format!("{:x}", low + random.below(high - low)?);
    let missing = (0..6 - parts.len()).map(|at| format!(":{}", &digits[at * 2..at * 2 + 2]));
    Ok(Value::from(beginning + &missing.collect::<String>()))
}
