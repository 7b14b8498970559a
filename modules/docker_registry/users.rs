//! Who may use a registry.

use crate::sdk::{Arguments, Failure, Secret};

/// How costly a hash is to try: 2 to the power of it.
const COST: u32 = 10;

/// Somebody who may use a registry.
#[derive(Debug, Clone, Arguments)]
pub(super) struct User {
    /// The name.
    pub(super) name: String,
    /// The password.
    pub(super) password: Secret,
}

impl User {
    /// Whether a line of the file is for this user with this password.
    pub(super) fn is(&self, line: &str) -> bool {
        let Some((name, hash)) = line.split_once(':') else { return false };
        name == self.name && bcrypt::verify(self.password.reveal(), hash).unwrap_or(false)
    }

    /// A new line of the file.
    pub(super) fn line(&self) -> Result<String, Failure> {
        let failed = |error: String| Failure::new(format!("hashing a password failed: {error}"));
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|error| failed(error.to_string()))?;
        let hash = bcrypt::hash_with_salt(self.password.reveal(), COST, salt)
            .map_err(|error| failed(error.to_string()))?;
        Ok(format!("{}:{}", self.name, hash.format_for_version(bcrypt::Version::TwoY)))
    }
}

/// Refuses users that the file cannot hold.
pub(super) fn check(users: &[User]) -> Result<(), Failure> {
    for (index, user) in users.iter().enumerate() {
        let name = &user.name;
        if name.is_empty() || name.contains([':', '\n', '\r']) {
            return Err(Failure::new(format!("`users`: `{name}` is no name of a user"))
                .help("a name has at least one sign, and no colon"));
        }
        if user.password.reveal().len() > 72 {
            return Err(Failure::new(format!(
                "`users`: the password of {name} is longer than 72 bytes, which is all that is compared"
            )));
        }
        if users[..index].iter().any(|other| other.name == *name) {
            return Err(Failure::new(format!("`users`: {name} is named twice")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_known_again_by_the_password() {
        let user = |name: &str, password: &str| User {
            name: name.to_owned(),
            password: Secret::new(password.to_owned()),
        };
        let line = user("ci", "one").line().unwrap();
        assert!(line.starts_with("ci:$2y$10$"), "{line}");
        assert!(user("ci", "one").is(&line));
        assert!(!user("ci", "two").is(&line) && !user("other", "one").is(&line));
        assert!(!user("ci", "one").is("ci:plain") && !user("ci", "one").is("ci"));
        assert!(check(&[user("a:b", "")]).is_err());
        assert!(check(&[user("a", ""), user("a", "")]).is_err());
        assert!(check(&[user("a", ""), user("b", "")]).is_ok());
    }
}
