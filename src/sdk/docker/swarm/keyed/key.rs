//! What labels say of the data that a secret or a config holds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::Sha256;

use super::{KeyedKind, KeyedObject};
use crate::sdk::Failure;
use crate::sdk::file::Algorithm;

/// The label that says what a secret holds: `pbkdf2-sha256$ROUNDS$SALT$HASH`.
///
/// Who may see labels may guess at secrets: a salt keeps the same guess from serving for several,
/// and the rounds make each guess slow.
pub(super) const OWN: &str = "rplay.key";
/// The label that other tools write: the plain SHA-224 of the data.
pub(super) const PLAIN: &str = "ansible_key";
/// The label that says which version it is.
pub(super) const VERSION: &str = "ansible_version";
/// The label of a copy that stands in for the object of the name that it has as its value.
pub(super) const STAND_IN: &str = "rplay.stand-in-for";

/// What the names of copies have between that of the object and a random number.
const COPY: &str = ".rplay-";
/// How long a name may be, in characters.
const LONGEST: usize = 64;
/// How long the random number is.
const RANDOM: usize = 16;

/// How often a guess must be hashed.
const ROUNDS: u32 = 50_000;
/// The most that are done for a label that is found: it comes from outside.
const MOST_ROUNDS: u32 = 1_000_000;

/// Whether an object holds this data; `None` where nothing tells.
pub fn holds(kind: KeyedKind, object: &KeyedObject, data: &[u8]) -> Option<bool> {
    if kind == KeyedKind::Config
        && let Some(has) = object.spec.data.as_ref().and_then(|text| STANDARD.decode(text).ok())
    {
        return Some(has == data);
    }
    let labels = &object.spec.labels;
    if let Some(holds) = labels.get(OWN).and_then(|label| matches(label, data)) {
        return Some(holds);
    }
    labels.get(PLAIN).filter(|label| !label.is_empty()).map(|label| *label == plain(data))
}

/// The label that says what an object to be made holds; a config needs none.
pub fn label(kind: KeyedKind, data: &[u8]) -> Result<Option<(&'static str, String)>, Failure> {
    Ok(match kind {
        KeyedKind::Secret => Some((OWN, salted(data)?)),
        KeyedKind::Config => None,
    })
}

/// What the names of an object, of its versions and of its copies begin with.
pub(super) fn stem(name: &str) -> String {
    name.chars().take(LONGEST - COPY.len() - RANDOM).collect()
}

/// The name of a copy, without the random number at its end.
pub(super) fn copy_of(name: &str) -> String {
    format!("{}{COPY}", stem(name))
}

/// The label for a secret.
pub(super) fn salted(data: &[u8]) -> Result<String, Failure> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt)
        .map_err(|error| Failure::new(format!("no random numbers: {error}")))?;
    Ok(format!(
        "pbkdf2-sha256${ROUNDS}${}${}",
        STANDARD.encode(salt),
        STANDARD.encode(hash(data, &salt, ROUNDS))
    ))
}

/// The plain hash of the data.
pub(super) fn plain(data: &[u8]) -> String {
    Algorithm::Sha224.sum(data)
}

/// Whether the label is that of this data; `None` where it is of no form known here.
fn matches(label: &str, data: &[u8]) -> Option<bool> {
    let mut parts = label.split('$');
    let (method, rounds) = (parts.next()?, parts.next()?.parse::<u32>().ok()?);
    let (salt, hashed) = (STANDARD.decode(parts.next()?).ok()?, parts.next()?);
    if method != "pbkdf2-sha256" || !(1..=MOST_ROUNDS).contains(&rounds) {
        return None;
    }
    Some(STANDARD.encode(hash(data, &salt, rounds)) == hashed)
}

fn hash(data: &[u8], salt: &[u8], rounds: u32) -> [u8; 32] {
    let mut hashed = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(data, salt, rounds, &mut hashed);
    hashed
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(labels: &serde_json::Value, data: Option<&str>) -> KeyedObject {
        let spec = json!({"Name": "a", "Labels": labels, "Data": data});
        serde_json::from_value(json!({"ID": "1", "Spec": spec})).unwrap()
    }

    #[test]
    fn a_salted_label_knows_its_data_and_is_another_each_time() {
        let (label, other) = (salted(b"hunter2").unwrap(), salted(b"hunter2").unwrap());
        assert_ne!(label, other);
        let secret = object(&json!({OWN: label, PLAIN: "of no matter"}), None);
        assert_eq!(holds(KeyedKind::Secret, &secret, b"hunter2"), Some(true));
        assert_eq!(holds(KeyedKind::Secret, &secret, b"hunter3"), Some(false));
    }

    #[test]
    fn the_label_of_other_tools_is_taken() {
        let secret = object(&json!({PLAIN: plain(b"opensesame!")}), None);
        assert_eq!(holds(KeyedKind::Secret, &secret, b"opensesame!"), Some(true));
        assert_eq!(holds(KeyedKind::Secret, &secret, b"x"), Some(false));
        assert_eq!(holds(KeyedKind::Secret, &object(&json!({}), None), b"x"), None);
    }

    #[test]
    fn a_label_that_would_take_for_ever_or_is_broken_tells_nothing() {
        for label in ["pbkdf2-sha256$4000000000$AAAA$AAAA", "scrypt$1$AAAA$A", "", "pbkdf2-sha256"]
        {
            assert_eq!(matches(label, b"x"), None, "{label}");
        }
    }

    #[test]
    fn a_config_is_read_whatever_its_labels_say() {
        let config = object(&json!({PLAIN: "wrong"}), Some("aGk="));
        assert_eq!(holds(KeyedKind::Config, &config, b"hi"), Some(true));
        assert_eq!(holds(KeyedKind::Config, &config, b"ho"), Some(false));
    }
}
