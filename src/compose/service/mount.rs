//! What a service keeps its data in.

use crate::compose::form::{Pairs, Size, scalar};
use crate::spec::{Argument, Kind, Reader};
use crate::value::{Data, Node};

/// The kinds of mount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, rplay_derive::Choice)]
pub enum MountKind {
    /// A volume of the Engine.
    #[default]
    Volume,
    /// A file or folder of the host.
    Bind,
    /// A folder in memory.
    Tmpfs,
    /// A named pipe of Windows.
    Npipe,
    /// A volume of the cluster.
    Cluster,
    /// The files of an image.
    Image,
}

/// One mount.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Mount {
    /// What is mounted.
    #[arg(name = "type", default)]
    pub kind: MountKind,
    /// The volume's name in the project, or the path on the host; a volume without a name where
    /// there is none.
    pub source: Option<String>,
    /// The path in the container.
    pub target: String,
    /// Whether it can only be read.
    #[arg(default)]
    pub read_only: bool,
    /// How the host and the container agree on its content.
    pub consistency: Option<String>,
    /// What only binds have.
    pub bind: Option<Bind>,
    /// What only volumes have.
    pub volume: Option<OfVolume>,
    /// What only folders in memory have.
    pub tmpfs: Option<OfTmpfs>,
    /// What only images have.
    pub image: Option<OfImage>,
}

/// What only binds have.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Bind {
    /// How mounts below it are passed on.
    pub propagation: Option<String>,
    /// Whether the path is made where it is missing.
    pub create_host_path: Option<bool>,
    /// Its label for SELinux: `z` or `Z`.
    pub selinux: Option<String>,
    /// What becomes of what is mounted below it.
    pub recursive: Option<Recursive>,
}

impl Bind {
    /// Whether it says of what is mounted below it something else than is usual.
    pub fn is_special(&self) -> bool {
        self.recursive.is_some_and(|recursive| recursive != Recursive::Enabled)
    }
}

/// What becomes of what is mounted below a bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, rplay_derive::Choice)]
pub enum Recursive {
    /// It is mounted too, and can only be read where that holds for the bind and the host can see
    /// to it.
    Enabled,
    /// It is not mounted.
    Disabled,
    /// It is mounted too, and can be written.
    Writable,
    /// It is mounted too, and can only be read; a fault where the host cannot see to it.
    Readonly,
}

/// What only volumes have.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct OfVolume {
    /// Whether the image's files at this path are not copied into a new volume.
    #[arg(default)]
    pub nocopy: bool,
    /// The folder of the volume that is mounted.
    pub subpath: Option<String>,
    /// Labels of a volume without a name.
    #[arg(default)]
    pub labels: Pairs,
}

/// What only images have.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct OfImage {
    /// The folder of the image that is mounted.
    pub subpath: Option<String>,
}

/// What only folders in memory have.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct OfTmpfs {
    /// The most bytes it holds.
    pub size: Option<Size>,
    /// Its mode.
    pub mode: Option<crate::spec::Mode>,
}

/// The mounts of a service: `[SOURCE:]TARGET[:MODE]`, or mappings.
#[derive(Debug, Clone, Default)]
pub(super) struct Mounts(pub(super) Vec<Mount>);

impl Argument for Mounts {
    const KIND: Kind = Kind::Any;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let Data::List(items) = &node.data else {
            reader.wrong_type(name, node, "a list of volumes");
            return None;
        };
        let mut all = vec![];
        for (index, item) in items.iter().enumerate() {
            let name = format!("{name}[{index}]");
            if item.as_map().is_some() {
                all.push(reader.nested(&name, item)?);
                continue;
            }
            let Some(mount) = scalar(item).as_deref().and_then(short) else {
                reader.wrong_type(&name, item, "a volume such as `data:/var/lib/data:ro`");
                return None;
            };
            all.push(mount);
        }
        Some(Self(all))
    }
}

/// Reads the short form.
fn short(text: &str) -> Option<Mount> {
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, mode) = match parts[..] {
        [target] => (None, target, ""),
        [source, target] if is_mode(target) && !target.starts_with('/') => (None, source, target),
        [source, target] => (Some(source), target, ""),
        [source, target, mode] => (Some(source), target, mode),
        _ => return None,
    };
    if target.is_empty() || source.is_some_and(str::is_empty) {
        return None;
    }
    let is_path = source.is_some_and(|source| source.starts_with(['/', '.', '~', '\\']));
    let mut mount = Mount {
        kind: if is_path { MountKind::Bind } else { MountKind::Volume },
        source: source.map(str::to_owned),
        target: target.to_owned(),
        ..Mount::default()
    };
    let mut bind = Bind { create_host_path: Some(true), ..Bind::default() };
    for word in mode.split(',').filter(|word| !word.is_empty()) {
        match word {
            "ro" => mount.read_only = true,
            "rw" => {}
            "z" | "Z" => bind.selinux = Some(word.to_owned()),
            "nocopy" => mount.volume.get_or_insert_default().nocopy = true,
            "cached" | "delegated" | "consistent" => mount.consistency = Some(word.to_owned()),
            _ if PROPAGATIONS.contains(&word) => bind.propagation = Some(word.to_owned()),
            _ => return None,
        }
    }
    if is_path {
        mount.bind = Some(bind);
    }
    Some(mount)
}

const PROPAGATIONS: [&str; 6] = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];

fn is_mode(text: &str) -> bool {
    text.split(',').all(|word| {
        matches!(word, "ro" | "rw" | "z" | "Z" | "nocopy") || PROPAGATIONS.contains(&word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms() {
        let shown = |text: &str| {
            short(text).map_or("none".to_owned(), |mount| {
                let Mount { kind, source, target, read_only, .. } = mount;
                format!("{kind:?} {source:?} {target} {read_only}")
            })
        };
        let all = [
            "/data",
            "data:/data",
            "./a:/b:ro",
            "~/a:/b:z,ro",
            "/x:ro",
            "a:/b:rx",
            ":/b",
            "a:b:c:d",
        ]
        .map(|text| format!("{text}: {}", shown(text)));
        insta::assert_snapshot!(all.join("\n"), @r#"
        /data: Volume None /data false
        data:/data: Volume Some("data") /data false
        ./a:/b:ro: Bind Some("./a") /b true
        ~/a:/b:z,ro: Bind Some("~/a") /b true
        /x:ro: Volume None /x true
        a:/b:rx: none
        :/b: none
        a:b:c:d: none
        "#);
    }
}
