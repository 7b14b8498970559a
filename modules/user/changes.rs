//! From a user as it is to the user as it must be.

use serde_json::json;

use super::account::{Account, Shadow, State};
use super::step::Step;
use super::{Args, UpdatePassword};
use crate::sdk::{Failure, Fields, Value};

/// Options of a program, and what a diff shows of them.
#[derive(Default)]
struct Changes {
    options: Vec<String>,
    before: Fields,
    after: Fields,
}

impl Changes {
    /// Notes that a setting becomes another one.
    fn note(&mut self, name: &str, before: impl Into<Value>, after: impl Into<Value>) {
        self.before.insert(name.to_owned(), before.into());
        self.after.insert(name.to_owned(), after.into());
    }

    fn option(&mut self, words: &[&str]) {
        self.options.extend(words.iter().map(|word| (*word).to_owned()));
    }
}

impl Args {
    pub(super) fn removal(&self) -> Vec<Step> {
        let flags = [(self.force, "-f"), (self.remove, "-r")];
        let mut argv = vec!["userdel".to_owned()];
        argv.extend(flags.iter().filter(|(on, _)| *on).map(|(_, flag)| (*flag).to_owned()));
        argv.extend(["--".to_owned(), self.name.clone()]);
        vec![Step::Remove { argv }]
    }

    /// What makes the user, and what a diff shows of it.
    pub(super) fn creation(&self, now: &State) -> (Vec<Step>, Fields) {
        let mut new = Changes::default();
        new.note("uid", Value::Null, self.uid.map_or_else(|| json!("next free"), Value::from));
        if let Some(uid) = self.uid {
            new.option(&["-u", &uid.to_string()]);
        }
        if let Some(group) = &self.group {
            new.option(&["-g", group]);
            new.note("group", Value::Null, group.as_str());
        } else if now.own_group {
            // A group of its name is in the way of a new one.
            new.option(&["-N"]);
        }
        if let Some(groups) = self.groups.as_ref().filter(|groups| !groups.is_empty()) {
            new.option(&["-G", &groups.join(",")]);
            new.note("groups", Value::Null, groups.clone());
        }
        let texts = [
            ("comment", "-c", &self.comment),
            ("home", "-d", &self.home),
            ("shell", "-s", &self.shell),
            ("seuser", "-Z", &self.seuser),
        ];
        for (name, option, text) in texts {
            if let Some(text) = text {
                new.option(&[option, text]);
                new.note(name, Value::Null, text.as_str());
            }
        }
        self.creation_settings(&mut new);
        let mut argv = vec!["useradd".to_owned()];
        argv.append(&mut new.options);
        argv.extend(["--".to_owned(), self.name.clone()]);
        let mut steps = vec![Step::Run { doing: "creating the user", argv }];
        if let Some(hash) = &self.password {
            steps.push(Step::Password { name: self.name.clone(), hash: hash.clone() });
            new.note("password", Value::Null, "set");
        }
        steps.extend(self.aging(&Shadow::default(), &mut new));
        if self.password_lock == Some(true) {
            steps.push(self.usermod(&["-L"]));
            new.note("password_lock", Value::Null, true);
        }
        steps.extend(self.key(now, &mut new));
        (steps, new.after)
    }

    /// Options that only a new user can have.
    fn creation_settings(&self, new: &mut Changes) {
        if self.non_unique {
            new.option(&["-o"]);
        }
        if self.system {
            new.option(&["-r"]);
            new.note("system", Value::Null, true);
        }
        if self.create_home {
            new.option(&["-m"]);
            if let Some(skeleton) = &self.skeleton {
                new.option(&["-k", skeleton]);
            }
            if let Some(umask) = &self.umask {
                new.option(&["-K", &format!("UMASK={umask}")]);
            }
        } else {
            new.option(&["-M"]);
        }
        for (name, bound) in [("UID_MIN", self.uid_min), ("UID_MAX", self.uid_max)] {
            if let Some(bound) = bound {
                new.option(&["-K", &format!("{name}={bound}")]);
            }
        }
    }

    /// What alters the user, and both sides of the diff.
    pub(super) fn alteration(
        &self,
        account: &Account,
        now: &State,
    ) -> Result<(Vec<Step>, Fields, Fields), Failure> {
        let mut changes = Changes::default();
        self.ids(account, &mut changes);
        self.alter_groups(account, &mut changes);
        if let Some(comment) = self.comment.as_ref().filter(|text| **text != account.comment) {
            changes.option(&["-c", comment]);
            changes.note("comment", account.comment.as_str(), comment.as_str());
        }
        if let Some(home) = self.home.as_ref().filter(|path| **path != account.home) {
            changes.option(&["-d", home]);
            if self.move_home {
                changes.option(&["-m"]);
            }
            changes.note("home", account.home.as_str(), home.as_str());
        }
        if let Some(shell) = self.shell.as_ref().filter(|path| **path != account.shell) {
            changes.option(&["-s", shell]);
            changes.note("shell", account.shell.as_str(), shell.as_str());
        }
        let mut steps = vec![];
        if !changes.options.is_empty() {
            let options: Vec<String> = std::mem::take(&mut changes.options);
            steps.push(self.usermod(&options.iter().map(String::as_str).collect::<Vec<_>>()));
        }
        self.alter_shadow(account, &mut steps, &mut changes)?;
        // The home of some users of the system is a name for none.
        let moved = self.home.as_ref().is_some_and(|home| *home != account.home);
        if self.create_home && !account.has_home && !moved && account.home != "/nonexistent" {
            let skeleton = self.skeleton.clone().unwrap_or_else(|| "/etc/skel".to_owned());
            steps.push(Step::Home { name: self.name.clone(), skeleton });
            changes.note("home_exists", false, true);
        }
        steps.extend(self.key(now, &mut changes));
        Ok((steps, changes.before, changes.after))
    }

    fn ids(&self, account: &Account, changes: &mut Changes) {
        if let Some(uid) = self.uid.filter(|uid| *uid != account.uid) {
            changes.option(&["-u", &uid.to_string()]);
            if self.non_unique {
                changes.option(&["-o"]);
            }
            changes.note("uid", account.uid, uid);
        }
        if let Some(group) = &self.group
            && *group != account.group
            && *group != account.gid.to_string()
        {
            changes.option(&["-g", group]);
            changes.note("group", account.group.as_str(), group.as_str());
        }
    }

    fn alter_groups(&self, account: &Account, changes: &mut Changes) {
        let Some(wanted) = &self.groups else { return };
        let has = |name: &String| account.groups.contains(name) || *name == account.group;
        let missing: Vec<&str> = wanted.iter().filter(|n| !has(n)).map(String::as_str).collect();
        let more = account.groups.iter().any(|name| !wanted.contains(name));
        let mut after: Vec<String> = wanted.clone();
        if self.append {
            if missing.is_empty() {
                return;
            }
            changes.option(&["-a", "-G", &missing.join(",")]);
            after = account
                .groups
                .iter()
                .cloned()
                .chain(missing.iter().map(|n| (*n).to_owned()))
                .collect();
        } else if missing.is_empty() && !more {
            return;
        } else {
            changes.option(&["-G", &wanted.join(",")]);
        }
        changes.note("groups", account.groups.clone(), after);
    }

    /// Password, lock and expiry.
    fn alter_shadow(
        &self,
        account: &Account,
        steps: &mut Vec<Step>,
        changes: &mut Changes,
    ) -> Result<(), Failure> {
        let password =
            self.password.as_ref().filter(|_| self.update_password == UpdatePassword::Always);
        let asks = password.is_some() || self.password_lock.is_some() || self.expires.is_some();
        let Some(shadow) = &account.shadow else {
            if !asks && self.ages().iter().all(|(.., days)| days.is_none()) {
                return Ok(());
            }
            return Err(Failure::new("only root can see the passwords and expiry of users")
                .help("`become: true` makes the task root"));
        };
        let mut locked = shadow.locked;
        if let Some(hash) = password
            && hash.reveal().trim_start_matches('!') != shadow.hash.reveal()
        {
            steps.push(Step::Password { name: self.name.clone(), hash: hash.clone() });
            changes.note("password", "as it is", "another one");
            locked = hash.reveal().starts_with('!');
        }
        if let Some(lock) = self.password_lock.filter(|lock| *lock != locked) {
            steps.push(self.usermod(&[if lock { "-L" } else { "-U" }]));
            changes.note("password_lock", shadow.locked, lock);
        }
        steps.extend(self.aging(shadow, changes));
        Ok(())
    }

    /// The days of a password: chage's option, the setting's name, the wish.
    fn ages(&self) -> [(&'static str, &'static str, Option<i64>); 4] {
        [
            ("-m", "password_expire_min", self.password_expire_min),
            ("-M", "password_expire_max", self.password_expire_max),
            ("-W", "password_expire_warn", self.password_expire_warn),
            ("-I", "password_expire_account_disable", self.password_expire_account_disable),
        ]
    }

    fn aging(&self, shadow: &Shadow, changes: &mut Changes) -> Option<Step> {
        let has = [shadow.min, shadow.max, shadow.warn, shadow.inactive];
        let mut argv = vec!["chage".to_owned()];
        for ((option, name, wanted), has) in self.ages().into_iter().zip(has) {
            if let Some(days) = wanted.filter(|days| Some(*days) != has) {
                argv.extend([option.to_owned(), days.to_string()]);
                changes.note(name, has, days);
            }
        }
        if let Some(seconds) = self.expires {
            #[expect(clippy::cast_possible_truncation, reason = "times lie far below 2^63 s")]
            let days = (seconds >= 0.0).then(|| (seconds as i64).div_euclid(86_400));
            if days != shadow.expires {
                argv.extend(["-E".to_owned(), days.unwrap_or(-1).to_string()]);
                let seconds = |days: i64| days * 86_400;
                changes.note("expires", shadow.expires.map(seconds), days.map(seconds));
            }
        }
        if argv.len() == 1 {
            return None;
        }
        argv.extend(["--".to_owned(), self.name.clone()]);
        Some(Step::Run { doing: "setting when the user expires", argv })
    }

    fn key(&self, now: &State, changes: &mut Changes) -> Option<Step> {
        if !self.generate_ssh_key || now.key.is_some() {
            return None;
        }
        changes.note("ssh_key", Value::Null, self.key_file());
        Some(Step::Key {
            name: self.name.clone(),
            file: self.key_file(),
            kind: self.ssh_key_type.clone(),
            bits: self.ssh_key_bits,
            comment: self.ssh_key_comment.clone().unwrap_or_default(),
            passphrase: self.ssh_key_passphrase.clone(),
        })
    }

    fn usermod(&self, options: &[&str]) -> Step {
        let mut argv = vec!["usermod".to_owned()];
        argv.extend(options.iter().map(|word| (*word).to_owned()));
        argv.extend(["--".to_owned(), self.name.clone()]);
        Step::Run { doing: "altering the user", argv }
    }
}
