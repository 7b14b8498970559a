//! What a task returned, as JSON or YAML spelt as ansible-core spells them.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use super::options::{AnsibleOptions, Form};
use crate::event::HostResult;
use crate::value::yaml::{Style, to_yaml};
use crate::value::{Fields, Value};

/// What `debug` returns beside its message or variable.
const HIDDEN_IN_DEBUG: [&str; 8] = [
    "changed",
    "failed",
    "skipped",
    "invocation",
    "skip_reason",
    "ansible_loop_var",
    "ansible_index_var",
    "ansible_loop",
];

/// The result as text; `debug` says whether the task was one that shows a variable.
pub(super) fn result(result: &HostResult, debug: bool, how: &AnsibleOptions) -> String {
    let mut fields = shown(&result.returned, debug, how);
    let pretty = how.pretty.unwrap_or(false)
        || result.verbose
        || how.verbosity > 2
        || (how.pretty.is_none() && how.form == Form::Yaml);
    match how.form {
        Form::Json => json(&fields, pretty && how.pretty != Some(false)),
        Form::Yaml => {
            if how.pretty != Some(false) {
                leave_out_lines(&mut fields);
            }
            let mut value = Value::Object(fields);
            if how.pretty != Some(false) {
                tidy(&mut value);
            }
            let style = Style { flow: Some(false), blocks: true, ..Style::NICE };
            let text = to_yaml(&value, style);
            let indented = text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>();
            format!("\n{}", indented.join("\n"))
        }
    }
}

/// Values on one line.
pub(super) fn line(fields: &Fields) -> String {
    json(&sorted(fields), false)
}

/// The fields that are shown, in the order of their names.
pub(in crate::report) fn shown(fields: &Fields, debug: bool, how: &AnsibleOptions) -> Fields {
    let alone = debug && fields.contains_key("msg");
    let keep = |name: &str| {
        let inner = how.verbosity < 3 && matches!(name, "invocation" | "diff");
        let told = matches!(name, "exception" | "warnings" | "deprecations" | "failed" | "skipped");
        let aside = debug && HIDDEN_IN_DEBUG.contains(&name);
        let nothing = name == "results" && fields[name].as_array().is_some_and(Vec::is_empty);
        let beside_message = alone && name != "msg";
        !(inner || told || aside || nothing || beside_message || name.starts_with("_ansible_"))
    };
    let kept = fields.iter().filter(|(name, _)| keep(name));
    sorted(&kept.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Texts of several lines without what a block cannot show: spaces at the ends of lines, tabs.
fn tidy(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('\n') => {
            let lines = text.trim_end().lines();
            let lines = lines.map(|line| line.trim_end().replace('\t', "        "));
            *text = lines.collect::<Vec<_>>().join("\n");
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(fields) => fields.values_mut().for_each(tidy),
        _ => {}
    }
}

/// Lines say again what the text says.
fn leave_out_lines(fields: &mut Fields) {
    for name in ["stdout", "stderr"] {
        let lines = format!("{name}_lines");
        if fields.contains_key(name) && fields.contains_key(&lines) {
            fields.insert(lines, "<omitted>".into());
        }
    }
}

fn sorted(fields: &Fields) -> Fields {
    fn sort(value: &Value) -> Value {
        match value {
            Value::Object(fields) => Value::Object(sorted(fields)),
            Value::Array(items) => Value::Array(items.iter().map(sort).collect()),
            other => other.clone(),
        }
    }
    let mut all: Vec<(String, Value)> =
        fields.iter().map(|(name, value)| (name.clone(), sort(value))).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.into_iter().collect()
}

/// Fields as JSON: indented, or on one line as Python writes it.
pub(in crate::report) fn json(fields: &Fields, pretty: bool) -> String {
    let mut out = vec![];
    let written = if pretty {
        let formatter = PrettyFormatter::with_indent(b"    ");
        fields.serialize(&mut Serializer::with_formatter(&mut out, formatter))
    } else {
        fields.serialize(&mut Serializer::with_formatter(&mut out, Spaced))
    };
    written.map_or_else(|error| error.to_string(), |()| String::from_utf8_lossy(&out).into_owned())
}

/// JSON on one line, with a space after each comma and colon.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::Status;

    fn of(returned: Value) -> HostResult {
        let Value::Object(returned) = returned else { return HostResult::new(Status::Ok) };
        HostResult { returned, ..HostResult::new(Status::Ok) }
    }

    #[test]
    fn results_are_sorted_and_without_what_is_told_elsewhere() {
        let said = of(json!({
            "rc": 0, "changed": true, "failed": false, "warnings": ["w"], "_ansible_no_log": false,
            "cmd": ["a", {"z": 1, "b": null}], "invocation": {}
        }));
        let how = AnsibleOptions::default();
        let text = r#"{"changed": true, "cmd": ["a", {"b": null, "z": 1}], "rc": 0}"#;
        assert_eq!(result(&said, false, &how), text);
        let debug = HostResult { verbose: true, ..of(json!({"msg": "é", "changed": false})) };
        assert_eq!(result(&debug, true, &how), "{\n    \"msg\": \"é\"\n}");
    }

    #[test]
    fn yaml_leaves_lines_out() {
        let said = of(json!({"stdout": "a\nb", "stdout_lines": ["a", "b"], "cmd": ["x"]}));
        let how = AnsibleOptions { form: Form::Yaml, ..AnsibleOptions::default() };
        insta::assert_snapshot!(result(&said, false, &how), @r"

            cmd:
            - x
            stdout: |-
                a
                b
            stdout_lines: <omitted>
        ");
        let whole = AnsibleOptions { pretty: Some(false), ..how };
        assert!(result(&said, false, &whole).contains("    stdout_lines:\n    - a\n    - b"));
    }
}
