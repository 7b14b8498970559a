//! One host of an inventory.

use std::path::PathBuf;
use std::sync::Arc;

use crate::value::Layer;

/// A host, by the name the inventory gives it.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its `inventory_hostname`.
    pub name: String,
    /// The variables set where it is listed.
    pub vars: Arc<Layer>,
    /// The file that listed it first.
    pub file: Option<PathBuf>,
    /// Whether nobody listed it: `localhost`, which is always there.
    pub implicit: bool,
    /// The groups that list it, as places among the inventory's groups.
    pub(super) groups: Vec<usize>,
}

impl Host {
    pub(super) fn new(name: impl Into<String>, file: Option<PathBuf>) -> Self {
        Self { name: name.into(), vars: Arc::default(), file, implicit: false, groups: vec![] }
    }
}

/// Why a text cannot name a host, user or address; nothing where it can.
///
/// Names end up on command lines and in file names, so that those that could mean something
/// there are refused: `-oProxyCommand=…`, `$(id)`, `a;b`.
pub(super) fn name_fault(name: &str) -> Option<String> {
    let stray = |c: char| !c.is_alphanumeric() && !"_.:%-@/+,".contains(c);
    if name.is_empty() {
        Some("a name must not be empty".to_owned())
    } else if name.starts_with('-') {
        Some("a name must not start with `-`".to_owned())
    } else if name.contains(char::is_whitespace) {
        Some("a name must not hold blanks".to_owned())
    } else {
        let found = name.chars().find(|c| stray(*c))?;
        Some(format!("a name must not hold `{}`", found.escape_default()))
    }
}

/// Why a text cannot name a user; nothing where it can.
pub(super) fn user_fault(name: &str) -> Option<String> {
    if name.starts_with('-') {
        return Some("a user's name must not start with `-`".to_owned());
    }
    let stray = name.chars().find(|c| c.is_whitespace() || c.is_control())?;
    Some(format!("a user's name must not hold `{}`", stray.escape_default()))
}

#[cfg(test)]
mod tests {
    use super::name_fault;

    #[test]
    fn names_that_could_mean_something_elsewhere_are_refused() {
        for name in ["web1", "10.0.0.1", "fe80::1%eth0", "db_a-1.example.com", "höst", "me@x"] {
            assert_eq!(name_fault(name), None, "{name}");
        }
        for name in ["", "-oProxyCommand=x", "a b", "a;b", "$(id)", "a\u{1b}[31m", "a|b", "`id`"] {
            assert!(name_fault(name).is_some(), "{name}");
        }
    }
}
