//! Filters on URLs, and on text for the web.

use std::fmt::Write;

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, State};

use super::Family;
use crate::template::arguments::{Args, bad, pairs};
use crate::template::mutators;
use crate::template::objects::Mapping;
use crate::template::pattern::pattern;
use crate::template::python;

pub(super) const FILTERS: Family = &[
    ("urlsplit", url_split),
    ("urldecode", url_decode),
    ("urlencode", url_encode),
    ("escape", |_, args| Ok(Value::from(html(&python::text(args.value())?)))),
    ("e", |_, args| Ok(Value::from(html(&python::text(args.value())?)))),
    ("forceescape", |_, args| Ok(Value::from(html(&python::text(args.value())?)))),
    ("safe", |_, args| Ok(Value::from(python::text(args.value())?))),
    ("striptags", strip_tags),
    ("xmlattr", xml_attributes),
    ("urlize", urlize),
];

/// The parts of a URL.
struct Parts<'u> {
    scheme: &'u str,
    netloc: &'u str,
    path: &'u str,
    query: &'u str,
    fragment: &'u str,
}

fn parts(url: &str) -> Parts<'_> {
    let is_scheme = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    let (scheme, rest) =
        url.split_once(':').filter(|(scheme, _)| is_scheme(scheme)).unwrap_or(("", url));
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (netloc, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    Parts { scheme, netloc, path, query, fragment }
}

fn url_split(_: &mut State, args: &Args) -> Result<Value, Error> {
    let wanted = args.text(1, "query")?.filter(|wanted| !wanted.is_empty());
    let url = python::text(args.value())?;
    let Parts { scheme, netloc, path, query, fragment } = parts(&url);
    let (login, host) = match netloc.rsplit_once('@') {
        Some((login, host)) => (Some(login), host),
        None => (None, netloc),
    };
    let (user, password) = match login.map(|login| login.split_once(':').ok_or(login)) {
        Some(Ok((user, password))) => (Some(user), Some(password)),
        Some(Err(user)) => (Some(user), None),
        None => (None, None),
    };
    let (host, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port))),
    };
    let port = match port.filter(|port| !port.is_empty()) {
        Some(port) => Value::from(
            port.parse::<u16>().map_err(|_| bad(format!("`{port}` is no port of a URL")))?,
        ),
        None => Value::from(()),
    };
    let optional = |text: Option<&str>| text.map_or(Value::from(()), Value::from);
    let host = Some(host.to_lowercase()).filter(|host| !host.is_empty());
    let all = [
        ("fragment", Value::from(fragment)),
        ("hostname", optional(host.as_deref())),
        ("netloc", Value::from(netloc)),
        ("password", optional(password)),
        ("path", Value::from(path)),
        ("port", port),
        ("query", Value::from(query)),
        ("scheme", Value::from(scheme.to_lowercase())),
        ("username", optional(user)),
    ];
    match wanted {
        Some(name) => match all.into_iter().find(|(known, _)| *known == name) {
            Some((_, value)) => Ok(value),
            None => Err(bad(format!("unknown URL component: {name}"))),
        },
        None => Ok(Mapping::value(all.map(|(name, value)| (Value::from(name), value)))),
    }
}

fn url_decode(_: &mut State, args: &Args) -> Result<Value, Error> {
    let text = python::text(args.value())?;
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, others)) = rest.split_first() {
        let code = others.get(..2).filter(|_| *first == b'%');
        let code =
            code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        if let Some(byte) = code {
            bytes.push(byte);
            rest = &others[2..];
        } else {
            bytes.push(if *first == b'+' { b' ' } else { *first });
            rest = others;
        }
    }
    Ok(Value::from(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Per-cent encodes all but letters, digits and the safe signs.
fn quote(text: &str, safe: &str, plus: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if byte.is_ascii_alphanumeric() || "_.-~".contains(c) || byte.is_ascii() && safe.contains(c)
        {
            out.push(c);
        } else if byte == b' ' && plus {
            out.push('+');
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn url_encode(_: &mut State, args: &Args) -> Result<Value, Error> {
    let value = args.value();
    if !matches!(value.kind(), ValueKind::Map | ValueKind::Seq | ValueKind::Iterable) {
        return Ok(Value::from(quote(&python::text(value)?, "/", false)));
    }
    let encoded = mutators::entries(value)?.into_iter().map(|(key, item)| {
        let (key, item) = (python::text(&key)?, python::text(&item)?);
        Ok(format!("{}={}", quote(&key, "", true), quote(&item, "", true)))
    });
    Ok(Value::from(encoded.collect::<Result<Vec<_>, Error>>()?.join("&")))
}

fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&#39;"),
            '"' => out.push_str("&#34;"),
            c => out.push(c),
        }
    }
    out
}

fn strip_tags(_: &mut State, args: &Args) -> Result<Value, Error> {
    let text = python::text(args.value())?;
    let (mut out, mut rest) = (String::new(), text.as_str());
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let end = if rest[at..].starts_with("<!--") { "-->" } else { ">" };
        let Some(length) = rest[at..].find(end) else {
            out.push_str(&rest[at..]);
            rest = "";
            break;
        };
        rest = &rest[at + length + end.len()..];
    }
    out.push_str(rest);
    let words: Vec<&str> = out.split_whitespace().collect();
    let plain = words
        .join(" ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    Ok(Value::from(plain))
}

fn xml_attributes(_: &mut State, args: &Args) -> Result<Value, Error> {
    let space = args.get(1, "autospace")?.is_none_or(|value| value.is_true());
    let mut attributes = vec![];
    for (name, value) in pairs(args.value())? {
        if value.is_none() || value.is_undefined() {
            continue;
        }
        let name = python::text(&name)?;
        if name.contains([' ', '\t', '\n', '/', '>', '=']) {
            return Err(bad(format!("`{name}` is no name of an attribute")));
        }
        attributes.push(format!("{}=\"{}\"", html(&name), html(&python::text(&value)?)));
    }
    let joined = attributes.join(" ");
    Ok(Value::from(if space && !joined.is_empty() { format!(" {joined}") } else { joined }))
}

fn urlize(_: &mut State, args: &Args) -> Result<Value, Error> {
    let limit = args.int(1, "trim_url_limit")?.and_then(|limit| usize::try_from(limit).ok());
    let nofollow = args.flag(2, "nofollow")?;
    let target = args.text(3, "target")?;
    let rel = args.text(4, "rel")?;
    let mut rels: Vec<String> =
        rel.iter().flat_map(|rel| rel.split(' ')).map(str::to_owned).collect();
    rels.extend(nofollow.then(|| "nofollow".to_owned()));
    rels.push("noopener".to_owned());
    rels.sort();
    rels.dedup();
    let attributes = format!(
        " rel=\"{}\"{}",
        rels.join(" "),
        target.map(|target| format!(" target=\"{}\"", html(&target))).unwrap_or_default()
    );
    let address = pattern(r"^(https?://|www\.)\S+$", true, false)?;
    let mail = pattern(r"^\S+@\w[\w.-]*\.\w+$", false, false)?;
    let shown = |text: &str| match limit {
        Some(limit) if text.chars().count() > limit => {
            text.chars().take(limit).collect::<String>() + "..."
        }
        _ => text.to_owned(),
    };
    let text = html(&python::text(args.value())?);
    let mut out = String::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let middle = bare.trim_start_matches(['(', '<']).trim_end_matches([')', '.', ',', '>']);
        let Some(at) = bare.find(middle).filter(|_| !middle.is_empty()) else {
            out.push_str(word);
            continue;
        };
        let linked = if address.is_match(middle).map_err(bad)? {
            let prefix = if middle.starts_with("www.") { "https://" } else { "" };
            format!("<a href=\"{prefix}{middle}\"{attributes}>{}</a>", shown(middle))
        } else if mail.is_match(middle).map_err(bad)? {
            format!("<a href=\"mailto:{middle}\">{middle}</a>")
        } else {
            middle.to_owned()
        };
        out.extend([&word[..at], &linked, &word[at + middle.len()..]]);
    }
    Ok(Value::from(out))
}
