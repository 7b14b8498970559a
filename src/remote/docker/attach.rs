//! Commands in containers: an HTTP connection that becomes the command's input and output.

use bytes::Bytes;
use hyper::StatusCode;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::engine::collect;
use super::exchange::reason;
use super::frames::{Frames, Streams};
use super::pool::Purpose;
use super::{Engine, EngineError, Request};
use crate::base::Secret;
use crate::remote::Output;

impl Engine {
    /// Sends a request whose answer is a command's output, gives the command its input, and
    /// reads to the end; the status is not part of it.
    ///
    /// The request's timeout is for the head of the answer; the command may take its time. At
    /// most `limit` bytes are kept of each output. `begin` is done once the connection belongs to
    /// the command: what it prints from then on is not missed.
    pub async fn attach(
        &self,
        request: Request,
        streams: Streams,
        input: Bytes,
        limit: usize,
        begin: impl Future<Output = Result<(), EngineError>> + Send,
    ) -> Result<Output, EngineError> {
        let api = self.version().await?.api;
        let permit = self.exchange_of().permit(Purpose::Stream).await?;
        let started = std::time::Instant::now();
        let timeout = request.timeout;
        let mut request = request
            .header("Connection", Secret::new("Upgrade".to_owned()))
            .header("Upgrade", Secret::new("tcp".to_owned()));
        let sending = self.exchange_of().send(&mut request, Some(api), permit);
        let (_lease, response) = tokio::time::timeout(timeout, sending)
            .await
            .map_err(|_| EngineError::TimedOut(timeout))??;
        let status = response.status();
        if status != StatusCode::SWITCHING_PROTOCOLS {
            let body = collect(&mut response.into_body(), started).await?;
            if status.is_success() {
                let said = "the connection was not turned over to the command";
                return Err(EngineError::Answer(said.to_owned()));
            }
            return Err(EngineError::refused(status.as_u16(), &body));
        }
        let lost = |why: String| EngineError::lost(started.elapsed(), why);
        let stream = hyper::upgrade::on(response).await.map_err(|error| lost(reason(&error)))?;
        begin.await?;
        let (mut reader, mut writer) = tokio::io::split(TokioIo::new(stream));
        let write = async {
            // A command may end without reading all; what it prints and its status tell.
            let _ = writer.write_all(&input).await;
            let _ = writer.shutdown().await;
        };
        let read = async {
            let (mut frames, mut part) = (Frames::new(streams, limit), vec![0; 64 * 1024]);
            loop {
                match reader.read(&mut part).await {
                    Ok(0) => return Ok(frames.finish()),
                    Ok(length) => frames.take(&part[..length]),
                    Err(error) => return Err(lost(error.to_string())),
                }
            }
        };
        tokio::pin!(read);
        // An input that nobody reads must not keep it from ending.
        tokio::select! {
            output = &mut read => output,
            () = write => read.await,
        }
    }
}
