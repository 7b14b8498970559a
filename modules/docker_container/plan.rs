//! Decides what to do with a container.

use serde_json::json;

use super::body::Body;
use super::compare::Comparisons;
use super::draft::Draft;
use super::settings::SETTINGS;
use super::steps::{Change, Step};
use super::{Args, DefaultBehavior, LabelMismatch, Seen, Wanted};
use crate::sdk::docker::{ImageName, Pull};
use crate::sdk::{Diff, Failure, Plan, Returned, Side, Value};

/// Decides what to do with a container.
pub(super) fn plan(args: &Args, now: &Seen) -> Result<Plan<Change>, Failure> {
    let plan = decide(args, now)?;
    let actions = match &plan {
        Plan::Change { change, .. } => change.actions(),
        Plan::Keep(_) => vec![],
    };
    Ok(plan.returning(Returned::new().with("actions", actions)))
}

fn decide(args: &Args, now: &Seen) -> Result<Plan<Change>, Failure> {
    let mut comparisons = Comparisons::read(&args.comparisons)?;
    if args.purge_networks {
        comparisons.make_strict("networks");
    }
    match (&now.container, args.state) {
        (None, Wanted::Absent) => Ok(Plan::keep()),
        (Some(container), Wanted::Absent) => {
            let mut change = args.change(Some(container));
            args.stop(container, &mut change);
            change.steps.push(Step::Remove { volumes: !args.keep_volumes });
            let diff = Diff::state(args.subject(), status(container), "absent");
            Ok(Plan::change(change, diff))
        }
        (None, _) => {
            args.check_labels(now)?;
            args.make(now)
        }
        (Some(container), _) => {
            args.check_labels(now)?;
            Draft { args, now, container, body: args.body(now)?, comparisons }.decide()
        }
    }
}

/// What a container does: `running`, `exited`, `paused`, …
fn status(container: &Value) -> &str {
    container["State"]["Status"].as_str().unwrap_or("present")
}

/// Whether a container runs; one that is paused does.
pub(super) fn is_running(container: &Value) -> bool {
    container["State"]["Running"].as_bool().unwrap_or_default()
}

/// The image of a container: by the name it was made with, by its id where that name is another
/// image's by now.
fn own_image<'c>(container: &'c Value, image: Option<&Value>) -> &'c str {
    let text = |value: &'c Value| value.as_str().unwrap_or_default();
    let name = ImageName::parse(text(&container["Config"]["Image"]));
    let is_it = |image: &Value| {
        ImageName::is_id(text(&container["Config"]["Image"]))
            || name.is_one_of(&image["RepoTags"])
            || name.is_one_of(&image["RepoDigests"])
    };
    match image {
        Some(image) if !is_it(image) => text(&container["Image"]),
        _ => text(&container["Config"]["Image"]),
    }
}

impl Args {
    pub(super) fn subject(&self) -> String {
        format!("container {}", self.name)
    }

    pub(super) fn change(&self, container: Option<&Value>) -> Change {
        let id = container.and_then(|container| container["Id"].as_str()).map(str::to_owned);
        Change::new(&self.name, id, self.removal_wait_timeout, &self.docker)
    }

    /// The configuration that is asked for.
    pub(super) fn body(&self, now: &Seen) -> Result<Body, Failure> {
        let mut body = Body::default();
        if self.container_default_behavior == DefaultBehavior::Compatibility {
            for name in ["AutoRemove", "Init", "Privileged", "ReadonlyRootfs"] {
                body.host(name, Some(false));
            }
            body.host("Memory", Some(0));
            body.config("OpenStdin", Some(false));
            body.config("Tty", Some(false));
        }
        self.process.fill(&mut body, now.env_file.as_deref())?;
        self.resources.fill(&mut body)?;
        self.storage.fill(&mut body, &now.home)?;
        self.network.fill(&mut body)?;
        body.resolve_peers(&now.peers);
        Ok(body)
    }

    /// Makes the container where there is none.
    fn make(&self, now: &Seen) -> Result<Plan<Change>, Failure> {
        let mut change = self.change(None);
        self.create(now, None, self.body(now)?, &mut change)?;
        let mut shown = json!({"image": self.image});
        let asked = self.body(now)?;
        for setting in SETTINGS {
            if let Some(value) = (setting.read)(&asked).filter(|value| *value != json!([])) {
                shown[setting.name] = value;
            }
        }
        for network in self.network.memberships() {
            shown[format!("network.{}", network.name)] = network.endpoint();
        }
        shown["running"] = matches!(self.state, Wanted::Started | Wanted::Healthy).into();
        self.run(false, None, &mut change);
        let after = Side::Fields(shown);
        Ok(Plan::change(change, Diff { subject: self.subject(), before: Side::Absent, after }))
    }

    /// Makes a container, pulling its image first where that is needed.
    pub(super) fn create(
        &self,
        now: &Seen,
        old: Option<&Value>,
        mut body: Body,
        change: &mut Change,
    ) -> Result<(), Failure> {
        let pull = self.pull(now);
        let image = match (&self.image, old) {
            (Some(image), _) if pull.is_none() && now.image.local.is_none() => {
                return Err(Failure::new(format!(
                    "Cannot find image with name {image}, and pull=never"
                ))
                .help("set `pull: missing`, or build or load it first"));
            }
            (Some(image), _) => image.as_str(),
            (None, Some(old)) => own_image(old, now.current_image.as_ref()),
            (None, None) => {
                return Err(Failure::new("Cannot create container when image is not specified!")
                    .help("give the argument `image`"));
            }
        };
        body.config("Image", Some(image));
        change.steps.extend(pull.map(Step::Pull));
        let endpoints = self
            .network
            .memberships()
            .iter()
            .map(|network| (network.name.clone(), network.endpoint()))
            .collect();
        let platform = self.platform.clone();
        let replaces = old.is_some();
        change.steps.push(Step::Create { body: body.into_value(), endpoints, platform, replaces });
        Ok(())
    }

    /// The pull that is needed for the image asked for.
    pub(super) fn pull(&self, now: &Seen) -> Option<Pull> {
        let image = self.image.as_ref().filter(|image| !ImageName::is_id(image))?;
        now.image.pull(&ImageName::parse(image), self.pull, self.platform.as_deref())
    }

    /// Refuses labels of the image that are not asked for, where that is asked for.
    fn check_labels(&self, now: &Seen) -> Result<(), Failure> {
        let strict = matches!(self.comparisons.get("labels"), Some(word) if word == "strict");
        if !strict || self.image_label_mismatch == LabelMismatch::Ignore {
            return Ok(());
        }
        let labels = self.image_of(now).map(|image| &image["Config"]["Labels"]);
        let own = labels.and_then(Value::as_object).into_iter().flat_map(|labels| labels.keys());
        let given = |name: &&String| {
            self.process.labels.as_ref().is_some_and(|labels| labels.contains_key(*name))
        };
        let more: Vec<String> =
            own.filter(|name| !given(name)).map(|name| format!("\"{name}\"")).collect();
        if more.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!(
            "Some labels should be removed but are present in the base image. You can set \
             image_label_mismatch to 'ignore' to ignore this error. Labels: {}",
            more.join(", ")
        ))
        .help("give them in `labels`, or set `image_label_mismatch: ignore`"))
    }

    /// Stops a container that runs.
    pub(super) fn stop(&self, container: &Value, change: &mut Change) {
        if !is_running(container) {
            return;
        }
        if container["State"]["Paused"].as_bool().unwrap_or_default() {
            change.steps.push(Step::Unpause);
        }
        change.steps.push(if self.force_kill {
            Step::Kill { signal: self.kill_signal.clone() }
        } else {
            Step::Stop { timeout: self.process.stop_timeout, grace: self.grace(container) }
        });
    }

    /// How many seconds a container has for stopping, as far as that is told.
    pub(super) fn grace(&self, container: &Value) -> u64 {
        let own = || container["Config"]["StopTimeout"].as_i64();
        let seconds = self.process.stop_timeout.or_else(own).unwrap_or_default();
        u64::try_from(seconds).unwrap_or_default()
    }

    /// Starts a container that was made or did not run, as far as that is asked for; `then` is
    /// what comes after a start that succeeded.
    pub(super) fn run(&self, was_running: bool, then: Option<Step>, change: &mut Change) {
        let started = matches!(self.state, Wanted::Started | Wanted::Healthy);
        if started || (self.state == Wanted::Present && was_running) {
            change.steps.push(Step::Start);
        }
        change.steps.extend(then);
        if started && self.paused == Some(true) {
            change.steps.push(Step::Pause);
        }
        self.wait(change);
    }

    /// Waits for what is asked for after a start.
    pub(super) fn wait(&self, change: &mut Change) {
        if self.state == Wanted::Healthy {
            change.steps.push(Step::WaitHealthy { timeout: self.healthy_wait_timeout });
        }
        if self.state == Wanted::Started && !self.detach {
            let auto_remove = self.resources.auto_remove.unwrap_or_default();
            let volumes = !self.keep_volumes;
            change.steps.push(Step::WaitEnd { cleanup: self.cleanup, volumes, auto_remove });
        }
    }
}
