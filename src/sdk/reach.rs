//! Whether a host can be worked on.

use std::time::Duration;

use super::{Failure, Observer, Probe};

impl Observer<'_> {
    /// Drops the connection, opens another one and runs a script over it: the whole way that a
    /// task takes. A failure says why that did not come to its end in time.
    pub async fn reach_anew(&self, within: Duration) -> Result<(), Failure> {
        let late = || Failure::new(format!("no answer within {} s", within.as_secs()));
        let way = async {
            self.host().connection.close().await?;
            let output = self.probe(Probe(":"), [""; 0]).await?;
            if output.success() { Ok(()) } else { Err(Failure::of_program("a script", &output)) }
        };
        tokio::time::timeout(within, way).await.unwrap_or_else(|_| Err(late()))
    }
}
