//! Who owns a file and who may do what with it.

use serde::Serialize;

use super::{FileKind, FileStat, Permissions, Seen};
use crate::base::Diff;
use crate::sdk::Exec;
use crate::spec::Mode;

/// Owner, group, permissions and the like: the settings that every module about files takes.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct FileAttributes {
    /// Permissions: octal digits in quotes (`"0644"`), symbols (`u=rw,g=r,o=`), or `preserve` for
    /// those of the source. A file that is there keeps its own when this is not given; a new one
    /// gets what the umask leaves.
    pub mode: Option<Mode>,
    /// The user it belongs to, by name or number.
    pub owner: Option<String>,
    /// The group it belongs to, by name or number.
    pub group: Option<String>,
    /// User of its SELinux context; nothing happens on hosts without SELinux.
    pub seuser: Option<String>,
    /// Role of its SELinux context.
    pub serole: Option<String>,
    /// Type of its SELinux context.
    pub setype: Option<String>,
    /// Level of its SELinux context.
    pub selevel: Option<String>,
    /// Flags as `chattr` takes them: `+i`, `-a`, `=e`.
    #[arg(alias = "attr")]
    pub attributes: Option<String>,
    /// Whether the file may be overwritten in place where it cannot be replaced at once, as it is
    /// with files mounted into containers. A reader may then see half a file.
    #[arg(default)]
    pub unsafe_writes: bool,
}

/// What has to be set on a file; what is not named here is as it must be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AttributeChange {
    /// The permissions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Permissions>,
    /// The owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Parts of the SELinux context: user, role, type, level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<[Option<String>; 4]>,
    /// What `chattr` is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<String>,
}

impl FileAttributes {
    /// Whether any of them is given.
    pub fn is_given(&self) -> bool {
        self.mode.is_some()
            || self.owner.is_some()
            || self.group.is_some()
            || self.attributes.is_some()
            || self.has_context()
    }

    /// Whether anything is asked for about the SELinux context.
    pub fn has_context(&self) -> bool {
        self.context().iter().any(Option::is_some)
    }

    fn context(&self) -> [Option<&String>; 4] {
        [self.seuser.as_ref(), self.serole.as_ref(), self.setype.as_ref(), self.selevel.as_ref()]
    }

    /// What has to be set on what is there `now`, or on a `new` one in its place.
    ///
    /// `preserved` are the permissions of the source, for the mode `preserve`.
    pub fn change(
        &self,
        seen: &Seen,
        now: Option<&FileStat>,
        new: FileKind,
        preserved: Option<Permissions>,
    ) -> AttributeChange {
        let kind = now.map_or(new, |stat| stat.kind);
        let fresh = match new {
            FileKind::Directory => Permissions::DIRECTORY,
            _ => Permissions::FILE,
        };
        let start = now.map_or(fresh.masked(seen.umask), |stat| stat.mode);
        let wanted = match &self.mode {
            Some(mode) if mode.0 == "preserve" => preserved.unwrap_or(start),
            Some(mode) => start.with(mode, kind == FileKind::Directory, seen.umask),
            None => start,
        };
        // A symbolic link has no permissions of its own.
        let mode = Some(wanted)
            .filter(|mode| kind != FileKind::Link && now.is_none_or(|stat| stat.mode != *mode));
        let differs = |wanted: &&String, name: fn(&FileStat) -> (&str, u32)| {
            now.is_none_or(|stat| {
                let (name, number) = name(stat);
                wanted.as_str() != name && wanted.parse() != Ok(number)
            })
        };
        AttributeChange {
            mode,
            owner: self.owner.as_ref().filter(|o| differs(o, |s| (&s.owner, s.uid))).cloned(),
            group: self.group.as_ref().filter(|g| differs(g, |s| (&s.group, s.gid))).cloned(),
            context: self.context_change(seen),
            flags: self
                .attributes
                .clone()
                .filter(|flags| seen.flags.as_ref().is_none_or(|now| flags_differ(flags, now))),
        }
    }

    fn context_change(&self, seen: &Seen) -> Option<[Option<String>; 4]> {
        // The level may hold colons itself.
        let now: Vec<&str> = seen.context.as_deref()?.splitn(4, ':').collect();
        let wanted = self.context();
        let differs = wanted
            .iter()
            .enumerate()
            .any(|(index, part)| part.is_some_and(|part| now.get(index) != Some(&part.as_str())));
        differs.then(|| wanted.map(Option::<&String>::cloned))
    }
}

/// Whether `chattr` would change anything: `now` is how `lsattr` shows the flags.
fn flags_differ(wanted: &str, now: &str) -> bool {
    let (operator, letters) = match wanted.chars().next() {
        Some(operator @ ('+' | '-' | '=')) => (operator, &wanted[1..]),
        _ => ('=', wanted),
    };
    let set = |flags: &str| {
        let mut flags: Vec<char> = flags.chars().filter(char::is_ascii_alphabetic).collect();
        flags.sort_unstable();
        flags
    };
    match operator {
        '+' => letters.chars().any(|letter| !now.contains(letter)),
        '-' => letters.chars().any(|letter| now.contains(letter)),
        _ => set(letters) != set(now),
    }
}

impl AttributeChange {
    /// Whether there is nothing to set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// `owner:group` as `chown` takes it; empty where neither is set.
    pub fn ownership(&self) -> String {
        let owner = self.owner.as_deref().unwrap_or_default();
        match &self.group {
            Some(group) => format!("{owner}:{group}"),
            None => owner.to_owned(),
        }
    }

    /// The permissions as `chmod` takes them; empty where they are not set.
    pub fn chmod(&self) -> String {
        self.mode.map(Permissions::for_chmod).unwrap_or_default()
    }

    /// What is set, against what is there: nothing where nothing differs.
    pub fn diff(&self, path: &str, now: Option<&FileStat>, seen: &Seen) -> Option<Diff> {
        if self.is_empty() {
            return None;
        }
        let mut after = serde_json::to_value(self).ok()?;
        let context = |parts: &[Option<String>; 4]| {
            let parts: Vec<&str> =
                parts.iter().map(|part| part.as_deref().unwrap_or("*")).collect();
            parts.join(":")
        };
        if let (Some(fields), Some(parts)) = (after.as_object_mut(), &self.context) {
            fields.insert("context".to_owned(), context(parts).into());
        }
        let before = now.map(|stat| {
            let mut before = serde_json::Map::new();
            let mut put = |name: &str, is_set: bool, value: String| {
                if is_set {
                    before.insert(name.to_owned(), value.into());
                }
            };
            put("mode", self.mode.is_some(), stat.mode.into());
            put("owner", self.owner.is_some(), stat.owner_shown());
            put("group", self.group.is_some(), stat.group_shown());
            put("context", self.context.is_some(), seen.context.clone().unwrap_or_default());
            put("flags", self.flags.is_some(), seen.flags.clone().unwrap_or_default());
            before
        });
        Some(Diff::fields(path, &before, &after))
    }

    /// The script that sets all this on one path; its output is what `describe` learns.
    ///
    /// With `follow` a symbolic link leads to what is changed; else the link itself is.
    pub fn exec(&self, path: &str, follow: bool) -> Exec {
        let [user, role, kind, level] = self.context_args();
        super::script(include_str!("attributes.sh")).args([
            path,
            if follow { "" } else { "-h" },
            &self.ownership(),
            &self.chmod(),
            &user,
            &role,
            &kind,
            &level,
            self.flags.as_deref().unwrap_or_default(),
        ])
    }

    /// The parts of the context; empty where they are left as they are.
    pub(super) fn context_args(&self) -> [String; 4] {
        self.context.clone().unwrap_or_default().map(Option::unwrap_or_default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(mode: u32) -> Seen {
        let stat = FileStat {
            mode: Permissions::new(mode),
            uid: 1000,
            owner: "app".to_owned(),
            group: "app".to_owned(),
            gid: 1000,
            ..FileStat::default()
        };
        Seen {
            stat: Some(stat),
            umask: Permissions::new(0o022),
            context: Some("system_u:object_r:etc_t:s0:c1".to_owned()),
            flags: Some("----i---e---".to_owned()),
            ..Seen::default()
        }
    }

    fn change(attributes: &FileAttributes) -> AttributeChange {
        let seen = seen(0o644);
        attributes.change(&seen, seen.followed(), FileKind::File, None)
    }

    #[test]
    fn names_and_numbers_mean_the_same() {
        for owner in ["app", "1000"] {
            let attributes =
                FileAttributes { owner: Some(owner.to_owned()), ..FileAttributes::default() };
            assert!(change(&attributes).is_empty(), "{owner}");
        }
        let attributes = FileAttributes {
            owner: Some("root".to_owned()),
            group: Some("0".to_owned()),
            ..FileAttributes::default()
        };
        assert_eq!(change(&attributes).ownership(), "root:0");
    }

    #[test]
    fn only_what_differs_is_set() {
        let attributes =
            FileAttributes { mode: Some(Mode("u=rw,go=r".to_owned())), ..Default::default() };
        assert!(change(&attributes).is_empty());
        let attributes =
            FileAttributes { mode: Some(Mode("0600".to_owned())), ..Default::default() };
        assert_eq!(change(&attributes).chmod(), "00600");
        let same = FileAttributes { setype: Some("etc_t".to_owned()), ..Default::default() };
        assert!(change(&same).is_empty());
        let other = FileAttributes { selevel: Some("s0".to_owned()), ..Default::default() };
        assert_eq!(change(&other).context_args(), ["", "", "", "s0"].map(str::to_owned));
    }

    #[test]
    fn flags_are_compared_as_a_set() {
        assert!(!flags_differ("+i", "----i---e---"));
        assert!(flags_differ("-i", "----i---e---"));
        assert!(!flags_differ("=ei", "----i---e---"));
        assert!(flags_differ("+a", "----i---e---"));
    }
}
