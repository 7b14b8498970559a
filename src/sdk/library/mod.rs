//! Modules of the user's own: programs and scripts that are sent to a host, with their arguments
//! in a file, and print their result as JSON.

use serde_json::json;

use super::{Diff, Exec, Failure, Host, Outcome, Output, Returned, Stdin};
use crate::remote::quote;
use crate::value::{Fields, Value, coerce};

/// One call of a module of the user's own.
#[derive(Debug, Clone)]
pub struct LibraryCall {
    /// The module's file name.
    pub name: String,
    /// Its content.
    pub content: Stdin,
    /// The program that runs it, and its arguments; none where it is one itself.
    pub interpreter: Vec<String>,
    /// What the file of its arguments holds; `None` where it reads none.
    pub arguments: Option<String>,
}

impl LibraryCall {
    /// Runs it on a host. Nothing of it stays there.
    pub async fn run(&self, host: &Host) -> Result<Outcome, Failure> {
        let mut exec = Exec::script(include_str!("call.sh"))
            .arg(&self.name)
            .arg(if self.arguments.is_some() { "1" } else { "" })
            .arg(self.arguments.as_deref().unwrap_or_default())
            .args(&self.interpreter);
        exec.stdin = self.content.clone();
        let output = host.touch().run_for_user(exec).await?;
        match read(&output.stdout_text()) {
            Some(fields) => outcome(fields),
            None => Err(self.no_result(&output)),
        }
    }

    fn no_result(&self, output: &Output) -> Failure {
        let said = output.stderr_text();
        let missing = |program: &&String| {
            let signs = ["not found", "No such file or directory", "inaccessible"];
            said.contains(program.as_str()) && signs.iter().any(|sign| said.contains(sign))
        };
        let failure = match self.interpreter.first().filter(missing) {
            Some(program) if output.status == 127 => {
                let kind = program.rsplit('/').next().unwrap_or_default();
                Failure::new(format!("the module interpreter `{program}` was not found"))
                    .help(format!("the variable `ansible_{kind}_interpreter` names another one"))
            }
            _ => {
                let line = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
                let why = if line.is_empty() { String::new() } else { format!(": {line}") };
                Failure::new(format!("module `{}` printed no JSON object{why}", self.name))
            }
        };
        failure.returning(
            Returned::new()
                .with("module_stdout", output.stdout_text())
                .with("module_stderr", said)
                .with("rc", output.status),
        )
    }
}

/// Arguments as older scripts read them: `name=value` for the shell.
pub fn named_values(arguments: &Fields) -> String {
    let word = |(name, value): (&String, &Value)| {
        let text = if value.is_null() { "None".to_owned() } else { coerce::to_text(value) };
        format!("{name}={} ", quote(&text))
    };
    arguments.iter().map(word).collect()
}

/// The JSON object in what a module printed, whatever stands before and behind it.
fn read(stdout: &str) -> Option<Fields> {
    let lines: Vec<&str> = stdout.lines().collect();
    let first = lines.iter().position(|line| line.trim_start().starts_with('{'))?;
    let last = lines.iter().rposition(|line| line.trim_end().ends_with('}'))?;
    let text = lines.get(first..=last)?.join("\n");
    let Ok(Value::Object(mut fields)) = serde_json::from_str(&text) else { return None };
    let behind = &lines[last + 1..];
    if !behind.is_empty() {
        let junk = behind.join("\n");
        warn(&mut fields, format!("Module invocation had junk after the JSON data: {junk}"));
    }
    Some(fields)
}

fn warn(fields: &mut Fields, warning: String) {
    let mut all = match fields.remove("warnings") {
        Some(Value::Array(all)) => all,
        Some(one) => vec![one],
        None => vec![],
    };
    all.push(warning.into());
    fields.insert("warnings".to_owned(), Value::Array(all));
}

/// What a module's result means.
fn outcome(mut fields: Fields) -> Result<Outcome, Failure> {
    fields.retain(|name, _| !name.starts_with("_ansible_") && name != "invocation");
    if let Some(results) = fields.remove("results") {
        let name = if results.is_array() { "results" } else { "ansible_module_results" };
        fields.insert(name.to_owned(), results);
    }
    for output in ["stdout", "stderr"] {
        if let Some(text) = fields.get(output).map(coerce::to_text) {
            let lines: Vec<&str> = text.lines().collect();
            fields.entry(format!("{output}_lines")).or_insert(json!(lines));
        }
    }
    let flag = |name: &str| fields.get(name).map(|value| coerce::to_bool(value) == Some(true));
    let bad_status = fields.get("rc").is_some_and(|rc| *rc != 0 && *rc != "0");
    let text = |name: &str| fields.get(name).map(coerce::to_text);
    if flag("failed").unwrap_or(bad_status) {
        let message =
            text("msg").unwrap_or_else(|| "the module failed and does not say why".into());
        return Err(Failure::new(message).returning(fields.into()));
    }
    let skipped = (flag("skipped") == Some(true)).then(|| text("msg").unwrap_or_default());
    Ok(Outcome {
        changed: flag("changed").unwrap_or(false),
        skipped,
        diffs: diffs(fields.get("diff")),
        returned: fields.into(),
    })
}

/// The differences of two texts that a module tells of.
fn diffs(told: Option<&Value>) -> Vec<Diff> {
    let one = |value: &Value| {
        let text = |name: &str| value.get(name).map(coerce::to_text);
        let subject = text("before_header").or_else(|| text("after_header")).unwrap_or_default();
        Some(Diff::text(subject, text("before")?, text("after")?))
    };
    match told {
        Some(Value::Array(all)) => all.iter().filter_map(one).collect(),
        Some(value) => one(value).into_iter().collect(),
        None => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_is_found_among_other_lines() {
        let fields = read("noise\n[ no list ]\n{\"a\": 1,\n \"b\": {}}\nmore\nnoise\n").unwrap();
        assert_eq!(fields["a"], 1);
        assert_eq!(
            fields["warnings"],
            json!(["Module invocation had junk after the JSON data: more\nnoise"])
        );
        assert_eq!(read("nothing"), None);
        assert_eq!(read("}\n{"), None);
        assert_eq!(read("{\"a\": }"), None);
    }

    #[test]
    fn a_result_is_data_without_what_is_ansibles_own() {
        let result = |value: Value| outcome(value.as_object().cloned().unwrap_or_default());
        let done = result(json!({
            "changed": true, "invocation": {}, "_ansible_x": 1, "stdout": "a\nb",
            "diff": {"before": "x", "after": "y", "before_header": "/etc/x"},
        }))
        .unwrap();
        assert!(done.changed);
        assert_eq!(done.diffs, [Diff::text("/etc/x", "x", "y")]);
        let fields = Value::Object(done.returned.into_fields());
        assert_eq!(fields["stdout_lines"], json!(["a", "b"]));
        assert!(fields.get("invocation").is_none() && fields.get("_ansible_x").is_none());
        assert!(result(json!({"rc": 1})).is_err());
        assert!(result(json!({"rc": 1, "failed": false})).is_ok());
        assert_eq!(result(json!({"failed": true, "msg": "no"})).unwrap_err().to_string(), "no");
    }

    #[test]
    fn older_scripts_get_words_of_the_shell() {
        let arguments = json!({"name": "it's", "flag": true, "none": null, "n": 2});
        assert_eq!(
            named_values(arguments.as_object().unwrap()),
            "name='it'\\''s' flag=True none=None n=2 "
        );
    }
}
