//! Decides what to do with a container that is there.

use serde_json::json;

use super::body::Body;
use super::compare::{Comparison, Comparisons, is_nothing};
use super::image::with_image;
use super::network::Membership;
use super::plan::is_running;
use super::settings::SETTINGS;
use super::steps::{Change, Step};
use super::{Args, ImageComparison, NameMismatch, Seen, Wanted, output};
use crate::sdk::docker::{Differences, ImageName, SeenImage};
use crate::sdk::{Failure, Fields, Plan, Returned, Value};

/// What is decided about a container that is there.
pub(super) struct Draft<'a> {
    pub(super) args: &'a Args,
    pub(super) now: &'a Seen,
    pub(super) container: &'a Value,
    /// The configuration that is asked for.
    pub(super) body: Body,
    pub(super) comparisons: Comparisons,
}

impl Draft<'_> {
    /// Decides.
    pub(super) fn decide(mut self) -> Result<Plan<Change>, Failure> {
        self.args.network.adopt_addresses(&mut self.body, &Body::seen(self.container));
        let Self { args, now, container, .. } = self;
        let mut change = args.change(Some(container));
        let mut differences = Differences::default();
        let same_image = self.compare_image(&mut differences);
        let outdated = !differences.is_empty();
        let updates = self.compare_settings(&mut differences);
        let networks = self.compare_networks(&mut differences);
        let replace = args.recreate || outdated || updates.is_none() || networks.is_none();
        let was_running = is_running(container);
        if replace {
            if differences.is_empty() {
                differences.add("exists", true, "replaced");
            }
            args.create(now, Some(container), self.body, &mut change)?;
            args.stop(container, &mut change);
            change.steps.push(Step::Rename);
            let only_image = !args.recreate && networks.is_some_and(|steps| steps.is_empty());
            if outdated && !same_image && only_image && updates.is_some_and(|u| u.is_empty()) {
                change.only_for_image = container["Image"].as_str().map(str::to_owned);
            }
            if args.state == Wanted::Stopped && was_running {
                differences.add("running", true, false);
            }
            args.run(was_running, Some(Step::Remove { volumes: !args.keep_volumes }), &mut change);
        } else {
            if let Some(updates) = updates.filter(|updates| !updates.is_empty()) {
                change.steps.push(Step::Update { body: Value::Object(updates) });
            }
            change.steps.extend(networks.into_iter().flatten());
            self.compare_running(&mut change, &mut differences)?;
        }
        let returned = Returned::new().with("container", container);
        if change.steps.is_empty() {
            return Ok(Plan::Keep(returned));
        }
        Ok(Plan::change(change, differences.diff(args.subject())).returning(returned))
    }

    /// Notes an image that is another one, by content or by name; false where its content is not
    /// known yet.
    fn compare_image(&self, differences: &mut Differences) -> bool {
        let Some(asked) = &self.args.image else { return true };
        if self.comparisons.of("image", Comparison::Strict) == Comparison::Ignore {
            self.compare_platform(differences);
            return true;
        }
        if self.args.pull(self.now).is_some() {
            let newest = self.now.image.newest.as_deref().unwrap_or("the one to be pulled");
            differences.add("image", &self.container["Image"], newest);
            return false;
        }
        let (has, wanted) = (&self.container["Image"], self.now.image.id());
        if wanted.is_none_or(|wanted| has != wanted) && !self.has_digest_of_image() {
            differences.add("image", has, wanted.unwrap_or(asked));
            return true;
        }
        let name = self.container["Config"]["Image"].as_str().unwrap_or_default();
        let same = ImageName::parse(name).is_same(&ImageName::parse(asked));
        if !same && self.args.image_name_mismatch == NameMismatch::Recreate {
            differences.add("image_name", name, asked);
        }
        true
    }

    /// Notes a container for another platform than the one asked for.
    fn compare_platform(&self, differences: &mut Differences) {
        let Some(platform) = &self.args.platform else { return };
        let ignored = self.comparisons.of("platform", Comparison::Strict) == Comparison::Ignore;
        let image = SeenImage::of(self.now.current_image.clone());
        if !ignored && !image.is_for(platform) {
            differences.add("platform", image.platform(), platform);
        }
    }

    /// Whether the container is of the image asked for by its digest. An Engine with containerd's
    /// image store shows an image by the digest of its list of platforms, and a container by that
    /// of the one it runs, or the other way round.
    fn has_digest_of_image(&self) -> bool {
        let Some(image) = &self.now.image.local else { return false };
        let known = image["RepoDigests"].as_array().into_iter().flatten();
        let known = known.filter_map(|name| name.as_str()?.rsplit_once('@').map(|(_, d)| d));
        let own = [&image["Id"], &image["Descriptor"]["digest"]];
        let known: Vec<&str> = known.chain(own.iter().filter_map(|d| d.as_str())).collect();
        [&self.container["Image"], &self.container["ImageManifestDescriptor"]["digest"]]
            .iter()
            .any(|has| has.as_str().is_some_and(|has| known.contains(&has)))
    }

    /// Notes settings that differ; gives what can be changed in place, `None` where something
    /// cannot.
    fn compare_settings(&self, differences: &mut Differences) -> Option<Fields> {
        let has = Body::seen(self.container);
        let image = match self.args.image_comparison {
            ImageComparison::Desired => self.args.image_of(self.now),
            ImageComparison::Current => self.now.current_image.as_ref(),
        };
        let mut updates = Some(Fields::new());
        for setting in SETTINGS {
            let Some(asked) = (setting.read)(&self.body) else { continue };
            let asked = with_image(setting, asked, &self.body, image);
            let now = (setting.read)(&has).unwrap_or_default();
            let Some((before, after)) = self.comparisons.differ(setting, &now, &asked) else {
                continue;
            };
            differences.add(setting.name, before, after);
            let value = setting.update.and_then(|name| Some((name, self.body.get_host(name)?)));
            // The Engine takes nothing for "as it is", but for the limit on processes.
            let value = value.filter(|(name, new)| *name == "PidsLimit" || !is_nothing(new));
            match (&mut updates, value) {
                (Some(updates), Some((name, value))) => {
                    drop(updates.insert(name.to_owned(), value));
                }
                _ => updates = None,
            }
        }
        let updates = updates.filter(|updates| !clash(updates, &has));
        updates.map(|updates| complete(updates, &self.body, &has))
    }

    /// Notes networks that differ; gives what connects and disconnects them, `None` where only a
    /// new container is connected as it must be.
    fn compare_networks(&self, differences: &mut Differences) -> Option<Vec<Step>> {
        let comparison = self.comparisons.of("networks", Comparison::AllowMorePresent);
        let asked = self.args.network.memberships();
        if comparison == Comparison::Ignore || self.args.network.networks.is_none() {
            return Some(vec![]);
        }
        let none = Fields::new();
        let has = self.container["NetworkSettings"]["Networks"].as_object().unwrap_or(&none);
        let find = |network: &Membership| {
            has.iter()
                .find(|(name, seen)| **name == network.name || seen["NetworkID"] == *network.name)
        };
        let (mut steps, mut in_place) = (vec![], true);
        for network in asked {
            let connect =
                Step::Connect { network: network.name.clone(), endpoint: network.endpoint() };
            let name = format!("network.{}", network.name);
            let seen = find(network).map(|(_, seen)| seen);
            let moves = network.needs_other_address(seen);
            match seen {
                None => differences.add(&name, Value::Null, network.endpoint()),
                Some(seen) if moves || !network.agrees(seen) => {
                    steps.push(Step::Disconnect { network: network.name.clone() });
                    differences.add(&name, part_of(seen, &network.endpoint()), network.endpoint());
                }
                Some(_) => continue,
            }
            in_place &= !moves;
            steps.push(connect);
        }
        if comparison == Comparison::Strict {
            let is_asked = |name: &str, seen: &Value| {
                asked.iter().any(|n| n.name == name || seen["NetworkID"] == *n.name)
            };
            for (name, _) in has.iter().filter(|(name, seen)| !is_asked(name, seen)) {
                steps.push(Step::Disconnect { network: name.clone() });
                differences.add(&format!("network.{name}"), json!({}), Value::Null);
            }
        }
        in_place.then_some(steps)
    }

    /// Notes whether it runs and is paused, and what changes that.
    fn compare_running(
        &self,
        change: &mut Change,
        differences: &mut Differences,
    ) -> Result<(), Failure> {
        let Self { args, container, .. } = self;
        let running = is_running(container);
        match args.state {
            Wanted::Started | Wanted::Healthy if !running => {
                differences.add("running", false, true);
                args.run(false, None, change);
                return Ok(());
            }
            Wanted::Started | Wanted::Healthy if args.restart && change.steps.is_empty() => {
                differences.add("restarted", false, true);
                let (timeout, grace) = (args.process.stop_timeout, args.grace(container));
                change.steps.push(Step::Restart { timeout, grace });
                args.wait(change);
                return Ok(());
            }
            Wanted::Stopped if running => {
                differences.add("running", true, false);
                args.stop(container, change);
                return Ok(());
            }
            _ => {}
        }
        let paused = container["State"]["Paused"].as_bool().unwrap_or_default();
        if let Some(asked) = args.paused.filter(|asked| running && *asked != paused) {
            differences.add("paused", paused, asked);
            change.steps.push(if asked { Step::Pause } else { Step::Unpause });
        }
        if args.state == Wanted::Healthy {
            if change.steps.is_empty() {
                return self.check_health();
            }
            args.wait(change);
        }
        Ok(())
    }

    /// Refuses a container whose health check does not say that it is well.
    fn check_health(&self) -> Result<(), Failure> {
        if output::is_well(self.container) {
            return Ok(());
        }
        let Args { name, healthy_wait_timeout: timeout, .. } = self.args;
        Err(output::not_well(name, *timeout, self.container))
    }
}

/// Whether the Engine refuses new limits beside those that are there: processors are counted, or
/// their time is.
fn clash(updates: &Fields, has: &Body) -> bool {
    let counted = "NanoCpus";
    let timed = ["CpuPeriod", "CpuQuota"];
    let has = |name: &str| has.get_host(name).is_some_and(|limit| !is_nothing(&limit));
    let new = |name: &str| updates.contains_key(name);
    (new(counted) && timed.iter().any(|name| has(name)))
        || (has(counted) && timed.iter().any(|name| new(name)))
}

/// What the Engine needs to hear together with a new limit.
fn complete(mut updates: Fields, asked: &Body, has: &Body) -> Fields {
    // A limit on memory above that on memory and swap together is refused; the latter is what it
    // is told to be, and twice the former unless it is told.
    if let Some(memory) = updates.get("Memory").and_then(Value::as_i64)
        && memory > 0
        && !updates.contains_key("MemorySwap")
    {
        let swap = |body: &Body| body.get_host("MemorySwap").as_ref().and_then(Value::as_i64);
        let limited = swap(has).is_some_and(|swap| swap > 0);
        let told = swap(asked).filter(|swap| *swap != 0);
        if let Some(swap) = told.or_else(|| limited.then_some(memory * 2)) {
            updates.insert("MemorySwap".to_owned(), swap.into());
        }
    }
    updates
}

/// Of a connection only what is compared.
fn part_of(seen: &Value, asked: &Value) -> Value {
    let mut part = json!({});
    for name in asked.as_object().into_iter().flat_map(|fields| fields.keys()) {
        part[name] = seen[name].clone();
    }
    part
}
