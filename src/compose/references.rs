//! What services name: it must be there.

use indexmap::IndexMap;

use super::Project;
use super::service::{Dependency, MountKind, Service};
use crate::base::{Diagnostic, Span, did_you_mean};
use crate::value::Node;

/// One service, and where it stands.
struct Checked<'a> {
    project: &'a Project,
    name: &'a str,
    service: &'a Service,
    node: Option<&'a Node>,
}

impl Project {
    /// Everything that is named must be there.
    pub(super) fn check(&self, whole: &Node, faults: &mut Vec<Diagnostic>) {
        for (name, service) in &self.services {
            let node = whole.get("services").and_then(|services| services.get(name));
            let checked = Checked { project: self, name, service, node };
            faults.extend(checked.undefined_objects());
            faults.extend(checked.undefined_services());
            faults.extend(checked.without_image());
        }
        if let Some(circle) = self.circle() {
            let message = format!("services need one another: {}", circle.join(" → "));
            faults.push(Diagnostic::plain("compose-circle", message));
        }
    }

    /// Services that need one another in a circle.
    fn circle(&self) -> Option<Vec<String>> {
        fn walk(project: &Project, name: &str, path: &mut Vec<String>) -> Option<Vec<String>> {
            if let Some(at) = path.iter().position(|other| other == name) {
                let mut circle = path[at..].to_vec();
                circle.push(name.to_owned());
                return Some(circle);
            }
            path.push(name.to_owned());
            let needs: IndexMap<String, Dependency> =
                project.services.get(name).map(Service::needs).unwrap_or_default();
            let found = needs.keys().find_map(|other| walk(project, other, path));
            path.pop();
            found
        }
        // A project of thousands of services that all need each other is nobody's.
        self.services.keys().take(500).find_map(|name| walk(self, name, &mut vec![]))
    }
}

impl Checked<'_> {
    fn undefined_objects(&self) -> Vec<Diagnostic> {
        let Self { project, service, .. } = self;
        let networks = service.networking.networks.iter().flat_map(|networks| networks.0.keys());
        let volumes = service.mounts().iter().filter(|mount| mount.kind == MountKind::Volume);
        let volumes = volumes.filter_map(|mount| mount.source.as_ref());
        let secrets = service.secrets().iter().map(|file| &file.source);
        let configs = service.configs().iter().map(|file| &file.source);
        [
            self.undefined("network", networks, &project.networks),
            self.undefined("volume", volumes, &project.volumes),
            self.undefined("secret", secrets, &project.secrets),
            self.undefined("config", configs, &project.configs),
        ]
        .concat()
    }

    /// Faults for names that are none of those defined; `what` is the word for one of them.
    fn undefined<'n, T>(
        &self,
        what: &str,
        named: impl Iterator<Item = &'n String>,
        all: &IndexMap<String, T>,
    ) -> Vec<Diagnostic> {
        let fault = |name: &String| {
            let message =
                format!("service `{}` names the {what} `{name}`, which is not defined", self.name);
            let help = format!("define it under `{what}s` at the top of the file");
            let help = did_you_mean(name, all.keys().map(String::as_str), help);
            let at = self.place(&format!("{what}s"));
            Diagnostic::error("compose-undefined", message, at, "here").help(help)
        };
        named.filter(|name| !all.contains_key(*name)).map(fault).collect()
    }

    fn undefined_services(&self) -> Vec<Diagnostic> {
        let project = self.project;
        let needs = self.service.needs();
        let missing = needs
            .into_iter()
            .filter(|(other, needs)| needs.required && !project.services.contains_key(other));
        let fault = |(other, _): (String, Dependency)| {
            let off = project.disabled.contains(&other);
            let why = if off { "whose profile is not active" } else { "which is not defined" };
            let message = format!("service `{}` needs the service `{other}`, {why}", self.name);
            let at = self.place("depends_on");
            let fault = Diagnostic::error("compose-undefined", message, at, "here");
            if off {
                return fault.help("add its profile to `profiles`");
            }
            let all = project.services.keys().map(String::as_str);
            fault.help(did_you_mean(&other, all, "define it under `services`".to_owned()))
        };
        missing.map(fault).collect()
    }

    fn without_image(&self) -> Option<Diagnostic> {
        let Service { image, provider, .. } = self.service;
        let has = image.is_some() || self.service.build().is_some() || provider.is_some();
        (!has).then(|| {
            let message = format!("service `{}` has neither `image` nor `build`", self.name);
            let at = self.node.map_or(Span::NOWHERE, |node| node.span);
            Diagnostic::error("compose-image", message, at, "this service")
        })
    }

    fn place(&self, key: &str) -> Span {
        let node = self.node.and_then(|node| node.get(key).or(Some(node)));
        node.map_or(Span::NOWHERE, |node| node.span)
    }
}
