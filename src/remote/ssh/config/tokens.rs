//! Tokens in values: `%h`, `%r` and the like, and variables of the environment.

use std::path::PathBuf;

use super::expand_home;
use crate::remote::ssh::known_hosts::Place;
use crate::remote::ssh::options::{SshOptions, home, login_name};

/// What tokens stand for.
pub(in crate::remote::ssh) struct Tokens<'a> {
    /// The host as it was called.
    pub(in crate::remote::ssh) original: &'a str,
    /// What is known of it.
    pub(in crate::remote::ssh) options: &'a SshOptions,
}

impl Tokens<'_> {
    /// A path with tokens and variables.
    pub(super) fn path(&self, text: &str, place: &Place) -> Result<PathBuf, String> {
        let text = variables(text)
            .and_then(|text| expand(&text, self))
            .map_err(|reason| format!("{place}: {reason}"))?;
        Ok(expand_home(&text))
    }

    /// An agent's socket: a path, or a variable that holds one.
    pub(super) fn agent(&self, text: &str, place: &Place) -> Result<PathBuf, String> {
        match text.strip_prefix('$') {
            Some(name) if !name.starts_with('{') => std::env::var_os(name)
                .map(PathBuf::from)
                .ok_or_else(|| format!("{place}: the variable `{name}` is not set")),
            _ => self.path(text, place),
        }
    }

    fn value(&self, token: char) -> Option<String> {
        let Self { original, options } = self;
        Some(match token {
            '%' => "%".to_owned(),
            'h' => options.host.clone(),
            'n' => (*original).to_owned(),
            'k' => options.host_key_alias.clone().unwrap_or_else(|| (*original).to_owned()),
            'p' => options.port.to_string(),
            'r' => options.user.clone(),
            'u' => login_name(),
            'd' => home().display().to_string(),
            'i' => rustix::process::getuid().as_raw().to_string(),
            _ => return None,
        })
    }
}

/// Puts values in the place of tokens.
pub(in crate::remote::ssh) fn expand(text: &str, tokens: &Tokens<'_>) -> Result<String, String> {
    let mut expanded = String::new();
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        if sign != '%' {
            expanded.push(sign);
            continue;
        }
        let token = signs.next();
        let value = token.and_then(|token| tokens.value(token));
        expanded += &value.ok_or_else(|| {
            let token = token.map(String::from).unwrap_or_default();
            format!("expected one of %h %n %k %p %r %u %d %i %%, found `%{token}`")
        })?;
    }
    Ok(expanded)
}

/// Puts values in the place of `${NAME}`.
fn variables(text: &str) -> Result<String, String> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) =
            after.split_once('}').ok_or_else(|| format!("`${{` is not closed in `{text}`"))?;
        let value = std::env::var(name).map_err(|_| format!("the variable `{name}` is not set"))?;
        expanded += before;
        expanded += &value;
        rest = behind;
    }
    Ok(expanded + rest)
}
