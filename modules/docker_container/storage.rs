//! What the container keeps its data in, and which devices it has.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::json;

use super::body::Body;
use super::size::Size;
use crate::sdk::docker::{Texts, text_of};
use crate::sdk::{Arguments, Choice, Failure, Fields, Value};

/// What the container keeps its data in, and which devices it has.
#[derive(Debug, Arguments)]
#[expect(clippy::struct_field_names, reason = "the names are those of playbooks")]
pub(super) struct Storage {
    /// Volumes and folders it sees: `name:/path`, `/host/path:/path:ro`, or `/path` alone for a
    /// volume of its own.
    volumes: Option<Vec<String>>,
    /// The same in long form, with more to choose.
    mounts: Option<Vec<Mount>>,
    /// Containers whose volumes it has, too.
    volumes_from: Option<Vec<String>>,
    /// Driver of the volumes that are made for it.
    volume_driver: Option<String>,
    /// Folders that are kept in memory: `/path` or `/path:options`.
    tmpfs: Option<Vec<String>>,
    /// Whether its own file system cannot be written to.
    read_only: Option<bool>,
    /// Options of the storage driver.
    storage_opts: Option<Texts>,
    /// Devices of the host that it has: `/dev/host:/dev/container:rwm`.
    devices: Option<Vec<String>>,
    /// Devices that a driver chooses, such as graphics processors.
    device_requests: Option<Vec<DeviceRequest>>,
}

/// One folder or volume that a container sees.
#[derive(Debug, Arguments)]
struct Mount {
    /// Where it sees it.
    target: String,
    /// What it sees: a volume's name or a path of the host.
    source: Option<String>,
    /// What kind it is.
    #[arg(name = "type", default)]
    kind: MountKind,
    /// Whether it cannot be written to.
    read_only: Option<bool>,
    /// How strictly the file system of the host is kept consistent with it.
    consistency: Option<String>,
    /// Whether later mounts show on the other side.
    propagation: Option<String>,
    /// Whether mounts inside of it are left out.
    non_recursive: Option<bool>,
    /// Whether a path that does not exist on the host is made.
    create_mountpoint: Option<bool>,
    /// Whether only the mount itself, and not the mounts inside of it, cannot be written to.
    read_only_non_recursive: Option<bool>,
    /// Whether it is an error that mounts inside of it can be written to.
    read_only_force_recursive: Option<bool>,
    /// Whether what the image has in that place is not copied into a new volume.
    no_copy: Option<bool>,
    /// Labels of a new volume.
    labels: Option<Texts>,
    /// Driver of a new volume.
    volume_driver: Option<String>,
    /// Options of that driver.
    volume_options: Option<Texts>,
    /// Path inside of the volume or image that is seen.
    subpath: Option<String>,
    /// Size of a file system in memory.
    tmpfs_size: Option<Size>,
    /// Mode of a file system in memory, in octal digits.
    tmpfs_mode: Option<String>,
    /// Further options of a file system in memory, each a mapping of its name to its value, or to
    /// null.
    tmpfs_options: Option<Vec<IndexMap<String, Value>>>,
}

/// What kind a mount is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum MountKind {
    /// A path of the host.
    Bind,
    /// A named pipe of a Windows host.
    Npipe,
    /// A file system in memory.
    Tmpfs,
    /// A volume.
    #[default]
    Volume,
    /// A volume of the swarm.
    Cluster,
    /// What an image has.
    Image,
}

/// Devices that a driver chooses.
#[derive(Debug, Arguments)]
struct DeviceRequest {
    /// What they must be able to do: a list of alternatives, each a list of words.
    capabilities: Option<Value>,
    /// How many; -1 for all.
    count: Option<i64>,
    /// Which.
    device_ids: Option<Vec<String>>,
    /// The driver.
    driver: Option<String>,
    /// Its options.
    options: Option<Texts>,
}

impl Storage {
    /// Whether a path begins in the home of the task's user.
    pub(super) fn needs_home(&self) -> bool {
        self.volumes.iter().flatten().any(|volume| volume.starts_with('~'))
    }

    /// Writes what was given into the configuration; `home` is what `~` means.
    pub(super) fn fill(&self, body: &mut Body, home: &str) -> Result<(), Failure> {
        if let Some(volumes) = &self.volumes {
            let mut binds = vec![];
            let mut own = Fields::new();
            for volume in volumes {
                match bind(volume, home)? {
                    Some(bind) => binds.push(bind),
                    None => drop(own.insert(own_volume(volume).to_owned(), json!({}))),
                }
            }
            body.host("Binds", Some(binds));
            body.config("Volumes", Some(own));
        }
        let mounts = self.mounts.as_ref().map(|mounts| mounts.iter().map(Mount::body));
        let mounts = mounts.map(Iterator::collect::<Result<Vec<Value>, Failure>>).transpose()?;
        body.host("Mounts", mounts);
        body.host("VolumesFrom", self.volumes_from.as_ref());
        body.host("VolumeDriver", self.volume_driver.as_ref());
        self.check_targets()?;
        let tmpfs = |folders: &Vec<String>| -> Texts {
            let split = |folder: &String| match folder.split_once(':') {
                Some((path, options)) => (path.to_owned(), options.to_owned()),
                None => (folder.clone(), String::new()),
            };
            folders.iter().map(split).collect()
        };
        body.host("Tmpfs", self.tmpfs.as_ref().map(tmpfs));
        body.host("ReadonlyRootfs", self.read_only);
        body.host("StorageOpt", self.storage_opts.as_ref());
        let devices = |devices: &Vec<String>| devices.iter().map(|d| device(d)).collect::<Vec<_>>();
        body.host("Devices", self.devices.as_ref().map(devices));
        let requests = |requests: &Vec<DeviceRequest>| {
            requests.iter().map(DeviceRequest::body).collect::<Vec<_>>()
        };
        body.host("DeviceRequests", self.device_requests.as_ref().map(requests));
        Ok(())
    }
}

impl Storage {
    /// Refuses two mounts in one place.
    fn check_targets(&self) -> Result<(), Failure> {
        let volumes = self.volumes.iter().flatten().filter_map(|volume| volume.split(':').nth(1));
        let volumes = volumes.map(|target| (target, "volumes"));
        let mounts = self.mounts.iter().flatten().map(|mount| (mount.target.as_str(), "mounts"));
        let mut seen = BTreeMap::new();
        for (target, option) in mounts.chain(volumes) {
            let place = format!("The mount point \"{target}\" appears");
            match seen.insert(target, option) {
                None => {}
                Some(first) if first == option => {
                    return Err(Failure::new(format!("{place} twice in the {option} option")));
                }
                Some(first) => {
                    return Err(Failure::new(format!(
                        "{place} both in the {option} and {first} option"
                    )));
                }
            }
        }
        Ok(())
    }
}

impl Mount {
    fn body(&self) -> Result<Value, Failure> {
        let mut body = json!({"Target": self.target, "Type": self.kind.word()});
        match (&self.source, self.kind) {
            (Some(source), _) => body["Source"] = source.as_str().into(),
            (None, MountKind::Volume | MountKind::Tmpfs) => {}
            (None, kind) => {
                return Err(Failure::new(format!(
                    "source must be specified for mount \"{}\" of type \"{}\"",
                    self.target,
                    kind.word()
                )));
            }
        }
        set(&mut body, "ReadOnly", self.read_only.map(Value::from));
        set(&mut body, "Consistency", self.consistency.as_deref().map(Value::from));
        let mut bind = json!({});
        set(&mut bind, "Propagation", self.propagation.as_deref().map(Value::from));
        set(&mut bind, "NonRecursive", self.non_recursive.map(Value::from));
        set(&mut bind, "CreateMountpoint", self.create_mountpoint.map(Value::from));
        let alone = self.read_only_non_recursive.map(Value::from);
        set(&mut bind, "ReadOnlyNonRecursive", alone);
        let whole = self.read_only_force_recursive.map(Value::from);
        set(&mut bind, "ReadOnlyForceRecursive", whole);
        let mut volume = json!({});
        set(&mut volume, "NoCopy", self.no_copy.map(Value::from));
        set(&mut volume, "Labels", self.labels.as_ref().map(|labels| json!(labels)));
        let subpath = self.subpath.as_deref().map(Value::from);
        let mut image = json!({});
        let holder = if self.kind == MountKind::Image { &mut image } else { &mut volume };
        set(holder, "Subpath", subpath);
        if self.volume_driver.is_some() || self.volume_options.is_some() {
            volume["DriverConfig"] =
                json!({"Name": self.volume_driver, "Options": self.volume_options});
        }
        let mut tmpfs = json!({});
        set(&mut tmpfs, "SizeBytes", self.tmpfs_size.map(|Size(bytes)| bytes.into()));
        if let Some(mode) = &self.tmpfs_mode {
            let mode = u32::from_str_radix(mode, 8).map_err(|_| {
                Failure::new(format!("tmpfs_mode of mount \"{}\" is no octal number", self.target))
            })?;
            tmpfs["Mode"] = mode.into();
        }
        set(&mut tmpfs, "Options", self.tmpfs_options.as_ref().map(|all| words(all)));
        for (name, options) in [
            ("BindOptions", bind),
            ("VolumeOptions", volume),
            ("ImageOptions", image),
            ("TmpfsOptions", tmpfs),
        ] {
            if options != json!({}) {
                body[name] = options;
            }
        }
        Ok(body)
    }
}

impl DeviceRequest {
    fn body(&self) -> Value {
        let mut body = json!({});
        set(&mut body, "Capabilities", self.capabilities.clone());
        set(&mut body, "Count", self.count.map(Value::from));
        set(&mut body, "DeviceIDs", self.device_ids.as_ref().map(|ids| json!(ids)));
        set(&mut body, "Driver", self.driver.as_deref().map(Value::from));
        set(&mut body, "Options", self.options.as_ref().map(|options| json!(options)));
        body
    }
}

/// Options as the Engine takes them: names with values, and names alone.
fn words(options: &[IndexMap<String, Value>]) -> Value {
    let word = |(name, value): (&String, &Value)| match value {
        Value::Null => json!([name]),
        value => json!([name, text_of(value)]),
    };
    options.iter().flatten().map(word).collect()
}

fn set(body: &mut Value, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        body[name] = value;
    }
}

/// The path of a volume of its own, which may be given with a mode, `/path:rw`, and nothing else.
fn own_volume(volume: &str) -> &str {
    let is_mode = |word: &str| {
        let spread = ["shared", "slave", "private"];
        ["rw", "ro", "z", "Z", "consistent", "delegated", "cached", "nocopy"].contains(&word)
            || spread.contains(&word.strip_prefix('r').unwrap_or(word))
    };
    match volume.split_once(':') {
        Some((path, mode)) if path.starts_with('/') && mode.split(',').all(is_mode) => path,
        _ => volume,
    }
}

/// A volume as the Engine takes it, `source:target:mode`; `None` for a volume of its own.
fn bind(volume: &str, home: &str) -> Result<Option<String>, Failure> {
    // A drive letter of a Windows host has a colon of its own.
    let drive = volume.starts_with(|first: char| first.is_ascii_alphabetic())
        && volume.get(1..3).is_some_and(|text| text == ":\\" || text == ":/");
    let from = if drive { 2 } else { 0 };
    if own_volume(volume) != volume || !volume[from..].contains(':') {
        return Ok(None);
    }
    if volume.starts_with('.') {
        return Err(Failure::new(format!("`volumes`: `{volume}` is a relative path"))
            .help("write the whole path on the host"));
    }
    let volume = match volume.strip_prefix('~') {
        Some(rest) => format!("{home}{rest}"),
        None => volume.to_owned(),
    };
    let has_mode = volume[from..].matches(':').count() >= 2;
    Ok(Some(if has_mode { volume } else { format!("{volume}:rw") }))
}

/// Reads `/dev/host:/dev/container:rwm`.
fn device(text: &str) -> Value {
    let mut parts = text.split(':');
    let host = parts.next().unwrap_or_default();
    let (inside, rights) = match (parts.next(), parts.next()) {
        (Some(inside), Some(rights)) => (inside, rights),
        (Some(rights), None) if rights.chars().all(|c| "rwm".contains(c)) => (host, rights),
        (Some(inside), None) => (inside, "rwm"),
        (None, _) => (host, "rwm"),
    };
    json!({"PathOnHost": host, "PathInContainer": inside, "CgroupPermissions": rights})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_are_binds_or_the_containers_own() {
        let bind = |text| bind(text, "/root").unwrap();
        assert_eq!(bind("data:/data").unwrap(), "data:/data:rw");
        assert_eq!(bind("/srv:/srv:ro,z").unwrap(), "/srv:/srv:ro,z");
        assert_eq!(bind("/:/whole:ro").unwrap(), "/:/whole:ro");
        assert_eq!(bind("c:/data:/data").unwrap(), "c:/data:/data:rw");
        assert_eq!(bind("~/x:/x").unwrap(), "/root/x:/x:rw");
        assert_eq!(bind("/data"), None);
        assert_eq!(bind("/data:ro,rshared"), None);
        assert_eq!(own_volume("/data:rw"), "/data");
        assert!(super::bind("./x:/x", "").is_err());
    }

    #[test]
    fn devices_have_up_to_three_parts() {
        let parts = |text| {
            let device = device(text);
            ["PathOnHost", "PathInContainer", "CgroupPermissions"]
                .map(|name| device[name].as_str().unwrap().to_owned())
        };
        assert_eq!(parts("/dev/a"), ["/dev/a", "/dev/a", "rwm"]);
        assert_eq!(parts("/dev/a:r"), ["/dev/a", "/dev/a", "r"]);
        assert_eq!(parts("/dev/a:/dev/b"), ["/dev/a", "/dev/b", "rwm"]);
        assert_eq!(parts("/dev/a:/dev/b:rw"), ["/dev/a", "/dev/b", "rw"]);
    }
}
