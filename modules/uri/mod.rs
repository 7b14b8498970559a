//! `uri`: see [`Args`], which is also what `rplay doc uri` prints.

mod body;

use serde::Serialize;

use crate::sdk::command::{Guard, GuardState};
use crate::sdk::file::{Algorithm, FileAttributes, Look, Source, WantedFile, base_name};
use crate::sdk::http::{Body, Follow, HttpOptions, HttpRequest, HttpResponse};
use crate::sdk::{
    Arguments, CheckMode, Diff, Failure, Module, Observer, Operator, Plan, Returned, Rule, Side,
    Value,
};

const RULES: &[Rule] = &[Rule::Exclusive(&["body", "src"])];

/// Makes an HTTP request from the host and returns what is answered.
///
/// The host needs `curl` for everything but plain `http`. The task fails when the answer's status
/// is not among `status_code`. In check mode no request is made, and the task counts as skipped.
#[derive(Debug, Arguments)]
#[arguments(rules = RULES)]
pub struct Args {
    /// Where the request goes.
    url: String,
    /// The method.
    #[arg(default = "GET")]
    method: String,
    /// What is sent: text, or a value that `body_format` makes text of.
    body: Option<Value>,
    /// How `body` is written.
    #[arg(default)]
    body_format: body::Format,
    /// File that is sent: of the machine that runs rplay, or of the host with `remote_src`.
    src: Option<String>,
    /// Whether `src` is on the host.
    #[arg(default)]
    remote_src: bool,
    /// The statuses that are good.
    #[arg(default = vec![200])]
    status_code: Vec<u16>,
    /// Whether the content is returned, as `content`. JSON always is, as `json`.
    #[arg(default)]
    return_content: bool,
    /// Which redirections are followed: `safe` are those of `GET` and `HEAD`.
    #[arg(default)]
    follow_redirects: Follow,
    /// How long it may take, in seconds.
    #[arg(default = 30_u32)]
    timeout: u32,
    /// Socket of the host that takes the request.
    unix_socket: Option<String>,
    /// File or directory of the host in which the content is put.
    dest: Option<String>,
    /// Path or pattern of a file: where it exists no request is made.
    creates: Option<String>,
    /// Path or pattern of a file: where it does not exist no request is made.
    removes: Option<String>,
    /// Whether a cache on the way is passed by.
    #[arg(default)]
    force: bool,
    /// Not used: answers are asked for as they are.
    #[expect(dead_code, reason = "answers are asked for as they are")]
    decompress: Option<bool>,
    /// How the request is made.
    #[arg(flatten)]
    options: HttpOptions,
    /// Owner, group and permissions of `dest`.
    #[arg(flatten)]
    attributes: FileAttributes,
}

/// A request, and what becomes of the answer.
#[derive(Debug, Serialize)]
pub struct Call {
    request: HttpRequest,
    /// The file of the controller that is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    src: Option<String>,
    good: Vec<u16>,
    return_content: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    dest: Option<String>,
    #[serde(skip)]
    attributes: FileAttributes,
}

impl Module for Args {
    type State = GuardState;
    type Change = Call;

    fn check_mode(&self) -> CheckMode {
        CheckMode::CannotTell
    }

    async fn observe(&self, host: &Observer<'_>) -> Result<GuardState, Failure> {
        self.guard().observe(host).await
    }

    fn plan(&self, now: &GuardState) -> Result<Plan<Call>, Failure> {
        if let Some(returned) = self.guard().reason(*now) {
            return Ok(Plan::Keep(returned));
        }
        let request = self.request()?;
        let diff = Diff::command([request.method.clone(), self.url.clone()]);
        let call = Call {
            request,
            src: self.src.clone().filter(|_| !self.remote_src),
            good: self.status_code.clone(),
            return_content: self.return_content,
            dest: self.dest.clone(),
            attributes: self.attributes.clone(),
        };
        Ok(Plan::change(call, diff))
    }

    async fn apply(call: Call, host: &Operator<'_>) -> Result<Returned, Failure> {
        call.apply(host).await
    }
}

impl Args {
    fn guard(&self) -> Guard {
        Guard { chdir: None, creates: self.creates.clone(), removes: self.removes.clone() }
    }

    fn request(&self) -> Result<HttpRequest, Failure> {
        let mut request = HttpRequest::new(&self.method, &self.url, self.timeout, &self.options);
        request.follow = self.follow_redirects;
        request.socket.clone_from(&self.unix_socket);
        if self.force {
            request.headers.insert("Cache-Control".to_owned(), "no-cache".to_owned());
        }
        request.body = match (&self.body, &self.src) {
            (Some(body), _) => Some(Body::Text(self.body_format.write(body)?)),
            (None, Some(src)) if self.remote_src => Some(Body::File(src.clone())),
            (None, _) => None,
        };
        let has_type = request.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
        if let Some(kind) = self.body_format.media_type().filter(|_| !has_type) {
            request.headers.insert("Content-Type".to_owned(), kind.to_owned());
        }
        Ok(request)
    }
}

impl Call {
    async fn apply(mut self, host: &Operator<'_>) -> Result<Returned, Failure> {
        if let Some(src) = &self.src {
            let controller = host.controller();
            let path = controller.find(crate::sdk::Search::Files, src)?;
            let bytes = controller.read(&path)?;
            let text = String::from_utf8(bytes.to_vec()).map_err(|_| {
                Failure::new(format!("{src} is not text"))
                    .help("copy it to the host first, and send it with `remote_src: true`")
            })?;
            self.request.body = Some(Body::Text(text));
        }
        let start = std::time::Instant::now();
        let response = self.request.send(host).await?;
        let good = self.good.contains(&response.status);
        let returned = self.returned(&response, good).with("elapsed", start.elapsed().as_secs());
        if !good {
            let wanted: Vec<String> = self.good.iter().map(u16::to_string).collect();
            let (status, reason) = (response.status, &response.reason);
            let message = format!(
                "Status code was {status} and not [{}]: HTTP Error {status}: {reason}",
                wanted.join(", ")
            );
            return Err(Failure::new(message.clone()).returning(returned.with("msg", message)));
        }
        match &self.dest {
            Some(dest) => Ok(returned.and(self.save(dest, response, host).await?)),
            None => Ok(returned.with("changed", false)),
        }
    }

    fn returned(&self, response: &HttpResponse, good: bool) -> Returned {
        // Values of headers must not hide those that are always there.
        let mut returned = Returned::from(response.fields())
            .with("status", response.status)
            .with("url", &response.url)
            .with("redirected", response.url != self.request.url)
            .with("msg", format!("{} ({} bytes)", response.reason, response.body.len()))
            .with("cookies", response.cookies())
            .with("cookies_string", cookies(response));
        if let Some(json) = response.json() {
            returned.set("json", json);
        }
        if self.return_content || !good {
            returned.set("content", response.text());
        }
        returned
    }

    /// Puts the content into a file.
    async fn save(
        &self,
        dest: &str,
        response: HttpResponse,
        host: &Operator<'_>,
    ) -> Result<Returned, Failure> {
        let path = response.url.split(['?', '#']).next().unwrap_or_default();
        let name = match base_name(path) {
            "" => "index.html",
            name => name,
        };
        let source = Source::bytes(response.body);
        let seen = Look::at(dest)
            .inside(name)
            .checksum(Algorithm::Sha1)
            .content(Side::SHOWN)
            .unless(&source.checksum)
            .attributes(&self.attributes)
            .see(&host.observer())
            .await?;
        let wanted = WantedFile {
            source,
            attributes: &self.attributes,
            force: true,
            backup: false,
            validate: None,
            follow: true,
            edited: false,
        };
        let returned = Returned::new().with("path", &seen.path);
        match wanted.plan(&seen)? {
            Plan::Keep(kept) => Ok(kept.and(returned).with("changed", false)),
            Plan::Change { change, returned: planned, .. } => {
                let done = change.apply(host).await?;
                Ok(planned.and(done).and(returned).with("changed", true))
            }
        }
    }
}

fn cookies(response: &HttpResponse) -> String {
    let pairs: Vec<String> = response
        .cookies()
        .iter()
        .map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()))
        .collect();
    pairs.join("; ")
}
