//! `docker_plugin`: see [`Args`], which is also what `rplay doc docker_plugin` prints.

mod apply;

pub use apply::{Change, Install};

use crate::sdk::docker::{Differences, DockerOptions, Texts};
use crate::sdk::{
    Arguments, Choice, Diff, Failure, Module, Observer, Operator, Plan, Returned, Value,
};

/// Ensures that the Engine has a plugin of its own kind, with options, enabled or disabled; or
/// that it has not.
///
/// A plugin is pulled from its registry, with the login that the task's user has there, and is
/// given all privileges that it asks for: they are those of root. The Engine changes options only
/// of a plugin that is disabled; one that is enabled is disabled for that moment, unless
/// something uses it.
///
/// Returns `plugin`, as `docker plugin inspect` shows it, and `actions`.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Its name in the registry.
    plugin_name: String,
    /// Its name on the host, where that is to be another.
    alias: Option<String>,
    /// What it must be.
    #[arg(default)]
    state: PluginState,
    /// Options it must have; others that it has are left.
    #[arg(default)]
    plugin_options: Texts,
    /// Whether it is removed although it is enabled.
    #[arg(default)]
    force_remove: bool,
    /// How many seconds it may take to answer when it is enabled; 0 leaves that to the Engine.
    #[arg(default = 0_u64)]
    enable_timeout: u64,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// What a plugin must be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum PluginState {
    /// It must not be there.
    Absent,
    /// It must be there; whether it is enabled does not matter.
    #[default]
    Present,
    /// It must be there and enabled.
    Enable,
    /// It must be there and disabled.
    Disable,
}

impl Module for Args {
    type State = Option<Value>;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<Option<Value>, Failure> {
        Ok(host.docker(&self.docker)?.get(&["plugins", self.name(), "json"]).await?)
    }

    fn plan(&self, now: &Option<Value>) -> Result<Plan<Change>, Failure> {
        let subject = format!("plugin {}", self.name());
        let Some(plugin) = now else { return self.without(subject) };
        let enabled = plugin["Enabled"] == true;
        let mut change = self.change();
        let mut actions = vec![];
        if self.state == PluginState::Absent {
            if enabled && !self.force_remove {
                return Err(Failure::new(format!("plugin {} is enabled", self.name()))
                    .help("`force_remove: true` removes it all the same"));
            }
            change.remove = true;
            let diff = Diff::state(subject, "present", "absent");
            let actions = [format!("Removed plugin {}", self.name())];
            return Ok(
                Plan::change(change, diff).returning(Returned::new().with("actions", actions))
            );
        }
        let mut differences = self.differences(plugin);
        if !differences.is_empty() {
            change.set = self.plugin_options.clone();
            change.disable = enabled;
            change.enable = enabled;
            actions.push(format!("Updated plugin {} settings", self.name()));
        }
        let wanted = match self.state {
            PluginState::Enable => true,
            PluginState::Disable => false,
            _ => enabled,
        };
        if wanted != enabled {
            differences.add("enabled", enabled, wanted);
            change.enable = wanted;
            change.disable = enabled;
            let verb = if wanted { "Enabled" } else { "Disable" };
            actions.push(format!("{verb} plugin {}", self.name()));
        }
        let returned = Returned::new().with("plugin", plugin).with("actions", actions);
        if differences.is_empty() {
            return Ok(Plan::Keep(returned));
        }
        Ok(Plan::change(change, differences.diff(subject)).returning(returned))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}

impl Args {
    /// Its name on the host.
    fn name(&self) -> &str {
        self.alias.as_ref().unwrap_or(&self.plugin_name)
    }

    /// The plan where the host has none.
    fn without(&self, subject: String) -> Result<Plan<Change>, Failure> {
        match self.state {
            PluginState::Absent => {
                return Ok(Plan::Keep(Returned::new().with("actions", [""; 0])));
            }
            PluginState::Disable => {
                return Err(Failure::new("Plugin not found: Plugin does not exist.")
                    .help("`state: present` installs it, and leaves it disabled"));
            }
            PluginState::Present | PluginState::Enable => {}
        }
        let enable = self.state == PluginState::Enable;
        let mut actions = vec![format!("Installed plugin {}", self.name())];
        if enable {
            actions.push(format!("Enabled plugin {}", self.name()));
        }
        let wanted = serde_json::json!({
            "exists": true, "enabled": enable, "plugin_options": self.plugin_options,
        });
        let diff = Diff::fields(subject, &None::<()>, &wanted);
        let install = Some(Install { remote: self.plugin_name.clone() });
        let change = Change { install, set: self.plugin_options.clone(), enable, ..self.change() };
        Ok(Plan::change(change, diff).returning(Returned::new().with("actions", actions)))
    }

    /// The options that are not as they must be.
    fn differences(&self, plugin: &Value) -> Differences {
        let settings = plugin["Settings"]["Env"].as_array();
        let now: Texts = settings
            .into_iter()
            .flatten()
            .filter_map(|line| line.as_str()?.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut differences = Differences::default();
        for (name, wanted) in self.plugin_options.iter() {
            let has = now.get(name).map(String::as_str);
            let name = format!("plugin_options.{name}");
            // An option that is not there is an empty one.
            if has.unwrap_or_default() != wanted {
                differences.add(&name, has, wanted);
            }
        }
        differences
    }

    fn change(&self) -> Change {
        Change {
            name: self.name().to_owned(),
            remove: false,
            force: self.force_remove,
            install: None,
            disable: false,
            set: Texts::default(),
            enable: false,
            enable_timeout: self.enable_timeout,
            docker: self.docker.clone(),
        }
    }
}
