//! `ansible_ssh_common_args` and the like: options in the form of the `ssh` program.

use std::path::PathBuf;
use std::time::Duration;

use crate::base::Diagnostic;
use crate::playbook::{Word, split_words};
use crate::remote::{HostKeyChecking, SshOptions};

/// Sets what the arguments say; an option that has no meaning here is a fault that names it.
pub(super) fn apply(text: &str, options: &mut SshOptions) -> Result<(), Diagnostic> {
    let mut words = words_of(text)?.into_iter();
    while let Some(word) = words.next() {
        let (flag, joined) = word.split_at(word.len().min(2));
        let mut value = || match joined {
            "" => words.next().ok_or_else(|| fault(format!("`{flag}` needs a value"))),
            joined => Ok(joined.to_owned()),
        };
        match flag {
            "-o" => option(&value()?, options)?,
            "-i" => options.identity_files.push(PathBuf::from(value()?)),
            "-l" => options.user = value()?,
            "-p" => options.port = port(&value()?)?,
            // The file itself was read before.
            "-F" => drop(value()?),
            "-J" => options.jumps = jumps(&value()?, options)?,
            // Compression and the ways of logging are matters of the other program.
            "-C" | "-q" | "-v" | "-4" | "-6" | "-T" | "-t" | "-x" | "-a" => {}
            _ => return Err(unknown(&word)),
        }
    }
    Ok(())
}

/// The file that stands in place of the user's `~/.ssh/config`, where one is named: `-F FILE`.
pub(super) fn config_file(texts: &[String]) -> Result<Option<String>, Diagnostic> {
    let mut found = None;
    for text in texts {
        let mut words = words_of(text)?.into_iter();
        while let Some(word) = words.next() {
            match word.strip_prefix("-F") {
                Some("") => found = words.next(),
                Some(joined) => found = Some(joined.to_owned()),
                None => {}
            }
        }
    }
    Ok(found)
}

fn words_of(text: &str) -> Result<Vec<String>, Diagnostic> {
    let words = split_words(text)
        .map_err(|(what, _)| fault(format!("a {what} is not closed in `{text}`")))?;
    let whole = |word: Word| match word.key {
        Some(key) => format!("{key}={}", word.value),
        None => word.value,
    };
    Ok(words.into_iter().map(whole).collect())
}

fn option(text: &str, options: &mut SshOptions) -> Result<(), Diagnostic> {
    let (name, value) = text
        .split_once(['=', ' '])
        .map(|(name, value)| (name.trim(), value.trim()))
        .ok_or_else(|| fault(format!("`-o {text}` is not of the form name=value")))?;
    match name.to_ascii_lowercase().as_str() {
        "userknownhostsfile" | "globalknownhostsfile" => {
            let files = value.split_whitespace().filter(|file| *file != "/dev/null");
            options.known_hosts = files.map(super::connections::expand_home).collect();
        }
        "stricthostkeychecking" => {
            options.host_key_checking = match value.to_ascii_lowercase().as_str() {
                "yes" | "ask" | "true" => HostKeyChecking::Strict,
                "accept-new" => HostKeyChecking::AcceptNew,
                "no" | "off" | "false" => HostKeyChecking::Off,
                _ => return Err(fault(format!("StrictHostKeyChecking has no value `{value}`"))),
            };
        }
        "identityfile" => options.identity_files.push(super::connections::expand_home(value)),
        "certificatefile" => {
            options.certificate_files.push(super::connections::expand_home(value));
        }
        "identitiesonly" => options.identities_only = value.eq_ignore_ascii_case("yes"),
        "identityagent" if value.eq_ignore_ascii_case("none") => options.agent = None,
        "identityagent" => options.agent = Some(super::connections::expand_home(value)),
        "hostkeyalias" => options.host_key_alias = Some(value.to_owned()),
        "user" => value.clone_into(&mut options.user),
        "port" => options.port = port(value)?,
        "connecttimeout" => options.connect_timeout = seconds(name, value)?,
        "connectionattempts" => options.retries = number(name, value)?.saturating_sub(1),
        "serveraliveinterval" => options.keepalive = seconds(name, value)?,
        "serveralivecountmax" => options.keepalive_count = number(name, value)? as usize,
        "proxyjump" => options.jumps = jumps(value, options)?,
        "proxycommand" => options.proxy_command = Some(value.to_owned()),
        // There is one connection for each host in any case, and no terminal.
        "controlmaster"
        | "controlpersist"
        | "controlpath"
        | "compression"
        | "loglevel"
        | "batchmode"
        | "preferredauthentications"
        | "gssapiauthentication"
        | "requesttty"
        | "forwardx11"
        | "addressfamily"
        | "tcpkeepalive"
        | "passwordauthentication"
        | "kbdinteractiveauthentication"
        | "pubkeyauthentication"
        | "updatehostkeys" => {}
        _ => return Err(unknown(&format!("-o {name}"))),
    }
    Ok(())
}

/// The hosts on the way: `[user@]host[:port]`, separated by commas.
fn jumps(text: &str, options: &SshOptions) -> Result<Vec<SshOptions>, Diagnostic> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(vec![]);
    }
    text.split(',')
        .map(|hop| {
            let (user, host) = match hop.trim().rsplit_once('@') {
                Some((user, host)) => (Some(user), host),
                None => (None, hop.trim()),
            };
            let (host, hop_port) = match host.rsplit_once(':') {
                Some((name, number)) if !name.contains(':') => (name, Some(port(number)?)),
                _ => (host, None),
            };
            let mut jump = SshOptions::new(host);
            user.unwrap_or(&options.user).clone_into(&mut jump.user);
            jump.port = hop_port.unwrap_or(22);
            jump.identity_files.clone_from(&options.identity_files);
            jump.known_hosts.clone_from(&options.known_hosts);
            jump.host_key_checking = options.host_key_checking;
            Ok(jump)
        })
        .collect()
}

fn port(text: &str) -> Result<u16, Diagnostic> {
    text.parse()
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(|| fault(format!("a port lies between 1 and 65535, this is `{text}`")))
}

fn number(name: &str, text: &str) -> Result<u32, Diagnostic> {
    text.parse().map_err(|_| fault(format!("{name} must be a whole number, this is `{text}`")))
}

fn seconds(name: &str, text: &str) -> Result<Duration, Diagnostic> {
    number(name, text.trim_end_matches('s')).map(|seconds| Duration::from_secs(seconds.into()))
}

fn unknown(what: &str) -> Diagnostic {
    fault(format!("the ssh option `{what}` is not known here"))
}

fn fault(message: String) -> Diagnostic {
    Diagnostic::plain("ssh-arguments", message)
        .help("see ansible_ssh_common_args, ansible_ssh_extra_args and --ssh-common-args")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_inventories_say() {
        let mut options = SshOptions::new("web");
        let text = "-o UserKnownHostsFile=/x/known -o StrictHostKeyChecking=accept-new \
                    -o ControlPersist=60s -p 2222 -J ops@bastion:2200";
        apply(text, &mut options).unwrap();
        assert_eq!(options.known_hosts, [PathBuf::from("/x/known")]);
        assert_eq!(options.host_key_checking, HostKeyChecking::AcceptNew);
        assert_eq!(options.port, 2222);
        assert_eq!(options.jumps[0].host, "bastion");
        assert_eq!((options.jumps[0].user.as_str(), options.jumps[0].port), ("ops", 2200));
    }

    #[test]
    fn what_is_not_known_is_named() {
        let mut options = SshOptions::new("web");
        let fault = apply("-o Tunnel=yes", &mut options).unwrap_err();
        assert_eq!(fault.message, "the ssh option `-o Tunnel` is not known here");
    }

    #[test]
    fn a_file_of_settings_is_named_apart_or_joined() {
        let file = |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            config_file(&texts).unwrap()
        };
        assert_eq!(file(&["-C -o ControlMaster=auto"]), None);
        assert_eq!(file(&["-C -F ./ssh.cfg -q"]), Some("./ssh.cfg".to_owned()));
        assert_eq!(
            file(&["-F/etc/a", "-F 'of the project/b'"]),
            Some("of the project/b".to_owned())
        );
        let mut options = SshOptions::new("web");
        apply("-F ./ssh.cfg -p 2222", &mut options).unwrap();
        assert_eq!(options.port, 2222);
    }
}
