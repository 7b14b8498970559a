//! Settings from `ansible.cfg` and from `ANSIBLE_…` variables, as far as they mean something here.

use std::collections::{BTreeMap, HashMap};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::fault::Fault;
use super::persona::Persona;
use super::setting::SETTINGS;
use super::tell;
use crate::inventory::{Form, OddNames, ReadingOptions, Unparsed};
use crate::value::{Value, coerce};

/// What was set outside the command line.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// As whom the program was called.
    pub(super) persona: Persona,
    values: HashMap<&'static str, Found>,
    /// The file that was read.
    pub(super) file: Option<PathBuf>,
    /// What was set and is not followed.
    pub(super) passed_over: Vec<String>,
    /// What the user should know about how the settings were found.
    pub(super) warnings: Vec<String>,
}

#[derive(Debug)]
struct Found {
    text: String,
    /// Where it was set, for messages.
    origin: String,
    /// The folder that relative paths are meant from.
    base: PathBuf,
}

/// Where settings are looked for.
struct Surroundings<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    directory: PathBuf,
    home: Option<PathBuf>,
    /// The file that was named.
    file: Option<&'a Path>,
}

impl Config {
    /// Reads the file that is named, else the first there is, then the variables, which go before
    /// it.
    pub(super) fn load(persona: Persona, file: Option<&Path>) -> Result<Self, Fault> {
        let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let directory = std::env::current_dir().unwrap_or_default();
        let home = std::env::home_dir();
        if let Some(file) = file {
            check_file(file)?;
        }
        let mut config = Self::read(&Surroundings { variable: &variable, directory, home, file })?;
        config.persona = persona;
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let foreign = names.filter(|name| {
            name.starts_with("ANSIBLE_")
                && name != "ANSIBLE_CONFIG"
                && SETTINGS.iter().all(|setting| setting.variable != name)
        });
        config.passed_over.extend(foreign);
        Ok(config)
    }

    fn read(around: &Surroundings<'_>) -> Result<Self, Fault> {
        let mut config = Self::default();
        if let Some(path) = config.find(around)? {
            config.read_file(&path)?;
            config.file = Some(path);
        }
        for setting in SETTINGS {
            if let Some(text) = (around.variable)(setting.variable) {
                let origin = setting.variable.to_owned();
                let base = around.directory.clone();
                config.values.insert(setting.name, Found { text, origin, base });
            }
        }
        Ok(config)
    }

    /// The first file of those that Ansible looks for.
    fn find(&mut self, around: &Surroundings<'_>) -> Result<Option<PathBuf>, Fault> {
        if let Some(file) = around.file {
            return Ok(Some(file.to_owned()));
        }
        if let Some(given) = (around.variable)("ANSIBLE_CONFIG") {
            let mut path = PathBuf::from(given);
            if path.is_dir() {
                path.push("ansible.cfg");
            }
            if !path.exists() {
                let path = path.display();
                let message = format!("ANSIBLE_CONFIG names {path}, which does not exist");
                return Err(Fault::usage(message));
            }
            return Ok(Some(path));
        }
        let here = around.directory.join("ansible.cfg");
        if here.exists() {
            // Whoever may write here could have rplay run what they like.
            let mode = std::fs::metadata(&around.directory).map(|data| data.mode());
            if mode.is_ok_and(|mode| mode & 0o002 == 0) {
                return Ok(Some(here));
            }
            self.warnings.push(format!(
                "{} is ignored: everybody may write to this folder; name it in ANSIBLE_CONFIG to \
                 use it all the same",
                here.display()
            ));
        }
        let home = around.home.as_ref().map(|home| home.join(".ansible.cfg"));
        let all = home.into_iter().chain([PathBuf::from("/etc/ansible/ansible.cfg")]);
        Ok(all.into_iter().find(|path| path.exists()))
    }

    fn read_file(&mut self, path: &Path) -> Result<(), Fault> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Fault::usage(format!("cannot read {shown}: {error}")))?;
        let base = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut section = String::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.split(" ;").next().unwrap_or_default().trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                name.trim().clone_into(&mut section);
                continue;
            }
            let Some((key, value)) = line.split_once(['=', ':']) else {
                let at = format!("{shown}:{}", index + 1);
                return Err(Fault::usage(format!("{at}: expected `name = value`, found `{line}`")));
            };
            let known = SETTINGS.iter().find(|setting| {
                setting.section == section && setting.key.eq_ignore_ascii_case(key.trim())
            });
            let Some(setting) = known else {
                self.passed_over.push(format!("[{section}] {}", key.trim()));
                continue;
            };
            if !value.trim().is_empty() {
                let origin = format!("{shown}:{}: `{}`", index + 1, setting.key);
                let text = value.trim().to_owned();
                self.values.insert(setting.name, Found { text, origin, base: base.clone() });
            }
        }
        Ok(())
    }

    /// Every setting that was made, by the variable that makes it: what it is and where it stands.
    pub(super) fn made(&self) -> impl Iterator<Item = (&'static str, &str, &str)> {
        let known = SETTINGS.iter().filter(|setting| !setting.variable.is_empty());
        known.filter_map(|setting| {
            let found = self.values.get(setting.name)?;
            Some((setting.variable, found.text.as_str(), found.origin.as_str()))
        })
    }

    /// The same for templates that ask: passwords are left out.
    pub(super) fn told(&self) -> BTreeMap<&'static str, (String, String)> {
        let told = self.made().filter(|(variable, ..)| *variable != "ANSIBLE_BECOME_PASS");
        let told = told.map(|(variable, text, origin)| {
            let origin = match &self.file {
                _ if origin == variable => format!("env: {variable}"),
                Some(file) => file.display().to_string(),
                None => origin.to_owned(),
            };
            (variable, (text.to_owned(), origin))
        });
        told.collect()
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(|found| found.text.as_str())
    }

    /// True or false.
    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, Fault> {
        self.parse(key, "true or false", |text| coerce::to_bool(&Value::from(text)))
    }

    /// A number.
    pub(super) fn number<N: std::str::FromStr>(&self, key: &str) -> Result<Option<N>, Fault> {
        self.parse(key, "a whole number", |text| text.parse().ok())
    }

    /// A path; a relative one is meant from the file it is set in.
    pub(super) fn path(&self, key: &str) -> Option<PathBuf> {
        self.values.get(key).map(|found| found.path(&found.text))
    }

    /// Several paths.
    pub(super) fn paths(&self, key: &str, separator: char) -> Vec<PathBuf> {
        let found = self.values.get(key).into_iter();
        found
            .flat_map(|found| {
                let parts = found.text.split(separator).map(str::trim);
                parts.filter(|part| !part.is_empty()).map(|part| found.path(part))
            })
            .collect()
    }

    /// Words between commas.
    pub(super) fn words(&self, key: &str) -> Option<Vec<String>> {
        let text = self.text(key)?;
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        Some(words.map(str::to_owned).collect())
    }

    /// How inventories are read. Ansible reads what it can of one that is at fault; the program
    /// under its own name does not.
    pub(super) fn reading(&self) -> Result<ReadingOptions, Fault> {
        let ansible = self.persona.is_ansible();
        let mut options = ReadingOptions {
            odd_names: self.odd_names()?,
            unparsed: Unparsed {
                any_fails: self.flag("any_unparsed_is_failed")?.unwrap_or(!ansible),
                all_fail: self.flag("unparsed_is_failed")?.unwrap_or(false),
                warns: self.flag("inventory_unparsed_warning")?.unwrap_or(ansible),
            },
            ignored_patterns: self.words("ignore_patterns").unwrap_or_default(),
            use_extra_vars: self.flag("use_extra_vars")?.unwrap_or(false),
            merge_hashes: self.merges()?,
            script_stderr: self.flag("always_show_stderr")?.unwrap_or(true),
            ..ReadingOptions::default()
        };
        if let Some(endings) = self.words("ignore_extensions") {
            options.ignored_endings = endings;
        }
        if let Some(names) = self.words("enable_plugins") {
            let (known, unknown): (Vec<_>, Vec<_>) =
                names.iter().map(|name| name.parse::<Form>()).partition(Result::is_ok);
            options.enabled = known.into_iter().flatten().collect();
            for name in unknown.into_iter().filter_map(Result::err) {
                tell::warning(&format!("there is no inventory plugin `{name}`: it is passed over"));
            }
        }
        Ok(options)
    }

    /// Whether mappings of the same name are merged.
    pub(super) fn merges(&self) -> Result<bool, Fault> {
        let set = self.parse("hash_behaviour", "replace or merge", |text| match text {
            "replace" => Some(false),
            "merge" => Some(true),
            _ => None,
        })?;
        Ok(set.unwrap_or(false))
    }

    fn odd_names(&self) -> Result<OddNames, Fault> {
        let wanted = "always, never, ignore or silently";
        let set = self.parse("force_valid_group_names", wanted, |text| {
            Some(match text.to_ascii_lowercase().as_str() {
                "always" => OddNames::ReplaceAndWarn,
                "silently" => OddNames::Replace,
                "ignore" => OddNames::Keep,
                "never" => OddNames::Warn,
                other if coerce::to_bool(&Value::from(other))? => OddNames::ReplaceAndWarn,
                _ => OddNames::Warn,
            })
        })?;
        let otherwise = if self.persona.is_ansible() { OddNames::Warn } else { OddNames::Keep };
        Ok(set.unwrap_or(otherwise))
    }

    fn parse<T>(
        &self,
        key: &str,
        wanted: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let Some(found) = self.values.get(key) else { return Ok(None) };
        parse(&found.text).map(Some).ok_or_else(|| {
            Fault::usage(format!("{} must be {wanted}, this is `{}`", found.origin, found.text))
        })
    }
}

/// Refuses a file of settings that is not there, or cannot be one.
fn check_file(path: &Path) -> Result<(), Fault> {
    let shown = path.display();
    if !path.is_file() {
        // Scripts look for these words, and for those below.
        let message = "The provided configuration file is missing or not accessible";
        return Err(Fault::usage(format!("{message}: {shown}")));
    }
    let known = path.extension().is_some_and(|ending| ending == "cfg" || ending == "ini");
    if !known {
        let message = "Unsupported configuration file extension";
        return Err(Fault::usage(format!("{message}: {shown}")).help("name it `….cfg` or `….ini`"));
    }
    Ok(())
}

impl Found {
    fn path(&self, text: &str) -> PathBuf {
        match text.strip_prefix("~/").zip(std::env::home_dir()) {
            Some((rest, home)) => home.join(rest),
            None => self.base.join(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn read(folder: &Path, variables: &[(&str, &str)]) -> Result<Config, Fault> {
        let variable = |name: &str| {
            variables.iter().find(|(n, _)| *n == name).map(|(_, text)| (*text).to_owned())
        };
        Config::read(&Surroundings {
            variable: &variable,
            directory: folder.to_owned(),
            home: Some(folder.join("home")),
            file: None,
        })
    }

    fn folder(text: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ansible.cfg"), text).unwrap();
        folder
    }

    #[test]
    fn variables_go_before_the_file() {
        let folder = folder(
            "# comment\n[defaults]\nforks = 7 ; few\nremote_user: deploy\ninventory = hosts,more\n\
             unknown = x\n[privilege_escalation]\nbecome = yes\n",
        );
        let config = read(folder.path(), &[("ANSIBLE_FORKS", "9")]).unwrap();
        assert_eq!(config.number::<usize>("forks"), Ok(Some(9)));
        assert_eq!(config.text("remote_user"), Some("deploy"));
        assert_eq!(config.flag("become"), Ok(Some(true)));
        let inventories = [folder.path().join("hosts"), folder.path().join("more")];
        assert_eq!(config.paths("inventory", ','), inventories);
        assert_eq!(config.text("unknown"), None);
    }

    #[test]
    fn a_wrong_value_is_named_with_its_place() {
        let folder = folder("[defaults]\nforks = many\n");
        let config = read(folder.path(), &[]).unwrap();
        let fault = config.number::<usize>("forks").unwrap_err();
        assert_eq!(fault.exit, super::super::Exit::Usage);
        let path = folder.path().join("ansible.cfg");
        assert_eq!(
            fault.message,
            format!("{}:2: `forks` must be a whole number, this is `many`", path.display())
        );
    }

    #[test]
    fn what_is_no_setting_is_refused() {
        let folder = folder("[defaults]\nforks\n");
        let fault = read(folder.path(), &[]).unwrap_err();
        assert!(fault.message.ends_with(":2: expected `name = value`, found `forks`"));
    }

    #[test]
    fn a_file_that_anybody_can_write_is_passed_over() {
        let folder = folder("[defaults]\nforks = 7\n");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let config = read(folder.path(), &[]).unwrap();
        assert_eq!(config.text("forks"), None);
        assert_eq!(config.warnings.len(), 1);
        let named = folder.path().join("ansible.cfg").display().to_string();
        let config = read(folder.path(), &[("ANSIBLE_CONFIG", &named)]).unwrap();
        assert_eq!(config.text("forks"), Some("7"));
    }

    #[test]
    fn a_file_that_is_named_must_exist() {
        let folder = tempfile::tempdir().unwrap();
        let fault = read(folder.path(), &[("ANSIBLE_CONFIG", "/nowhere/a.cfg")]).unwrap_err();
        assert_eq!(fault.message, "ANSIBLE_CONFIG names /nowhere/a.cfg, which does not exist");
    }
}
