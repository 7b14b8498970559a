//! What a registry asks for, as the Engine passes it on.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::base::{Redactor, Secret};

/// A login at a registry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The registry, as it stands in front of an image's name.
    pub server: String,
    /// The user.
    pub username: String,
    /// The password, or an access token in its place.
    pub password: Secret,
    /// A token that the registry gave in exchange for both; it goes before them.
    pub identity_token: Option<Secret>,
}

impl Credentials {
    /// The header that carries the login for one registry.
    pub const HEADER: &'static str = "X-Registry-Auth";
    /// The header that carries the logins for all registries a build may need.
    pub const HEADER_FOR_BUILDS: &'static str = "X-Registry-Config";

    /// The value of [`Credentials::HEADER`], without a login where there is none.
    ///
    /// Engines from 28.3.3 on refuse a push that does not have the header at all.
    pub fn header(login: Option<&Self>, redactor: &Redactor) -> Secret {
        encode(&login.map_or_else(|| json!({}), Self::reveal), redactor)
    }

    /// The value of [`Credentials::HEADER_FOR_BUILDS`].
    pub fn header_for_builds(logins: &[Self], redactor: &Redactor) -> Secret {
        let all: IndexMap<&str, Value> =
            logins.iter().map(|login| (login.server.as_str(), login.reveal())).collect();
        encode(&json!(all), redactor)
    }

    /// The login as the Engine's `/auth` takes it.
    pub fn reveal(&self) -> Value {
        match &self.identity_token {
            Some(token) => json!({
                "serveraddress": self.server, "identitytoken": token.reveal(),
            }),
            None => json!({
                "serveraddress": self.server,
                "username": self.username,
                "password": self.password.reveal(),
            }),
        }
    }
}

/// JSON in the URL-safe alphabet: in the other one, `+` and `/` make the Engine drop the login
/// without a word. The text is made known to the redactor, for a part of it is the password.
fn encode(value: &Value, redactor: &Redactor) -> Secret {
    let encoded = URL_SAFE.encode(value.to_string());
    if value.as_object().is_some_and(|fields| !fields.is_empty()) {
        redactor.add(&encoded);
    }
    Secret::new(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_the_url_safe_alphabet_and_hides_the_header() {
        let redactor = Redactor::default();
        let login = Credentials {
            server: "registry:5000".to_owned(),
            username: "me".to_owned(),
            password: Secret::new("??>>~~".to_owned()),
            identity_token: None,
        };
        let header = Credentials::header(Some(&login), &redactor);
        assert!(!header.reveal().contains(['+', '/']), "{}", header.reveal());
        let back: Value =
            serde_json::from_slice(&URL_SAFE.decode(header.reveal()).unwrap()).unwrap();
        assert_eq!(back["password"], "??>>~~");
        assert_eq!(redactor.redact(header.reveal()), Redactor::MASK);
    }

    #[test]
    fn no_login_is_an_empty_one() {
        let header = Credentials::header(None, &Redactor::default());
        assert_eq!(header.reveal(), "e30=");
    }
}
