//! The container for one command: that of the service, with what the task says over it.

use serde_json::json;

use super::Args;
use crate::sdk::docker::compose::{Blueprint, Project, labels};
use crate::sdk::{Failure, Value, coerce};

impl Args {
    /// The body of the request, with the networks and how the container is on them, and the files
    /// that are put into it.
    pub(super) fn blueprint(
        &self,
        project: &Project,
        words: Option<&[String]>,
    ) -> Result<Blueprint, Failure> {
        let Some(blueprint) = Blueprint::of(project, &self.service) else {
            return Err(Failure::new(format!("no such service: {}", self.service)));
        };
        let Blueprint { mut body, mut networks, .. } = blueprint.clone();
        // The service's command is meant for the service's own entrypoint.
        if words.is_some() || self.entrypoint.is_some() {
            body["Cmd"] = json!(words.unwrap_or_default());
        }
        if let Some(entrypoint) = &self.entrypoint {
            let words = coerce::to_words(entrypoint).ok_or_else(|| {
                Failure::new(format!("a quote is not closed in `entrypoint`: {entrypoint}"))
            })?;
            body["Entrypoint"] = json!(words);
        }
        for (key, given) in [("WorkingDir", &self.command.chdir), ("User", &self.command.user)] {
            if let Some(text) = given {
                body[key] = text.as_str().into();
            }
        }
        let reads = self.command.stdin.is_some();
        body["Tty"] = self.command.terminal().into();
        body["OpenStdin"] = (self.interactive || reads).into();
        body["StdinOnce"] = reads.into();
        self.environment(&mut body);
        for label in &self.labels {
            let (name, text) = label.split_once('=').unwrap_or((label, ""));
            body["Labels"][name] = text.into();
        }
        body["Labels"][labels::ONE_OFF] = "True".into();
        let host = &mut body["HostConfig"];
        for (key, more) in
            [("CapAdd", &self.cap_add), ("CapDrop", &self.cap_drop), ("Binds", &self.volumes)]
        {
            if let Some(list) = host[key].as_array_mut() {
                list.extend(more.iter().map(|text| json!(text)));
            }
        }
        // It ends once; nobody is to start it again.
        host["RestartPolicy"] = json!({"Name": "no"});
        if !self.service_ports {
            host["PortBindings"] = json!({});
        }
        self.publish(&mut body)?;
        for (_, endpoint) in &mut networks {
            if !self.use_aliases {
                endpoint["Aliases"] = json!([]);
            }
            // The address belongs to the service.
            if let Some(fields) = endpoint.as_object_mut() {
                fields.shift_remove("IPAMConfig");
            }
        }
        if let Some((network, endpoint)) = networks.first() {
            body["NetworkingConfig"] = json!({"EndpointsConfig": {network: endpoint}});
        }
        Ok(Blueprint { body, networks, ..blueprint })
    }

    fn environment(&self, body: &mut Value) {
        let own = self.command.env.iter().map(|(name, text)| format!("{name}={text}"));
        let own: Vec<String> = own.collect();
        let name = |entry: &str| entry.split('=').next().unwrap_or_default().to_owned();
        if let Some(list) = body["Env"].as_array_mut() {
            list.retain(|entry| {
                let entry = name(entry.as_str().unwrap_or_default());
                !own.iter().any(|other| name(other) == entry)
            });
            list.extend(own.into_iter().map(Value::from));
        }
    }

    fn publish(&self, body: &mut Value) -> Result<(), Failure> {
        for text in &self.publish {
            let (ports, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
            let (outside, inside) = ports.rsplit_once(':').unwrap_or(("", ports));
            let (address, port) = outside.rsplit_once(':').unwrap_or(("", outside));
            if inside.parse::<u16>().is_err() || (!port.is_empty() && port.parse::<u16>().is_err())
            {
                return Err(Failure::new(format!(
                    "`publish` must hold ports such as `8080:80`, not `{text}`"
                )));
            }
            let key = format!("{inside}/{protocol}");
            body["ExposedPorts"][&key] = json!({});
            let binding = json!([{"HostIp": address, "HostPort": port}]);
            body["HostConfig"]["PortBindings"][&key] = binding;
        }
        Ok(())
    }
}
