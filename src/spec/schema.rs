//! A module's arguments as JSON Schema, for editors.

use serde_json::{Map, Value, json};

use super::{Kind, Parameter, Spec};

/// The schema of a module's arguments.
///
/// A template stands for a value of any type, so that wherever a number or a choice is wanted a
/// text with `{{ }}` will do too.
pub fn schema(spec: &Spec) -> Value {
    let mut schema = object(spec.parameters, spec.open);
    if let Value::Object(fields) = &mut schema {
        fields.insert("description".to_owned(), spec.doc.trim().into());
    }
    if spec.free_form.is_some() {
        return json!({ "anyOf": [schema, { "type": "string" }] });
    }
    schema
}

fn object(parameters: &[Parameter], open: bool) -> Value {
    let mut properties = Map::new();
    for parameter in parameters {
        let mut schema = of_kind(&parameter.kind);
        if let Value::Object(fields) = &mut schema {
            fields.insert("description".to_owned(), parameter.doc.trim().into());
        }
        for alias in parameter.aliases {
            properties.insert((*alias).to_owned(), schema.clone());
        }
        properties.insert(parameter.name.to_owned(), schema);
    }
    // An argument with an alias may be given under either name, which `required` cannot say.
    let required: Vec<&str> = parameters
        .iter()
        .filter(|parameter| parameter.required && parameter.aliases.is_empty())
        .map(|parameter| parameter.name)
        .collect();
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": open,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn of_kind(kind: &Kind) -> Value {
    match kind {
        Kind::Text | Kind::Secret => json!({ "type": ["string", "number", "boolean"] }),
        Kind::Bool => {
            json!({ "anyOf": [{ "type": "boolean" }, { "enum": ["yes", "no"] }, template()] })
        }
        Kind::Int => json!({ "anyOf": [{ "type": "integer" }, digits(), template()] }),
        Kind::Float => json!({ "anyOf": [{ "type": "number" }, digits(), template()] }),
        Kind::Choice(words) => json!({ "anyOf": [{ "enum": words }, template()] }),
        Kind::List(item) => {
            let items = of_kind(item);
            json!({ "anyOf": [{ "type": "array", "items": items }, { "type": ["string", "number"] }] })
        }
        Kind::Map(value) => {
            let values = of_kind(value);
            json!({ "anyOf": [{ "type": "object", "additionalProperties": values }, { "type": "string" }] })
        }
        Kind::Options(parameters) => json!({ "anyOf": [object(parameters, false), template()] }),
        Kind::Any => json!({}),
    }
}

/// A text that is rendered before it is read.
fn template() -> Value {
    json!({ "type": "string", "pattern": "\\{[\\{%]" })
}

fn digits() -> Value {
    json!({ "type": "string", "pattern": "^-?[0-9.]+$" })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: Spec = Spec {
        doc: "Does it.",
        parameters: &[
            Parameter {
                name: "name",
                aliases: &[],
                doc: "What.",
                required: true,
                default: "",
                kind: Kind::Text,
            },
            Parameter {
                name: "state",
                aliases: &["status"],
                doc: "How.",
                required: false,
                default: "present",
                kind: Kind::Choice(&["present", "absent"]),
            },
        ],
        rules: &[],
        free_form: None,
        open: false,
    };

    #[test]
    fn names_and_aliases_are_known_and_no_others() {
        let schema = schema(&SPEC);
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["required"], json!(["name"]));
        let state = &schema["properties"]["state"];
        assert_eq!(state["anyOf"][0], json!({ "enum": ["present", "absent"] }));
        assert_eq!(state["description"], "How.");
        assert_eq!(&schema["properties"]["status"], state);
    }

    #[test]
    fn a_module_of_free_text_takes_text() {
        let schema = schema(&Spec { free_form: Some("cmd"), ..SPEC });
        assert_eq!(schema["anyOf"][1], json!({ "type": "string" }));
    }
}
