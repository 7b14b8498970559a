//! Writing and removing a context's files.

use serde::Serialize;

use crate::sdk::docker::ClientConfigWrite;
use crate::sdk::{Exec, Failure, Operator, Value};

/// Makes the folder $1 with the permissions $2, those above it for everyone to read.
const FOLDER: &str = "mkdir -p -- \"$1\" && chmod \"$2\" \"$1\"";
/// Writes what it reads, or the file $3, to the file $1 with the permissions $2, all at once.
const WRITE: &str = "
umask 077
new=$1.rplay-new
cat -- \"${3:--}\" >\"$new\" && chmod \"$2\" \"$new\" && mv -f -- \"$new\" \"$1\"
";
/// Removes folders.
const REMOVE: &str = "rm -rf -- \"$@\"";

/// What there is to do about a context.
#[derive(Debug, Default, Serialize)]
pub struct Change {
    /// The files for TLS that are written.
    pub(super) tls: Vec<TlsFile>,
    /// The folder that holds it, and what it is then.
    pub(super) meta: Option<(String, Value)>,
    /// The client's configuration, where another context is in use then.
    pub(super) config: Option<ClientConfigWrite>,
    /// The folders that are removed.
    pub(super) remove: Vec<String>,
}

/// A file for TLS.
#[derive(Debug, Serialize)]
pub struct TlsFile {
    /// Where it is now.
    pub(super) source: String,
    /// Where it is copied to.
    pub(super) path: String,
}

impl Change {
    /// Writes the parts before what refers to them, and removes them after it.
    pub(super) async fn apply(self, host: &Operator<'_>) -> Result<(), Failure> {
        for TlsFile { source, path } in &self.tls {
            folder(host, path, "0700").await?;
            let exec = Exec::script(WRITE).args([path.as_str(), "0600", source]);
            host.must(&format!("copying {source} to {path}"), exec).await?;
        }
        if let Some((into, meta)) = self.meta {
            let path = format!("{into}/meta.json");
            folder(host, &path, "0755").await?;
            let exec = Exec::script(WRITE).args([path.as_str(), "0644"]).stdin(meta.to_string());
            host.must(&format!("writing {path}"), exec).await?;
        }
        if let Some(config) = self.config {
            config.apply(host).await?;
        }
        if !self.remove.is_empty() {
            host.must("removing the context", Exec::script(REMOVE).args(&self.remove)).await?;
        }
        Ok(())
    }
}

/// Makes the folder of a file.
async fn folder(host: &Operator<'_>, path: &str, mode: &str) -> Result<(), Failure> {
    let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
    let exec = Exec::script(FOLDER).args([folder, mode]);
    host.must(&format!("making the folder {folder}"), exec).await.map(drop)
}
