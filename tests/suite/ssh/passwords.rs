//! Logging in by password, at a server that counts what it is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use rplay::base::Secret;
use rplay::remote::{Connection as _, ConnectionError, HostKeyChecking, SshOptions, Target};
use russh::server::{Auth, Config, Handler, Response, run_stream};
use russh::{MethodKind, MethodSet};

use super::server;

const PASSWORD: &str = "hunter2";

/// A server's manners, and how often it was sent a password.
#[derive(Clone, Default)]
struct Manners {
    /// By which methods it lets in; none is let in by keys.
    methods: Vec<MethodKind>,
    /// What it asks, one after another, each alone.
    questions: Vec<&'static str>,
    asked: usize,
    sent: Arc<AtomicUsize>,
}

impl Manners {
    fn new(methods: &[MethodKind]) -> Self {
        Self { methods: methods.to_vec(), questions: vec!["Password: "], ..Self::default() }
    }

    fn judge(&self, password: &[u8]) -> Auth {
        self.sent.fetch_add(1, Relaxed);
        if password == PASSWORD.as_bytes() { Auth::Accept } else { Auth::reject() }
    }
}

impl Handler for Manners {
    type Error = russh::Error;

    async fn auth_password(&mut self, _: &str, password: &str) -> Result<Auth, Self::Error> {
        assert!(self.methods.contains(&MethodKind::Password), "not what was offered");
        Ok(self.judge(password.as_bytes()))
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _: &str,
        _: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        if let Some(answer) = response.and_then(|mut answers| answers.next()) {
            let judged = self.judge(&answer);
            if self.asked == self.questions.len() || !matches!(judged, Auth::Accept) {
                return Ok(judged);
            }
        }
        let question = self.questions[self.asked];
        self.asked += 1;
        Ok(Auth::Partial {
            name: "".into(),
            instructions: "".into(),
            prompts: vec![(question.into(), false)].into(),
        })
    }
}

/// Logs in at a server of these manners.
async fn log_in(manners: &Manners, password: &str) -> Result<(), ConnectionError> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = SshOptions {
        port: listener.local_addr().unwrap().port(),
        user: "ops".into(),
        password: Some(Secret::new(password.to_owned())),
        identity_files: vec!["/nowhere/key".into()],
        agent: None,
        known_hosts: vec![],
        host_key_checking: HostKeyChecking::Off,
        ..SshOptions::new("127.0.0.1")
    };
    let mut methods = MethodSet::empty();
    manners.methods.iter().for_each(|method| methods.push(*method));
    let directory = tempfile::tempdir().unwrap();
    server::make_key(&directory.path().join("host"), "ed25519");
    let key = russh::keys::load_secret_key(directory.path().join("host"), None).unwrap();
    let config = Config {
        methods,
        keys: vec![key],
        auth_rejection_time: Duration::ZERO,
        ..Config::default()
    };
    let manners = manners.clone();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let _ = run_stream(Arc::new(config), stream, manners).await.unwrap().await;
    });
    // Nothing can be reached from there; to be told so, one must be in.
    let target = Target::Tcp("nowhere".into(), 1);
    match server::connection(options).open(&target, None).await {
        Err(ConnectionError::Refused(_)) => Ok(()),
        Err(error) => Err(error),
        Ok(_) => panic!("there is nothing to be reached"),
    }
}

#[tokio::test]
async fn a_password_is_sent_in_the_way_the_host_takes_it() {
    use MethodKind::{KeyboardInteractive, Password};
    for methods in [&[Password][..], &[KeyboardInteractive], &[Password, KeyboardInteractive]] {
        let manners = Manners::new(methods);
        log_in(&manners, PASSWORD).await.unwrap();
        assert_eq!(manners.sent.load(Relaxed), 1, "{methods:?}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_sent_once() {
    use MethodKind::{KeyboardInteractive, Password};
    for methods in [&[Password][..], &[KeyboardInteractive], &[Password, KeyboardInteractive]] {
        let manners = Manners::new(methods);
        let error = log_in(&manners, "wrong").await.unwrap_err().to_string();
        assert_eq!(manners.sent.load(Relaxed), 1, "{methods:?}: {error}");
        assert!(error.contains("does not let `ops` in"), "{error}");
        assert!(!error.contains("wrong"), "{error}");
    }
}

#[tokio::test]
async fn a_question_that_is_not_for_the_password_is_told() {
    let mut manners = Manners::new(&[MethodKind::KeyboardInteractive]);
    manners.questions.push("Verification code: ");
    let error = log_in(&manners, PASSWORD).await.unwrap_err().to_string();
    assert!(
        error.contains("the host asks `Verification code:`, which cannot be answered"),
        "{error}"
    );
}
