//! Plain requests through the connection's own streams, for hosts without curl.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Method, Request, Uri, header};
use hyper_util::rt::TokioIo;

use super::curl::no_answer;
use super::{Body, HttpRequest, HttpResponse};
use crate::remote::Target;
use crate::sdk::{Failure, Observer};

/// The longest content that is read, in bytes.
const LONGEST: usize = 16 * 1024 * 1024;
/// How many redirections are followed.
const REDIRECTIONS: usize = 10;

/// Makes a request and reads the answer.
pub(super) async fn send(
    request: &HttpRequest,
    host: &Observer<'_>,
) -> Result<HttpResponse, Failure> {
    let time = Duration::from_secs(request.timeout.max(1).into());
    let answer = tokio::time::timeout(time, follow(request, host)).await;
    answer.unwrap_or_else(|_| Err(no_answer(&request.url, "it takes too long")))
}

async fn follow(request: &HttpRequest, host: &Observer<'_>) -> Result<HttpResponse, Failure> {
    let mut request = request.clone();
    for _ in 0..REDIRECTIONS {
        let response = once(&request, host).await?;
        let target = response.header("location").filter(|_| request.follows());
        let Some(target) = target.filter(|_| matches!(response.status, 301..=303 | 307 | 308))
        else {
            return Ok(response);
        };
        if matches!(response.status, 301..=303) && request.method != "HEAD" {
            "GET".clone_into(&mut request.method);
            request.body = None;
        }
        let next = redirected(&request.url, target);
        if origin(&next) != origin(&request.url) {
            // Another server must not learn who logs in here.
            request.login = None;
        }
        request.url = next;
    }
    Err(no_answer(&request.url, "it redirects too often"))
}

/// Where a redirection leads to.
fn redirected(url: &str, target: &str) -> String {
    let start = origin(url).unwrap_or_default();
    match target {
        _ if target.contains("://") => target.to_owned(),
        _ if target.starts_with("//") => {
            format!("{}:{target}", url.split(':').next().unwrap_or("http"))
        }
        _ if target.starts_with('/') => format!("{start}{target}"),
        _ => {
            let path = url[start.len()..].split(['?', '#']).next().unwrap_or_default();
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{start}{folder}/{target}")
        }
    }
}

/// Scheme, name and port of a URL.
fn origin(url: &str) -> Option<&str> {
    let start = url.find("://")? + 3;
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    Some(&url[..end])
}

async fn once(request: &HttpRequest, host: &Observer<'_>) -> Result<HttpResponse, Failure> {
    let unusable = |why: String| no_answer(&request.url, &why);
    let uri: Uri = request.url.parse().map_err(|error| unusable(format!("{error}")))?;
    let target = target(request, &uri)?;
    let stream = host.host().connection.open(&target, host.host().login.as_ref());
    let stream = stream.await.map_err(|error| unusable(error.to_string()))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| unusable(error.to_string()))?;
    let running = tokio::spawn(connection);
    let answer = async {
        let answer = sender.send_request(message(request, &uri)?).await;
        let answer = answer.map_err(|error| unusable(error.to_string()))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, LONGEST).collect().await;
        let body = body.map_err(|error| unusable(error.to_string()))?.to_bytes();
        let headers = head.headers.iter().map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        Ok(HttpResponse {
            status: head.status.as_u16(),
            reason: head.status.canonical_reason().unwrap_or_default().to_owned(),
            url: request.url.clone(),
            headers: headers.collect(),
            body: body.to_vec(),
        })
    };
    let answer = answer.await;
    running.abort();
    answer
}

/// What the stream leads to.
fn target(request: &HttpRequest, uri: &Uri) -> Result<Target, Failure> {
    if let Some(socket) = &request.socket {
        return Ok(Target::Unix(socket.clone()));
    }
    match (uri.scheme_str(), uri.host()) {
        (Some("http"), Some(host)) => {
            let host = host.trim_start_matches('[').trim_end_matches(']');
            Ok(Target::Tcp(host.to_owned(), uri.port_u16().unwrap_or(80)))
        }
        _ => Err(no_answer(&request.url, "the host has no `curl`, which this URL needs")
            .help("install the package `curl`")),
    }
}

/// The request as it is sent.
fn message(request: &HttpRequest, uri: &Uri) -> Result<Request<Full<Bytes>>, Failure> {
    let unusable = |why: &dyn std::fmt::Display| no_answer(&request.url, &why.to_string());
    let method = Method::from_bytes(request.method.as_bytes()).map_err(|error| unusable(&error))?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().map_or("localhost", |authority| {
        let text = authority.as_str();
        text.rsplit_once('@').map_or(text, |(_, host)| host)
    });
    let mut message = Request::builder().method(method).uri(path).header(header::HOST, authority);
    for (name, value) in &request.headers {
        message = message.header(name.as_str(), value.as_str());
    }
    if let Some((user, password)) = &request.login {
        let login = STANDARD.encode(format!("{user}:{}", password.reveal()));
        message = message.header(header::AUTHORIZATION, format!("Basic {login}"));
    }
    let body = match &request.body {
        None => Bytes::new(),
        Some(Body::Text(text)) => Bytes::copy_from_slice(text.as_bytes()),
        Some(Body::File(_)) => {
            return Err(no_answer(&request.url, "the host has no `curl`, which sends files")
                .help("install the package `curl`"));
        }
    };
    message.body(Full::new(body)).map_err(|error| unusable(&error))
}

#[cfg(test)]
mod tests {
    use super::{origin, redirected};

    #[test]
    fn redirections_may_be_relative() {
        let from = |target| redirected("http://a/b/c?d", target);
        assert_eq!(from("https://x/"), "https://x/");
        assert_eq!(from("//x/y"), "http://x/y");
        assert_eq!(from("/y"), "http://a/y");
        assert_eq!(from("y"), "http://a/b/y");
        assert_eq!(redirected("http://a", "y"), "http://a/y");
    }

    #[test]
    fn a_server_is_scheme_name_and_port() {
        assert_eq!(origin("http://a:8080/b?c"), Some("http://a:8080"));
        assert_eq!(origin("http://a?c"), Some("http://a"));
        assert_eq!(origin("/b"), None);
    }
}
