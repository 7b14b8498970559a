//! The settings of `ansible.cfg` that mean something here, by the names Ansible gave them.

/// One setting: its name in this program, where a file has it, and its variable.
pub(super) struct Setting {
    /// Its name here: the key in a file, but where two sections have the same key.
    pub(super) name: &'static str,
    pub(super) section: &'static str,
    pub(super) key: &'static str,
    pub(super) variable: &'static str,
}

const fn setting(section: &'static str, key: &'static str, variable: &'static str) -> Setting {
    Setting { name: key, section, key, variable }
}

const fn named(name: &'static str, [section, key, variable]: [&'static str; 3]) -> Setting {
    Setting { name, section, key, variable }
}

const BECOME: &str = "privilege_escalation";
const SSH: &str = "ssh_connection";

/// Every setting that is followed.
pub(super) const SETTINGS: &[Setting] = &[
    setting("defaults", "allow_broken_conditionals", "ANSIBLE_ALLOW_BROKEN_CONDITIONALS"),
    setting("defaults", "any_errors_fatal", "ANSIBLE_ANY_ERRORS_FATAL"),
    setting("defaults", "ask_pass", "ANSIBLE_ASK_PASS"),
    setting("defaults", "ask_vault_pass", "ANSIBLE_ASK_VAULT_PASS"),
    setting("defaults", "become_password_file", "ANSIBLE_BECOME_PASSWORD_FILE"),
    setting("defaults", "callback_format_pretty", "ANSIBLE_CALLBACK_FORMAT_PRETTY"),
    setting("defaults", "callback_result_format", "ANSIBLE_CALLBACK_RESULT_FORMAT"),
    setting("defaults", "check_mode_markers", "ANSIBLE_CHECK_MODE_MARKERS"),
    setting("defaults", "collections_path", "ANSIBLE_COLLECTIONS_PATH"),
    setting("defaults", "connection_password_file", "ANSIBLE_CONNECTION_PASSWORD_FILE"),
    setting("defaults", "debug", "ANSIBLE_DEBUG"),
    setting("defaults", "display_failed_stderr", "ANSIBLE_DISPLAY_FAILED_STDERR"),
    setting("defaults", "display_ok_hosts", "ANSIBLE_DISPLAY_OK_HOSTS"),
    setting("defaults", "display_skipped_hosts", "ANSIBLE_DISPLAY_SKIPPED_HOSTS"),
    setting("defaults", "duplicate_dict_key", "ANSIBLE_DUPLICATE_YAML_DICT_KEY"),
    setting("defaults", "editor", "ANSIBLE_EDITOR"),
    setting("defaults", "fact_caching", "ANSIBLE_CACHE_PLUGIN"),
    setting("defaults", "fact_caching_connection", "ANSIBLE_CACHE_PLUGIN_CONNECTION"),
    setting("defaults", "fact_caching_prefix", "ANSIBLE_CACHE_PLUGIN_PREFIX"),
    setting("defaults", "fact_caching_timeout", "ANSIBLE_CACHE_PLUGIN_TIMEOUT"),
    setting("defaults", "force_color", "ANSIBLE_FORCE_COLOR"),
    setting("defaults", "force_handlers", "ANSIBLE_FORCE_HANDLERS"),
    setting("defaults", "force_valid_group_names", "ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS"),
    setting("defaults", "forks", "ANSIBLE_FORKS"),
    setting("defaults", "gathering", "ANSIBLE_GATHERING"),
    setting("defaults", "hash_behaviour", "ANSIBLE_HASH_BEHAVIOUR"),
    setting("defaults", "host_key_checking", "ANSIBLE_HOST_KEY_CHECKING"),
    setting("defaults", "inject_facts_as_vars", "ANSIBLE_INJECT_FACT_VARS"),
    setting("defaults", "inventory", "ANSIBLE_INVENTORY"),
    setting("defaults", "localhost_warning", "ANSIBLE_LOCALHOST_WARNING"),
    setting("defaults", "log_path", "ANSIBLE_LOG_PATH"),
    setting("defaults", "module_args", "ANSIBLE_MODULE_ARGS"),
    setting("defaults", "no_log", "ANSIBLE_NO_LOG"),
    setting("defaults", "library", "ANSIBLE_LIBRARY"),
    setting("defaults", "nocolor", "ANSIBLE_NOCOLOR"),
    setting("defaults", "playbook_dir", "ANSIBLE_PLAYBOOK_DIR"),
    setting("defaults", "poll_interval", "ANSIBLE_POLL_INTERVAL"),
    setting("defaults", "error_on_missing_handler", "ANSIBLE_ERROR_ON_MISSING_HANDLER"),
    setting("defaults", "private_role_vars", "ANSIBLE_PRIVATE_ROLE_VARS"),
    setting("defaults", "private_key_file", "ANSIBLE_PRIVATE_KEY_FILE"),
    setting("defaults", "remote_port", "ANSIBLE_REMOTE_PORT"),
    setting("defaults", "remote_user", "ANSIBLE_REMOTE_USER"),
    setting("defaults", "roles_path", "ANSIBLE_ROLES_PATH"),
    setting("galaxy", "server", "ANSIBLE_GALAXY_SERVER"),
    setting("defaults", "show_custom_stats", "ANSIBLE_SHOW_CUSTOM_STATS"),
    setting("defaults", "show_task_path_on_failure", "ANSIBLE_SHOW_TASK_PATH_ON_FAILURE"),
    setting("defaults", "stdout_callback", "ANSIBLE_STDOUT_CALLBACK"),
    setting("defaults", "strategy", "ANSIBLE_STRATEGY"),
    setting("defaults", "task_timeout", "ANSIBLE_TASK_TIMEOUT"),
    setting("defaults", "timeout", "ANSIBLE_TIMEOUT"),
    setting("defaults", "transport", "ANSIBLE_TRANSPORT"),
    setting("defaults", "vault_encrypt_identity", "ANSIBLE_VAULT_ENCRYPT_IDENTITY"),
    setting("defaults", "vault_encrypt_salt", "ANSIBLE_VAULT_ENCRYPT_SALT"),
    setting("defaults", "vault_id_match", "ANSIBLE_VAULT_ID_MATCH"),
    setting("defaults", "vault_identity", "ANSIBLE_VAULT_IDENTITY"),
    setting("defaults", "vault_identity_list", "ANSIBLE_VAULT_IDENTITY_LIST"),
    setting("defaults", "vault_password_file", "ANSIBLE_VAULT_PASSWORD_FILE"),
    setting("defaults", "verbosity", "ANSIBLE_VERBOSITY"),
    setting("diff", "always", "ANSIBLE_DIFF_ALWAYS"),
    setting("inventory", "any_unparsed_is_failed", "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"),
    setting("inventory", "enable_plugins", "ANSIBLE_INVENTORY_ENABLED"),
    setting("inventory", "export", "ANSIBLE_INVENTORY_EXPORT"),
    setting("inventory", "host_pattern_mismatch", "ANSIBLE_HOST_PATTERN_MISMATCH"),
    setting("inventory", "ignore_extensions", "ANSIBLE_INVENTORY_IGNORE"),
    named("ignore_extensions", ["defaults", "inventory_ignore_extensions", ""]),
    setting("inventory", "ignore_patterns", "ANSIBLE_INVENTORY_IGNORE_REGEX"),
    named("ignore_patterns", ["defaults", "inventory_ignore_patterns", ""]),
    setting("inventory", "inventory_unparsed_warning", "ANSIBLE_INVENTORY_UNPARSED_WARNING"),
    setting("inventory", "unparsed_is_failed", "ANSIBLE_INVENTORY_UNPARSED_FAILED"),
    setting(
        "inventory_plugin_script",
        "always_show_stderr",
        "ANSIBLE_INVENTORY_PLUGIN_SCRIPT_STDERR",
    ),
    setting("inventory_plugins", "use_extra_vars", "ANSIBLE_INVENTORY_USE_EXTRA_VARS"),
    setting(BECOME, "become", "ANSIBLE_BECOME"),
    setting(BECOME, "become_ask_pass", "ANSIBLE_BECOME_ASK_PASS"),
    setting(BECOME, "become_exe", "ANSIBLE_BECOME_EXE"),
    setting(BECOME, "become_flags", "ANSIBLE_BECOME_FLAGS"),
    setting(BECOME, "become_method", "ANSIBLE_BECOME_METHOD"),
    named("become_password_file", [BECOME, "become_password_file", ""]),
    // No file may hold it.
    named("become_pass", ["", "", "ANSIBLE_BECOME_PASS"]),
    setting(BECOME, "become_user", "ANSIBLE_BECOME_USER"),
    setting(SSH, "ssh_args", "ANSIBLE_SSH_ARGS"),
    setting(SSH, "ssh_common_args", "ANSIBLE_SSH_COMMON_ARGS"),
    setting(SSH, "ssh_extra_args", "ANSIBLE_SSH_EXTRA_ARGS"),
    named("tags", ["tags", "run", "ANSIBLE_RUN_TAGS"]),
    named("skip_tags", ["tags", "skip", "ANSIBLE_SKIP_TAGS"]),
];
