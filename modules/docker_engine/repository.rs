//! Where the packages of the engine come from.

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::sdk::file::{AttributeChange, Content, FileWrite, Payload, Permissions};
use crate::sdk::{Arguments, Diff, Exec, Failure, Observer, Operator, Search, Side};

/// A repository of packages.
#[derive(Debug, Arguments)]
pub(super) struct Repository {
    /// Its address, such as `https://download.docker.com/linux/debian`.
    url: String,
    /// The key that signs it: its text, a URL that the host fetches it from, or a file in
    /// `files/`.
    key: Option<String>,
    /// A keyring of the host instead of `key`, by its path.
    keyring: Option<String>,
    /// The suite; the host's codename, such as `bookworm`, if not given.
    suite: Option<String>,
    /// The components.
    #[arg(default = vec!["stable".to_owned()])]
    components: Vec<String>,
    /// What its files in `/etc/apt` are called.
    #[arg(default = "docker")]
    name: String,
}

/// What is done to the files in `/etc/apt`.
#[derive(Debug, Default, Serialize)]
pub(super) struct FilesChange {
    /// A keyring that the host fetches: its URL and its path.
    fetch: Option<(String, String)>,
    /// Files that are written.
    write: Vec<FileWrite>,
    /// Files that are removed.
    remove: Vec<String>,
}

/// The files in `/etc/apt` as they are.
pub(super) struct Files<'a> {
    /// The content of the source.
    pub(super) source: Option<&'a str>,
    /// The SHA-256 of the keyring.
    pub(super) keyring: Option<&'a str>,
    /// The key that the controller has for it.
    pub(super) key: Option<&'a Content>,
    /// The host's codename.
    pub(super) codename: &'a str,
    /// The host's architecture, as dpkg names it.
    pub(super) architecture: &'a str,
}

impl Repository {
    /// Refuses what a source cannot hold.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.key.is_some() == self.keyring.is_some() {
            return Err(Failure::new("`repository` needs either `key` or `keyring`")
                .help("unsigned repositories are not used"));
        }
        let words = [Some(&self.url), self.suite.as_ref(), Some(&self.name)];
        let mut all = words.into_iter().flatten().chain(&self.components).chain(&self.keyring);
        if let Some(word) = all.find(|w| w.is_empty() || w.contains(char::is_whitespace)) {
            return Err(Failure::new(format!(
                "`repository` holds `{word}`, which is not one word"
            )));
        }
        if self.name.contains('/') || self.name.starts_with('.') {
            return Err(Failure::new(format!("`{}` cannot be the name of a file", self.name)));
        }
        Ok(())
    }

    /// The path of the source.
    pub(super) fn source_path(&self) -> String {
        format!("/etc/apt/sources.list.d/{}.sources", self.name)
    }

    /// The path of the keyring.
    pub(super) fn keyring_path(&self) -> String {
        if let Some(path) = &self.keyring {
            return path.clone();
        }
        // apt tells keys in letters from others by the extension.
        let key = self.key.as_deref().unwrap_or_default();
        let binary = key.rsplit_once('.').is_some_and(|(_, extension)| extension == "gpg");
        let extension = if binary { "gpg" } else { "asc" };
        format!("/etc/apt/keyrings/{}.{extension}", self.name)
    }

    /// The key's text or file, where the controller has it.
    pub(super) fn key(&self, host: &Observer<'_>) -> Result<Option<Content>, Failure> {
        let Some(key) = self.key.as_deref().filter(|key| !is_url(key)) else { return Ok(None) };
        if key.trim_start().starts_with("-----BEGIN") {
            return Ok(Some(Content(format!("{}\n", key.trim()).into_bytes())));
        }
        let path = host.controller().find(Search::Files, key)?;
        Ok(Some(Content(host.controller().read(&path)?.to_vec())))
    }

    /// Makes the files as they must be.
    pub(super) fn plan(&self, now: &Files<'_>) -> (FilesChange, Vec<Diff>) {
        let (mut change, mut diffs) = (FilesChange::default(), vec![]);
        let keyring = self.keyring_path();
        if let Some(key) = now.key {
            let sum = Sha256::digest(&key.0).iter().fold(String::new(), |mut sum, byte| {
                let _ = write!(sum, "{byte:02x}");
                sum
            });
            if now.keyring != Some(sum.as_str()) {
                let before = now.keyring.map_or(Side::Absent, |sha256| Side::Opaque {
                    bytes: 0,
                    sha256: sha256.to_owned(),
                });
                let after = Side::Opaque { bytes: key.0.len() as u64, sha256: sum };
                diffs.push(Diff { subject: keyring.clone(), before, after });
                change.write.push(write(&keyring, key.clone()));
            }
        } else if let Some(url) = self.key.as_ref().filter(|_| now.keyring.is_none()) {
            diffs.push(Diff::state(&keyring, "absent", format!("fetched from {url}")));
            change.fetch = Some((url.clone(), keyring));
        }
        let source = self.source(now.codename, now.architecture);
        if now.source != Some(source.as_str()) {
            let path = self.source_path();
            let before = now.source.map_or(Side::Absent, |text| Side::Text(text.to_owned()));
            let after = Side::Text(source.clone());
            diffs.push(Diff { subject: path.clone(), before, after });
            change.write.push(write(&path, Content(source.into_bytes())));
        }
        (change, diffs)
    }

    /// Takes the files away.
    pub(super) fn plan_removal(&self, now: &Files<'_>) -> (FilesChange, Vec<Diff>) {
        let (mut change, mut diffs) = (FilesChange::default(), vec![]);
        let own_keyring = self.keyring.is_none().then(|| self.keyring_path());
        let files = [
            (now.source.is_some(), Some(self.source_path())),
            (now.keyring.is_some(), own_keyring),
        ];
        for path in files.into_iter().filter_map(|(there, path)| path.filter(|_| there)) {
            diffs.push(Diff::state(&path, "present", "absent"));
            change.remove.push(path);
        }
        (change, diffs)
    }

    fn source(&self, codename: &str, architecture: &str) -> String {
        format!(
            "Types: deb\nURIs: {}\nSuites: {}\nComponents: {}\nArchitectures: {architecture}\n\
             Signed-By: {}\n",
            self.url,
            self.suite.as_deref().unwrap_or(codename),
            self.components.join(" "),
            self.keyring_path(),
        )
    }
}

impl FilesChange {
    pub(super) fn is_empty(&self) -> bool {
        self.fetch.is_none() && self.write.is_empty() && self.remove.is_empty()
    }

    pub(super) async fn apply(self, host: &Operator<'_>) -> Result<(), Failure> {
        if let Some((url, path)) = &self.fetch {
            let exec = Exec::script(include_str!("fetch.sh")).args([url, path]);
            host.must(&format!("fetching the key from {url}"), exec).await?;
        }
        for file in self.write {
            let folder = crate::sdk::file::parent(&file.path).to_owned();
            host.must("making its folder", Exec::program(["mkdir", "-p", "-m", "755", &folder]))
                .await?;
            file.apply(host).await?;
        }
        if !self.remove.is_empty() {
            let exec = Exec::program(["rm", "-f", "--"]).args(&self.remove);
            host.must("removing the repository", exec).await?;
        }
        Ok(())
    }
}

fn is_url(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// A file that everyone may read.
fn write(path: &str, content: Content) -> FileWrite {
    FileWrite {
        path: path.to_owned(),
        payload: Payload::Bytes(content),
        attributes: AttributeChange {
            mode: Some(Permissions::new(0o644)),
            ..AttributeChange::default()
        },
        before: String::new(),
        backup: false,
        expected: None,
        validate: None,
        unsafe_writes: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> Repository {
        Repository {
            url: "https://download.docker.com/linux/debian".to_owned(),
            key: Some("https://download.docker.com/linux/debian/gpg".to_owned()),
            keyring: None,
            suite: None,
            components: vec!["stable".to_owned()],
            name: "docker".to_owned(),
        }
    }

    const NOTHING: Files<'_> = Files {
        source: None,
        keyring: None,
        key: None,
        codename: "bookworm",
        architecture: "amd64",
    };

    #[test]
    fn a_source_with_its_key() {
        let (change, diffs) = repository().plan(&NOTHING);
        assert_eq!(diffs.len(), 2);
        let fetched = change.fetch.unwrap();
        assert_eq!(fetched.1, "/etc/apt/keyrings/docker.asc");
        insta::assert_snapshot!(repository().source("bookworm", "amd64"), @r"
        Types: deb
        URIs: https://download.docker.com/linux/debian
        Suites: bookworm
        Components: stable
        Architectures: amd64
        Signed-By: /etc/apt/keyrings/docker.asc
        ");
    }

    #[test]
    fn what_is_there_stays() {
        let source = repository().source("bookworm", "amd64");
        let now = Files { source: Some(&source), keyring: Some("ab"), ..NOTHING };
        assert!(repository().plan(&now).0.is_empty());
    }

    #[test]
    fn a_key_of_the_controller_is_compared() {
        let key = Content(b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n".to_vec());
        let now = Files { keyring: Some("00"), key: Some(&key), ..NOTHING };
        let (change, diffs) = repository().plan(&now);
        assert_eq!(change.write.len(), 2);
        assert_eq!(diffs[0].subject, "/etc/apt/keyrings/docker.asc");
    }

    #[test]
    fn words_and_keys_are_needed() {
        let refused = |change: fn(&mut Repository)| {
            let mut repository = repository();
            change(&mut repository);
            repository.check().unwrap_err().to_string()
        };
        assert!(refused(|r| r.key = None).contains("either `key` or `keyring`"));
        assert!(refused(|r| r.url = "http://x y".to_owned()).contains("not one word"));
        assert!(refused(|r| r.suite = Some("a\nTrusted: yes".to_owned())).contains("not one word"));
        assert!(refused(|r| r.name = "../x".to_owned()).contains("name of a file"));
    }

    #[test]
    fn its_own_files_go_with_it() {
        let now = Files { source: Some("x"), keyring: Some("y"), ..NOTHING };
        let (change, _) = repository().plan_removal(&now);
        assert_eq!(
            change.remove,
            ["/etc/apt/sources.list.d/docker.sources", "/etc/apt/keyrings/docker.asc"]
        );
    }
}
