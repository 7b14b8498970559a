//! The names of images.

use std::fmt;

use super::login::REGISTRY;
use crate::sdk::Failure;
use crate::value::Value;

/// An image's name: `registry:5000/team/app:1.2@sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageName {
    /// Registry and path, as written.
    pub repository: String,
    /// The tag, where one is written.
    pub tag: Option<String>,
    /// The digest, with its algorithm, where one is written.
    pub digest: Option<String>,
}

/// Docker Hub, as names of images write it.
const HUB: [&str; 2] = ["docker.io", "index.docker.io"];

impl ImageName {
    /// The tag that is meant where none is written.
    pub const LATEST: &'static str = "latest";

    /// Takes a name apart; what is no name at all is for the Engine to refuse.
    pub fn parse(text: &str) -> Self {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (text, None),
        };
        // A colon before a slash belongs to the registry's port.
        let (repository, tag) = match rest.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag.to_owned())),
            _ => (rest, None),
        };
        Self { repository: repository.to_owned(), tag, digest }
    }

    /// The same image with this tag, where it has neither tag nor digest.
    #[must_use]
    pub fn or_tag(mut self, tag: &str) -> Self {
        if self.tag.is_none() && self.digest.is_none() {
            self.tag = Some(tag.to_owned());
        }
        self
    }

    /// Whether it is one of an image's `RepoTags`.
    pub fn is_one_of(&self, tags: &Value) -> bool {
        let mut tags = tags.as_array().into_iter().flatten().filter_map(Value::as_str);
        tags.any(|tag| self.is_same(&Self::parse(tag)))
    }

    /// Whether two names mean the same: `busybox` is `docker.io/library/busybox:latest`.
    pub fn is_same(&self, other: &Self) -> bool {
        self.has_repository_of(other) && self.version() == other.version()
    }

    /// Whether two names mean the same repository, whatever their tags and digests are.
    pub fn has_repository_of(&self, other: &Self) -> bool {
        self.short() == other.short()
    }

    /// The repository without what Docker Hub lets one leave out.
    fn short(&self) -> &str {
        let hub = |host: &&str| self.repository.strip_prefix(*host)?.strip_prefix('/');
        let name = HUB.iter().find_map(hub).unwrap_or(&self.repository);
        name.strip_prefix("library/").unwrap_or(name)
    }

    /// The name with this tag, where it has neither tag nor digest; an id stays what it is.
    pub fn with_tag(text: &str, tag: &str) -> Self {
        if Self::is_id(text) {
            return Self { repository: text.to_owned(), tag: None, digest: None };
        }
        Self::parse(text).or_tag(tag)
    }

    /// The same, unless one of the tags is none.
    pub fn with_valid_tag(text: &str, tag: &str) -> Result<Self, Failure> {
        let name = Self::with_tag(text, tag);
        Self::check_tag(tag)?;
        name.tag.as_deref().map_or(Ok(()), Self::check_tag)?;
        Ok(name)
    }

    fn check_tag(tag: &str) -> Result<(), Failure> {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let valid = tag.len() <= 128
            && tag.bytes().next().is_some_and(is_word)
            && tag.bytes().all(|byte| is_word(byte) || b".-".contains(&byte));
        if valid {
            return Ok(());
        }
        Err(Failure::new(format!("\"{tag}\" is not a valid docker tag!")).help(
            "a tag has up to 128 letters, digits, `_`, `.` and `-`, and begins with neither `.` \
             nor `-`",
        ))
    }

    /// Whether a text is an image's id, not a name.
    pub fn is_id(text: &str) -> bool {
        text.strip_prefix("sha256:")
            .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }

    /// The registry that it is pulled from: a host with a dot, a port, or `localhost`; else
    /// Docker Hub, by the name that its logins have.
    pub fn registry(&self) -> &str {
        match self.repository.split_once('/') {
            // Its servers' own name is one of it for logins, though not for the Engine.
            Some((host, _)) if HUB.contains(&host) || host == "registry-1.docker.io" => REGISTRY,
            Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
            _ => REGISTRY,
        }
    }

    /// What `tag` means in requests: the digest where there is one, else the tag.
    pub fn version(&self) -> &str {
        self.digest.as_deref().or(self.tag.as_deref()).unwrap_or(Self::LATEST)
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_are_none_are_told() {
        let valid = |text, tag| ImageName::with_valid_tag(text, tag).is_ok();
        assert!(valid("app", "1.0-rc_1") && valid("app:x", "y") && valid("app@sha256:a", "y"));
        for tag in ["foo/bar", "foo bar", "", "-x", ".x"] {
            assert!(!valid("app", tag), "{tag}");
        }
        assert!(!valid("reg:5000/app:foo bar", "latest"));
    }

    #[test]
    fn takes_names_apart() {
        for (text, repository, version, registry) in [
            ("busybox", "busybox", "latest", REGISTRY),
            ("team/app:1.2", "team/app", "1.2", REGISTRY),
            ("reg:5000/app", "reg:5000/app", "latest", "reg:5000"),
            ("reg:5000/app:2", "reg:5000/app", "2", "reg:5000"),
            ("localhost/app", "localhost/app", "latest", "localhost"),
            ("docker.io/library/busybox", "docker.io/library/busybox", "latest", REGISTRY),
            ("index.docker.io/team/app:1", "index.docker.io/team/app", "1", REGISTRY),
            ("registry-1.docker.io/a/b", "registry-1.docker.io/a/b", "latest", REGISTRY),
            ("ghcr.io/a/b:3@sha256:00", "ghcr.io/a/b", "sha256:00", "ghcr.io"),
        ] {
            let name = ImageName::parse(text);
            assert_eq!(name.repository, repository, "{text}");
            assert_eq!(name.version(), version, "{text}");
            assert_eq!(name.registry(), registry, "{text}");
            assert_eq!(name.to_string(), text);
        }
    }

    #[test]
    fn one_image_has_several_names() {
        let same = |a: &str, b: &str| ImageName::parse(a).is_same(&ImageName::parse(b));
        assert!(same("busybox", "docker.io/library/busybox:latest"));
        assert!(same("index.docker.io/team/app:1", "team/app:1"));
        assert!(!same("busybox", "busybox:1"));
        assert!(!same("reg:5000/busybox", "busybox"));
        let tags = serde_json::json!(["a:1", "busybox:latest"]);
        assert!(ImageName::parse("busybox").is_one_of(&tags));
        assert!(!ImageName::parse("cafe").is_one_of(&tags));
    }

    #[test]
    fn tells_ids_from_names() {
        assert!(ImageName::is_id(&format!("sha256:{}", "a".repeat(64))));
        assert!(!ImageName::is_id("sha256:abc"));
        assert!(!ImageName::is_id("app@sha256:abc"));
    }
}
