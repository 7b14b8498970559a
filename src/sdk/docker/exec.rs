//! Commands in containers.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::writer::failed;
use super::{DockerReader, DockerWriter, Texts};
use crate::remote::docker::{EngineError, Request, Streams};
use crate::remote::{Exec, Output};
use crate::sdk::Failure;

/// A command in a container.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ContainerCommand {
    /// The container.
    pub container: String,
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// The directory in which it runs; the container's own when not given.
    pub directory: Option<String>,
    /// The user that it runs as; the container's own when not given.
    pub user: Option<String>,
    /// Variables added to its environment.
    pub environment: Texts,
    /// Whether it has a terminal.
    pub terminal: bool,
    /// Whether it may do anything.
    #[serde(default)]
    pub privileged: bool,
}

impl DockerReader {
    /// What a container has printed, and how many bytes of its middle were left out.
    pub async fn log(&self, container: &str, terminal: bool) -> Result<(String, u64), EngineError> {
        let streams = if terminal { Streams::Terminal } else { Streams::Framed };
        let query = [("stdout", "1"), ("stderr", "1")];
        let request = self.request(&["containers", container, "logs"], &query);
        let (text, left_out) = self.engine.log(request, streams, Exec::OUTPUT_LIMIT).await?;
        Ok((String::from_utf8_lossy(&text).into_owned(), left_out))
    }
}

impl DockerWriter {
    /// As long as it takes: the task's own `timeout` ends a wait.
    pub const LONG: Duration = Duration::from_hours(7 * 24);

    /// Runs a command in a container to its end.
    pub async fn run_in(
        &self,
        command: &ContainerCommand,
        input: Option<&str>,
    ) -> Result<Output, Failure> {
        let refused = |error| command.refused(error);
        let id = self.prepare(command, input.is_some()).await.map_err(refused)?;
        let streams = if command.terminal { Streams::Terminal } else { Streams::Framed };
        let start = Request::post(&["exec", &id, "start"])
            .json(&json!({"Detach": false, "Tty": command.terminal}));
        let input = input.unwrap_or_default().to_owned().into();
        let begun = std::future::ready(Ok(()));
        let output = self.attach(start, streams, input, Exec::OUTPUT_LIMIT, begun).await;
        let mut output = output.map_err(refused)?;
        output.status = self.status_of(&id).await.map_err(refused)?;
        Ok(output)
    }

    /// Starts a container that was made and runs it to its end.
    pub async fn run_to_end(
        &self,
        container: &str,
        input: Option<&str>,
        terminal: bool,
    ) -> Result<Output, EngineError> {
        let streams = if terminal { Streams::Terminal } else { Streams::Framed };
        let attach = Request::post(&["containers", container, "attach"])
            .query("stream", "1")
            .query("stdin", if input.is_some() { "1" } else { "0" })
            .query("stdout", "1")
            .query("stderr", "1");
        let input = input.unwrap_or_default().to_owned().into();
        let start = ["containers", container, "start"];
        let begin = self.act(&start, &[]);
        let mut output = self.attach(attach, streams, input, Exec::OUTPUT_LIMIT, begin).await?;
        let wait = Request::post(&["containers", container, "wait"]);
        let ended: Value = self.send(wait).await?.json()?;
        let status = ended["StatusCode"].as_i64().unwrap_or_default();
        output.status = i32::try_from(status).unwrap_or(i32::MAX);
        Ok(output)
    }

    /// Starts a container and waits for its next end, as long as it takes; gives the status that it
    /// has ended with. `started` is told when it runs.
    pub async fn run_until_it_ends(
        &self,
        container: &str,
        started: oneshot::Sender<()>,
    ) -> Result<i64, EngineError> {
        let begin = async {
            self.act(&["containers", container, "start"], &[]).await?;
            // Whoever does not listen does not need to know.
            let _ = started.send(());
            Ok(())
        };
        let wait = Request::post(&["containers", container, "wait"])
            .query("condition", "next-exit")
            .timeout(Self::LONG);
        let ended = self.engine.wait(wait, begin).await?;
        Ok(ended["StatusCode"].as_i64().unwrap_or(-1))
    }

    /// Starts a command in a container, and leaves it; gives its id.
    pub async fn start_in(&self, command: &ContainerCommand) -> Result<String, Failure> {
        let refused = |error| command.refused(error);
        let id = self.prepare(command, false).await.map_err(refused)?;
        let start = json!({"Detach": true, "Tty": command.terminal});
        self.post(&["exec", &id, "start"], &start).await.map_err(refused)?;
        Ok(id)
    }

    async fn prepare(
        &self,
        command: &ContainerCommand,
        reads: bool,
    ) -> Result<String, EngineError> {
        let environment = command.environment.iter();
        let environment: Vec<String> =
            environment.map(|(name, value)| format!("{name}={value}")).collect();
        let mut body = json!({
            "AttachStdin": reads,
            "AttachStdout": true,
            "AttachStderr": true,
            "Cmd": command.argv,
            "Env": environment,
            "Tty": command.terminal,
            "Privileged": command.privileged,
            "User": command.user.as_deref().unwrap_or_default(),
        });
        if let Some(directory) = &command.directory {
            body["WorkingDir"] = directory.as_str().into();
        }
        let answer = self.post(&["containers", &command.container, "exec"], &body).await?;
        Ok(answer["Id"].as_str().unwrap_or_default().to_owned())
    }

    /// The status that a command has ended with. Its output ends a moment before it does.
    async fn status_of(&self, id: &str) -> Result<i32, EngineError> {
        const PAUSE: Duration = Duration::from_millis(20);
        const LOOKS: usize = 250;
        for _ in 0..LOOKS {
            let told: Value = self.ask(&["exec", id, "json"], &[]).await?;
            if let (Some(false), Some(status)) =
                (told["Running"].as_bool(), told["ExitCode"].as_i64())
            {
                return Ok(i32::try_from(status).unwrap_or(i32::MAX));
            }
            tokio::time::sleep(PAUSE).await;
        }
        // It has closed its output, and goes on without it.
        Ok(0)
    }
}

impl ContainerCommand {
    fn refused(&self, error: EngineError) -> Failure {
        let container = &self.container;
        match &error {
            EngineError::Status { status: 404, .. } => {
                Failure::new(format!("Could not find container \"{container}\""))
            }
            EngineError::Status { status: 409, message } if message.contains("paused") => {
                Failure::new(format!("The container \"{container}\" has been paused ({message})"))
                    .help("`docker_container` with `paused: false` lets it go on")
            }
            _ => failed(error, &format!("running a command in container {container}")),
        }
    }
}
