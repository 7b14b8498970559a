//! What the settings mean.

use std::path::PathBuf;
use std::time::Duration;

use super::file::Directive;
use super::tokens::{Tokens, expand};
use crate::remote::ssh::known_hosts::Place;
use crate::remote::ssh::options::{HostKeyChecking, SshOptions, login_name};

/// A value and where it stands.
type Placed = (String, Place);

/// What was found for one host. A setting that was found keeps its first value.
#[derive(Debug, Default)]
pub(super) struct Settings {
    user: Option<String>,
    port: Option<u16>,
    pub(super) proxy_jump: Option<String>,
    host_name: Option<Placed>,
    identity_files: Vec<Placed>,
    certificate_files: Vec<Placed>,
    identities_only: Option<bool>,
    identity_agent: Option<Placed>,
    known_hosts: Option<Vec<Placed>>,
    global_known_hosts: Option<Vec<Placed>>,
    host_key_alias: Option<String>,
    host_key_checking: Option<HostKeyChecking>,
    connect_timeout: Option<Duration>,
    connection_attempts: Option<u32>,
    keepalive: Option<Duration>,
    keepalive_count: Option<usize>,
    /// A command, or that there is none.
    proxy_command: Option<Placed>,
}

impl Settings {
    /// What was said before any file is read.
    pub(super) fn new(user: Option<&str>, port: Option<u16>) -> Self {
        Self { user: user.map(str::to_owned), port, ..Self::default() }
    }

    /// Takes one line, unless an earlier one said otherwise.
    pub(super) fn set(&mut self, directive: &Directive) -> Result<(), String> {
        let Directive { keyword, arguments, rest, place } = directive;
        let placed = || directive.value().map(|value| (value.to_owned(), place.clone()));
        let all = || arguments.iter().map(|value| (value.clone(), place.clone())).collect();
        let text = || directive.value().map(str::to_owned);
        let time = || directive.read("a time", duration);
        match keyword.as_str() {
            "hostname" => first(&mut self.host_name, placed()?),
            "user" => first(&mut self.user, text()?),
            "port" => first(&mut self.port, directive.read("between 1 and 65535", port)?),
            "identityfile" => add(&mut self.identity_files, placed()?),
            "certificatefile" => add(&mut self.certificate_files, placed()?),
            "identitiesonly" => {
                first(&mut self.identities_only, directive.read("yes or no", flag)?);
            }
            "identityagent" => first(&mut self.identity_agent, placed()?),
            "userknownhostsfile" => first(&mut self.known_hosts, all()),
            "globalknownhostsfile" => first(&mut self.global_known_hosts, all()),
            "hostkeyalias" => first(&mut self.host_key_alias, text()?),
            "stricthostkeychecking" => {
                let checking = directive.read("yes, no, ask, off or accept-new", checking)?;
                first(&mut self.host_key_checking, checking);
            }
            "connecttimeout" => first(&mut self.connect_timeout, time()?),
            "serveraliveinterval" => first(&mut self.keepalive, time()?),
            "serveralivecountmax" => {
                first(&mut self.keepalive_count, directive.read("a number", number)?);
            }
            "connectionattempts" => {
                first(&mut self.connection_attempts, directive.read("a number", number)?);
            }
            // Whichever of the two comes first switches the other one off.
            "proxyjump" if self.proxy_command.is_none() => first(&mut self.proxy_jump, text()?),
            "proxycommand" if self.proxy_jump.is_none() => {
                directive.some_arguments()?;
                first(&mut self.proxy_command, (rest.clone(), place.clone()));
            }
            "proxyjump" | "proxycommand" => {}
            keyword if WITHOUT_MEANING.contains(&keyword) => {}
            _ => {
                return Err(format!(
                    "{place}: `{keyword}` is not supported, and to pass over it could make the \
                     connection less safe, or fail"
                ));
            }
        }
        Ok(())
    }

    /// The name to connect to, as far as it is known.
    pub(super) fn target(&self, host: &str) -> String {
        match &self.host_name {
            Some((name, _)) => name.replace("%h", host).replace("%%", "%"),
            None => host.to_owned(),
        }
    }

    /// The user to log in as, as far as it is known.
    pub(super) fn user(&self) -> String {
        self.user.clone().unwrap_or_else(login_name)
    }

    /// All of it as options; OpenSSH's defaults, with shorter waits, where nothing was found.
    pub(super) fn options(self, host: &str, jumps: Vec<SshOptions>) -> Result<SshOptions, String> {
        let default = SshOptions::new(self.target(host));
        let options = SshOptions {
            port: self.port.unwrap_or(default.port),
            user: self.user(),
            identities_only: self.identities_only.unwrap_or(false),
            host_key_alias: self.host_key_alias.clone(),
            host_key_checking: self.host_key_checking.unwrap_or_default(),
            connect_timeout: self
                .connect_timeout
                .filter(|time| !time.is_zero())
                .unwrap_or(default.connect_timeout),
            keepalive: self.keepalive.unwrap_or(default.keepalive),
            keepalive_count: self.keepalive_count.unwrap_or(default.keepalive_count),
            retries: self.connection_attempts.map_or(0, |attempts| attempts.saturating_sub(1)),
            jumps,
            ..default
        };
        self.with_paths(&Tokens { original: host, options: &options })
    }

    /// Completes options by what may hold tokens.
    fn with_paths(&self, tokens: &Tokens<'_>) -> Result<SshOptions, String> {
        let paths = |found: &[Placed]| -> Result<Vec<PathBuf>, String> {
            let kept = found.iter().filter(|(path, _)| !is_none(path));
            kept.map(|(path, place)| tokens.path(path, place)).collect()
        };
        let default = tokens.options;
        // Two of the user, two of the system.
        let (user_files, global_files) = default.known_hosts.split_at(2);
        let user_files = self.known_hosts.as_deref().map_or(Ok(user_files.to_vec()), paths)?;
        let global_files =
            self.global_known_hosts.as_deref().map_or(Ok(global_files.to_vec()), paths)?;
        let agent = match &self.identity_agent {
            Some((path, _)) if is_none(path) => None,
            Some((path, place)) if path != "SSH_AUTH_SOCK" => Some(tokens.agent(path, place)?),
            _ => default.agent.clone(),
        };
        let proxy_command = self.proxy_command.as_ref().filter(|(command, _)| !is_none(command));
        if let Some((command, place)) = proxy_command {
            // It is expanded when it is run; whether it can be is said here, with its place.
            expand(command, tokens).map_err(|reason| format!("{place}: {reason}"))?;
        }
        Ok(SshOptions {
            identity_files: paths(&self.identity_files)?,
            certificate_files: paths(&self.certificate_files)?,
            agent,
            known_hosts: [user_files, global_files].concat(),
            proxy_command: proxy_command.map(|(command, _)| command.clone()),
            ..default.clone()
        })
    }
}

fn is_none(text: &str) -> bool {
    text.eq_ignore_ascii_case("none")
}

fn port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port > 0)
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// Sets what is not set yet.
fn first<T>(setting: &mut Option<T>, value: T) {
    setting.get_or_insert(value);
}

/// Adds what is not there yet.
fn add(list: &mut Vec<Placed>, new: Placed) {
    if !list.iter().any(|(value, _)| *value == new.0) {
        list.push(new);
    }
}

fn flag(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

fn checking(text: &str) -> Option<HostKeyChecking> {
    match text.to_lowercase().as_str() {
        // Nobody can be asked in the middle of a run.
        "yes" | "true" | "ask" => Some(HostKeyChecking::Strict),
        "accept-new" => Some(HostKeyChecking::AcceptNew),
        "no" | "false" | "off" => Some(HostKeyChecking::Off),
        _ => None,
    }
}

/// Reads `90`, `90s`, `1m30s`.
fn duration(text: &str) -> Option<Duration> {
    let mut total = 0_u64;
    let mut number: Option<u64> = None;
    for sign in text.to_lowercase().chars() {
        if let Some(digit) = sign.to_digit(10) {
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit.into())?);
            continue;
        }
        let unit = match sign {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86400,
            'w' => 604_800,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    let seconds = total.checked_add(number.unwrap_or(0))?;
    (!text.is_empty()).then(|| Duration::from_secs(seconds))
}

/// Keywords about terminals, forwarding, logging and the like, or about ways to log in and
/// algorithms that are chosen well without them.
const WITHOUT_MEANING: &[&str] = &[
    "addkeystoagent",
    "addressfamily",
    "batchmode",
    "canonicaldomains",
    "canonicalizefallbacklocal",
    "canonicalizehostname",
    "canonicalizemaxdots",
    "canonicalizepermittedcnames",
    "channeltimeout",
    "checkhostip",
    "compression",
    "controlmaster",
    "controlpath",
    "controlpersist",
    "dynamicforward",
    "enableescapecommandline",
    "enablesshkeysign",
    "escapechar",
    "exitonforwardfailure",
    "fingerprinthash",
    "forkafterauthentication",
    "forwardagent",
    "forwardx11",
    "forwardx11timeout",
    "forwardx11trusted",
    "gatewayports",
    "gssapiauthentication",
    "gssapidelegatecredentials",
    "gssapikeyexchange",
    "hashknownhosts",
    "hostbasedauthentication",
    "ignoreunknown",
    "ipqos",
    "kbdinteractiveauthentication",
    "challengeresponseauthentication",
    "localcommand",
    "localforward",
    "loglevel",
    "logverbose",
    "nohostauthenticationforlocalhost",
    "numberofpasswordprompts",
    "obscurekeystroketiming",
    "passwordauthentication",
    "permitlocalcommand",
    "permitremoteopen",
    "preferredauthentications",
    "proxyusefdpass",
    "pubkeyauthentication",
    "rekeylimit",
    "remotecommand",
    "remoteforward",
    "requesttty",
    "sendenv",
    "sessiontype",
    "setenv",
    "stdinnull",
    "streamlocalbindmask",
    "streamlocalbindunlink",
    "syslogfacility",
    "tag",
    "tcpkeepalive",
    "tunnel",
    "tunneldevice",
    "updatehostkeys",
    "verifyhostkeydns",
    "visualhostkey",
    "warnweakcrypto",
    "xauthlocation",
    // Lists of algorithms: those offered here are OpenSSH's own choice without SHA-1.
    "casignaturealgorithms",
    "ciphers",
    "hostbasedacceptedalgorithms",
    "hostkeyalgorithms",
    "kexalgorithms",
    "macs",
    "pubkeyacceptedalgorithms",
    "pubkeyacceptedkeytypes",
    "requiredrsasize",
];
