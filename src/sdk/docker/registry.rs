//! What registries tell.

use super::DockerReader;
use crate::value::Value;

impl DockerReader {
    /// The digest that an image's registry has under its name, as the Engine asks it; `None` where
    /// that is not to be found out.
    pub async fn registry_digest(&self, image: &str) -> Option<String> {
        let told: Option<Value> = self.get(&["distribution", image, "json"]).await.ok()?;
        told?["Descriptor"]["digest"].as_str().map(str::to_owned)
    }
}
