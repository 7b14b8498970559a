//! `rplay inventory`: hosts, groups and variables.

use std::io::{self, Write};
use std::path::Path;

use super::super::args::InventoryArgs;
use super::super::config::Config;
use super::super::fault::Fault;
use super::super::{execute, tell, toml, wanted};
use crate::base::{Redactor, did_you_mean};
use crate::engine::{Project, What};
use crate::inventory::{Listing, Pattern};
use crate::value::Value;
use crate::value::yaml::{Style, to_yaml};

pub(crate) fn run(args: &InventoryArgs, config: &Config, redactor: &Redactor) -> Result<(), Fault> {
    let chosen = args.list || args.graph || args.host.is_some();
    if config.persona.is_ansible() && !chosen {
        // Scripts look for this sentence.
        return Err(Fault::usage(
            "No action selected, at least one of --host, --graph or --list needs to be specified.",
        ));
    }
    tell::settings(config, args.verbose)?;
    let settings = wanted::settings(What::Inventory, &args.hosts, &args.secrets, config, redactor)?;
    let project = execute::load(settings, config)?;
    let given = args.playbook_dir.clone().or_else(|| config.path("playbook_dir"));
    let here = std::env::current_dir().ok();
    let export = args.export || config.flag("export")?.unwrap_or(false);
    let listing = Listing {
        inventory: &project.inventory,
        // To export, only the variables of a folder that was named count.
        playbook: given.as_deref().or(here.as_deref().filter(|_| !export)),
        extra: &project.extra,
        export,
        hosts: None,
    };
    let text = if let Some(name) = &args.host {
        host(&listing, name, args)?
    } else if args.list {
        list(listing, &project, args, redactor)?
    } else {
        graph(&listing, args)?
    };
    write(&redactor.redact(&text), args.output.as_deref())
}

/// One host's variables.
fn host(listing: &Listing<'_>, name: &str, args: &InventoryArgs) -> Result<String, Fault> {
    let Some(host) = listing.inventory.host(name) else {
        let names = listing.inventory.hosts().map(|host| host.name.as_str());
        let help = did_you_mean(name, names, "`rplay inventory --list` lists them");
        // Scripts look for these words.
        let message = format!("Could not match supplied host pattern, ignoring: {name}");
        return Err(Fault::usage(message).help(help));
    };
    shown(listing.vars_of(host).into(), args)
}

/// Everything.
fn list<'i>(
    mut listing: Listing<'i>,
    project: &'i Project,
    args: &InventoryArgs,
    redactor: &Redactor,
) -> Result<String, Fault> {
    if let Some(limit) = &args.hosts.limit {
        let limit = Pattern::parse_limit(limit, &project.sources);
        let limit = limit.map_err(|fault| Fault::usage(fault.message))?;
        let (hosts, warnings) = project.inventory.select(&limit, None);
        tell::diagnostics(&warnings, &project.sources, redactor);
        listing.hosts = Some(hosts.into_iter().map(|host| host.name.as_str()).collect());
    }
    if args.yaml {
        return shown(listing.yaml(), args);
    }
    if args.toml {
        return shown(listing.toml(), args);
    }
    let mut document = listing.json();
    document["_meta"]["profile"] = "inventory_legacy".into();
    shown(document, args)
}

fn graph(listing: &Listing<'_>, args: &InventoryArgs) -> Result<String, Fault> {
    listing.graph(&args.group, args.vars).ok_or_else(|| {
        let groups = listing.inventory.groups();
        let help = did_you_mean(&args.group, groups.keys().copied(), "see `rplay inventory`");
        // Scripts look for this sentence.
        let message = "Pattern must be valid group name when using --graph";
        Fault::usage(format!("{message}: there is no group `{}`", args.group)).help(help)
    })
}

/// A document in the form that is wanted.
fn shown(mut document: Value, args: &InventoryArgs) -> Result<String, Fault> {
    if args.yaml {
        return Ok(to_yaml(&document, Style { flow: Some(false), ..Style::PLAIN }));
    }
    if args.toml {
        let fields = document.as_object().cloned().unwrap_or_default();
        return toml::document(&fields).map_err(|name| {
            Fault::other(format!("TOML has no word for nothing, which `{name}` is"))
        });
    }
    let mut text = Vec::new();
    let indent = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, indent);
    document.sort_all_objects();
    serde::Serialize::serialize(&document, &mut serializer).map_err(io::Error::from)?;
    text.push(b'\n');
    String::from_utf8(text).map_err(|error| Fault::other(error.to_string()))
}

fn write(text: &str, output: Option<&Path>) -> Result<(), Fault> {
    match output {
        None => Ok(io::stdout().lock().write_all(text.as_bytes())?),
        Some(path) => std::fs::write(path, text)
            .map_err(|error| Fault::other(format!("cannot write {}: {error}", path.display()))),
    }
}
