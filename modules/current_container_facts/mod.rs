//! `current_container_facts`: see [`Args`], which is also what
//! `rplay doc current_container_facts` prints.

use crate::sdk::{
    Arguments, Failure, Module, Observer, Operator, Plan, Probe, Returned, Sections, Value,
};

/// What the kernel says of the shell.
const PROBE: Probe =
    Probe(concat!(include_str!("../../src/sdk/sections.sh"), include_str!("probe.sh")));

/// Finds out whether the host is a container.
///
/// Returns the facts `ansible_module_running_in_container`, `ansible_module_container_id` and
/// `ansible_module_container_type`, which is `docker`, `podman`, `azure_pipelines`,
/// `github_actions`, or empty.
#[derive(Debug, Arguments)]
pub struct Args {}

impl Module for Args {
    type State = Sections;
    type Change = ();

    async fn observe(&self, host: &Observer<'_>) -> Result<Sections, Failure> {
        Ok(Sections::parse(&host.probe(PROBE, [] as [&str; 0]).await?))
    }

    fn plan(&self, now: &Sections) -> Result<Plan<()>, Failure> {
        let found = by_path(now.word("cpuset"))
            .or_else(|| {
                now.get("cgroup").lines().find_map(|line| by_path(line.rsplit(':').next()?))
            })
            .or_else(|| by_mounts(now.get("mountinfo")));
        let (kind, id) = found.unwrap_or_default();
        let facts: Value = [
            ("ansible_module_running_in_container", Value::from(!id.is_empty())),
            ("ansible_module_container_id", id.into()),
            ("ansible_module_container_type", kind.into()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        Ok(Plan::Keep(Returned::new().with("ansible_facts", facts)))
    }

    async fn apply((): (), _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}

/// The container that the path of a control group names: `/docker/ID`.
fn by_path(path: &str) -> Option<(&'static str, &str)> {
    let (folder, id) = path.trim().rsplit_once('/')?;
    let kind = match folder {
        "/docker" => "docker",
        "/azpl_job" => "azure_pipelines",
        "/actions_job" => "github_actions",
        _ => return None,
    };
    (!id.is_empty()).then_some((kind, id))
}

/// The container whose folder `/etc/hostname` is mounted from: `…/ID/hostname` is Docker's,
/// `…/ID/userdata/hostname` Podman's.
fn by_mounts(mounts: &str) -> Option<(&'static str, &str)> {
    let source = mounts.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip(3);
        let source = words.next()?;
        (words.next()? == "/etc/hostname").then_some(source)
    })?;
    let folder = source.strip_suffix("/hostname")?;
    let (kind, folder) = match folder.strip_suffix("/userdata") {
        Some(folder) => ("podman", folder),
        None => ("docker", folder),
    };
    let id = folder.rsplit_once('/')?.1;
    let is_id = id.len() == 64 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    is_id.then_some((kind, id))
}
