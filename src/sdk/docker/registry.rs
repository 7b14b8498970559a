//! What registries tell.

use serde::{Deserialize, Serialize};

use super::DockerReader;
use crate::remote::docker::{Credentials, EngineError, Request};
use crate::value::Value;

/// What a registry tells of an image.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegistryImage {
    /// The digest that it has under the image's name.
    pub digest: String,
    /// What it is made for, as services take it: `OS` and `Architecture`.
    pub platforms: Vec<Value>,
}

impl DockerReader {
    /// What an image's registry has under its name, as the Engine asks it with a login; else why
    /// that is not to be found out.
    pub async fn registry_image(
        &self,
        image: &str,
        login: Option<&Credentials>,
    ) -> Result<Result<RegistryImage, String>, EngineError> {
        let mut request = Request::get(&["distribution", image, "json"]);
        if login.is_some() {
            request = request.header(Credentials::HEADER, self.header(login));
        }
        let told: Value = match self.look(request).await {
            Ok(answer) => answer.json()?,
            Err(error) if error.status() == Some(404) => {
                return Ok(Err("the registry does not have it".to_owned()));
            }
            Err(error) if error.status().is_some() => return Ok(Err(error.to_string())),
            Err(error) => return Err(error),
        };
        let Some(digest) = told["Descriptor"]["digest"].as_str().map(str::to_owned) else {
            return Ok(Err("the registry tells no digest".to_owned()));
        };
        let platforms = told["Platforms"].as_array().into_iter().flatten();
        let platform = |one: &Value| {
            // Nodes tell which ARM they are in words that images do not use: any of them will do.
            let architecture = one["architecture"].as_str().filter(|name| *name != "arm");
            serde_json::json!({"OS": one["os"], "Architecture": architecture.unwrap_or_default()})
        };
        Ok(Ok(RegistryImage { digest, platforms: platforms.map(platform).collect() }))
    }
}
