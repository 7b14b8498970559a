//! The lookup of what a web server answers: `lookup('url', 'https://…')`.
//!
//! The controller's `curl` asks, as `rplay install` does: proxies, certificates and `~/.netrc` are
//! those its user knows.

use std::process::Command;

use minijinja::Error;

use super::process::finish;
use super::{Lookup, Request};
use crate::base::curl_setting;
use crate::template::arguments::bad;
use crate::template::convert;
use crate::value::{Value as Json, coerce};

pub(super) const LOOKUPS: &[Lookup] = &[Lookup::new("url", OPTIONS, |request| {
    let mut answers = vec![];
    for address in request.texts() {
        let text = Asked { request }.get(&address)?;
        if flag(request, "split_lines", true)? {
            answers.extend(text.lines().map(Json::from));
        } else {
            answers.push(text.into());
        }
    }
    Ok(answers)
})];

const OPTIONS: &[&str] = &[
    "ca_path",
    "ciphers",
    "follow_redirects",
    "force",
    "force_basic_auth",
    "headers",
    "http_agent",
    "password",
    "split_lines",
    "timeout",
    "unix_socket",
    "use_netrc",
    "use_proxy",
    "username",
    "validate_certs",
];

/// The most bytes of one answer.
const MOST: &str = "67108864";

/// An option of a lookup, or what the variable `ansible_lookup_url_…` says in its place.
fn option(request: &Request, name: &str) -> Result<Option<Json>, Error> {
    if let Some(given) = request.option(name) {
        return Ok(Some(given.clone()));
    }
    let suffix = match name {
        "http_agent" => "agent",
        other => other,
    };
    let variable = request.context.variable(&format!("ansible_lookup_url_{suffix}"));
    match variable.filter(|value| !value.is_undefined() && !value.is_none()) {
        Some(value) => convert::to_data(&value),
        None => Ok(None),
    }
}

fn flag(request: &Request, name: &str, otherwise: bool) -> Result<bool, Error> {
    let Some(value) = option(request, name)? else { return Ok(otherwise) };
    coerce::to_bool(&value).ok_or_else(|| bad(format!("option `{name}` must be true or false")))
}

/// One question to a server.
struct Asked<'a> {
    request: &'a Request,
}

impl Asked<'_> {
    fn get(&self, address: &str) -> Result<String, Error> {
        if !["http://", "https://"].iter().any(|scheme| address.starts_with(scheme)) {
            return Err(bad(format!("`{address}` is no address of HTTP")));
        }
        let command = self.command()?;
        let settings = self.settings(address)?;
        let finished = finish(command, &settings, "curl")?;
        if !finished.status.success() {
            return Err(bad(told(address, finished.status.code(), &finished.said)));
        }
        String::from_utf8(finished.output)
            .map_err(|_| bad(format!("{address} does not answer with UTF-8 text")))
    }

    fn command(&self) -> Result<Command, Error> {
        let request = self.request;
        let timeout = match option(request, "timeout")? {
            Some(seconds) => coerce::to_float(&seconds).filter(|seconds| *seconds > 0.0),
            None => Some(10.0),
        };
        let timeout = timeout.ok_or_else(|| bad("option `timeout` must be a number of seconds"))?;
        // A server that says nothing for that long has no more to say.
        let silence = format!("{}", timeout.ceil().clamp(1.0, 300.0));
        let mut curl = Command::new("curl");
        curl.args(["--disable", "--fail", "--silent", "--show-error", "--globoff"]);
        curl.args(["--proto", "=http,https", "--proto-redir", "=http,https"]);
        curl.args(["--max-redirs", "10", "--max-time", "290", "--max-filesize", MOST]);
        curl.args(["--connect-timeout", &silence, "--speed-time", &silence, "--speed-limit", "1"]);
        curl.args(["--config", "-"]);
        if self.follows()? {
            curl.arg("--location");
        }
        if !flag(request, "validate_certs", true)? {
            curl.arg("--insecure");
        }
        if !flag(request, "use_proxy", true)? {
            curl.args(["--noproxy", "*"]);
        }
        if flag(request, "use_netrc", true)? && option(request, "username")?.is_none() {
            curl.arg("--netrc-optional");
        }
        Ok(curl)
    }

    fn follows(&self) -> Result<bool, Error> {
        let wanted = option(self.request, "follow_redirects")?.unwrap_or_else(|| "urllib2".into());
        let word = coerce::to_text(&wanted);
        match word.to_ascii_lowercase().as_str() {
            "all" | "yes" | "true" | "safe" | "urllib2" => Ok(true),
            "none" | "no" | "false" => Ok(false),
            _ => Err(bad(format!(
                "option `follow_redirects` must be all, safe, none or urllib2, not `{word}`"
            ))),
        }
    }

    /// What `curl` reads from standard input: passwords are not for a command line.
    fn settings(&self, address: &str) -> Result<String, Error> {
        let request = self.request;
        let text = |name: &str| -> Result<Option<String>, Error> {
            Ok(option(request, name)?.map(|value| coerce::to_text(&value)))
        };
        let mut settings = setting("url", address)?;
        let agent = text("http_agent")?.unwrap_or_else(|| "ansible-httpget".to_owned());
        settings += &setting("user-agent", &agent)?;
        if let Some(user) = text("username")? {
            let password = text("password")?.unwrap_or_default();
            settings += &setting("user", &format!("{user}:{password}"))?;
        }
        for (name, option) in [("cacert", "ca_path"), ("unix-socket", "unix_socket")] {
            if let Some(value) = text(option)? {
                settings += &setting(name, &value)?;
            }
        }
        match option(request, "ciphers")? {
            Some(Json::Array(names)) => {
                let names: Vec<String> = names.iter().map(coerce::to_text).collect();
                settings += &setting("ciphers", &names.join(":"))?;
            }
            Some(names) => settings += &setting("ciphers", &coerce::to_text(&names))?,
            None => {}
        }
        if flag(request, "force", false)? {
            settings += &setting("header", "Cache-Control: no-cache")?;
        }
        if let Some(headers) = option(request, "headers")? {
            let Json::Object(headers) = headers else {
                return Err(bad("option `headers` must be a mapping"));
            };
            for (name, value) in &headers {
                settings += &setting("header", &format!("{name}: {}", coerce::to_text(value)))?;
            }
        }
        Ok(settings)
    }
}

fn setting(name: &str, value: &str) -> Result<String, Error> {
    curl_setting(name, value)
        .ok_or_else(|| bad(format!("no `{name}` can hold line breaks or other control characters")))
}

/// Why there is no answer, in the words that playbooks look for, by curl's exit code.
fn told(address: &str, code: Option<i32>, said: &str) -> String {
    let why = said.strip_prefix("curl: ").unwrap_or(said);
    match code {
        Some(22) => format!("Received HTTP error for {address} : {why}"),
        Some(35 | 51 | 60) => {
            format!("Error validating the server's certificate for {address}: {why}")
        }
        Some(5..=7 | 28 | 52 | 56) => format!("Error connecting to {address}: {why}"),
        _ => format!("Failed lookup url for {address} : {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn what_went_wrong_is_told_with_the_address() {
        assert_eq!(
            told("http://a", Some(22), "curl: (22) The requested URL returned error: 404"),
            "Received HTTP error for http://a : (22) The requested URL returned error: 404"
        );
        assert!(told("http://a", Some(7), "curl: (7) refused").starts_with("Error connecting to"));
        assert!(told("http://a", None, "").starts_with("Failed lookup url"));
    }
}
