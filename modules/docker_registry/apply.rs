//! Does what was decided.

use std::time::{Duration, Instant};

use serde_json::json;

use super::change::{Change, Entry, Source, Step};
use super::files;
use super::server::Server;
use crate::sdk::docker::{DockerWriter, Doing, EngineError};
use crate::sdk::file::{AttributeChange, Content, FileWrite, Payload, Permissions, parent};
use crate::sdk::tls::Authority;
use crate::sdk::{Exec, Failure, Observer, Operator, Probe, Returned, Secret, Value};

/// How long lies between two looks.
const PAUSE: Duration = Duration::from_millis(300);
/// Prints a file, if there is one.
const READ: Probe = Probe(r#"if [ -e "$1" ]; then cat "$1"; fi"#);

impl Change {
    /// Does it, step by step.
    pub(super) async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let work = Work {
            host,
            docker: host.docker(&self.docker)?,
            name: self.name,
            folder: self.folder,
            patience: Duration::from_secs(self.patience),
        };
        for step in self.steps {
            work.step(step).await?;
        }
        Ok(Returned::new())
    }
}

/// A change on its way.
struct Work<'w, 'h> {
    host: &'w Operator<'h>,
    docker: DockerWriter,
    name: String,
    folder: String,
    patience: Duration,
}

impl Work<'_, '_> {
    async fn step(&self, step: Step) -> Result<(), Failure> {
        let name = &self.name;
        match step {
            Step::Pull(pull) => pull.run(&self.docker).await.map(drop),
            Step::MakeAuthority { name } => {
                let made = Authority::make(&name)?.issued()?;
                self.host.hide(made.key.reveal());
                self.write(files::AUTHORITY_KEY, made.key.reveal(), 0o600).await?;
                self.write(files::AUTHORITY, &made.certificate, 0o644).await
            }
            Step::Issue { names, days } => self.issue(&names, days).await,
            Step::Put { certificate, key } => self.put(&certificate, &key).await,
            Step::Users(entries) => self.write_users(&entries).await,
            Step::Run { server, replaces } => self.run(&server, replaces.as_deref()).await,
            Step::Restart => self.act("restart", "restarting").await,
            Step::Start => self.act("start", "starting").await,
            Step::Trust { paths, authority } => self.trust(&paths, authority).await,
            Step::Distrust(paths) => {
                const REMOVE: &str =
                    r#"for path do rm -f "$path"; rmdir "${path%/*}" 2>/dev/null || :; done"#;
                let exec = Exec::script(REMOVE).args(&paths);
                self.host.must("removing what the Engine trusts", exec).await.map(drop)
            }
            Step::Remove => {
                let query = [("force", "1"), ("v", "1")];
                let removed = self.docker.remove(&["containers", name], &query).await;
                removed.doing(|| format!("removing {name}")).map(drop)
            }
            Step::RemoveVolume(volume) => {
                let removed = self.docker.delete(&["volumes", &volume]).await;
                removed.doing(|| format!("removing volume {volume}")).map(drop)
            }
            Step::RemoveImages(folder) => {
                // What the registry keeps there, and nothing else that may be there.
                let exec = Exec::script(r#"rm -rf "$1/docker/registry""#).arg(folder);
                self.host.must("removing the images", exec).await.map(drop)
            }
            Step::RemoveFolder => {
                const REMOVE: &str = r#"
cd "$1" && rm -rf ca.crt ca.key serve && cd / && { rmdir "$1" 2>/dev/null || :; }"#;
                let exec = Exec::script(REMOVE).arg(&self.folder);
                self.host.must("removing the registry's folder", exec).await.map(drop)
            }
            Step::Wait(address) => self.wait(&address).await,
        }
    }

    async fn act(&self, verb: &str, doing: &str) -> Result<(), Failure> {
        let done = self.docker.act(&["containers", &self.name, verb], &[]).await;
        done.doing(|| format!("{doing} {}", self.name))
    }

    /// Lets the authority that the host keeps sign a certificate.
    async fn issue(&self, names: &[String], days: u64) -> Result<(), Failure> {
        let authority = self.read(files::AUTHORITY).await?;
        let key = Secret::new(self.read(files::AUTHORITY_KEY).await?);
        self.host.hide(key.reveal());
        let issued = Authority::read(&authority, &key)?.issue(names, days)?;
        self.host.hide(issued.key.reveal());
        self.put(&issued.certificate, &issued.key).await
    }

    async fn put(&self, certificate: &str, key: &Secret) -> Result<(), Failure> {
        self.write(files::KEY, key.reveal(), 0o600).await?;
        self.write(files::CERTIFICATE, certificate, 0o644).await
    }

    async fn write_users(&self, entries: &[Entry]) -> Result<(), Failure> {
        let mut text = String::new();
        for entry in entries {
            text.push_str(&match entry {
                Entry::Keep(line) => line.clone(),
                Entry::Make(user) => user.line()?,
            });
            text.push('\n');
        }
        self.write(files::USERS, &text, 0o600).await
    }

    async fn read(&self, name: &str) -> Result<String, Failure> {
        let path = format!("{}/{name}", self.folder);
        let output =
            self.host.must(&format!("reading {path}"), Exec::program(["cat", &path])).await?;
        Ok(output.stdout_text().into_owned())
    }

    /// Writes a file of the folder, which nobody else may enter.
    async fn write(&self, name: &str, text: &str, mode: u32) -> Result<(), Failure> {
        let path = format!("{}/{name}", self.folder);
        write(self.host, path, text, mode).await
    }

    /// Makes the container. One whose place it takes is kept until the new one runs.
    async fn run(&self, server: &Server, replaces: Option<&str>) -> Result<(), Failure> {
        let name = &self.name;
        let aside = format!("{name}.rplay-old");
        let query = [("force", "1")];
        if let Some(old) = replaces {
            // Left behind by a run that was cut off.
            self.docker.remove(&["containers", &aside], &query).await?;
            let doing = || format!("replacing {name}");
            self.docker.act(&["containers", old, "stop"], &[]).await.doing(doing)?;
            let renamed =
                self.docker.act(&["containers", old, "rename"], &[("name", &aside)]).await;
            renamed.doing(doing)?;
        }
        match (self.start(server).await, replaces) {
            (Ok(()), None) => Ok(()),
            (Ok(()), Some(old)) => {
                let removed = self.docker.remove(&["containers", old], &query).await;
                removed.doing(|| format!("removing what {name} was")).map(drop)
            }
            (Err(lost @ Failure::Connection(_)), _) => Err(lost),
            (Err(failure), replaces) => {
                self.docker.remove(&["containers", name], &[("force", "1"), ("v", "1")]).await?;
                let Some(old) = replaces else { return Err(failure) };
                self.docker.act(&["containers", old, "rename"], &[("name", name)]).await?;
                self.docker.act(&["containers", old, "start"], &[]).await?;
                Err(failure.then("the old container was put back as it was"))
            }
        }
    }

    async fn start(&self, server: &Server) -> Result<(), Failure> {
        let request = crate::sdk::docker::Request::post(&["containers", "create"])
            .query("name", &self.name)
            .json(&server.body()?);
        self.docker.send(request).await.doing(|| format!("creating {}", self.name))?;
        self.act("start", "starting").await
    }

    async fn trust(&self, paths: &[String], authority: Source) -> Result<(), Failure> {
        let pem = match authority {
            Source::Given(pem) => pem,
            Source::Server { host, other_than } => self.fetch(&host, other_than).await?,
        };
        for path in paths {
            write(self.host, path.clone(), &pem, 0o644).await?;
        }
        Ok(())
    }

    /// The authority of the host that serves, as soon as it is there.
    async fn fetch(&self, server: &str, other_than: Option<String>) -> Result<String, Failure> {
        let controller = self.host.controller();
        let own = controller.hostname() == server;
        let peer = if own { None } else { Some(controller.peer(server).await?) };
        let observer: Observer<'_> = self.host.observer();
        let observer = peer.as_ref().map_or(observer, |peer| self.host.observer().at(peer));
        let path = format!("{}/{}", self.folder, files::AUTHORITY);
        let since = Instant::now();
        loop {
            let pem = observer.probe(READ, [&path]).await?.stdout_text().into_owned();
            if !pem.is_empty() && Some(&pem) != other_than.as_ref() {
                return Ok(pem);
            }
            let failed = controller.has_failed(server);
            if failed || since.elapsed() > self.patience {
                let why = if failed { "failed in this play" } else { "has made none yet" };
                return Err(Failure::new(format!(
                    "the registry's authority is not known: {server} {why}"
                ))
                .help(format!("let the task run on {server} too, before or at the same time")));
            }
            controller.pause(PAUSE).await;
        }
    }

    /// Waits until the registry answers the host's Engine; that it asks for a login is an answer.
    async fn wait(&self, address: &str) -> Result<(), Failure> {
        let since = Instant::now();
        loop {
            let body = json!({"serveraddress": address});
            let said = match self.docker.post(&["auth"], &body).await {
                Ok(_) | Err(EngineError::Status { status: 401, .. }) => return Ok(()),
                Err(EngineError::Status { message, .. }) => message,
                Err(error) => return Err(error.into()),
            };
            // What asks for a login is no error of the registry, whatever status the Engine makes of it.
            if said.contains("no basic auth credentials") || said.contains("unauthorized") {
                return Ok(());
            }
            if since.elapsed() > self.patience {
                let container: Option<Value> =
                    self.docker.get(&["containers", &self.name, "json"]).await?;
                let status =
                    container.map(|now| now["State"]["Status"].clone()).unwrap_or_default();
                return Err(Failure::new(format!(
                    "the registry does not answer at {address}: {said}; its container is {status}"
                ))
                .help(format!("`docker logs {}` on the host says more", self.name)));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Puts a file in place, in a folder that is made where there is none.
async fn write(host: &Operator<'_>, path: String, text: &str, mode: u32) -> Result<(), Failure> {
    let folder = Exec::program(["mkdir", "-p", parent(&path)]);
    host.must(&format!("making the folder of {path}"), folder).await?;
    let write = FileWrite {
        path,
        payload: Payload::Bytes(Content(text.as_bytes().to_vec())),
        attributes: AttributeChange {
            mode: Some(Permissions::new(mode)),
            ..AttributeChange::default()
        },
        before: String::new(),
        backup: false,
        expected: None,
        validate: None,
        unsafe_writes: false,
    };
    write.apply(host).await.map(drop)
}
