//! `rplay schema`: playbooks and modules as JSON Schema, for editors.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::super::args::SchemaArgs;
use super::super::fault::Fault;
use super::doc::{self, Documented};
use crate::playbook::{KEYWORDS, Place, Shape};
use crate::spec::schema;

pub(crate) fn run(args: &SchemaArgs, all: &[Documented]) -> Result<(), Fault> {
    let document = match &args.module {
        Some(name) => schema(&doc::find(all, name)?.spec),
        None => playbook(all),
    };
    let text = serde_json::to_string_pretty(&document).map_err(io::Error::from)?;
    Ok(writeln!(io::stdout().lock(), "{text}")?)
}

/// The schema of a playbook, with every module's arguments.
fn playbook(all: &[Documented]) -> Value {
    let mut task = keywords(Place::Task);
    let mut handler = keywords(Place::Handler);
    for Documented { name, spec, .. } in all {
        let args = json!({ "anyOf": [schema(spec), { "type": ["string", "null"] }] });
        task.insert((*name).to_owned(), args.clone());
        handler.insert((*name).to_owned(), args);
    }
    // Modules may be written with a collection before their name, and `with_…` has many forms.
    let patterns = json!({ "^with_": true, "\\.": true });
    let object = |properties: Map<String, Value>, open: bool| {
        json!({
            "type": "object",
            "properties": properties,
            "patternProperties": patterns,
            "additionalProperties": open,
        })
    };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Playbook",
        "type": "array",
        "items": { "anyOf": [
            object(keywords(Place::Play), false),
            { "type": "object", "required": ["import_playbook"] },
        ] },
        "$defs": {
            "items": { "type": "array", "items": { "anyOf": [
                { "$ref": "#/$defs/block" }, { "$ref": "#/$defs/task" },
            ] } },
            "block": object(keywords(Place::Block), false),
            "task": object(task, false),
            "handler": object(handler, false),
            "handlers": { "type": "array", "items": { "anyOf": [
                { "$ref": "#/$defs/block" }, { "$ref": "#/$defs/handler" },
            ] } },
            "role": { "anyOf": [{ "type": "string" }, object(keywords(Place::Role), true)] },
        },
    })
}

fn keywords(place: Place) -> Map<String, Value> {
    let fitting = KEYWORDS.iter().filter(|keyword| keyword.fits(place));
    fitting.map(|keyword| (keyword.name.to_owned(), value(keyword.name, keyword.shape))).collect()
}

fn value(name: &str, shape: Shape) -> Value {
    match name {
        "tasks" | "pre_tasks" | "post_tasks" | "block" | "rescue" | "always" => {
            return json!({ "$ref": "#/$defs/items" });
        }
        "handlers" => return json!({ "$ref": "#/$defs/handlers" }),
        "roles" => return json!({ "type": "array", "items": { "$ref": "#/$defs/role" } }),
        _ => {}
    }
    let template = json!({ "type": "string", "pattern": "\\{[\\{%]" });
    match shape {
        Shape::Bool => {
            json!({ "anyOf": [{ "type": "boolean" }, { "enum": ["yes", "no"] }, template] })
        }
        Shape::Int => json!({ "anyOf": [{ "type": "integer" }, template] }),
        Shape::Number => json!({ "anyOf": [{ "type": "number" }, template] }),
        Shape::Text => json!({ "type": ["string", "number"] }),
        Shape::List => json!({ "anyOf": [{ "type": "array" }, { "type": ["string", "number"] }] }),
        Shape::Map => json!({ "anyOf": [{ "type": "object" }, template] }),
        Shape::Condition => json!({ "type": ["string", "boolean", "array"] }),
        Shape::Any => json!(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_knows_keywords_and_modules() {
        let entry = crate::modules::REGISTRY.iter().find(|entry| entry.name == "ping").unwrap();
        let schema = playbook(&[Documented { name: entry.name, spec: entry.spec, examples: "" }]);
        let task = &schema["$defs"]["task"]["properties"];
        assert_eq!(task["register"], json!({ "type": ["string", "number"] }));
        assert!(task["ping"]["anyOf"].is_array());
        assert!(task.get("listen").is_none());
        assert!(schema["$defs"]["handler"]["properties"]["listen"].is_object());
        assert_eq!(schema["items"]["anyOf"][0]["properties"]["tasks"]["$ref"], "#/$defs/items");
    }
}
