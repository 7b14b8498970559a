//! Services in one spelling, so that two of them can be held against each other.

use serde_json::json;

use crate::sdk::docker::{Differences, ImageName, bare, duration, ordered};
use crate::sdk::{Fields, Value};

/// Nanoseconds in a second.
const SECOND: i64 = 1_000_000_000;

/// Lists whose order is of no matter.
const SETS: [&str; 12] = [
    "/TaskTemplate/ContainerSpec/Env",
    "/TaskTemplate/ContainerSpec/Mounts",
    "/TaskTemplate/ContainerSpec/Secrets",
    "/TaskTemplate/ContainerSpec/Configs",
    "/TaskTemplate/ContainerSpec/Hosts",
    "/TaskTemplate/ContainerSpec/Groups",
    "/TaskTemplate/ContainerSpec/Ulimits",
    "/TaskTemplate/ContainerSpec/CapabilityAdd",
    "/TaskTemplate/ContainerSpec/CapabilityDrop",
    "/TaskTemplate/Placement/Constraints",
    "/TaskTemplate/Networks",
    "/EndpointSpec/Ports",
];

/// What the Engine fills in, or means where nothing stands.
fn defaults() -> [(&'static str, Value); 16] {
    let five = json!(5 * SECOND);
    [
        ("/EndpointSpec/Mode", json!("vip")),
        ("/TaskTemplate/ContainerSpec/Isolation", json!("default")),
        ("/TaskTemplate/ContainerSpec/StopGracePeriod", json!(10 * SECOND)),
        ("/TaskTemplate/Runtime", json!("container")),
        ("/TaskTemplate/RestartPolicy/Condition", json!("any")),
        ("/TaskTemplate/RestartPolicy/Delay", five.clone()),
        ("/UpdateConfig/Parallelism", json!(1)),
        ("/UpdateConfig/FailureAction", json!("pause")),
        ("/UpdateConfig/Monitor", five.clone()),
        ("/UpdateConfig/Order", json!("stop-first")),
        ("/RollbackConfig/Parallelism", json!(1)),
        ("/RollbackConfig/FailureAction", json!("pause")),
        ("/RollbackConfig/Monitor", five),
        ("/RollbackConfig/Order", json!("stop-first")),
        ("/Mode/Replicated/Replicas", json!(1)),
        ("/TaskTemplate/LogDriver/Name", json!("json-file")),
    ]
}

/// Numbers that mean something when they are zero: none, at once, all at the same time.
const ZEROS: [&str; 5] = [
    "/Mode/Replicated/Replicas",
    "/TaskTemplate/ContainerSpec/StopGracePeriod",
    "/TaskTemplate/RestartPolicy/Delay",
    "/UpdateConfig/Parallelism",
    "/RollbackConfig/Parallelism",
];

/// What other names a part of a `Spec` has in a compose file, the longer place first.
const NAMES: [(&str, &str); 34] = [
    ("/TaskTemplate/ContainerSpec/Image", "image"),
    ("/TaskTemplate/ContainerSpec/Command", "entrypoint"),
    ("/TaskTemplate/ContainerSpec/Args", "command"),
    ("/TaskTemplate/ContainerSpec/Env", "environment"),
    ("/TaskTemplate/ContainerSpec/Labels", "labels"),
    ("/TaskTemplate/ContainerSpec/Dir", "working_dir"),
    ("/TaskTemplate/ContainerSpec/Groups", "group_add"),
    ("/TaskTemplate/ContainerSpec/Hosts", "extra_hosts"),
    ("/TaskTemplate/ContainerSpec/DNSConfig/Nameservers", "dns"),
    ("/TaskTemplate/ContainerSpec/DNSConfig/Search", "dns_search"),
    ("/TaskTemplate/ContainerSpec/DNSConfig/Options", "dns_opt"),
    ("/TaskTemplate/ContainerSpec/StopSignal", "stop_signal"),
    ("/TaskTemplate/ContainerSpec/StopGracePeriod", "stop_grace_period"),
    ("/TaskTemplate/ContainerSpec/OpenStdin", "stdin_open"),
    ("/TaskTemplate/ContainerSpec/ReadOnly", "read_only"),
    ("/TaskTemplate/ContainerSpec/CapabilityAdd", "cap_add"),
    ("/TaskTemplate/ContainerSpec/CapabilityDrop", "cap_drop"),
    ("/TaskTemplate/ContainerSpec/Mounts", "volumes"),
    ("/TaskTemplate/ContainerSpec/Privileges", "credential_spec"),
    ("/TaskTemplate/ContainerSpec/", ""),
    ("/TaskTemplate/Resources/Limits", "deploy.resources.limits"),
    ("/TaskTemplate/Resources/Reservations", "deploy.resources.reservations"),
    ("/TaskTemplate/RestartPolicy", "deploy.restart_policy"),
    ("/TaskTemplate/Placement", "deploy.placement"),
    ("/TaskTemplate/Networks", "networks"),
    ("/TaskTemplate/LogDriver", "logging"),
    ("/TaskTemplate/", ""),
    ("/Labels", "deploy.labels"),
    ("/Mode/Replicated/Replicas", "deploy.replicas"),
    ("/Mode", "deploy.mode"),
    ("/UpdateConfig", "deploy.update_config"),
    ("/RollbackConfig", "deploy.rollback_config"),
    ("/EndpointSpec/Mode", "deploy.endpoint_mode"),
    ("/EndpointSpec/Ports", "ports"),
];

/// A `Spec` without what the Engine fills in, lists that have no order in one, networks by the
/// names that `name_of` knows for their ids.
pub(super) fn canonical(spec: &Value, name_of: impl Fn(&str) -> Option<String>) -> Value {
    let mut spec = spec.clone();
    // What is no setting: set by an update, and by the image.
    for (parent, key) in
        [("/TaskTemplate", "ForceUpdate"), ("/TaskTemplate/Placement", "Platforms")]
    {
        if let Some(Value::Object(fields)) = spec.pointer_mut(parent) {
            fields.shift_remove(key);
        }
    }
    for network in items(&mut spec, "/TaskTemplate/Networks") {
        if let Some(name) = network["Target"].as_str().and_then(&name_of) {
            network["Target"] = name.into();
        }
        sort(&mut network["Aliases"]);
    }
    for (place, id) in [("Secrets", "SecretID"), ("Configs", "ConfigID")] {
        for file in items(&mut spec, &format!("/TaskTemplate/ContainerSpec/{place}")) {
            file.as_object_mut().map(|file| file.shift_remove(id));
        }
    }
    for constraint in items(&mut spec, "/TaskTemplate/Placement/Constraints") {
        let text: String = constraint.as_str().unwrap_or_default().split_whitespace().collect();
        *constraint = text.into();
    }
    let global = spec["Mode"].get("Global").is_some();
    let jobs = spec["Mode"].get("GlobalJob").is_some();
    let is_zero = |place: &&&str| spec.pointer(place).and_then(Value::as_u64) == Some(0);
    let zeros: Vec<&str> = ZEROS.iter().filter(is_zero).copied().collect();
    for (place, default) in defaults() {
        if let Some(value) = spec.pointer_mut(place)
            && *value == default
        {
            *value = Value::Null;
        }
    }
    for place in SETS {
        if let Some(list) = spec.pointer_mut(place) {
            *list = ordered(&bare(list));
            sort(list);
        }
    }
    let mut spec = bare(&spec);
    for place in zeros {
        let parts = place.split('/').skip(1);
        *parts.fold(&mut spec, |at, part| &mut at[part]) = json!(0);
    }
    if global || jobs {
        spec["Mode"] = json!(if global { "global" } else { "global-job" });
    }
    ordered(&spec)
}

/// The image of a `Spec` that is to be: the digest that the service has stays, where it was not
/// asked for and the name is the same.
pub(super) fn keep_digest(wanted: &mut Value, all: &Value) {
    let place = "/TaskTemplate/ContainerSpec/Image";
    let (Some(asked), Some(has)) =
        (wanted.pointer(place).and_then(Value::as_str), all.pointer(place).and_then(Value::as_str))
    else {
        return;
    };
    let has_name = has.split('@').next().unwrap_or(has);
    let same = ImageName::parse(asked).digest.is_none()
        && ImageName::parse(has_name).is_same(&ImageName::parse(asked));
    if same {
        let (image, platforms) =
            (has.to_owned(), all["TaskTemplate"]["Placement"]["Platforms"].clone());
        wanted["TaskTemplate"]["ContainerSpec"]["Image"] = image.into();
        if !platforms.is_null() {
            wanted["TaskTemplate"]["Placement"]["Platforms"] = platforms;
        }
    }
}

/// What differs between two canonical `Spec`s, by the names of compose files.
pub(super) fn differences(has: &Value, wanted: &Value) -> Differences {
    let mut differences = Differences::default();
    walk(&mut differences, "", has, wanted);
    differences
}

fn walk(differences: &mut Differences, place: &str, has: &Value, wanted: &Value) {
    if has == wanted {
        return;
    }
    match (has, wanted) {
        (Value::Object(before), Value::Object(after)) if descends(place) => {
            let keys = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
            for key in keys {
                let side = |fields: &Fields| fields.get(key).cloned().unwrap_or_default();
                walk(differences, &format!("{place}/{key}"), &side(before), &side(after));
            }
        }
        (Value::Object(_), Value::Null) | (Value::Null, Value::Object(_)) if descends(place) => {
            let empty = json!({});
            let or_empty =
                |value: &Value| if value.is_null() { empty.clone() } else { value.clone() };
            walk(differences, place, &or_empty(has), &or_empty(wanted));
        }
        _ => differences.add(&name_of(place), shown(place, has), shown(place, wanted)),
    }
}

/// A setting as compose files write it.
fn shown(place: &str, value: &Value) -> Value {
    const DURATIONS: [&str; 8] = [
        "Interval",
        "Timeout",
        "StartPeriod",
        "StartInterval",
        "StopGracePeriod",
        "Delay",
        "Monitor",
        "Window",
    ];
    let key = place.rsplit('/').next().unwrap_or_default();
    match value {
        Value::Number(number) if DURATIONS.contains(&key) => {
            json!(duration(number.as_i64().unwrap_or_default()))
        }
        Value::Array(items) if matches!(key, "Secrets" | "Configs") => {
            items.iter().map(shown_file).collect()
        }
        other => other.clone(),
    }
}

/// A secret or config with the mode of its file in octal.
fn shown_file(file: &Value) -> Value {
    let mut file = file.clone();
    if let Some(mode) = file["File"]["Mode"].as_i64() {
        file["File"]["Mode"] = json!(format!("{mode:04o}"));
    }
    file
}

/// Whether the members of a mapping are settings of their own.
fn descends(place: &str) -> bool {
    !place.ends_with("/Sysctls") && !place.ends_with("/CredentialSpec")
}

/// A name of the Engine's as compose files write it: `NanoCPUs` is `nano_cpus`.
fn snake(name: &str) -> String {
    let (mut text, mut before) = (String::new(), '.');
    for sign in name.trim_start_matches('/').replace('/', ".").chars() {
        if sign.is_ascii_uppercase() && before.is_ascii_lowercase() {
            text.push('_');
        }
        text.push(sign.to_ascii_lowercase());
        before = sign;
    }
    text
}

/// What a part of a `Spec` is called in a compose file.
fn name_of(place: &str) -> String {
    for (prefix, name) in NAMES {
        if let Some(rest) = place.strip_prefix(prefix) {
            // A label's own name stays as it is.
            let rest = if prefix.ends_with("Labels") {
                rest.replacen('/', ".", 1)
            } else {
                let rest = snake(rest);
                if rest.is_empty() || name.is_empty() { rest } else { format!(".{rest}") }
            };
            return format!("{name}{rest}");
        }
    }
    snake(place)
}

fn items<'v>(spec: &'v mut Value, place: &str) -> impl Iterator<Item = &'v mut Value> {
    spec.pointer_mut(place).and_then(Value::as_array_mut).into_iter().flatten()
}

fn sort(list: &mut Value) {
    if let Value::Array(items) = list {
        items.sort_by_key(Value::to_string);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_engine_fills_in_is_no_difference() {
        let asked = json!({
            "Name": "s_web",
            "TaskTemplate": {
                "ContainerSpec": {"Image": "a", "Env": ["B=2", "A=1"], "TTY": null},
                "Networks": [{"Target": "s_net", "Aliases": ["web", "a"]}],
                "Placement": {"Constraints": ["node.role == worker"]},
            },
            "Mode": {"Replicated": {"Replicas": 1}},
            "EndpointSpec": {"Mode": null, "Ports": []},
        });
        let has = json!({
            "Name": "s_web",
            "TaskTemplate": {
                "ContainerSpec": {
                    "Image": "a", "Env": ["A=1", "B=2"], "Isolation": "default", "DNSConfig": {},
                    "StopGracePeriod": 10_000_000_000_i64, "Init": false,
                },
                "Networks": [{"Target": "id1", "Aliases": ["a", "web"]}],
                "Placement": {"Constraints": ["node.role==worker"], "Platforms": [{"OS": "linux"}]},
                "RestartPolicy": {"Condition": "any", "Delay": 5_000_000_000_i64, "MaxAttempts": 0},
                "ForceUpdate": 3,
                "Runtime": "container",
            },
            "Mode": {"Replicated": {"Replicas": 1}},
            "EndpointSpec": {"Mode": "vip"},
        });
        let name_of = |id: &str| (id == "id1").then(|| "s_net".to_owned());
        assert_eq!(canonical(&asked, name_of), canonical(&has, name_of));
    }

    #[test]
    fn zeros_that_mean_something_stay() {
        let same = |a: Value, b: Value| canonical(&a, |_| None) == canonical(&b, |_| None);
        let mode = |n: u64| json!({"Mode": {"Replicated": {"Replicas": n}}});
        assert!(!same(mode(0), mode(1)));
        assert!(!same(json!({"Mode": {"Global": {}}}), mode(1)));
        let parallel = |n: u64| json!({"UpdateConfig": {"Parallelism": n}});
        assert!(!same(parallel(0), parallel(1)));
        assert!(same(parallel(1), json!({})));
    }

    #[test]
    fn differences_have_the_names_of_compose_files() {
        let has =
            json!({"TaskTemplate": {"ContainerSpec": {"Image": "a:1"}}, "Labels": {"x.y": "1"}});
        let wanted = json!({
            "TaskTemplate": {
                "ContainerSpec": {"Image": "a:2", "Healthcheck": {"Test": ["CMD", "x"]}},
                "Resources": {"Limits": {"NanoCPUs": 5}},
            },
            "Mode": {"Replicated": {"Replicas": 3}},
        });
        let differences = differences(&has, &wanted);
        let names: Vec<&str> = differences.names().collect();
        assert_eq!(
            names,
            [
                "image",
                "healthcheck.test",
                "deploy.resources.limits.nano_cpus",
                "deploy.labels.x.y",
                "deploy.replicas",
            ]
        );
    }

    #[test]
    fn a_digest_is_kept_while_the_name_is_the_same() {
        let spec = |image: &str| json!({"TaskTemplate": {"ContainerSpec": {"Image": image}}});
        let mut wanted = spec("a:1");
        keep_digest(&mut wanted, &spec("a:1@sha256:0a"));
        assert_eq!(wanted, spec("a:1@sha256:0a"));
        let mut wanted = spec("a:2");
        keep_digest(&mut wanted, &spec("a:1@sha256:0a"));
        assert_eq!(wanted, spec("a:2"));
    }
}
