//! The archive that is sent, made while it is read.

use std::io::{self, SeekFrom};

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio::sync::mpsc;

use super::saved::{Member, Place, SavedImage};
use crate::remote::Target;
use crate::sdk::{Failure, Operator};

/// How much is read at a time, and how many parts may wait: at most 1 MiB is on the way.
const PART: usize = 64 * 1024;
const WAITING: usize = 16;
/// The unit of an archive.
const BLOCK: u64 = 512;

/// Prints files of an image's archive, one after the other.
const READ: &str = r#"
export DOCKER_HOST="$1"
image=$2
shift 2
exec docker save "$image" | tar -xOf - "$@"
"#;

/// The archive that is sent.
#[derive(Debug, Clone)]
pub(super) struct Selection {
    /// The files of the other archive, in its order, and what they are called here.
    members: Vec<(Member, String)>,
    manifest: Vec<u8>,
    place: Place,
}

type Parts = mpsc::Sender<io::Result<Bytes>>;

impl Selection {
    /// An image under a name, without its first `skip` layers.
    pub(super) fn new(image: &SavedImage, name: &str, skip: usize) -> Self {
        let config = format!("{}.json", image.digest());
        let called = |layer: &Member| format!("layer-{}.tar", layer.at);
        let mut members = vec![(image.config.clone(), config.clone())];
        members.extend(image.layers.iter().skip(skip).map(|layer| (layer.clone(), called(layer))));
        members.sort_by_key(|(member, _)| member.at);
        members.dedup();
        let layers: Vec<String> = image.layers.iter().map(called).collect();
        let manifest = json!([{"Config": config, "RepoTags": [name], "Layers": layers}]);
        Self { members, manifest: manifest.to_string().into_bytes(), place: image.place.clone() }
    }

    /// How many bytes it has.
    pub(super) fn size(&self) -> u64 {
        let sizes = self.members.iter().map(|(member, _)| member.size);
        let whole = sizes.chain([self.manifest.len() as u64]);
        whole.map(|size| BLOCK + size.div_ceil(BLOCK) * BLOCK).sum::<u64>() + 2 * BLOCK
    }

    /// Starts to read it.
    pub(super) async fn stream(
        &self,
        source: &Operator<'_>,
    ) -> Result<BoxStream<'static, io::Result<Bytes>>, Failure> {
        let (parts, received) = mpsc::channel(WAITING);
        let selection = self.clone();
        match &self.place {
            Place::Host { address, image } => {
                let script = ["sh", "-c", READ, "sh", address, image];
                let paths = self.members.iter().map(|(member, _)| member.path.as_str());
                let argv = script.into_iter().chain(paths).map(str::to_owned).collect();
                let host = source.host();
                let stream =
                    host.connection.open(&Target::Program(argv), host.login.as_ref()).await?;
                let (reader, mut writer) = tokio::io::split(stream);
                let _ = writer.shutdown().await;
                tokio::spawn(async move {
                    let sent = selection.send(One(reader), &parts).await;
                    // It stays open until all has been read.
                    drop(writer);
                    tell(sent, &parts).await;
                });
            }
            Place::File(path) => {
                let file = tokio::fs::File::open(path).await.map_err(|error| {
                    Failure::new(format!("cannot read {}: {error}", path.display()))
                })?;
                tokio::spawn(async move {
                    let sent = selection.send(file, &parts).await;
                    tell(sent, &parts).await;
                });
            }
        }
        let parts = futures_util::stream::unfold(received, |mut received| async move {
            received.recv().await.map(|part| (part, received))
        });
        Ok(parts.boxed())
    }

    async fn send(&self, mut from: impl Files, parts: &Parts) -> io::Result<()> {
        for (member, name) in &self.members {
            let reader = from.at(member.at).await?;
            send_file(name, member.size, reader, parts).await?;
        }
        send_file("manifest.json", self.manifest.len() as u64, &mut &self.manifest[..], parts)
            .await?;
        give(parts, Bytes::from_static(&[0; 1024])).await
    }
}

/// Where files are read from, one after the other.
trait Files: Send {
    /// What gives the next file, which stands at this place.
    fn at(
        &mut self,
        at: u64,
    ) -> impl Future<Output = io::Result<&mut (dyn AsyncRead + Send + Unpin)>> + Send;
}

/// Files without anything between them.
struct One<R>(R);

impl<R: AsyncRead + Send + Unpin> Files for One<R> {
    async fn at(&mut self, _: u64) -> io::Result<&mut (dyn AsyncRead + Send + Unpin)> {
        Ok(&mut self.0)
    }
}

impl Files for tokio::fs::File {
    async fn at(&mut self, at: u64) -> io::Result<&mut (dyn AsyncRead + Send + Unpin)> {
        self.seek(SeekFrom::Start(at)).await?;
        Ok(self)
    }
}

/// Sends one file with what an archive has around it.
async fn send_file(
    name: &str,
    size: u64,
    reader: &mut (dyn AsyncRead + Send + Unpin),
    parts: &Parts,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_path(name)?;
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    give(parts, Bytes::copy_from_slice(header.as_bytes())).await?;
    let mut left = size;
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(PART).min(PART);
        let mut part = BytesMut::with_capacity(most);
        if reader.take(left).read_buf(&mut part).await? == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the image's archive ended early",
            ));
        }
        left -= part.len() as u64;
        give(parts, part.freeze()).await?;
    }
    let filling = usize::try_from(size.next_multiple_of(BLOCK) - size).unwrap_or(0);
    give(parts, Bytes::from(vec![0; filling])).await
}

async fn give(parts: &Parts, part: Bytes) -> io::Result<()> {
    let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the Engine takes no more");
    parts.send(Ok(part)).await.map_err(gone)
}

/// Lets the receiver know how it ended: an archive that ends early must not pass for a whole one.
async fn tell(sent: io::Result<()>, parts: &Parts) {
    if let Err(error) = sent {
        let _ = parts.send(Err(error)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(vec![]);
        for (name, content) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_cksum();
            builder.append_data(&mut header, name, *content).unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[tokio::test]
    async fn what_is_sent_lacks_the_first_layers_and_keeps_the_rest() {
        let config = br#"{"rootfs":{"diff_ids":["sha256:1","sha256:2"]}}"#;
        let manifest = br#"[{"Config":"c0ffee.json","RepoTags":["app:1"],"Layers":["b/layer.tar","a/layer.tar"]}]"#;
        let (big, small) = (vec![7; 200_000], b"small".to_vec());
        let files: [(&str, &[u8]); 4] = [
            ("a/layer.tar", &small),
            ("b/layer.tar", &big),
            ("c0ffee.json", config),
            ("manifest.json", manifest),
        ];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.tar");
        std::fs::write(&path, archive(&files)).unwrap();
        let (image, read) = SavedImage::of_file(&path, None).unwrap();
        assert_eq!(read["rootfs"]["diff_ids"][1], "sha256:2");
        for (skip, expected) in [(0, vec![5, 200_000]), (1, vec![5]), (2, vec![])] {
            let selection = image.select("app:2", skip);
            let (parts, mut received) = mpsc::channel(1000);
            let file = tokio::fs::File::open(&path).await.unwrap();
            selection.send(file, &parts).await.unwrap();
            drop(parts);
            let mut whole = vec![];
            while let Some(part) = received.recv().await {
                whole.extend_from_slice(&part.unwrap());
            }
            assert_eq!(whole.len() as u64, selection.size());
            let mut sizes = vec![];
            let mut told = String::new();
            for entry in tar::Archive::new(&whole[..]).entries().unwrap() {
                let mut entry = entry.unwrap();
                let name = entry.path().unwrap().display().to_string();
                if name.starts_with("layer-") {
                    sizes.push(entry.size());
                } else if name == "manifest.json" {
                    entry.read_to_string(&mut told).unwrap();
                }
            }
            assert_eq!(sizes, expected);
            assert!(
                told.contains(r#""RepoTags":["app:2"]"#) && told.contains("c0ffee.json"),
                "{told}"
            );
        }
    }

    #[tokio::test]
    async fn an_archive_that_ends_early_is_told_of() {
        let (parts, mut received) = mpsc::channel(10);
        let sent = send_file("x", 10, &mut &b"short"[..], &parts).await;
        assert_eq!(sent.as_ref().unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        tell(sent, &parts).await;
        drop(parts);
        let mut last = None;
        while let Some(part) = received.recv().await {
            last = Some(part);
        }
        assert!(last.unwrap().is_err());
    }
}
