//! Password hashes in the format of `crypt(3)`.

use base64::Engine as _;
use minijinja::Error;

use super::arguments::bad;
use super::random::Random;

/// The signs of a salt.
const SIGNS: &[u8] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Sha256,
    Sha512,
    Bcrypt,
}

impl Method {
    fn parse(name: &str) -> Result<Self, Error> {
        match name {
            "sha256" | "sha256_crypt" => Ok(Self::Sha256),
            "sha512" | "sha512_crypt" => Ok(Self::Sha512),
            "bcrypt" | "blowfish" => Ok(Self::Bcrypt),
            _ => Err(bad(format!(
                "{name} is not in the list of supported passlib algorithms: use sha512, sha256 or \
                 bcrypt"
            ))),
        }
    }

    fn salt_length(self) -> usize {
        if self == Self::Bcrypt { 22 } else { 16 }
    }
}

/// A fresh salt for a method.
pub(super) fn salt(method: &str) -> Result<String, Error> {
    let method = Method::parse(method)?;
    let mut salt = String::new();
    for at in 0..method.salt_length() {
        // The last sign of 22 carries two bits only.
        let last = method == Method::Bcrypt && at == 21;
        let sign = if last {
            b".Oeu"[Random::System.below(4)?]
        } else {
            SIGNS[Random::System.below(SIGNS.len())?]
        };
        salt.push(char::from(sign));
    }
    Ok(salt)
}

/// Hashes a password; with a fresh salt where none is given.
pub(super) fn hash(
    password: &str,
    method: &str,
    salt: Option<&str>,
    rounds: Option<u32>,
    ident: Option<&str>,
) -> Result<String, Error> {
    let salt = match salt {
        Some(salt) => salt.to_owned(),
        None => self::salt(method)?,
    };
    if let Some(sign) = salt.bytes().find(|sign| !SIGNS.contains(sign)) {
        return Err(bad(format!("the salt must not contain `{}`", char::from(sign))));
    }
    let method = Method::parse(method)?;
    if method == Method::Bcrypt {
        return bcrypt(password, &salt, rounds.unwrap_or(12), ident.unwrap_or("2b"));
    }
    let salt = &salt[..salt.len().min(16)];
    let rounds = rounds.unwrap_or(5000);
    let params = sha_crypt::Params::new(rounds)
        .map_err(|_| bad("Could not hash the secret: `rounds` is out of range"))?;
    let (password, bytes) = (password.as_bytes(), salt.as_bytes());
    let (sign, hash) = if method == Method::Sha256 {
        ("5", encode(&sha_crypt::sha256_crypt(password, bytes, params), &SHA256_ORDER))
    } else {
        ("6", encode(&sha_crypt::sha512_crypt(password, bytes, params), &sha512_order()))
    };
    let shown = if rounds == 5000 { String::new() } else { format!("rounds={rounds}$") };
    Ok(format!("${sign}${shown}{salt}${hash}"))
}

/// Which three bytes go together, in the order of the format's specification; 255 is no byte.
const SHA256_ORDER: [[u8; 3]; 11] = [
    [0, 10, 20],
    [21, 1, 11],
    [12, 22, 2],
    [3, 13, 23],
    [24, 4, 14],
    [15, 25, 5],
    [6, 16, 26],
    [27, 7, 17],
    [18, 28, 8],
    [9, 19, 29],
    [255, 31, 30],
];

fn sha512_order() -> Vec<[u8; 3]> {
    let mut order: Vec<[u8; 3]> = (0..21)
        .map(|at: u8| match at % 3 {
            0 => [at, at + 21, at + 42],
            1 => [at + 21, at + 42, at],
            _ => [at + 42, at, at + 21],
        })
        .collect();
    order.push([255, 255, 63]);
    order
}

fn encode(bytes: &[u8], order: &[[u8; 3]]) -> String {
    let mut out = String::new();
    for group in order {
        let at = |index: u8| bytes.get(usize::from(index)).map_or(0, |byte| u32::from(*byte));
        let mut word = at(group[0]) << 16 | at(group[1]) << 8 | at(group[2]);
        let signs = 1 + group.iter().map(|index| usize::from(*index != 255)).sum::<usize>();
        for _ in 0..signs {
            out.push(char::from(SIGNS[(word & 0x3f) as usize]));
            word >>= 6;
        }
    }
    out
}

fn bcrypt(password: &str, salt: &str, cost: u32, ident: &str) -> Result<String, Error> {
    let version = match ident {
        "2" | "2a" => bcrypt::Version::TwoA,
        "2y" => bcrypt::Version::TwoY,
        "2b" => bcrypt::Version::TwoB,
        _ => return Err(bad(format!("`ident` must be 2a, 2b or 2y, not `{ident}`"))),
    };
    if !(4..=20).contains(&cost) {
        return Err(bad("Could not hash the secret: `rounds` must be from 4 to 20"));
    }
    let bytes = base64::engine::GeneralPurpose::new(
        &base64::alphabet::BCRYPT,
        base64::engine::general_purpose::NO_PAD.with_decode_allow_trailing_bits(true),
    )
    .decode(salt)
    .ok()
    .and_then(|bytes| <[u8; 16]>::try_from(bytes).ok())
    .ok_or_else(|| bad("the salt of bcrypt has 22 signs"))?;
    bcrypt::hash_with_salt(password, cost, bytes)
        .map(|parts| parts.format_for_version(version))
        .map_err(|error| bad(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn hashes_are_those_of_crypt() {
        // openssl passwd -6 -salt saltsalt pw; -5 likewise
        assert_eq!(hash("pw", "sha512", Some("saltsalt"), None, None).unwrap(), SHA512);
        assert_eq!(hash("pw", "sha256", Some("saltsalt"), None, None).unwrap(), SHA256);
        let bcrypt = hash("pw", "bcrypt", Some("abcdefghijklmnopqrstuu"), Some(4), None).unwrap();
        assert!(bcrypt.starts_with("$2b$04$abcdefghijklmnopqrstuu"), "{bcrypt}");
    }

    const SHA512: &str = "$6$saltsalt$pauPrmdmG4BTE9h2HPmywiw152IFch6BJCEsaY6D.PLTfpV8sqvXwWdyfsgVgozkYH9B80bAip/08R2BPH2xk/";
    const SHA256: &str = "$5$saltsalt$0rl.MZtoLLPP3X0Rdl8riRnphIcAXJY27/aOAyK2hB5";

    #[test]
    fn a_salt_of_other_signs_is_refused() {
        let error = hash("pw", "sha512", Some("a$b"), None, None).unwrap_err();
        assert_eq!(error.detail(), Some("the salt must not contain `$`"));
        assert!(hash("pw", "md5", None, None, None).is_err());
    }
}
