//! A folder of the host on its way to the host's Engine.

use std::io;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::dockerignore::Dockerignore;
use crate::remote::docker::Body;
use crate::remote::{Exec, Target};
use crate::sdk::{Failure, Host, Operator};

/// Prints the `.dockerignore` of a folder.
const IGNORE: &str = r#"if [ -f "$1/.dockerignore" ]; then cat "$1/.dockerignore"; fi"#;
/// Prints the paths of everything in a folder, each with a NUL behind it.
const LIST: &str = r#"cd "$1" && find . -print0"#;
/// Packs the paths that it reads; a tar without `--null` takes one on each line.
const PACK: &str = r#"
cd "$1" || exit 1
if tar --help 2>&1 | grep -q -e --null; then
    exec tar --null --no-recursion -cf - -T -
fi
tr '\0' '\n' | tar --no-recursion -cf - -T -
"#;

impl Operator<'_> {
    /// A folder of the host as an archive, without what its `.dockerignore` leaves out.
    ///
    /// It is read while the Engine takes it up, and goes through this machine: the Engine's
    /// API has no other way.
    pub async fn build_context(&self, folder: &str, dockerfile: &str) -> Result<Body, Failure> {
        let host = self.host();
        let ignore = run(host, "reading .dockerignore", IGNORE, folder).await?;
        let ignore = Dockerignore::read(&String::from_utf8_lossy(&ignore));
        let listed = run(host, "listing the build context", LIST, folder).await?;
        let kept = keep(&listed, &ignore, dockerfile);
        let argv = ["sh", "-c", PACK, "sh", folder].map(str::to_owned).to_vec();
        let stream = host.connection.open(&Target::Program(argv), host.login.as_ref()).await?;
        let (reader, mut writer) = tokio::io::split(stream);
        // Beside the reading: the list may be longer than what fits on the way.
        tokio::spawn(async move {
            // tar notices a list that ends early, and the Engine an archive that does.
            let _ = writer.write_all(&kept).await;
            let _ = writer.shutdown().await;
        });
        Ok(Body::TarStream(parts(reader)))
    }
}

async fn run(
    host: &Host,
    doing: &str,
    script: &'static str,
    folder: &str,
) -> Result<Vec<u8>, Failure> {
    let exec = Exec::script(script).arg(folder).timeout(host.timeout);
    let output = host.connection.exec(&exec, host.login.as_ref()).await?;
    if !output.success() {
        return Err(Failure::of_program(doing, &output));
    }
    if output.left_out > 0 {
        return Err(Failure::new(format!("{doing} failed: {folder} has too many files"))
            .help("build from a folder that has only what the image needs"));
    }
    Ok(output.stdout)
}

/// The paths that go to the Engine, as they were listed.
fn keep(listed: &[u8], ignore: &Dockerignore, dockerfile: &str) -> Vec<u8> {
    if ignore.is_empty() {
        return listed.to_vec();
    }
    let mut kept = vec![];
    for path in listed.split(|byte| *byte == 0).filter(|path| !path.is_empty()) {
        let text = String::from_utf8_lossy(path);
        let text = text.trim_start_matches("./");
        // The Engine needs these two in any case.
        let needed = text == "." || text == ".dockerignore" || text == dockerfile;
        if needed || !ignore.leaves_out(text) {
            kept.extend_from_slice(path);
            kept.push(0);
        }
    }
    kept
}

/// What a stream gives, in parts.
fn parts(
    stream: impl tokio::io::AsyncRead + Send + Unpin + 'static,
) -> BoxStream<'static, io::Result<Bytes>> {
    const PART: usize = 64 * 1024;
    futures_util::stream::unfold(stream, |mut stream| async move {
        let mut part = BytesMut::with_capacity(PART);
        match stream.read_buf(&mut part).await {
            Ok(0) => None,
            Ok(_) => Some((Ok(part.freeze()), stream)),
            Err(error) => Some((Err(error), stream)),
        }
    })
    .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_the_engine_needs() {
        let listed = b".\0./Dockerfile\0./.dockerignore\0./a.log\0./src\0./src/main.c\0";
        let ignore = Dockerignore::read("*\n!src\n");
        let kept = keep(listed, &ignore, "Dockerfile");
        let kept: Vec<&str> = std::str::from_utf8(&kept).unwrap().split_terminator('\0').collect();
        assert_eq!(kept, [".", "./Dockerfile", "./.dockerignore", "./src", "./src/main.c"]);
        assert_eq!(keep(listed, &Dockerignore::default(), "Dockerfile"), listed);
    }

    #[tokio::test]
    async fn a_stream_is_read_to_its_end() {
        let parts: Vec<_> = parts(&b"archive"[..]).collect().await;
        assert_eq!(parts.into_iter().map(Result::unwrap).collect::<Vec<_>>().concat(), b"archive");
    }
}
