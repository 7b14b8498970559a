//! A host reached by SSH.

use std::sync::Arc;

use tokio::sync::Mutex;

use super::dial::dial;
use super::link::{Link, OpenError};
use super::options::SshOptions;
use super::pool::SshPool;
use crate::remote::program::{ProgramStream, program_line};
use crate::remote::shells::Shells;
use crate::remote::{Become, Connection, ConnectionError, Exec, Later, Output, Stream, Target};

/// One SSH connection to one host, made at its first use and again if it was lost meanwhile.
pub struct SshConnection {
    options: SshOptions,
    pool: SshPool,
    state: Mutex<State>,
    /// How many times connecting has been tried.
    tries: std::sync::atomic::AtomicU64,
}

#[derive(Default)]
struct State {
    session: Option<Arc<Session>>,
    /// Why the last try failed.
    failure: Option<ConnectionError>,
}

/// What exists while a connection is up.
struct Session {
    link: Arc<Link>,
    shells: Shells,
}

impl SshConnection {
    /// Nothing is sent before the first use.
    pub fn new(options: SshOptions, pool: SshPool) -> Self {
        Self { options, pool, state: Mutex::default(), tries: 0.into() }
    }

    /// How the host is reached.
    pub fn options(&self) -> &SshOptions {
        &self.options
    }

    /// The connection that is up, or a new one; whether it is new.
    ///
    /// Whoever waits while another connects shares the outcome, good or bad.
    async fn session(&self) -> Result<(Arc<Session>, bool), ConnectionError> {
        use std::sync::atomic::Ordering::Relaxed;
        let tries = self.tries.load(Relaxed);
        let mut state = self.state.lock().await;
        if let Some(session) = state.session.as_ref().filter(|session| !session.link.is_closed()) {
            return Ok((Arc::clone(session), false));
        }
        if let Some(failure) = state.failure.clone().filter(|_| self.tries.load(Relaxed) > tries) {
            return Err(failure);
        }
        let dialled = dial(&self.options, &self.pool).await;
        self.tries.fetch_add(1, Relaxed);
        match dialled {
            Ok(link) => {
                let link = Arc::new(link);
                let shells = Shells::new(Arc::clone(&link) as _);
                let session = Arc::new(Session { link, shells });
                *state = State { session: Some(Arc::clone(&session)), failure: None };
                Ok((session, true))
            }
            Err(error) => {
                *state = State { session: None, failure: Some(error.clone()) };
                Err(error)
            }
        }
    }

    /// Does something on the connection; once more on a new one where the old one turns out to
    /// have ended before anything was begun.
    async fn with<T, F>(&self, act: impl Fn(Arc<Session>) -> F) -> Result<T, ConnectionError>
    where
        F: Future<Output = Result<T, ConnectionError>>,
    {
        let (session, new) = self.session().await?;
        let result = act(Arc::clone(&session)).await;
        match result {
            Err(ConnectionError::Unreachable { .. }) if !new && session.link.is_closed() => {
                let (session, _) = self.session().await?;
                act(session).await
            }
            result => result,
        }
    }
}

impl Connection for SshConnection {
    fn exec<'a>(&'a self, exec: &'a Exec, login: Option<&'a Become>) -> Later<'a, Output> {
        Box::pin(self.with(move |session| async move { session.shells.exec(exec, login).await }))
    }

    fn open<'a>(
        &'a self,
        target: &'a Target,
        login: Option<&'a Become>,
    ) -> Later<'a, Box<dyn Stream>> {
        Box::pin(self.with(move |session| async move { session.open(target, login).await }))
    }

    fn release(&self) -> Later<'_, ()> {
        Box::pin(self.with(move |session| async move {
            session.shells.clear();
            Ok(())
        }))
    }

    fn close(&self) -> Later<'_, ()> {
        Box::pin(async {
            let session = self.state.lock().await.session.take();
            if let Some(session) = session {
                session.shells.clear();
                session.link.close().await;
            }
            Ok(())
        })
    }
}

impl Session {
    async fn open(
        &self,
        target: &Target,
        login: Option<&Become>,
    ) -> Result<Box<dyn Stream>, ConnectionError> {
        let (opened, what) = match target {
            Target::Program(argv) => {
                let process = self.shells.program(login, &program_line(argv)).await?;
                return Ok(Box::new(ProgramStream::new(process)));
            }
            _ if login.is_some() => {
                return Err(ConnectionError::Refused(
                    "a socket can only be opened as the login user: open a program instead".into(),
                ));
            }
            Target::Unix(path) => (self.link.unix(path).await, path.clone()),
            Target::Tcp(host, port) => (self.link.tcp(host, *port).await, format!("{host}:{port}")),
        };
        match opened {
            Ok(channel) => Ok(Box::new(ProgramStream::new(self.link.process(channel, false)))),
            Err(OpenError::Refused(failure)) => Err(ConnectionError::Refused(format!(
                "the host does not open {what} ({failure:?})"
            ))),
            Err(OpenError::Lost(reason)) => {
                Err(ConnectionError::Unreachable { reason, help: String::new() })
            }
        }
    }
}
