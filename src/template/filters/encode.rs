//! Filters that encode, hash, encrypt and quote.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use md5::Md5;
use minijinja::value::Value;
use minijinja::{Error, State};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::Family;
use crate::base::{Redactor, Secret};
use crate::template::arguments::{Args, bad};
use crate::template::charset::Charset;
use crate::template::{crypt, python};
use crate::value::vault::Keyring;

pub(super) const FILTERS: Family = &[
    ("b64encode", base64_encode),
    ("b64decode", base64_decode),
    ("hash", |_, args| {
        let kind = args.text(1, "hashtype")?.unwrap_or_else(|| "sha1".to_owned());
        hash(args, &kind)
    }),
    ("md5", |_, args| hash(args, "md5")),
    ("sha1", |_, args| hash(args, "sha1")),
    ("checksum", |_, args| hash(args, "sha1")),
    ("password_hash", password_hash),
    ("to_uuid", to_uuid),
    ("quote", |_, args| {
        let text = if args.value().is_none() { String::new() } else { python::text(args.value())? };
        Ok(Value::from(quote(&text)))
    }),
    ("vault", vault),
    ("unvault", unvault),
];

fn bytes(value: &Value) -> Result<Vec<u8>, Error> {
    match value.as_bytes() {
        Some(bytes) => Ok(bytes.to_vec()),
        None => Ok(python::text(value)?.into_bytes()),
    }
}

/// The encoding that an argument names.
fn charset(args: &Args) -> Result<Charset, Error> {
    args.text(1, "encoding")?.map_or(Ok(Charset::Utf8), |name| Charset::parse(&name).map_err(bad))
}

fn base64_encode(_: &mut State, args: &Args) -> Result<Value, Error> {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    let (charset, url_safe) = (charset(args)?, args.flag(2, "urlsafe")?);
    let bytes = match args.value().as_bytes().filter(|_| args.value().as_str().is_none()) {
        Some(bytes) => bytes.to_vec(),
        None => charset.encode(&python::text(args.value())?).map_err(bad)?,
    };
    let encoded = if url_safe { URL_SAFE.encode(bytes) } else { STANDARD.encode(bytes) };
    Ok(Value::from(encoded))
}

fn base64_decode(_: &mut State, args: &Args) -> Result<Value, Error> {
    let charset = charset(args)?;
    args.flag(2, "urlsafe")?;
    // As lenient as Python: signs outside of the alphabet are skipped.
    let text: Vec<u8> = bytes(args.value())?
        .into_iter()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        })
        .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
        .collect();
    let engine = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
    );
    let decoded = engine.decode(text).map_err(|error| bad(format!("not valid base64: {error}")))?;
    let text = charset.decode(&decoded);
    text.map(Value::from).map_err(|error| bad(format!("what is encoded is {error}")))
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let digit = |bits: u8| char::from(DIGITS[usize::from(bits)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

fn hash(args: &Args, kind: &str) -> Result<Value, Error> {
    let bytes = bytes(args.value())?;
    Ok(Value::from(match kind {
        "md5" => hex(&Md5::digest(&bytes)),
        "sha1" => hex(&Sha1::digest(&bytes)),
        "sha224" => hex(&Sha224::digest(&bytes)),
        "sha256" => hex(&Sha256::digest(&bytes)),
        "sha384" => hex(&Sha384::digest(&bytes)),
        "sha512" => hex(&Sha512::digest(&bytes)),
        _ => {
            return Err(bad(format!(
                "unsupported hash type {kind}: use md5, sha1, sha224, sha256, sha384 or sha512"
            )));
        }
    }))
}

fn password_hash(_: &mut State, args: &Args) -> Result<Value, Error> {
    let method = args.text(1, "hashtype")?.unwrap_or_else(|| "sha512".to_owned());
    let salt = args.text(2, "salt")?;
    args.int(3, "salt_size").map_err(|_| bad("salt_size must be an integer"))?;
    let rounds = match args.int(4, "rounds")? {
        Some(rounds) => Some(u32::try_from(rounds).map_err(|_| bad("`rounds` must be 1 or more"))?),
        None => None,
    };
    let ident = args.text(5, "ident")?;
    let password = python::text(args.value())?;
    crypt::hash(&password, &method, salt.as_deref(), rounds, ident.as_deref()).map(Value::from)
}

/// The namespace that Ansible's UUIDs are in.
const NAMESPACE: &str = "361E6D51-FAEC-444A-9079-341386DA8E2E";

/// The UUID (version 5) of a name.
fn to_uuid(_: &mut State, args: &Args) -> Result<Value, Error> {
    let namespace = args.text(1, "namespace")?.unwrap_or_else(|| NAMESPACE.to_owned());
    let digits: String = namespace.chars().filter(char::is_ascii_hexdigit).collect();
    let space =
        u128::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 32).ok_or_else(|| {
            bad(format!("Invalid value '{namespace}' for `namespace`: a UUID is needed"))
        })?;
    let mut name = space.to_be_bytes().to_vec();
    name.extend(bytes(args.value())?);
    let mut uuid: Vec<u8> = Sha1::digest(&name).iter().take(16).copied().collect();
    uuid[6] = uuid[6] & 0x0f | 0x50;
    uuid[8] = uuid[8] & 0x3f | 0x80;
    let text = hex(&uuid);
    let groups = [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]];
    Ok(Value::from(groups.join("-")))
}

/// A text as one word of a POSIX shell, as Python's `shlex.quote` writes it.
fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./-_".contains(c);
    if text.is_empty() {
        "''".to_owned()
    } else if text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\"'\"'"))
    }
}

/// A keyring with one password.
fn keyring(args: &Args, id: &str) -> Result<Keyring, Error> {
    let secret = args.text(1, "secret")?.ok_or_else(|| bad("it needs a password"))?;
    let mut keyring = Keyring::new(Redactor::default());
    keyring.add(id, Secret::new(secret));
    Ok(keyring)
}

fn vault(_: &mut State, args: &Args) -> Result<Value, Error> {
    // What it makes is a text in any case.
    args.get(4, "wrap_object")?;
    let id = match args.text(3, "vault_id")? {
        Some(id) => id,
        None => args.text(5, "vaultid")?.unwrap_or_else(|| "filter_default".to_owned()),
    };
    let salt = args.get(2, "salt")?.filter(|salt| !salt.is_none());
    let salt = salt.map(|salt| python::text(&salt)).transpose()?;
    let text = python::text(args.value())?;
    let keyring = keyring(args, &id)?.with_salt(salt.as_deref());
    let sealed = keyring.encrypt(text.as_bytes(), &id);
    sealed.map(Value::from).map_err(|error| bad(error.to_string()))
}

fn unvault(_: &mut State, args: &Args) -> Result<Value, Error> {
    args.get(usize::MAX, "vaultid")?;
    let id = args.text(2, "vault_id")?.unwrap_or_else(|| "default".to_owned());
    let text = python::text(args.value())?;
    let opened = keyring(args, &id)?.decrypt(&text);
    opened
        .map(|secret| Value::from(secret.reveal().as_str()))
        .map_err(|error| bad(error.to_string()))
}
