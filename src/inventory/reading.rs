//! How inventories are read: what `ansible.cfg` can say about it.

use std::str::FromStr;
use std::sync::Arc;

use crate::base::Sources;
use crate::template::Templar;
use crate::value::Layer;
use crate::value::vault::Keyring;

/// A form that an inventory can have, by the name of Ansible's plugin for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Host names with commas between.
    HostList,
    /// The same with ranges: `web[1:20],`.
    AdvancedHostList,
    /// A program that prints JSON.
    Script,
    /// YAML that names the plugin it configures.
    Auto,
    /// Groups and hosts as YAML or JSON.
    Yaml,
    /// Groups and hosts as INI.
    Ini,
    /// Groups and hosts as TOML.
    Toml,
    /// Groups and variables made from those of the hosts already known.
    Constructed,
    /// Hosts made from every combination of layers.
    Generator,
}

impl Form {
    const NAMES: [(&str, Self); 9] = [
        ("host_list", Self::HostList),
        ("advanced_host_list", Self::AdvancedHostList),
        ("script", Self::Script),
        ("auto", Self::Auto),
        ("yaml", Self::Yaml),
        ("ini", Self::Ini),
        ("toml", Self::Toml),
        ("constructed", Self::Constructed),
        ("generator", Self::Generator),
    ];
    /// Those that are read where nothing else is said.
    const USUAL: [Self; 6] =
        [Self::HostList, Self::Script, Self::Auto, Self::Yaml, Self::Ini, Self::Toml];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, form)| *form == self).map_or("", |(name, _)| name)
    }
}

/// The error is the name that was not known.
impl FromStr for Form {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bare = ["ansible.builtin.", "ansible.legacy."];
        let bare = bare.iter().find_map(|collection| text.strip_prefix(collection));
        let found = Self::NAMES.iter().find(|(name, _)| *name == bare.unwrap_or(text));
        found.map(|(_, form)| *form).ok_or_else(|| text.to_owned())
    }
}

/// What becomes of characters in the names of groups that no variable's name could have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OddNames {
    /// They stay.
    #[default]
    Keep,
    /// They stay, with one warning.
    Warn,
    /// Each becomes `_`.
    Replace,
    /// Each becomes `_`, with one warning.
    ReplaceAndWarn,
}

impl OddNames {
    /// A group's name as this has it, and whether it was an odd one.
    pub(super) fn apply(self, name: &str) -> (String, bool) {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let fits = |(at, c): (usize, char)| word(c) && (at > 0 || !c.is_numeric());
        if name.char_indices().all(fits) {
            return (name.to_owned(), false);
        }
        if matches!(self, Self::Keep | Self::Warn) {
            return (name.to_owned(), true);
        }
        let replaced = name.char_indices().map(|(at, c)| if fits((at, c)) { c } else { '_' });
        (replaced.collect(), true)
    }
}

/// What becomes of a run when an inventory could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unparsed {
    /// One that could not be read is an error; else it is a warning, and what was read of it
    /// counts.
    pub any_fails: bool,
    /// It is an error that none could be read.
    pub all_fail: bool,
    /// Whether it is worth a warning that none could be read.
    pub warns: bool,
}

/// What can be set about reading inventories.
#[derive(Debug, Clone)]
pub struct ReadingOptions {
    /// The forms that are read.
    pub enabled: Vec<Form>,
    /// What becomes of odd names of groups.
    pub odd_names: OddNames,
    /// What becomes of inventories that cannot be read.
    pub unparsed: Unparsed,
    /// Endings of files in a directory that are passed over.
    pub ignored_endings: Vec<String>,
    /// Regular expressions for names in a directory that are passed over.
    pub ignored_patterns: Vec<String>,
    /// Whether `constructed` files may use `--extra-vars` unless they say otherwise.
    pub use_extra_vars: bool,
    /// Whether mappings of the same name are merged, not replaced.
    pub merge_hashes: bool,
    /// Whether what inventory scripts say on standard error is passed on.
    pub script_stderr: bool,
}

impl Default for ReadingOptions {
    fn default() -> Self {
        const IGNORED: [&str; 12] = [
            ".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg",
            ".retry",
        ];
        Self {
            enabled: Form::USUAL.to_vec(),
            odd_names: OddNames::default(),
            unparsed: Unparsed { any_fails: true, all_fail: false, warns: false },
            ignored_endings: IGNORED.map(str::to_owned).to_vec(),
            ignored_patterns: vec![],
            use_extra_vars: false,
            merge_hashes: false,
            script_stderr: true,
        }
    }
}

/// What inventories are read with.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The texts that are read.
    pub sources: Sources,
    /// What opens vaults.
    pub keyring: Keyring,
    /// What renders the templates of `constructed` and `generator` files.
    pub templar: Templar,
    /// `--extra-vars`.
    pub extra: Arc<Layer>,
    /// What was set about it.
    pub options: ReadingOptions,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_may_be_named_with_its_collection() {
        assert_eq!("ansible.builtin.constructed".parse(), Ok(Form::Constructed));
        assert_eq!("host_list".parse::<Form>().map(Form::name), Ok("host_list"));
        assert_eq!("amazon.aws.aws_ec2".parse::<Form>(), Err("amazon.aws.aws_ec2".to_owned()));
    }

    #[test]
    fn odd_names_are_those_no_variable_could_have() {
        let replaced = |name: &str| OddNames::Replace.apply(name);
        assert_eq!(replaced("the-maid.x"), ("the_maid_x".to_owned(), true));
        assert_eq!(replaced("1st"), ("_st".to_owned(), true));
        assert_eq!(replaced("höst_1"), ("höst_1".to_owned(), false));
        assert_eq!(OddNames::Warn.apply("a-b"), ("a-b".to_owned(), true));
    }
}
