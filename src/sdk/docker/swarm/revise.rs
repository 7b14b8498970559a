//! Changes to the objects of a swarm, which have versions.

use serde_json::Value;

use crate::base::Secret;
use crate::remote::docker::{EngineError, Request};
use crate::sdk::docker::DockerWriter;

/// How often an object is changed at most until nobody else has changed it meanwhile.
const ATTEMPTS: usize = 5;

/// Whether somebody else has changed the object meanwhile.
pub fn out_of_sequence(error: &EngineError) -> bool {
    error.status().is_some() && error.to_string().contains("update out of sequence")
}

impl DockerWriter {
    /// Reads an object's `Spec`, edits it and writes it back; again where somebody else has
    /// changed it meanwhile. What the edit does not touch stays as it is. The query's parameters go
    /// with the update.
    pub async fn revise(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        edit: impl Fn(&mut Value) + Send + Sync,
    ) -> Result<Value, EngineError> {
        self.revise_with(path, query, None, edit).await
    }

    /// The same, with a header for the update.
    pub async fn revise_with(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        header: Option<(&'static str, Secret)>,
        edit: impl Fn(&mut Value) + Send + Sync,
    ) -> Result<Value, EngineError> {
        let request = || {
            let request = Request::post(&[path, &["update"]].concat());
            let request = query.iter().fold(request, |r, (name, value)| r.query(name, value));
            match &header {
                Some((name, value)) => request.header(name, value.clone()),
                None => request,
            }
        };
        // The swarm itself changes objects, too: that it updates a service, for example.
        for _ in 1..ATTEMPTS {
            match self.revise_once(path, request(), &edit).await {
                Err(error) if out_of_sequence(&error) => {}
                other => return other,
            }
        }
        self.revise_once(path, request(), &edit).await
    }

    async fn revise_once(
        &self,
        path: &[&str],
        update: Request,
        edit: &(impl Fn(&mut Value) + Sync),
    ) -> Result<Value, EngineError> {
        let mut object: Value = self.ask(path, &[]).await?;
        let version = object["Version"]["Index"].to_string();
        edit(&mut object["Spec"]);
        self.send(update.query("version", version).json(&object["Spec"])).await?.json()
    }
}
