//! Private keys in files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use russh::keys::{self, Certificate, PrivateKey, PublicKey, decode_secret_key};

use super::short_scalar;
use crate::base::Secret;

/// What a file named as an identity holds.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    /// The key, where it could be read and opened.
    pub(super) key: Option<Arc<PrivateKey>>,
    /// Its public half, by which an agent may know it.
    pub(super) public: Option<PublicKey>,
    /// Certificates for it.
    pub(super) certificates: Vec<Certificate>,
    /// Why the key cannot be used itself.
    pub(super) problem: Option<String>,
}

impl Identity {
    /// Reads a file and what lies beside it.
    pub(super) fn read(path: &Path, passphrase: Option<&Secret>, certificates: &[PathBuf]) -> Self {
        let (key, public, problem) = match fs::read_to_string(path) {
            Ok(text) => open(path, &text, passphrase),
            Err(error) => (None, beside(path, ".pub"), Some(format!("cannot be read: {error}"))),
        };
        let mut identity = Self { key: key.map(Arc::new), public, certificates: vec![], problem };
        let own = with_suffix(path, "-cert.pub");
        for file in certificates.iter().chain([&own]) {
            let Ok(certificate) = Certificate::read_file(file) else { continue };
            let fits = identity.public.as_ref().map(PublicKey::key_data);
            if fits == Some(certificate.public_key()) {
                identity.certificates.push(certificate);
            }
        }
        identity
    }
}

type Opened = (Option<PrivateKey>, Option<PublicKey>, Option<String>);

/// Opens the text of a private key, or of a public one whose private half an agent has.
fn open(path: &Path, text: &str, passphrase: Option<&Secret>) -> Opened {
    if let Ok(public) = PublicKey::from_openssh(text) {
        return (None, Some(public), Some("is a public key".into()));
    }
    // Only OpenSSH's own format tells the public half of a key that is locked.
    let public = || {
        let key = PrivateKey::from_openssh(text).ok();
        key.map(|key| key.public_key().clone()).or_else(|| beside(path, ".pub"))
    };
    match decode(text, None) {
        Ok(key) if is_security_key(&key) => {
            (None, Some(key.public_key().clone()), Some("is a security key".into()))
        }
        Ok(key) => {
            let public = key.public_key().clone();
            (Some(key), Some(public), None)
        }
        Err(_) if is_locked(text) => match passphrase {
            None => (None, public(), Some("is locked by a passphrase".into())),
            Some(secret) => match decode(text, Some(secret)) {
                Ok(key) => {
                    let public = key.public_key().clone();
                    (Some(key), Some(public), None)
                }
                Err(_) => (None, public(), Some("is not opened by the passphrase given".into())),
            },
        },
        Err(error) => (None, public(), Some(format!("is not a private key: {error}"))),
    }
}

/// The key in a text of any format in use.
fn decode(text: &str, passphrase: Option<&Secret>) -> Result<PrivateKey, keys::Error> {
    decode_secret_key(text, passphrase.map(|secret| secret.reveal().as_str()))
        .or_else(|error| short_scalar::open(text, passphrase).ok_or(error))
}

/// Whether the text of a private key is encrypted.
fn is_locked(text: &str) -> bool {
    text.contains("ENCRYPTED")
        || text.lines().any(|line| {
            line.strip_prefix("Encryption: ").is_some_and(|cipher| cipher.trim() != "none")
        })
        || PrivateKey::from_openssh(text).is_ok_and(|key| key.is_encrypted())
}

/// Whether the key is in a device, so that only an agent can use it.
fn is_security_key(key: &PrivateKey) -> bool {
    key.algorithm().as_str().starts_with("sk-")
}

fn beside(path: &Path, suffix: &str) -> Option<PublicKey> {
    PublicKey::read_openssh_file(with_suffix(path, suffix)).ok()
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
