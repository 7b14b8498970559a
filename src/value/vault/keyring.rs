//! The passwords of a run, and what they open.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::cipher::Keys;
use super::envelope::{DEFAULT_ID, Envelope, is_vault};
use crate::base::{Diagnostic, Redactor, Secret, SourceId, Sources, Span};
use crate::value::{Data, Node, yaml};

/// Why a text could not be encrypted or decrypted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// It is not what its header says.
    #[error("the encrypted text is damaged: {0}")]
    Corrupt(&'static str),
    /// Its format is of another version.
    #[error("expected vault version 1.1 or 1.2, found `{0}`")]
    Version(String),
    /// It uses another cipher.
    #[error("expected the cipher AES256, found `{0}`")]
    Cipher(String),
    /// No password was given.
    #[error("there is no vault password (vault id `{id}`)")]
    NoPassword {
        /// The id it was encrypted for.
        id: String,
    },
    /// None of the passwords opens it.
    #[error("{} it (vault id `{id}`)", none_opens(tried.len()))]
    WrongPassword {
        /// The id it was encrypted for.
        id: String,
        /// The passwords that were tried, in order: their ids, and where they came from.
        tried: Vec<String>,
    },
    /// It holds bytes where text is needed.
    #[error("what was encrypted is not UTF-8 text")]
    NotText,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandom,
}

impl VaultError {
    /// The diagnostic about an encrypted value at a place.
    pub fn at(&self, span: Span) -> Diagnostic {
        let fault = Diagnostic::error(self.code(), self.to_string(), span, "encrypted here");
        match self.help() {
            Some(help) => fault.help(help),
            None => fault,
        }
    }

    /// The diagnostic about an encrypted file.
    pub fn in_file(&self, path: &Path) -> Diagnostic {
        let path = path.strip_prefix(".").unwrap_or(path).display();
        let message = format!("cannot decrypt {path}: {self}");
        let fault = Diagnostic::plain(self.code(), message);
        match self.help() {
            Some(help) => fault.help(help),
            None => fault,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoPassword { .. } | Self::WrongPassword { .. } => "vault-password",
            _ => "vault-corrupt",
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::NoPassword { .. } => Some(
                "give one with --vault-password-file, --vault-id or --ask-vault-pass".to_owned(),
            ),
            Self::WrongPassword { tried, .. } => Some(format!(
                "tried: {}; the header is whole, a damaged text behind it looks the same",
                tried.join(", ")
            )),
            _ => None,
        }
    }
}

fn none_opens(tried: usize) -> String {
    match tried {
        1 => "the vault password does not open".to_owned(),
        count => format!("none of {count} vault passwords opens"),
    }
}

/// One vault password.
#[derive(Clone)]
struct Password {
    id: String,
    secret: Secret,
    /// Where it came from, as it was named.
    origin: Option<String>,
}

impl Password {
    fn shown(&self) -> String {
        match &self.origin {
            Some(origin) => format!("{} ({origin})", self.id),
            None => self.id.clone(),
        }
    }
}

/// Keys by password and salt: deriving them takes most of the time.
type Derived = HashMap<(usize, Vec<u8>), Keys>;

/// The vault passwords of a run, each under its vault id. A clone shares them.
///
/// Whatever it decrypts is learnt by the redactor.
#[derive(Clone, Default)]
pub struct Keyring {
    passwords: Vec<Password>,
    redactor: Redactor,
    derived: Arc<Mutex<Derived>>,
    /// Whether a text is opened with passwords of its own id alone.
    matching: bool,
    /// The salt of what is encrypted; random unless given.
    salt: Option<Vec<u8>>,
    /// The texts it decrypted.
    opened: Arc<Mutex<HashSet<String>>>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").field("ids", &self.ids()).finish_non_exhaustive()
    }
}

impl Keyring {
    /// A keyring without a password.
    pub fn new(redactor: Redactor) -> Self {
        Self { redactor, ..Self::default() }
    }

    /// Adds a password; earlier ones are tried first.
    pub fn add(&mut self, id: impl Into<String>, password: Secret) {
        self.push(Password { id: id.into(), secret: password, origin: None });
    }

    /// Adds a password likewise; messages tell where it came from.
    pub fn add_from(&mut self, origin: &str, id: impl Into<String>, password: Secret) {
        let origin = Some(origin.to_owned());
        self.push(Password { id: id.into(), secret: password, origin });
    }

    fn push(&mut self, password: Password) {
        self.redactor.add(password.secret.reveal());
        self.passwords.push(password);
    }

    /// Has a text opened with passwords of its own id alone, not with any that fits.
    #[must_use]
    pub fn matching_ids(mut self, matching: bool) -> Self {
        self.matching = matching;
        self
    }

    /// Encrypts with a salt of the user's, so that the same text becomes the same again.
    #[must_use]
    pub fn with_salt(mut self, salt: Option<&str>) -> Self {
        self.salt = salt.map(|salt| salt.as_bytes().to_vec());
        self
    }

    /// The ids of its passwords, in their order.
    pub fn ids(&self) -> Vec<&str> {
        self.passwords.iter().map(|password| password.id.as_str()).collect()
    }

    /// Whether it has no password.
    pub fn is_empty(&self) -> bool {
        self.passwords.is_empty()
    }

    /// The redactor that learns what is decrypted.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Decrypts a text to text.
    pub fn decrypt(&self, text: &str) -> Result<Secret, VaultError> {
        let text = self.open(text).and_then(|bytes| as_text(&bytes))?;
        self.redactor.add(text.reveal());
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.insert(text.reveal().clone());
        Ok(text)
    }

    /// Whether a text is what came out of an encrypted one.
    pub fn has_opened(&self, text: &str) -> bool {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).contains(text)
    }

    /// Decrypts a text to bytes, which may be any.
    pub fn decrypt_bytes(&self, text: &str) -> Result<Secret<Vec<u8>>, VaultError> {
        let bytes = self.open(text)?;
        if let Ok(text) = std::str::from_utf8(bytes.reveal()) {
            self.redactor.add(text);
        }
        Ok(bytes)
    }

    /// Encrypts bytes with the password of an id; `default` stands for the first password.
    pub fn encrypt(&self, plain: &[u8], id: &str) -> Result<String, VaultError> {
        let found = self.passwords.iter().position(|password| password.id == id);
        let first = (id == DEFAULT_ID && !self.passwords.is_empty()).then_some(0);
        let password =
            found.or(first).ok_or_else(|| VaultError::NoPassword { id: id.to_owned() })?;
        self.seal(plain, id, password)
    }

    /// Encrypts bytes as the text was that they came from: for its id, with the password that
    /// opens it.
    pub fn encrypt_again(&self, plain: &[u8], text: &str) -> Result<String, VaultError> {
        let envelope = Envelope::parse(text)?;
        let password = self.opener(&envelope)?.0;
        self.seal(plain, &envelope.id, password)
    }

    fn seal(&self, plain: &[u8], id: &str, password: usize) -> Result<String, VaultError> {
        let mut salt = vec![0; 32];
        match &self.salt {
            Some(given) => salt.clone_from(given),
            None => getrandom::fill(&mut salt).map_err(|_| VaultError::NoRandom)?,
        }
        let sealed = self.keys(password, &salt).encrypt(plain.to_vec());
        let (ciphertext, hmac) = sealed.ok_or(VaultError::Corrupt("it cannot be sealed"))?;
        Ok(Envelope { id: id.to_owned(), salt, hmac, ciphertext }.to_string())
    }

    /// Reads a text file of the user's, decrypted where it is encrypted as a whole.
    ///
    /// Every value in an encrypted file is a secret. Where it is not YAML, every word is.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, or cannot be decrypted.
    pub fn read_file(&self, sources: &Sources, path: &Path) -> Result<SourceId, Diagnostic> {
        let source = yaml::read_file(sources, path)?;
        let Some(envelope) =
            sources.with_text(source, |text| is_vault(text).then(|| text.to_owned()))
        else {
            return Ok(source);
        };
        let text = self
            .open(&envelope)
            .and_then(|bytes| as_text(&bytes))
            .map_err(|error| error.in_file(path))?;
        let source = sources.add(path.display().to_string(), text.reveal());
        match yaml::parse(sources, source) {
            Ok(parsed) => parsed.documents.iter().for_each(|node| self.learn(sources, node)),
            // What is said about the fault quotes the text in pieces.
            Err(_) => text.reveal().split_whitespace().for_each(|word| self.redactor.add(word)),
        }
        Ok(source)
    }

    /// Learns every scalar of a decrypted document, as it is meant and as it is written.
    fn learn(&self, sources: &Sources, node: &Node) {
        match &node.data {
            Data::List(items) => items.iter().for_each(|item| self.learn(sources, item)),
            Data::Map(pairs) => pairs.values().for_each(|item| self.learn(sources, item)),
            Data::Null | Data::Bool(_) => {}
            Data::Int(_) | Data::Float(_) => self.redactor.add(&sources.slice(node.span)),
            Data::Text(text) | Data::Verbatim(text) | Data::Vault(text) => {
                self.redactor.add(text);
                self.redactor.add(sources.slice(node.span).trim_matches(['"', '\'']));
            }
        }
    }

    fn open(&self, text: &str) -> Result<Secret<Vec<u8>>, VaultError> {
        let envelope = Envelope::parse(text)?;
        let (_, keys) = self.opener(&envelope)?;
        let plain = keys.decrypt(envelope.ciphertext);
        plain.map(Secret::new).ok_or(VaultError::Corrupt("its padding is wrong"))
    }

    /// The password that opens a text, and the keys of it: the password of the text's own id is
    /// tried first, then every other.
    fn opener(&self, envelope: &Envelope) -> Result<(usize, Keys), VaultError> {
        let Envelope { id, salt, hmac, ciphertext } = envelope;
        let of_id = |index: &usize| self.passwords[*index].id == *id;
        let mut order: Vec<usize> = (0..self.passwords.len()).collect();
        order.retain(|index| !self.matching || of_id(index));
        if order.is_empty() {
            return Err(VaultError::NoPassword { id: id.clone() });
        }
        order.sort_by_key(|index| !of_id(index));
        for index in &order {
            let keys = self.keys(*index, salt);
            if keys.verify(ciphertext, hmac) {
                return Ok((*index, keys));
            }
        }
        let tried = order.iter().map(|index| self.passwords[*index].shown()).collect();
        Err(VaultError::WrongPassword { id: id.clone(), tried })
    }

    fn keys(&self, password: usize, salt: &[u8]) -> Keys {
        let wanted = (password, salt.to_vec());
        let known =
            self.derived.lock().unwrap_or_else(PoisonError::into_inner).get(&wanted).copied();
        known.unwrap_or_else(|| {
            let keys = Keys::derive(self.passwords[password].secret.reveal(), salt);
            self.derived.lock().unwrap_or_else(PoisonError::into_inner).insert(wanted, keys);
            keys
        })
    }
}

fn as_text(bytes: &Secret<Vec<u8>>) -> Result<Secret, VaultError> {
    let text = std::str::from_utf8(bytes.reveal()).map_err(|_| VaultError::NotText)?;
    Ok(Secret::new(text.to_owned()))
}

#[cfg(test)]
mod tests;
