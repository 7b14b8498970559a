//! The container of a registry.

use serde::Serialize;
use serde_json::json;

use super::state::State;
use super::{Args, Https, files};
use crate::sdk::docker::{Differences, Texts};
use crate::sdk::{Choice as _, Failure, Value};

/// The registry's own port, in the container.
const PORT: &str = "5000/tcp";
/// Where it keeps its images, in the container.
const DATA: &str = "/var/lib/registry";

/// The container of a registry: all that is compared, and all that it is made of.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Server {
    image: String,
    /// Beside what the image brings.
    env: Texts,
    listens: String,
    mounts: Vec<String>,
    restart_policy: String,
}

impl Server {
    /// As the arguments want it.
    pub(super) fn wanted(args: &Args) -> Self {
        let https = args.https() != Https::None;
        let mut env: Texts =
            [("REGISTRY_HTTP_ADDR".to_owned(), ":5000".to_owned())].into_iter().collect();
        let mut set = |name: &str, value: &str| {
            env.insert(format!("REGISTRY_{name}"), value.to_owned());
        };
        set("STORAGE_DELETE_ENABLED", &args.delete.to_string());
        let inside = |name: &str| name.replacen(files::SERVED, files::INSIDE, 1);
        if https {
            set("HTTP_TLS_CERTIFICATE", &inside(files::CERTIFICATE));
            set("HTTP_TLS_KEY", &inside(files::KEY));
        }
        if !args.users.is_empty() {
            set("AUTH", "htpasswd");
            set("AUTH_HTPASSWD_PATH", &inside(files::USERS));
            set("AUTH_HTPASSWD_REALM", "registry");
        }
        let mut mounts = vec![format!("{}:{DATA}", args.storage())];
        if https || !args.users.is_empty() {
            mounts.push(format!("{}/{}:{}:ro", args.folder(), files::SERVED, files::INSIDE));
        }
        Self {
            image: args.image.clone(),
            env: env.with(&args.env),
            listens: format!("{}:{}", args.bind, args.port),
            mounts,
            restart_policy: args.restart_policy.word().to_owned(),
        }
    }

    /// As a container is; of its environment what the image does not bring, and what is `wanted`
    /// although the image brings it.
    fn seen(container: &Value, image_env: &[String], wanted: &Texts) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let texts = |value: &Value| -> Vec<String> {
            value.as_array().into_iter().flatten().map(text).collect()
        };
        let host = &container["HostConfig"];
        let binding = &host["PortBindings"][PORT][0];
        let env = texts(&container["Config"]["Env"]);
        let is_wanted =
            |line: &str| line.split_once('=').is_some_and(|(name, _)| wanted.contains_key(name));
        let own = env.iter().filter(|line| !image_env.contains(line) || is_wanted(line));
        let policy = text(&host["RestartPolicy"]["Name"]);
        let address = text(&binding["HostIp"]);
        let address = if address.is_empty() { "0.0.0.0" } else { &address };
        Self {
            image: text(&container["Config"]["Image"]),
            env: own
                .filter_map(|line| line.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            listens: format!("{address}:{}", text(&binding["HostPort"])),
            mounts: texts(&host["Binds"]),
            restart_policy: if policy.is_empty() { "no".to_owned() } else { policy },
        }
    }

    /// What is not as it must be.
    pub(super) fn differences(&self, now: &State, container: &Value) -> Differences {
        let seen = Self::seen(container, &now.image_env, &self.env);
        let mut differences = Differences::default();
        differences.compare("image", &seen.image, &self.image);
        let id = container["Image"].as_str();
        if let (false, Some(newer), Some(id)) = (differences.has("image"), now.image.id(), id)
            && newer != id
        {
            differences.add("image_id", id, newer);
        }
        differences.compare("env", &seen.env, &self.env);
        differences.compare("listens", &seen.listens, &self.listens);
        differences.compare("mounts", &seen.mounts, &self.mounts);
        differences.compare("restart_policy", &seen.restart_policy, &self.restart_policy);
        differences
    }

    /// As the Engine takes it.
    pub(super) fn body(&self) -> Result<Value, Failure> {
        let (address, port) = self
            .listens
            .rsplit_once(':')
            .ok_or_else(|| Failure::new("the address to listen at has no port"))?;
        let env: Vec<String> =
            self.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Ok(json!({
            "Image": self.image,
            "Env": env,
            "ExposedPorts": {PORT: {}},
            "HostConfig": {
                "Binds": self.mounts,
                "PortBindings": {PORT: [{"HostIp": address, "HostPort": port}]},
                "RestartPolicy": {"Name": self.restart_policy},
            },
        }))
    }
}
