//! How a run is wanted: what the command line and the configuration decide.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::watch;

use super::fact_cache::FactCache;
use super::tags::TagChoice;
use crate::base::Secret;
use crate::remote::BecomeMethod;

/// Asks the user a question of `vars_prompt`: the text, and whether the answer stays unseen.
/// `None` where nobody can be asked.
pub type Asking = fn(&str, bool) -> Option<String>;

/// How a run is wanted.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether hosts stay as they are.
    pub check: bool,
    /// Whether differences are shown; modules make them in any case.
    pub diff: bool,
    /// The most hosts that work at once.
    pub forks: usize,
    /// `--limit`: a pattern that every host must also match.
    pub limit: Option<String>,
    /// `--tags` and `--skip-tags`.
    pub tags: TagChoice,
    /// The name of the task to begin with.
    pub start_at_task: Option<String>,
    /// Whether handlers run even after a failure.
    pub force_handlers: bool,
    /// Whether facts that are known are not gathered again by a later play.
    pub gather_once: bool,
    /// Whether facts are variables by themselves too, beside `ansible_facts`.
    pub inject_facts: bool,
    /// Where facts are kept beyond the run.
    pub fact_cache: Option<FactCache>,
    /// Whether what is kept there of the inventory's hosts is forgotten first.
    pub flush_cache: bool,
    /// Whether mappings of the same name are merged, not replaced.
    pub merge_hashes: bool,
    /// Whether notifying a handler that is not there is a failure; else it is worth a notice.
    pub missing_handler_fails: bool,
    /// What becomes of a play's pattern that picks no host.
    pub unmatched_pattern: Unmatched,
    /// `-v`, counted.
    pub verbosity: u8,
    /// The strategy of plays that name none.
    pub strategy: String,
    /// Asks the user what `vars_prompt` wants to know.
    pub asking: Asking,
    /// How hosts are reached, where variables do not say.
    pub connection: ConnectionDefaults,
    /// How another user is become, where variables do not say.
    pub become_defaults: BecomeDefaults,
}

/// What becomes of a play's pattern that picks no host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmatched {
    /// It is told.
    Told,
    /// The play cannot be.
    Wrong,
    /// Nothing.
    Passed,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            check: false,
            diff: false,
            forks: 50,
            limit: None,
            tags: TagChoice::default(),
            start_at_task: None,
            force_handlers: false,
            gather_once: false,
            inject_facts: true,
            fact_cache: None,
            flush_cache: false,
            merge_hashes: false,
            missing_handler_fails: true,
            unmatched_pattern: Unmatched::Told,
            verbosity: 0,
            strategy: "linear".to_owned(),
            asking: |_, _| None,
            connection: ConnectionDefaults::default(),
            become_defaults: BecomeDefaults::default(),
        }
    }
}

/// How hosts are reached, where variables do not say.
#[derive(Debug, Clone, Default)]
pub struct ConnectionDefaults {
    /// `ssh` or `local`; `ssh` unless given.
    pub kind: Option<String>,
    /// The login user.
    pub user: Option<String>,
    /// The login password.
    pub password: Option<Secret>,
    /// The private key.
    pub private_key: Option<PathBuf>,
    /// The port.
    pub port: Option<u16>,
    /// How long connecting may take.
    pub timeout: Option<Duration>,
    /// Options in `ssh`'s own form: `-o ProxyJump=bastion`.
    pub ssh_args: Option<String>,
    /// More of them: `--ssh-common-args`.
    pub ssh_common_args: Option<String>,
    /// And more: `--ssh-extra-args`.
    pub ssh_extra_args: Option<String>,
    /// Files of known host keys, instead of the user's.
    pub known_hosts: Vec<PathBuf>,
    /// Whether keys of hosts seen for the first time are accepted and kept.
    pub accept_new_host_keys: bool,
    /// Whether host keys are not checked at all.
    pub insecure_host_keys: bool,
}

/// How another user is become, where variables do not say.
#[derive(Debug, Clone, Default)]
pub struct BecomeDefaults {
    /// Whether at all.
    pub enabled: bool,
    /// By which program.
    pub method: BecomeMethod,
    /// Which user; `root` unless given.
    pub user: Option<String>,
    /// The program, where it is not found by the method's name.
    pub executable: Option<String>,
    /// Options of the program, as a command line has them.
    pub flags: Option<String>,
    /// The password it may ask for.
    pub password: Option<Secret>,
}

/// Tells a run to come to its end: the sender sets how urgently.
#[derive(Debug, Clone)]
pub struct Interrupt(watch::Receiver<u8>);

impl Interrupt {
    /// A sender and what it tells: 0 to go on, 1 to start nothing new, 2 to stop at once.
    pub fn new() -> (watch::Sender<u8>, Self) {
        let (sender, receiver) = watch::channel(0);
        (sender, Self(receiver))
    }

    /// Whether nothing new is to be started.
    pub fn is_set(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Waits until the run is to stop at once; for ever where nobody can say so.
    pub async fn at_once(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|urgency| *urgency > 1).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
