//! A project with everything decided.

use std::collections::BTreeMap;

use bytes::Bytes;
use indexmap::IndexMap;

use super::dotenv::Variables;
use super::file::{Config, File, Network, Volume};
use super::form::Pairs;
use super::load::{Loader, Stop, Wanted};
use super::service::Service;
use crate::base::{Diagnostic, Span};
use crate::value::Node;

/// The network of services that name none.
const DEFAULT: &str = "default";

/// A project: what its files say, with everything decided.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: String,
    /// Its files.
    pub files: Vec<String>,
    /// Its services, in the order of the files; those of profiles that are not wanted left out.
    pub services: IndexMap<String, Service>,
    /// Services of profiles that are not wanted.
    pub disabled: Vec<String>,
    /// Its networks, used ones only.
    pub networks: IndexMap<String, Network>,
    /// Its volumes.
    pub volumes: IndexMap<String, Volume>,
    /// Its secrets.
    pub secrets: IndexMap<String, Config>,
    /// Its configs.
    pub configs: IndexMap<String, Config>,
    /// What secrets and configs hold, by the key `secrets/NAME` or `configs/NAME`.
    pub contents: BTreeMap<String, Bytes>,
    /// The variables that were put into the files.
    pub variables: Variables,
    /// Variables that are used, have no default and are not set.
    pub unset: Vec<String>,
}

impl Project {
    pub(super) fn of(file: File, whole: &Node, wanted: &Wanted) -> Result<Self, Vec<Diagnostic>> {
        let folder = wanted.folder.rsplit('/').next().unwrap_or_default();
        let name = wanted.name.clone().or(file.name).unwrap_or_else(|| project_name(folder));
        let mut faults = vec![];
        if name.is_empty() || project_name(&name) != name {
            faults.push(
                Diagnostic::plain(
                    "compose-name",
                    format!("`{name}` is no name of a project: it has lower-case letters, digits, `-` and `_`"),
                )
                .help("give one with `project_name`, or with `name` in the file"),
            );
        }
        let mut project = Self {
            name,
            folder: if wanted.folder.is_empty() { ".".to_owned() } else { wanted.folder.clone() },
            files: wanted.paths().cloned().collect(),
            networks: file.networks.into_iter().map(|(k, v)| (k, v.unwrap_or_default())).collect(),
            volumes: file.volumes.into_iter().map(|(k, v)| (k, v.unwrap_or_default())).collect(),
            secrets: file.secrets,
            configs: file.configs,
            ..Self::default()
        };
        for (name, service) in file.services {
            let asked = &wanted.profiles;
            let is_active = service.profiles.0.is_empty()
                || wanted.services.contains(&name)
                || asked.iter().any(|p| p == "*" || service.profiles.0.contains(p));
            if is_active {
                project.services.insert(name, service);
            } else {
                project.disabled.push(name);
            }
        }
        project.join_default_network(wanted.stack);
        project.check(whole, &mut faults);
        if faults.is_empty() { Ok(project) } else { Err(faults) }
    }

    /// Puts services that name no network on the project's own.
    fn join_default_network(&mut self, stack: bool) {
        let mut used = false;
        for service in self.services.values_mut() {
            let networking = &mut service.networking;
            if stack || networking.network_mode.is_none() {
                let networks = networking.networks.get_or_insert_default();
                if networks.0.is_empty() {
                    networks.0.insert(DEFAULT.to_owned(), super::Membership::default());
                }
                used |= networks.0.contains_key(DEFAULT);
            }
        }
        if used {
            self.networks.entry(DEFAULT.to_owned()).or_default();
        }
    }

    /// The services so that each comes after those it needs; what needs one another is in the
    /// order of the files.
    pub fn in_order(&self) -> Vec<&str> {
        let mut done: Vec<&str> = vec![];
        while done.len() < self.services.len() {
            let ready = |(name, service): &(&String, &Service)| {
                !done.contains(&name.as_str())
                    && service.needs().keys().all(|other| {
                        done.contains(&other.as_str()) || !self.services.contains_key(other)
                    })
            };
            let next = self.services.iter().find(ready);
            let any = || self.services.iter().find(|(name, _)| !done.contains(&name.as_str()));
            match next.or_else(any) {
                Some((name, _)) => done.push(name),
                None => break,
            }
        }
        done
    }

    /// Services with all that they need, in the order of the files.
    pub fn with_needs(&self, names: &[String]) -> Vec<String> {
        let mut all: Vec<String> = names.to_vec();
        let mut at = 0;
        while let Some(name) = all.get(at).cloned() {
            let needs = self.services.get(&name).map(Service::needs).unwrap_or_default();
            for other in needs.into_keys().filter(|other| self.services.contains_key(other)) {
                if !all.contains(&other) {
                    all.push(other);
                }
            }
            at += 1;
        }
        self.services.keys().filter(|name| all.contains(name)).cloned().collect()
    }

    /// A network's name in the Engine.
    pub fn network_name(&self, key: &str) -> String {
        let network = self.networks.get(key);
        let own = network.and_then(|n| n.name.as_ref().or(n.external.name.as_ref()));
        self.name_of(key, own, network.is_some_and(|network| network.external.is))
    }

    /// A volume's name in the Engine.
    pub fn volume_name(&self, key: &str) -> String {
        let volume = self.volumes.get(key);
        let own = volume.and_then(|v| v.name.as_ref().or(v.external.name.as_ref()));
        self.name_of(key, own, volume.is_some_and(|volume| volume.external.is))
    }

    /// A secret's or config's name in the swarm.
    pub fn config_name(&self, key: &str, config: &Config) -> String {
        self.name_of(
            key,
            config.name.as_ref().or(config.external.name.as_ref()),
            config.external.is,
        )
    }

    fn name_of(&self, key: &str, own: Option<&String>, external: bool) -> String {
        match own {
            Some(name) => name.clone(),
            None if external => key.to_owned(),
            None => format!("{}_{key}", self.name),
        }
    }
}

impl Loader<'_> {
    /// Reads the files that services and objects name.
    pub(super) fn read_contents(&mut self, project: &mut Project) -> Result<(), Stop> {
        let mut paths: Vec<String> = vec![];
        for service in project.services.values() {
            paths.extend(service.process.env_file.0.iter().map(|file| file.path.clone()));
            paths.extend(service.label_file.0.iter().cloned());
        }
        let objects = || {
            let secrets = project.secrets.iter().map(|(key, object)| ("secrets", key, object));
            let configs = project.configs.iter().map(|(key, object)| ("configs", key, object));
            secrets.chain(configs).filter(|(.., object)| !object.external.is)
        };
        if self.wanted.contents {
            paths.extend(objects().filter_map(|(.., object)| object.file.clone()));
        }
        self.need(&paths)?;
        let mut contents = BTreeMap::new();
        for (kind, key, object) in objects() {
            let content = match (&object.file, &object.environment, &object.content) {
                (Some(path), ..) if self.wanted.contents => {
                    self.content(path, Span::NOWHERE)?.clone()
                }
                (None, Some(name), _) => {
                    let value = self.variables.get(name).ok_or_else(|| {
                        let message = format!(
                            "{kind}.{key} is to hold the variable `{name}`, which is not set"
                        );
                        Diagnostic::plain("compose-variable", message)
                    })?;
                    Bytes::from(value.clone())
                }
                (None, None, Some(content)) => Bytes::from(content.clone()),
                _ => continue,
            };
            contents.insert(format!("{kind}/{key}"), content);
        }
        project.contents = contents;
        for service in project.services.values_mut() {
            self.fill_environment(service)?;
        }
        Ok(())
    }

    /// Lays a service's environment over its files of variables, and finds values for names.
    fn fill_environment(&self, service: &mut Service) -> Result<(), Stop> {
        let own = std::mem::take(&mut service.process.environment);
        // What values of files may name: the project's variables, and the service's own.
        let mut known: Variables =
            own.0.iter().filter_map(|(name, text)| Some((name.clone(), text.clone()?))).collect();
        known.extend(self.variables.clone());
        let (mut all, mut before) = (Pairs::default(), Variables::new());
        for file in &service.process.env_file.0 {
            if !self.has(&file.path) && !file.required {
                continue;
            }
            let is_raw = self.wanted.stack || file.format.as_deref() == Some("raw");
            let entries = if is_raw {
                self.raw(&file.path, Span::NOWHERE)?
            } else {
                self.dotenv(&file.path, &known, &before, Span::NOWHERE)?
            };
            before.extend(entries.iter().filter_map(|(k, v)| Some((k.clone(), v.clone()?))));
            all.0.extend(entries);
        }
        all.0.extend(own.0);
        all.0.retain(|name, value| {
            if value.is_none() {
                *value = self.variables.get(name).cloned();
            }
            value.is_some()
        });
        service.process.environment = all;
        let own = std::mem::take(&mut service.labels);
        let mut labels = Pairs::default();
        for path in &service.label_file.0 {
            labels.0.extend(self.dotenv(path, &self.variables, &before, Span::NOWHERE)?);
        }
        labels.0.extend(own.0);
        service.labels = labels;
        Ok(())
    }
}

/// What a project is called whose folder has this name.
fn project_name(folder: &str) -> String {
    let lower = folder.to_lowercase();
    let kept = lower.chars().filter(|sign| {
        sign.is_ascii_lowercase() || sign.is_ascii_digit() || matches!(sign, '-' | '_')
    });
    kept.collect::<String>().trim_start_matches(['-', '_']).to_owned()
}
