//! The command `docker` on a host, for what moves much data between its Engine and its files.

use super::DockerOptions;
use crate::remote::{Exec, Output};
use crate::sdk::{Failure, Operator};

/// How a shell says that there is no such program.
const NOT_FOUND: i32 = 127;

impl Operator<'_> {
    /// Where the host's Engine listens, as the command takes it.
    pub fn docker_address(&self, options: &DockerOptions) -> Result<String, Failure> {
        Ok(options.access(self.host())?.address.to_string())
    }

    /// Runs the command `docker` on the host, for the host's Engine; it must end well.
    ///
    /// The Engine's API would move images and archives through this machine; the command reads
    /// and writes the host's own files.
    pub async fn docker_command(
        &self,
        options: &DockerOptions,
        doing: &str,
        words: &[&str],
    ) -> Result<Output, Failure> {
        let address = options.access(self.host())?.address.to_string();
        let argv = ["docker", "--host", &address].into_iter().chain(words.iter().copied());
        let output = self.run(Exec::program(argv)).await?;
        if output.status == NOT_FOUND {
            return Err(Failure::new(format!("{doing} needs the command docker on the host"))
                .help("install it: package docker-cli or docker.io"));
        }
        if !output.success() {
            return Err(Failure::of_program(doing, &output));
        }
        Ok(output)
    }
}
