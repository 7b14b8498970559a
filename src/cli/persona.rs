//! As whom the program was called.

use std::ffi::OsString;
use std::path::Path;

/// The program under its own name, or in the place of one of ansible-core's.
///
/// Scripts that call `ansible-playbook` read its output and its exit codes, and rely on what is
/// wrong with a task being told when the task is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Persona {
    /// `rplay`.
    #[default]
    Rplay,
    /// `ansible-playbook`.
    Playbook,
    /// `ansible`.
    Adhoc,
    /// `ansible-inventory`.
    Inventory,
    /// `ansible-vault`.
    Vault,
    /// `ansible-doc`.
    Doc,
    /// `ansible-config`.
    Config,
    /// `ansible-galaxy`, as far as it installs.
    Galaxy,
}

impl Persona {
    /// The names, and the commands that they stand for.
    const NAMES: [(&str, Self, &str); 7] = [
        ("ansible-playbook", Self::Playbook, "run"),
        ("ansible", Self::Adhoc, "adhoc"),
        ("ansible-inventory", Self::Inventory, "inventory"),
        ("ansible-vault", Self::Vault, "vault"),
        ("ansible-doc", Self::Doc, "doc"),
        ("ansible-config", Self::Config, "config"),
        ("ansible-galaxy", Self::Galaxy, "install"),
    ];

    /// By the name in a command line.
    pub(super) fn of(args: &[OsString]) -> Self {
        let name = args.first().map(Path::new).and_then(Path::file_name).and_then(|n| n.to_str());
        let known = Self::NAMES.iter().find(|(known, ..)| Some(*known) == name);
        known.map_or(Self::Rplay, |(_, persona, _)| *persona)
    }

    /// Whether it is one of ansible-core's names.
    pub(super) fn is_ansible(self) -> bool {
        self != Self::Rplay
    }

    /// The name.
    pub(super) fn name(self) -> &'static str {
        self.entry().map_or("rplay", |(name, ..)| name)
    }

    /// The command line as `rplay` takes it.
    pub(super) fn as_rplay(self, mut args: Vec<OsString>) -> Vec<OsString> {
        if self == Self::Galaxy {
            return galaxy(args);
        }
        if let Some((_, _, command)) = self.entry() {
            args.insert(1, command.into());
        }
        args
    }

    /// A text about the command line as it was typed.
    pub(super) fn as_typed(self, text: &str) -> String {
        match self.entry() {
            Some((name, _, command)) => text.replace(&format!("{name} {command}"), name),
            None => text.to_owned(),
        }
    }

    /// The word of a command line for something that is not done under this name.
    pub(super) fn foreign_word(self, args: &[OsString]) -> Option<String> {
        let word = args.get(1).filter(|_| self == Self::Galaxy)?.to_string_lossy();
        (word != "install" && !word.starts_with('-')).then(|| word.into_owned())
    }

    fn entry(self) -> Option<&'static (&'static str, Self, &'static str)> {
        Self::NAMES.iter().find(|(_, persona, _)| *persona == self)
    }
}

/// `ansible-galaxy [role|collection] install …` as `install [--only …]`.
fn galaxy(mut args: Vec<OsString>) -> Vec<OsString> {
    let is = |place: usize, word: &str| args.get(place).is_some_and(|arg| arg == word);
    let only = match () {
        () if is(1, "role") => Some("roles"),
        () if is(1, "collection") => Some("collections"),
        () => None,
    };
    if let Some(only) = only {
        args.remove(1);
        if args.get(1).is_some_and(|arg| arg == "install") {
            args.splice(2..2, ["--only".into(), only.into()]);
        }
    }
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(line: &str) -> String {
        let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let args = Persona::of(&args).as_rplay(args);
        args.iter().map(|arg| arg.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_names_of_ansibles_programs_are_commands() {
        assert_eq!(
            renamed("/usr/bin/ansible-playbook -i x site.yml"),
            "/usr/bin/ansible-playbook run -i x site.yml"
        );
        assert_eq!(renamed("ansible all -m ping"), "ansible adhoc all -m ping");
        assert_eq!(
            renamed("ansible-galaxy collection install -r x"),
            "ansible-galaxy install --only collections -r x"
        );
        assert_eq!(renamed("ansible-galaxy install -r x"), "ansible-galaxy install -r x");
        assert_eq!(renamed("rplay vault view x"), "rplay vault view x");
    }
}
