//! The lookup of settings: `lookup('config', …)`.

use minijinja::Error;

use super::{Lookup, Request};
use crate::template::arguments::{bad, type_name};
use crate::template::convert;
use crate::value::{Value as Json, coerce};

pub(super) const LOOKUPS: &[Lookup] =
    &[Lookup::new("config", &["on_missing", "plugin_name", "plugin_type", "show_origin"], config)];

/// A setting by Ansible's name.
struct Known {
    name: &'static str,
    /// The variables of a host that set it, the first that is set.
    variables: &'static [&'static str],
    /// The variable of the environment that sets it; the settings are known by it.
    environment: &'static str,
    /// What holds where nothing sets it, as JSON; its type is the setting's.
    default: &'static str,
}

const fn known(name: &'static str, environment: &'static str, default: &'static str) -> Known {
    Known { name, variables: &[], environment, default }
}

const fn option(
    name: &'static str,
    variables: &'static [&'static str],
    environment: &'static str,
    default: &'static str,
) -> Known {
    Known { name, variables, environment, default }
}

/// Files of a folder of inventories that are passed over.
const IGNORED_EXTENSIONS: &str =
    r#"[".pyc",".pyo",".swp",".bak","~",".rpm",".md",".txt",".rst",".orig",".cfg",".retry"]"#;

/// The settings of the program as a whole.
const BASE: &[Known] = &[
    known("ALLOW_BROKEN_CONDITIONALS", "ANSIBLE_ALLOW_BROKEN_CONDITIONALS", "false"),
    known("ANSIBLE_FORCE_COLOR", "ANSIBLE_FORCE_COLOR", "false"),
    known("ANSIBLE_NOCOLOR", "ANSIBLE_NOCOLOR", "false"),
    known("ANY_ERRORS_FATAL", "ANSIBLE_ANY_ERRORS_FATAL", "false"),
    known("BECOME_PASSWORD_FILE", "ANSIBLE_BECOME_PASSWORD_FILE", "null"),
    known("CACHE_PLUGIN", "ANSIBLE_CACHE_PLUGIN", "\"memory\""),
    known("CACHE_PLUGIN_CONNECTION", "ANSIBLE_CACHE_PLUGIN_CONNECTION", "null"),
    known("CACHE_PLUGIN_PREFIX", "ANSIBLE_CACHE_PLUGIN_PREFIX", "\"ansible_facts\""),
    known("CACHE_PLUGIN_TIMEOUT", "ANSIBLE_CACHE_PLUGIN_TIMEOUT", "86400"),
    known("COLLECTIONS_PATHS", "ANSIBLE_COLLECTIONS_PATH", "null"),
    known("CONNECTION_PASSWORD_FILE", "ANSIBLE_CONNECTION_PASSWORD_FILE", "null"),
    known("DEFAULT_ASK_PASS", "ANSIBLE_ASK_PASS", "false"),
    known("DEFAULT_ASK_VAULT_PASS", "ANSIBLE_ASK_VAULT_PASS", "false"),
    known("DEFAULT_BECOME", "ANSIBLE_BECOME", "false"),
    known("DEFAULT_BECOME_ASK_PASS", "ANSIBLE_BECOME_ASK_PASS", "false"),
    known("DEFAULT_BECOME_EXE", "ANSIBLE_BECOME_EXE", "null"),
    known("DEFAULT_BECOME_FLAGS", "ANSIBLE_BECOME_FLAGS", "\"\""),
    known("DEFAULT_BECOME_METHOD", "ANSIBLE_BECOME_METHOD", "\"sudo\""),
    known("DEFAULT_BECOME_USER", "ANSIBLE_BECOME_USER", "\"root\""),
    known("DEFAULT_FORCE_HANDLERS", "ANSIBLE_FORCE_HANDLERS", "false"),
    known("DEFAULT_FORKS", "ANSIBLE_FORKS", "50"),
    known("DEFAULT_GATHERING", "ANSIBLE_GATHERING", "\"implicit\""),
    known("DEFAULT_HASH_BEHAVIOUR", "ANSIBLE_HASH_BEHAVIOUR", "\"replace\""),
    known("DEFAULT_HOST_LIST", "ANSIBLE_INVENTORY", "[\"/etc/ansible/hosts\"]"),
    known("DEFAULT_LOG_PATH", "ANSIBLE_LOG_PATH", "null"),
    known("DEFAULT_MODULE_ARGS", "ANSIBLE_MODULE_ARGS", "null"),
    known("DEFAULT_MODULE_PATH", "ANSIBLE_LIBRARY", "null"),
    known("DEFAULT_NO_LOG", "ANSIBLE_NO_LOG", "false"),
    known("DEFAULT_PRIVATE_KEY_FILE", "ANSIBLE_PRIVATE_KEY_FILE", "null"),
    known("DEFAULT_PRIVATE_ROLE_VARS", "ANSIBLE_PRIVATE_ROLE_VARS", "false"),
    known("DEFAULT_REMOTE_PORT", "ANSIBLE_REMOTE_PORT", "null"),
    known("DEFAULT_REMOTE_USER", "ANSIBLE_REMOTE_USER", "null"),
    known("DEFAULT_ROLES_PATH", "ANSIBLE_ROLES_PATH", "null"),
    known("DEFAULT_STDOUT_CALLBACK", "ANSIBLE_STDOUT_CALLBACK", "\"default\""),
    known("DEFAULT_STRATEGY", "ANSIBLE_STRATEGY", "\"linear\""),
    known("DEFAULT_TIMEOUT", "ANSIBLE_TIMEOUT", "10"),
    known("DEFAULT_TRANSPORT", "ANSIBLE_TRANSPORT", "\"ssh\""),
    known("DEFAULT_VAULT_ENCRYPT_IDENTITY", "ANSIBLE_VAULT_ENCRYPT_IDENTITY", "null"),
    known("DEFAULT_VAULT_IDENTITY", "ANSIBLE_VAULT_IDENTITY", "\"default\""),
    known("DEFAULT_VAULT_IDENTITY_LIST", "ANSIBLE_VAULT_IDENTITY_LIST", "[]"),
    known("DEFAULT_VAULT_ID_MATCH", "ANSIBLE_VAULT_ID_MATCH", "false"),
    known("DEFAULT_VAULT_PASSWORD_FILE", "ANSIBLE_VAULT_PASSWORD_FILE", "null"),
    known("DEFAULT_VERBOSITY", "ANSIBLE_VERBOSITY", "0"),
    known("DIFF_ALWAYS", "ANSIBLE_DIFF_ALWAYS", "false"),
    known("DISPLAY_SKIPPED_HOSTS", "ANSIBLE_DISPLAY_SKIPPED_HOSTS", "true"),
    known("DUPLICATE_YAML_DICT_KEY", "ANSIBLE_DUPLICATE_YAML_DICT_KEY", "\"warn\""),
    known("EDITOR", "ANSIBLE_EDITOR", "\"vi\""),
    known("ERROR_ON_MISSING_HANDLER", "ANSIBLE_ERROR_ON_MISSING_HANDLER", "true"),
    known("GALAXY_SERVER", "ANSIBLE_GALAXY_SERVER", "\"https://galaxy.ansible.com\""),
    known("HOST_PATTERN_MISMATCH", "ANSIBLE_HOST_PATTERN_MISMATCH", "\"warning\""),
    known("HOST_KEY_CHECKING", "ANSIBLE_HOST_KEY_CHECKING", "true"),
    known("INJECT_FACTS_AS_VARS", "ANSIBLE_INJECT_FACT_VARS", "true"),
    known("INVENTORY_ANY_UNPARSED_IS_FAILED", "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED", "false"),
    known(
        "INVENTORY_ENABLED",
        "ANSIBLE_INVENTORY_ENABLED",
        r#"["host_list","script","auto","yaml","ini","toml"]"#,
    ),
    known("INVENTORY_EXPORT", "ANSIBLE_INVENTORY_EXPORT", "false"),
    known("INVENTORY_IGNORE_EXTS", "ANSIBLE_INVENTORY_IGNORE", IGNORED_EXTENSIONS),
    known("INVENTORY_IGNORE_PATTERNS", "ANSIBLE_INVENTORY_IGNORE_REGEX", "[]"),
    known("INVENTORY_UNPARSED_IS_FAILED", "ANSIBLE_INVENTORY_UNPARSED_FAILED", "false"),
    known("INVENTORY_UNPARSED_WARNING", "ANSIBLE_INVENTORY_UNPARSED_WARNING", "true"),
    known("LOCALHOST_WARNING", "ANSIBLE_LOCALHOST_WARNING", "true"),
    known("PLAYBOOK_DIR", "ANSIBLE_PLAYBOOK_DIR", "null"),
    known("SHOW_CUSTOM_STATS", "ANSIBLE_SHOW_CUSTOM_STATS", "false"),
    known("TAGS_RUN", "ANSIBLE_RUN_TAGS", "[]"),
    known("TAGS_SKIP", "ANSIBLE_SKIP_TAGS", "[]"),
    known("TASK_TIMEOUT", "ANSIBLE_TASK_TIMEOUT", "0"),
    known("TRANSFORM_INVALID_GROUP_CHARS", "ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS", "\"never\""),
    known("VAULT_ENCRYPT_SALT", "ANSIBLE_VAULT_ENCRYPT_SALT", "null"),
];

const SUDO: &[Known] = &[
    option(
        "become_exe",
        &["ansible_sudo_exe", "ansible_become_exe"],
        "ANSIBLE_BECOME_EXE",
        "\"sudo\"",
    ),
    option(
        "become_flags",
        &["ansible_sudo_flags", "ansible_become_flags"],
        "ANSIBLE_BECOME_FLAGS",
        "\"-H -S -n\"",
    ),
    option(
        "become_user",
        &["ansible_sudo_user", "ansible_become_user"],
        "ANSIBLE_BECOME_USER",
        "\"root\"",
    ),
    option("sudo_chdir", &["ansible_sudo_chdir"], "", "null"),
];

const SU: &[Known] = &[
    option("become_exe", &["ansible_su_exe", "ansible_become_exe"], "ANSIBLE_BECOME_EXE", "\"su\""),
    option(
        "become_flags",
        &["ansible_su_flags", "ansible_become_flags"],
        "ANSIBLE_BECOME_FLAGS",
        "\"\"",
    ),
    option(
        "become_user",
        &["ansible_su_user", "ansible_become_user"],
        "ANSIBLE_BECOME_USER",
        "\"root\"",
    ),
    option("prompt_l10n", &["ansible_su_prompt_l10n"], "", "[]"),
];

const SSH: &[Known] = &[
    option("host", &["ansible_ssh_host", "ansible_host"], "", "null"),
    option(
        "host_key_checking",
        &["ansible_ssh_host_key_checking", "ansible_host_key_checking"],
        "ANSIBLE_HOST_KEY_CHECKING",
        "true",
    ),
    option("port", &["ansible_ssh_port", "ansible_port"], "ANSIBLE_REMOTE_PORT", "0"),
    option(
        "private_key_file",
        &["ansible_ssh_private_key_file", "ansible_private_key_file"],
        "ANSIBLE_PRIVATE_KEY_FILE",
        "null",
    ),
    option("remote_user", &["ansible_ssh_user", "ansible_user"], "ANSIBLE_REMOTE_USER", "null"),
    option("ssh_args", &["ansible_ssh_args"], "ANSIBLE_SSH_ARGS", "\"\""),
    option("ssh_common_args", &["ansible_ssh_common_args"], "ANSIBLE_SSH_COMMON_ARGS", "\"\""),
    option("ssh_extra_args", &["ansible_ssh_extra_args"], "ANSIBLE_SSH_EXTRA_ARGS", "\"\""),
    option("ssh_transfer_method", &["ansible_ssh_transfer_method"], "", "\"piped\""),
    option("timeout", &["ansible_ssh_timeout", "ansible_timeout"], "ANSIBLE_TIMEOUT", "10"),
];

const SHELL: &[Known] = &[option("remote_tmp", &["ansible_remote_tmp"], "", "\"~/.ansible/tmp\"")];

fn config(request: &Request) -> Result<Vec<Json>, Error> {
    let options = match (request.text("plugin_type"), request.text("plugin_name")) {
        (None, None) => BASE,
        (Some(kind), Some(name)) => of_plugin(&kind, &name)?,
        _ => {
            return Err(bad("Both plugin_type and plugin_name are required, cannot use one \
                            without the other."));
        }
    };
    let missing = request.text("on_missing").unwrap_or_else(|| "error".to_owned());
    if !["error", "skip", "warn"].contains(&missing.as_str()) {
        return Err(bad(format!(
            "Invalid value '{missing}' for `on_missing`: it takes error, warn or skip"
        )));
    }
    let with_origin = request.flag("show_origin", false)?;
    let mut found = vec![];
    for term in &request.terms {
        let Some(name) = term.as_str() else {
            let kind = type_name(&request.context.known(term.clone()));
            return Err(bad(format!(
                "Invalid setting identifier, {term} is not a string, it is a {kind}"
            )));
        };
        match options.iter().find(|known| known.name == name) {
            Some(known) => {
                let (value, origin) = known.value(request)?;
                let pair = || Json::Array(vec![value.clone(), origin.into()]);
                found.push(if with_origin { pair() } else { value });
            }
            None if missing == "error" => {
                return Err(bad(format!("No config definition exists for '{name}'")));
            }
            None => {}
        }
    }
    Ok(found)
}

/// The options of one of Ansible's plugins whose work is done here.
fn of_plugin(kind: &str, name: &str) -> Result<&'static [Known], Error> {
    match (kind, name.rsplit('.').next().unwrap_or(name)) {
        ("become", "sudo") => Ok(SUDO),
        ("become", "su") => Ok(SU),
        ("connection", "ssh") => Ok(SSH),
        ("connection", "local") => Ok(&[]),
        ("shell", "sh") => Ok(SHELL),
        _ => Err(bad(format!("Unable to load {kind} plugin '{name}'."))),
    }
}

impl Known {
    /// The value that holds, and where it was set.
    fn value(&self, request: &Request) -> Result<(Json, String), Error> {
        for name in self.variables {
            let value = request.context.variable(name).filter(|value| !value.is_undefined());
            if let Some(value) = value {
                let value = convert::to_data(&value)?.unwrap_or_default();
                return Ok((self.typed(value), format!("var: {name}")));
            }
        }
        let set = &request.context.templar.settings().configured;
        Ok(match set.get(self.environment) {
            Some((text, origin)) => (self.typed(text.as_str().into()), origin.clone()),
            None => (self.default(), "default".to_owned()),
        })
    }

    fn default(&self) -> Json {
        serde_json::from_str(self.default).unwrap_or_default()
    }

    /// A value as the type of the setting has it; as it is where it cannot be read so.
    fn typed(&self, value: Json) -> Json {
        let read = match self.default() {
            Json::Bool(_) => coerce::to_bool(&value).map(Json::from),
            Json::Number(_) => coerce::to_int(&value).map(Json::from),
            Json::Array(_) => coerce::to_list(&value).map(Json::from),
            _ => None,
        };
        read.unwrap_or(value)
    }
}
