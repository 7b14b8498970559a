//! The configuration that the Docker client of a user has: `config.json`.

use serde::{Deserialize, Serialize};

use crate::base::Secret;
use crate::sdk::file::{Algorithm, AttributeChange, Content, FileWrite, Payload, Permissions};
use crate::sdk::{Exec, Failure, Observer, Operator, Probe, Sections};
use crate::value::{Fields, Value};

/// Prints it.
const CLIENT: Probe = Probe(concat!(include_str!("../sections.sh"), include_str!("client.sh")));
/// Prints the one at a path; `~/` is the home of the task's user.
const CLIENT_AT: Probe = Probe(concat!(
    "config_file=$1\ncase $1 in \"~/\"*) config_file=$HOME/${1#\"~/\"} ;; esac\n",
    include_str!("../sections.sh"),
    include_str!("client.sh"),
));
/// Makes the folder for it, for this user alone.
const FOLDER: &str = "umask 077 && mkdir -p -- \"$1\"";

/// The configuration that the Docker client of the task's user has on a host.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientConfig {
    /// The folder with everything that the client keeps.
    pub folder: String,
    /// The path of `config.json`; links were followed.
    pub path: String,
    /// What is in it, logins included.
    pub text: Option<Secret>,
    /// The Engine that the environment names.
    pub host: String,
    /// The context that the environment names.
    pub context: String,
}

/// A new `config.json`.
#[derive(Debug, Clone, Serialize)]
pub struct ClientConfigWrite {
    /// The folder that it needs.
    folder: String,
    /// Where.
    pub path: String,
    /// The SHA-1 that the old one must still have.
    #[serde(skip)]
    expected: Option<String>,
    #[serde(skip)]
    text: Secret,
}

impl Observer<'_> {
    /// The configuration that the Docker client of the task's user has, or another file's.
    pub async fn client_config(&self, path: Option<&str>) -> Result<ClientConfig, Failure> {
        let output = match path {
            Some(path) => self.probe(CLIENT_AT, [path]).await?,
            None => self.probe(CLIENT, [] as [&str; 0]).await?,
        };
        if !output.success() {
            return Err(Failure::of_program("reading Docker's config.json", &output));
        }
        Ok(ClientConfig::read(&Sections::parse(&output)))
    }
}

impl ClientConfig {
    /// Reads what `client.sh` printed.
    pub(super) fn read(parts: &Sections) -> Self {
        Self {
            folder: parts.word("folder").to_owned(),
            path: parts.word("path").to_owned(),
            text: parts.has("config").then(|| Secret::new(parts.get("config").to_owned())),
            host: parts.word("host").to_owned(),
            context: parts.word("context").to_owned(),
        }
    }

    /// The settings in it; none where there is no file.
    pub fn settings(&self) -> Result<Fields, Failure> {
        let Some(text) = self.text.as_ref().map(|text| text.reveal().trim()) else {
            return Ok(Fields::new());
        };
        if text.is_empty() {
            return Ok(Fields::new());
        }
        serde_json::from_str(text).map_err(|error| {
            Failure::new(format!("{} is not understood: {error}", self.path))
                .help("it must be a JSON object, as the Docker client writes it")
        })
    }

    /// How it is written with these settings in it.
    pub fn with(&self, settings: &Fields) -> ClientConfigWrite {
        let expected = self.text.as_ref().map(|text| Algorithm::Sha1.sum(text.reveal().as_bytes()));
        ClientConfigWrite {
            folder: self.folder.clone(),
            path: self.path.clone(),
            expected,
            text: Secret::new(pretty(&sorted(&Value::Object(settings.clone())))),
        }
    }
}

impl ClientConfigWrite {
    /// Writes it for the task's user alone.
    pub async fn apply(self, host: &Operator<'_>) -> Result<(), Failure> {
        let making = format!("making the folder {}", self.folder);
        host.must(&making, Exec::script(FOLDER).arg(&self.folder)).await?;
        let mode = Some(Permissions::new(0o600));
        let write = FileWrite {
            path: self.path,
            payload: Payload::Bytes(Content(self.text.reveal().clone().into_bytes())),
            attributes: AttributeChange { mode, ..AttributeChange::default() },
            before: String::new(),
            backup: false,
            expected: self.expected,
            validate: None,
            unsafe_writes: false,
        };
        write.apply(host).await.map(drop)
    }
}

/// With every mapping in the order of its keys.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut all: Vec<_> = fields.iter().collect();
            all.sort_by_key(|(key, _)| *key);
            all.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// Indented with tabs, as the client does.
pub(super) fn pretty(value: &Value) -> String {
    let mut text = vec![];
    let format = serde_json::ser::PrettyFormatter::with_indent(b"\t");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, format);
    if value.serialize(&mut serializer).is_err() {
        return value.to_string();
    }
    String::from_utf8(text).unwrap_or_else(|_| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn other_settings_stay_and_all_are_sorted() {
        let text = r#"{"z": 1, "auths": {"b": {}, "a": {}}}"#.to_owned();
        let config = ClientConfig { text: Some(Secret::new(text)), ..ClientConfig::default() };
        let mut settings = config.settings().unwrap();
        settings.insert("currentContext".to_owned(), json!("far"));
        let write = config.with(&settings);
        assert_eq!(
            write.text.reveal(),
            "{\n\t\"auths\": {\n\t\t\"a\": {},\n\t\t\"b\": {}\n\t},\n\t\"currentContext\": \"far\",\n\t\"z\": 1\n}"
        );
        assert_eq!(write.expected.unwrap().len(), 40);
    }

    #[test]
    fn a_file_that_is_no_json_is_not_overwritten() {
        let text = Some(Secret::new("auths: {}".to_owned()));
        let config = ClientConfig { path: "/x".to_owned(), text, ..ClientConfig::default() };
        let failure = config.settings().unwrap_err();
        assert!(failure.to_string().starts_with("/x is not understood: "), "{failure}");
        assert!(ClientConfig::default().settings().unwrap().is_empty());
    }
}
