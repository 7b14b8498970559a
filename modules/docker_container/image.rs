//! What the image says about a container.

use indexmap::IndexMap;

use super::body::Body;
use super::settings::Setting;
use crate::sdk::Value;

/// A setting as it is asked for, together with what the image brings along.
pub(super) fn with_image(setting: &Setting, asked: Value, image: Option<&Value>) -> Value {
    let own = image.and_then(|image| (setting.read)(&Body::of_image(image)));
    // An image without labels has null there.
    let Some(own) = own.filter(|own| !own.is_null()) else {
        return asked;
    };
    match setting.name {
        "env" => {
            let mut all = IndexMap::new();
            for variable in texts(&own).chain(texts(&asked)) {
                let name = variable.split_once('=').map_or(variable, |(name, _)| name);
                all.insert(name.to_owned(), variable.to_owned());
            }
            all.into_values().collect()
        }
        "labels" => {
            let mut all = own;
            if let (Some(all), Some(asked)) = (all.as_object_mut(), asked.as_object()) {
                all.extend(asked.clone());
            }
            all
        }
        // The image's own stay, also where a folder is given from outside in their place.
        "volumes" | "exposed_ports" => union(texts(&own), &asked),
        // An empty list leaves it to the image.
        "command" | "entrypoint" if asked.as_array().is_some_and(Vec::is_empty) => own,
        _ => asked,
    }
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Both lists as one, each text once.
fn union<'t>(first: impl Iterator<Item = &'t str>, second: &'t Value) -> Value {
    let all: indexmap::IndexSet<&str> = first.chain(texts(second)).collect();
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::Value;
    use serde_json::json;

    fn with(name: &str, asked: Value) -> Value {
        let image = json!({"Config": {
            "Cmd": ["serve"], "Env": ["PATH=/bin", "A=1"], "Labels": {"a": "1"},
            "Volumes": {"/data": {}, "/logs": {}}, "ExposedPorts": {"80/tcp": {}},
        }});
        let setting = super::super::settings::SETTINGS.iter().find(|s| s.name == name).unwrap();
        with_image(setting, asked, Some(&image))
    }

    #[test]
    fn the_images_own_settings_count_as_asked_for() {
        assert_eq!(with("env", json!(["A=2", "B=3"])), json!(["PATH=/bin", "A=2", "B=3"]));
        assert_eq!(with("labels", json!({"b": "2"})), json!({"a": "1", "b": "2"}));
        assert_eq!(with("volumes", json!(["x:/data:rw"])), json!(["/data", "/logs", "x:/data:rw"]));
        assert_eq!(with("exposed_ports", json!(["80/tcp", "81/tcp"])), json!(["80/tcp", "81/tcp"]));
        assert_eq!(with("user", json!("me")), "me");
        let setting = super::super::settings::SETTINGS.iter().find(|s| s.name == "labels").unwrap();
        let bare = json!({"Config": {"Labels": null}});
        assert_eq!(with_image(setting, json!({"b": "2"}), Some(&bare)), json!({"b": "2"}));
        assert_eq!(with("command", json!([])), json!(["serve"]));
        assert_eq!(with("command", json!(["sh"])), json!(["sh"]));
    }
}
