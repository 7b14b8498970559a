//! What every module about a compose project takes.

use super::{ComposeFiles, Definition, Project, Wanted};
use crate::sdk::docker::{DockerOptions, EngineOptions};
use crate::sdk::{Failure, Observer};

/// Where a project is described.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct ComposeOptions {
    /// The project's folder on the host; the first of `compose.yaml`, `compose.yml`,
    /// `docker-compose.yaml` and `docker-compose.yml` in it is read, with the override beside it.
    pub project_src: Option<String>,
    /// Name of the project; else that in the file, else that of the folder.
    pub project_name: Option<String>,
    /// Files to read instead, each laid over those before it; relative to the folder.
    pub files: Option<Vec<String>>,
    /// The project itself, in place of a folder.
    pub definition: Option<Definition>,
    /// Files of variables to read instead of `.env`; relative to the folder.
    pub env_files: Option<Vec<String>>,
    /// Profiles whose services belong to the project, too.
    #[arg(default)]
    pub profiles: Vec<String>,
    /// Taken for compatibility: files that are missing are always told of.
    #[arg(name = "check_files_existing")]
    _check_files_existing: Option<bool>,
    /// Taken for compatibility: no Docker CLI is used.
    #[arg(name = "docker_cli")]
    _docker_cli: Option<String>,
    /// Taken for compatibility: no Docker CLI is used.
    #[arg(name = "cli_context")]
    _cli_context: Option<String>,
    /// How the Engine is reached. A time for its answers is none of these modules' options: for
    /// one of them, `timeout` is how long containers have for stopping.
    #[arg(flatten)]
    engine: EngineOptions,
}

impl ComposeOptions {
    /// How the Engine is reached.
    pub fn docker(&self) -> DockerOptions {
        self.engine.clone().into()
    }

    /// Reads all that the project is made of. Services that are named belong to it whatever
    /// their profile.
    pub async fn look(
        &self,
        host: &Observer<'_>,
        services: &[String],
    ) -> Result<ComposeFiles, Failure> {
        let folder = self.folder()?;
        let named = self.named(&folder);
        let decide = |files: &ComposeFiles| self.wanted(files, services);
        let look_for_usual = named.is_none() && self.definition.is_none();
        host.compose_files(&folder, named.as_deref(), look_for_usual, decide).await
    }

    /// The project as its files say, which must have the services that are named.
    ///
    /// # Errors
    ///
    /// What is wrong with the files, or that there is no such service.
    pub fn project(&self, files: &ComposeFiles, services: &[String]) -> Result<Project, Failure> {
        let project = files.project(&self.wanted(files, services)?)?;
        let Some(name) = services.iter().find(|name| !project.services.contains_key(*name)) else {
            return Ok(project);
        };
        let all: Vec<&str> = project.services.keys().map(String::as_str).collect();
        Err(Failure::new(format!("no such service: {name}"))
            .help(format!("the project has {}", all.join(", "))))
    }

    fn wanted(&self, files: &ComposeFiles, services: &[String]) -> Result<Wanted, Failure> {
        let folder = self.folder()?;
        let paths = match (self.named(&folder), &self.definition) {
            (Some(paths), _) => paths,
            (None, Some(_)) => vec![],
            (None, None) => files.usual(&folder)?,
        };
        let env_files = self.env_files.as_ref();
        Ok(Wanted {
            name: self.project_name.clone(),
            paths,
            definitions: self.definition.iter().map(|definition| definition.0.clone()).collect(),
            env_files: env_files.map(|all| all.iter().map(|path| below(&folder, path)).collect()),
            profiles: self.profiles.clone(),
            services: services.to_vec(),
            folder,
            ..Wanted::default()
        })
    }

    fn folder(&self) -> Result<String, Failure> {
        match (&self.project_src, &self.definition) {
            (Some(_), Some(_)) => {
                Err(Failure::new("parameters are mutually exclusive: definition|project_src"))
            }
            (Some(folder), None) => Ok(folder.trim_end_matches('/').to_owned()),
            (None, Some(_)) if self.project_name.is_none() => {
                Err(Failure::new("missing parameter(s) required by 'definition': project_name"))
            }
            (None, Some(_)) => Ok(".".to_owned()),
            (None, None) => {
                Err(Failure::new("one of the following is required: definition, project_src"))
            }
        }
    }

    fn named(&self, folder: &str) -> Option<Vec<String>> {
        let files = self.files.as_ref()?;
        Some(files.iter().map(|path| below(folder, path)).collect())
    }
}

fn below(folder: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("{folder}/{path}") }
}
