//! What every module about a compose project takes.

use super::files::usual_paths;
use super::{ComposeFiles, Definition, Project, Source, Wanted};
use crate::sdk::docker::{DockerOptions, EngineOptions};
use crate::sdk::{Failure, Observer};

/// Where a project is described.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct ComposeOptions {
    /// The project's folder on the host; the first of `compose.yaml`, `compose.yml`,
    /// `docker-compose.yaml` and `docker-compose.yml` in it is read, with the override beside it.
    pub project_src: Option<String>,
    /// Name of the project; else the variable `COMPOSE_PROJECT_NAME` of the task's `environment` or
    /// of `.env`, else that in the file, else that of the folder.
    pub project_name: Option<String>,
    /// Files to read instead, each laid over those before it; relative to the folder. Where this is
    /// not given, the variable `COMPOSE_FILE` may name them.
    pub files: Option<Vec<String>>,
    /// The project itself, in place of a folder; its paths must be absolute.
    pub definition: Option<Definition>,
    /// Files of variables to read instead of `.env`; relative to the folder.
    pub env_files: Option<Vec<String>>,
    /// Profiles whose services belong to the project, too; else those of the variable
    /// `COMPOSE_PROFILES`.
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
        let usual = || usual_paths(&folder).into_iter().flat_map(|(main, upper)| [main, upper]);
        let mut paths = match (self.named(&folder)?, &self.definition) {
            (Some(named), _) => named,
            (None, Some(_)) => vec![],
            (None, None) => usual().collect(),
        };
        match self.env_files(&folder)? {
            Some(files) => paths.extend(files),
            None if folder.is_empty() => {}
            None => paths.push(below(&folder, ".env")),
        }
        let decide = |files: &ComposeFiles| self.wanted(files, services);
        host.compose_files(&folder, &paths, decide).await
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
        let env_files = self.env_files(&folder)?;
        let mut wanted =
            Wanted { folder, env_files, services: services.to_vec(), ..Wanted::default() };
        // What the task does not say, variables may say, as they do for Docker's own tool.
        let settings = files.settings(&wanted)?;
        let folder = &wanted.folder;
        let paths = match (self.named(folder)?, &self.definition, settings.files) {
            (Some(paths), ..) => paths,
            (None, Some(_), _) => vec![],
            (None, None, Some(paths)) => paths.iter().map(|path| below(folder, path)).collect(),
            (None, None, None) => files.usual(folder)?,
        };
        let definition = self.definition.iter().map(|own| Source::Definition(own.0.clone()));
        wanted.sources = paths.into_iter().map(Source::Path).chain(definition).collect();
        wanted.name = self.project_name.clone().or(settings.name);
        let is_silent = self.profiles.is_empty();
        wanted.profiles = if is_silent { settings.profiles } else { self.profiles.clone() };
        Ok(wanted)
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
            (None, Some(_)) => Ok(String::new()),
            (None, None) => {
                Err(Failure::new("one of the following is required: definition, project_src"))
            }
        }
    }

    fn named(&self, folder: &str) -> Result<Option<Vec<String>>, Failure> {
        all_below(folder, "files", self.files.as_deref())
    }

    fn env_files(&self, folder: &str) -> Result<Option<Vec<String>>, Failure> {
        all_below(folder, "env_files", self.env_files.as_deref())
    }
}

/// The paths that an argument gives; a definition has no folder that they could be relative to.
fn all_below(
    folder: &str,
    name: &str,
    paths: Option<&[String]>,
) -> Result<Option<Vec<String>>, Failure> {
    let Some(paths) = paths else { return Ok(None) };
    match paths.iter().find(|path| folder.is_empty() && !path.starts_with('/')) {
        Some(path) => Err(Failure::new(format!(
            "`{name}` has the relative path `{path}`, and a definition has no folder"
        ))
        .help("write an absolute path")),
        None => Ok(Some(paths.iter().map(|path| below(folder, path)).collect())),
    }
}

fn below(folder: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("{folder}/{path}") }
}
