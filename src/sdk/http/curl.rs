//! What curl is told.

use std::fmt::Write as _;

use super::{Body, HttpRequest};
use crate::remote::Output;
use crate::sdk::{Failure, Returned};

/// Ends the output: status, size of the headers before the content, final URL.
const TRAILER: &str = "\n%{http_code} %{size_header} %{url_effective}";

/// The configuration that makes curl send a request; the answer's headers, then its content, then
/// a line of figures go to its output. With `output` the content goes to that file.
///
/// # Errors
///
/// A value cannot stand in a configuration, or the scheme is none that is allowed.
pub(super) fn config(request: &HttpRequest, output: Option<&str>) -> Result<Vec<u8>, Failure> {
    let mut config = Config(String::new());
    config.set("url", &request.url)?;
    for flag in ["silent", "show-error", "globoff"] {
        config.flag(flag);
    }
    config.set("proto", "=http,https,ftp,file")?;
    config.set("proto-redir", "=http,https")?;
    config.set("dump-header", "-")?;
    config.set("output", output.unwrap_or("-"))?;
    config.set("write-out", TRAILER)?;
    config.set("max-time", &request.timeout.max(1).to_string())?;
    if request.follows() {
        config.flag("location");
        config.set("max-redirs", "10")?;
    }
    config.method(request)?;
    for (name, value) in &request.headers {
        // With nothing behind the colon curl would leave a header out.
        let separator = if value.is_empty() { ";" } else { ": " };
        config.set("header", &format!("{name}{separator}{value}"))?;
    }
    if let Some((user, password)) = &request.login {
        config.set("user", &format!("{user}:{}", password.reveal()))?;
        config.flag(if request.basic { "basic" } else { "anyauth" });
    }
    if !request.verify {
        config.flag("insecure");
    }
    for (name, value) in ["cacert", "cert", "key"].into_iter().zip(&request.certificates) {
        if let Some(value) = value {
            config.set(name, value)?;
        }
    }
    if !request.ciphers.is_empty() {
        config.set("ciphers", &request.ciphers.join(":"))?;
    }
    if !request.proxy {
        config.set("noproxy", "*")?;
    }
    if let Some(socket) = &request.socket {
        config.set("unix-socket", socket)?;
    }
    Ok(config.0.into_bytes())
}

struct Config(String);

impl Config {
    fn flag(&mut self, name: &str) {
        let _ = writeln!(self.0, "{name}");
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        if value.contains('\0') {
            return Err(Failure::new(format!("a NUL byte cannot be part of a request's {name}")));
        }
        let _ = write!(self.0, "{name} = \"");
        for c in value.chars() {
            match c {
                '\\' => self.0.push_str("\\\\"),
                '"' => self.0.push_str("\\\""),
                '\n' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                '\t' => self.0.push_str("\\t"),
                c => self.0.push(c),
            }
        }
        self.0.push_str("\"\n");
        Ok(())
    }

    /// The method and what is sent. `POST` and `HEAD` have ways of their own: after a redirection
    /// a method that is named would be kept.
    fn method(&mut self, request: &HttpRequest) -> Result<(), Failure> {
        match &request.body {
            Some(Body::Text(text)) => self.set("data-raw", text)?,
            Some(Body::File(path)) => self.set("data-binary", &format!("@{path}"))?,
            None if request.method == "POST" => self.set("data-raw", "")?,
            None => {}
        }
        match (request.method.as_str(), &request.body) {
            ("HEAD", _) => self.flag("head"),
            ("GET", None) | ("POST", _) => {}
            (method, _) => self.set("request", method)?,
        }
        Ok(())
    }
}

/// No answer came.
pub(super) fn no_answer(url: &str, why: &str) -> Failure {
    Failure::new(format!("no answer from {url}: {why}")).returning(
        Returned::new()
            .with("status", -1)
            .with("url", url)
            .with("msg", format!("Status code was -1 and not [200]: Request failed: {why}")),
    )
}

/// Why no answer came.
pub(super) fn failure(url: &str, output: &Output) -> Failure {
    let said = output.stderr_text();
    let line = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
    // `curl: (7) Failed to connect …`; a script around it may have ended with another status.
    let (code, why) = line.split_once(") ").unwrap_or(("", line));
    let code = code.strip_prefix("curl: (").and_then(|code| code.parse().ok());
    let failure = no_answer(url, why);
    match code.unwrap_or(output.status) {
        7 => failure.help(
            "the request is made on the host: does the server run, and may the host reach it?",
        ),
        6 => failure.help("the name is looked up on the host: `getent hosts` shows what it knows"),
        28 => failure.help("`timeout` is how many seconds it may take"),
        35 | 51 | 58 | 60 | 77 => {
            failure.help("`ca_path` names a file with the certificate of who signed the server's")
        }
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Secret;

    #[test]
    fn everything_stands_in_the_configuration() {
        let request = HttpRequest {
            method: "PUT".to_owned(),
            url: "https://a/\"x\\".to_owned(),
            headers: [("X-A".to_owned(), "1".to_owned()), ("X-B".to_owned(), String::new())].into(),
            body: Some(Body::Text("a\n\"b\"".to_owned())),
            login: Some(("me".to_owned(), Secret::new("s3cret".to_owned()))),
            timeout: 30,
            ..HttpRequest::default()
        };
        let text = String::from_utf8(config(&request, None).unwrap()).unwrap();
        insta::assert_snapshot!(text, @r#"
        url = "https://a/\"x\\"
        silent
        show-error
        globoff
        proto = "=http,https,ftp,file"
        proto-redir = "=http,https"
        dump-header = "-"
        output = "-"
        write-out = "\n%{http_code} %{size_header} %{url_effective}"
        max-time = "30"
        data-raw = "a\n\"b\""
        request = "PUT"
        header = "X-A: 1"
        header = "X-B;"
        user = "me:s3cret"
        anyauth
        insecure
        noproxy = "*"
        "#);
        let nul = HttpRequest { url: "a\0".to_owned(), ..HttpRequest::default() };
        assert!(config(&nul, None).is_err());
    }

    #[test]
    fn says_why_no_answer_came() {
        let output = Output {
            status: 7,
            stderr: b"curl: (7) Failed to connect to x port 80: Connection refused\n".to_vec(),
            ..Output::default()
        };
        assert_eq!(
            failure("http://x/", &output).to_string(),
            "no answer from http://x/: Failed to connect to x port 80: Connection refused"
        );
    }
}
