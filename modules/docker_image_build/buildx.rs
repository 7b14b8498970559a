//! A build by the command `docker buildx`.

use serde::Serialize;

use super::{Args, Output, OutputType, SecretType};
use crate::sdk::docker::{DockerOptions, ImageName};
use crate::sdk::{self, Choice as _, Exec, Failure, Operator, Returned, Value};

/// A build by the command.
#[derive(Debug, Serialize)]
pub(super) struct Buildx {
    /// The words after `docker`; where a secret's file is to stand, its number in braces.
    pub(super) words: Vec<String>,
    #[serde(skip)]
    cli: String,
    #[serde(skip)]
    secrets: Vec<sdk::Secret>,
}

/// Writes secrets into files, and runs the command with their names in it.
const RUN: &str = include_str!("buildx.sh");

/// The version of buildx among the plugins that `docker info` lists.
pub(super) fn version(plugins: &str) -> Option<String> {
    let plugins: Vec<Value> = serde_json::from_str(plugins.trim()).ok()?;
    let buildx = plugins.iter().find(|plugin| plugin["Name"] == "buildx")?;
    let version = buildx["Version"].as_str().unwrap_or_default();
    Some(version.trim_start_matches('v').to_owned())
}

/// Whether a version is this one or newer; one that is not understood counts as new.
fn is_at_least(version: &str, wanted: (u64, u64)) -> bool {
    let mut parts = version.split('.').map(|part| {
        part.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<u64>()
    });
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= wanted,
        _ => true,
    }
}

impl Args {
    /// The build by the command.
    pub(super) fn buildx(&self, name: &ImageName, version: &str) -> Result<Buildx, Failure> {
        let outputs = self.all_outputs(name);
        let too_old = |needed: &str, what: &str| {
            Failure::new(format!(
                "The Docker buildx plugin has version {version}, but {needed} is needed {what}"
            ))
        };
        if outputs.len() > 1 && !is_at_least(version, (0, 13)) {
            return Err(too_old("0.13.0", "to specify more than one output"));
        }
        if self.secrets.iter().any(|s| s.kind == SecretType::Env) && !is_at_least(version, (0, 6)) {
            return Err(too_old("0.6.0", "for secrets of type=env"));
        }
        let mut words: Vec<String> = vec![];
        if let Some(context) = &self.cli_context {
            words.extend(["--context".to_owned(), context.clone()]);
        }
        words.extend(["buildx", "build", "--progress", "plain"].map(str::to_owned));
        let mut add = |option: &str, value: String| words.extend([option.to_owned(), value]);
        if outputs.is_empty() {
            add("--tag", name.to_string());
        }
        if self.dockerfile.is_some() {
            add("--file", self.file());
        }
        self.cache_from.iter().for_each(|from| add("--cache-from", from.clone()));
        self.network.iter().for_each(|network| add("--network", network.clone()));
        self.etc_hosts.iter().for_each(|(host, to)| add("--add-host", format!("{host}:{to}")));
        self.args.iter().for_each(|(key, value)| add("--build-arg", format!("{key}={value}")));
        self.target.iter().for_each(|target| add("--target", target.clone()));
        self.platform.iter().for_each(|platform| add("--platform", platform.clone()));
        self.shm_size()?.iter().for_each(|size| add("--shm-size", size.to_string()));
        self.labels.iter().for_each(|(key, value)| add("--label", format!("{key}={value}")));
        let mut secrets = vec![];
        for secret in &self.secrets {
            let from = match secret.kind {
                SecretType::File => format!("type=file,src={}", text(secret.src.as_ref())),
                SecretType::Env => format!("type=env,env={}", text(secret.env.as_ref())),
                SecretType::Value => {
                    secrets.extend(secret.value.clone());
                    format!("type=file,src={{{}}}", secrets.len())
                }
            };
            add("--secret", format!("id={},{from}", secret.id));
        }
        for output in &outputs {
            add("--output", output.clone());
        }
        words.extend(self.pull.then(|| "--pull".to_owned()));
        words.extend(self.nocache.then(|| "--no-cache".to_owned()));
        words.extend(["--".to_owned(), self.path.clone()]);
        Ok(Buildx { words, cli: self.cli().to_owned(), secrets })
    }

    /// The outputs, the image itself among them; none where that is the only one.
    fn all_outputs(&self, name: &ImageName) -> Vec<String> {
        let own = name.to_string();
        let mut all: Vec<Output> = self.outputs.clone();
        for output in all.iter_mut().filter(|output| output.kind == OutputType::Image) {
            output.name.get_or_insert_with(|| vec![own.clone()]);
        }
        let has_own = |output: &Output| output.name.iter().flatten().any(|name| *name == own);
        let mut outputs: Vec<String> = all.iter().map(words).collect();
        if !all.is_empty() && !all.iter().any(has_own) {
            outputs.push(format!("type=image,name={own}"));
        }
        outputs
    }
}

fn text(given: Option<&String>) -> &str {
    given.map_or("", String::as_str)
}

/// An output as the command takes it: fields of a line of CSV.
fn words(output: &Output) -> String {
    let mut fields = vec![format!("type={}", output.kind.word())];
    let more = [("dest", &output.dest), ("context", &output.context)];
    fields
        .extend(more.iter().filter_map(|(key, value)| Some(format!("{key}={}", value.as_ref()?))));
    fields.extend(output.name.as_ref().map(|names| format!("name={}", names.join(","))));
    fields.extend(output.push.then(|| "push=true".to_owned()));
    let quoted = |field: &String| {
        if field.trim() == field && !field.contains([',', '"', '\r', '\n']) {
            field.clone()
        } else {
            format!("\"{}\"", field.replace('"', "\"\""))
        }
    };
    fields.iter().map(quoted).collect::<Vec<_>>().join(",")
}

impl Buildx {
    /// Builds; gives what was printed.
    pub(super) async fn run(
        &self,
        host: &Operator<'_>,
        options: &DockerOptions,
        name: &str,
    ) -> Result<Returned, Failure> {
        let address = host.docker_address(options)?;
        let sizes = self.secrets.iter().map(|secret| secret.reveal().len().to_string());
        let sizes = sizes.collect::<Vec<_>>().join(" ");
        let mut input = vec![];
        for secret in &self.secrets {
            host.hide(secret.reveal());
            input.extend_from_slice(secret.reveal().as_bytes());
        }
        let exec = Exec::script(RUN)
            .args([self.cli.as_str(), &address, &sizes])
            .args(&self.words)
            .stdin(input);
        let output = host.run(exec).await?;
        let returned = Returned::of_output(&output).with("command", &self.words);
        if !output.success() {
            let said = output.stderr_text();
            let last = said.trim().lines().last().unwrap_or("it does not say why");
            return Err(Failure::new(format!("Building {name} failed: {last}")).returning(returned));
        }
        Ok(returned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugins_are_known_by_their_name() {
        let plugins =
            r#"[{"Name":"compose","Version":"v2"},{"Name":"buildx","Version":"v0.19.3"}]"#;
        assert_eq!(version(plugins).as_deref(), Some("0.19.3"));
        assert_eq!(version("[]"), None);
        assert_eq!(version("null"), None);
        assert_eq!(version(""), None);
        assert!(is_at_least("0.13.1+ds1", (0, 13)) && !is_at_least("0.9.0", (0, 13)));
        assert!(is_at_least("1.0", (0, 13)) && is_at_least("unknown", (0, 13)));
    }

    #[test]
    fn an_output_is_a_line_of_csv() {
        let mut output = Output {
            kind: OutputType::Image,
            dest: None,
            context: None,
            name: Some(vec!["a:1".to_owned(), "b:2".to_owned()]),
            push: true,
        };
        assert_eq!(words(&output), "type=image,\"name=a:1,b:2\",push=true");
        output.name = Some(vec!["a:1".to_owned()]);
        assert_eq!(words(&output), "type=image,name=a:1,push=true");
    }
}
