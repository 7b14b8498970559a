//! An Engine made of scripts, behind a connection made of pipes.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::*;
use crate::base::Secret;
use crate::remote::docker::{Body, Credentials, Method};
use crate::remote::{BecomeMethod, ConnectionError, Exec, Later, Output, Stream, Target};

/// What the host does when a stream is opened.
#[derive(Debug, Clone, Copy)]
enum Opened {
    /// It leads to the Engine, which closes it after so many answers.
    Engine(usize),
    /// The Engine takes up so many requests, and closes instead of answering the last.
    Cut(usize),
    /// The Engine never answers.
    Silent,
    /// sshd refuses it.
    Refused,
}

#[derive(Debug, Default)]
struct Seen {
    opened: Vec<Target>,
    users: Vec<Option<String>>,
    requests: Vec<String>,
}

#[derive(Debug)]
struct FakeHost {
    plan: Mutex<VecDeque<Opened>>,
    seen: Arc<Mutex<Seen>>,
    look: Output,
}

impl FakeHost {
    fn new(plan: impl IntoIterator<Item = Opened>) -> Arc<Self> {
        Self::with_look(plan, "", "")
    }

    fn with_look(plan: impl IntoIterator<Item = Opened>, out: &str, err: &str) -> Arc<Self> {
        let look = Output { stdout: out.into(), stderr: err.into(), ..Output::default() };
        let plan = Mutex::new(plan.into_iter().collect());
        Arc::new(Self { plan, seen: Arc::default(), look })
    }

    fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().requests.clone()
    }
}

impl Connection for FakeHost {
    fn exec<'a>(&'a self, _: &'a Exec, _: Option<&'a Become>) -> Later<'a, Output> {
        Box::pin(async { Ok(self.look.clone()) })
    }

    fn open<'a>(
        &'a self,
        target: &'a Target,
        login: Option<&'a Become>,
    ) -> Later<'a, Box<dyn Stream>> {
        Box::pin(async move {
            let mut seen = self.seen.lock().unwrap();
            seen.opened.push(target.clone());
            seen.users.push(login.map(|login| login.user.clone()));
            let opened = self.plan.lock().unwrap().pop_front().unwrap_or(Opened::Refused);
            if let Opened::Refused = opened {
                return Err(ConnectionError::Refused("open failed".to_owned()));
            }
            let (ours, theirs) = tokio::io::duplex(64 * 1024);
            tokio::spawn(serve(theirs, opened, Arc::clone(&self.seen)));
            Ok(Box::new(ours) as Box<dyn Stream>)
        })
    }

    fn close(&self) -> Later<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// Answers requests until the plan says otherwise.
async fn serve(mut stream: DuplexStream, opened: Opened, seen: Arc<Mutex<Seen>>) {
    let (answers, cut) = match opened {
        Opened::Engine(answers) => (answers, false),
        Opened::Cut(requests) => (requests - 1, true),
        Opened::Silent | Opened::Refused => (0, true),
    };
    for _ in 0..answers {
        let Some(request) = read_request(&mut stream).await else { return };
        seen.lock().unwrap().requests.push(request.clone());
        let answer = answer_to(&request);
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
    if cut && let Some(request) = read_request(&mut stream).await {
        seen.lock().unwrap().requests.push(request);
    }
    if let Opened::Silent = opened {
        tokio::time::sleep(Duration::from_hours(1)).await;
    }
}

/// One request as `METHOD path body`.
async fn read_request(stream: &mut DuplexStream) -> Option<String> {
    let mut head = vec![];
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let header = |name: &str| {
        head.lines().find_map(|line| line.strip_prefix(name).map(|value| value.trim().to_owned()))
    };
    let mut body = vec![0; header("content-length:").map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    if header("transfer-encoding:").is_some() {
        while !body.ends_with(b"0\r\n\r\n") {
            body.push(stream.read_u8().await.ok()?);
        }
    }
    let auth = header("x-registry-auth:").map_or_else(String::new, |auth| format!(" auth={auth}"));
    let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let body = String::from_utf8(body).unwrap();
    Some(format!("{line}{auth} {body}").trim_end().to_owned())
}

fn answer_to(request: &str) -> String {
    let mut words = request.split(' ');
    let method = words.next().unwrap_or_default();
    let path = words.next().unwrap_or_default();
    let (status, body) = match (method, path.trim_start_matches("/v1.41")) {
        ("GET", "/version") => {
            let version = json!({
                "Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12",
                "Os": "linux", "Arch": "amd64",
            });
            (200, version.to_string())
        }
        ("HEAD", "/_ping") => (200, String::new()),
        ("GET", "/networks/web") => (200, json!({"Name": "web"}).to_string()),
        ("GET", "/networks") => (200, "null\n".to_owned()),
        ("POST", "/networks/create") => (201, json!({"Id": "1"}).to_string()),
        ("POST", "/containers/1/start") => (304, String::new()),
        ("DELETE", "/networks/web") => (204, String::new()),
        ("DELETE", "/networks/used") => {
            (403, json!({"message": "network used has active endpoints"}).to_string())
        }
        ("POST", "/images/create?fromImage=busybox") => {
            (200, "{\"status\":\"Pulling\"}\r\n{\"status\":\"Done\"}\r\n".to_owned())
        }
        ("POST", "/images/create?fromImage=missing") => {
            (200, "{\"errorDetail\":{\"message\":\"not found\"},\"error\":\"x\"}\r\n".to_owned())
        }
        ("POST", "/images/load") => (200, "{\"stream\":\"Loaded image: x\"}\r\n".to_owned()),
        ("GET", "/podman") => (404, json!({"message": "page not found"}).to_string()),
        _ => (404, json!({"message": "no such thing"}).to_string()),
    };
    let length = body.len();
    match status {
        204 | 304 => format!("HTTP/1.1 {status} x\r\n\r\n"),
        _ => format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\n\r\n{body}"),
    }
}

fn engine(host: &Arc<FakeHost>) -> Engine {
    Engine::new(Arc::clone(host) as Arc<dyn Connection>, None, Address::default())
}

fn root() -> Become {
    Become::new(BecomeMethod::Sudo, "root")
}

#[tokio::test]
async fn asks_for_the_version_once_and_names_it_in_every_request() {
    let host = FakeHost::new([Opened::Engine(9)]);
    let engine = engine(&host);
    let network: Option<Value> = engine.get(&["networks", "web"]).await.unwrap();
    assert_eq!(network.unwrap()["Name"], "web");
    assert_eq!(engine.get::<Value>(&["networks", "none"]).await.unwrap(), None);
    assert!(engine.list::<Value>(Request::get(&["networks"])).await.unwrap().is_empty());
    let made = engine.post(&["networks", "create"], &json!({"Name": "x"})).await.unwrap();
    assert_eq!(made["Id"], "1");
    let started = engine.send(Request::post(&["containers", "1", "start"])).await.unwrap();
    assert_eq!(started.status, 304);
    assert!(engine.delete(&["networks", "web"]).await.unwrap());
    assert!(!engine.delete(&["networks", "none"]).await.unwrap());
    insta::assert_snapshot!(host.requests().join("\n"), @r#"
    GET /version
    GET /v1.41/networks/web
    GET /v1.41/networks/none
    GET /v1.41/networks
    POST /v1.41/networks/create {"Name":"x"}
    POST /v1.41/containers/1/start
    DELETE /v1.41/networks/web
    DELETE /v1.41/networks/none
    "#);
    assert_eq!(engine.requests(), 8);
    assert_eq!(host.seen.lock().unwrap().opened.len(), 1, "one connection for all of them");
}

#[tokio::test]
async fn the_engines_refusal_is_told_in_its_own_words() {
    let host = FakeHost::new([Opened::Engine(9)]);
    let engine = engine(&host);
    let error = engine.delete(&["networks", "used"]).await.unwrap_err();
    assert_eq!(error.status(), Some(403));
    assert_eq!(error.to_string(), "network used has active endpoints");
    let error = engine.get::<Value>(&["podman"]).await.unwrap_err();
    assert_eq!(error.status(), Some(404), "a path the API does not have is not an absent object");
}

#[tokio::test]
async fn a_question_is_asked_again_where_the_connection_was_closed() {
    let host = FakeHost::new([Opened::Cut(2), Opened::Engine(9)]);
    let engine = engine(&host);
    engine.version().await.unwrap();
    assert!(engine.get::<Value>(&["networks", "web"]).await.unwrap().is_some());
    let version = engine.version().await.unwrap();
    assert_eq!(version.engine, "20.10.24");
    let asked = host.requests().iter().filter(|request| *request == "GET /version").count();
    assert_eq!(asked, 2, "an Engine that went away may come back as another release");
}

#[tokio::test]
async fn a_change_is_never_made_twice() {
    let host = FakeHost::new([Opened::Cut(2), Opened::Engine(9)]);
    let engine = engine(&host);
    let error = engine.post(&["networks", "create"], &json!({})).await.unwrap_err();
    assert!(matches!(error, EngineError::Connection(ConnectionError::Lost { .. })), "{error:?}");
    let made = host.requests().iter().filter(|request| request.starts_with("POST")).count();
    assert_eq!(made, 1);
}

#[tokio::test]
async fn a_refused_socket_leads_to_the_program_and_that_is_remembered() {
    let host = FakeHost::new([Opened::Refused, Opened::Engine(1), Opened::Engine(9)]);
    let engine = engine(&host);
    engine.version().await.unwrap();
    assert!(engine.get::<Value>(&["networks", "web"]).await.unwrap().is_some());
    let dial = Target::Program(
        ["docker", "--host", "unix:///var/run/docker.sock", "system", "dial-stdio"]
            .map(str::to_owned)
            .to_vec(),
    );
    let socket = Target::Unix("/var/run/docker.sock".to_owned());
    assert_eq!(host.seen.lock().unwrap().opened, [socket, dial.clone(), dial]);
}

#[tokio::test]
async fn become_opens_the_program_as_that_user_and_proves_it_before_a_change() {
    let host = FakeHost::new([Opened::Engine(1), Opened::Engine(9)]);
    let connection = Arc::clone(&host) as Arc<dyn Connection>;
    let engine = Engine::new(connection, Some(root()), Address::default());
    engine.post(&["networks", "create"], &json!({})).await.unwrap();
    assert_eq!(host.requests()[1..], ["HEAD /_ping", "POST /v1.41/networks/create {}"]);
    assert_eq!(host.seen.lock().unwrap().users, [Some("root".to_owned()), Some("root".to_owned())]);
}

#[tokio::test]
async fn no_way_in_is_explained() {
    let host = FakeHost::with_look([Opened::Refused, Opened::Engine(0)], "command\n", "x");
    let error = engine(&host).version().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the Docker Engine is not running: there is no socket /var/run/docker.sock"
    );
    let host = FakeHost::new([Opened::Refused]);
    let connection = Arc::clone(&host) as Arc<dyn Connection>;
    let address = Address::parse("tcp://10.0.0.5:2375").unwrap();
    let error = Engine::new(connection, Some(root()), address).version().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no Docker Engine answers at tcp://10.0.0.5:2375 as seen from the host: open failed"
    );
    assert_eq!(host.seen.lock().unwrap().users, [None], "a port is opened as the login user");
}

#[tokio::test(start_paused = true)]
async fn nothing_hangs() {
    let host = FakeHost::new([Opened::Silent]);
    let error = engine(&host).version().await.unwrap_err();
    assert_eq!(error, EngineError::TimedOut(Duration::from_mins(1)));
}

#[tokio::test]
async fn an_answer_in_parts_is_read_line_by_line() {
    let host = FakeHost::new([Opened::Engine(9), Opened::Engine(9)]);
    let engine = engine(&host);
    let pull = |image: &str| Request::post(&["images", "create"]).query("fromImage", image);
    let mut told = Transcript::default();
    engine.follow(pull("busybox"), &mut told).await.unwrap();
    assert_eq!(told.statuses, ["Pulling", "Done"]);
    let error = engine.follow(pull("missing"), &mut told).await.unwrap_err();
    assert_eq!(error, EngineError::Failed("not found".to_owned()));
    let error = engine.follow(pull("none"), &mut told).await.unwrap_err();
    assert_eq!(error.status(), Some(404));
}

#[tokio::test]
async fn a_stream_goes_over_a_connection_of_its_own() {
    let host = FakeHost::new([Opened::Engine(1), Opened::Engine(9)]);
    let engine = engine(&host);
    let parts = ["tar", "red"].map(|part| Ok(Bytes::from(part)));
    let body = Body::TarStream(Box::pin(futures_util::stream::iter(parts)));
    let header = Credentials::header(None, &crate::base::Redactor::default());
    let load = Request::new(Method::POST, &["images", "load"])
        .header(Credentials::HEADER, header)
        .body(body);
    let mut told = Transcript::default();
    engine.follow(load, &mut told).await.unwrap();
    assert_eq!(told.text, "Loaded image: x");
    assert_eq!(
        host.requests()[1],
        "POST /v1.41/images/load auth=e30= 3\r\ntar\r\n3\r\nred\r\n0\r\n\r\n".trim_end()
    );
}

#[tokio::test(start_paused = true)]
async fn what_takes_long_keeps_no_other_from_its_answer_and_costs_none_its_time() {
    let slow = [Opened::Engine(1), Opened::Silent, Opened::Silent, Opened::Silent];
    let host = FakeHost::new([&slow[..], &[Opened::Engine(9), Opened::Engine(9)]].concat());
    let engine = engine(&host);
    engine.version().await.unwrap();
    let pulls = futures_util::future::join_all((0..5).map(|_| async {
        let pull = Request::post(&["images", "create"]).query("fromImage", "busybox");
        engine.follow(pull, &mut Transcript::default()).await
    }));
    let ask = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        engine.get::<Value>(&["networks", "web"]).await
    };
    let (pulls, asked) = tokio::join!(pulls, ask);
    assert!(asked.unwrap().is_some());
    let late = Err(EngineError::TimedOut(Duration::from_mins(1)));
    assert_eq!(pulls, [late.clone(), late.clone(), late, Ok(()), Ok(())]);
}

#[tokio::test]
async fn tasks_share_the_connections_of_one_engine() {
    let host = FakeHost::new([Opened::Engine(9)]) as Arc<dyn Connection>;
    let engines = Engines::default();
    let address = Address::default();
    let first = engines.engine(&host, None, &address, None);
    let again = engines.engine(&host, None, &address, None);
    let raised = engines.engine(&host, Some(&root()), &address, None);
    assert!(Arc::ptr_eq(&first.0, &again.0));
    assert!(!Arc::ptr_eq(&first.0, &raised.0));
}

#[test]
fn a_header_with_a_line_break_is_refused() {
    let mut request = Request::get(&["x"]).header("X-A", Secret::new("a\r\nb: c".to_owned()));
    assert!(matches!(request.outgoing(None), Err(EngineError::Answer(_))));
}
