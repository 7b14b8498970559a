//! OpenSSH's client configuration: what `~/.ssh/config` says of a host.

mod file;
mod settings;
mod tokens;

use std::path::{Path, PathBuf};

use file::{Block, Condition, Contents};
use settings::Settings;
pub(super) use tokens::{Tokens, expand};

use super::options::{SshOptions, home};
use super::pattern::fits_any;

/// The files' contents. The first value that is found for a setting counts.
#[derive(Debug, Default)]
pub struct SshConfig {
    contents: Contents,
}

impl SshConfig {
    /// How far jump hosts may need jump hosts themselves.
    const DEEPEST: usize = 8;

    /// Reads the user's file and the system's, those that exist.
    pub fn load() -> Result<Self, String> {
        Self::read(&[home().join(".ssh/config"), PathBuf::from("/etc/ssh/ssh_config")])
    }

    /// Reads files in order; one that does not exist is empty.
    pub fn read(files: &[PathBuf]) -> Result<Self, String> {
        let mut contents = Contents::default();
        for file in files {
            file::read(file, &mut contents)?;
        }
        Ok(Self { contents })
    }

    /// How a host is reached that is called so on the command line or in an inventory.
    ///
    /// A setting that applies to it and cannot be followed is an error that names its place.
    pub fn options(&self, host: &str) -> Result<SshOptions, String> {
        self.resolve((None, host, None), Some(0))
    }

    /// The hosts on the way, in the form of `-J`: `[user@]host[:port]`, separated by commas.
    pub fn jumps(&self, text: &str) -> Result<Vec<SshOptions>, String> {
        self.hops(text, 1)
    }

    /// Follows the settings for a host; its jump hosts too, where a depth is given.
    fn resolve(
        &self,
        (user, host, port): Destination<'_>,
        depth: Option<usize>,
    ) -> Result<SshOptions, String> {
        let mut settings = Settings::new(user, port);
        let Contents { blocks, directives } = &self.contents;
        let has_final = blocks.iter().any(|block| block.conditions.contains(&Condition::Final));
        for is_final in [false, true] {
            if is_final && !has_final {
                break;
            }
            // What a block sets does not change whether the block counts.
            let mut decided = vec![None; blocks.len()];
            for (block, directive) in directives {
                let holds = |condition: &Condition| holds(condition, host, &settings, is_final);
                if self.counts(*block, &mut decided, &holds) {
                    settings.set(directive)?;
                }
            }
        }
        let jumps = match (settings.proxy_jump.take(), depth) {
            (Some(_), Some(Self::DEEPEST)) => {
                return Err(format!("the jump hosts of `{host}` lead in a circle"));
            }
            (Some(text), Some(depth)) => self.hops(&text, depth + 1)?,
            _ => vec![],
        };
        settings.options(host, jumps)
    }

    /// Whether a block counts, by what is decided already and the conditions.
    fn counts(
        &self,
        block: usize,
        decided: &mut [Option<bool>],
        holds: &impl Fn(&Condition) -> bool,
    ) -> bool {
        if let Some(counts) = decided[block] {
            return counts;
        }
        let Block { outer, conditions } = &self.contents.blocks[block];
        let counts = outer.is_none_or(|outer| self.counts(outer, decided, holds))
            && conditions.iter().all(holds);
        decided[block] = Some(counts);
        counts
    }

    /// Several hops; only the first may need hops of its own.
    fn hops(&self, text: &str, depth: usize) -> Result<Vec<SshOptions>, String> {
        let mut jumps: Vec<SshOptions> = vec![];
        if text.eq_ignore_ascii_case("none") {
            return Ok(jumps);
        }
        for hop in text.split(',') {
            let destination = destination(hop.trim())
                .ok_or_else(|| format!("expected [user@]host[:port], found `{hop}`"))?;
            let mut options = self.resolve(destination, jumps.is_empty().then_some(depth))?;
            jumps.append(&mut options.jumps);
            jumps.push(options);
        }
        Ok(jumps)
    }
}

/// User, host and port.
type Destination<'a> = (Option<&'a str>, &'a str, Option<u16>);

/// Whether a condition holds for a host, by what is known of it so far.
fn holds(condition: &Condition, host: &str, settings: &Settings, is_final: bool) -> bool {
    let fits =
        |text: &str, patterns: &[String]| fits_any(text, patterns.iter().map(String::as_str));
    match condition {
        Condition::Host(patterns) => fits(host, patterns),
        Condition::All => true,
        Condition::Final => is_final,
        Condition::Target(patterns) => fits(&settings.target(host), patterns),
        Condition::User(patterns) => fits(&settings.user(), patterns),
        Condition::LocalUser(patterns) => fits(&super::options::login_name(), patterns),
        Condition::Not(condition) => !holds(condition, host, settings, is_final),
        Condition::Never => false,
    }
}

/// Takes `[user@]host[:port]` apart, also as a URL.
fn destination(text: &str) -> Option<Destination<'_>> {
    let text = text.strip_prefix("ssh://").unwrap_or(text).trim_end_matches('/');
    let (user, rest) = match text.rsplit_once('@') {
        Some((user, rest)) => (Some(user), rest),
        None => (None, text),
    };
    let (host, port) = match rest.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
        }
        // More than one colon is an IPv6 address.
        None => match rest.split_once(':') {
            Some((host, port)) if !port.contains(':') => (host, Some(port)),
            _ => (rest, None),
        },
    };
    let port = match port {
        Some(port) => Some(port.parse().ok().filter(|port| *port > 0)?),
        None => None,
    };
    (!host.is_empty() && user != Some("")).then_some((user, host, port))
}

/// A path of a configuration, `~` being the user's home.
fn expand_home(path: &str) -> PathBuf {
    match path.strip_prefix("~/") {
        Some(rest) => home().join(rest),
        None => Path::new(path).to_owned(),
    }
}

#[cfg(test)]
mod tests;
