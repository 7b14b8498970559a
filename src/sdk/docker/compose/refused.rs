//! What services ask for and the Engine alone cannot give.

use crate::compose::{Bind, Project, Service};
use crate::sdk::Failure;

/// Refuses a service that would be made as something else than its file says.
pub(super) fn refuse(project: &Project, name: &str) -> Result<(), Failure> {
    let Some(service) = project.services.get(name) else { return Ok(()) };
    refuse_programs(name, service)?;
    let secrets = service.secrets().iter().map(|file| (&project.secrets, file));
    let configs = service.configs().iter().map(|file| (&project.configs, file));
    for (objects, file) in secrets.chain(configs) {
        if objects.get(&file.source).is_some_and(|object| object.external.is) {
            return Err(Failure::new(format!(
                "service `{name}`: `{}` is external, and only a swarm keeps such secrets and \
                 configs",
                file.source
            ))
            .help("say where it comes from: `file`, `environment` or `content`"));
        }
    }
    let untold = |bind: &Bind| bind.selinux.is_some() && bind.is_special();
    let mount = service.mounts().iter().find(|mount| mount.bind.as_ref().is_some_and(untold));
    match mount {
        Some(mount) => Err(Failure::new(format!(
            "service `{name}`, the mount at {}: the Engine takes only one of `bind.recursive` and \
             `bind.selinux`",
            mount.target
        ))
        .help("leave one of them out")),
        None => Ok(()),
    }
}

/// Refuses what programs beside the Engine have a part in.
fn refuse_programs(name: &str, service: &Service) -> Result<(), Failure> {
    let (key, needs) = match service {
        Service { use_api_socket: Some(true), .. } => {
            return Err(Failure::new(format!(
                "service `{name}`: `use_api_socket` gives containers the logins of Docker's own \
                 tool, which is not used"
            ))
            .help("mount `/var/run/docker.sock` with `volumes`, and the logins as a secret"));
        }
        Service { provider: Some(_), .. } => ("provider", "a program that makes it"),
        Service { models: Some(_), .. } => ("models", "Docker's model runner"),
        _ => return Ok(()),
    };
    Err(Failure::new(format!(
        "service `{name}`: `{key}` needs {needs}, which the Engine's API does not have"
    ))
    .help("leave it out with `services`, or give it a profile that is not chosen"))
}
