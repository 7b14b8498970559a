//! `rplay vault`: encrypting and decrypting files and texts.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::super::args::{VaultArgs, VaultCommand};
use super::super::config::Config;
use super::super::fault::Fault;
use super::super::prompt;
use super::super::secrets::{self, VaultSources};
use crate::base::{Redactor, Secret};
use crate::value::vault::{Keyring, VaultError, is_vault};

/// The vault id that stands for "the one password there is".
const DEFAULT_ID: &str = "default";

pub(crate) fn run(args: &VaultArgs, config: &Config, redactor: &Redactor) -> Result<(), Fault> {
    let sources = VaultSources {
        ids: &args.vault_id,
        files: &args.vault_password_file,
        ask: args.ask_vault_pass,
    };
    let mut keyring = secrets::keyring(sources, config, redactor)?;
    let id = encrypt_id(args)?;
    match &args.command {
        VaultCommand::Encrypt { files, output } => {
            some_password(&mut keyring, &id, true)?;
            each(files, output.as_deref(), |plain, name| encrypt(&keyring, &id, plain, name))
        }
        VaultCommand::Decrypt { files, output } => {
            some_password(&mut keyring, &id, false)?;
            each(files, output.as_deref(), |text, name| decrypt(&keyring, text, name))
        }
        VaultCommand::View { files } => {
            some_password(&mut keyring, &id, false)?;
            for file in files {
                let plain = decrypt(&keyring, &read(file)?, &file.display().to_string())?;
                io::stdout().lock().write_all(&plain)?;
            }
            Ok(())
        }
        VaultCommand::EncryptString { text, name } => {
            some_password(&mut keyring, &id, true)?;
            let plain = string_to_encrypt(text.as_deref())?;
            let sealed = keyring.encrypt(&plain, &id).map_err(|error| refused(&error, "it"))?;
            Ok(io::stdout().lock().write_all(tagged(name.as_deref(), &sealed).as_bytes())?)
        }
        VaultCommand::Rekey { files, new_vault_id, new_vault_password_file } => {
            some_password(&mut keyring, &id, false)?;
            let mut new = Keyring::new(redactor.clone());
            let new_id = match (new_vault_id, new_vault_password_file) {
                (Some(text), _) => {
                    let (id, password) = secrets::vault_password(text, config)?;
                    new.add(id.clone(), password);
                    id
                }
                (None, Some(path)) => {
                    let (id, password) =
                        secrets::vault_password(&path.display().to_string(), config)?;
                    new.add(id.clone(), password);
                    id
                }
                (None, None) => {
                    new.add(DEFAULT_ID, ask_new()?);
                    DEFAULT_ID.to_owned()
                }
            };
            each(files, None, |text, name| {
                encrypt(&new, &new_id, &decrypt(&keyring, text, name)?, name)
            })
        }
    }
}

/// The id to encrypt with.
fn encrypt_id(args: &VaultArgs) -> Result<String, Fault> {
    let of = |text: &String| text.rsplit_once('@').map(|(id, _)| id.to_owned());
    let mut ids: Vec<String> = args.vault_id.iter().filter_map(of).collect();
    ids.dedup();
    let encrypts =
        matches!(args.command, VaultCommand::Encrypt { .. } | VaultCommand::EncryptString { .. });
    match (&args.encrypt_vault_id, ids.as_slice()) {
        (Some(id), _) | (None, [id]) => Ok(id.clone()),
        (None, [_, _, ..]) if encrypts => {
            let fault = Fault::usage(format!("there are several vault ids: {}", ids.join(", ")));
            Err(fault.help("choose one with --encrypt-vault-id"))
        }
        _ => Ok(DEFAULT_ID.to_owned()),
    }
}

/// Asks for a password where none was given.
fn some_password(keyring: &mut Keyring, id: &str, new: bool) -> Result<(), Fault> {
    if keyring.is_empty() {
        let password = if new { ask_new()? } else { ask_old()? };
        keyring.add(id, password);
    }
    Ok(())
}

fn ask_new() -> Result<Secret, Fault> {
    prompt::new_secret("New vault password", "give it with --vault-password-file")
}

fn ask_old() -> Result<Secret, Fault> {
    prompt::secret("Vault password", "give it with --vault-password-file")
}

/// Turns each file into another one in its place.
fn each(
    files: &[PathBuf],
    output: Option<&Path>,
    turn: impl Fn(&[u8], &str) -> Result<Vec<u8>, Fault>,
) -> Result<(), Fault> {
    if output.is_some() && files.len() > 1 {
        return Err(Fault::usage("--output takes one file"));
    }
    // All is turned before anything is written: a wrong password leaves every file as it was.
    let turned: Vec<(&PathBuf, Vec<u8>)> = files
        .iter()
        .map(|file| Ok((file, turn(&read(file)?, &file.display().to_string())?)))
        .collect::<Result<_, Fault>>()?;
    for (file, bytes) in turned {
        match output.unwrap_or(file) {
            path if path == Path::new("-") => io::stdout().lock().write_all(&bytes)?,
            path => replace(path, &bytes).map_err(|error| {
                Fault::other(format!("cannot write {}: {error}", path.display()))
            })?,
        }
    }
    Ok(())
}

fn read(file: &Path) -> Result<Vec<u8>, Fault> {
    let read = if file == Path::new("-") {
        let mut bytes = vec![];
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(file)
    };
    read.map_err(|error| Fault::other(format!("cannot read {}: {error}", file.display())))
}

/// Replaces a file in one step, so that it is never half written; nobody else may read it
/// meanwhile.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".rplay-{}", std::process::id()));
    let beside = path.with_file_name(name);
    let write = || {
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        if let Ok(data) = fs::metadata(path) {
            file.set_permissions(fs::Permissions::from_mode(data.permissions().mode()))?;
        }
        fs::rename(&beside, path)
    };
    write().inspect_err(|_| {
        // What remains is encrypted or readable by its owner alone.
        let _ = fs::remove_file(&beside);
    })
}

fn encrypt(keyring: &Keyring, id: &str, plain: &[u8], name: &str) -> Result<Vec<u8>, Fault> {
    if std::str::from_utf8(plain).is_ok_and(is_vault) {
        return Err(Fault::other(format!("{name} is encrypted already")));
    }
    let sealed = keyring.encrypt(plain, id).map_err(|error| refused(&error, name))?;
    Ok(sealed.into_bytes())
}

fn decrypt(keyring: &Keyring, text: &[u8], name: &str) -> Result<Vec<u8>, Fault> {
    let text = std::str::from_utf8(text).ok().filter(|text| is_vault(text));
    let text = text.ok_or_else(|| Fault::other(format!("{name} is not encrypted")))?;
    let plain = keyring.decrypt_bytes(text).map_err(|error| refused(&error, name))?;
    Ok(plain.reveal().clone())
}

fn refused(error: &VaultError, name: &str) -> Fault {
    Fault::other(format!("{name}: {error}"))
}

/// The text of the command line; else what is piped in, or typed.
fn string_to_encrypt(text: Option<&str>) -> Result<Vec<u8>, Fault> {
    use io::IsTerminal;
    match text {
        Some("-") | None if !io::stdin().is_terminal() => read(Path::new("-")),
        Some(text) if text != "-" => Ok(text.as_bytes().to_vec()),
        _ => {
            let typed = prompt::secret("Text to encrypt", "give it on standard input")?;
            Ok(typed.reveal().clone().into_bytes())
        }
    }
}

/// An encrypted text as a value in a file of variables.
fn tagged(name: Option<&str>, sealed: &str) -> String {
    let name = name.map_or_else(String::new, |name| format!("{name}: "));
    let lines: Vec<&str> = sealed.lines().collect();
    format!("{name}!vault |\n          {}\n", lines.join("\n          "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring() -> Keyring {
        let mut keyring = Keyring::default();
        keyring.add(DEFAULT_ID, Secret::new("hunter2".to_owned()));
        keyring
    }

    #[test]
    fn files_are_turned_in_place_and_keep_their_mode() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vars.yml");
        fs::write(&file, "a: 1\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let files = [file.clone()];
        let keyring = keyring();
        each(&files, None, |plain, name| encrypt(&keyring, DEFAULT_ID, plain, name)).unwrap();
        assert!(is_vault(&fs::read_to_string(&file).unwrap()));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        each(&files, None, |text, name| decrypt(&keyring, text, name)).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "a: 1\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn one_file_that_cannot_be_turned_leaves_all_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let [good, bad] = ["good", "bad"].map(|name| folder.path().join(name));
        let keyring = keyring();
        let sealed = keyring.encrypt(b"x", DEFAULT_ID).unwrap();
        fs::write(&good, &sealed).unwrap();
        fs::write(&bad, "plain\n").unwrap();
        let fault = each(&[good.clone(), bad], None, |text, name| decrypt(&keyring, text, name));
        assert!(fault.unwrap_err().message.ends_with("bad is not encrypted"));
        assert_eq!(fs::read_to_string(&good).unwrap(), sealed);
    }

    #[test]
    fn a_value_stands_behind_its_tag() {
        assert_eq!(
            tagged(Some("password"), "$ANSIBLE_VAULT;1.1;AES256\n6162\n"),
            "password: !vault |\n          $ANSIBLE_VAULT;1.1;AES256\n          6162\n"
        );
    }
}
