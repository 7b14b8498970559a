//! The settings that a task gives to a service.

use serde_json::json;

use super::Args;
use super::engine_form::{self as form, File};
use super::options::{Healthcheck, Resources, UpdateConfig};
use super::state::State;
use super::table::{Kind, Table};
use crate::sdk::docker::swarm::ServiceMode;
use crate::sdk::docker::{ImageName, Texts};
use crate::sdk::{Choice, Failure, Value};

/// Names and places of the settings for updates.
const UPDATE: [(&str, &str); 6] = [
    ("update_parallelism", "/UpdateConfig/Parallelism"),
    ("update_delay", "/UpdateConfig/Delay"),
    ("update_failure_action", "/UpdateConfig/FailureAction"),
    ("update_monitor", "/UpdateConfig/Monitor"),
    ("update_max_failure_ratio", "/UpdateConfig/MaxFailureRatio"),
    ("update_order", "/UpdateConfig/Order"),
];
/// The same for going back.
const ROLLBACK: [(&str, &str); 6] = [
    ("rollback_parallelism", "/RollbackConfig/Parallelism"),
    ("rollback_delay", "/RollbackConfig/Delay"),
    ("rollback_failure_action", "/RollbackConfig/FailureAction"),
    ("rollback_monitor", "/RollbackConfig/Monitor"),
    ("rollback_max_failure_ratio", "/RollbackConfig/MaxFailureRatio"),
    ("rollback_order", "/RollbackConfig/Order"),
];
/// Five seconds, a default of Docker's in several places.
const FIVE_SECONDS: i64 = 5_000_000_000;

impl Args {
    /// Every setting, with what the task says of it.
    pub(super) fn table(&self, now: &State, spec: &Value) -> Result<Table, Failure> {
        let mut table = Table::default();
        self.add_container(&mut table, now, spec)?;
        self.add_files(&mut table)?;
        self.add_health(&mut table)?;
        self.add_placement(&mut table)?;
        self.add_network(&mut table, spec)?;
        self.add_restart(&mut table)?;
        self.add_mode(&mut table, spec);
        add_resources(
            &mut table,
            ["limit_cpu", "limit_memory"],
            [
                "/TaskTemplate/Resources/Limits/NanoCPUs",
                "/TaskTemplate/Resources/Limits/MemoryBytes",
            ],
            self.limits.as_ref(),
        )?;
        add_resources(
            &mut table,
            ["reserve_cpu", "reserve_memory"],
            [
                "/TaskTemplate/Resources/Reservations/NanoCPUs",
                "/TaskTemplate/Resources/Reservations/MemoryBytes",
            ],
            self.reservations.as_ref(),
        )?;
        add_update(&mut table, &UPDATE, self.update_config.as_ref())?;
        add_update(&mut table, &ROLLBACK, self.rollback_config.as_ref())?;
        Ok(table)
    }

    /// The image as the service must have it.
    fn image(&self, now: &State, spec: &Value) -> Option<Value> {
        let image = self.image.as_ref()?;
        let name = ImageName::parse(image);
        if let Some(Ok(digest)) = &now.digest {
            let name = ImageName { digest: Some(digest.clone()), ..name };
            return Some(json!(name.to_string()));
        }
        let has = spec.pointer("/TaskTemplate/ContainerSpec/Image").and_then(Value::as_str);
        let same = has.is_some_and(|has| {
            let has = ImageName::parse(has);
            let bare =
                |name: ImageName| ImageName { digest: None, ..name }.or_tag(ImageName::LATEST);
            name.digest.is_none() && bare(has) == bare(name)
        });
        Some(if same { json!(has) } else { json!(image) })
    }

    /// What is run, and its arguments, as the service must have them.
    fn command_line(&self) -> Result<[Option<Value>; 2], Failure> {
        let command = self.command.as_ref().map(form::command).transpose()?;
        let arguments = self.arguments.clone().map(Value::from);
        if !self.keeps_entry_point || command.is_none() {
            return Ok([command, arguments]);
        }
        let joined = |parts: [Option<&Value>; 2]| -> Vec<Value> {
            parts.into_iter().flatten().filter_map(Value::as_array).flatten().cloned().collect()
        };
        let all = joined([command.as_ref(), arguments.as_ref()]);
        Ok([Some(json!([])), Some(all.into())])
    }

    fn add_container(&self, table: &mut Table, now: &State, spec: &Value) -> Result<(), Failure> {
        let mut plain =
            |name, path, wanted| table.add(name, path, Kind::Plain, Value::Null, wanted);
        let text = |text: &Option<String>| text.clone().map(Value::from);
        let flag = |flag: Option<bool>| flag.map(Value::from);
        let list = |list: &Option<Vec<String>>| list.clone().map(Value::from);
        let texts = |texts: &Option<Texts>| texts.as_ref().map(|texts| json!(texts));
        plain("image", "/TaskTemplate/ContainerSpec/Image", self.image(now, spec));
        let [command, arguments] = self.command_line()?;
        plain("command", "/TaskTemplate/ContainerSpec/Command", command);
        plain("args", "/TaskTemplate/ContainerSpec/Args", arguments);
        plain("labels", "/Labels", texts(&self.labels));
        plain(
            "container_labels",
            "/TaskTemplate/ContainerSpec/Labels",
            texts(&self.container_labels),
        );
        plain("hostname", "/TaskTemplate/ContainerSpec/Hostname", text(&self.hostname));
        plain("user", "/TaskTemplate/ContainerSpec/User", text(&self.user));
        plain("working_dir", "/TaskTemplate/ContainerSpec/Dir", text(&self.working_dir));
        plain("tty", "/TaskTemplate/ContainerSpec/TTY", flag(self.tty));
        plain("read_only", "/TaskTemplate/ContainerSpec/ReadOnly", flag(self.read_only));
        plain("init", "/TaskTemplate/ContainerSpec/Init", flag(self.init));
        plain("stop_signal", "/TaskTemplate/ContainerSpec/StopSignal", text(&self.stop_signal));
        plain("dns", "/TaskTemplate/ContainerSpec/DNSConfig/Nameservers", list(&self.dns));
        plain("dns_search", "/TaskTemplate/ContainerSpec/DNSConfig/Search", list(&self.dns_search));
        plain("sysctls", "/TaskTemplate/ContainerSpec/Sysctls", texts(&self.sysctls));
        let logging = self.logging.as_ref();
        let driver = logging.and_then(|logging| logging.driver.clone()).map(Value::from);
        plain("log_driver", "/TaskTemplate/LogDriver/Name", driver);
        let options = logging.and_then(|logging| texts(&logging.options));
        plain("log_driver_options", "/TaskTemplate/LogDriver/Options", options);
        let mut set = |name, path, wanted| table.add(name, path, Kind::Set, Value::Null, wanted);
        let path = "/TaskTemplate/ContainerSpec/DNSConfig/Options";
        set("dns_options", path, list(&self.dns_options));
        set("groups", "/TaskTemplate/ContainerSpec/Groups", list(&self.groups));
        let environment = (self.env.is_some() || self.env_files.is_some())
            .then(|| form::environment(&now.env_files, self.env.as_ref()))
            .transpose()?;
        set("env", "/TaskTemplate/ContainerSpec/Env", environment);
        let hosts = self.hosts.as_ref().map(|hosts| {
            hosts.iter().map(|(name, address)| json!(format!("{address} {name}"))).collect()
        });
        set("hosts", "/TaskTemplate/ContainerSpec/Hosts", hosts);
        let capabilities = |names: &Option<Vec<String>>| {
            let names = names.as_ref()?;
            Some(names.iter().map(|name| form::capability(name)).collect())
        };
        set("cap_add", "/TaskTemplate/ContainerSpec/CapabilityAdd", capabilities(&self.cap_add));
        set("cap_drop", "/TaskTemplate/ContainerSpec/CapabilityDrop", capabilities(&self.cap_drop));
        table.add(
            "stop_grace_period",
            "/TaskTemplate/ContainerSpec/StopGracePeriod",
            Kind::Duration,
            json!(10_000_000_000_i64),
            form::nanoseconds("stop_grace_period", self.stop_grace_period.as_ref())?,
        );
        Ok(())
    }

    /// Mounts, secrets and configs.
    fn add_files(&self, table: &mut Table) -> Result<(), Failure> {
        let mut set = |name, path, wanted| table.add(name, path, Kind::Set, Value::Null, wanted);
        let mounts = self.mounts.as_ref().map(|all| all.iter().map(form::mount).collect());
        set("mounts", "/TaskTemplate/ContainerSpec/Mounts", mounts.transpose()?);
        let secrets = self.secrets.as_ref().map(|all| {
            let form = |file: &super::SecretFile| {
                File {
                    kind: "Secret",
                    id: file.secret_id.as_ref(),
                    name: &file.secret_name,
                    filename: file.filename.as_ref(),
                    uid: file.uid.as_ref(),
                    gid: file.gid.as_ref(),
                    mode: file.mode.as_ref(),
                }
                .form()
            };
            all.iter().map(form).collect()
        });
        set("secrets", "/TaskTemplate/ContainerSpec/Secrets", secrets.transpose()?);
        let configs = self.configs.as_ref().map(|all| {
            let form = |file: &super::ConfigFile| {
                File {
                    kind: "Config",
                    id: file.config_id.as_ref(),
                    name: &file.config_name,
                    filename: file.filename.as_ref(),
                    uid: file.uid.as_ref(),
                    gid: file.gid.as_ref(),
                    mode: file.mode.as_ref(),
                }
                .form()
            };
            all.iter().map(form).collect()
        });
        set("configs", "/TaskTemplate/ContainerSpec/Configs", configs.transpose()?);
        Ok(())
    }

    fn add_health(&self, table: &mut Table) -> Result<(), Failure> {
        let health = self.healthcheck.as_ref();
        if health.is_some_and(Healthcheck::is_empty) {
            let path = "/TaskTemplate/ContainerSpec/Healthcheck";
            table.add("healthcheck", path, Kind::Plain, Value::Null, Some(json!({})));
        }
        let test = health.and_then(|health| health.test.as_ref()).map(form::health_test);
        let path = "/TaskTemplate/ContainerSpec/Healthcheck/Test";
        table.add("healthcheck_test", path, Kind::Plain, Value::Null, test);
        let retries = health.and_then(|health| health.retries).map(Value::from);
        let path = "/TaskTemplate/ContainerSpec/Healthcheck/Retries";
        table.add("healthcheck_retries", path, Kind::Plain, Value::Null, retries);
        let times = [
            (
                "healthcheck_interval",
                "/TaskTemplate/ContainerSpec/Healthcheck/Interval",
                health.and_then(|health| health.interval.as_ref()),
            ),
            (
                "healthcheck_timeout",
                "/TaskTemplate/ContainerSpec/Healthcheck/Timeout",
                health.and_then(|health| health.timeout.as_ref()),
            ),
            (
                "healthcheck_start_period",
                "/TaskTemplate/ContainerSpec/Healthcheck/StartPeriod",
                health.and_then(|health| health.start_period.as_ref()),
            ),
            (
                "healthcheck_start_interval",
                "/TaskTemplate/ContainerSpec/Healthcheck/StartInterval",
                health.and_then(|health| health.start_interval.as_ref()),
            ),
        ];
        for (name, path, given) in times {
            table.add(name, path, Kind::Duration, Value::Null, form::nanoseconds(name, given)?);
        }
        Ok(())
    }

    fn add_placement(&self, table: &mut Table) -> Result<(), Failure> {
        let placement = self.placement.as_ref();
        let constraints = placement.and_then(|placement| placement.constraints.as_ref());
        let constraints =
            constraints.map(|all| all.iter().map(|text| form::constraint(text)).collect());
        let path = "/TaskTemplate/Placement/Constraints";
        table.add("constraints", path, Kind::Set, Value::Null, constraints);
        let preferences = placement.and_then(|placement| placement.preferences.as_ref());
        let preferences = preferences.map(|all| all.iter().map(form::preference).collect());
        let path = "/TaskTemplate/Placement/Preferences";
        table.add(
            "placement_preferences",
            path,
            Kind::Plain,
            Value::Null,
            preferences.transpose()?,
        );
        let most = placement.and_then(|placement| placement.replicas_max_per_node);
        let path = "/TaskTemplate/Placement/MaxReplicas";
        table.add("replicas_max_per_node", path, Kind::Plain, Value::Null, most.map(Value::from));
        Ok(())
    }

    fn add_network(&self, table: &mut Table, spec: &Value) -> Result<(), Failure> {
        let networks = self.networks.as_ref().map(|all| all.iter().map(form::network).collect());
        let path = "/TaskTemplate/Networks";
        table.add("networks", path, Kind::Set, Value::Null, networks.transpose()?);
        let mode = self.endpoint_mode.map(|mode| json!(mode.word()));
        table.add("endpoint_mode", "/EndpointSpec/Mode", Kind::Plain, json!("vip"), mode);
        let path = "/EndpointSpec/Ports";
        let has = spec.pointer(path).unwrap_or(&Value::Null);
        let ports = self.publish.as_ref();
        let ports = ports.map(|all| all.iter().map(|port| form::port(port, has)).collect());
        table.add("publish", path, Kind::Set, Value::Null, ports);
        Ok(())
    }

    fn add_restart(&self, table: &mut Table) -> Result<(), Failure> {
        let restart = self.restart_config.as_ref();
        let condition = restart.and_then(|restart| restart.condition);
        let condition = condition.map(|condition| json!(condition.word()));
        let path = "/TaskTemplate/RestartPolicy/Condition";
        table.add("restart_policy", path, Kind::Plain, json!("any"), condition);
        let attempts = restart.and_then(|restart| restart.max_attempts).map(Value::from);
        let path = "/TaskTemplate/RestartPolicy/MaxAttempts";
        table.add("restart_policy_attempts", path, Kind::Plain, json!(0), attempts);
        let delay = restart.and_then(|restart| restart.delay.as_ref());
        let delay = form::nanoseconds("restart_config.delay", delay)?;
        let path = "/TaskTemplate/RestartPolicy/Delay";
        table.add("restart_policy_delay", path, Kind::Duration, json!(FIVE_SECONDS), delay);
        let window = restart.and_then(|restart| restart.window.as_ref());
        let window = form::nanoseconds("restart_config.window", window)?;
        let path = "/TaskTemplate/RestartPolicy/Window";
        table.add("restart_policy_window", path, Kind::Duration, json!(0), window);
        Ok(())
    }

    /// How many tasks; the mode itself is no setting that can be changed.
    fn add_mode(&self, table: &mut Table, spec: &Value) {
        let replicas = (self.replicas >= 0).then(|| json!(self.replicas));
        match self.mode_with(spec) {
            ServiceMode::Replicated => {
                let path = "/Mode/Replicated/Replicas";
                table.add("replicas", path, Kind::Plain, json!(1), replicas);
            }
            ServiceMode::ReplicatedJob => {
                let path = "/Mode/ReplicatedJob/TotalCompletions";
                table.add("replicas", path, Kind::Plain, json!(1), replicas.clone());
                let path = "/Mode/ReplicatedJob/MaxConcurrent";
                table.add("max_concurrent", path, Kind::Plain, json!(1), replicas);
            }
            ServiceMode::Global | ServiceMode::GlobalJob => {}
        }
    }

    /// A `Spec` with what the task calls it: networks by name, files without ids unless the task
    /// gives them.
    pub(super) fn as_named(&self, now: &State, spec: &Value) -> Value {
        let mut spec = spec.clone();
        let networks = spec.pointer_mut("/TaskTemplate/Networks").and_then(Value::as_array_mut);
        for network in networks.into_iter().flatten() {
            if let Some(aliases) = network["Aliases"].as_array_mut() {
                aliases.sort_by_key(Value::to_string);
            }
            let target = network["Target"].as_str();
            if let Some((name, _)) = now.networks.iter().find(|(_, id)| Some(id.as_str()) == target)
            {
                network["Target"] = name.as_str().into();
            }
        }
        let secrets = self.secrets.iter().flatten();
        let secret_ids: Vec<&String> = secrets.filter_map(|file| file.secret_id.as_ref()).collect();
        let configs = self.configs.iter().flatten();
        let config_ids: Vec<&String> = configs.filter_map(|file| file.config_id.as_ref()).collect();
        for (place, key, given) in [
            ("/TaskTemplate/ContainerSpec/Secrets", "SecretID", secret_ids),
            ("/TaskTemplate/ContainerSpec/Configs", "ConfigID", config_ids),
        ] {
            let files = spec.pointer_mut(place).and_then(Value::as_array_mut);
            for file in files.into_iter().flatten().filter_map(Value::as_object_mut) {
                if !given.iter().any(|id| file.get(key).is_some_and(|has| has == id.as_str())) {
                    file.remove(key);
                }
            }
        }
        spec
    }

    /// The mode that the service is to have: the one it has where none is given.
    pub(super) fn mode_with(&self, spec: &Value) -> ServiceMode {
        self.mode.or_else(|| ServiceMode::of(spec)).unwrap_or_default()
    }
}

fn add_resources(
    table: &mut Table,
    names: [&'static str; 2],
    paths: [&'static str; 2],
    given: Option<&Resources>,
) -> Result<(), Failure> {
    let cpus = form::nano_cpus(given.and_then(|given| given.cpus));
    table.add(names[0], paths[0], Kind::Plain, Value::Null, cpus);
    let memory = form::bytes("memory", given.and_then(|given| given.memory.as_ref()))?;
    table.add(names[1], paths[1], Kind::Plain, Value::Null, memory);
    Ok(())
}

fn add_update(
    table: &mut Table,
    places: &[(&'static str, &'static str); 6],
    given: Option<&UpdateConfig>,
) -> Result<(), Failure> {
    let [parallelism, delay, failure_action, monitor, ratio, order] = *places;
    let mut add = |(name, path): (&'static str, &'static str), kind, default, wanted| {
        table.add(name, path, kind, default, wanted);
    };
    let number = given.and_then(|given| given.parallelism).map(Value::from);
    add(parallelism, Kind::Plain, json!(1), number);
    let time = form::nanoseconds(delay.0, given.and_then(|given| given.delay.as_ref()))?;
    add(delay, Kind::Duration, json!(0), time);
    let action = given.and_then(|given| given.failure_action).map(|action| json!(action.word()));
    add(failure_action, Kind::Plain, json!("pause"), action);
    let time = form::nanoseconds(monitor.0, given.and_then(|given| given.monitor.as_ref()))?;
    add(monitor, Kind::Duration, json!(FIVE_SECONDS), time);
    let part = given.and_then(|given| given.max_failure_ratio).map(Value::from);
    add(ratio, Kind::Plain, json!(0), part);
    let first = given.and_then(|given| given.order).map(|order| json!(order.word()));
    add(order, Kind::Plain, json!("stop-first"), first);
    Ok(())
}
