//! Where facts are kept between runs, as the settings say.

use std::time::Duration;

use super::config::Config;
use super::fault::Fault;
use super::tell;
use crate::engine::{FactCache, FactForm};

/// Seconds that facts count for, unless it is set.
const LIFETIME: u64 = 86_400;

/// The cache that `fact_caching` and its companions describe; `None` where facts end with the run.
/// A cache that cannot be had is no reason not to run.
pub(super) fn cache(config: &Config) -> Result<Option<FactCache>, Fault> {
    let plugin = config.text("fact_caching").unwrap_or("memory");
    let form = match plugin.rsplit('.').next() {
        Some("memory") => return Ok(None),
        Some("jsonfile") => FactForm::Json,
        Some("yaml") => FactForm::Yaml,
        _ => {
            warn(
                config,
                &format!(
                    "there is no fact cache `{plugin}`: facts are not kept between runs; there \
                     are: memory, jsonfile, yaml"
                ),
            );
            return Ok(None);
        }
    };
    let Some(folder) = config.path("fact_caching_connection") else {
        let sentence = "facts are not kept between runs: the fact cache needs a folder, in \
                        `fact_caching_connection`";
        warn(config, sentence);
        return Ok(None);
    };
    let seconds = config.number("fact_caching_timeout")?.unwrap_or(LIFETIME);
    Ok(Some(FactCache {
        folder,
        prefix: config.text("fact_caching_prefix").unwrap_or_default().to_owned(),
        lifetime: (seconds > 0).then(|| Duration::from_secs(seconds)),
        form,
    }))
}

fn warn(config: &Config, sentence: &str) {
    if config.persona.is_ansible() {
        tell::warning_as_ansible(sentence);
    } else {
        tell::warning(sentence);
    }
}
