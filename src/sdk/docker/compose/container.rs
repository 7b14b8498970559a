//! A service's container, as the Engine takes it.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::labels;
use super::objects::texts;
use crate::compose::{Healthcheck, Membership, Project, Service, Time};
use crate::sdk::docker::bare;
use crate::value::Value;

/// The option of a connection that names its interface.
const INTERFACE: &str = "com.docker.network.endpoint.ifname";

/// All that a container of a service is made with, but for its name and number.
#[derive(Debug, Clone, Serialize)]
pub struct Blueprint {
    /// The name of the service.
    pub service: String,
    /// The image, by its name.
    pub image: String,
    /// The body of the request, its labels complete but for the number.
    pub body: Value,
    /// The networks in the order in which they are joined, by their names, with how they are.
    pub networks: Vec<(String, Value)>,
    /// Files that are put into it before it starts.
    pub files: Vec<Injected>,
    /// A hash of all this.
    pub hash: String,
}

/// A file that is put into a container before it starts.
#[derive(Clone, Serialize)]
pub struct Injected {
    /// Its path in the container.
    pub path: String,
    /// Its owner.
    pub uid: u64,
    /// Its group.
    pub gid: u64,
    /// Its mode.
    pub mode: u32,
    /// What it holds.
    #[serde(skip)]
    pub content: Bytes,
}

impl std::fmt::Debug for Injected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} bytes)", self.path, self.content.len())
    }
}

/// A service on its way from the project to the Engine.
pub(super) struct Making<'p> {
    pub(super) project: &'p Project,
    pub(super) name: &'p str,
    pub(super) service: &'p Service,
}

impl Blueprint {
    /// What the containers of a service are made with.
    pub fn of(project: &Project, name: &str) -> Option<Self> {
        let service = project.services.get(name)?;
        let making = Making { project, name, service };
        let image = Self::image_of(project, name);
        let files = making.injected();
        let networks = making.networks();
        let mut body = making.config(&image);
        body["HostConfig"] = making.host_config(&networks);
        let body = without_nulls(&body);
        let mut sum = Sha256::new();
        sum.update(bare(&body).to_string());
        sum.update(json!(networks).to_string());
        for file in &files {
            sum.update(file.path.as_bytes());
            sum.update(&file.content);
        }
        let hash = hexadecimal(&sum.finalize());
        let mut blueprint =
            Self { service: name.to_owned(), image, body, networks, files, hash: hash.clone() };
        let needs: Vec<String> = service
            .needs()
            .iter()
            .map(|(other, needs)| {
                let condition = crate::spec::Choice::word(needs.condition);
                format!("{other}:{condition}:{}", needs.restart)
            })
            .collect();
        let labels = &mut blueprint.body["Labels"];
        for (name, value) in [
            (labels::PROJECT, project.name.clone()),
            (labels::SERVICE, name.to_owned()),
            (labels::ONE_OFF, "False".to_owned()),
            (labels::HASH, hash),
            (labels::FOLDER, project.folder.clone()),
            (labels::FILES, project.files.join(",")),
            (labels::VERSION, env!("CARGO_PKG_VERSION").to_owned()),
            (labels::NEEDS, needs.join(",")),
        ] {
            labels[name] = value.into();
        }
        Some(blueprint)
    }

    /// The image of a service: the one it names, or the one that is built for it.
    pub fn image_of(project: &Project, name: &str) -> String {
        let own = project.services.get(name).and_then(|service| service.image.clone());
        own.unwrap_or_else(|| format!("{}-{name}", project.name))
    }

    /// The name of the container of a number.
    pub fn container_name(project: &Project, name: &str, number: u64) -> String {
        let own = project.services.get(name).and_then(|service| service.container_name.clone());
        own.unwrap_or_else(|| format!("{}-{name}-{number}", project.name))
    }
}

impl Making<'_> {
    fn config(&self, image: &str) -> Value {
        let process = &self.service.process;
        let networking = &self.service.networking;
        let mut environment: Vec<String> =
            process.environment.texts().map(|(name, text)| format!("{name}={text}")).collect();
        environment.sort();
        let mut exposed = serde_json::Map::new();
        for port in &networking.expose.0 {
            let port = if port.contains('/') { port.clone() } else { format!("{port}/tcp") };
            exposed.insert(port, json!({}));
        }
        for port in &networking.ports.0 {
            exposed.insert(format!("{}/{}", port.target, port.protocol), json!({}));
        }
        json!({
            "Image": image,
            "Cmd": process.command.as_ref().map(|words| &words.0),
            "Entrypoint": process.entrypoint.as_ref().map(|words| &words.0),
            "Env": environment,
            "User": process.user,
            "WorkingDir": process.working_dir,
            "Hostname": networking.hostname,
            "Domainname": networking.domainname,
            "MacAddress": networking.mac_address,
            "Tty": process.tty,
            "OpenStdin": process.stdin_open,
            "StopSignal": process.stop_signal,
            "StopTimeout": process.stop_grace_period.map(Time::seconds),
            "Healthcheck": process.healthcheck.as_ref().map(health),
            "ExposedPorts": exposed,
            "Volumes": self.own_volumes(),
            "Labels": texts(&self.service.labels),
        })
    }

    /// The networks, those of a higher priority first.
    fn networks(&self) -> Vec<(String, Value)> {
        let networking = &self.service.networking;
        if networking.network_mode.is_some() {
            return vec![];
        }
        let mut all: Vec<(&String, &Membership)> =
            networking.networks.iter().flat_map(|networks| &networks.0).collect();
        all.sort_by_key(|(_, membership)| std::cmp::Reverse(membership.priority));
        all.into_iter()
            .map(|(key, membership)| (self.project.network_name(key), self.endpoint(membership)))
            .collect()
    }

    fn endpoint(&self, membership: &Membership) -> Value {
        let mut aliases = vec![self.name.to_owned()];
        aliases.extend(membership.aliases.iter().cloned());
        let mut endpoint = json!({"Aliases": aliases});
        let links = self.links();
        if !links.is_empty() {
            endpoint["Links"] = json!(links);
        }
        let address =
            [("IPv4Address", &membership.ipv4_address), ("IPv6Address", &membership.ipv6_address)];
        for (name, text) in address {
            if let Some(text) = text {
                endpoint["IPAMConfig"][name] = text.as_str().into();
            }
        }
        if !membership.link_local_ips.is_empty() {
            endpoint["IPAMConfig"]["LinkLocalIPs"] = json!(membership.link_local_ips);
        }
        if let Some(mac) = &membership.mac_address {
            endpoint["MacAddress"] = mac.as_str().into();
        }
        let mut options = texts(&membership.driver_opts);
        if let Some(name) = &membership.interface_name {
            options.insert(INTERFACE.to_owned(), name.clone());
        }
        if !options.is_empty() {
            endpoint["DriverOpts"] = json!(options);
        }
        if membership.gw_priority != 0 {
            endpoint["GwPriority"] = membership.gw_priority.into();
        }
        endpoint
    }

    /// Containers that are reached by further names.
    fn links(&self) -> Vec<String> {
        let networking = &self.service.networking;
        let own = networking.links.iter().map(|link| {
            let (service, alias) = link.split_once(':').unwrap_or((link, link));
            format!("{}:{alias}", Blueprint::container_name(self.project, service, 1))
        });
        own.chain(networking.external_links.iter().cloned()).collect()
    }

    /// Secrets and configs that no file of the host holds.
    fn injected(&self) -> Vec<Injected> {
        let secrets = self.service.secrets().iter().map(|file| ("secrets", file));
        let configs = self.service.configs().iter().map(|file| ("configs", file));
        secrets
            .chain(configs)
            .filter_map(|(kind, file)| {
                let content = self.project.contents.get(&format!("{kind}/{}", file.source))?;
                let number = |text: &Option<String>| text.as_ref().and_then(|t| t.parse().ok());
                let mode = file.mode.as_ref().and_then(|m| u32::from_str_radix(&m.0, 8).ok());
                Some(Injected {
                    path: super::mounts::target_of(kind, file),
                    uid: number(&file.uid).unwrap_or_default(),
                    gid: number(&file.gid).unwrap_or_default(),
                    mode: mode.unwrap_or(0o444),
                    content: content.clone(),
                })
            })
            .collect()
    }
}

fn health(health: &Healthcheck) -> Value {
    let time = |time: Option<Time>| time.map(|time| time.0);
    json!({
        "Test": health.command(),
        "Interval": time(health.interval),
        "Timeout": time(health.timeout),
        "StartPeriod": time(health.start_period),
        "StartInterval": time(health.start_interval),
        "Retries": health.retries,
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A value without the members that are null.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), without_nulls(value)))
            .collect(),
        other => other.clone(),
    }
}

/// Folders in the container that are volumes without a name.
pub(super) type OwnVolumes = BTreeMap<String, Value>;
