//! The files of a project, read from the host.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::base::{Diagnostic, Redactor};
use crate::compose::{Files, Loaded, Loader, Project, Settings, Variables, Wanted};
use crate::sdk::{Failure, Observer, Probe};

/// Prints files.
const READ: Probe = Probe(include_str!("read.sh"));
/// How often files may name further files.
const ROUNDS: usize = 40;
/// What `docker compose` looks for where no file is named.
const NAMES: [&str; 4] =
    ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/// All that a project is read from: the host's files, and the caller's variables.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ComposeFiles {
    /// Where the caller is at home.
    home: String,
    /// The folder that the caller stands in.
    here: String,
    /// The caller's variables.
    variables: Variables,
    /// The content of files by their paths; nothing for one that is not there.
    files: BTreeMap<String, Option<Content>>,
}

/// A file's content: text, or anything.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Binary { base64: String },
}

impl std::fmt::Debug for ComposeFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.files.keys()).finish()
    }
}

impl ComposeFiles {
    /// Reads the project. Files that it names and that were not read are not there.
    ///
    /// # Errors
    ///
    /// What is wrong with the files, each with an excerpt.
    pub fn project(&self, wanted: &Wanted) -> Result<Project, Failure> {
        let mut files = self.bytes();
        loop {
            match self.load(wanted, &files)? {
                Loaded::Project(project) => return Ok(*project),
                Loaded::Needs(paths) => files.0.extend(paths.into_iter().map(|path| (path, None))),
            }
        }
    }

    /// What variables say of the project itself.
    ///
    /// # Errors
    ///
    /// What is wrong with the files of variables.
    pub fn settings(&self, wanted: &Wanted) -> Result<Settings, Failure> {
        self.read(wanted, &self.bytes(), |loader| loader.settings())
    }

    fn load(&self, wanted: &Wanted, files: &Files) -> Result<Loaded, Failure> {
        #[expect(
            clippy::redundant_closure_for_method_calls,
            reason = "the method alone is of one lifetime only"
        )]
        self.read(wanted, files, |loader| loader.load())
    }

    fn read<T>(
        &self,
        wanted: &Wanted,
        files: &Files,
        read: impl FnOnce(&mut Loader<'_>) -> Result<T, Vec<Diagnostic>>,
    ) -> Result<T, Failure> {
        let mut wanted = wanted.clone();
        wanted.home.clone_from(&self.home);
        wanted.here.clone_from(&self.here);
        wanted.variables.clone_from(&self.variables);
        let redactor = Redactor::default();
        let mut loader = Loader::new(&wanted, files, &redactor);
        read(&mut loader).map_err(|faults| {
            let shown = faults.iter().map(|f| f.render(&loader.sources, &redactor, false));
            let shown: Vec<String> = shown.collect();
            Failure::new(format!("the compose files do not hold together\n{}", shown.join("\n")))
        })
    }

    fn bytes(&self) -> Files {
        let content = |content: &Content| match content {
            Content::Text(text) => Bytes::from(text.clone()),
            Content::Binary { base64 } => Bytes::from(STANDARD.decode(base64).unwrap_or_default()),
        };
        Files(self.files.iter().map(|(k, v)| (k.clone(), v.as_ref().map(content))).collect())
    }

    /// The files that `docker compose` takes in a folder: the first of the usual names, and the
    /// one that is laid over it.
    ///
    /// # Errors
    ///
    /// There is none of the names.
    pub fn usual(&self, folder: &str) -> Result<Vec<String>, Failure> {
        let is_there = |path: &String| self.files.get(path).is_some_and(Option::is_some);
        let paths = usual_paths(folder);
        let main = paths.iter().map(|(main, _)| main).find(|path| is_there(path));
        let upper = paths.iter().map(|(_, upper)| upper).find(|path| is_there(path));
        let main = main.ok_or_else(|| {
            Failure::new(format!("{folder} has no compose file"))
                .help(format!("it would be called {}; `files` names others", NAMES.join(", ")))
        })?;
        Ok([Some(main), upper].into_iter().flatten().cloned().collect())
    }
}

/// The files that are looked for in a folder: each with the one that is laid over it.
pub(super) fn usual_paths(folder: &str) -> Vec<(String, String)> {
    let of = |name: &str| format!("{folder}/{name}");
    NAMES.iter().map(|name| (of(name), of(&name.replacen(".y", ".override.y", 1)))).collect()
}

impl Observer<'_> {
    /// Reads all that a project is made of; as many round trips as files name further ones.
    /// These `paths` are read at once; `decide` completes what is wanted from what is there.
    pub async fn compose_files(
        &self,
        folder: &str,
        paths: &[String],
        decide: impl Fn(&ComposeFiles) -> Result<Wanted, Failure>,
    ) -> Result<ComposeFiles, Failure> {
        let mut files = ComposeFiles {
            variables: self.environment().iter().cloned().collect(),
            ..ComposeFiles::default()
        };
        self.fetch(paths, &mut files).await?;
        let here = match folder {
            "" => files.here.clone(),
            _ if folder.starts_with('/') => folder.to_owned(),
            _ => format!("{}/{folder}", files.here),
        };
        let given = [("HOME", files.home.clone()), ("PWD", here)];
        for (name, value) in given {
            files.variables.entry(name.to_owned()).or_insert(value);
        }
        for _ in 0..ROUNDS {
            let wanted = decide(&files)?;
            match files.load(&wanted, &files.bytes())? {
                Loaded::Project(project) => {
                    let secrets =
                        project.contents.iter().filter(|(k, _)| k.starts_with("secrets/"));
                    for (_, content) in secrets {
                        self.hide(std::str::from_utf8(content).unwrap_or_default().trim_end());
                    }
                    return Ok(files);
                }
                Loaded::Needs(paths) => self.fetch(&paths, &mut files).await?,
            }
        }
        Err(Failure::new("the compose files name further files without end"))
    }

    async fn fetch(&self, paths: &[String], files: &mut ComposeFiles) -> Result<(), Failure> {
        let output = self.probe(READ, paths).await?;
        if !output.success() {
            return Err(Failure::of_program("reading the compose files", &output));
        }
        let mut rest = Bytes::from(output.stdout);
        files.home = line_of(&mut rest);
        files.here = line_of(&mut rest);
        for path in paths {
            let content = match line_of(&mut rest).trim() {
                "-" => None,
                "!" => {
                    return Err(Failure::new(format!("{path} cannot be read"))
                        .help("it must be a file that the task's user may read; `become` helps"));
                }
                size => match size.parse() {
                    Ok(size) if size <= rest.len() => Some(rest.split_to(size)),
                    _ => return Err(Failure::new(format!("{path} is too large to be read"))),
                },
            };
            let content = content.map(|bytes| match std::str::from_utf8(&bytes) {
                Ok(text) => Content::Text(text.to_owned()),
                Err(_) => Content::Binary { base64: STANDARD.encode(&bytes) },
            });
            files.files.insert(path.clone(), content);
        }
        Ok(())
    }
}

/// Takes the first line off.
fn line_of(rest: &mut Bytes) -> String {
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let line = rest.split_to(end);
    *rest = rest.slice(rest.len().min(1)..);
    String::from_utf8_lossy(&line).into_owned()
}
