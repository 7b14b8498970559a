//! Where the login of a user at a registry is kept on a host: in the Docker client's
//! `config.json`, or in a program that it names.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::login::{HELPER, REGISTRY, from_config, from_helper, helper};
use super::{ClientConfig, ClientConfigWrite, DockerReader};
use crate::base::Secret;
use crate::remote::Exec;
use crate::remote::docker::{Credentials, EngineError, Request};
use crate::sdk::{Failure, Observer, Operator};
use crate::value::{Fields, Value};

/// Has a program keep or forget a login.
const TELL: &str = "exec \"docker-credential-$1\" \"$2\"";
/// The setting with the logins.
const LOGINS: &str = "auths";

/// What is kept of a user's login at one registry.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CredentialStore {
    /// The client's configuration.
    pub client: ClientConfig,
    /// The login.
    pub login: Option<KeptLogin>,
}

/// A login that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptLogin {
    /// The user.
    pub username: String,
    /// The password, or a token in its place.
    pub secret: Secret,
}

/// A change of what is kept.
#[derive(Debug, Serialize)]
pub struct CredentialChange {
    /// The registry.
    server: String,
    /// The program that keeps the login, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helper: Option<String>,
    /// The login to be kept; none is to be forgotten.
    login: Option<KeptLogin>,
    /// The client's configuration, where that changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<ClientConfigWrite>,
}

impl Observer<'_> {
    /// What is kept of the task's user's login at a registry; `path` is that of another
    /// `config.json` than the usual one.
    pub async fn credential_store(
        &self,
        server: &str,
        path: Option<&str>,
    ) -> Result<CredentialStore, Failure> {
        let client = self.client_config(path).await?;
        let settings = Value::Object(client.settings()?);
        let login = match helper(&settings, server) {
            Some(program) => {
                let told = self.probe(HELPER, [program, server]).await?;
                told.success().then(|| from_helper(server, &told.stdout)).flatten()
            }
            None => from_config(&settings, server),
        };
        let login = login.map(|login| KeptLogin {
            username: login.username,
            secret: login.identity_token.unwrap_or(login.password),
        });
        if let Some(login) = &login {
            self.hide(login.secret.reveal());
        }
        Ok(CredentialStore { client, login })
    }
}

impl DockerReader {
    /// Has the Engine try a login at its registry, which changes nothing. Gives its answer.
    pub async fn try_login(&self, login: &Credentials) -> Result<Value, EngineError> {
        self.look(Request::post(&["auth"]).json(&login.reveal())).await?.json()
    }
}

impl CredentialStore {
    /// A registry as logins name it: a host, with its port if it has one; Docker Hub has an
    /// address of its own.
    pub fn server(registry: &str) -> &str {
        let bare = bare(registry);
        if matches!(bare, "" | "docker.io" | "index.docker.io" | "registry-1.docker.io") {
            REGISTRY
        } else {
            bare
        }
    }

    /// Where the login at a registry is kept, for the user to see.
    pub fn place(&self, server: &str) -> Result<String, Failure> {
        let settings = Value::Object(self.client.settings()?);
        Ok(match helper(&settings, server) {
            Some(program) => format!("docker-credential-{program}"),
            None => self.client.path.clone(),
        })
    }

    /// How a login is kept.
    pub fn keep(&self, server: &str, login: KeptLogin) -> Result<CredentialChange, Failure> {
        let mut settings = self.client.settings()?;
        let helper = helper(&Value::Object(settings.clone()), server).map(str::to_owned);
        let mut config = None;
        if helper.is_none() {
            let text = format!("{}:{}", login.username, login.secret.reveal());
            let logins = settings.entry(LOGINS).or_insert_with(|| json!({}));
            if !logins.is_object() {
                *logins = json!({});
            }
            if let Some(logins) = logins.as_object_mut() {
                forget(logins, server);
                logins.insert(server.to_owned(), json!({"auth": STANDARD.encode(text)}));
            }
            config = Some(self.client.with(&settings));
        }
        Ok(CredentialChange { server: server.to_owned(), helper, login: Some(login), config })
    }

    /// How the login is forgotten; `None` where none is kept.
    pub fn forget(&self, server: &str) -> Result<Option<CredentialChange>, Failure> {
        let mut settings = self.client.settings()?;
        let helper = helper(&Value::Object(settings.clone()), server)
            .filter(|_| self.login.is_some())
            .map(str::to_owned);
        let logins = settings.get_mut(LOGINS).and_then(Value::as_object_mut);
        let was_in_file = logins.is_some_and(|logins| forget(logins, server));
        let config = was_in_file.then(|| self.client.with(&settings));
        let is_nothing = helper.is_none() && config.is_none();
        let server = server.to_owned();
        Ok((!is_nothing).then_some(CredentialChange { server, helper, login: None, config }))
    }
}

impl CredentialChange {
    /// Does it.
    pub async fn apply(self, host: &Operator<'_>) -> Result<(), Failure> {
        if let Some(program) = &self.helper {
            let (verb, input) = match &self.login {
                Some(login) => (
                    "store",
                    json!({
                        "ServerURL": self.server, "Username": login.username,
                        "Secret": login.secret.reveal(),
                    })
                    .to_string(),
                ),
                None => ("erase", self.server.clone()),
            };
            let exec = Exec::script(TELL).args([program.as_str(), verb]).stdin(input);
            host.must(&format!("docker-credential-{program} {verb}"), exec).await?;
        }
        match self.config {
            Some(config) => config.apply(host).await,
            None => Ok(()),
        }
    }
}

/// Removes a registry's login by all names that it may have; whether there was one.
fn forget(logins: &mut Fields, server: &str) -> bool {
    let before = logins.len();
    let is_it = |name: &str| {
        if server == REGISTRY {
            CredentialStore::server(name) == REGISTRY
        } else {
            bare(name) == server
        }
    };
    logins.retain(|name, _| !is_it(name));
    logins.len() < before
}

/// A registry without scheme and path.
fn bare(registry: &str) -> &str {
    let name = registry.trim_start_matches("https://").trim_start_matches("http://");
    name.split('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(text: &str) -> CredentialStore {
        let text = Some(Secret::new(text.to_owned()));
        let client = ClientConfig { path: "/c".to_owned(), text, ..ClientConfig::default() };
        CredentialStore { client, login: None }
    }

    #[test]
    fn a_registry_has_one_name() {
        assert_eq!(CredentialStore::server("https://reg:5000/v2/"), "reg:5000");
        for hub in ["", "docker.io", "https://index.docker.io/v1/", "index.docker.io"] {
            assert_eq!(CredentialStore::server(hub), REGISTRY, "{hub}");
        }
    }

    #[test]
    fn all_names_of_a_registry_are_forgotten() {
        let text = r#"{"auths": {"https://a/v2/": {"auth": "x"}, "a": {}, "b": {}}}"#;
        let mut settings = store(text).client.settings().unwrap();
        let logins = settings.get_mut(LOGINS).and_then(Value::as_object_mut).unwrap();
        assert!(forget(logins, "a"));
        assert_eq!(json!(logins), json!({"b": {}}));
        assert!(!forget(logins, "a"));
    }

    #[test]
    fn a_program_keeps_the_login_where_the_client_names_one() {
        let login = || KeptLogin { username: "me".to_owned(), secret: Secret::new("x".to_owned()) };
        let change = store(r#"{"credsStore": "pass"}"#).keep("a", login()).unwrap();
        assert_eq!(change.helper.as_deref(), Some("pass"));
        assert!(change.config.is_none());
        let change = store(r#"{"credHelpers": {"b": "pass"}}"#).keep("a", login()).unwrap();
        assert!(change.helper.is_none() && change.config.is_some());
        assert!(store("{}").forget("a").unwrap().is_none());
    }
}
