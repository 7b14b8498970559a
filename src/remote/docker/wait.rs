//! Waiting for what a container is about to do.

use serde_json::Value;

use super::engine::collect;
use super::pool::Purpose;
use super::{Engine, EngineError, Request};

impl Engine {
    /// Sends a request that the Engine answers twice: at once that it waits, and at the end with
    /// what it has waited for. `begin` is done in between, so that nothing is missed.
    ///
    /// The request's timeout is for the whole.
    pub async fn wait(
        &self,
        mut request: Request,
        begin: impl Future<Output = Result<(), EngineError>> + Send,
    ) -> Result<Value, EngineError> {
        let api = self.version().await?.api;
        let exchange = self.exchange_of();
        let permit = exchange.permit(Purpose::Stream).await?;
        let started = std::time::Instant::now();
        let timeout = request.timeout;
        let whole = async {
            let (lease, response) = exchange.send(&mut request, Some(api), permit).await?;
            let status = response.status();
            let mut body = response.into_body();
            if !status.is_success() {
                let body = collect(&mut body, started).await?;
                return Err(EngineError::refused(status.as_u16(), &body));
            }
            begin.await?;
            let body = collect(&mut body, started).await?;
            exchange.give_back(lease);
            serde_json::from_slice(&body).map_err(|error| EngineError::Answer(error.to_string()))
        };
        tokio::time::timeout(timeout, whole).await.map_err(|_| EngineError::TimedOut(timeout))?
    }
}
