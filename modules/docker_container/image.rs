//! What the image says about a container.

use indexmap::IndexMap;

use super::body::Body;
use super::settings::Setting;
use crate::sdk::Value;

/// A setting as it is asked for in `body`, together with what the image brings along.
pub(super) fn with_image(
    setting: &Setting,
    asked: Value,
    body: &Body,
    image: Option<&Value>,
) -> Value {
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
        // An empty list leaves it to the image, unless what it is given to is another one. The
        // entry point itself it takes away.
        "command" if is_empty(&asked) && body.get("Entrypoint").is_none_or(|e| is_empty(&e)) => own,
        _ => asked,
    }
}

fn is_empty(list: &Value) -> bool {
    list.as_array().is_none_or(Vec::is_empty)
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
        with_body(name, asked, &Body::default())
    }

    fn with_body(name: &str, asked: Value, body: &Body) -> Value {
        let image = json!({"Config": {
            "Cmd": ["serve"], "Entrypoint": ["/start"], "Env": ["PATH=/bin", "A=1"], "Labels": {"a": "1"},
            "Volumes": {"/data": {}, "/logs": {}}, "ExposedPorts": {"80/tcp": {}},
        }});
        let setting = super::super::settings::SETTINGS.iter().find(|s| s.name == name).unwrap();
        with_image(setting, asked, body, Some(&image))
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
        let labels = with_image(setting, json!({"b": "2"}), &Body::default(), Some(&bare));
        assert_eq!(labels, json!({"b": "2"}));
    }

    #[test]
    fn an_image_s_command_goes_with_its_entry_point() {
        assert_eq!(with("command", json!([])), json!(["serve"]));
        assert_eq!(with("command", json!(["sh"])), json!(["sh"]));
        assert_eq!(with("entrypoint", json!([])), json!([]));
        let with_entry = |words: &[&str]| {
            let mut body = Body::default();
            body.config("Entrypoint", Some(words));
            with_body("command", json!([]), &body)
        };
        assert_eq!(with_entry(&["sh"]), json!([]));
        assert_eq!(with_entry(&[]), json!(["serve"]));
    }
}
