//! Containers whose end is waited for.

use tokio::sync::oneshot;

use super::apply::Walk;
use super::output;
use crate::sdk::docker::{DockerWriter, Doing, EngineError, Request};
use crate::sdk::{Failure, Value};

impl Walk {
    /// Starts a container. The wait for its end begins before that: one that removes itself may
    /// be gone at once.
    pub(super) async fn start_to_end(&mut self, id: &str) -> Result<(), Failure> {
        let (tell, started) = oneshot::channel();
        let (docker, id) = (self.docker.clone(), id.to_owned());
        self.end.spawn(async move { docker.run_until_it_ends(&id, tell).await });
        if started.await.is_ok() {
            return Ok(());
        }
        self.watched().await.unwrap_or(Ok(0)).map(drop).doing(|| format!("starting {}", self.name))
    }

    /// What the wait that was begun has come to, where one was.
    async fn watched(&mut self) -> Option<Result<i64, EngineError>> {
        let end = self.end.join_next().await?;
        Some(end.unwrap_or_else(|error| Err(EngineError::Answer(error.to_string()))))
    }

    /// The status that a container has ended with.
    async fn status(&mut self, id: &str) -> Result<i64, EngineError> {
        if let Some(ended) = self.watched().await {
            return ended;
        }
        let wait = Request::post(&["containers", id, "wait"]).timeout(DockerWriter::LONG);
        let answer: Value = self.docker.send(wait).await?.json()?;
        Ok(answer["StatusCode"].as_i64().unwrap_or(-1))
    }

    /// Waits until a container ends, and takes its output; it must have ended well. `cleanup`
    /// tells whether it is removed then, and whether its volumes go with it.
    pub(super) async fn wait_end(
        &mut self,
        id: &str,
        cleanup: Option<bool>,
        auto_remove: bool,
    ) -> Result<(), Failure> {
        let status =
            self.status(id).await.doing(|| format!("waiting for the end of {}", self.name));
        let status = status?;
        let docker = &self.docker;
        let container: Option<Value> = docker.get(&["containers", id, "json"]).await?;
        let (output, left_out) = if auto_remove {
            ("Cannot retrieve result as auto_remove is enabled".to_owned(), 0)
        } else {
            self.log(id, container.as_ref()).await?
        };
        if let Some(volumes) = cleanup {
            self.remove(id, volumes).await?;
        }
        self.new = None;
        self.returned = output::ended(container.unwrap_or_default(), status, &output, left_out)?;
        Ok(())
    }

    /// What a container printed, and how many bytes of it were left out; a sentence where its log
    /// driver does not give it out.
    async fn log(&self, id: &str, container: Option<&Value>) -> Result<(String, u64), Failure> {
        let terminal = container.is_some_and(|container| container["Config"]["Tty"] == true);
        match self.docker.log(id, terminal).await {
            Err(EngineError::Status { message, .. }) => {
                Ok((format!("Result logged using `{message}`"), 0))
            }
            log => Ok(log?),
        }
    }
}
