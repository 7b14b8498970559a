//! What is done to a user, one program after the other.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::sdk::{Exec, Failure, Operator, Output, Secret};

/// One thing that is done.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// A program runs.
    Run {
        /// What for: `creating the user`.
        doing: &'static str,
        /// The program and its arguments.
        argv: Vec<String>,
    },
    /// The user is removed.
    Remove {
        /// The program and its arguments.
        argv: Vec<String>,
    },
    /// The password is set.
    Password {
        /// Whose.
        name: String,
        /// Its hash.
        hash: Secret<String>,
    },
    /// The home is made, as it is for new users.
    Home {
        /// Whose.
        name: String,
        /// What is copied into it.
        skeleton: String,
    },
    /// A key for ssh is made.
    Key {
        /// Whose.
        name: String,
        /// Its file; below the home where it is not a full path.
        file: String,
        /// Its type.
        kind: String,
        /// Its length; as `ssh-keygen` would have it when zero.
        bits: u32,
        /// Its comment.
        comment: String,
        /// What opens it.
        passphrase: Option<Secret<String>>,
    },
}

impl Step {
    pub(super) async fn apply(&self, host: &Operator<'_>) -> Result<(), Failure> {
        match self {
            Self::Run { doing, argv } => {
                host.must(doing, Exec::program(argv)).await.map_err(advised)
            }
            Self::Remove { argv } => remove(argv, host).await.map_err(advised),
            Self::Password { name, hash } => {
                let line = format!("{name}:{}\n", hash.reveal());
                let exec = Exec::program(["chpasswd", "-e"]).stdin(line);
                host.must("setting the password", exec).await
            }
            Self::Home { name, skeleton } => {
                let exec = Exec::script(include_str!("home.sh")).args([name, skeleton]);
                host.must("making the home", exec).await
            }
            Self::Key { name, file, kind, bits, comment, passphrase } => {
                let bits = if *bits == 0 { String::new() } else { bits.to_string() };
                let secret = passphrase.as_ref().map_or("", |secret| secret.reveal());
                let exec = Exec::script(include_str!("key.sh"))
                    .args([name, file, kind, &bits, comment])
                    .stdin(secret.to_owned());
                host.must("making the key", exec).await
            }
        }
        .map(|_| ())
    }
}

/// Removes a user. Shells that earlier tasks had as this user are no reason not to.
async fn remove(argv: &[String], host: &Operator<'_>) -> Result<Output, Failure> {
    /// How long their end may take.
    const PATIENCE: Duration = Duration::from_secs(2);
    let begun = Instant::now();
    host.release().await?;
    loop {
        match host.must("removing the user", Exec::program(argv)).await {
            Err(failure) if in_use(&failure) && begun.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            done => return done,
        }
    }
}

fn in_use(failure: &Failure) -> bool {
    failure.to_string().contains("currently used by process")
}

/// Adds what the user can do about what a program refuses.
fn advised(failure: Failure) -> Failure {
    let said = failure.to_string();
    let help = if said.contains("group '") && said.contains("does not exist") {
        "create it first, with a task `group`"
    } else if said.contains("UID '") || said.contains("is not unique") {
        "`non_unique: true` lets several users have one id"
    } else if in_use(&failure) {
        "stop its processes first; `force: true` removes the user all the same"
    } else {
        return failure;
    };
    failure.help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_refuses_comes_with_advice() {
        for (said, advice) in [
            ("usermod: group 'x' does not exist", Some("create it first, with a task `group`")),
            ("usermod: UID '0' already exists", Some("`non_unique: true`")),
            ("userdel: user app is currently used by process 7", Some("stop its processes first")),
            ("usermod: user 'x' does not exist", None),
        ] {
            let Failure::Task { help, .. } = advised(Failure::new(said)) else { panic!("{said}") };
            match (help, advice) {
                (Some(help), Some(advice)) => assert!(help.starts_with(advice), "{help}"),
                (help, advice) => assert_eq!(help.as_deref(), advice, "{said}"),
            }
        }
    }
}
