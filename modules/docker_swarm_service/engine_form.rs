//! Arguments in the form that the Engine takes.

use indexmap::IndexMap;
use serde_json::json;

use super::options::{Mount, MountKind, Publish};
use crate::sdk::docker::{Texts, text_of};
use crate::sdk::{Choice, Failure, Mode, Value, coerce};

/// Nanoseconds out of a duration such as `1m30s`.
pub(super) fn nanoseconds(name: &str, text: Option<&String>) -> Result<Option<Value>, Failure> {
    let Some(text) = text else { return Ok(None) };
    match coerce::to_nanoseconds(text) {
        Some(nanoseconds) => Ok(Some(json!(nanoseconds))),
        None => {
            Err(Failure::new(format!("`{name}` must be a duration such as `1m30s`, not `{text}`")))
        }
    }
}

/// Bytes out of a size such as `512M`.
pub(super) fn bytes(name: &str, text: Option<&String>) -> Result<Option<Value>, Failure> {
    let Some(text) = text else { return Ok(None) };
    match coerce::to_bytes(text) {
        Some(bytes) => Ok(Some(json!(bytes))),
        None => Err(Failure::new(format!("`{name}` must be a size such as `512M`, not `{text}`"))),
    }
}

/// Billionths of a processor.
pub(super) fn nano_cpus(cpus: Option<f64>) -> Option<Value> {
    #[expect(clippy::cast_possible_truncation, reason = "no machine has 2^33 processors")]
    cpus.map(|cpus| json!((cpus * 1e9).round() as i64))
}

/// A file's mode as a number.
pub(super) fn mode(name: &str, mode: &Mode) -> Result<u32, Failure> {
    u32::from_str_radix(&mode.0, 8).map_err(|_| {
        Failure::new(format!("`{name}` must be an octal number such as \"0444\", not `{}`", mode.0))
    })
}

/// A command: a list, or text that is split at blanks outside of quotes.
pub(super) fn command(command: &Value) -> Result<Value, Failure> {
    let words = command.as_array().map_or(std::slice::from_ref(command), Vec::as_slice);
    if let Some(other) = words.iter().find(|word| !word.is_string() && !word.is_number()) {
        return Err(Failure::new(format!(
            "`command` must be text or a list of texts, not {other}"
        ))
        .help("put it in quotes"));
    }
    match command {
        Value::Array(words) => Ok(words.iter().map(text_of).collect()),
        other => {
            let text = text_of(other);
            let words = split(&text).ok_or_else(|| {
                Failure::new(format!("`command` has a quote that is not closed: {text}"))
            })?;
            Ok(json!(words))
        }
    }
}

/// Splits text at blanks outside of quotes, as a shell does; `None` where a quote is open.
fn split(text: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quote) = (vec![], None::<String>, None);
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match (quote, sign) {
            (None, '\'' | '"') => {
                quote = Some(sign);
                word.get_or_insert_default();
            }
            (Some(open), _) if open == sign => quote = None,
            (None | Some('"'), '\\') => word.get_or_insert_default().push(signs.next()?),
            (None, _) if sign.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(sign),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// Environment variables as a sorted list of `NAME=value`, those of the task over those of files.
pub(super) fn environment(files: &[String], own: Option<&Value>) -> Result<Value, Failure> {
    let mut all = IndexMap::<String, String>::new();
    let mut add = |line: &str| {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        all.insert(name.to_owned(), value.to_owned());
    };
    let is_comment = |line: &&String| line.trim().is_empty() || line.trim_start().starts_with('#');
    files.iter().filter(|line| !is_comment(line)).for_each(|line| add(line));
    match own {
        None | Some(Value::Null) => {}
        Some(Value::Object(fields)) => {
            // Nobody can tell which text a bare `yes` means.
            if let Some((name, value)) = fields.iter().find(|(_, value)| !is_text(value)) {
                return Err(Failure::new(format!(
                    "Non-string value found for env option. `{name}` must be text, not {value}"
                ))
                .help("put it in quotes"));
            }
            fields.iter().for_each(|(name, value)| add(&format!("{name}={}", text_of(value))));
        }
        Some(other) => {
            let lines = coerce::to_list(other).unwrap_or_default();
            for line in lines.iter().map(text_of) {
                if !line.contains('=') {
                    return Err(Failure::new(format!(
                        "`env` must hold `NAME=value`, and has `{line}`"
                    )));
                }
                add(&line);
            }
        }
    }
    all.sort_keys();
    Ok(all.iter().map(|(name, value)| format!("{name}={value}")).collect())
}

fn is_text(value: &Value) -> bool {
    value.is_string() || value.is_number() || value.is_null()
}

/// How health is checked: text is for a shell.
pub(super) fn health_test(test: &Value) -> Value {
    match test {
        Value::Array(words) => words.iter().map(text_of).collect(),
        other => json!(["CMD-SHELL", text_of(other)]),
    }
}

/// A network by its name; the Engine finds out the id.
pub(super) fn network(network: &Value) -> Result<Value, Failure> {
    let name = network.as_str().or(network["name"].as_str()).ok_or_else(|| {
        let message = if network.is_object() {
            "\"name\" is required when networks are passed as dictionaries."
        } else {
            "Only a list of strings or dictionaries are allowed to be passed as networks"
        };
        Failure::new(message)
            .help(format!("`networks` must hold names, or mappings with `name`, not {network}"))
    })?;
    let mut form = json!({"Target": name});
    if let Some(aliases) = network.get("aliases").and_then(coerce::to_list) {
        if aliases.iter().any(|alias| alias.is_array() || alias.is_object()) {
            return Err(Failure::new("Only strings are allowed as network aliases"));
        }
        let mut aliases: Vec<String> = aliases.iter().map(text_of).collect();
        // Their order is of no matter.
        aliases.sort_unstable();
        form["Aliases"] = json!(aliases);
    }
    match network.get("options") {
        None | Some(Value::Null) => {}
        Some(Value::Object(options)) => {
            form["DriverOpts"] =
                options.iter().map(|(key, value)| (key.clone(), json!(text_of(value)))).collect();
        }
        Some(_) => return Err(Failure::new("Only dict is allowed as network options")),
    }
    Ok(form)
}

/// A port; the mode that it has where none is given.
pub(super) fn port(publish: &Publish, now: &Value) -> Value {
    let Publish { published_port, target_port, protocol, mode } = publish;
    let is_it = |port: &&Value| {
        port["TargetPort"] == *target_port && port["Protocol"].as_str() == Some(protocol.word())
    };
    let has = now.as_array().and_then(|ports| ports.iter().find(is_it));
    let has = has.and_then(|port| port["PublishMode"].as_str());
    json!({
        "Protocol": protocol.word(),
        "TargetPort": target_port,
        "PublishedPort": published_port.unwrap_or_default(),
        "PublishMode": mode.map(Choice::word).or(has).unwrap_or("ingress"),
    })
}

/// A secret or a config as a file; `kind` is `Secret` or `Config`.
pub(super) struct File<'a> {
    pub(super) kind: &'static str,
    pub(super) id: Option<&'a String>,
    pub(super) name: &'a str,
    pub(super) filename: Option<&'a String>,
    pub(super) uid: Option<&'a String>,
    pub(super) gid: Option<&'a String>,
    pub(super) mode: Option<&'a Mode>,
}

impl File<'_> {
    /// As the Engine takes it. The id is left out unless it is given.
    pub(super) fn form(&self) -> Result<Value, Failure> {
        let Self { kind, id, name, filename, uid, gid, mode: given } = self;
        let given = given.map(|given| mode("mode", given)).transpose()?;
        let mut form = json!({
            "File": {
                "Name": filename.map_or(*name, String::as_str),
                "UID": uid.map_or("0", String::as_str),
                "GID": gid.map_or("0", String::as_str),
                "Mode": given.unwrap_or(0o444),
            },
            format!("{kind}Name"): name,
        });
        if let Some(id) = id {
            form[format!("{kind}ID")] = id.as_str().into();
        }
        Ok(form)
    }
}

/// Something that a container sees in its file system.
pub(super) fn mount(mount: &Mount) -> Result<Value, Failure> {
    let target = &mount.target;
    if mount.source.is_none() && mount.kind != MountKind::Tmpfs {
        return Err(Failure::new(format!("the mount at `{target}` needs a `source`")));
    }
    let mut form = json!({
        "Type": mount.kind.word(),
        "Source": mount.source.as_deref().unwrap_or_default(),
        "Target": target,
        "ReadOnly": mount.readonly.unwrap_or(false),
    });
    if let Some(propagation) = mount.propagation {
        form["BindOptions"] = json!({"Propagation": propagation.word()});
    }
    if let Some(no_copy) = mount.no_copy {
        form["VolumeOptions"]["NoCopy"] = no_copy.into();
    }
    if let Some(labels) = &mount.labels {
        form["VolumeOptions"]["Labels"] = json!(labels);
    }
    if let Some(driver) = &mount.driver_config {
        form["VolumeOptions"]["DriverConfig"] =
            json!({"Name": driver.name, "Options": driver.options});
    }
    if let Some(size) = bytes("tmpfs_size", mount.tmpfs_size.as_ref())? {
        form["TmpfsOptions"]["SizeBytes"] = size;
    }
    if let Some(given) = &mount.tmpfs_mode {
        form["TmpfsOptions"]["Mode"] = mode("tmpfs_mode", given)?.into();
    }
    Ok(form)
}

/// How tasks are spread: `spread: node.labels.zone`.
pub(super) fn preference(preference: &Texts) -> Result<Value, Failure> {
    let spread = preference
        .get("spread")
        .ok_or_else(|| Failure::new("`placement.preferences` must hold mappings with `spread`"))?;
    Ok(json!({"Spread": {"SpreadDescriptor": spread}}))
}

/// A constraint without the blanks around its sign: `node.role==worker`.
pub(super) fn constraint(text: &str) -> String {
    for sign in ["==", "!="] {
        if let Some((left, right)) = text.split_once(sign) {
            return format!("{}{sign}{}", left.trim(), right.trim());
        }
    }
    text.trim().to_owned()
}

/// A capability by its full name.
pub(super) fn capability(name: &str) -> String {
    let name = name.to_ascii_uppercase();
    if name == "ALL" || name.starts_with("CAP_") { name } else { format!("CAP_{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_split_as_a_shell_does() {
        let words = |text: &str| split(text).map(|words| words.join("|"));
        assert_eq!(words("sh -c 'a  b' \"c 'd'\" e\\ f ''"), Some("sh|-c|a  b|c 'd'|e f|".into()));
        assert_eq!(words("  "), Some(String::new()));
        assert_eq!(words("sh -c 'open"), None);
    }

    #[test]
    fn the_environment_of_the_task_goes_before_that_of_files() {
        let files = ["# comment", "", "A=1", "B=2=3"].map(str::to_owned);
        let env = environment(&files, Some(&json!({"A": "true", "C": 4}))).unwrap();
        assert_eq!(env, json!(["A=true", "B=2=3", "C=4"]));
        assert_eq!(environment(&[], Some(&json!("X=1,Y=2"))).unwrap(), json!(["X=1", "Y=2"]));
        let error = environment(&[], Some(&json!(["X"]))).unwrap_err();
        assert_eq!(error.to_string(), "`env` must hold `NAME=value`, and has `X`");
    }

    #[test]
    fn constraints_and_capabilities_have_one_spelling() {
        assert_eq!(constraint(" node.role == worker "), "node.role==worker");
        assert_eq!(constraint("node.labels.a!= b"), "node.labels.a!=b");
        assert_eq!([capability("net_admin"), capability("ALL")], ["CAP_NET_ADMIN", "ALL"]);
    }
}
