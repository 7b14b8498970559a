//! What an Engine says of itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sdk::{Exec, Failure, Operator};

/// What an Engine says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all(deserialize = "PascalCase"))]
pub struct EngineVersion {
    /// Its version, such as `20.10.24+dfsg1`.
    #[serde(alias = "version")]
    pub version: String,
    /// The newest API version it speaks.
    #[serde(alias = "api_version")]
    pub api_version: String,
    /// The oldest API version it speaks.
    #[serde(rename(deserialize = "MinAPIVersion"), alias = "min_api_version")]
    pub min_api_version: String,
    /// The operating system it runs on.
    #[serde(alias = "os")]
    pub os: String,
    /// The architecture it runs on.
    #[serde(alias = "arch")]
    pub arch: String,
}

impl EngineVersion {
    /// Reads what `docker version --format '{{json .Server}}'` printed; `None` where it is nothing.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text.trim()).ok().filter(|engine: &Self| !engine.version.is_empty())
    }

    /// The first two numbers of a version: `(20, 10)`.
    pub fn numbers(version: &str) -> Option<(u32, u32)> {
        let mut parts = version.split(['.', '-', '+', '~']);
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    }
}

/// Waits until the Engine answers at an address such as `unix:///var/run/docker.sock`; the
/// failure holds the end of its log.
pub async fn wait_for_engine(
    host: &Operator<'_>,
    address: &str,
    patience: Duration,
) -> Result<EngineVersion, Failure> {
    let seconds = patience.as_secs().to_string();
    let script = concat!(include_str!("ask.sh"), include_str!("log.sh"), include_str!("wait.sh"));
    let exec = Exec::script(script).args([address, &seconds]);
    let output = host.run(exec).await?;
    let said = output.stdout_text();
    if output.success() {
        return EngineVersion::read(&said).ok_or_else(|| {
            Failure::new(format!("the Engine answers with what is not understood: {said}"))
        });
    }
    let message = format!("the Engine did not answer on {address} within {seconds} s");
    if said.trim().is_empty() {
        return Err(Failure::new(message).help("its log may say why"));
    }
    Err(Failure::new(format!("{message}; the end of its log:\n{}", said.trim_end())))
}

#[cfg(test)]
mod tests {
    use super::EngineVersion;

    #[test]
    fn what_an_engine_says() {
        let said = "{\"Platform\":{\"Name\":\"\"},\"Version\":\"20.10.24+dfsg1\",\
                    \"ApiVersion\":\"1.41\",\"MinAPIVersion\":\"1.12\",\"Os\":\"linux\",\
                    \"Arch\":\"amd64\"}\n";
        let engine = EngineVersion::read(said).unwrap();
        assert_eq!(engine.version, "20.10.24+dfsg1");
        assert_eq!(engine.min_api_version, "1.12");
        assert_eq!(EngineVersion::read(""), None);
        assert_eq!(EngineVersion::read("null"), None);
        let again: EngineVersion =
            serde_json::from_value(serde_json::to_value(&engine).unwrap()).unwrap();
        assert_eq!(again, engine);
    }

    #[test]
    fn versions_are_compared_by_their_first_numbers() {
        assert_eq!(EngineVersion::numbers("20.10.24+dfsg1"), Some((20, 10)));
        assert_eq!(EngineVersion::numbers("23.0.0-rc.1"), Some((23, 0)));
        assert_eq!(EngineVersion::numbers("dev"), None);
    }
}
