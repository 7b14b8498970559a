//! Becoming another user: the command line, the conversation about a password, the faults.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::io::AsyncWriteExt as _;

use super::frame::Mark;
use super::process::{Chunk, Process};
use super::quote::quote;
use super::{Become, BecomeMethod, ConnectionError};

/// The command line, for any login shell, that runs a program as the user wanted.
///
/// `program` is itself a command line. Behind a login it starts when the mark was printed.
pub(super) fn command_line(
    login: Option<&Become>,
    mark: &Mark,
    program: &str,
) -> Result<String, ConnectionError> {
    let Some(login) = login else { return Ok(format!("exec {program}")) };
    let words = login.flags.iter().chain([&login.user]).chain(&login.executable);
    let words = words.chain(&login.directory);
    for word in words {
        if word.is_empty() || word.contains(|sign: char| sign.is_control()) {
            return Err(become_error(
                format!("`{}` cannot be a word of a command line", word.escape_debug()),
                "",
            ));
        }
    }
    if login.user.starts_with('-') {
        return Err(become_error(format!("`{}` is not the name of a user", login.user), ""));
    }
    let gated = quote(&format!("echo {}; exec {program}", mark.as_str()));
    let executable = quote(login.executable.as_deref().unwrap_or(name(login.method)));
    let user = quote(&login.user);
    let flags: Vec<String> = flags(login).map(|flag| quote(&flag)).collect();
    let flags = flags.join(" ");
    let start = match &login.directory {
        Some(directory) => format!("cd {} && exec", quote(directory)),
        None => "exec".to_owned(),
    };
    Ok(match login.method {
        BecomeMethod::Sudo => {
            let flags = if flags.is_empty() { "-H" } else { &flags };
            let asking = match login.password {
                Some(_) => format!("-S -p {}", prompt(mark)),
                None => "-n".to_owned(),
            };
            format!("{start} {executable} {flags} {asking} -u {user} -- /bin/sh -c {gated}")
        }
        BecomeMethod::Su => format!("{start} {executable} {flags} {user} -c {gated}"),
        BecomeMethod::Doas => {
            format!("{start} {executable} {flags} -n -u {user} -- /bin/sh -c {gated}")
        }
    })
}

/// The options of the program, but what says never to ask where there is an answer.
fn flags(login: &Become) -> impl Iterator<Item = String> {
    /// Those of sudo that take no value, and so may stand together.
    const LETTERS: &str = "ABEHKPSVbeiklnsv";
    let answers = login.password.is_some() && login.method == BecomeMethod::Sudo;
    login.flags.iter().filter_map(move |flag| {
        if !answers {
            return Some(flag.clone());
        }
        match flag.strip_prefix('-') {
            Some("-non-interactive") => None,
            Some(letters) if letters.chars().all(|letter| LETTERS.contains(letter)) => {
                let kept = letters.replace('n', "");
                (!kept.is_empty()).then(|| format!("-{kept}"))
            }
            _ => Some(flag.clone()),
        }
    })
}

/// Whether the program may ask for a password, so that nothing else may be written before it has
/// let through.
pub(super) fn may_ask(login: &Become) -> bool {
    // sudo and doas are told not to ask where there is no answer; su cannot be.
    login.password.is_some() || login.method == BecomeMethod::Su
}

/// The command's name, where no other is given.
fn name(method: BecomeMethod) -> &'static str {
    match method {
        BecomeMethod::Sudo => "sudo",
        BecomeMethod::Su => "su",
        BecomeMethod::Doas => "doas",
    }
}

/// What sudo asks with: nobody else prints this.
fn prompt(mark: &Mark) -> String {
    format!("{}:password", mark.as_str())
}

/// Gives the password when asked, once, and waits until the program is let through.
///
/// What the program prints behind the mark stays to be read.
pub(super) async fn pass(
    mut process: Process,
    login: &Become,
    mark: &Mark,
    within: Duration,
) -> Result<Process, ConnectionError> {
    let within = login.patience.unwrap_or(within);
    let mut gate = Gate { login, mark, out: vec![], err: vec![], answered: false };
    let opened = tokio::time::timeout(within, gate.open(&mut process)).await;
    let rest = if let Ok(result) = opened {
        result?
    } else {
        let reason = format!(
            "Timed out waiting for become success or become password prompt: {} did not \
                 answer within {} s{}",
            name(login.method),
            within.as_secs(),
            said(&String::from_utf8_lossy(&gate.err))
        );
        return Err(ConnectionError::Unreachable { reason, help: String::new() });
    };
    let Process { input, output } = process;
    let output = stream::iter((!rest.is_empty()).then_some(Chunk::Out(rest))).chain(output).boxed();
    Ok(Process { input, output })
}

/// What was heard before the program was let through.
struct Gate<'a> {
    login: &'a Become,
    mark: &'a Mark,
    out: Vec<u8>,
    err: Vec<u8>,
    answered: bool,
}

impl Gate<'_> {
    /// The most that is listened to.
    const NOISE: usize = 64 * 1024;

    async fn open(&mut self, process: &mut Process) -> Result<Bytes, ConnectionError> {
        let line = format!("{}\n", self.mark.as_str());
        loop {
            match process.output.next().await {
                Some(Chunk::Out(bytes)) => {
                    self.out.extend_from_slice(&bytes);
                    if let Some(at) = memchr::memmem::find(&self.out, line.as_bytes()) {
                        return Ok(Bytes::copy_from_slice(&self.out[at + line.len()..]));
                    }
                }
                Some(Chunk::Err(bytes)) => {
                    self.err.extend_from_slice(&bytes);
                    self.answer(process).await?;
                }
                Some(Chunk::Exit(status)) => {
                    self.hear_out(process).await;
                    let printed =
                        String::from_utf8_lossy(&self.err).replace(&prompt(self.mark), "");
                    return Err(refusal(self.login, Some(status), printed.trim()));
                }
                Some(Chunk::Lost(reason)) => {
                    return Err(ConnectionError::Unreachable { reason, help: String::new() });
                }
                None => return Err(refusal(self.login, None, "")),
            }
            if self.out.len() + self.err.len() > Self::NOISE {
                return Err(refusal(self.login, None, &String::from_utf8_lossy(&self.err)));
            }
        }
    }

    /// Writes the password if it is being asked for; a second time it was wrong.
    async fn answer(&mut self, process: &mut Process) -> Result<(), ConnectionError> {
        let text = String::from_utf8_lossy(&self.err);
        let asked = match self.login.method {
            BecomeMethod::Sudo => text.contains(&prompt(self.mark)),
            // su words its question by the locale: a line that waits for an answer.
            BecomeMethod::Su | BecomeMethod::Doas => {
                let prompts = &self.login.prompts;
                text.trim_end().ends_with([':', '：'])
                    && (prompts.is_empty() || prompts.iter().any(|prompt| text.contains(prompt)))
            }
        };
        if !asked {
            return Ok(());
        }
        let Some(password) = &self.login.password else {
            return Err(missing_password(self.login));
        };
        if self.answered {
            return Err(wrong_password(self.login));
        }
        self.answered = true;
        self.err.clear();
        // A program that no longer reads says why by its end.
        let _ = process.input.write_all(format!("{}\n", password.reveal()).as_bytes()).await;
        let _ = process.input.flush().await;
        Ok(())
    }

    /// Reads what an ended program had still to say.
    async fn hear_out(&mut self, process: &mut Process) {
        let rest = async {
            while let Some(chunk) = process.output.next().await {
                if let Chunk::Err(bytes) = chunk {
                    self.err.extend_from_slice(&bytes);
                }
            }
        };
        let _ = tokio::time::timeout(Duration::from_millis(200), rest).await;
    }
}

/// Why the rights of the user wanted were not given, by what the program said.
pub(super) fn refusal(login: &Become, status: Option<i32>, printed: &str) -> ConnectionError {
    let method = name(login.method);
    let text = printed.to_lowercase();
    let any = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
    let executable = login.executable.as_deref().unwrap_or(method);
    if let Some(directory) = login.directory.as_ref().filter(|path| printed.contains(*path)) {
        return become_error(
            format!("cannot cd to `{directory}` before {method}{}", said(printed)),
            "check `ansible_sudo_chdir`",
        );
    }
    if any(&["a password is required", "a terminal is required", "no tty present"])
        && login.password.is_none()
        || login.method == BecomeMethod::Doas
            && any(&["authorization required", "a tty is required"])
    {
        return missing_password(login);
    }
    if any(&["incorrect password", "sorry, try again", "authentication failure"]) {
        return wrong_password(login);
    }
    if any(&["not in the sudoers", "may not run sudo", "is not allowed to", "not permitted"]) {
        return become_error(
            format!("{method} does not allow this to the login user{}", said(printed)),
            "add the user to the sudoers, or choose another `become_method`",
        );
    }
    if any(&["unknown user", "does not exist"]) {
        return become_error(
            format!("`{}` is not a user of the host", login.user),
            "check `become_user`, or create it first with a task `user`",
        );
    }
    if any(&["must have a tty", "requiretty"]) {
        return become_error(
            format!("{method} wants a terminal{}", said(printed)),
            "take `requiretty` out of the sudoers for this user",
        );
    }
    if status == Some(127) || any(&["command not found", "no such file or directory"]) {
        return become_error(
            format!("`{executable}` was not found on the host"),
            "install it, or choose another `become_method`",
        );
    }
    become_error(format!("{method} to `{}` failed{}", login.user, said(printed)), "")
}

fn missing_password(login: &Become) -> ConnectionError {
    let help = match login.method {
        BecomeMethod::Doas => "doas asks on a terminal only: allow the user with `nopass`",
        BecomeMethod::Sudo | BecomeMethod::Su => {
            "give `ansible_become_password`, or --ask-become-pass"
        }
    };
    become_error(format!("Missing {} password", name(login.method)), help)
}

fn wrong_password(login: &Become) -> ConnectionError {
    become_error(
        format!("Incorrect {} password", name(login.method)),
        "check `ansible_become_password`, or give --ask-become-pass; it was tried once only, so that \
         the account is not locked",
    )
}

fn become_error(reason: String, help: &str) -> ConnectionError {
    ConnectionError::Become { reason, help: help.to_owned() }
}

/// What a program said, as the end of a sentence.
fn said(printed: &str) -> String {
    let last: Vec<&str> = printed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if last.is_empty() { String::new() } else { format!(": {}", last.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Secret;

    fn login(method: BecomeMethod, password: Option<&str>) -> Become {
        let password = password.map(|password| Secret::new(password.to_owned()));
        Become { password, ..Become::new(method, "app user") }
    }

    fn line(login: &Become) -> String {
        let mark = Mark::new().unwrap();
        let line = command_line(Some(login), &mark, "/bin/sh").unwrap();
        line.replace(mark.as_str(), "MARK")
    }

    #[test]
    fn command_lines_hold_no_password() {
        use BecomeMethod::{Doas, Su, Sudo};
        let lines = [
            line(&login(Sudo, None)),
            line(&login(Sudo, Some("hunter2"))),
            line(&login(Su, Some("hunter2"))),
            line(&login(Doas, None)),
            line(&Become {
                executable: Some("/opt/su do".into()),
                flags: vec!["-E".into(), "-C 5".into()],
                ..login(Sudo, None)
            }),
            line(&Become {
                flags: ["-Hn", "-n", "--non-interactive", "--user-n"].map(Into::into).into(),
                directory: Some("/a b".into()),
                ..login(Sudo, Some("hunter2"))
            }),
        ];
        insta::assert_snapshot!(lines.join("\n"), @r"
        exec sudo -H -n -u 'app user' -- /bin/sh -c 'echo MARK; exec /bin/sh'
        exec sudo -H -S -p MARK:password -u 'app user' -- /bin/sh -c 'echo MARK; exec /bin/sh'
        exec su  'app user' -c 'echo MARK; exec /bin/sh'
        exec doas  -n -u 'app user' -- /bin/sh -c 'echo MARK; exec /bin/sh'
        exec '/opt/su do' -E '-C 5' -n -u 'app user' -- /bin/sh -c 'echo MARK; exec /bin/sh'
        cd '/a b' && exec sudo -H --user-n -S -p MARK:password -u 'app user' -- /bin/sh -c 'echo MARK; exec /bin/sh'
        ");
    }

    #[test]
    fn words_that_are_none_are_refused() {
        let mark = Mark::new().unwrap();
        for user in ["", "a\nb", "-u", "a\0"] {
            let login = Become { user: user.into(), ..login(BecomeMethod::Sudo, None) };
            assert!(command_line(Some(&login), &mark, "/bin/sh").is_err(), "{user:?}");
        }
    }

    #[test]
    fn refusals_are_told_in_plain_words() {
        use BecomeMethod::{Doas, Su, Sudo};
        let cases = [
            (Sudo, None, 1, "sudo: a password is required", "Missing sudo password"),
            (Sudo, Some("x"), 1, "sudo: 1 incorrect password attempt", "Incorrect sudo password"),
            (Su, Some("x"), 1, "su: Authentication failure", "Incorrect su password"),
            (Doas, None, 1, "doas: Authorization required", "Missing doas password"),
            (
                Sudo,
                Some("x"),
                1,
                "joe is not in the sudoers file.",
                "sudo does not allow this to the login user: joe is not in the sudoers file.",
            ),
            (
                Sudo,
                None,
                1,
                "sudo: sorry, you must have a tty to run sudo",
                "sudo wants a terminal: sudo: sorry, you must have a tty to run sudo",
            ),
            (Sudo, None, 1, "sudo: unknown user app user", "`app user` is not a user of the host"),
            (
                Su,
                None,
                1,
                "su: user app user does not exist",
                "`app user` is not a user of the host",
            ),
            (Sudo, None, 127, "sh: 1: exec: sudo: not found", "`sudo` was not found on the host"),
            (Su, None, 1, "", "su to `app user` failed"),
        ];
        for (method, password, status, printed, expected) in cases {
            let error = refusal(&login(method, password), Some(status), printed);
            assert_eq!(error.to_string(), expected);
        }
    }
}
