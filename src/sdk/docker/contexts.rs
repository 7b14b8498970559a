//! The contexts that a user's Docker client knows: named Engines, and which one it uses.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ClientConfig;
use crate::sdk::file::Algorithm;
use crate::sdk::{Failure, Observer, Probe, Sections};
use crate::value::{Fields, Value};

/// Prints the client's configuration and its contexts; the parameters are files to be part of one.
const CONTEXTS: Probe = Probe(concat!(
    include_str!("../sections.sh"),
    include_str!("client.sh"),
    include_str!("contexts.sh"),
));

/// The context that is always there, and is no file.
const DEFAULT: &str = "default";
/// Where the Engine of that one is.
const SOCKET: &str = "unix:///var/run/docker.sock";

/// The contexts that the Docker client of a host's user knows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Contexts {
    /// The client's configuration.
    pub client: ClientConfig,
    /// Those in files, by name.
    pub contexts: Vec<Context>,
    /// The SHA-256 of files that are to be part of one, by path; empty where there is none.
    pub sources: Sections,
}

/// A context in files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// Its folder.
    pub meta_path: String,
    /// What it is: `Name`, `Metadata`, `Endpoints`.
    pub meta: Value,
    /// The SHA-256 of the files for TLS with its Engine, by their names.
    pub tls: Sections,
}

impl Observer<'_> {
    /// The contexts of the task's user; and the sums of some files.
    pub async fn docker_contexts(&self, sources: &[&str]) -> Result<Contexts, Failure> {
        let output = self.probe(CONTEXTS, sources).await?;
        if !output.success() {
            return Err(Failure::of_program("reading Docker's contexts", &output));
        }
        Contexts::read(&Sections::parse(&output))
    }
}

impl Contexts {
    fn read(parts: &Sections) -> Result<Self, Failure> {
        let client = ClientConfig::read(parts);
        let sum = |text: &str| text.split_whitespace().next().unwrap_or_default().to_owned();
        let mut contexts = vec![];
        for (part, text) in parts.iter() {
            let Some(path) = part.strip_prefix("meta ") else { continue };
            let meta: Value = serde_json::from_str(text).map_err(|error| {
                Failure::new(format!("{path} is not understood: {error}"))
                    .help("it is a context of Docker, and must be JSON")
            })?;
            let meta_path = path.trim_end_matches("/meta.json").to_owned();
            let id = meta_path.rsplit('/').next().unwrap_or_default();
            let tls = format!("tls {}/contexts/tls/{id}/docker/", client.folder);
            let tls =
                parts.iter().filter_map(|(part, text)| Some((part.strip_prefix(&tls)?, sum(text))));
            contexts.push(Context { tls: tls.collect(), meta_path, meta });
        }
        contexts.sort_by(|a, b| a.name().cmp(b.name()));
        let source = |(part, text): (&str, &str)| {
            Some((part.strip_prefix("source ")?.to_owned(), sum(text)))
        };
        let sources = parts.iter().filter_map(source).collect();
        Ok(Self { client, contexts, sources })
    }

    /// The context of this name, where it is in files.
    pub fn find(&self, name: &str) -> Option<&Context> {
        self.contexts.iter().find(|context| context.name() == name)
    }

    /// The name of the context that the client uses, and what says so.
    pub fn current(&self) -> Result<(String, String), Failure> {
        if !self.client.host.is_empty() {
            return Ok((DEFAULT.to_owned(), "the variable DOCKER_HOST".to_owned()));
        }
        if !self.client.context.is_empty() {
            return Ok((self.client.context.clone(), "the variable DOCKER_CONTEXT".to_owned()));
        }
        let settings = self.client.settings()?;
        let named = settings.get("currentContext").and_then(Value::as_str);
        Ok(match named.filter(|name| !name.is_empty()) {
            Some(name) => (name.to_owned(), self.client.path.clone()),
            None => (DEFAULT.to_owned(), "nothing else".to_owned()),
        })
    }

    /// A context as it is returned; `None` where there is none of this name.
    pub fn shown(&self, name: &str, current: &str) -> Option<Value> {
        let found =
            if name == DEFAULT { self.default_shown() } else { self.find(name)?.shown(self) };
        let mut shown = json!({"current": name == current, "name": name});
        if let (Value::Object(shown), Value::Object(more)) = (&mut shown, found) {
            shown.extend(more);
        }
        Some(shown)
    }

    /// The folder that holds a context, and that of its files for TLS.
    pub fn folders(&self, name: &str) -> [String; 2] {
        let id = Algorithm::Sha256.sum(name.as_bytes());
        ["meta", "tls"].map(|kind| format!("{}/contexts/{kind}/{id}", self.client.folder))
    }

    fn default_shown(&self) -> Value {
        let host = Some(self.client.host.as_str()).filter(|host| !host.is_empty());
        json!({
            "description": "Current DOCKER_HOST based configuration",
            "meta_path": null,
            "tls_path": null,
            "config": {"docker_host": as_option(host.unwrap_or(SOCKET)), "tls": false},
        })
    }
}

impl Context {
    /// Its name.
    pub fn name(&self) -> &str {
        self.meta["Name"].as_str().unwrap_or_default()
    }

    /// What it says of its Engine.
    pub fn endpoint(&self) -> &Value {
        &self.meta["Endpoints"]["docker"]
    }

    /// Where its Engine is.
    pub fn host(&self) -> &str {
        self.endpoint()["Host"].as_str().unwrap_or_default()
    }

    /// Its description; empty where it has none.
    pub fn description(&self) -> &str {
        self.meta["Metadata"]["Description"].as_str().unwrap_or_default()
    }

    /// Whether the Engine's certificate is not checked.
    pub fn skips_tls_verify(&self) -> bool {
        self.endpoint()["SkipTLSVerify"].as_bool().unwrap_or_default()
    }

    fn shown(&self, all: &Contexts) -> Value {
        let [_, tls_path] = all.folders(self.name());
        json!({
            "description": self.meta["Metadata"]["Description"],
            "meta_path": self.meta_path,
            "tls_path": tls_path,
            "config": self.config(&tls_path),
        })
    }

    /// The options that lead modules to its Engine.
    fn config(&self, tls_path: &str) -> Fields {
        let mut config = Fields::new();
        if !self.endpoint().is_object() {
            return config;
        }
        let host = Some(self.host()).filter(|host| !host.is_empty()).unwrap_or(SOCKET);
        config.insert("docker_host".to_owned(), as_option(host).into());
        let file = |prefix: &str| {
            let mut names = self.tls.iter().map(|(name, _)| name);
            names
                .find(|name| name.starts_with(prefix))
                .map(|name| format!("{tls_path}/docker/{name}"))
        };
        let (ca, pair) = (file("ca"), file("cert").zip(file("key")));
        if ca.is_none() && pair.is_none() {
            config.insert("tls".to_owned(), self.skips_tls_verify().into());
            return config;
        }
        if let Some(ca) = ca {
            config.insert("ca_path".to_owned(), ca.into());
        }
        if let Some((cert, key)) = pair {
            config.insert("client_cert".to_owned(), cert.into());
            config.insert("client_key".to_owned(), key.into());
        }
        config.insert("validate_certs".to_owned(), (!self.skips_tls_verify()).into());
        config.insert("tls".to_owned(), true.into());
        config
    }
}

/// An address as the option `docker_host` takes it.
fn as_option(host: &str) -> String {
    let known = [("http+unix://", "unix://"), ("https://", "tcp://"), ("http://", "tcp://")];
    let other =
        known.iter().find_map(|(from, to)| Some(format!("{to}{}", host.strip_prefix(from)?)));
    other.unwrap_or_else(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contexts_folder_is_the_hash_of_its_name() {
        let client = ClientConfig { folder: "/root/.docker".to_owned(), ..ClientConfig::default() };
        let contexts = Contexts { client, ..Contexts::default() };
        let [meta, _] = contexts.folders("podman");
        assert_eq!(
            meta,
            "/root/.docker/contexts/meta/\
             2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9"
        );
    }

    #[test]
    fn addresses_are_such_as_modules_take() {
        assert_eq!(as_option("http+unix:///x"), "unix:///x");
        assert_eq!(as_option("https://a:1"), "tcp://a:1");
        assert_eq!(as_option("ssh://a"), "ssh://a");
    }
}
