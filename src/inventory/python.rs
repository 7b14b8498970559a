//! The Python of this machine, which playbooks name to have their own modules run by it.

use std::path::PathBuf;
use std::sync::OnceLock;

/// The first `python3` that PATH leads to; where Python is by custom, when there is none.
pub fn playbook_python() -> &'static str {
    static FOUND: OnceLock<String> = OnceLock::new();
    FOUND.get_or_init(|| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut candidates = std::env::split_paths(&path).map(|folder| folder.join("python3"));
        let found = candidates.find(|program| program.is_file());
        found.unwrap_or_else(|| PathBuf::from("/usr/bin/python3")).display().to_string()
    })
}
