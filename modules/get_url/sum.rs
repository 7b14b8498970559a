//! The checksum of a download, and where it is listed.

use crate::sdk::file::Algorithm;
use crate::sdk::http::HttpResponse;
use crate::sdk::{Choice, Failure};

/// The checksum that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Checksum {
    /// It stands in the playbook.
    Known {
        /// How it is made.
        algorithm: Algorithm,
        /// In hexadecimal, in small letters.
        sum: String,
    },
    /// It stands in a file.
    Listed {
        /// How it is made.
        algorithm: Algorithm,
        /// Where the file is.
        url: String,
    },
}

impl Checksum {
    /// Reads `algorithm:digits` or `algorithm:URL`.
    pub(super) fn read(text: &str) -> Result<Self, Failure> {
        let expected = "expected `algorithm:digits` or `algorithm:URL`";
        let (name, value) = text
            .split_once(':')
            .ok_or_else(|| Failure::new(format!("`checksum`: {expected}, found {text}")))?;
        let algorithm = Algorithm::WORDS.iter().find(|(word, _)| *word == name.to_lowercase());
        let Some((_, algorithm)) = algorithm.copied() else {
            let known = Algorithm::NAMES.join(", ");
            return Err(Failure::new(format!("`checksum`: no algorithm {name}: one of {known}")));
        };
        if value.contains("://") {
            return Ok(Self::Listed { algorithm, url: value.to_owned() });
        }
        let sum: String =
            value.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
        let digits = algorithm.digits();
        if sum.len() != digits || !sum.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(Failure::new(format!(
                "`checksum`: {name} has {digits} hexadecimal digits, found {value}"
            )));
        }
        Ok(Self::Known { algorithm, sum })
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Known { algorithm, .. } | Self::Listed { algorithm, .. } => *algorithm,
        }
    }
}

/// Finds the checksum of a file in a list: lines of digits and a name, or digits alone.
pub(super) fn find(
    list: &HttpResponse,
    algorithm: Algorithm,
    name: &str,
) -> Result<String, Failure> {
    let url = &list.url;
    if list.status != 200 {
        let (status, reason) = (list.status, &list.reason);
        return Err(Failure::new(format!("cannot read the checksums of {url}: {status} {reason}")));
    }
    let text = list.text();
    let is_sum = |word: &str| {
        word.len() == algorithm.digits() && word.bytes().all(|digit| digit.is_ascii_hexdigit())
    };
    let mut alone = None;
    for line in text.lines() {
        // BSD writes `SHA256 (name) = digits`.
        let words: Vec<&str> =
            line.split([' ', '\t', '(', ')']).filter(|w| !w.is_empty()).collect();
        let Some(sum) = words.iter().find(|word| is_sum(word)) else { continue };
        let is_named =
            words.iter().any(|word| word.trim_start_matches('*').rsplit('/').next() == Some(name));
        if is_named {
            return Ok(sum.to_lowercase());
        }
        if words.len() == 1 {
            alone = Some(sum.to_lowercase());
        }
    }
    alone.ok_or_else(|| Failure::new(format!("{url} lists no checksum of {name}")))
}

/// A moment as HTTP writes it.
pub(super) fn http_date(seconds: i64) -> String {
    let time = std::time::UNIX_EPOCH
        + std::time::Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
    crate::sdk::command::http_date(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_read_and_refused() {
        let read = |text: &str| Checksum::read(text).map_err(|failure| failure.to_string());
        let sum = "D41D8CD98F00B204E9800998ECF8427E";
        assert_eq!(
            read(&format!("md5:{sum}")),
            Ok(Checksum::Known { algorithm: Algorithm::Md5, sum: sum.to_lowercase() })
        );
        assert_eq!(
            read("sha256:https://x/SUMS"),
            Ok(Checksum::Listed { algorithm: Algorithm::Sha256, url: "https://x/SUMS".into() })
        );
        for (text, why) in [
            ("abc", "`checksum`: expected `algorithm:digits` or `algorithm:URL`, found abc"),
            (
                "md4:abc",
                "`checksum`: no algorithm md4: one of sha1, md5, sha224, sha256, sha384, sha512",
            ),
            ("md5:abc", "`checksum`: md5 has 32 hexadecimal digits, found abc"),
        ] {
            assert_eq!(read(text).unwrap_err(), why);
        }
    }

    #[test]
    fn lists_name_files_in_several_ways() {
        let sum = "d41d8cd98f00b204e9800998ecf8427e";
        let found = |body: &str| {
            let list = HttpResponse { status: 200, body: body.into(), ..HttpResponse::default() };
            find(&list, Algorithm::Md5, "a.tgz").map_err(|failure| failure.to_string())
        };
        let other = "0".repeat(32);
        for line in [
            format!("{other}  b.tgz\n{sum}  a.tgz\n"),
            format!("{sum} *./dist/a.tgz"),
            format!("MD5 (a.tgz) = {sum}"),
            format!("{sum}\n"),
        ] {
            assert_eq!(found(&line).unwrap(), sum, "{line}");
        }
        assert_eq!(found(&format!("{sum}  b.tgz")).unwrap_err(), " lists no checksum of a.tgz");
        let gone = HttpResponse { status: 404, ..HttpResponse::default() };
        assert!(find(&gone, Algorithm::Md5, "a").is_err());
    }
}
