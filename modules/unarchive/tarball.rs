//! Archives of tar.

use super::Args;
use super::archive::{Archive, Comparison, Packing};
use super::members::Members;
use super::site::Site;
use crate::sdk::file::Payload;
use crate::sdk::{Failure, Observer, Output, Probe, Wildcard, unescape};

/// What tar says behind a member's name and a colon, and what decides whether it counts.
const DIFFERENCES: &[(&str, Counts)] = &[
    ("Mod time differs", Counts::Always),
    ("Contents differ", Counts::Always),
    ("Size differs", Counts::Always),
    ("Symlink differs", Counts::Always),
    ("Uid differs", Counts::Owner),
    ("Gid differs", Counts::Group),
    ("Mode differs", Counts::Mode),
];

#[derive(Debug, Clone, Copy)]
enum Counts {
    Always,
    Owner,
    Group,
    Mode,
}

/// What tar is told whether it compares or extracts.
pub(super) fn options(archive: &Archive, args: &Args) -> Vec<String> {
    let mut words: Vec<String> = match archive.packing {
        Packing::Tar | Packing::Zip => vec![],
        Packing::Gzip => vec!["-z".to_owned()],
        Packing::Bzip2 => vec!["-j".to_owned()],
        Packing::Xz => vec!["-J".to_owned()],
        Packing::Zstd => vec!["--use-compress-program=zstd".to_owned()],
    };
    if !args.extra_opts.is_empty() {
        words.push("--show-transformed-names".to_owned());
        words.extend(args.extra_opts.iter().cloned());
    }
    let pair = |name: &str, value: &Option<String>| {
        value.as_ref().map(|value| format!("--{name}={value}"))
    };
    words.extend(pair("owner", &args.attributes.owner));
    words.extend(pair("group", &args.attributes.group));
    words.extend(args.keep_newer.then(|| "--keep-newer-files".to_owned()));
    let excluded = args.exclude.iter().map(|name| name.trim_end_matches('/'));
    words.extend(excluded.map(|name| format!("--exclude={name}")));
    words.push("-f".to_owned());
    words.push(match &archive.payload {
        Payload::Remote { path, .. } => path.clone(),
        Payload::Bytes(_) | Payload::Local { .. } => "-".to_owned(),
    });
    words.extend(args.include.iter().cloned());
    words
}

pub(super) async fn compare(
    archive: &Archive,
    args: &Args,
    site: &Site,
    host: &Observer<'_>,
) -> Result<Comparison, Failure> {
    const COMPARE: Probe = Probe(include_str!("tarball.sh"));
    if site.tar.is_empty() {
        return Err(Failure::new(format!(
            "Failed to find handler for \"{}\": the host has no GNU tar",
            args.src
        ))
        .help("install the package `tar`"));
    }
    let dest = site.directory();
    let words = [site.tar.clone(), dest.clone()].into_iter().chain(options(archive, args));
    let output = host.probe_sending(COMPARE, words, &archive.payload).await?;
    let said = output.stderr_text();
    if output.left_out > 0 {
        return Err(Failure::new("the archive has too many members to be compared"));
    }
    let read = Listing::read(&output, args, site)?;
    if output.status > 1 && (read.names.is_empty() || said.contains("unrecognized option")) {
        let why = said.trim();
        return Err(Failure::new(format!("Unable to list files in the archive: {why}")));
    }
    if read.names.is_empty() {
        return Err(Failure::new(format!(
            "Failed to find handler for \"{}\": tar found no files in the archive. Empty archive \
             files are not supported.",
            args.src
        )));
    }
    let members = Members::look(args, &dest, &read.names, host).await?;
    let Listing { names, differences } = read;
    Ok(Comparison { names, differences, newer: vec![], members })
}

/// What tar printed.
#[derive(Debug, Default, PartialEq)]
struct Listing {
    names: Vec<String>,
    differences: Vec<String>,
}

impl Listing {
    fn read(output: &Output, args: &Args, site: &Site) -> Result<Self, Failure> {
        let excluded: Vec<Wildcard> = args
            .exclude
            .iter()
            .map(|name| Wildcard::new(name.trim_end_matches('/')).map_err(Failure::new))
            .collect::<Result<_, _>>()?;
        let counts = |counts: Counts| match counts {
            Counts::Always => true,
            Counts::Owner => site.user.0 == 0 && args.attributes.owner.is_none(),
            Counts::Group => site.user.0 == 0 && args.attributes.group.is_none(),
            Counts::Mode => args.attributes.mode.is_none(),
        };
        let mut listing = Self::default();
        let mut last = String::new();
        for line in output.stdout_text().lines() {
            let said = line.strip_prefix(&last).and_then(|rest| rest.strip_prefix(": "));
            let known = said.and_then(|said| DIFFERENCES.iter().find(|(words, _)| *words == said));
            if let Some((_, matters)) = known {
                if counts(*matters) {
                    listing.differences.push(line.to_owned());
                }
                continue;
            }
            if said.is_some() && !last.is_empty() {
                // Another kind of file is there, or it cannot be read.
                listing.differences.push(line.to_owned());
                continue;
            }
            line.clone_into(&mut last);
            let name = String::from_utf8_lossy(&unescape(line)).into_owned();
            let name = name.trim_start_matches('/').to_owned();
            if !excluded.iter().any(|wildcard| wildcard.matches(&name)) {
                listing.names.push(name);
            }
        }
        let said = output.stderr_text();
        let matters = |line: &&str| {
            let missing = line.ends_with(": Warning: Cannot stat: No such file or directory")
                && !line.contains(": : Warning");
            missing || line.contains(": Invalid owner") || line.contains(": Invalid group")
        };
        listing.differences.extend(said.lines().filter(matters).map(str::to_owned));
        Ok(listing)
    }
}
