//! ECDSA keys whose private scalar begins with zeros.
//!
//! OpenSSH writes the scalar as an `mpint` (RFC 4251, section 5), which leaves leading zero bytes
//! out, so one P-256 key in 256 has fewer than 32. `ssh-key` calls that length invalid; here the
//! zeros are put back. The layout of the file is that of OpenSSH's `PROTOCOL.key`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use russh::keys::PrivateKey;
use ssh_key::cipher::Tag;
use ssh_key::encoding::Decode as _;
use ssh_key::private::{EcdsaKeypair, KeypairData};
use ssh_key::sec1::EncodedPoint;
use ssh_key::{Algorithm, Cipher, EcdsaCurve, Kdf, Result};

use crate::base::Secret;

const MAGIC: &[u8] = b"openssh-key-v1\0";

/// Opens a P-256 key in OpenSSH's format; `None` for any other, and where the passphrase is wrong.
pub(super) fn open(text: &str, passphrase: Option<&Secret>) -> Option<PrivateKey> {
    let lines = text.trim().strip_prefix("-----BEGIN OPENSSH PRIVATE KEY-----")?;
    let lines = lines.strip_suffix("-----END OPENSSH PRIVATE KEY-----")?;
    let file = STANDARD.decode(lines.split_whitespace().collect::<String>()).ok()?;
    let section = private_section(file.strip_prefix(MAGIC)?, passphrase).ok()?;
    key(&section).ok()?
}

/// The part of the file that holds the private key, decrypted.
fn private_section(mut file: &[u8], passphrase: Option<&Secret>) -> Result<Vec<u8>> {
    let reader = &mut file;
    let cipher = Cipher::decode(reader)?;
    let kdf = Kdf::decode(reader)?;
    let _number_of_keys = u32::decode(reader)?;
    let _public = Vec::<u8>::decode(reader)?;
    let mut section = Vec::<u8>::decode(reader)?;
    if let (true, Some(passphrase)) = (cipher.is_some(), passphrase) {
        let (key, iv) = kdf.derive_key_and_iv(cipher, passphrase.reveal())?;
        let tag = Tag::try_from(*reader).ok();
        cipher.decrypt(&key, &iv, &mut section, tag)?;
    }
    Ok(section)
}

/// The key in a decrypted section, where it is one of P-256.
fn key(mut section: &[u8]) -> Result<Option<PrivateKey>> {
    const ECDSA: Algorithm = Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 };
    let reader = &mut section;
    let opened = u32::decode(reader)? == u32::decode(reader)?;
    if !opened || Algorithm::decode(reader)? != ECDSA {
        return Ok(None);
    }
    let _curve = EcdsaCurve::decode(reader)?;
    let point = EncodedPoint::from_bytes(Vec::<u8>::decode(reader)?);
    let scalar = Vec::<u8>::decode(reader)?;
    let comment = String::decode(reader)?;
    let mut bytes = [0; 32];
    let (Ok(public), Some(zeros)) = (point, bytes.len().checked_sub(scalar.len())) else {
        return Ok(None);
    };
    bytes[zeros..].copy_from_slice(&scalar);
    let pair = EcdsaKeypair::NistP256 { public, private: bytes.into() };
    PrivateKey::new(KeypairData::Ecdsa(pair), comment).map(Some)
}
