//! Images on their way from one Engine to another, without a registry between them.
//!
//! `docker save` writes an archive: the image's configuration, one file for each layer, and
//! `manifest.json` that says which is which and in what order. Engines before 25 keep a layer in
//! a folder of its own (`ID/layer.tar`, a symbolic link where two are the same), newer ones in
//! `blobs/sha256/DIGEST`. `docker load` opens the file of a layer only where the Engine lacks the
//! layer: it knows a layer by what lies below it, so what counts is how many of the image's
//! layers, from the first on, some image of the Engine has.
//!
//! So what is sent is an archive made anew: the configuration, which gives the image its id, the
//! layers that are lacking, and a `manifest.json` in the form that every Engine reads. It is made
//! while it is read; nothing is kept but what is on the way.

mod saved;
mod stream;

pub use saved::SavedImage;

use super::{DockerOptions, DockerReader, DockerWriter, Doing, EngineError};
use crate::remote::Exec;
use crate::remote::docker::{Body, Request, Transcript};
use crate::sdk::{Failure, Operator};
use crate::value::Value;

/// Prints the table of contents of an image's archive, and what is in it.
const CONTENTS: &str = include_str!("contents.sh");

impl Operator<'_> {
    /// What `docker save` would write of an image of this host; the archive is written and
    /// looked through on the host.
    pub async fn saved_image(
        &self,
        options: &DockerOptions,
        name: &str,
    ) -> Result<SavedImage, Failure> {
        let address = options.access(self.host())?.address.to_string();
        let exec = Exec::script(CONTENTS).args([address.as_str(), name]);
        let output = self.must(&format!("looking into image {name}"), exec).await?;
        let text = output.stdout_text();
        let (manifest, listing) = text.split_once('\0').unwrap_or_default();
        SavedImage::of_host(manifest, listing, name, address)
    }

    /// Sends an image to the Engine of this host, without its first `skip` layers; `source` is
    /// the host that has it. Gives the size of what was sent.
    pub async fn load_image(
        &self,
        docker: &DockerWriter,
        image: &SavedImage,
        name: &str,
        skip: usize,
        source: &Operator<'_>,
    ) -> Result<u64, Failure> {
        let doing = || format!("loading image {name}");
        let sent = image.select(name, skip);
        let body = Body::TarStream(sent.stream(source).await?);
        let request = Request::post(&["images", "load"]).query("quiet", "1").body(body);
        let mut told = Transcript::default();
        match docker.follow(request, &mut told).await {
            Ok(()) => Ok(sent.size()),
            // The layer was removed a moment ago, or the Engine wants all of them.
            Err(error) if skip > 0 && lacks_layer(&error) => {
                let whole = image.select(name, 0);
                let body = Body::TarStream(whole.stream(source).await?);
                let request = Request::post(&["images", "load"]).query("quiet", "1").body(body);
                docker.follow(request, &mut told).await.doing(doing)?;
                Ok(sent.size() + whole.size())
            }
            Err(error) => Err(error).doing(doing),
        }
    }
}

fn lacks_layer(error: &EngineError) -> bool {
    let said = error.to_string();
    said.contains("no such file") || said.contains("not found")
}

impl DockerReader {
    /// How many of these layers, from the first on, some image of the Engine has.
    pub async fn layers_present(&self, layers: &[String]) -> Result<usize, EngineError> {
        let info: Value = self.ask(&["info"], &[]).await?;
        // Such an Engine keeps what it was given, and asks for all of it.
        if info["DriverStatus"].to_string().contains("io.containerd.snapshotter") {
            return Ok(0);
        }
        let images: Vec<Value> = self.list(&["images", "json"], &[("all", "1")]).await?;
        let mut most = 0;
        for id in images.iter().filter_map(|image| image["Id"].as_str()) {
            let image: Option<Value> = self.get(&["images", id, "json"]).await?;
            let own = layers_of(&image.unwrap_or_default());
            most = most.max(layers.iter().zip(&own).take_while(|(a, b)| a == b).count());
        }
        Ok(most)
    }

    /// The sizes of an image's layers, from the first on; none where they cannot be told.
    pub async fn layer_sizes(&self, id: &str, layers: usize) -> Result<Vec<u64>, EngineError> {
        let steps: Vec<Value> = self.list(&["images", id, "history"], &[]).await?;
        let sizes = steps.iter().rev().filter_map(|step| step["Size"].as_u64());
        // A step that changed no file made no layer.
        let sizes: Vec<u64> = sizes.filter(|size| *size > 0).collect();
        Ok(if sizes.len() == layers { sizes } else { vec![] })
    }
}

/// The layers of an image as the Engine shows it, from the first on.
pub fn layers_of(image: &Value) -> Vec<String> {
    let layers = image["RootFS"]["Layers"].as_array().into_iter().flatten();
    layers.filter_map(Value::as_str).map(str::to_owned).collect()
}
