//! Unpacking.

use serde::Serialize;

use super::Args;
use super::archive::{Archive, Comparison, Packing};
use super::members::{input, with_top_folders};
use super::site::Site;
use super::tarball;
use crate::sdk::file::FileStat;
use crate::sdk::file::{Payload, explain, script};
use crate::sdk::{Diff, Exec, Failure, Operator, Plan, Returned, Side};

/// An archive to be unpacked.
#[derive(Debug, Clone, Serialize)]
pub struct Unpack {
    /// The directory.
    dest: String,
    archive: Archive,
    /// What tar or unzip is told; none where nothing has to be unpacked.
    words: Option<Vec<String>>,
    tar: String,
    /// The members that are given an owner, permissions and the like.
    names: Vec<String>,
    /// Owner, permissions, context and flags, as `settle.sh` takes them.
    settled: Vec<String>,
}

impl Unpack {
    /// Decides what has to be done.
    pub(super) fn plan(
        args: &Args,
        site: &Site,
        archive: &Archive,
        compared: &Comparison,
    ) -> Plan<Self> {
        let returned = Self::returned(args, site, archive, compared);
        let mut diffs = vec![];
        let has_differences = !compared.differences.is_empty();
        if has_differences {
            let after = serde_json::json!({"unpacked": compared.differences});
            diffs.push(Diff {
                subject: site.dest.path.clone(),
                before: Side::Absent,
                after: Side::fields(&after),
            });
        }
        diffs.extend(compared.members.diffs(args, &site.dest));
        if diffs.is_empty() {
            return Plan::Keep(returned);
        }
        let attributes = &args.attributes;
        let names = if attributes.is_given() { with_top_folders(&compared.names) } else { vec![] };
        let change = Self {
            dest: site.directory(),
            archive: archive.clone(),
            words: has_differences.then(|| match archive.packing {
                Packing::Zip => zip_words(args, compared),
                _ => tarball::options(archive, args),
            }),
            tar: site.tar.clone(),
            names,
            settled: settled(args),
        };
        Plan::Change { change, diffs, returned }
    }

    fn returned(args: &Args, site: &Site, archive: &Archive, compared: &Comparison) -> Returned {
        let stat = site.dest.followed().map(FileStat::returned).unwrap_or_default();
        let src = if site.src.is_empty() { args.src.clone() } else { site.absolute(&site.src) };
        let mut returned = stat
            .with("dest", &site.dest.path)
            .with("src", src)
            .with("handler", archive.packing.handler());
        if args.list_files {
            returned.set("files", &compared.names);
        }
        if !site.dest.path.starts_with('/') {
            let (path, absolute) = (&site.dest.path, site.directory());
            let warning = format!(
                "Relative destination path '{path}' was resolved to absolute path '{absolute}'."
            );
            returned.set("warnings", [warning]);
        }
        returned
    }

    pub(super) async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let mut returned = Returned::new();
        if let Some(words) = &self.words {
            let results = self.unpack(words, host).await?;
            returned.set("extract_results", results);
        }
        if !self.names.is_empty() {
            let exec = script(include_str!("settle.sh"))
                .arg(&self.dest)
                .args(&self.settled)
                .stdin(input(&self.names));
            let output = host.run(exec).await?;
            if !output.success() {
                return Err(explain("set the attributes of what is in", &self.dest, &output));
            }
        }
        Ok(returned)
    }

    async fn unpack(
        &self,
        words: &[String],
        host: &Operator<'_>,
    ) -> Result<serde_json::Value, Failure> {
        let path = match &self.archive.payload {
            Payload::Remote { path, .. } => path.clone(),
            _ => String::new(),
        };
        let kind = if self.archive.packing == Packing::Zip { "zip" } else { "tar" };
        let exec = script(include_str!("unpack.sh"))
            .args([kind, &self.dest, &self.tar, &path])
            .args(words);
        let output = host.run(self.archive.payload.sent_to(exec)).await?;
        let results = serde_json::json!({
            "rc": output.status,
            "out": output.stdout_text(),
            "err": output.stderr_text(),
            "cmd": words,
        });
        match output.status {
            0 => Ok(results),
            9 if kind == "zip" => Err(Failure::new(
                "Failed to find handler: Unable to find required 'unzip' binary in the path.",
            )
            .help("install the package `unzip`")),
            _ => Err(Failure::of_program("unpacking", &output)
                .returning(Returned::new().with("extract_results", results))),
        }
    }
}

/// What unzip is told.
fn zip_words(args: &Args, compared: &Comparison) -> Vec<String> {
    let mut words = args.extra_opts.clone();
    words.push("rplay:archive".to_owned());
    words.extend(args.include.iter().cloned());
    let excluded: Vec<String> = args.exclude.iter().chain(&compared.newer).cloned().collect();
    if !excluded.is_empty() {
        words.push("-x".to_owned());
        words.extend(excluded);
    }
    words
}

fn settled(args: &Args) -> Vec<String> {
    let attributes = &args.attributes;
    let given = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut owner = given(&attributes.owner);
    if let Some(group) = &attributes.group {
        owner = format!("{owner}:{group}");
    }
    let mode = attributes.mode.as_ref().filter(|mode| mode.0 != "preserve");
    // With fewer than five digits GNU's leaves a directory's set-group-id as it is.
    let mode = mode.map(|mode| match u32::from_str_radix(&mode.0, 8) {
        Ok(bits) => format!("{bits:05o}"),
        Err(_) => mode.0.clone(),
    });
    vec![
        owner,
        mode.unwrap_or_default(),
        given(&attributes.seuser),
        given(&attributes.serole),
        given(&attributes.setype),
        given(&attributes.selevel),
        given(&attributes.attributes),
    ]
}

/// A script of its own that removes a directory for what was downloaded.
pub(super) fn remove(folder: &str) -> Exec {
    Exec::script("rm -rf -- \"$1\"").arg(folder)
}
