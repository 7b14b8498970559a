//! What stands where the members of an archive go to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Args;
use crate::sdk::file::{Content, FileKind, FileStat, Seen};
use crate::sdk::{Diff, Failure, Observer, Probe};

/// What stands there, by the members' names; those that are not there are not in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Members(BTreeMap<String, Member>);

/// What stands at one place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Member {
    /// What the kernel says of it.
    pub(super) stat: FileStat,
    /// When it was changed, in the host's time: `2026-01-31 12:00:00`.
    pub(super) changed: String,
    /// The CRC-32 of a file.
    pub(super) crc: Option<u32>,
}

impl Members {
    /// Looks where the owner or permissions of members are asked for.
    pub(super) async fn look(
        args: &Args,
        dest: &str,
        names: &[String],
        host: &Observer<'_>,
    ) -> Result<Self, Failure> {
        if args.attributes.is_given() {
            Self::ask(dest, &with_top_folders(names), "", host).await
        } else {
            Ok(Self::default())
        }
    }

    /// Looks at contents and times too.
    pub(super) async fn look_into(
        dest: &str,
        names: &[String],
        host: &Observer<'_>,
    ) -> Result<Self, Failure> {
        Self::ask(dest, names, "1", host).await
    }

    async fn ask(
        dest: &str,
        names: &[String],
        all: &str,
        host: &Observer<'_>,
    ) -> Result<Self, Failure> {
        const LOOK: Probe = Probe(include_str!("members.sh"));
        let output = host.probe_paths_reading(LOOK, [dest, all], input(names)).await?;
        if !output.success() || output.left_out > 0 {
            return Err(Failure::of_program(&format!("looking at {dest}"), &output));
        }
        let text = Content(output.stdout).to_text();
        let mut members = BTreeMap::new();
        for record in text.split_terminator("//\n") {
            let (name, member) = Member::parse(record).ok_or_else(|| {
                Failure::new(format!("the host's answer about {dest} is not understood"))
                    .help("rplay needs `stat` with the option -c: GNU coreutils or BusyBox")
            })?;
            members.insert(name, member);
        }
        Ok(Self(members))
    }

    /// What stands at a member's place.
    pub(super) fn get(&self, name: &str) -> Option<&Member> {
        self.0.get(plain(name))
    }

    /// What has to be set on what is there.
    pub(super) fn diffs(&self, args: &Args, dest: &Seen) -> Vec<Diff> {
        let diff = |(name, member): (&String, &Member)| {
            let path = format!("{}/{name}", dest.path.trim_end_matches('/'));
            let seen = Seen {
                path: path.clone(),
                stat: Some(member.stat.clone()),
                umask: dest.umask,
                ..Seen::default()
            };
            let kind = FileKind::File;
            let mut change = args.attributes.change(&seen, seen.stat.as_ref(), kind, None);
            // Flags were not looked at.
            change.flags = None;
            change.diff(&path, seen.stat.as_ref(), &seen)
        };
        self.0.iter().filter_map(diff).collect()
    }
}

impl Member {
    fn parse(record: &str) -> Option<(String, Self)> {
        let (stat, rest) = record.split_once("//")?;
        let mut parts = rest.rsplitn(3, "//");
        let (crc, changed, path) = (parts.next()?, parts.next()?, parts.next()?);
        let crc = u32::from_str_radix(crc, 16).ok().map(u32::swap_bytes);
        let changed = changed.get(..19).unwrap_or_default().to_owned();
        let member = Self { stat: FileStat::parse(stat)?, changed, crc };
        Some((plain(path).to_owned(), member))
    }
}

/// The names of members and of the folders at the top that archives need not name.
pub(super) fn with_top_folders(names: &[String]) -> Vec<String> {
    let mut all = names.to_vec();
    for name in names {
        if let Some((top, _)) = plain(name).split_once('/')
            && !all.iter().any(|known| plain(known) == top)
        {
            all.push(top.to_owned());
        }
    }
    all
}

/// Names as scripts read them.
pub(super) fn input(names: &[String]) -> Vec<u8> {
    names
        .iter()
        .filter(|name| !plain(name).is_empty())
        .flat_map(|name| format!("./{}\0", plain(name)).into_bytes())
        .collect()
}

fn plain(name: &str) -> &str {
    let name = name.trim_end_matches('/');
    name.strip_prefix("./").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_host_tells_is_read() {
        let stat = "81a4:0:0:3:1:2:3:7:4:1:8:4096:0:0:root:root";
        let parse = |rest: &str| Member::parse(&format!("{stat}//{rest}"));
        let (name, member) = parse("./a/b//2026-01-31 12:00:00.5 +0000//01020304").unwrap();
        assert_eq!((name.as_str(), member.crc), ("a/b", Some(0x0403_0201)));
        assert_eq!(member.changed, "2026-01-31 12:00:00");
        assert_eq!(parse("./a////").unwrap().1.crc, None);
        assert_eq!(Member::parse("nonsense"), None);
    }

    #[test]
    fn folders_at_the_top_are_members_too() {
        let names = ["./a/b".to_owned(), "a/c".to_owned(), "d/".to_owned(), "d/e".to_owned()];
        assert_eq!(with_top_folders(&names), ["./a/b", "a/c", "d/", "d/e", "a"]);
        assert_eq!(input(&names[2..3]), b"./d\0");
    }
}
