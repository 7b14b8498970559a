//! Waiting until a host's Engine, or a manager, is as it is to be.

use std::time::{Duration, Instant};

use super::apply::Work;
use crate::sdk::Failure;
use crate::sdk::docker::swarm::{Membership, Node, NodeRole};
use crate::sdk::docker::{DockerWriter, EngineError};

/// How long lies between two looks.
const PAUSE: Duration = Duration::from_millis(200);

impl Work<'_, '_> {
    /// Waits until a manager has a swarm that others can join.
    pub(super) async fn until_started(
        &self,
        manager: &str,
        engine: &DockerWriter,
    ) -> Result<Membership, Failure> {
        let clock = Clock::new(self.patience);
        loop {
            let found = engine.membership().await;
            match &found {
                Ok((_, swarm)) if swarm.swarm().is_some() => return Ok(swarm.clone()),
                // Its Engine may be starting at this moment.
                Ok(_) | Err(EngineError::Unreachable { .. } | EngineError::Absent { .. }) => {}
                Err(_) => return Ok(found?.1),
            }
            if self.host.controller().has_failed(manager) {
                return Err(Failure::new(format!(
                    "{manager}, whose swarm this host is to join, has failed"
                )));
            }
            if !clock.goes_on() {
                return Err(Failure::new(format!(
                    "{manager} has no swarm to join after {} s",
                    self.patience.as_secs()
                ))
                .help(
                    "the task must run on it at the same time: a `serial` or `throttle` that is \
                     too small keeps it out; `wait_timeout` is how long the others wait for it",
                ));
            }
            self.host.controller().pause(PAUSE).await;
        }
    }

    /// Waits until a manager has the node as it is to be.
    pub(super) async fn until_ready(
        &self,
        manager: &str,
        engine: &DockerWriter,
        id: &str,
        role: NodeRole,
    ) -> Result<(), Failure> {
        let mut clock = Clock::new(self.patience);
        loop {
            let node: Option<Node> = engine.get(&["nodes", id]).await?;
            let settled = |node: &Node| match role {
                NodeRole::Manager => node.is_reachable_manager(),
                NodeRole::Worker => node.manager_status.is_none(),
            };
            if node.as_ref().is_some_and(|node| node.is_ready() && settled(node)) {
                return Ok(());
            }
            if !clock.goes_on() {
                let is = node.map_or_else(|| "not listed".to_owned(), |node| node.status.state);
                return Err(Failure::new(format!(
                    "the node is not ready after {} s: {manager} has it as {is}",
                    self.patience.as_secs()
                )));
            }
            clock.tick().await;
        }
    }

    /// Waits until the host's own Engine is as it is to be.
    pub(super) async fn until(
        &self,
        what: &str,
        is: impl Fn(&Membership) -> bool,
    ) -> Result<Membership, Failure> {
        let mut clock = Clock::new(self.patience);
        loop {
            let (_, swarm) = self.engine.membership().await?;
            if is(&swarm) {
                return Ok(swarm);
            }
            if !clock.goes_on() {
                let why = match swarm.error.as_str() {
                    "" => String::new(),
                    error => format!(": {error}"),
                };
                let seconds = self.patience.as_secs();
                return Err(Failure::new(format!("the host did not {what} in {seconds} s{why}")));
            }
            clock.tick().await;
        }
    }
}

/// A wait that ends.
pub(super) struct Clock(Instant);

impl Clock {
    pub(super) fn new(patience: Duration) -> Self {
        Self(Instant::now() + patience)
    }

    pub(super) fn goes_on(&self) -> bool {
        Instant::now() < self.0
    }

    pub(super) async fn tick(&mut self) {
        tokio::time::sleep(PAUSE).await;
    }
}
