//! The registry logins that a user has on a host.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::base::Secret;
use crate::remote::docker::Credentials;
use crate::sdk::{Failure, Observer, Probe};
use crate::value::Value;

/// Docker Hub, as logins name it.
pub const REGISTRY: &str = "https://index.docker.io/v1/";

/// Prints the client's configuration of the task's user, if there is one.
const CONFIG: Probe = Probe(include_str!("config.sh"));
/// Asks a credential helper for the login at a registry.
pub(super) const HELPER: Probe = Probe(include_str!("helper.sh"));

impl Observer<'_> {
    /// The login that the task's user has at a registry: what `docker login` has left in
    /// `config.json` or in a credential helper.
    ///
    /// Where something was left that cannot be read, there is no login: the registry says so
    /// itself if it needs one.
    pub async fn registry_login(&self, registry: &str) -> Result<Option<Credentials>, Failure> {
        let config = self.probe(CONFIG, [] as [&str; 0]).await?;
        let config: Value = serde_json::from_slice(&config.stdout).unwrap_or(Value::Null);
        let login = match helper(&config, registry) {
            Some(program) => {
                let told = self.probe(HELPER, [program, registry]).await?;
                told.success().then(|| from_helper(registry, &told.stdout)).flatten()
            }
            None => from_config(&config, registry),
        };
        if let Some(login) = &login {
            self.hide(login.password.reveal());
            if let Some(token) = &login.identity_token {
                self.hide(token.reveal());
            }
        }
        Ok(login)
    }
}

/// The name of the program that keeps the login at a registry.
pub(super) fn helper<'c>(config: &'c Value, registry: &str) -> Option<&'c str> {
    let own = config["credHelpers"][registry].as_str();
    own.or_else(|| config["credsStore"].as_str()).filter(|name| {
        // The name becomes part of a program's name.
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    })
}

/// The login that stands in the configuration itself, as `user:password` in base64.
pub(super) fn from_config(config: &Value, registry: &str) -> Option<Credentials> {
    let auths = config["auths"].as_object()?;
    let bare = |name: &str| {
        let name = name.trim_start_matches("https://").trim_start_matches("http://");
        name.split('/').next().unwrap_or_default().to_owned()
    };
    let entry = auths.get(registry).or_else(|| {
        auths.iter().find(|(name, _)| bare(name) == bare(registry)).map(|(_, entry)| entry)
    })?;
    let text = String::from_utf8(STANDARD.decode(entry["auth"].as_str()?).ok()?).ok()?;
    let (username, password) = text.split_once(':')?;
    let token = entry["identitytoken"].as_str().filter(|token| !token.is_empty());
    Some(Credentials {
        server: registry.to_owned(),
        username: username.to_owned(),
        password: Secret::new(password.trim_end_matches('\0').to_owned()),
        identity_token: token.map(|token| Secret::new(token.to_owned())),
    })
}

/// What a credential helper prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    username: String,
    secret: Secret,
}

pub(super) fn from_helper(registry: &str, output: &[u8]) -> Option<Credentials> {
    let Told { username, secret } = serde_json::from_slice(output).ok()?;
    let mut login = Credentials { server: registry.to_owned(), ..Credentials::default() };
    if username == "<token>" {
        login.identity_token = Some(secret);
    } else {
        login.username = username;
        login.password = secret;
    }
    Some(login)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn finds_the_login_in_the_configuration() {
        let config = json!({"auths": {
            "https://reg:5000/v2/": {"auth": STANDARD.encode("me:a:b")},
            REGISTRY: {"auth": STANDARD.encode("hub:x"), "identitytoken": "t"},
            "broken": {"auth": "%%"},
        }});
        let login = from_config(&config, "reg:5000").unwrap();
        assert_eq!((login.username.as_str(), login.password.reveal().as_str()), ("me", "a:b"));
        assert_eq!(login.server, "reg:5000");
        assert!(from_config(&config, REGISTRY).unwrap().identity_token.is_some());
        assert_eq!(from_config(&config, "broken"), None);
        assert_eq!(from_config(&config, "other"), None);
        assert_eq!(from_config(&Value::Null, "other"), None);
    }

    #[test]
    fn a_helper_goes_before_the_configuration_and_is_a_mere_name() {
        let config = json!({"credsStore": "pass", "credHelpers": {"a": "ecr-login", "b": "../x"}});
        assert_eq!(helper(&config, "a"), Some("ecr-login"));
        assert_eq!(helper(&config, "b"), None);
        assert_eq!(helper(&config, "c"), Some("pass"));
        let token = from_helper("a", br#"{"Username":"<token>","Secret":"s"}"#).unwrap();
        assert_eq!(token.identity_token.unwrap().reveal(), "s");
        assert_eq!(from_helper("a", b"not found"), None);
    }
}
