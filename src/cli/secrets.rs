//! The passwords of a run: asked for at the terminal, read from a file, or told by a program.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::args::{BecomeArgs, ConnectionArgs};
use super::config::Config;
use super::fault::{Fault, password_file};
use super::{Exit, prompt, tell};
use crate::base::{Redactor, Secret};
use crate::value::vault::{Keyring, is_vault};

/// The vault id of a password that was given without one.
const DEFAULT_ID: &str = "default";

/// Where vault passwords come from, as the command line says.
#[derive(Debug, Clone, Copy)]
pub(super) struct VaultSources<'a> {
    pub(super) ids: &'a [String],
    pub(super) files: &'a [PathBuf],
    pub(super) ask: bool,
}

/// Collects the vault passwords, those of the configuration before those of the command line.
pub(super) fn keyring(
    given: VaultSources<'_>,
    config: &Config,
    redactor: &Redactor,
) -> Result<Keyring, Fault> {
    let matching = config.flag("vault_id_match")?.unwrap_or(false);
    let keyring = Keyring::new(redactor.clone()).matching_ids(matching);
    let mut keyring = keyring.with_salt(config.text("vault_encrypt_salt"));
    let listed = config.text("vault_identity_list").unwrap_or_default().split(',').map(str::trim);
    let listed = listed.filter(|text| !text.is_empty()).map(str::to_owned);
    // To Ansible the file that is set counts beside those that are given.
    let both = config.persona.is_ansible() || given.files.is_empty();
    let configured = config.path("vault_password_file").filter(|_| both);
    let identity = config.text("vault_identity").unwrap_or(DEFAULT_ID);
    let files = given.files.iter().chain(&configured);
    let files = files.map(|path| format!("{identity}@{}", path.display()));
    let mut missing: Vec<(String, Fault)> = vec![];
    for text in listed.chain(given.ids.iter().cloned()).chain(files) {
        // One that cannot be had may not be needed; the last such fault is told if none can.
        match vault_password(&text, config, &keyring) {
            Ok((id, password)) => keyring.add_from(source_of(&text), id, password),
            Err(fault) if fault.message.is_empty() => return Err(fault),
            Err(fault) => {
                // To Ansible no option is wrong then.
                let exit = if config.persona.is_ansible() { Exit::Error } else { fault.exit };
                missing.push((text, Fault { exit, ..fault }));
            }
        }
    }
    let configured = config.flag("ask_vault_pass")?.unwrap_or(false);
    if given.ask || (configured && given.ids.is_empty() && given.files.is_empty()) {
        keyring.add_from("prompt", DEFAULT_ID, ask_vault(DEFAULT_ID)?);
    }
    let last = missing.pop_if(|_| keyring.is_empty());
    for (text, fault) in &missing {
        tell::warning(&format!("`{text}` gives no vault password: {}", fault.message));
    }
    last.map_or(Ok(keyring), |(_, fault)| Err(fault))
}

/// The source in `ID@SOURCE`, or in a source alone.
fn source_of(text: &str) -> &str {
    text.split_once('@').map_or(text, |(_, source)| source)
}

/// Reads `ID@SOURCE`, or a source alone. A file may itself be encrypted, with a password that is
/// known already.
pub(super) fn vault_password(
    text: &str,
    config: &Config,
    known: &Keyring,
) -> Result<(String, Secret), Fault> {
    let (id, source) = match text.split_once('@') {
        Some((id, source)) if !id.is_empty() => (id, source),
        Some((_, source)) => (config.text("vault_identity").unwrap_or(DEFAULT_ID), source),
        None => (config.text("vault_identity").unwrap_or(DEFAULT_ID), text),
    };
    let password = match source {
        "prompt" | "prompt_ask_vault_pass" => ask_vault(id)?,
        "" => {
            let path = config.path("vault_password_file").ok_or_else(|| {
                Fault::usage(format!("`--vault-id {text}` names no source"))
                    .help("write ID@FILE or ID@prompt")
            })?;
            from_file(&path, id, known)?
        }
        path => from_file(Path::new(path), id, known)?,
    };
    if password.reveal().is_empty() {
        return Err(Fault::other(format!("the vault password of `{text}` is empty")));
    }
    Ok((id.to_owned(), password))
}

fn ask_vault(id: &str) -> Result<Secret, Fault> {
    let question = if id == DEFAULT_ID {
        "Vault password".to_owned()
    } else {
        format!("Vault password ({id})")
    };
    prompt::secret(&question, "give it with --vault-password-file")
}

/// The first line of a file, or what it prints where it is a program.
fn from_file(path: &Path, id: &str, known: &Keyring) -> Result<Secret, Fault> {
    let executable = std::fs::metadata(path)
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0);
    if executable {
        return from_program(path, id);
    }
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Fault::usage(format!("cannot read the password file {shown}: {error}")))?;
    let text = if is_vault(&text) {
        let opened = known.decrypt(&text);
        let opened = opened.map_err(|error| Fault::other(format!("{shown}: {error}")))?;
        opened.reveal().clone()
    } else {
        text
    };
    Ok(Secret::new(text.trim().to_owned()))
}

fn from_program(path: &Path, id: &str) -> Result<Secret, Fault> {
    let shown = path.display();
    let program = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut command = Command::new(program);
    // A program of such a name can tell the passwords of several ids.
    if path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("-client")) {
        command.args(["--vault-id", id]);
    }
    let output =
        command.stdin(Stdio::inherit()).stderr(Stdio::inherit()).output().map_err(|error| {
            Fault::other(format!("cannot run the password program {shown}: {error}"))
        })?;
    if !output.status.success() {
        let fault =
            Fault::other(format!("the password program {shown} ended with {}", output.status));
        return Err(fault.help("to have it read as a file, take its execute permission away"));
    }
    let text = String::from_utf8(output.stdout)
        .map_err(|_| Fault::other(format!("the password program {shown} did not print text")))?;
    Ok(Secret::new(text.trim().to_owned()))
}

/// The password of logging in.
pub(super) fn login(args: &ConnectionArgs, config: &Config) -> Result<Option<Secret>, Fault> {
    let path = args.connection_password_file.clone();
    if let Some(path) = path.or_else(|| config.path("connection_password_file"))
        && !args.ask_pass
    {
        return password_file(&path).map(Some);
    }
    let ask = args.ask_pass || config.flag("ask_pass")?.unwrap_or(false);
    ask.then(|| prompt::secret("SSH password", "give it with --connection-password-file"))
        .transpose()
}

/// The password of becoming another user; the one of logging in where Enter alone is typed.
pub(super) fn becoming(
    args: &BecomeArgs,
    config: &Config,
    login: Option<&Secret>,
) -> Result<Option<Secret>, Fault> {
    let path = args.become_password_file.clone();
    if let Some(path) = path.or_else(|| config.path("become_password_file"))
        && !args.ask_become_pass
    {
        return password_file(&path).map(Some);
    }
    if !args.ask_become_pass && !config.flag("become_ask_pass")?.unwrap_or(false) {
        return Ok(config.text("become_pass").map(|text| Secret::new(text.to_owned())));
    }
    let question = match login {
        Some(_) => "BECOME password [defaults to SSH password]",
        None => "BECOME password",
    };
    let typed = prompt::secret(question, "give it with --become-password-file")?;
    Ok(match login {
        Some(login) if typed.reveal().is_empty() => Some(login.clone()),
        _ => Some(typed),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vault_password_has_an_id_and_a_source() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pass");
        std::fs::write(&file, "hunter2\n").unwrap();
        let read = |text: String| vault_password(&text, &Config::default(), &Keyring::default());
        let (id, password) = read(format!("prod@{}", file.display())).unwrap();
        assert_eq!((id.as_str(), password.reveal().as_str()), ("prod", "hunter2"));
        assert_eq!(read(file.display().to_string()).unwrap().0, "default");
        let fault = read("prod@".to_owned()).unwrap_err();
        assert_eq!(fault.message, "`--vault-id prod@` names no source");
    }

    #[test]
    fn a_program_is_run_and_told_the_id() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("echo-client");
        std::os::unix::fs::symlink("/bin/echo", &program).unwrap();
        let told = vault_password(
            &format!("prod@{}", program.display()),
            &Config::default(),
            &Keyring::default(),
        );
        assert_eq!(told.unwrap().1.reveal(), "--vault-id prod");
        let fault =
            vault_password("/bin/false", &Config::default(), &Keyring::default()).unwrap_err();
        assert!(fault.message.ends_with("ended with exit status: 1"), "{fault:?}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let fault =
            vault_password("/nowhere/pass", &Config::default(), &Keyring::default()).unwrap_err();
        assert!(fault.message.starts_with("cannot read the password file /nowhere/pass: "));
    }
}
