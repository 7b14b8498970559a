//! Files that are put into a container before it starts.

use super::Injected;
use crate::remote::docker::Method;
use crate::sdk::Failure;
use crate::sdk::docker::{Body, DockerWriter, Doing, Request};

/// Puts files into a container that was made and has not started; `name` is what it is called.
pub async fn put_files(
    docker: &DockerWriter,
    id: &str,
    name: &str,
    files: &[Injected],
) -> Result<(), Failure> {
    if files.is_empty() {
        return Ok(());
    }
    let doing = || format!("putting files into container {name}");
    let mut archive = tar::Builder::new(vec![]);
    for file in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(file.content.len() as u64);
        header.set_mode(file.mode);
        header.set_uid(file.uid);
        header.set_gid(file.gid);
        let path = file.path.trim_start_matches('/');
        archive
            .append_data(&mut header, path, &file.content[..])
            .map_err(|error| Failure::new(format!("{}: {error}", doing())))?;
    }
    let bytes =
        archive.into_inner().map_err(|error| Failure::new(format!("{}: {error}", doing())))?;
    let request = Request::new(Method::PUT, &["containers", id, "archive"])
        .query("path", "/")
        .body(Body::Tar(bytes.into()));
    docker.send(request).await.map(drop).doing(doing)
}
