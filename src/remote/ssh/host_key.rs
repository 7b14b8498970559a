//! Whether a host is who it says it is.

use std::path::Path;

use russh::keys::{HashAlg, PublicKey, PublicKeyOrCertificate};

use super::known_hosts::{HostName, KnownHosts, Verdict};
use super::options::{HostKeyChecking, SshOptions};
use crate::remote::ConnectionError;

/// What is known of one host and what follows from it.
pub(super) struct HostKeyPolicy {
    name: HostName,
    /// As in a message.
    address: String,
    known: KnownHosts,
    checking: HostKeyChecking,
    /// Where a new key is written.
    file: Option<std::path::PathBuf>,
}

impl HostKeyPolicy {
    /// Reads the files of known hosts.
    pub(super) fn new(options: &SshOptions) -> Result<Self, ConnectionError> {
        let known = KnownHosts::read(&options.known_hosts).map_err(|reason| {
            refused(reason, "a file of known hosts that cannot be read says nothing about this one")
        })?;
        Ok(Self {
            name: HostName::new(&options.host, options.port, options.host_key_alias.as_deref()),
            address: options.address(),
            known,
            checking: options.host_key_checking,
            file: options.known_hosts.first().cloned(),
        })
    }

    /// The algorithms to offer this host.
    pub(super) fn preferred(&self) -> russh::Preferred {
        super::algorithms::preferred(&self.known, &self.name)
    }

    /// Accepts or refuses what the host presents.
    pub(super) fn check(&self, presented: &PublicKeyOrCertificate) -> Result<(), ConnectionError> {
        let key = presented.public_key();
        if let Some(certificate) = presented.certificate() {
            match self.known.check_certificate(&self.name, certificate) {
                Ok(true) => return self.not_revoked(&key),
                // A plain key may be known all the same.
                Ok(false) => {}
                Err(reason) => {
                    return Err(refused(
                        format!("the host key of {} is refused: {reason}", self.address),
                        "ask who runs the authority for a new certificate",
                    ));
                }
            }
        }
        match (self.known.check(&self.name, &key), self.checking) {
            (Verdict::Match, _) | (Verdict::Unknown, HostKeyChecking::Off) => Ok(()),
            (Verdict::Unknown, HostKeyChecking::Strict) => Err(self.unknown(&key)),
            (Verdict::Unknown, HostKeyChecking::AcceptNew) => self.accept(&key),
            (verdict, _) => Err(self.refusal(&verdict, &key)),
        }
    }

    fn not_revoked(&self, key: &PublicKey) -> Result<(), ConnectionError> {
        match self.known.check(&self.name, key) {
            verdict @ Verdict::Revoked(_) => Err(self.refusal(&verdict, key)),
            _ => Ok(()),
        }
    }

    fn accept(&self, key: &PublicKey) -> Result<(), ConnectionError> {
        let Some(file) = &self.file else { return Ok(()) };
        let verdict = KnownHosts::remember(file, &self.name, key)
            .map_err(|reason| refused(reason, "the new host key could not be written down"))?;
        if verdict == Verdict::Match { Ok(()) } else { Err(self.refusal(&verdict, key)) }
    }

    fn unknown(&self, key: &PublicKey) -> ConnectionError {
        let file = self.file.as_deref().unwrap_or(Path::new("~/.ssh/known_hosts")).display();
        refused(
            format!("the host key of {} is not known: {}", self.address, describe(key)),
            &format!(
                "compare it with the host's own and add it: {} >> {file}; \
                 or accept unknown hosts with `StrictHostKeyChecking=accept-new`",
                self.keyscan(),
            ),
        )
    }

    fn refusal(&self, verdict: &Verdict, key: &PublicKey) -> ConnectionError {
        let (address, name) = (&self.address, self.name.with_port());
        match verdict {
            Verdict::Changed(place) => refused(
                format!(
                    "the host key of {address} has changed: it presents {}, \
                     {place} has {}",
                    describe(key),
                    self.known.fingerprint_at(place).unwrap_or_default(),
                ),
                &format!(
                    "somebody may be in between; if the host was set up anew, remove the old key: \
                     ssh-keygen -f {} -R '{name}'",
                    place.file.display()
                ),
            ),
            Verdict::Revoked(place) => refused(
                format!("the host key of {address} is revoked ({place}): {}", describe(key)),
                "a revoked key is never accepted: give the host a new one",
            ),
            Verdict::OtherType(place) => refused(
                format!(
                    "the host key of {address} is of a type it is not known by ({place}): {}",
                    describe(key)
                ),
                &format!("compare it with the host's own and add it: {}", self.keyscan()),
            ),
            Verdict::Match | Verdict::Unknown => self.unknown(key),
        }
    }

    /// The command that shows the host's keys.
    fn keyscan(&self) -> String {
        match self.address.rsplit_once(':') {
            Some((host, "22")) => format!("ssh-keyscan {host}"),
            Some((host, port)) => format!("ssh-keyscan -p {port} {host}"),
            None => format!("ssh-keyscan {}", self.address),
        }
    }
}

/// A key's type and fingerprint.
fn describe(key: &PublicKey) -> String {
    format!("{} {}", key.algorithm(), key.fingerprint(HashAlg::Sha256))
}

fn refused(reason: String, help: &str) -> ConnectionError {
    ConnectionError::Unreachable { reason, help: help.to_owned() }
}
