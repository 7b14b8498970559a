//! What a service keeps its data in, as the Engine takes it.

use serde_json::json;

use super::container::{Making, OwnVolumes};
use crate::compose::{Bind, FileMount, Mount, MountKind, Recursive};
use crate::spec::Choice as _;
use crate::value::Value;

/// The file in the container that a secret or config becomes.
pub(super) fn target_of(kind: &str, file: &FileMount) -> String {
    let target = file.target.as_deref().unwrap_or(&file.source);
    match kind {
        _ if target.starts_with('/') => target.to_owned(),
        "secrets" => format!("/run/secrets/{target}"),
        _ => format!("/{target}"),
    }
}

impl Making<'_> {
    /// Paths of the host and volumes with a name, as `SOURCE:TARGET[:MODE]`.
    pub(super) fn binds(&self) -> Vec<String> {
        self.service.mounts().iter().filter_map(|mount| self.bind(mount)).collect()
    }

    /// The files of the host that are secrets and configs. One that is missing is a fault: the
    /// short form would make a folder of it.
    pub(super) fn file_mounts(&self) -> Vec<Value> {
        let secrets = self.service.secrets().iter().map(|file| ("secrets", file));
        let configs = self.service.configs().iter().map(|file| ("configs", file));
        let mount = |(kind, file): (&str, &FileMount)| {
            let objects =
                if kind == "secrets" { &self.project.secrets } else { &self.project.configs };
            let path = objects.get(&file.source)?.file.as_ref()?;
            let target = target_of(kind, file);
            Some(json!({"Type": "bind", "Source": path, "Target": target, "ReadOnly": true}))
        };
        secrets.chain(configs).filter_map(mount).collect()
    }

    fn bind(&self, mount: &Mount) -> Option<String> {
        let source = mount.source.as_ref()?;
        let (source, mut mode) = match mount.kind {
            MountKind::Bind => {
                let bind = mount.bind.clone().unwrap_or_default();
                // Only the Engine's other form does not make the path, and tells of what is below.
                if bind.create_host_path == Some(false) || bind.is_special() {
                    return None;
                }
                (source.clone(), [bind.selinux, bind.propagation].into_iter().flatten().collect())
            }
            MountKind::Volume => {
                let own = mount.volume.clone().unwrap_or_default();
                if own.subpath.is_some() {
                    return None;
                }
                let mode = if own.nocopy { vec!["nocopy".to_owned()] } else { vec![] };
                (self.project.volume_name(source), mode)
            }
            _ => return None,
        };
        mode.insert(0, if mount.read_only { "ro" } else { "rw" }.to_owned());
        Some(format!("{source}:{}:{}", mount.target, mode.join(",")))
    }

    /// The mounts that the short form cannot tell.
    pub(super) fn special_mounts(&self) -> Vec<Value> {
        let is_special = |mount: &&Mount| self.bind(mount).is_none() && !is_anonymous(mount);
        self.service
            .mounts()
            .iter()
            .filter(is_special)
            .map(|mount| {
                let mut form = json!({
                    "Type": mount.kind.word(),
                    "Target": mount.target,
                    "ReadOnly": mount.read_only,
                });
                if let Some(source) = &mount.source {
                    let is_volume = mount.kind == MountKind::Volume;
                    let source =
                        if is_volume { self.project.volume_name(source) } else { source.clone() };
                    form["Source"] = source.into();
                }
                let options = mount.bind.as_ref().map(bind_options);
                if let Some(options) = options.filter(|options| *options != json!({})) {
                    form["BindOptions"] = options;
                }
                if let Some(volume) = mount.volume.as_ref().filter(|own| own.subpath.is_some()) {
                    form["VolumeOptions"] = json!({"Subpath": volume.subpath});
                    if volume.nocopy {
                        form["VolumeOptions"]["NoCopy"] = true.into();
                    }
                }
                if let Some(path) = mount.image.as_ref().and_then(|image| image.subpath.as_ref()) {
                    form["ImageOptions"] = json!({"Subpath": path});
                }
                if let Some(tmpfs) = &mount.tmpfs {
                    let mode = tmpfs.mode.as_ref().and_then(|m| u32::from_str_radix(&m.0, 8).ok());
                    let size = tmpfs.size.map(|size| size.0);
                    form["TmpfsOptions"] = json!({"SizeBytes": size, "Mode": mode});
                }
                form
            })
            .collect()
    }

    /// Folders in the container that are volumes without a name.
    pub(super) fn own_volumes(&self) -> OwnVolumes {
        let own = self.service.mounts().iter().filter(|mount| is_anonymous(mount));
        own.map(|mount| (mount.target.clone(), json!({}))).collect()
    }
}

fn is_anonymous(mount: &Mount) -> bool {
    mount.kind == MountKind::Volume && mount.source.is_none()
}

/// What only binds have.
fn bind_options(bind: &Bind) -> Value {
    let flag = |set: bool| set.then(|| json!(true));
    let is = |recursive: Recursive| flag(bind.recursive == Some(recursive));
    // The short form makes a path that is missing; this one is asked to.
    let makes = bind.is_special() && bind.create_host_path != Some(false);
    let given = [
        ("Propagation", bind.propagation.as_ref().map(|word| json!(word))),
        ("NonRecursive", is(Recursive::Disabled)),
        ("ReadOnlyNonRecursive", is(Recursive::Writable)),
        ("ReadOnlyForceRecursive", is(Recursive::Readonly)),
        ("CreateMountpoint", flag(makes)),
    ];
    given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
