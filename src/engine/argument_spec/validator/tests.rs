use serde_json::json;

use super::*;

fn errors(spec: Value, values: Value) -> Vec<String> {
    match (spec, values) {
        (Value::Object(spec), Value::Object(values)) => validate(&spec, values),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_required_must_be_given_and_what_is_given_known() {
    let spec = json!({
        "b": {"required": true},
        "a": {"required": true, "type": "int"},
        "c": {"aliases": ["other"]},
    });
    assert_eq!(errors(spec.clone(), json!({"a": 1, "b": "x"})), Vec::<String>::new());
    assert_eq!(
        errors(spec, json!({"other": 1, "x": 1})),
        ["missing required arguments: a, b", "x. Supported parameters include: a, b, c (other).",]
    );
}

#[test]
fn nothing_will_do_where_nothing_is_required() {
    let spec = json!({"a": {"type": "int"}, "b": {"type": "int", "required": true}});
    assert_eq!(
        errors(spec, json!({"a": null, "b": null})),
        ["argument 'b' is of type NoneType and we were unable to convert to int: \"None\" cannot \
          be converted to an int"]
    );
}

#[test]
fn types_hold_for_elements_too() {
    let spec = json!({"a": {"type": "list", "elements": "int"}, "b": {"type": "flaot"}});
    assert_eq!(
        errors(spec, json!({"a": "1,x", "b": 1})),
        [
            "Elements value for option 'a' is of type str and we were unable to convert to int: \
             \"'x'\" cannot be converted to an int",
            "argument 'b' is of type int and we were unable to convert to flaot: there is no such \
             type",
        ]
    );
}

#[test]
fn choices_are_held_to() {
    let spec = json!({
        "one": {"choices": ["a", "b"]},
        "many": {"type": "list", "choices": ["a", "b"]},
        "number": {"type": "int", "choices": [1, 2]},
        "flag": {"choices": ["yes", "perhaps"]},
    });
    let fine = json!({"one": "a", "many": ["a", "b"], "number": "2", "flag": true});
    assert_eq!(errors(spec.clone(), fine), Vec::<String>::new());
    assert_eq!(
        errors(spec, json!({"one": "c", "many": "a,d", "number": 3, "flag": false})),
        [
            "value of one must be one of: a, b, got: c",
            "value of many must be one or more of: a, b. Got no match for: d",
            "value of number must be one of: 1, 2, got: 3",
            "value of flag must be one of: yes, perhaps, got: False",
        ]
    );
}

#[test]
fn options_are_a_specification_of_their_own() {
    let spec = json!({
        "outer": {"type": "dict", "options": {"inner": {
            "type": "list",
            "elements": "dict",
            "required_one_of": [["port", "socket"]],
            "options": {"port": {"type": "int"}, "socket": {}, "name": {"required": true}},
        }}},
    });
    let fine = json!({"outer": {"inner": [{"name": "a", "port": "1"}]}});
    assert_eq!(errors(spec.clone(), fine), Vec::<String>::new());
    assert_eq!(
        errors(spec, json!({"outer": {"inner": [{"prot": 1}]}})),
        [
            "missing required arguments: name found in outer -> inner",
            "one of the following is required: port, socket found in outer -> inner",
            "outer.inner.prot. Supported parameters include: name, port, socket.",
        ]
    );
}

#[test]
fn options_that_are_no_mapping_are_told() {
    let spec = json!({"a": {"type": "dict", "options": {"b": {}}}});
    assert_eq!(
        errors(spec, json!({"a": "x"})),
        [
            "dictionary requested, could not parse JSON or key=value",
            "argument 'a' is of type str and we were unable to convert to dict: dictionary \
             requested, could not parse JSON or key=value",
            "value of 'a' must be of type dict or list of dicts",
        ]
    );
}

#[test]
fn defaults_of_options_count_only_where_they_are_asked_for() {
    let spec = |apply: bool| {
        let inner = json!({"b": {"type": "int", "default": "x"}});
        json!({"a": {"type": "dict", "apply_defaults": apply, "options": inner}})
    };
    assert_eq!(errors(spec(false), json!({})), Vec::<String>::new());
    assert_eq!(errors(spec(true), json!({})).len(), 1);
}

#[test]
fn a_specification_that_contradicts_itself_is_told() {
    let spec = json!({"a": {"required": true, "default": 1}, "b": {"aliases": "c"}});
    let told = "internal error: required and default are mutually exclusive for a";
    assert_eq!(errors(spec, json!({"a": "x"})), [told]);
}
