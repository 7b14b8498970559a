//! What replaces, makes or removes a network.

use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::json;

use super::{Member, NetworkSettings};
use crate::sdk::docker::{DockerOptions, DockerReader, DockerWriter, Doing, EngineError};
use crate::sdk::{Failure, Operator, Returned, Value};

/// What is done, in this order; anything of it may be empty.
#[derive(Debug, Serialize)]
pub struct NetworkChange {
    name: String,
    /// Containers to disconnect.
    disconnect: Vec<String>,
    /// The id of the network to remove.
    remove: Option<String>,
    /// Whether the whole swarm has to forget the network before its name is free.
    #[serde(skip)]
    of_swarm: bool,
    /// The network to make.
    pub create: Option<Value>,
    /// Containers to connect.
    pub connect: Vec<Connect>,
    /// The network as it was, for the case that the new one cannot be made.
    #[serde(skip)]
    pub restore: Option<Value>,
    /// The connections as they were, for the case that something goes wrong.
    #[serde(skip)]
    reconnect: Vec<Connect>,
    #[serde(skip)]
    docker: DockerOptions,
}

/// A container to connect, and its end of the connection.
#[derive(Debug, Clone, Serialize)]
pub struct Connect {
    container: String,
    #[serde(skip_serializing_if = "Value::is_null")]
    endpoint: Value,
}

impl Connect {
    /// A container that gets what the network gives it.
    pub fn new(container: &str) -> Self {
        Self { container: container.to_owned(), endpoint: Value::Null }
    }

    /// A container that gets back what it had: aliases, links, driver options, fixed addresses.
    fn again(member: &Member) -> Self {
        let had = &member.endpoint;
        let mut endpoint = json!({});
        for name in ["IPAMConfig", "Links", "DriverOpts", "GwPriority"] {
            if !had[name].is_null() {
                endpoint[name] = had[name].clone();
            }
        }
        if let Some(aliases) = had["Aliases"].as_array() {
            // The Engine itself gives each container its short id as an alias.
            let own = |alias: &&Value| {
                !alias
                    .as_str()
                    .is_some_and(|alias| alias.len() == 12 && member.id.starts_with(alias))
            };
            endpoint["Aliases"] = aliases.iter().filter(own).cloned().collect();
        }
        Self { container: member.name.clone(), endpoint }
    }
}

impl NetworkChange {
    /// Nothing yet.
    pub fn new(name: &str, docker: &DockerOptions) -> Self {
        Self {
            name: name.to_owned(),
            disconnect: vec![],
            remove: None,
            of_swarm: false,
            create: None,
            connect: vec![],
            restore: None,
            reconnect: vec![],
            docker: docker.clone(),
        }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.disconnect.is_empty()
            && self.remove.is_none()
            && self.create.is_none()
            && self.connect.is_empty()
    }

    /// Disconnects these containers.
    pub fn disconnect(&mut self, members: &[Member]) {
        self.disconnect = members.iter().map(|member| member.name.clone()).collect();
        self.reconnect = members.iter().map(Connect::again).collect();
    }

    /// Removes the network.
    pub fn remove(&mut self, network: &Value) {
        self.remove = Some(network["Id"].as_str().unwrap_or(&self.name).to_owned());
        self.of_swarm = network["Scope"] == "swarm";
    }

    /// Gives containers back what they had on the network, as far as the new one allows.
    pub fn reconnect(
        &mut self,
        members: &[Member],
        wanted: &NetworkSettings,
        warnings: &mut Vec<String>,
    ) {
        for member in members {
            let mut connect = Connect::again(member);
            for family in ["IPv4Address", "IPv6Address"] {
                let Some(address) = connect.endpoint["IPAMConfig"][family].as_str() else {
                    continue;
                };
                if !address.is_empty() && !wanted.has_address(address) {
                    warnings.push(format!(
                        "container {} loses its fixed address {address}, which lies outside of \
                         the network's new ranges",
                        member.name
                    ));
                    connect.endpoint["IPAMConfig"][family] = "".into();
                }
            }
            self.connect.push(connect);
        }
    }

    /// Does it.
    pub async fn apply(&self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&self.docker)?;
        let mut disconnected = 0;
        if let Err(failure) = self.remake(&docker, &mut disconnected).await {
            return Err(self.put_back(&docker, disconnected, failure).await);
        }
        connect_all(&docker, &self.name, &self.connect).await?;
        if self.create.is_none() && self.remove.is_some() {
            return Ok(Returned::new());
        }
        let network = settled(&docker, &self.name).await?;
        Ok(Returned::new().with("network", network))
    }

    /// Disconnects, removes and makes, and counts who was disconnected.
    async fn remake(&self, docker: &DockerWriter, disconnected: &mut usize) -> Result<(), Failure> {
        let name = &self.name;
        for container in &self.disconnect {
            let body = json!({"Container": container, "Force": true});
            let result = docker.post(&["networks", name, "disconnect"], &body).await;
            unless_gone(result.map(drop))
                .doing(|| format!("disconnecting container {container} from network {name}"))?;
            *disconnected += 1;
        }
        if let Some(id) = &self.remove {
            let gone = docker.delete(&["networks", id]).await;
            gone.doing(|| format!("removing network {name}"))?;
            if self.of_swarm {
                wait_until_gone(docker, id).await?;
            }
        }
        if let Some(body) = &self.create {
            let made = docker.post(&["networks", "create"], body).await;
            made.doing(|| format!("creating network {name}"))?;
        }
        Ok(())
    }

    /// Puts things back as they were: the old network, where it is gone, and the connections of
    /// the first so many.
    async fn put_back(&self, docker: &DockerWriter, first: usize, failure: Failure) -> Failure {
        let connections = self.reconnect.get(..first).unwrap_or_default();
        let back = async {
            let network = docker.get::<Value>(&["networks", &self.name]).await?;
            if let (None, Some(body)) = (&network, &self.restore) {
                docker.post(&["networks", "create"], body).await?;
            } else if connections.is_empty() {
                return Ok(false);
            }
            connect_all(docker, &self.name, connections).await?;
            Ok::<_, Failure>(true)
        };
        match back.await {
            Ok(false) => failure,
            Ok(true) => Failure::new(format!("{failure}; the network was put back as it was")),
            Err(second) => Failure::new(format!(
                "{failure}; putting the network back as it was failed, too: {second}"
            )),
        }
    }
}

impl Connect {
    async fn apply(&self, docker: &DockerWriter, network: &str) -> Result<(), Failure> {
        let Self { container, endpoint } = self;
        let mut body = json!({"Container": container});
        if !endpoint.is_null() {
            body["EndpointConfig"] = endpoint.clone();
        }
        let result = docker.post(&["networks", network, "connect"], &body).await;
        unless_gone(result.map(drop))
            .doing(|| format!("connecting container {container} to network {network}"))
    }

    /// Whether it has an address of its own.
    fn is_fixed(&self) -> bool {
        let asked = |family: &str| self.endpoint["IPAMConfig"][family].as_str();
        ["IPv4Address", "IPv6Address"]
            .into_iter()
            .any(|family| asked(family).is_some_and(|a| !a.is_empty()))
    }
}

/// Connects all that can be, those with addresses of their own first: the others might be given
/// these. All that fail are told.
async fn connect_all(
    docker: &DockerWriter,
    network: &str,
    connections: &[Connect],
) -> Result<(), Failure> {
    let (fixed, free): (Vec<&Connect>, Vec<&Connect>) =
        connections.iter().partition(|connect| connect.is_fixed());
    let mut failures: Vec<String> = vec![];
    for connect in fixed.into_iter().chain(free) {
        match connect.apply(docker, network).await {
            Err(Failure::Task { message, .. }) => failures.push(message),
            other => other?,
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    Err(Failure::new(failures.join("; "))
        .help(format!("`docker network connect {network} CONTAINER` connects them")))
}

/// A container that somebody has removed meanwhile is of no matter.
fn unless_gone(result: Result<(), EngineError>) -> Result<(), EngineError> {
    match result {
        Err(EngineError::Status { status: 404, message })
            if message.starts_with("No such container") =>
        {
            Ok(())
        }
        other => other,
    }
}

/// A network once it has all that it is to have: one of a swarm has no driver at first.
pub async fn settled(docker: &DockerReader, name: &str) -> Result<Option<Value>, EngineError> {
    const PATIENCE: Duration = Duration::from_secs(10);
    let started = Instant::now();
    loop {
        let network: Option<Value> = docker.get(&["networks", name]).await?;
        let pending = network.as_ref().is_some_and(|network| network["Driver"] == "");
        if !pending || started.elapsed() > PATIENCE {
            return Ok(network);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until the swarm has forgotten a network: its removal is answered at once.
async fn wait_until_gone(docker: &DockerWriter, id: &str) -> Result<(), Failure> {
    const PATIENCE: Duration = Duration::from_secs(30);
    let started = Instant::now();
    while docker.get::<Value>(&["networks", id]).await?.is_some() {
        if started.elapsed() > PATIENCE {
            return Err(Failure::new("the network is still there 30 s after its removal")
                .help("`docker network inspect` shows what is still connected to it"));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
