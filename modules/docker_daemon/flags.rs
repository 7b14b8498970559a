//! Options as flags of a command line.

use super::keys::{self, Key, Kind};
use crate::sdk::{Failure, Fields, Value};

/// One flag and its value, as it was written.
#[derive(Debug, Clone)]
pub(super) struct Flag {
    /// The option it sets; `None` where it sets none, such as `--config-file`.
    pub(super) key: Option<&'static Key>,
    /// Its words.
    pub(super) words: Vec<String>,
    /// Its value; `true` where it has none.
    pub(super) value: String,
}

/// Reads the words after `dockerd`.
pub(super) fn parse(words: &[String]) -> Vec<Flag> {
    let mut flags = vec![];
    let mut rest = words.iter().peekable();
    while let Some(word) = rest.next() {
        let Some(name) = word.strip_prefix('-') else {
            flags.push(Flag { key: None, words: vec![word.clone()], value: String::new() });
            continue;
        };
        let (name, value) = split(name);
        let key = keys::of_flag(name);
        let is_switch = key.is_some_and(|key| key.kind == Kind::Bool);
        let mut own = vec![word.clone()];
        let value = value.map(str::to_owned).or_else(|| {
            let next = rest.next_if(|next| !is_switch && !next.starts_with('-'))?;
            own.push(next.clone());
            Some(next.clone())
        });
        flags.push(Flag { key, words: own, value: value.unwrap_or_else(|| "true".to_owned()) });
    }
    flags
}

/// `-label=a=b` after its first hyphen, or `Hfd://`: the name, and the value where it is attached.
fn split(name: &str) -> (&str, Option<&str>) {
    if let Some(long) = name.strip_prefix('-') {
        return long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
    }
    match name.char_indices().nth(1) {
        Some((at, _)) => (&name[..at], Some(name[at..].trim_start_matches('='))),
        None => (name, None),
    }
}

/// What a flag's option is set to, by all of its flags.
pub(super) fn values(flags: &[Flag], name: &str) -> Vec<String> {
    let own = flags.iter().filter(|flag| flag.key.is_some_and(|key| key.name == name));
    own.map(|flag| flag.value.clone()).collect()
}

/// The values of the flags that set an option.
pub(super) fn values_for(key: &Key, value: &Value) -> Result<Vec<String>, Failure> {
    if key.flag().is_none() {
        return Err(Failure::new(format!("`{}` has no flag", key.name))
            .help("it can be set in daemon.json only: `target: daemon_json`"));
    }
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Ok(match (key.name, value) {
        ("default-address-pools", Value::Array(pools)) => pools
            .iter()
            .map(|pool| format!("base={},size={}", plain(&pool["base"]), plain(&pool["size"])))
            .collect(),
        ("default-ulimits", Value::Object(limits)) => limits
            .iter()
            .map(|(name, limit)| {
                format!("{name}={}:{}", plain(&limit["Soft"]), plain(&limit["Hard"]))
            })
            .collect(),
        (_, Value::Array(items)) => items.iter().map(plain).collect(),
        (_, Value::Object(pairs)) => {
            pairs.iter().map(|(name, value)| format!("{name}={}", plain(value))).collect()
        }
        (_, value) => vec![plain(value)],
    })
}

/// The command line with the options wanted in it; null takes one out. What else stands there
/// stays, unless `purge` takes out every option that is not named.
pub(super) fn merged(now: &[Flag], wanted: &Fields, purge: bool) -> Result<Vec<String>, Failure> {
    let mut changed = vec![];
    for (name, value) in wanted {
        let Some(key) = keys::find(name) else {
            return Err(Failure::new(format!("`{name}` has no flag that rplay knows"))
                .help("it can be set in daemon.json only: `target: daemon_json`"));
        };
        let after = if value.is_null() { vec![] } else { values_for(key, value)? };
        if values(now, name) != after {
            changed.push((key, after));
        }
    }
    let stays = |flag: &&Flag| {
        let Some(key) = flag.key else { return true };
        let named = wanted.contains_key(key.name);
        // The PID file is the init script's business, the socket that of the unit.
        let of_service = key.name == "pidfile" || key.name == "containerd" || flag.value == "fd://";
        !changed.iter().any(|(other, _)| other.name == key.name) && (named || !purge || of_service)
    };
    let mut words: Vec<String> =
        now.iter().filter(stays).flat_map(|flag| flag.words.iter().cloned()).collect();
    for (key, values) in changed {
        let flag = key.flag().unwrap_or_default();
        words.extend(values.iter().map(|value| format!("{flag}={value}")));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn fields(value: Value) -> Fields {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn every_way_to_write_a_flag() {
        let flags = parse(&words(
            "-H fd:// -Htcp://x:1 --host=unix:///y -D --label a=b --icc=false --config-file /z -p /p",
        ));
        assert_eq!(values(&flags, "hosts"), ["fd://", "tcp://x:1", "unix:///y"]);
        assert_eq!(values(&flags, "debug"), ["true"]);
        assert_eq!(values(&flags, "labels"), ["a=b"]);
        assert_eq!(values(&flags, "icc"), ["false"]);
        assert_eq!(values(&flags, "pidfile"), ["/p"]);
        assert!(flags.iter().any(|flag| flag.key.is_none() && flag.value == "/z"));
    }

    #[test]
    fn options_are_laid_over_those_that_stand_there() {
        let now = parse(&words("-H fd:// --label=a=b --icc=false --unheard-of 1"));
        let wanted = fields(json!({"labels": ["c=d", "e=f"], "icc": false, "mtu": 1400}));
        assert_eq!(
            merged(&now, &wanted, false).unwrap().join(" "),
            "-H fd:// --icc=false --unheard-of 1 --label=c=d --label=e=f --mtu=1400"
        );
        let again = parse(&merged(&now, &wanted, false).unwrap());
        assert_eq!(
            merged(&again, &wanted, false).unwrap().len(),
            again.iter().map(|f| f.words.len()).sum::<usize>()
        );
    }

    #[test]
    fn options_are_taken_out() {
        let now = parse(&words("-p /var/run/docker.pid --label=a=b --icc=false -D"));
        let gone = fields(json!({"labels": null}));
        assert_eq!(
            merged(&now, &gone, false).unwrap().join(" "),
            "-p /var/run/docker.pid --icc=false -D"
        );
        assert_eq!(
            merged(&now, &fields(json!({"debug": true})), true).unwrap().join(" "),
            "-p /var/run/docker.pid -D"
        );
    }

    #[test]
    fn what_flags_write_in_their_own_way() {
        let wanted = fields(json!({
            "default-address-pools": [{"base": "10.0.0.0/8", "size": 24}],
            "default-ulimits": {"nofile": {"Name": "nofile", "Hard": 2, "Soft": 1}},
            "log-opts": {"max-size": "10m"},
        }));
        assert_eq!(
            merged(&[], &wanted, false).unwrap().join(" "),
            "--default-address-pool=base=10.0.0.0/8,size=24 --default-ulimit=nofile=1:2 \
             --log-opt=max-size=10m"
        );
        assert!(merged(&[], &fields(json!({"features": {"buildkit": true}})), false).is_err());
    }
}
