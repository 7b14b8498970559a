//! `docker_compose_v2_pull`: see [`Args`], which is also what `rplay doc docker_compose_v2_pull`
//! prints.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sdk::docker::compose::{
    Blueprint, ComposeFiles, ComposeOptions, OfImage as _, Project, Service,
};
use crate::sdk::docker::{DockerOptions, ImageName, Pull, PullPolicy, SeenImage};
use crate::sdk::{
    Arguments, Choice, Diff, Failure, Module, Observer, Operator, Plan, Returned, Value,
};

/// Pulls the images of a compose project.
///
/// Returns `actions`: what was pulled, or would be. Check mode asks the registries, and knows.
#[derive(Debug, Arguments)]
pub struct Args {
    /// When images are pulled: where the registry has another one, unless a service's `pull_policy`
    /// says otherwise, or where the host has none, whatever services say.
    #[arg(default)]
    policy: Policy,
    /// Whether images that can be built are left out.
    #[arg(default)]
    ignore_buildable: bool,
    /// Whether an image that cannot be pulled is no failure but a warning.
    #[arg(default)]
    ignore_pull_failures: bool,
    /// Whether the services that the named ones need are included.
    #[arg(default)]
    include_deps: bool,
    /// The services that this is about; all when not given.
    #[arg(default)]
    services: Vec<String>,
    /// The project.
    #[arg(flatten)]
    project: ComposeOptions,
}

/// When images are pulled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum Policy {
    /// Where the registry has another one.
    #[default]
    Always,
    /// Where the host has none.
    Missing,
}

/// The images of the project.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    files: ComposeFiles,
    /// What is seen of each, by its name; the reason where it cannot be.
    images: IndexMap<String, Result<SeenImage, String>>,
}

/// The pulls to do.
#[derive(Debug, Serialize)]
pub struct Change {
    pulls: Vec<(String, Pull)>,
    ignores_failures: bool,
    #[serde(skip)]
    docker: DockerOptions,
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let files = self.project.look(host, &self.services).await?;
        let project = self.project.project(&files, &self.services)?;
        let docker = host.docker(&self.project.docker())?;
        let mut policies = IndexMap::new();
        for (image, _, policy) in self.images(&project) {
            // One service that wants the newest is enough for asking the registry.
            if policy == PullPolicy::Always || !policies.contains_key(&image) {
                policies.insert(image, policy);
            }
        }
        let mut images = IndexMap::new();
        for (image, policy) in policies {
            let name = ImageName::parse(&image);
            let seen = host.image_to_pull(&docker, &name, policy).await;
            let seen = match seen {
                Err(Failure::Connection(error)) => return Err(error.into()),
                other => other.map_err(|failure| failure.to_string()),
            };
            images.insert(image, seen);
        }
        Ok(State { files, images })
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let project = self.project.project(&now.files, &self.services)?;
        let (mut pulls, mut diffs, mut warnings): (Vec<(String, Pull)>, _, _) =
            (vec![], vec![], vec![]);
        for (image, platform, policy) in self.images(&project) {
            let seen = match now.images.get(&image) {
                Some(Ok(seen)) => seen,
                Some(Err(why)) if self.ignore_pull_failures => {
                    warnings.push(format!("{image}: {why}"));
                    continue;
                }
                Some(Err(why)) => {
                    return Err(Failure::new(why.as_str())).of_image(&image);
                }
                None => continue,
            };
            let pull = seen.pull(&ImageName::parse(&image), policy, platform.as_deref());
            let Some(pull) = pull.filter(|_| !pulls.iter().any(|(other, _)| *other == image))
            else {
                continue;
            };
            let newest = seen.newest.as_deref().unwrap_or("unknown");
            diffs.push(Diff::fields(
                format!("image {image}"),
                &seen.id().map(|id| json!({"id": id})),
                &json!({"id": newest}),
            ));
            pulls.push((image, pull));
        }
        let actions: Vec<Value> = pulls
            .iter()
            .map(|(image, _)| json!({"what": "image", "id": image, "status": "Pulling"}))
            .collect();
        let mut returned = Returned::new().with("actions", actions);
        if !warnings.is_empty() {
            returned.set("warnings", warnings);
        }
        if pulls.is_empty() {
            return Ok(Plan::Keep(returned));
        }
        let docker = self.project.docker();
        let change = Change { pulls, ignores_failures: self.ignore_pull_failures, docker };
        Ok(Plan::Change { change, diffs, returned })
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&change.docker)?;
        let (mut done, mut warnings) = (false, vec![]);
        for (image, pull) in &change.pulls {
            match pull.run(&docker).await {
                Ok(_) => done = true,
                Err(failure) if change.ignores_failures => {
                    warnings.push(format!("{image}: {failure}"));
                }
                Err(failure) => return Err(failure).of_image(image),
            }
        }
        let mut returned = Returned::new();
        if !warnings.is_empty() {
            returned.set("warnings", warnings);
        }
        if !done {
            returned.set("changed", false);
        }
        Ok(returned)
    }
}

impl Args {
    /// Each service's image and platform, with when it is pulled.
    fn images(&self, project: &Project) -> Vec<(String, Option<String>, PullPolicy)> {
        let chosen = match self.include_deps {
            _ if self.services.is_empty() => project.services.keys().cloned().collect(),
            true => project.with_needs(&self.services),
            false => self.services.clone(),
        };
        let mut all = vec![];
        for name in chosen {
            let service = &project.services[&name];
            let policy = self.policy_of(service);
            // What has no name of its own is in no registry.
            let skipped =
                service.build().is_some() && (self.ignore_buildable || service.image.is_none());
            if !skipped && policy != PullPolicy::Never {
                let image = Blueprint::image_of(project, &name);
                all.push((image, service.platform.clone(), policy));
            }
        }
        all
    }

    /// When a service's image is pulled: as it says itself, unless the task asks for what is
    /// missing.
    fn policy_of(&self, service: &Service) -> PullPolicy {
        match (self.policy, service.pull_policy.as_deref()) {
            (Policy::Missing, _) | (_, Some("missing" | "if_not_present")) => PullPolicy::Missing,
            (_, Some("never" | "build")) => PullPolicy::Never,
            _ => PullPolicy::Always,
        }
    }
}
