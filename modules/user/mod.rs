//! `user`: see [`Args`], which is also what `rplay doc user` prints.

mod account;
mod changes;
mod step;

use serde::Serialize;

use account::{Account, State};
use step::Step;

use crate::sdk::{
    Arguments, Choice, Diff, Failure, Fields, Module, Observer, Operator, Plan, Presence, Probe,
    Returned, Secret, Sections,
};

/// Ensures that a user exists with these settings, or that it does not.
///
/// What is not given is left as it is. A password is given as the hash that `/etc/shadow` holds,
/// such as the filter `password_hash('sha512')` makes; it travels over the standard input of
/// `chpasswd` and is never shown. The host needs the programs of the package `passwd`
/// (`shadow` on Alpine, `shadow-utils` on Red Hat's).
#[derive(Debug, Arguments)]
pub struct Args {
    /// Name of the user.
    #[arg(alias = "user")]
    name: String,
    /// Whether the user must exist.
    #[arg(default)]
    state: Presence,
    /// Its id; the next free one for a new user.
    uid: Option<u32>,
    /// Whether the id may be that of another user too.
    #[arg(default)]
    non_unique: bool,
    /// Its first group, by name or id.
    group: Option<String>,
    /// Its other groups; none with an empty list.
    groups: Option<Vec<String>>,
    /// Whether it keeps the groups it has besides.
    #[arg(default)]
    append: bool,
    /// What `/etc/passwd` says of it, usually its full name.
    comment: Option<String>,
    /// Its home.
    home: Option<String>,
    /// Whether its home is made where it is not there.
    #[arg(alias = "createhome", default = true)]
    create_home: bool,
    /// Whether what is in its home moves along when it gets another one.
    #[arg(default)]
    move_home: bool,
    /// The folder whose content a new home gets.
    skeleton: Option<String>,
    /// The bits a new home's mode must not have, as `useradd` takes them: `077`.
    umask: Option<String>,
    /// Its shell.
    shell: Option<String>,
    /// Whether a new user is one of the system's, with a low id.
    #[arg(default)]
    system: bool,
    /// The lowest id a new user may get.
    uid_min: Option<u32>,
    /// The highest id a new user may get.
    uid_max: Option<u32>,
    /// The hash of its password; `*` or `!` for none that fits.
    password: Option<Secret<String>>,
    /// Whether the password is set always, or for a new user only.
    #[arg(default)]
    update_password: UpdatePassword,
    /// Whether its password is locked.
    password_lock: Option<bool>,
    /// When it can no longer log in, in seconds since 1970; negative for never.
    expires: Option<f64>,
    /// The most days before a new password is needed.
    password_expire_max: Option<i64>,
    /// The fewest days between two passwords.
    password_expire_min: Option<i64>,
    /// How many days before that it is warned.
    password_expire_warn: Option<i64>,
    /// How many days after that it can no longer log in.
    password_expire_account_disable: Option<i64>,
    /// Whether its home and mail go with a user that is removed.
    #[arg(default)]
    remove: bool,
    /// Whether a user that is removed may be logged in.
    #[arg(default)]
    force: bool,
    /// Its user in SELinux.
    seuser: Option<String>,
    /// Whether it gets a key for ssh where it has none.
    #[arg(default)]
    generate_ssh_key: bool,
    /// Type of the key.
    #[arg(default = "rsa")]
    ssh_key_type: String,
    /// Length of the key; as `ssh-keygen` would have it when zero.
    #[arg(default = 0_u32)]
    ssh_key_bits: u32,
    /// File of the key, below its home where it is not a full path; `.ssh/id_TYPE` if not given.
    ssh_key_file: Option<String>,
    /// Comment of the key; `rplay-generated on HOST` if not given.
    ssh_key_comment: Option<String>,
    /// What opens the key.
    ssh_key_passphrase: Option<Secret<String>>,
    /// Taken for compatibility: it is always the host's own files that are changed.
    #[arg(default)]
    #[expect(dead_code, reason = "the tools used change nothing else")]
    local: bool,
}

/// When a password is set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum UpdatePassword {
    /// Whenever it differs.
    #[default]
    Always,
    /// Only with the user itself.
    OnCreate,
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        self.check()?;
        look(host, &self.name, &self.key_to_look_for()).await
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        self.check()?;
        let (steps, before, after) = match (&now.account, self.state) {
            (None, Presence::Absent) => (vec![], None, None),
            (Some(account), Presence::Absent) => (self.removal(), Some(shown(account)), None),
            (None, Presence::Present) => {
                let (steps, after) = self.creation(now);
                (steps, None, Some(after))
            }
            (Some(account), Presence::Present) => {
                let (steps, before, after) = self.alteration(account, now)?;
                (steps, Some(before), Some(after))
            }
        };
        let returned = self.returned(now);
        if steps.is_empty() {
            return Ok(Plan::Keep(returned));
        }
        check_tools(&steps, now)?;
        let diff = Diff::fields(format!("user {}", self.name), &before, &after);
        let change = Change { name: self.name.clone(), key: self.key_to_look_for(), steps };
        Ok(Plan::change(change, diff).returning(returned))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        for step in &change.steps {
            step.apply(host).await?;
        }
        let now = look(&host.observer(), &change.name, &change.key).await?;
        let mut returned = Returned::new();
        if let Some(account) = now.account {
            returned.set("uid", account.uid);
            returned.set("group", account.gid);
            returned.set("comment", account.comment);
            returned.set("home", account.home);
            returned.set("shell", account.shell);
            if !change.key.is_empty() {
                returned.set("ssh_public_key", now.key);
            }
        }
        Ok(returned)
    }
}

/// What is done, one after the other.
#[derive(Debug, Serialize)]
pub struct Change {
    name: String,
    /// The file of the key that is asked for; empty where none is.
    key: String,
    steps: Vec<Step>,
}

/// Looks at the user of that name and at the file of its key, if one is named.
async fn look(host: &Observer<'_>, name: &str, key: &str) -> Result<State, Failure> {
    let output = host.probe(Probe(include_str!("probe.sh")), [name, key]).await?;
    let state = State::read(&Sections::parse(&output))
        .ok_or_else(|| Failure::of_program("looking for the user", &output))?;
    if let Some(shadow) = state.account.as_ref().and_then(|account| account.shadow.as_ref()) {
        host.hide(shadow.hash.reveal());
    }
    Ok(state)
}

impl Args {
    fn key_to_look_for(&self) -> String {
        if self.generate_ssh_key { self.key_file() } else { String::new() }
    }

    /// Refuses what `/etc/passwd` cannot hold, or what would be read as an option.
    fn check(&self) -> Result<(), Failure> {
        let wrong = |text: &str| text.contains(|c: char| c == ':' || c.is_control());
        let name = &self.name;
        if name.is_empty() || name.starts_with('-') || wrong(name) || name.contains([' ', ',', '/'])
        {
            return Err(Failure::new(format!("`{name}` cannot be the name of a user")));
        }
        let texts = [("comment", &self.comment), ("home", &self.home), ("shell", &self.shell)];
        for (argument, text) in texts {
            if text.as_deref().is_some_and(wrong) {
                return Err(Failure::new(format!(
                    "`{argument}` must be on one line and without `:`"
                )));
            }
        }
        match &self.password {
            Some(password) if !is_hash(password.reveal()) => Err(Failure::new(
                "`password` must be a hash as /etc/shadow holds it; this is something else",
            )
            .help("write {{ the_password | password_hash('sha512', the_salt) }}")),
            _ => Ok(()),
        }
    }

    fn key_file(&self) -> String {
        let usual = || format!(".ssh/id_{}", self.ssh_key_type);
        self.ssh_key_file.clone().unwrap_or_else(usual)
    }

    fn returned(&self, now: &State) -> Returned {
        let state = if self.state == Presence::Present { "present" } else { "absent" };
        let mut returned = Returned::new().with("name", &self.name).with("state", state);
        if self.state == Presence::Absent {
            returned.set("force", self.force);
            returned.set("remove", self.remove);
            return returned;
        }
        let account = now.account.as_ref();
        let text = |given: &Option<String>, has: fn(&Account) -> &String| {
            given.clone().or_else(|| account.map(|a| has(a).clone()))
        };
        returned.set("uid", self.uid.or(account.map(|a| a.uid)));
        returned.set("group", account.map(|a| a.gid));
        returned.set("comment", text(&self.comment, |a| &a.comment));
        returned.set("home", text(&self.home, |a| &a.home));
        returned.set("shell", text(&self.shell, |a| &a.shell));
        returned.set("append", self.append);
        returned.set("move_home", self.move_home);
        if let Some(groups) = &self.groups {
            returned.set("groups", groups.join(","));
        }
        if self.generate_ssh_key {
            returned.set("ssh_key_file", self.key_file());
            returned.set("ssh_public_key", &now.key);
        }
        returned
    }
}

/// Refuses steps for which the host has no tool.
fn check_tools(steps: &[Step], now: &State) -> Result<(), Failure> {
    let needed = steps.iter().map(|step| match step {
        Step::Run { argv, .. } | Step::Remove { argv } => argv[0].as_str(),
        Step::Password { .. } => "chpasswd",
        Step::Key { .. } => "ssh-keygen",
        Step::Home { .. } => "chage",
    });
    for tool in needed {
        if !now.tools.iter().any(|there| there == tool) {
            return Err(Failure::new(format!("the host has no `{tool}`, which this needs")).help(
                "it is in the package `passwd` (Debian), `shadow-utils` (Red Hat), `shadow` \
                 (Alpine) or `openssh-client`",
            ));
        }
    }
    Ok(())
}

/// Whether a text is what `/etc/shadow` may hold in place of a password.
fn is_hash(text: &str) -> bool {
    let text = text.trim_start_matches('!');
    let plain = |c: char| c.is_ascii_alphanumeric() || "./$=,_-+*".contains(c);
    let traditional = text.len() == 13 && !text.contains('$');
    let modern = text.starts_with('$') && text.matches('$').count() >= 3;
    let none = text.is_empty() || text == "*";
    text.chars().all(plain) && (none || traditional || modern || text.starts_with('_'))
}

/// What a diff shows of a user that goes.
fn shown(account: &Account) -> Fields {
    let mut fields = Fields::new();
    fields.insert("uid".to_owned(), account.uid.into());
    fields.insert("group".to_owned(), account.group.as_str().into());
    fields.insert("groups".to_owned(), account.groups.clone().into());
    fields.insert("home".to_owned(), account.home.as_str().into());
    fields.insert("shell".to_owned(), account.shell.as_str().into());
    fields
}

#[cfg(test)]
mod tests {
    use super::is_hash;

    #[test]
    fn hashes_and_what_is_none() {
        for hash in ["$6$salt$hash./", "$y$j9T$a$b", "!$6$a$b", "*", "!", "!!", "abcdefghijklm"] {
            assert!(is_hash(hash), "{hash}");
        }
        for other in ["secret", "my password", "$6$a:b$c", "hunter2-hunter2", "$1$only"] {
            assert!(!is_hash(other), "{other}");
        }
    }
}
