//! A file's permission bits, and what a mode argument makes of them.

use serde::{Deserialize, Serialize};

use crate::spec::Mode;

/// The permission bits of a file, with set-user-id, set-group-id and sticky.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Permissions(u32);

impl Permissions {
    /// What a new file has before the umask.
    pub const FILE: Self = Self(0o666);
    /// What a new directory has before the umask.
    pub const DIRECTORY: Self = Self(0o777);

    /// The bits of a `st_mode`; the file's type is cut off.
    pub fn new(bits: u32) -> Self {
        Self(bits & 0o7777)
    }

    /// The bits as a number.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// What is left of them under a umask.
    #[must_use]
    pub fn masked(self, umask: Self) -> Self {
        Self(self.0 & !umask.0)
    }

    /// The bits for `chmod`: five digits, because with fewer GNU's leaves a directory's
    /// set-group-id as it is.
    pub fn for_chmod(self) -> String {
        format!("{:05o}", self.0)
    }

    /// What a mode argument makes of these bits; `preserve` leaves them. The umask matters to
    /// symbols without a class, such as `+x`.
    #[must_use]
    pub fn with(self, mode: &Mode, is_directory: bool, umask: Self) -> Self {
        if let Ok(bits) = u32::from_str_radix(&mode.0, 8) {
            return Self::new(bits);
        }
        if mode.0 == "preserve" {
            return self;
        }
        mode.0.split(',').fold(self, |bits, clause| bits.with_clause(clause, is_directory, umask))
    }

    /// Applies one clause of symbols: `u=rw`, `go-w`, `a+rX`, `g=u`, `+x`.
    fn with_clause(self, clause: &str, is_directory: bool, umask: Self) -> Self {
        let classes = clause.find(['+', '-', '=']).unwrap_or(clause.len());
        let (who, mut actions) = clause.split_at(classes);
        let class = Class::of(who);
        let hidden = if who.is_empty() { umask.0 } else { 0 };
        let mut bits = self.0;
        while let Some(operator) = actions.chars().next() {
            let rest = &actions[1..];
            let end = rest.find(['+', '-', '=']).unwrap_or(rest.len());
            let named = class.bits(&rest[..end], bits, is_directory) & !hidden;
            bits = match operator {
                '+' => bits | named,
                '-' => bits & !named,
                _ => (bits & !(class.all() & !hidden)) | named,
            };
            actions = &rest[end..];
        }
        Self(bits)
    }
}

/// The classes of users that a clause is about.
#[derive(Debug, Clone, Copy)]
struct Class {
    user: bool,
    group: bool,
    other: bool,
}

impl Class {
    fn of(who: &str) -> Self {
        let has = |letter| who.is_empty() || who.contains(['a', letter]);
        Self { user: has('u'), group: has('g'), other: has('o') }
    }

    /// Three bits in the place of each class.
    fn spread(self, bits: u32) -> u32 {
        let place = |is_in: bool, shift: u32| if is_in { bits << shift } else { 0 };
        place(self.user, 6) | place(self.group, 3) | place(self.other, 0)
    }

    /// Every bit that `=` sets anew.
    fn all(self) -> u32 {
        self.spread(0o7) | self.set_id() | self.sticky()
    }

    fn set_id(self) -> u32 {
        (if self.user { 0o4000 } else { 0 }) | (if self.group { 0o2000 } else { 0 })
    }

    fn sticky(self) -> u32 {
        if self.other { 0o1000 } else { 0 }
    }

    /// The bits that letters stand for: of `rwxXst`, or one of `ugo`, whose bits are copied.
    fn bits(self, letters: &str, now: u32, is_directory: bool) -> u32 {
        letters.chars().fold(0, |bits, letter| {
            bits | match letter {
                'r' => self.spread(0o4),
                'w' => self.spread(0o2),
                'x' => self.spread(0o1),
                'X' if is_directory || now & 0o111 != 0 => self.spread(0o1),
                's' => self.set_id(),
                't' => self.sticky(),
                'u' => self.spread(now >> 6 & 0o7),
                'g' => self.spread(now >> 3 & 0o7),
                'o' => self.spread(now & 0o7),
                _ => 0,
            }
        })
    }
}

impl From<Permissions> for String {
    fn from(permissions: Permissions) -> Self {
        format!("{:04o}", permissions.0)
    }
}

impl TryFrom<String> for Permissions {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u32::from_str_radix(&text, 8).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(now: u32, mode: &str, is_directory: bool) -> u32 {
        let umask = Permissions::new(0o027);
        Permissions::new(now).with(&Mode(mode.to_owned()), is_directory, umask).bits()
    }

    #[test]
    fn octal_modes_are_taken_whole() {
        assert_eq!(with(0o2755, "0755", true), 0o755);
        assert_eq!(with(0o644, "1777", true), 0o1777);
        assert_eq!(with(0o640, "preserve", false), 0o640);
    }

    #[test]
    fn symbols_change_what_they_name() {
        assert_eq!(with(0o777, "u=rw,g=r,o=", false), 0o640);
        assert_eq!(with(0o600, "a+rX", false), 0o644);
        assert_eq!(with(0o700, "a+rX", false), 0o755);
        assert_eq!(with(0o600, "a+rX", true), 0o755);
        assert_eq!(with(0o750, "g=u", false), 0o770);
        assert_eq!(with(0o755, "go-rx,u+s", false), 0o4700);
        assert_eq!(with(0o755, "o+t", true), 0o1755);
        assert_eq!(with(0o2755, "g=rx", true), 0o755);
        assert_eq!(with(0o644, "u+x-w", false), 0o544);
    }

    #[test]
    fn the_umask_guards_symbols_without_a_class() {
        assert_eq!(with(0o600, "+x", false), 0o710);
        assert_eq!(with(0o600, "a+x", false), 0o711);
    }
}
