//! `docker_login`: see [`Args`], which is also what `rplay doc docker_login` prints.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sdk::docker::{
    CredentialChange, CredentialStore, Credentials, DOCKER_HUB, Differences, DockerOptions,
    EngineError, KeptLogin,
};
use crate::sdk::{
    Arguments, Diff, Failure, Module, Observer, Operator, Plan, Presence, Returned, Rule, Secret,
    Value,
};

/// The status of a login that is refused.
const UNAUTHORIZED: u16 = 401;
/// How Engines tell of one with another status.
const REFUSALS: [&str; 4] =
    ["401 Unauthorized", "unauthorized:", "403 Forbidden", "incorrect username or password"];

/// Ensures that the task's user is logged in at a registry, or is not.
///
/// The host's Engine tries the login, in check mode too: that changes nothing. Then it is kept
/// where the Docker client looks for it: in the program that `credsStore` or `credHelpers` of
/// `config.json` names, else in that file, which nobody else may read. A login that is kept
/// already is not tried again. Where the registry cannot be asked yet, check mode says so in a
/// warning.
///
/// Returns `login_result`.
#[derive(Debug, Arguments)]
#[arguments(rules = &[Rule::If("state", "present", &["username", "password"])])]
pub struct Args {
    /// The registry.
    #[arg(default = DOCKER_HUB, alias = "registry", alias = "url")]
    registry_url: String,
    /// The user.
    username: Option<String>,
    /// The password, or an access token.
    password: Option<Secret>,
    /// Whether to try and keep the login although it is kept already.
    #[arg(default, alias = "reauth")]
    reauthorize: bool,
    /// Another file than `config.json` in `~/.docker`, or in what `DOCKER_CONFIG` names.
    #[arg(alias = "dockercfg_path")]
    config_path: Option<String>,
    /// Whether the user must be logged in.
    #[arg(default = Presence::Present)]
    state: Presence,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// What is kept, and what the registry said.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    #[serde(flatten)]
    store: CredentialStore,
    /// The answer to the login; null where it was not tried.
    answer: Option<Answer>,
}

/// The answer to a login.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    /// It is accepted: what the Engine says.
    Accepted(Value),
    /// It is refused: why.
    Refused(String),
    /// The registry, or the Engine, could not be asked: why.
    Unknown(String),
}

/// The login to be tried, where that could not be done yet; and what is to be kept.
#[derive(Debug, Serialize)]
pub struct Change {
    try_again: bool,
    keep: CredentialChange,
    #[serde(skip)]
    login: Credentials,
    #[serde(skip)]
    docker: DockerOptions,
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let store = host.credential_store(self.server(), self.config_path.as_deref()).await?;
        let mut state = State { store, answer: None };
        if self.state == Presence::Present && !self.is_kept(&state.store) {
            let docker = host.docker(&self.docker)?;
            state.answer = Some(Answer::of(docker.try_login(&self.login()).await)?);
        }
        Ok(state)
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let server = self.server();
        let subject = format!("login at {server}");
        let change = |keep: CredentialChange, try_again: bool| Change {
            try_again,
            keep,
            login: self.login(),
            docker: self.docker.clone(),
        };
        if self.state == Presence::Absent {
            let Some(keep) = now.store.forget(server)? else { return Ok(Plan::keep()) };
            let diff = Diff::state(subject, "present", "absent");
            return Ok(Plan::change(change(keep, false), diff));
        }
        if self.is_kept(&now.store) {
            let result = json!({"serveraddress": server, "username": self.username});
            return Ok(Plan::Keep(Returned::new().with("login_result", result)));
        }
        let mut returned = Returned::new();
        let try_again = match &now.answer {
            Some(Answer::Accepted(said)) => {
                returned.set("login_result", result(said));
                false
            }
            Some(Answer::Refused(why)) => return Err(self.refused(why)),
            Some(Answer::Unknown(why)) => {
                returned.set("warnings", [format!("the login was not tried yet: {why}")]);
                true
            }
            None => true,
        };
        let keep = now.store.keep(server, self.kept())?;
        let diff = self.differences(now)?.diff(subject);
        Ok(Plan::change(change(keep, try_again), diff).returning(returned))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let Change { try_again, keep, login, docker } = change;
        let mut returned = Returned::new();
        if try_again {
            let said = host.docker(&docker)?.try_login(&login).await;
            let said = said.map_err(|error| refused(&login.server, &login.username, &error))?;
            returned.set("login_result", result(&said));
            returned.set("warnings", [""; 0]);
        }
        keep.apply(host).await?;
        Ok(returned)
    }
}

impl Answer {
    /// Sorts what came of it: a registry that an earlier task is about to start is no refusal.
    fn of(said: Result<Value, EngineError>) -> Result<Self, Failure> {
        match said {
            Ok(said) => Ok(Self::Accepted(said)),
            Err(EngineError::Status { status, message })
                if status == UNAUTHORIZED || REFUSALS.iter().any(|sign| message.contains(sign)) =>
            {
                Ok(Self::Refused(message))
            }
            Err(error @ (EngineError::Status { .. } | EngineError::Absent { .. })) => {
                Ok(Self::Unknown(error.to_string()))
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Args {
    fn server(&self) -> &str {
        CredentialStore::server(&self.registry_url)
    }

    fn login(&self) -> Credentials {
        Credentials {
            server: self.server().to_owned(),
            username: self.username.clone().unwrap_or_default(),
            password: self.password.clone().unwrap_or_default(),
            identity_token: None,
        }
    }

    fn kept(&self) -> KeptLogin {
        let Credentials { username, password: secret, .. } = self.login();
        KeptLogin { username, secret }
    }

    /// Whether this login is kept, and need not be tried.
    fn is_kept(&self, store: &CredentialStore) -> bool {
        !self.reauthorize && store.login.as_ref() == Some(&self.kept())
    }

    fn differences(&self, now: &State) -> Result<Differences, Failure> {
        let mut differences = Differences::default();
        let login = now.store.login.as_ref();
        differences.compare(
            "username",
            &login.map(|login| &login.username),
            &self.username.as_ref(),
        );
        if login.is_none_or(|login| login.secret != self.kept().secret) {
            let shown = login.map(|_| "(not shown)");
            differences.add("password", shown, "(not shown; it differs)");
        }
        if self.reauthorize && differences.is_empty() {
            differences.add("reauthorize", false, true);
        }
        if login.is_none() {
            differences.add("kept_in", Value::Null, now.store.place(self.server())?);
        }
        Ok(differences)
    }

    fn refused(&self, why: &str) -> Failure {
        refused(self.server(), &self.login().username, &why)
    }
}

fn refused(server: &str, username: &str, why: &impl std::fmt::Display) -> Failure {
    Failure::new(format!("Logging into {server} for user {username} failed - {why}"))
}

/// What the Engine said, without a token that it may hold.
fn result(said: &Value) -> Value {
    let mut said = said.clone();
    if let Some(fields) = said.as_object_mut() {
        fields.shift_remove("IdentityToken");
    }
    said
}
