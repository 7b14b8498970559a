//! A user of the host, as it is.

use serde::{Deserialize, Serialize};

use crate::sdk::{Secret, Sections};

/// What was seen.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The user; `None` where there is none of that name.
    pub(super) account: Option<Account>,
    /// Whether there is a group of that name.
    pub(super) own_group: bool,
    /// The public key, where the key's file is there.
    pub(super) key: Option<String>,
    /// The tools the host has to change users.
    pub(super) tools: Vec<String>,
}

/// A user of the host.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// Name of its first group.
    pub(super) group: String,
    /// Names of its other groups.
    pub(super) groups: Vec<String>,
    pub(super) comment: String,
    pub(super) home: String,
    /// Whether its home is there.
    pub(super) has_home: bool,
    pub(super) shell: String,
    /// What only root may see.
    pub(super) shadow: Option<Shadow>,
}

/// What only root may see of a user; times are in days.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Shadow {
    /// The hash of its password, without the sign that locks it.
    pub(super) hash: Secret<String>,
    pub(super) locked: bool,
    pub(super) min: Option<i64>,
    pub(super) max: Option<i64>,
    pub(super) warn: Option<i64>,
    pub(super) inactive: Option<i64>,
    /// When it can no longer log in, since 1970.
    pub(super) expires: Option<i64>,
}

impl State {
    /// Reads the parts that the probe printed; `None` where it did not come to its end.
    pub(super) fn read(parts: &Sections) -> Option<Self> {
        let tools = parts.has("uid").then(|| parts.get("tools"))?;
        let named = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        Some(Self {
            account: Account::read(parts),
            own_group: !parts.word("own_group").is_empty(),
            key: parts.get("key").strip_prefix("there\n").map(|key| key.trim().to_owned()),
            tools: tools.lines().map(named).collect(),
        })
    }
}

impl Account {
    fn read(parts: &Sections) -> Option<Self> {
        let fields: Vec<&str> = parts.word("passwd").split(':').collect();
        let [_, _, uid, gid, comment, home, shell] = fields[..] else { return None };
        let group = parts.word("group").to_owned();
        let others = parts.word("groups").split(' ').filter(|name| *name != group);
        Some(Self {
            uid: uid.parse().ok()?,
            gid: gid.parse().ok()?,
            groups: others.filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            group,
            comment: comment.to_owned(),
            home: home.to_owned(),
            has_home: parts.word("home") == "there",
            shell: shell.to_owned(),
            shadow: Shadow::read(parts.word("shadow")),
        })
    }
}

impl Shadow {
    fn read(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split(':').collect();
        let [_, hash, _, min, max, warn, inactive, expires, _] = fields[..] else { return None };
        let days = |text: &str| text.parse().ok();
        Some(Self {
            hash: Secret::new(hash.trim_start_matches('!').to_owned()),
            locked: hash.starts_with('!'),
            min: days(min),
            max: days(max),
            warn: days(warn),
            inactive: days(inactive),
            expires: days(expires),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: &[(&str, &str)]) -> State {
        let end = [("tools", "/usr/sbin/useradd\n/usr/bin/chage\n"), ("uid", "0\n")];
        State::read(&parts.iter().copied().chain(end).collect()).unwrap()
    }

    #[test]
    fn a_user_with_everything() {
        let state = read(&[
            ("passwd", "app:x:1001:1001:App,,,:/srv/app:/bin/sh"),
            ("shadow", "app:!$6$salt$hash:19000:0:99999:7::20000:\n"),
            ("groups", "app docker sudo\n"),
            ("group", "app\n"),
            ("home", "there"),
            ("key", "there\nssh-ed25519 AAAA app\n"),
        ]);
        let account = state.account.unwrap();
        assert_eq!((account.uid, account.home.as_str()), (1001, "/srv/app"));
        assert_eq!(account.groups, ["docker", "sudo"]);
        assert!(account.has_home);
        let shadow = account.shadow.unwrap();
        assert_eq!(shadow.hash.reveal(), "$6$salt$hash");
        assert!(shadow.locked);
        assert_eq!(
            (shadow.max, shadow.inactive, shadow.expires),
            (Some(99_999), None, Some(20_000))
        );
        assert_eq!(state.key.as_deref(), Some("ssh-ed25519 AAAA app"));
        assert_eq!(state.tools, ["useradd", "chage"]);
    }

    #[test]
    fn nobody_of_that_name() {
        assert!(read(&[("passwd", ""), ("groups", "")]).account.is_none());
        assert!(State::read(&[("passwd", "x")].into_iter().collect()).is_none());
    }

    #[test]
    fn the_hash_is_never_shown() {
        let state =
            read(&[("passwd", "a:x:1:1::/:/bin/sh"), ("shadow", "a:$6$very$secret:1:0:1:1:::\n")]);
        assert!(!format!("{state:?}").contains("secret"));
        assert!(!serde_json::to_string(&state).unwrap().contains("secret"));
    }
}
