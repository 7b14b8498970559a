//! The arguments of every module that makes requests.

use indexmap::IndexMap;

use crate::base::Secret;

/// How requests are made.
#[derive(Debug, Default, rplay_derive::Arguments)]
pub struct HttpOptions {
    /// Headers that are sent.
    #[arg(default)]
    pub headers: IndexMap<String, String>,
    /// User that logs in.
    #[arg(alias = "user", alias = "username")]
    pub url_username: Option<String>,
    /// Password of the user.
    #[arg(alias = "password")]
    pub url_password: Option<Secret>,
    /// Whether user and password are sent before the server asks for them.
    #[arg(default)]
    pub force_basic_auth: bool,
    /// Whether the server's certificate must be valid.
    #[arg(default = true)]
    pub validate_certs: bool,
    /// File of the host with certificates that are trusted.
    pub ca_path: Option<String>,
    /// File of the host with the client's certificate, and its key where `client_key` is not
    /// given.
    pub client_cert: Option<String>,
    /// File of the host with the client's key.
    pub client_key: Option<String>,
    /// How the client names itself.
    #[arg(default = "ansible-httpget")]
    pub http_agent: String,
    /// Whether proxies are used that the environment names.
    #[arg(default = true)]
    pub use_proxy: bool,
    /// Ciphers that may be used, as OpenSSL names them.
    #[arg(default)]
    pub ciphers: Vec<String>,
}
