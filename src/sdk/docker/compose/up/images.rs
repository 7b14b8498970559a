//! The images of services: pulled or built where that is needed.

use serde_json::json;

use super::Building;
use super::planner::{Planner, texts};
use super::steps::Step;
use crate::sdk::docker::compose::host_config::ulimits;
use crate::sdk::docker::compose::{Blueprint, Pairs, Project, Service};
use crate::sdk::docker::{Build, ImageName, PullPolicy, Texts};
use crate::sdk::{Diff, Failure};

impl Planner<'_> {
    /// The image of a service: pulled or built where that is needed.
    pub(super) fn image(&mut self, name: &str) -> Result<(), Failure> {
        let service = &self.project.services[name];
        let image = Blueprint::image_of(&self.project, name);
        let seen = self.now.images.get(&image);
        let is_there = seen.is_some_and(|seen| seen.local.is_some());
        let before = seen.and_then(|seen| seen.id()).map(str::to_owned);
        if service.build().is_some() {
            let builds = match self.options.build {
                Building::Always => true,
                Building::Policy if service.pull_policy.as_deref() == Some("build") => true,
                Building::Policy => !is_there,
                Building::Never => false,
            };
            if builds {
                let build = build_of(&self.project, name, service)?;
                let from = if build.path.is_empty() { "its definition" } else { &build.path };
                let after = format!("built from {from}");
                self.diffs.push(Diff::fields(
                    format!("image {image}"),
                    &json!({"id": before}),
                    &json!({"id": after}),
                ));
                self.steps.push(Step::Build { service: name.to_owned(), build });
                self.fresh.push(image);
            } else if !is_there {
                return Err(Failure::new(format!(
                    "the image {image} of service `{name}` is not there"
                ))
                .help("`build: policy` builds it"));
            }
            return Ok(());
        }
        if self.options.builds(&self.project, &image) {
            // Another service sees to it.
            return Ok(());
        }
        let policy = self.options.pulling(service.pull_policy.as_deref());
        let pulled = seen.and_then(|seen| {
            seen.pull(&ImageName::parse(&image), policy, service.platform.as_deref())
        });
        match pulled {
            Some(pull) => {
                self.diffs.push(Diff::fields(
                    format!("image {image}"),
                    &json!({"id": before}),
                    &json!({"id": "pulled from the registry"}),
                ));
                self.fresh.push(image.clone());
                self.steps.push(Step::Pull { image, pull });
            }
            None if !is_there && policy == PullPolicy::Never => {
                // The words are those that playbooks look for.
                return Err(Failure::new(format!(
                    "General error: the image {image} of service `{name}` is not there, and is \
                     not to be pulled"
                )));
            }
            None => {}
        }
        Ok(())
    }
}

/// The build of a service's image.
fn build_of(project: &Project, name: &str, service: &Service) -> Result<Build, Failure> {
    let Some(build) = service.build() else {
        return Err(Failure::new(format!("service `{name}` says nothing of how it is built")));
    };
    if let Some(key) = build.needs_buildx() {
        return Err(Failure::new(format!(
            "service `{name}`: `build.{key}` needs buildx, which the Engine's API does not have"
        ))
        .help("build the image with `docker_image_build` before, and name it with `image`"));
    }
    if build.dockerfile_inline.is_some() && build.dockerfile.is_some() {
        return Err(Failure::new(format!(
            "service `{name}`: `build.dockerfile` and `build.dockerfile_inline` exclude each other"
        )));
    }
    // A Dockerfile that stands in the definition needs no folder.
    let is_alone = build.dockerfile_inline.is_some() && build.context == ".";
    if build.lacks_folder() && !is_alone {
        return Err(Failure::new(format!(
            "service `{name}`: the folder of the build is `{}`, and a definition has no folder \
             that this could be relative to",
            build.context
        ))
        .help("give an absolute path as `build.context`"));
    }
    let mut limits = Texts::default();
    if !build.ulimits.is_empty() {
        limits.insert("ulimits".to_owned(), json!(ulimits(&build.ulimits)).to_string());
    }
    Ok(Build {
        limits,
        path: if is_alone { String::new() } else { build.context.clone() },
        dockerfile: build.dockerfile.clone(),
        inline: build.dockerfile_inline.clone(),
        tags: build.tags.0.clone(),
        image: Blueprint::image_of(project, name),
        args: arguments(project, &build.args),
        labels: texts(&build.labels),
        no_cache: build.no_cache.unwrap_or_default(),
        pull: build.pull.unwrap_or_default(),
        target: build.target.clone(),
        network: build.network.clone(),
        platform: service.platform.clone().or_else(|| build.platforms.0.first().cloned()),
        cache_from: build.cache_from.0.clone(),
        etc_hosts: build.extra_hosts.0.iter().cloned().collect(),
        shm_size: build.shm_size.map(|size| size.0),
        ..Build::default()
    })
}

/// Arguments of a build: one without a value has that of the project's variables, or is left to the
/// Dockerfile.
fn arguments(project: &Project, given: &Pairs) -> Texts {
    let value = |(name, own): (&String, &Option<String>)| {
        let text = own.as_ref().or_else(|| project.variables.get(name))?;
        Some((name.clone(), text.clone()))
    };
    given.0.iter().filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_without_a_value_is_that_of_the_project_or_none() {
        let own = |text: &str| Some(text.to_owned());
        let given = [("a", own("1")), ("b", None), ("c", None), ("d", own(""))];
        let given = Pairs(given.map(|(name, text)| (name.to_owned(), text)).into());
        let variables = [("a", "x"), ("b", "2")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let all = arguments(&Project { variables, ..Project::default() }, &given);
        let all: Vec<(&str, &str)> = all.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(all, [("a", "1"), ("b", "2"), ("d", "")]);
    }
}
