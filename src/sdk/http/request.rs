//! One request.

use indexmap::IndexMap;
use serde::Serialize;

use super::{HttpOptions, HttpResponse, curl, direct};
use crate::base::Secret;
use crate::sdk::{Choice, Exec, Failure, Observer, Operator};

/// A request that a host makes.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct HttpRequest {
    /// The method in capitals.
    pub method: String,
    /// Where it goes.
    pub url: String,
    /// The headers that are sent.
    pub headers: IndexMap<String, String>,
    /// What is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// User and password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<(String, Secret)>,
    /// Whether they are sent before the server asks.
    pub basic: bool,
    /// Which redirections are followed.
    pub follow: Follow,
    /// The socket of the host that takes the request, whatever the URL says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub socket: Option<String>,
    /// How long it may take, in seconds.
    pub timeout: u32,
    /// Whether certificates must be valid.
    pub verify: bool,
    /// Files of the host: trusted certificates, the client's, and its key.
    pub certificates: [Option<String>; 3],
    /// Ciphers that may be used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ciphers: Vec<String>,
    /// Whether proxies are used that the environment names.
    pub proxy: bool,
}

/// What a request sends.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// A text.
    Text(String),
    /// A file of the host.
    File(String),
}

/// Which redirections are followed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Choice)]
#[serde(rename_all = "snake_case")]
pub enum Follow {
    /// Those of requests that change nothing: `GET` and `HEAD`.
    #[default]
    #[choice("safe", "urllib2")]
    Safe,
    /// All.
    #[choice("all", "yes", "true")]
    All,
    /// None.
    #[choice("none", "no", "false")]
    None,
}

impl HttpRequest {
    /// A request with the options that all modules share.
    pub fn new(method: &str, url: &str, timeout: u32, options: &HttpOptions) -> Self {
        let mut headers = options.headers.clone();
        let has_agent = headers.keys().any(|name| name.eq_ignore_ascii_case("user-agent"));
        if !has_agent {
            headers.insert("User-Agent".to_owned(), options.http_agent.clone());
        }
        let password = options.url_password.clone().unwrap_or_default();
        Self {
            method: method.to_uppercase(),
            url: url.to_owned(),
            headers,
            login: options.url_username.clone().map(|user| (user, password)),
            basic: options.force_basic_auth,
            timeout,
            verify: options.validate_certs,
            certificates: [
                options.ca_path.clone(),
                options.client_cert.clone(),
                options.client_key.clone(),
            ],
            ciphers: options.ciphers.clone(),
            proxy: options.use_proxy,
            ..Self::default()
        }
    }

    /// Whether redirections are followed.
    pub(super) fn follows(&self) -> bool {
        match self.follow {
            Follow::All => true,
            Follow::None => false,
            Follow::Safe => matches!(self.method.as_str(), "GET" | "HEAD"),
        }
    }

    /// Makes the request and reads the answer, whatever its status.
    ///
    /// # Errors
    ///
    /// No answer came: the server could not be reached, its certificate is not valid, …
    pub async fn send(&self, host: &Operator<'_>) -> Result<HttpResponse, Failure> {
        self.exchange(&host.observer()).await
    }

    /// The same for a request that only asks.
    ///
    /// # Errors
    ///
    /// No answer came, or the method is neither `GET` nor `HEAD`.
    pub async fn ask(&self, host: &Observer<'_>) -> Result<HttpResponse, Failure> {
        if !matches!(self.method.as_str(), "GET" | "HEAD") {
            return Err(Failure::new(format!("{} does more than ask", self.method)));
        }
        self.exchange(host).await
    }

    async fn exchange(&self, host: &Observer<'_>) -> Result<HttpResponse, Failure> {
        let exec = Exec::script(include_str!("curl.sh")).stdin(curl::config(self, None)?);
        let output = host.ask(exec).await?;
        if output.status == 127 {
            return direct::send(self, host).await;
        }
        if !output.success() {
            return Err(curl::failure(&self.url, &output));
        }
        HttpResponse::parse(&output.stdout)
            .ok_or_else(|| Failure::new(format!("the answer of {} is not understood", self.url)))
    }
}
