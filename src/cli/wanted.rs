//! From what was typed and configured to what the engine is asked to do.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::{CommonArgs, ConnectionArgs, HostArgs, SecretArgs, TaskArgs};
use super::config::Config;
use super::fault::Fault;
use super::secrets::{self, VaultSources};
use super::{fact_caching, prompt, tell};
use crate::base::{Redactor, Sources};
use crate::engine::{
    BecomeDefaults, ConnectionDefaults, Options, Settings, TagChoice, Unmatched, What,
};
use crate::modules::REGISTRY;
use crate::playbook::LibraryPaths;
use crate::remote::BecomeMethod;
use crate::value::Value;

/// What a project is made of.
pub(super) fn settings(
    what: What,
    hosts: &HostArgs,
    secrets: &SecretArgs,
    config: &Config,
    redactor: &Redactor,
) -> Result<Settings, Fault> {
    let vaults = VaultSources {
        ids: &secrets.vault_id,
        files: &secrets.vault_password_file,
        ask: secrets.ask_vault_pass,
    };
    let mut roles_path = config.paths("roles_path", ':');
    if roles_path.is_empty() {
        let home = std::env::home_dir().map(|home| home.join(".ansible/roles"));
        roles_path.extend(home);
        roles_path.extend(["/usr/share/ansible/roles", "/etc/ansible/roles"].map(PathBuf::from));
    }
    let allowed = config.flag("allow_broken_conditionals")?;
    let strict_conditions = !allowed.unwrap_or(!config.persona.is_ansible());
    let mut configured = config.told();
    let told = (!strict_conditions).to_string();
    configured.entry("ANSIBLE_ALLOW_BROKEN_CONDITIONALS").or_insert((told, "default".to_owned()));
    Ok(Settings {
        sources: Sources::default(),
        redactor: redactor.clone(),
        keyring: secrets::keyring(vaults, config, redactor)?,
        inventories: inventories(hosts, config),
        reading: config.reading()?,
        defaults: play_defaults(config)?,
        what,
        extra_vars: secrets.extra_vars.clone(),
        roles_path,
        library: library(config),
        limit: hosts.limit.clone(),
        start_at: None,
        files: None,
        late_faults: config.persona.is_ansible(),
        private_roles: config.flag("private_role_vars")?,
        strict_conditions,
        configured,
        modules: REGISTRY,
    })
}

/// The same with what the options say of how a run is loaded: the folders of `--module-path` go
/// before all that the settings name.
pub(super) fn for_run(mut settings: Settings, common: &CommonArgs) -> Settings {
    settings.library.modules.splice(..0, common.run.module_path.iter().cloned());
    settings.late_faults |= common.run.late_faults;
    settings
}

/// Where modules of the user's own are looked for.
fn library(config: &Config) -> LibraryPaths {
    let mut paths = LibraryPaths {
        modules: config.paths("library", ':'),
        collections: config.paths("collections_path", ':'),
    };
    let home = std::env::home_dir().map(|home| home.join(".ansible"));
    let share = Path::new("/usr/share/ansible");
    if paths.modules.is_empty() {
        paths.modules.extend(home.as_ref().map(|home| home.join("plugins/modules")));
        paths.modules.push(share.join("plugins/modules"));
    }
    if paths.collections.is_empty() {
        paths.collections.extend(home.map(|home| home.join("collections")));
        paths.collections.push(share.join("collections"));
    }
    paths
}

/// What `ansible.cfg` says of plays that do not say it themselves.
fn play_defaults(config: &Config) -> Result<Vec<(&'static str, Value)>, Fault> {
    let mut defaults = vec![];
    for (key, keyword) in [("any_errors_fatal", "any_errors_fatal"), ("no_log", "no_log")] {
        defaults.extend(config.flag(key)?.map(|flag| (keyword, flag.into())));
    }
    let timeout = config.number::<i64>("task_timeout")?.filter(|seconds| *seconds > 0);
    defaults.extend(timeout.map(|seconds| ("timeout", seconds.into())));
    if config.text("gathering") == Some("explicit") {
        defaults.push(("gather_facts", false.into()));
    }
    Ok(defaults)
}

/// The inventories: those of the command line, else of the configuration, else the system's.
fn inventories(hosts: &HostArgs, config: &Config) -> Vec<String> {
    const SYSTEM: &str = "/etc/ansible/hosts";
    if !hosts.inventory.is_empty() {
        return hosts.inventory.iter().map(|given| inventory(given, Path::new(""))).collect();
    }
    let text = |path: PathBuf| path.display().to_string();
    let configured = config.text("inventory").unwrap_or_default();
    if configured.ends_with(',') {
        return vec![configured.to_owned()];
    }
    let mut all: Vec<String> = config.paths("inventory", ',').into_iter().map(text).collect();
    if all.is_empty() && Path::new(SYSTEM).exists() {
        all.push(SYSTEM.to_owned());
    }
    // Ansible's programs say it in words of their own.
    if all.is_empty() && !config.persona.is_ansible() {
        tell::warning("there is no inventory: give one with -i; only localhost is known");
    }
    all
}

/// An inventory by its path, or by its name in the folder `inventories/`.
fn inventory(given: &str, root: &Path) -> String {
    if given.contains([',', '/']) || root.join(given).exists() {
        return given.to_owned();
    }
    let folder = root.join("inventories");
    let named = ["", ".yml", ".yaml", ".ini", ".json", ".toml"];
    let mut candidates = named.iter().map(|ending| folder.join(format!("{given}{ending}")));
    candidates
        .find(|path| path.exists())
        .map_or_else(|| given.to_owned(), |path| path.display().to_string())
}

/// How a run is wanted.
pub(super) fn options(
    args: &CommonArgs,
    tasks: &TaskArgs,
    config: &Config,
) -> Result<Options, Fault> {
    let defaults = Options::default();
    let check = args.run.check;
    let connection = connection(&args.connection, config)?;
    let become_defaults = become_defaults(args, config, &connection)?;
    Ok(Options {
        check,
        diff: args.output.diff || check || config.flag("always")?.unwrap_or(false),
        forks: match args.run.forks {
            Some(forks) => forks,
            None => config.number("forks")?.unwrap_or(defaults.forks).max(1),
        },
        limit: args.hosts.limit.clone(),
        tags: chosen_tags(tasks, config),
        start_at_task: tasks.start_at_task.clone(),
        unmatched_pattern: unmatched_pattern(config)?,
        missing_handler_fails: config.flag("error_on_missing_handler")?.unwrap_or(true),
        force_handlers: tasks.force_handlers || config.flag("force_handlers")?.unwrap_or(false),
        merge_hashes: config.merges()?,
        gather_once: config.text("gathering") == Some("smart"),
        inject_facts: config.flag("inject_facts_as_vars")?.unwrap_or(true),
        fact_cache: fact_caching::cache(config)?,
        flush_cache: args.run.flush_cache,
        verbosity: args.output.verbose.max(config.number("verbosity")?.unwrap_or(0)),
        strategy: config.text("strategy").map_or(defaults.strategy, str::to_owned),
        asking: prompt::answer,
        connection,
        become_defaults,
    })
}

/// The tags that choose tasks: of the command line, else of the configuration.
pub(super) fn chosen_tags(tasks: &TaskArgs, config: &Config) -> TagChoice {
    let TagChoice { mut only, mut skip } = tasks.choice();
    if only.is_empty() {
        only = config.words("tags").unwrap_or_default();
    }
    if skip.is_empty() {
        skip = config.words("skip_tags").unwrap_or_default();
    }
    TagChoice { only, skip }
}

fn unmatched_pattern(config: &Config) -> Result<Unmatched, Fault> {
    match config.text("host_pattern_mismatch") {
        None | Some("warning") => Ok(Unmatched::Told),
        Some("error") => Ok(Unmatched::Wrong),
        Some("ignore") => Ok(Unmatched::Passed),
        Some(other) => {
            let fault = Fault::usage(format!("`host_pattern_mismatch` is `{other}`"));
            Err(fault.help("there are: warning, error, ignore"))
        }
    }
}

fn connection(args: &ConnectionArgs, config: &Config) -> Result<ConnectionDefaults, Fault> {
    let configured = |key: &str| config.text(key).map(str::to_owned);
    let timeout = match args.timeout {
        Some(seconds) => Some(seconds),
        None => config.number("timeout")?,
    };
    let checked = config.flag("host_key_checking")?.unwrap_or(true);
    Ok(ConnectionDefaults {
        kind: args.connection.clone().or_else(|| configured("transport")),
        user: args.user.clone().or_else(|| configured("remote_user")),
        password: secrets::login(args, config)?,
        private_key: args.private_key.clone().or_else(|| config.path("private_key_file")),
        port: config.number("remote_port")?,
        timeout: timeout.map(Duration::from_secs),
        ssh_args: configured("ssh_args"),
        ssh_common_args: args.ssh_common_args.clone().or_else(|| configured("ssh_common_args")),
        ssh_extra_args: args.ssh_extra_args.clone().or_else(|| configured("ssh_extra_args")),
        known_hosts: vec![],
        accept_new_host_keys: args.accept_new_host_keys,
        insecure_host_keys: args.insecure_host_keys || !checked,
    })
}

fn become_defaults(
    args: &CommonArgs,
    config: &Config,
    connection: &ConnectionDefaults,
) -> Result<BecomeDefaults, Fault> {
    let configured = |key: &str| config.text(key).map(str::to_owned);
    let given = &args.r#become;
    let method = given.become_method.clone().or_else(|| configured("become_method"));
    let method = match method.as_deref() {
        None | Some("sudo") => BecomeMethod::Sudo,
        Some("su") => BecomeMethod::Su,
        Some("doas") => BecomeMethod::Doas,
        Some(other) => {
            let fault = Fault::usage(format!("become method `{other}` is not known"));
            return Err(fault.help("there are: sudo, su, doas"));
        }
    };
    Ok(BecomeDefaults {
        enabled: given.r#become || config.flag("become")?.unwrap_or(false),
        method,
        user: given.become_user.clone().or_else(|| configured("become_user")),
        executable: configured("become_exe"),
        flags: configured("become_flags"),
        password: secrets::becoming(given, config, connection.password.as_ref())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inventory_is_found_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir_all(root.join("inventories/staging")).unwrap();
        std::fs::write(root.join("inventories/testing.yml"), "").unwrap();
        let inventories = root.join("inventories");
        let path = |name: &str| inventories.join(name).display().to_string();
        assert_eq!(inventory("testing", root), path("testing.yml"));
        assert_eq!(inventory("staging", root), path("staging"));
        assert_eq!(inventory("nowhere", root), "nowhere");
        assert_eq!(inventory("a,b", root), "a,b");
        std::fs::write(root.join("testing"), "").unwrap();
        assert_eq!(inventory("testing", root), "testing");
    }
}
