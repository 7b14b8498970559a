//! The modules that make requests, with curl and without, against a server of the test's own.

use rplay::sdk::{Failure, RunMode};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::local::machines;

/// Answers requests by their path until the test ends; returns where.
async fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    url
}

async fn serve(stream: TcpStream) {
    let mut stream = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) < 3 {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("the whole body");
    let path = head.split(' ').nth(1).unwrap_or("/").to_owned();
    let unchanged = head.to_lowercase().contains("if-modified-since");
    let (status, headers, content) = match path.as_str() {
        "/json" => (
            "200 OK",
            "Content-Type: application/json\r\nSet-Cookie: a=b; Path=/\r\n",
            "{\"a\": [1]}".to_owned(),
        ),
        "/away" => ("302 Found", "Location: /json\r\n", String::new()),
        "/file.txt" if unchanged => ("304 Not Modified", "", String::new()),
        "/file.txt" => {
            ("200 OK", "Last-Modified: Thu, 01 Jan 2015 00:00:00 GMT\r\n", "content\n".to_owned())
        }
        "/sums" => ("200 OK", "", format!("{}  other\n{} *./file.txt\n", "0".repeat(64), SUM)),
        "/echo" => {
            let body = String::from_utf8_lossy(&body);
            ("201 Created", "", format!("{}|{body}", head.replace("\r\n", "|")))
        }
        _ => ("404 Not Found", "", "nothing here".to_owned()),
    };
    let length = content.len();
    let content = if head.starts_with("HEAD") { "" } else { &content };
    let answer = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{content}"
    );
    stream.write_all(answer.as_bytes()).await.expect("somebody listens");
}

/// The SHA-256 of `content\n`.
const SUM: &str = "434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53";

#[tokio::test]
async fn uri_returns_what_is_answered() {
    let url = server().await;
    for machine in machines() {
        let run = async |args: String| machine.run("uri", &args, RunMode::Apply).await;
        let outcome = run(format!("{{url: '{url}/away', return_content: true}}")).await.unwrap();
        let field = |name| outcome.returned.get(name).unwrap_or(&json!(null)).clone();
        assert!(!outcome.changed, "{}", machine.name);
        assert_eq!((field("status"), field("redirected")), (json!(200), json!(true)));
        assert_eq!((field("json"), field("content")), (json!({"a": [1]}), json!("{\"a\": [1]}")));
        assert_eq!(
            (field("content_type"), field("cookies")),
            (json!("application/json"), json!({"a": "b"}))
        );
        assert_eq!(field("url"), json!(format!("{url}/json")));

        let args = format!(
            "{{url: '{url}/echo', method: POST, body_format: json, body: {{k: \"v\\n\"}}, \
             status_code: 201, user: me, password: s3cret, force_basic_auth: true, \
             headers: {{X-Own: a b}}, return_content: true}}"
        );
        let outcome = run(args).await.unwrap();
        let said = outcome.returned.get("content").unwrap().as_str().unwrap().to_lowercase();
        for part in ["post /echo", "x-own: a b", "basic bwu6cznjcmv0", "{\"k\":\"v\\n\"}", "/json"]
        {
            assert!(said.contains(part), "{}: {part} in {said}", machine.name);
        }

        let Failure::Task { message, returned, .. } =
            run(format!("{{url: '{url}/none'}}")).await.unwrap_err()
        else {
            panic!("a task fails")
        };
        assert_eq!(message, "Status code was 404 and not [200]: HTTP Error 404: Not Found");
        assert_eq!(returned.get("status").unwrap(), 404);
        assert_eq!(returned.get("content").unwrap(), "nothing here");

        let args = format!("{{url: '{url}/json', dest: '{{}}', mode: '0600'}}");
        assert!(run(args.clone()).await.unwrap().changed);
        assert!(!run(args).await.unwrap().changed, "{}", machine.name);
        assert_eq!((machine.read("json").as_str(), machine.mode("json")), ("{\"a\": [1]}", 0o600));
    }
}

#[tokio::test]
async fn uri_says_why_no_answer_came() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    for machine in machines() {
        let message = machine.fails("uri", &format!("{{url: 'http://127.0.0.1:{port}/'}}")).await;
        let start = format!("no answer from http://127.0.0.1:{port}/: ");
        assert!(message.starts_with(&start), "{}: {message}", machine.name);
        assert!(message.to_lowercase().contains("refused") || message.contains("connect"));
        if machine.name == "busybox" {
            assert_eq!(
                machine.fails("uri", "{url: 'https://127.0.0.1/'}").await,
                "no answer from https://127.0.0.1/: the host has no `curl`, which this URL needs"
            );
        }
    }
}

#[tokio::test]
async fn get_url_downloads_once() {
    let url = server().await;
    for machine in machines() {
        let args = format!("{{url: '{url}/file.txt', dest: '{{}}', mode: '0640'}}");
        let run = async |args: &str| machine.run("get_url", args, RunMode::Apply).await;
        let checked = machine.run("get_url", &args, RunMode::Check).await.unwrap();
        assert!(checked.changed && machine.names().is_empty(), "{}", machine.name);
        let outcome = run(&args).await.unwrap();
        assert!(outcome.changed);
        assert_eq!(machine.read("file.txt"), "content\n", "{}", machine.name);
        assert_eq!(machine.mode("file.txt"), 0o640);
        assert_eq!(outcome.returned.get("status_code").unwrap(), 200);
        assert!(!run(&args).await.unwrap().changed, "{}: the server has no newer", machine.name);
        let forced = format!("{{url: '{url}/file.txt', dest: '{{}}/file.txt', force: true}}");
        assert!(!run(&forced).await.unwrap().changed, "{}: it is the same", machine.name);
        let known =
            format!("{{url: '{url}/gone', dest: '{{}}/file.txt', checksum: 'sha256:{SUM}'}}");
        machine.rests("get_url", &known).await;
        let listed =
            format!("{{url: '{url}/file.txt', dest: '{{}}/b', checksum: 'sha256:{url}/sums'}}");
        assert!(run(&listed).await.unwrap().changed);

        let zeros = "0".repeat(64);
        let bad = format!("{{url: '{url}/file.txt', dest: '{{}}/b', checksum: 'sha256:{zeros}'}}");
        assert_eq!(
            machine.fails("get_url", &bad).await,
            format!("The checksum for {url}/file.txt did not match {zeros}; it was {SUM}.")
        );
        assert_eq!(
            machine.fails("get_url", &format!("{{url: '{url}/none', dest: '{{}}/c'}}")).await,
            format!("Request failed: {url}/none answers HTTP Error 404: Not Found"),
            "{}",
            machine.name
        );
        assert_eq!(machine.names(), ["b", "file.txt"], "{}: nothing is left behind", machine.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lookup_gives_what_is_answered() {
    let url = server().await;
    let playbook = r#"
- hosts: localhost
  gather_facts: false
  vars:
    ansible_lookup_url_agent: of the variable
    echo: "{{ lookup('url', server ~ '/echo', username='me', password='p\"w', headers={'X-Own': 'a b'}) }}"
  tasks:
    - assert:
        that:
          - (lookup('url', server ~ '/json') | from_json).a == [1]
          - (lookup('url', server ~ '/away') | from_json).a == [1]
          - query('url', server ~ '/sums') | length == 2
          - query('url', server ~ '/sums', split_lines=false) | length == 1
          - "'x-own: a b' in echo | lower"
          - "'user-agent: of the variable' in echo | lower"
          - "('authorization: basic ' ~ ('me:p\"w' | b64encode)) | lower in echo | lower"
    - debug: {msg: "{{ lookup('url', server ~ '/missing') }}"}
      register: missing
      ignore_errors: true
    - debug: {msg: "{{ lookup('url', server ~ '/away', follow_redirects='none') | length }}"}
    - debug: {msg: "{{ lookup('url', 'file:///etc/passwd') }}"}
      register: file
      ignore_errors: true
    - assert:
        that:
          - missing.msg is search('Received HTTP error for http.*404')
          - file.msg is search('no address of HTTP')
"#;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("site.yml"), playbook).unwrap();
    let mut rplay = std::process::Command::new(env!("CARGO_BIN_EXE_rplay"));
    rplay.current_dir(folder.path()).args(["-i", "localhost,", "-c", "local", "site.yml", "-e"]);
    rplay.arg(format!("server={url}")).env("NO_COLOR", "1");
    let output = tokio::task::spawn_blocking(move || rplay.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
