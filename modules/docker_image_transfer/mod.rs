//! `docker_image_transfer`: see [`Args`], which is also what `rplay doc docker_image_transfer`
//! prints.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sdk::docker::{DockerOptions, Doing, ImageName, SavedImage, layers_of};
use crate::sdk::{
    Arguments, Diff, Failure, Module, Observer, Operator, Plan, Returned, Rule, Search, Side, Value,
};

/// Brings an image to a host's Engine without a registry: from the Engine of another host, or
/// from an archive of the machine that runs rplay.
///
/// Only the layers that the host lacks are sent, over the SSH connections that there are; they
/// pass through the machine that runs rplay, and are never stored there. An image that the host
/// has already, by its id, is not sent at all.
///
/// The other host needs the command `docker` and `tar`. An Engine that keeps its images in
/// containerd's store is sent all layers.
///
/// Returns `image`, as `docker image inspect` shows it, `layers` (`total`, `sent`) and `bytes`,
/// the size of what was sent; in check mode `bytes` is what its layers take up.
#[derive(Debug, Arguments)]
#[arguments(rules = RULES)]
pub struct Args {
    /// Name of the image, on both sides. May be left out for an archive that holds one image of
    /// one name.
    name: Option<String>,
    /// The host that has it, by its name in the inventory, or a group, of which the first is
    /// asked.
    from: Option<String>,
    /// An archive that `docker save` wrote: a file of the project, not compressed.
    archive: Option<String>,
    /// How the Engines are reached, this host's and the other's.
    #[arg(flatten)]
    docker: DockerOptions,
}

const RULES: &[Rule] = &[
    Rule::OneOf(&["from", "archive"]),
    Rule::Exclusive(&["from", "archive"]),
    Rule::By("from", &["name"]),
];

/// The image on both sides.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Its name.
    name: String,
    /// The host or the archive that it comes from.
    source: String,
    /// Whether that is this host itself.
    is_source: bool,
    /// The image there.
    there: Option<There>,
    /// What the host has under the name.
    here: Option<Value>,
    /// Whether the host has the image, under whatever name.
    has: bool,
    /// How many of its layers the host has, from the first on.
    layers_here: usize,
}

/// The image where it comes from.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct There {
    id: String,
    created: String,
    layers: Vec<String>,
    /// The sizes of the layers, where they are known.
    sizes: Vec<u64>,
}

/// What was decided.
#[derive(Debug, Serialize)]
pub struct Change {
    name: String,
    /// The image has another name on the host already: it is given this one, too.
    tag: Option<String>,
    /// How many layers are not sent.
    skip: usize,
    layers: usize,
    #[serde(skip)]
    from: Option<String>,
    #[serde(skip)]
    archive: Option<String>,
    #[serde(skip)]
    docker: DockerOptions,
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let mut state = match (&self.from, &self.archive) {
            (Some(from), _) => self.look_at_host(host, from).await?,
            (None, archive) => {
                self.look_at_archive(host, archive.as_deref().unwrap_or_default())?
            }
        };
        if state.is_source {
            return Ok(state);
        }
        let docker = host.docker(&self.docker)?;
        state.here = docker.image(&ImageName::parse(&state.name)).await?;
        if let Some(there) = &state.there
            && !state.here.as_ref().is_some_and(|here| there.is(here))
        {
            let same: Option<Value> = docker.get(&["images", &there.id, "json"]).await?;
            state.has = same.is_some();
            state.layers_here = docker.layers_present(&there.layers).await?;
        }
        Ok(state)
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let name = &now.name;
        let Some(there) = &now.there else {
            return Err(Failure::new(format!("{} has no image {name}", now.source))
                .help("build, pull or load it there first"));
        };
        let total = there.layers.len();
        let returned = |sent: usize, bytes: u64| {
            let layers = json!({"total": total, "sent": sent});
            Returned::new().with("layers", layers).with("bytes", bytes)
        };
        if now.is_source {
            return Ok(Plan::Keep(returned(0, 0)));
        }
        if let Some(here) = now.here.as_ref().filter(|here| there.is(here)) {
            return Ok(Plan::Keep(returned(0, 0).with("image", here)));
        }
        let skip = now.layers_here.min(total);
        let sent = if now.has { 0 } else { total - skip };
        let bytes: u64 = there.sizes.iter().skip(total - sent).sum();
        let mut after = json!({"id": there.id});
        if !now.has {
            after["sent"] = if there.sizes.len() == total {
                json!(format!("{sent} of {total} layers, {}", in_words(bytes)))
            } else {
                json!(format!("{sent} of {total} layers"))
            };
        }
        let before = match &now.here {
            Some(here) => Side::Fields(json!({"id": here["Id"]})),
            None => Side::Absent,
        };
        let diff = Diff { subject: format!("image {name}"), before, after: Side::Fields(after) };
        let change = Change {
            name: name.clone(),
            tag: now.has.then(|| there.id.clone()),
            skip,
            layers: total,
            from: self.from.as_ref().map(|_| now.source.clone()),
            archive: self.archive.clone(),
            docker: self.docker.clone(),
        };
        Ok(Plan::change(change, diff).returning(returned(sent, bytes)))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&change.docker)?;
        let name = ImageName::parse(&change.name);
        let mut returned = Returned::new();
        if let Some(id) = &change.tag {
            docker.tag(id, &name).await.doing(|| format!("naming image {name}"))?;
        } else {
            let bytes = match (&change.from, &change.archive) {
                (Some(from), _) => {
                    let peer = host.controller().peer(from).await?;
                    let source = host.at(&peer);
                    let image = source.saved_image(&change.docker, &change.name).await?;
                    host.load_image(&docker, &image, &change.name, change.skip, &source).await?
                }
                (None, archive) => {
                    let controller = host.controller();
                    let path =
                        controller.find(Search::Files, archive.as_deref().unwrap_or_default())?;
                    let (image, _) = SavedImage::of_file(&path, Some(&change.name))?;
                    host.load_image(&docker, &image, &change.name, change.skip, host).await?
                }
            };
            returned.set("bytes", bytes);
        }
        let image = docker.image(&name).await?;
        let image = image.ok_or_else(|| {
            Failure::new(format!("loading image {name}: it is not there afterwards"))
        })?;
        Ok(returned.with("image", image))
    }
}

impl Args {
    async fn look_at_host(&self, host: &Observer<'_>, from: &str) -> Result<State, Failure> {
        let controller = host.controller();
        let found = controller.hosts_of(from).and_then(|hosts| hosts.into_iter().next());
        let source = found.ok_or_else(|| {
            Failure::new(format!("`from`: `{from}` is no host or group of the inventory"))
        })?;
        let image = ImageName::parse(self.name.as_deref().unwrap_or_default());
        if image.digest.is_some() {
            return Err(Failure::new(format!("`name`: {image} is a digest; it must be a name")));
        }
        let name = format!("{}:{}", image.repository, image.version());
        let peer = controller.peer(&source).await?;
        let docker = host.at(&peer).docker(&self.docker)?;
        let mut there = None;
        if let Some(found) = docker.image(&ImageName::parse(&name)).await? {
            let id = found["Id"].as_str().unwrap_or_default().to_owned();
            let layers = layers_of(&found);
            let sizes = docker.layer_sizes(&id, layers.len()).await?;
            let created = found["Created"].as_str().unwrap_or_default().to_owned();
            there = Some(There { id, created, layers, sizes });
        }
        let is_source = source == controller.hostname();
        Ok(State { name, source, is_source, there, ..State::default() })
    }

    fn look_at_archive(&self, host: &Observer<'_>, archive: &str) -> Result<State, Failure> {
        let path = host.controller().find(Search::Files, archive)?;
        let (image, config) = SavedImage::of_file(&path, self.name.as_deref())?;
        let name = match (&self.name, &image.names[..]) {
            (Some(name), _) => name.clone(),
            (None, [only]) => only.clone(),
            (None, names) => {
                let names = names.join(", ");
                return Err(Failure::new(format!(
                    "the image in {archive} has these names: {names}"
                ))
                .help("say by `name` which one is meant"));
            }
        };
        let name = ImageName::parse(&name);
        let layers = config["rootfs"]["diff_ids"].as_array().into_iter().flatten();
        let there = There {
            id: image.id(),
            created: config["created"].as_str().unwrap_or_default().to_owned(),
            layers: layers.filter_map(Value::as_str).map(str::to_owned).collect(),
            sizes: image.sizes(),
        };
        Ok(State {
            name: format!("{}:{}", name.repository, name.version()),
            source: archive.to_owned(),
            there: Some(there),
            ..State::default()
        })
    }
}

impl There {
    /// Whether an image is this one. Engines with different stores call it by different ids.
    fn is(&self, image: &Value) -> bool {
        image["Id"] == *self.id
            || (!self.layers.is_empty()
                && layers_of(image) == self.layers
                && image["Created"] == *self.created)
    }
}

/// A size for people.
fn in_words(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let kilo = bytes as f64 / 1000.0;
    if kilo < 1000.0 { format!("{kilo:.1} kB") } else { format!("{:.1} MB", kilo / 1000.0) }
}
