//! Calls of modules of the user's own.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::connections::reference;
use super::step::Step;
use super::work::template;
use crate::base::Span;
use crate::playbook::{JSON_ARGUMENTS, LibraryModule, Style};
use crate::sdk::library::{LibraryCall, named_values};
use crate::sdk::{Failure, RunMode, Stdin};
use crate::value::{Fields, Node, Scope, Value, coerce};

/// The release of the language whose protocol is spoken.
const VERSION: &str = "2.19.14";

impl Step {
    /// The call of a module with rendered arguments.
    pub(super) fn library_call(
        &self,
        module: &LibraryModule,
        args: &Node,
        scope: &Arc<dyn Scope>,
        mode: RunMode,
    ) -> Result<LibraryCall, Failure> {
        let path = &module.path;
        let content = std::fs::read(path)
            .map_err(|error| Failure::new(format!("cannot read `{}`: {error}", path.display())))?;
        let arguments = self.library_arguments(module, args, scope, mode)?;
        let in_json = || Json::Object(arguments.clone()).to_string();
        let interpreter = match module.style {
            Style::Binary => vec![],
            _ => self.interpreter(&content, &module.name, scope)?,
        };
        let (content, arguments) = match module.style {
            Style::JsonInside => {
                let text = String::from_utf8_lossy(&content);
                (text.replace(JSON_ARGUMENTS, &in_json()).into(), None)
            }
            Style::Old => (content, Some(named_values(&arguments))),
            _ => (content, Some(in_json())),
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(LibraryCall { name, content: Stdin::Bytes(content.into()), interpreter, arguments })
    }

    /// The task's arguments with those that tell a module how it is called.
    fn library_arguments(
        &self,
        module: &LibraryModule,
        args: &Node,
        scope: &Arc<dyn Scope>,
        mode: RunMode,
    ) -> Result<Fields, Failure> {
        let Value::Object(mut arguments) = args.to_value() else {
            return Err(Failure::new("arguments are a mapping"));
        };
        let (options, reading) = (&self.run.options, self.reading(scope));
        let hidden = reading.flag("no_log").map_err(template)?.unwrap_or(false);
        let diff = reading.flag("diff").map_err(template)?.unwrap_or(options.diff);
        let own = [
            ("check_mode", json!(mode == RunMode::Check)),
            ("no_log", json!(hidden)),
            ("debug", json!(false)),
            ("diff", json!(diff)),
            ("verbosity", json!(options.verbosity)),
            ("version", json!(VERSION)),
            ("module_name", json!(module.name)),
            ("syslog_facility", json!("LOG_USER")),
            ("selinux_special_fs", json!(["fuse", "nfs", "vboxsf", "ramfs", "9p", "vfat"])),
            ("socket", Json::Null),
            ("shell_executable", json!("/bin/sh")),
            ("keep_remote_files", json!(false)),
            ("tmpdir", Json::Null),
            ("remote_tmp", json!("~/.ansible/tmp")),
            ("ignore_unknown_opts", json!(false)),
        ];
        arguments.extend(own.map(|(name, value)| (format!("_ansible_{name}"), value)));
        Ok(arguments)
    }

    /// The words of a script's first line; a variable such as `ansible_python_interpreter` goes
    /// before the program named there.
    fn interpreter(
        &self,
        content: &[u8],
        name: &str,
        scope: &Arc<dyn Scope>,
    ) -> Result<Vec<String>, Failure> {
        let line = content.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let words = line.strip_prefix("#!").map(str::trim).and_then(coerce::to_words);
        let Some(mut words) = words.filter(|words| !words.is_empty()) else {
            return Err(Failure::new(format!(
                "module `{name}` does not name its interpreter: its first line must begin with `#!`"
            )));
        };
        let kind = words[0].rsplit('/').next().unwrap_or_default();
        // `python3` and `python3.12` are set by the name of the language.
        let kind = if kind.starts_with("python") { "python" } else { kind };
        let name = format!("ansible_{kind}_interpreter");
        if scope.lookup(&name).is_some() {
            let node = reference(&name, Span::NOWHERE);
            let value = self.run.templar.evaluate(&node, scope).map_err(template)?;
            let chosen = value.as_ref().map(coerce::to_text).unwrap_or_default();
            if !chosen.is_empty() && !chosen.starts_with("auto") {
                words[0] = chosen;
            }
        }
        Ok(words)
    }
}
