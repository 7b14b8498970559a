//! Settings from `ansible.cfg` and from `ANSIBLE_…` variables, as far as they mean something here.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::fault::Fault;
use super::persona::Persona;
use crate::value::{Value, coerce};

/// One setting: its name in this program, where a file has it, and its variable.
struct Setting {
    section: &'static str,
    key: &'static str,
    variable: &'static str,
}

const fn setting(section: &'static str, key: &'static str, variable: &'static str) -> Setting {
    Setting { section, key, variable }
}

const BECOME: &str = "privilege_escalation";
const SSH: &str = "ssh_connection";

/// Every setting that is followed; the rest of a file is passed over.
const SETTINGS: &[Setting] = &[
    setting("defaults", "ask_pass", "ANSIBLE_ASK_PASS"),
    setting("defaults", "ask_vault_pass", "ANSIBLE_ASK_VAULT_PASS"),
    setting("defaults", "callback_format_pretty", "ANSIBLE_CALLBACK_FORMAT_PRETTY"),
    setting("defaults", "callback_result_format", "ANSIBLE_CALLBACK_RESULT_FORMAT"),
    setting("defaults", "check_mode_markers", "ANSIBLE_CHECK_MODE_MARKERS"),
    setting("defaults", "connection_password_file", "ANSIBLE_CONNECTION_PASSWORD_FILE"),
    setting("defaults", "display_failed_stderr", "ANSIBLE_DISPLAY_FAILED_STDERR"),
    setting("defaults", "display_ok_hosts", "ANSIBLE_DISPLAY_OK_HOSTS"),
    setting("defaults", "display_skipped_hosts", "ANSIBLE_DISPLAY_SKIPPED_HOSTS"),
    setting("defaults", "force_color", "ANSIBLE_FORCE_COLOR"),
    setting("defaults", "force_handlers", "ANSIBLE_FORCE_HANDLERS"),
    setting("defaults", "forks", "ANSIBLE_FORKS"),
    setting("defaults", "host_key_checking", "ANSIBLE_HOST_KEY_CHECKING"),
    setting("defaults", "inventory", "ANSIBLE_INVENTORY"),
    setting("defaults", "nocolor", "ANSIBLE_NOCOLOR"),
    setting("defaults", "private_key_file", "ANSIBLE_PRIVATE_KEY_FILE"),
    setting("defaults", "remote_port", "ANSIBLE_REMOTE_PORT"),
    setting("defaults", "remote_user", "ANSIBLE_REMOTE_USER"),
    setting("defaults", "roles_path", "ANSIBLE_ROLES_PATH"),
    setting("defaults", "show_custom_stats", "ANSIBLE_SHOW_CUSTOM_STATS"),
    setting("defaults", "show_task_path_on_failure", "ANSIBLE_SHOW_TASK_PATH_ON_FAILURE"),
    setting("defaults", "strategy", "ANSIBLE_STRATEGY"),
    setting("defaults", "timeout", "ANSIBLE_TIMEOUT"),
    setting("defaults", "transport", "ANSIBLE_TRANSPORT"),
    setting("defaults", "vault_identity_list", "ANSIBLE_VAULT_IDENTITY_LIST"),
    setting("defaults", "vault_password_file", "ANSIBLE_VAULT_PASSWORD_FILE"),
    setting("defaults", "verbosity", "ANSIBLE_VERBOSITY"),
    setting("diff", "always", "ANSIBLE_DIFF_ALWAYS"),
    setting(BECOME, "become", "ANSIBLE_BECOME"),
    setting(BECOME, "become_ask_pass", "ANSIBLE_BECOME_ASK_PASS"),
    setting(BECOME, "become_method", "ANSIBLE_BECOME_METHOD"),
    setting(BECOME, "become_password_file", "ANSIBLE_BECOME_PASSWORD_FILE"),
    setting(BECOME, "become_user", "ANSIBLE_BECOME_USER"),
    setting(SSH, "ssh_args", "ANSIBLE_SSH_ARGS"),
    setting(SSH, "ssh_common_args", "ANSIBLE_SSH_COMMON_ARGS"),
    setting(SSH, "ssh_extra_args", "ANSIBLE_SSH_EXTRA_ARGS"),
];

/// What was set outside the command line.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// As whom the program was called.
    pub(super) persona: Persona,
    values: HashMap<&'static str, Found>,
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
}

impl Config {
    /// Reads the first file there is, then the variables, which go before it.
    pub(super) fn load(persona: Persona) -> Result<Self, Fault> {
        let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let directory = std::env::current_dir().unwrap_or_default();
        let around = Surroundings { variable: &variable, directory, home: std::env::home_dir() };
        Ok(Self { persona, ..Self::read(&around)? })
    }

    fn read(around: &Surroundings<'_>) -> Result<Self, Fault> {
        let mut config = Self::default();
        if let Some(path) = config.find(around)? {
            config.read_file(&path)?;
        }
        for setting in SETTINGS {
            if let Some(text) = (around.variable)(setting.variable) {
                let origin = setting.variable.to_owned();
                let base = around.directory.clone();
                config.values.insert(setting.key, Found { text, origin, base });
            }
        }
        Ok(config)
    }

    /// The first file of those that Ansible looks for.
    fn find(&mut self, around: &Surroundings<'_>) -> Result<Option<PathBuf>, Fault> {
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
            if let Some(setting) = known
                && !value.trim().is_empty()
            {
                let origin = format!("{shown}:{}: `{}`", index + 1, setting.key);
                let text = value.trim().to_owned();
                self.values.insert(setting.key, Found { text, origin, base: base.clone() });
            }
        }
        Ok(())
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
