//! Why the host's kernel refused something about a file, in words that help.

use super::parent;
use crate::remote::Output;
use crate::sdk::{Failure, Returned};

/// A cause: how programs word it, what is said of it, and what the user can do.
struct Cause {
    /// Parts of the message, as GNU's programs, BusyBox's or shells word it.
    signs: &'static [&'static str],
    /// What is wrong.
    message: &'static str,
    /// What the user can do; `{dir}` is the directory, `{path}` the file.
    help: &'static str,
}

const CAUSES: &[Cause] = &[
    Cause {
        signs: &["No space left on device"],
        message: "no space is left on the device",
        help: "`df -h {dir}` and `df -i {dir}` show what is used up",
    },
    Cause {
        signs: &["Disk quota exceeded", "Quota exceeded"],
        message: "the disk quota is used up",
        help: "`quota` shows how much may be used",
    },
    Cause {
        signs: &["Read-only file system"],
        message: "the file system is read-only",
        help: "`findmnt -T {dir}` shows how it is mounted",
    },
    Cause {
        signs: &["invalid user", "unknown user"],
        message: "there is no such user",
        help: "create it first, with a task `user`",
    },
    Cause {
        signs: &["invalid group", "unknown group"],
        message: "there is no such group",
        help: "create it first, with a task `group`",
    },
    Cause {
        signs: &["Device or resource busy"],
        message: "it is a mount point and cannot be replaced",
        help: "`unsafe_writes: true` overwrites it in place",
    },
    Cause {
        signs: &["Text file busy"],
        message: "it is a program that runs",
        help: "stop it first",
    },
    Cause {
        signs: &["File name too long"],
        message: "the name is too long",
        help: "a name has at most 255 bytes, a path 4096",
    },
    Cause {
        signs: &["Too many levels of symbolic links"],
        message: "symbolic links lead round in a circle",
        help: "`namei -l {path}` shows them",
    },
    Cause {
        signs: &["Not a directory"],
        message: "a part of the path is not a directory",
        help: "`namei -l {path}` shows each part",
    },
    Cause {
        signs: &["Permission denied"],
        message: "permission denied",
        help: "`become: true` does it as root",
    },
    Cause {
        signs: &["chmod: changing permissions of", "touch: setting times of"],
        message: "only its owner and root may do this",
        help: "`become: true` does it as root",
    },
    Cause {
        signs: &["Operation not permitted"],
        message: "operation not permitted",
        help: "only root gives files away; `lsattr -d {path}` shows whether it is immutable",
    },
    Cause {
        signs: &["Directory nonexistent", "nonexistent directory", "No such file or directory"],
        message: "the directory {dir} does not exist",
        help: "create it first: a task `file: path={dir} state=directory`",
    },
];

/// Explains why a script that works on a path failed: `doing` is a fragment such as `write`.
pub fn explain(doing: &str, path: &str, output: &Output) -> Failure {
    let said = output.stderr_text();
    let line = said
        .lines()
        .map(str::trim)
        .find(|line| CAUSES.iter().any(|cause| is_sign(cause, line)))
        .or_else(|| said.lines().map(str::trim).rfind(|line| !line.is_empty()))
        .unwrap_or_default();
    let returned = Returned::of_output(output);
    let filled = |text: &str| text.replace("{dir}", parent(path)).replace("{path}", path);
    match CAUSES.iter().find(|cause| is_sign(cause, line)) {
        Some(cause) => Failure::new(format!("cannot {doing} {path}: {}", filled(cause.message)))
            .help(filled(cause.help))
            .returning(returned.with("details", line)),
        None if line.is_empty() => {
            Failure::new(format!("cannot {doing} {path}: status {}", output.status))
                .returning(returned)
        }
        None => Failure::new(format!("cannot {doing} {path}: {line}")).returning(returned),
    }
}

fn is_sign(cause: &Cause, line: &str) -> bool {
    cause.signs.iter().any(|sign| line.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(stderr: &str) -> String {
        let output = Output { status: 1, stderr: stderr.into(), ..Output::default() };
        match explain("write", "/srv/app/x", &output) {
            Failure::Task { message, help, .. } => {
                format!("{message} ({})", help.unwrap_or_default())
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_path_and_cause_in_every_dialect() {
        insta::assert_snapshot!(
            said("0+3 records in\ndd: error writing '/srv/app/.t': No space left on device"),
            @"cannot write /srv/app/x: no space is left on the device (`df -h /srv/app` and `df -i /srv/app` show what is used up)"
        );
        let missing = said("sh: 1: cannot create /srv/app/.t: Directory nonexistent");
        assert_eq!(missing, said("sh: can't create /srv/app/.t: nonexistent directory"));
        insta::assert_snapshot!(
            missing,
            @"cannot write /srv/app/x: the directory /srv/app does not exist (create it first: a task `file: path=/srv/app state=directory`)"
        );
        insta::assert_snapshot!(
            said("chown: invalid user: ‘app’"),
            @"cannot write /srv/app/x: there is no such user (create it first, with a task `user`)"
        );
    }

    #[test]
    fn says_what_the_host_said_where_it_knows_no_better() {
        assert_eq!(
            said("weird\nInput/output error\n"),
            "cannot write /srv/app/x: Input/output error ()"
        );
        assert_eq!(said(""), "cannot write /srv/app/x: status 1 ()");
    }
}
