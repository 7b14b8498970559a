//! What a container has printed, of any length.

use http_body_util::BodyExt;

use super::engine::collect;
use super::exchange::reason;
use super::frames::{Frames, Streams};
use super::pool::Purpose;
use super::{Engine, EngineError, Request};

impl Engine {
    /// Sends a request whose answer is what a container has printed. At most `limit` bytes are
    /// kept, and the second number says how many were left out of the middle.
    ///
    /// The request's timeout is the longest silence.
    pub async fn log(
        &self,
        mut request: Request,
        streams: Streams,
        limit: usize,
    ) -> Result<(Vec<u8>, u64), EngineError> {
        let api = self.version().await?.api;
        let exchange = self.exchange_of();
        let permit = exchange.permit(Purpose::Stream).await?;
        let started = std::time::Instant::now();
        let silence = request.timeout;
        let late = |_| EngineError::TimedOut(silence);
        let sending = exchange.send(&mut request, Some(api), permit);
        let (lease, response) = tokio::time::timeout(silence, sending).await.map_err(late)??;
        let status = response.status();
        let mut body = response.into_body();
        if !status.is_success() {
            let body = collect(&mut body, started).await?;
            return Err(EngineError::refused(status.as_u16(), &body));
        }
        let mut log = Frames::joined(streams, limit);
        while let Some(frame) = tokio::time::timeout(silence, body.frame()).await.map_err(late)? {
            let frame =
                frame.map_err(|error| EngineError::lost(started.elapsed(), reason(&error)))?;
            if let Some(part) = frame.data_ref() {
                log.take(part);
            }
        }
        exchange.give_back(lease);
        let output = log.finish();
        Ok((output.stdout, output.left_out))
    }
}
