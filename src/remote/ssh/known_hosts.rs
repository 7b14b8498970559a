//! The keys by which hosts are known, read and judged as OpenSSH does.
//!
//! Two things are stricter: a key that was revoked without a port is revoked on every port, and
//! where a host is known by keys of other types only, a key of a new type is not simply new.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use russh::keys::{Algorithm, Certificate, HashAlg, PublicKey};
use rustix::fs::{FlockOperation, flock};
use sha1::Sha1;

use super::pattern::fits_any;

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: PathBuf,
    pub(super) line: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// What the files say about a key that a host presents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the host's.
    Match,
    /// Nothing is known of this host.
    Unknown,
    /// The host is known by another key of this type.
    Changed(Place),
    /// The key must not be trusted, for this host or any.
    Revoked(Place),
    /// The host is known by keys of other types.
    OtherType(Place),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    None,
    Authority,
    Revoked,
}

#[derive(Debug)]
struct Entry {
    place: Place,
    marker: Marker,
    hosts: String,
    /// The type and the key in base64.
    key: String,
}

/// The entries of several files.
#[derive(Debug, Default)]
pub(super) struct KnownHosts {
    entries: Vec<Entry>,
}

impl KnownHosts {
    /// Reads the files, those that exist. One that exists and cannot be read is an error.
    pub(super) fn read(files: &[PathBuf]) -> Result<Self, String> {
        let mut entries = vec![];
        for file in files {
            let bytes = match fs::read(file) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(format!("cannot read {}: {error}", file.display())),
            };
            let text = String::from_utf8_lossy(&bytes);
            let place = |index| Place { file: file.clone(), line: index + 1 };
            entries.extend(
                text.lines().enumerate().filter_map(|(i, line)| Entry::parse(line, || place(i))),
            );
        }
        Ok(Self { entries })
    }

    /// Judges a key.
    pub(super) fn check(&self, host: &HostName, key: &PublicKey) -> Verdict {
        if let Some(place) = self.revoked(host, key) {
            return Verdict::Revoked(place);
        }
        let verdict = self.check_name(&host.with_port(), key);
        match host.without_port() {
            Some(name) if verdict == Verdict::Unknown => match self.check_name(&name, key) {
                Verdict::Match => Verdict::Match,
                _ => Verdict::Unknown,
            },
            _ => verdict,
        }
    }

    fn check_name(&self, name: &str, key: &PublicKey) -> Verdict {
        let mut verdict = Verdict::Unknown;
        for (entry, known) in self.keys(name, Marker::None) {
            if known.key_data() == key.key_data() {
                return Verdict::Match;
            }
            let same_type = known.algorithm() == key.algorithm();
            match verdict {
                Verdict::Changed(_) => {}
                _ if same_type => verdict = Verdict::Changed(entry.place.clone()),
                Verdict::Unknown => verdict = Verdict::OtherType(entry.place.clone()),
                _ => {}
            }
        }
        verdict
    }

    /// Where a key is revoked for this host.
    fn revoked(&self, host: &HostName, key: &PublicKey) -> Option<Place> {
        host.names()
            .into_iter()
            .flat_map(|name| self.keys(&name, Marker::Revoked))
            .find(|(_, revoked)| revoked.key_data() == key.key_data())
            .map(|(entry, _)| entry.place.clone())
    }

    /// Judges a host's certificate: by its authority, its names, its time and its options.
    ///
    /// `Ok(false)` where no authority of this host has signed it: then its key alone counts.
    pub(super) fn check_certificate(
        &self,
        host: &HostName,
        certificate: &Certificate,
    ) -> Result<bool, String> {
        let authority = PublicKey::new(certificate.signature_key().clone(), "");
        if let Some(place) = self.revoked(host, &authority) {
            return Err(format!("its authority's key is revoked ({place})"));
        }
        let signed = self
            .known_keys(host, Marker::Authority)
            .any(|known| known.key_data() == authority.key_data());
        if !signed {
            return Ok(false);
        }
        if !certificate.cert_type().is_host() {
            return Err("its certificate is a user's, not a host's".into());
        }
        certificate
            .validate([&authority.fingerprint(HashAlg::Sha256)])
            .map_err(|error| format!("its certificate is not valid: {error}"))?;
        if !certificate.critical_options().is_empty() {
            return Err("its certificate has critical options, which no host may have".into());
        }
        let principals = certificate.valid_principals();
        if !principals.iter().any(|name| fits_any(&host.name, [name.to_lowercase().as_str()])) {
            return Err(format!("its certificate is for {}", principals.join(", ")));
        }
        Ok(true)
    }

    /// The fingerprint of the key that stands in a place.
    pub(super) fn fingerprint_at(&self, place: &Place) -> Option<String> {
        let entry = self.entries.iter().find(|entry| entry.place == *place)?;
        let key = PublicKey::from_openssh(&entry.key).ok()?;
        Some(key.fingerprint(HashAlg::Sha256).to_string())
    }

    /// The types of the keys known of a host, those for [`Preferred`](russh::Preferred).
    pub(super) fn algorithms(&self, host: &HostName) -> Vec<Algorithm> {
        self.known_keys(host, Marker::None).flat_map(|key| with_hashes(&key.algorithm())).collect()
    }

    /// Whether a certificate of this host could be judged at all.
    pub(super) fn has_authority(&self, host: &HostName) -> bool {
        self.known_keys(host, Marker::Authority).next().is_some()
    }

    fn known_keys(&self, host: &HostName, marker: Marker) -> impl Iterator<Item = PublicKey> {
        host.names().into_iter().flat_map(move |name| self.keys(&name, marker)).map(|(_, key)| key)
    }

    /// The entries that name the host; a line whose key cannot be read says nothing.
    fn keys(&self, name: &str, marker: Marker) -> Vec<(&Entry, PublicKey)> {
        self.entries
            .iter()
            .filter(|entry| entry.marker == marker && entry.names(name))
            .filter_map(|entry| PublicKey::from_openssh(&entry.key).ok().map(|key| (entry, key)))
            .collect()
    }

    /// Writes down that the key is the host's, unless the file knows of the host meanwhile.
    ///
    /// The file is locked while that is looked up, so that two runs do not write at once.
    pub(super) fn remember(
        file: &Path,
        host: &HostName,
        key: &PublicKey,
    ) -> Result<Verdict, String> {
        let failed = |error: io::Error| format!("cannot write {}: {error}", file.display());
        if let Some(directory) = file.parent().filter(|directory| !directory.exists()) {
            use std::os::unix::fs::DirBuilderExt as _;
            fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
        }
        let mut opened = open_private(file).map_err(failed)?;
        flock(&opened, FlockOperation::LockExclusive).map_err(|error| failed(error.into()))?;
        let verdict = Self::read(&[file.to_owned()])?.check(host, key);
        if verdict != Verdict::Unknown {
            return Ok(verdict);
        }
        let text = key.to_openssh().map_err(|error| error.to_string())?;
        let words: Vec<&str> = text.split(' ').take(2).collect();
        let start = if ends_line(&mut opened).map_err(failed)? { "" } else { "\n" };
        let line = format!("{start}{} {}\n", host.with_port(), words.join(" "));
        opened.write_all(line.as_bytes()).map_err(failed)?;
        Ok(Verdict::Match)
    }
}

/// An RSA key is used with SHA-2, in two sizes; SHA-1 is not offered.
fn with_hashes(algorithm: &Algorithm) -> Vec<Algorithm> {
    match algorithm {
        Algorithm::Rsa { .. } => [HashAlg::Sha512, HashAlg::Sha256]
            .map(|hash| Algorithm::Rsa { hash: Some(hash) })
            .to_vec(),
        other => vec![other.clone()],
    }
}

fn open_private(file: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(file)
}

fn ends_line(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

impl Entry {
    /// Reads a line; none where it is empty, a comment, or not an entry.
    fn parse(line: &str, place: impl FnOnce() -> Place) -> Option<Self> {
        let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty()).peekable();
        let marker = match words.peek()? {
            word if word.starts_with('#') => return None,
            &"@cert-authority" => Marker::Authority,
            &"@revoked" => Marker::Revoked,
            word if word.starts_with('@') => return None,
            _ => Marker::None,
        };
        if marker != Marker::None {
            words.next();
        }
        let hosts = words.next()?;
        let hosts = if hosts.starts_with('|') { hosts.to_owned() } else { hosts.to_lowercase() };
        let key = format!("{} {}", words.next()?, words.next()?);
        Some(Self { place: place(), marker, hosts, key })
    }

    /// Whether the entry is about the host of this name, written as [`HostName`] does.
    fn names(&self, name: &str) -> bool {
        match self.hosts.strip_prefix("|1|") {
            Some(hashed) => is_hash_of(hashed, name).unwrap_or(false),
            None => fits_any(name, self.hosts.split(',')),
        }
    }
}

/// Whether `salt|hash` stands for the name.
fn is_hash_of(hashed: &str, name: &str) -> Option<bool> {
    let (salt, hash) = hashed.split_once('|')?;
    let (salt, hash) = (STANDARD.decode(salt).ok()?, STANDARD.decode(hash).ok()?);
    let mut hmac = Hmac::<Sha1>::new_from_slice(&salt).ok()?;
    hmac.update(name.as_bytes());
    Some(hmac.verify_slice(&hash).is_ok())
}

/// A host as the files name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HostName {
    name: String,
    /// Where it is not the standard one.
    port: Option<u16>,
}

impl HostName {
    /// The host at this port; an alias stands for both.
    pub(super) fn new(host: &str, port: u16, alias: Option<&str>) -> Self {
        match alias {
            Some(alias) => Self { name: alias.to_lowercase(), port: None },
            None => Self { name: host.to_lowercase(), port: (port != 22).then_some(port) },
        }
    }

    /// The name under which a key is looked for, and written down.
    pub(super) fn with_port(&self) -> String {
        match self.port {
            Some(port) => format!("[{}]:{port}", self.name),
            None => self.name.clone(),
        }
    }

    /// The name alone, where a port belongs to it.
    fn without_port(&self) -> Option<String> {
        self.port.map(|_| self.name.clone())
    }

    fn names(&self) -> Vec<String> {
        [self.with_port()].into_iter().chain(self.without_port()).collect()
    }
}

#[cfg(test)]
mod tests;
