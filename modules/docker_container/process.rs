//! What runs in the container.

use std::collections::BTreeMap;

use serde_json::json;

use super::body::Body;
use super::size::Time;
use crate::sdk::docker::{Environment, Texts, text_of};
use crate::sdk::{Arguments, Choice, Failure, Value, coerce};

/// What runs in the container.
#[derive(Debug, Arguments)]
pub(super) struct Process {
    /// What it runs, as text or as a list of words; the image's own when not given.
    command: Option<Value>,
    /// How `command` and `entrypoint` are read: text is split into words as a shell does.
    #[arg(default)]
    command_handling: CommandHandling,
    /// What `command` is given to, as a list of words.
    entrypoint: Option<Vec<String>>,
    /// Variables of its environment; the image's own stay.
    pub(super) env: Option<Environment>,
    /// File on the host with more of them, one `NAME=value` on each line. `env` goes before it.
    pub(super) env_file: Option<String>,
    /// User it runs as, with or without a group: `name`, `uid:gid`.
    user: Option<String>,
    /// Further groups of the user.
    groups: Option<Vec<String>>,
    /// Folder it runs in.
    working_dir: Option<String>,
    /// Its host name.
    hostname: Option<String>,
    /// Its domain name.
    domainname: Option<String>,
    /// Labels; the image's own stay.
    pub(super) labels: Option<Texts>,
    /// Whether it has a terminal.
    tty: Option<bool>,
    /// Whether its standard input stays open although nobody is attached.
    interactive: Option<bool>,
    /// Whether a small init process passes signals on and reaps processes.
    init: Option<bool>,
    /// Signal that asks it to stop.
    stop_signal: Option<String>,
    /// How many seconds it has for stopping before it is killed.
    pub(super) stop_timeout: Option<i64>,
    /// How the Engine finds out whether it is well.
    healthcheck: Option<Healthcheck>,
}

/// How `command` is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum CommandHandling {
    /// Text is split into words, a list is taken as it is.
    #[default]
    Correct,
    /// Lists are joined to text first and split again, and empty ones count as not given, as old
    /// releases of Ansible did.
    Compatibility,
}

/// How the Engine finds out whether a container is well.
#[derive(Debug, Arguments)]
struct Healthcheck {
    /// Command that succeeds while it is well: text for a shell, or a list that begins with `CMD`
    /// or `CMD-SHELL`. `NONE` turns the image's own check off.
    test: Option<Value>,
    /// Whether a list without such a beginning is the command itself, as Docker's own tools do.
    #[arg(default)]
    test_cli_compatible: bool,
    /// Time between two checks.
    interval: Option<Time>,
    /// How long one check may take.
    timeout: Option<Time>,
    /// How many failures in a row make it unwell.
    retries: Option<i64>,
    /// Time after the start in which failures do not count.
    start_period: Option<Time>,
    /// Time between two checks in the start period.
    start_interval: Option<Time>,
}

impl Process {
    /// Writes what was given into the configuration; `env_file` is that file's content.
    pub(super) fn fill(&self, body: &mut Body, env_file: Option<&str>) -> Result<(), Failure> {
        let command = self.command.as_ref().map(words).transpose()?;
        let old = self.command_handling == CommandHandling::Compatibility;
        let handled = |list: Option<Vec<String>>, is_list: bool| match list {
            Some(list) if old && list.is_empty() => Ok(None),
            Some(list) if old && is_list => words(&list.join(" ").into()).map(Some),
            list => Ok(list),
        };
        body.config("Cmd", handled(command, self.command.as_ref().is_some_and(Value::is_array))?);
        body.config("Entrypoint", handled(self.entrypoint.clone(), true)?);
        body.config("Env", self.environment(env_file));
        body.config("User", self.user.as_ref());
        body.config("WorkingDir", self.working_dir.as_ref());
        body.config("Hostname", self.hostname.as_ref());
        body.config("Domainname", self.domainname.as_ref());
        body.config("Labels", self.labels.as_ref());
        body.config("Tty", self.tty);
        body.config("OpenStdin", self.interactive);
        body.config("StopSignal", self.stop_signal.as_ref());
        body.config("StopTimeout", self.stop_timeout);
        body.config("Healthcheck", self.healthcheck.as_ref().map(Healthcheck::body).transpose()?);
        body.host("GroupAdd", self.groups.as_ref());
        body.host("Init", self.init);
        Ok(())
    }

    /// The variables given, those of the file first; `None` where nothing is given.
    fn environment(&self, env_file: Option<&str>) -> Option<Vec<String>> {
        if self.env.is_none() && env_file.is_none() {
            return None;
        }
        let mut all = BTreeMap::new();
        for line in env_file.unwrap_or_default().lines() {
            let line = line.trim_start();
            if let Some((name, value)) = line.split_once('=')
                && !line.starts_with('#')
            {
                all.insert(name.to_owned(), value.to_owned());
            }
        }
        all.extend(self.env.clone().unwrap_or_default());
        Some(all.into_iter().map(|(name, value)| format!("{name}={value}")).collect())
    }
}

impl Healthcheck {
    fn body(&self) -> Result<Value, Failure> {
        let mut body = json!({});
        if let Some(test) = &self.test {
            body["Test"] = match test {
                Value::Array(words) => {
                    let words: Vec<String> = words.iter().map(text_of).collect();
                    let has_kind = words
                        .first()
                        .is_some_and(|word| ["NONE", "CMD", "CMD-SHELL"].contains(&word.as_str()));
                    if !has_kind && !self.test_cli_compatible {
                        return Err(Failure::new(
                            "a list in `healthcheck.test` must begin with `CMD` or `CMD-SHELL`",
                        )
                        .help("write `test: [CMD, program, argument]`"));
                    }
                    if has_kind {
                        json!(words)
                    } else {
                        json!([&["CMD".to_owned()][..], &words].concat())
                    }
                }
                text if text_of(text) == "NONE" => json!(["NONE"]),
                text => json!(["CMD-SHELL", text_of(text)]),
            };
        }
        let times = [
            ("Interval", self.interval),
            ("Timeout", self.timeout),
            ("StartPeriod", self.start_period),
            ("StartInterval", self.start_interval),
        ];
        for (name, time) in times {
            if let Some(Time(nanoseconds)) = time {
                body[name] = nanoseconds.into();
            }
        }
        if let Some(retries) = self.retries {
            body["Retries"] = retries.into();
        }
        Ok(body)
    }
}

/// A command as a list of words.
fn words(command: &Value) -> Result<Vec<String>, Failure> {
    match command {
        Value::Array(words) => Ok(words.iter().map(text_of).collect()),
        text => coerce::to_words(&text_of(text)).ok_or_else(|| {
            Failure::new("a quote in `command` is not closed").help("or write it as a list")
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_lists_of_words() {
        assert_eq!(words(&json!("sh -c 'a b'")).unwrap(), ["sh", "-c", "a b"]);
        assert_eq!(words(&json!(["sleep", 5])).unwrap(), ["sleep", "5"]);
        assert!(words(&json!("it's")).is_err());
    }
}
