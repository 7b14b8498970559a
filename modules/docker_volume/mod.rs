//! `docker_volume`: see [`Args`], which is also what `rplay doc docker_volume` prints.

use serde::{Deserialize, Serialize};

use crate::sdk::docker::{Differences, DockerOptions, Doing, Texts};
use crate::sdk::{
    Arguments, Choice, Diff, Failure, Fields, Module, Observer, Operator, Plan, Presence, Returned,
};

/// Ensures that a Docker volume exists with the given settings, or that it does not.
///
/// The Engine cannot alter a volume. One that differs is left alone, with a warning, unless
/// `recreate` says that it may be replaced: **everything in it is lost then**.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Name of the volume.
    #[arg(alias = "name")]
    volume_name: String,
    /// Whether the volume must exist.
    #[arg(default)]
    state: Presence,
    /// Driver that keeps its data.
    #[arg(default = "local")]
    driver: String,
    /// Options that the driver must have been given; others are left as they are.
    #[arg(default)]
    driver_options: Texts,
    /// Labels it must have; others that it has are left.
    #[arg(default)]
    labels: Texts,
    /// When an existing volume is replaced by an empty one.
    #[arg(default)]
    recreate: Recreate,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// When an existing volume is replaced by an empty one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum Recreate {
    /// At every run.
    Always,
    /// Never.
    #[default]
    Never,
    /// When it differs.
    #[choice("options-changed")]
    OptionsChanged,
}

/// A volume as the Engine shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Volume {
    name: String,
    driver: String,
    #[serde(default)]
    options: Texts,
    #[serde(default)]
    labels: Texts,
    /// Whatever else there is: mount point, creation date, scope.
    #[serde(flatten)]
    more: Fields,
}

/// The volume to remove, if any; then the one to create, if any.
#[derive(Debug, Serialize)]
pub struct Change {
    remove: Option<String>,
    create: Option<Create>,
    #[serde(skip)]
    docker: DockerOptions,
}

/// A volume as the Engine takes it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    name: String,
    driver: String,
    driver_opts: Texts,
    labels: Texts,
}

impl Module for Args {
    type State = Option<Volume>;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<Option<Volume>, Failure> {
        Ok(host.docker(&self.docker)?.get(&["volumes", &self.volume_name]).await?)
    }

    fn plan(&self, now: &Option<Volume>) -> Result<Plan<Change>, Failure> {
        let name = &self.volume_name;
        let subject = format!("volume {name}");
        let change = |remove: bool, create: bool| Change {
            remove: remove.then(|| name.clone()),
            create: create.then(|| self.create()),
            docker: self.docker.clone(),
        };
        let returned = Returned::new().with("volume", now);
        match (self.state, now) {
            (Presence::Absent, None) => Ok(Plan::keep()),
            (Presence::Absent, Some(_)) => {
                Ok(Plan::change(change(true, false), Diff::state(subject, "present", "absent")))
            }
            (Presence::Present, None) => {
                let wanted = serde_json::json!({
                    "driver": self.driver, "driver_options": self.driver_options,
                    "labels": self.labels,
                });
                let diff = Diff::fields(subject, &None::<()>, &wanted);
                Ok(Plan::change(change(false, true), diff))
            }
            (Presence::Present, Some(volume)) => {
                let differences = self.differences(volume);
                let replace = match self.recreate {
                    Recreate::Always => true,
                    Recreate::OptionsChanged => !differences.is_empty(),
                    Recreate::Never => false,
                };
                if replace {
                    let diff = if differences.is_empty() {
                        Diff::state(subject, "present", "replaced by an empty one")
                    } else {
                        differences.diff(subject)
                    };
                    let paths = Returned::new().beside_diff("differences", differences.paths());
                    return Ok(Plan::change(change(true, true), diff).returning(paths));
                }
                let plan = Plan::Keep(returned);
                Ok(if differences.is_empty() { plan } else { plan.returning(kept(&differences)) })
            }
        }
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&change.docker)?;
        if let Some(name) = &change.remove {
            docker.delete(&["volumes", name]).await.doing(|| format!("removing volume {name}"))?;
        }
        let Some(create) = &change.create else { return Ok(Returned::new()) };
        let name = &create.name;
        let volume = docker
            .post(&["volumes", "create"], create)
            .await
            .doing(|| format!("creating volume {name}"))?;
        Ok(Returned::new().with("volume", volume))
    }
}

impl Args {
    /// The volume as it must be.
    fn create(&self) -> Create {
        Create {
            name: self.volume_name.clone(),
            driver: self.driver.clone(),
            driver_opts: self.driver_options.clone(),
            labels: self.labels.clone(),
        }
    }

    /// What is not as it was asked for.
    fn differences(&self, now: &Volume) -> Differences {
        let mut differences = Differences::default();
        differences.compare("driver", &now.driver, &self.driver);
        let subset = [
            ("driver_options", &now.options, &self.driver_options),
            ("labels", &now.labels, &self.labels),
        ];
        for (name, has, wanted) in subset {
            differences.compare(name, &has.shared_with(wanted), wanted);
        }
        differences
    }
}

/// Warns that a volume is not as it was asked for.
fn kept(differences: &Differences) -> Returned {
    let names = differences.names().collect::<Vec<_>>().join(", ");
    let warning = format!(
        "the volume exists with other settings ({names}) and is left as it is; \
         `recreate: options-changed` replaces it by an empty one"
    );
    Returned::new().with("warnings", [warning])
}
