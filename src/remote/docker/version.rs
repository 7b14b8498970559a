//! Which version of the API is spoken.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use super::EngineError;

/// A version of the Engine's API, such as 1.41.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiVersion {
    major: u16,
    minor: u16,
}

impl ApiVersion {
    /// The newest version that rplay was written against (Engine 28.0).
    pub const NEWEST: Self = Self::new(1, 48);
    /// The oldest version that rplay speaks (Engine 1.12, the first with swarm mode).
    pub const OLDEST: Self = Self::new(1, 24);

    /// A version from its two numbers.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }

    /// The first Engine release that speaks this version, where it is known.
    fn engine(self) -> Option<&'static str> {
        Some(match (self.major, self.minor) {
            (1, 25) => "1.13",
            (1, 30) => "17.06",
            (1, 37) => "18.03",
            (1, 38) => "18.06",
            (1, 39) => "18.09",
            (1, 40) => "19.03",
            (1, 41) => "20.10",
            (1, 42) => "23.0",
            (1, 43) => "24.0",
            (1, 44) => "25.0",
            (1, 45) => "26.0",
            (1, 46) => "27.0",
            (1, 47) => "27.2",
            (1, 48) => "28.0",
            _ => return None,
        })
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for ApiVersion {
    type Err = EngineError;

    fn from_str(text: &str) -> Result<Self, EngineError> {
        text.split_once('.')
            .and_then(|(major, minor)| Some(Self::new(major.parse().ok()?, minor.parse().ok()?)))
            .ok_or_else(|| EngineError::Unsupported {
                reason: format!("`{text}` is not a version of the Docker API"),
                help: "write `auto`, or a version such as \"1.41\" (in quotes)".to_owned(),
            })
    }
}

/// What an Engine is, and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The Engine's release, such as `20.10.24`.
    pub engine: String,
    /// The API version that every request is sent with.
    pub api: ApiVersion,
    /// The newest that the Engine has.
    pub newest: ApiVersion,
    /// The operating system of its containers: `linux` or `windows`.
    pub os: String,
    /// The architecture of its containers: `amd64`, `arm64`, …
    pub arch: String,
}

/// What `/version` says, as far as it matters here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    version: String,
    #[serde(rename = "ApiVersion")]
    api_version: String,
    #[serde(rename = "MinAPIVersion", default)]
    min_api_version: String,
    #[serde(default)]
    os: String,
    #[serde(default)]
    arch: String,
}

impl Version {
    /// Agrees on an API version from the answer to `/version`: the one asked for, else the
    /// newest that both sides have.
    pub(super) fn negotiate(
        answer: &[u8],
        wanted: Option<ApiVersion>,
    ) -> Result<Self, EngineError> {
        let answer: Answer = serde_json::from_slice(answer)
            .map_err(|error| EngineError::Answer(format!("/version: {error}")))?;
        let newest: ApiVersion = answer.api_version.parse()?;
        let oldest = answer.min_api_version.parse().unwrap_or(ApiVersion::OLDEST).min(newest);
        let engine = answer.version;
        let api = wanted.unwrap_or_else(|| newest.min(ApiVersion::NEWEST));
        if api < oldest || api > newest {
            let help = match wanted {
                Some(_) => "leave `api_version` out, or set it to `auto`",
                None => "use a newer rplay, or an older Docker Engine",
            };
            return Err(EngineError::Unsupported {
                reason: format!(
                    "Docker Engine {engine} speaks API versions {oldest} to {newest}, not {api}"
                ),
                help: help.to_owned(),
            });
        }
        if api < ApiVersion::OLDEST {
            return Err(EngineError::Unsupported {
                reason: format!(
                    "Docker Engine {engine} speaks API version {api}; rplay needs {} or newer",
                    ApiVersion::OLDEST
                ),
                help: "upgrade the Docker Engine".to_owned(),
            });
        }
        Ok(Self { engine, api, newest, os: answer.os, arch: answer.arch })
    }

    /// Refuses what needs a newer API version; `what` is a noun phrase such as `several networks
    /// at creation`.
    pub fn require(&self, needed: ApiVersion, what: &str) -> Result<(), EngineError> {
        if self.api >= needed {
            return Ok(());
        }
        let help = match needed.engine() {
            Some(_) if self.newest >= needed => "set `api_version` to `auto`".to_owned(),
            Some(engine) => format!("upgrade the Docker Engine to {engine} or newer"),
            None => "upgrade the Docker Engine".to_owned(),
        };
        let Self { engine, api, .. } = self;
        let reason = format!(
            "API version {needed} is needed for {what}; Docker Engine {engine} is spoken to with {api}"
        );
        Err(EngineError::Unsupported { reason, help })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiate(newest: &str, oldest: &str, wanted: Option<&str>) -> Result<Version, EngineError> {
        let answer = serde_json::json!({
            "Version": "20.10.24", "ApiVersion": newest, "MinAPIVersion": oldest,
            "Os": "linux", "Arch": "amd64",
        });
        let wanted = wanted.map(str::parse).transpose()?;
        Version::negotiate(answer.to_string().as_bytes(), wanted)
    }

    #[test]
    fn speaks_the_newest_version_that_both_sides_have() {
        assert_eq!(negotiate("1.41", "1.12", None).unwrap().api, ApiVersion::new(1, 41));
        assert_eq!(negotiate("1.53", "1.44", None).unwrap().api, ApiVersion::NEWEST);
        assert_eq!(negotiate("1.53", "1.44", Some("1.45")).unwrap().api, ApiVersion::new(1, 45));
        assert!(ApiVersion::new(1, 9) < ApiVersion::new(1, 24));
    }

    #[test]
    fn says_why_no_version_fits() {
        let shown = |result: Result<(), EngineError>| {
            let error = result.unwrap_err();
            format!("{error}; {}", error.help().unwrap())
        };
        let all = [
            shown(negotiate("1.60", "1.50", None).map(drop)),
            shown(negotiate("1.41", "1.12", Some("1.44")).map(drop)),
            shown(negotiate("1.18", "1.12", None).map(drop)),
            shown(negotiate("1.41", "1.12", Some("latest")).map(drop)),
            shown(
                negotiate("1.41", "1.12", None)
                    .unwrap()
                    .require(ApiVersion::new(1, 44), "several networks at creation"),
            ),
        ];
        insta::assert_snapshot!(all.join("\n"), @r#"
        Docker Engine 20.10.24 speaks API versions 1.50 to 1.60, not 1.48; use a newer rplay, or an older Docker Engine
        Docker Engine 20.10.24 speaks API versions 1.12 to 1.41, not 1.44; leave `api_version` out, or set it to `auto`
        Docker Engine 20.10.24 speaks API version 1.18; rplay needs 1.24 or newer; upgrade the Docker Engine
        `latest` is not a version of the Docker API; write `auto`, or a version such as "1.41" (in quotes)
        API version 1.44 is needed for several networks at creation; Docker Engine 20.10.24 is spoken to with 1.41; upgrade the Docker Engine to 25.0 or newer
        "#);
    }
}
