//! `rplay vault`: encrypting and decrypting files and texts.

mod editor;
mod files;
mod strings;

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use super::super::args::{StringArgs, VaultArgs, VaultCommand};
use super::super::config::Config;
use super::super::fault::Fault;
use super::super::secrets::{self, VaultSources};
use super::super::{prompt, tell};
use crate::base::{Redactor, Secret};
use crate::value::vault::{Keyring, VaultError, is_vault};

/// The vault id that stands for "the one password there is".
const DEFAULT_ID: &str = "default";

pub(crate) fn run(args: &VaultArgs, config: &Config, redactor: &Redactor) -> Result<(), Fault> {
    tell::settings(config, args.verbose)?;
    if let Some(id) = args.vault_id.iter().find(|id| id.contains(';')) {
        return Err(Fault::usage(format!("a vault id must not hold `;`, as in `{id}`")));
    }
    let sources = VaultSources {
        ids: &args.vault_id,
        files: &args.vault_password_file,
        ask: args.ask_vault_pass,
    };
    let mut keyring = secrets::keyring(sources, config, redactor)?;
    match &args.command {
        VaultCommand::Create { file, skip_tty_check } => {
            if !skip_tty_check && !io::stdout().is_terminal() {
                let fault = Fault::usage("there is no terminal for an editor");
                return Err(fault.help("--skip-tty-check opens it all the same"));
            }
            let id = new_password(&mut keyring, args, config)?;
            create(&keyring, &id, file, config)
        }
        VaultCommand::Edit { files } => {
            old_password(&mut keyring)?;
            files.iter().try_for_each(|file| edit(&keyring, file, config))
        }
        VaultCommand::Encrypt { files, output } => {
            let id = new_password(&mut keyring, args, config)?;
            files::each(files, output.as_deref(), |plain, name| encrypt(&keyring, &id, plain, name))
        }
        VaultCommand::Decrypt { files, output } => {
            old_password(&mut keyring)?;
            files::each(files, output.as_deref(), |text, name| decrypt(&keyring, text, name))
        }
        VaultCommand::View { files } => {
            old_password(&mut keyring)?;
            for file in files {
                let plain = decrypt(&keyring, &files::read(file)?, &file.display().to_string())?;
                io::stdout().lock().write_all(&plain)?;
            }
            Ok(())
        }
        VaultCommand::EncryptString(wanted) => {
            let id = new_password(&mut keyring, args, config)?;
            encrypt_strings(&keyring, &id, wanted)
        }
        VaultCommand::Rekey { files, new_vault_id, new_vault_password_file } => {
            old_password(&mut keyring)?;
            let file = new_vault_password_file.as_ref().map(|path| path.display().to_string());
            let source = new_vault_id.clone().or(file);
            let (new, id) = rekeyed(source, &keyring, args, config)?;
            let new = new.with_salt(config.text("vault_encrypt_salt"));
            files::each(files, None, |text, name| {
                encrypt(&new, &id, &decrypt(&keyring, text, name)?, name)
            })
        }
    }
}

/// What files are encrypted anew with, and the id for it: from a source that is given, else by
/// the id of a password that is known, else asked for.
fn rekeyed(
    source: Option<String>,
    keyring: &Keyring,
    args: &VaultArgs,
    config: &Config,
) -> Result<(Keyring, String), Fault> {
    let (id, password) = if let Some(source) = source {
        secrets::vault_password(&source, config, keyring)?
    } else if let Some(id) = encrypt_id(args, config) {
        return Ok((keyring.clone(), known(keyring, id)?));
    } else {
        (DEFAULT_ID.to_owned(), ask_new()?)
    };
    let mut new = Keyring::new(keyring.redactor().clone());
    new.add(id.clone(), password);
    Ok((new, id))
}

/// The id to encrypt with, as it was typed or set.
fn encrypt_id(args: &VaultArgs, config: &Config) -> Option<String> {
    let set = config.text("vault_encrypt_identity").map(str::to_owned);
    args.encrypt_vault_id.clone().or(set)
}

/// Sees to a password to encrypt with, and gives its id.
fn new_password(keyring: &mut Keyring, args: &VaultArgs, config: &Config) -> Result<String, Fault> {
    if keyring.is_empty() {
        keyring.add(encrypt_id(args, config).unwrap_or(DEFAULT_ID.to_owned()), ask_new()?);
    }
    if let Some(id) = encrypt_id(args, config) {
        return known(keyring, id);
    }
    match keyring.ids().as_slice() {
        [id] => Ok((*id).to_owned()),
        ids => {
            let message = format!("there are several vault passwords: {}", ids.join(", "));
            Err(Fault::usage(message).help("choose one with --encrypt-vault-id"))
        }
    }
}

fn known(keyring: &Keyring, id: String) -> Result<String, Fault> {
    let ids = keyring.ids();
    if ids.contains(&id.as_str()) {
        return Ok(id);
    }
    // Scripts look for this sentence.
    let ids = ids.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(", ");
    Err(Fault::other(format!(
        "Did not find a match for --encrypt-vault-id={id} in the known vault-ids [{ids}]"
    )))
}

/// Asks for the password of what is encrypted, where none was given.
fn old_password(keyring: &mut Keyring) -> Result<(), Fault> {
    if keyring.is_empty() {
        let otherwise = "give it with --vault-password-file";
        keyring.add(DEFAULT_ID, prompt::secret("Vault password", otherwise)?);
    }
    Ok(())
}

fn ask_new() -> Result<Secret, Fault> {
    prompt::new_secret("New vault password", "give it with --vault-password-file")
}

fn create(keyring: &Keyring, id: &str, file: &Path, config: &Config) -> Result<(), Fault> {
    if file.exists() {
        let fault = Fault::other(format!("{} exists already", file.display()));
        return Err(fault.help("`edit` changes it"));
    }
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|error| Fault::other(format!("cannot make {}: {error}", folder.display())))?;
    }
    let plain = editor::edit(b"", file, config)?;
    files::write(file, &encrypt(keyring, id, &plain, &file.display().to_string())?)
}

/// What was not changed is not encrypted anew.
fn edit(keyring: &Keyring, file: &Path, config: &Config) -> Result<(), Fault> {
    let name = file.display().to_string();
    let sealed = files::read(file)?;
    let before = decrypt(keyring, &sealed, &name)?;
    let after = editor::edit(&before, file, config)?;
    if after == before {
        return Ok(());
    }
    let sealed = String::from_utf8_lossy(&sealed);
    let sealed = keyring.encrypt_again(&after, &sealed).map_err(|error| refused(&error, &name))?;
    files::write(file, sealed.as_bytes())
}

fn encrypt_strings(keyring: &Keyring, id: &str, wanted: &StringArgs) -> Result<(), Fault> {
    let texts = strings::collect(wanted)?;
    let mut shown = String::new();
    for (index, text) in texts.iter().enumerate() {
        let sealed = keyring.encrypt(&text.text, id).map_err(|error| refused(&error, "it"))?;
        if texts.len() > 1 {
            let name = text.name.iter().map(|name| format!("variable \"{name}\", "));
            let (name, number) = (name.collect::<String>(), index + 1);
            tell::line(&format!("# {name}string #{number} from {}", text.from));
        }
        shown += &strings::tagged(text.name.as_deref(), &sealed);
    }
    files::write(wanted.output.as_deref().unwrap_or(Path::new("-")), shown.as_bytes())
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

#[cfg(test)]
mod tests;
