//! `rplay install`: roles and collections that others wrote.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::super::args::InstallArgs;
use super::super::config::Config;
use super::super::fault::Fault;
use super::super::install::{self, Installation, Kind};
use super::super::{Exit, tell};
use crate::base::{Diagnostics, Redactor, Sources};

/// The server that knows roles and collections by name.
const SERVER: &str = "https://galaxy.ansible.com";

pub(crate) fn run(args: &InstallArgs, config: &Config, redactor: &Redactor) -> Result<(), Fault> {
    let sources = Sources::default();
    let told = |found: &Diagnostics| {
        tell::diagnostics(found, &sources, redactor);
        Fault::silent(Exit::Project)
    };
    let file = requirements(args)?;
    let server = args.server.as_deref().or(config.text("server")).unwrap_or(SERVER);
    let read = install::read(&file, server, &sources).map_err(|faults| told(&faults))?;
    let folder = |given: Option<&PathBuf>, setting, usual: &str| {
        let configured = config.paths(setting, ':').into_iter().next();
        given.cloned().or(configured).unwrap_or_else(|| PathBuf::from(usual))
    };
    let only_collections = args.only == Some(Kind::Collection);
    let (roles, collections) = match &args.path {
        path if only_collections => (None, path.as_ref()),
        path => (path.as_ref(), args.collections_path.as_ref()),
    };
    let installation = Installation {
        roles: folder(roles, "roles_path", "roles"),
        collections: folder(collections, "collections_path", "collections"),
        only: args.only,
        lock: file.with_extension("lock"),
        force: args.force,
        update: args.update,
        check: args.check,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::other(format!("cannot start: {error}")))?;
    let mut out = io::stdout().lock();
    let work = installation.run(&read, redactor, |step| {
        // Where nobody reads it any more, the work goes on all the same.
        let _ = writeln!(out, "{}", redactor.redact(&step.to_string()));
    });
    let faults = runtime.block_on(work).map_err(Fault::other)?;
    if faults.is_empty() {
        return Ok(());
    }
    let mut found = Diagnostics::default();
    found.extend(faults);
    told(&found);
    Err(Fault::silent(Exit::Error))
}

/// Where requirements usually stand.
const USUAL: [&str; 4] = [
    "requirements.yml",
    "requirements.yaml",
    "roles/requirements.yml",
    "collections/requirements.yml",
];

/// The file that was given, or the usual one.
fn requirements(args: &InstallArgs) -> Result<PathBuf, Fault> {
    if let Some(file) = args.requirements.as_ref().or(args.role_file.as_ref()) {
        return Ok(file.clone());
    }
    let found = USUAL.iter().map(Path::new).find(|path| path.is_file());
    found.map(Path::to_path_buf).ok_or_else(|| {
        Fault::usage("there is no requirements.yml").help("name the file: rplay install FILE")
    })
}
