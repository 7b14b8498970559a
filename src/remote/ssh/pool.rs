//! What all connections share.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use super::identity::Identity;
use crate::base::Secret;

/// Keeps the number of handshakes at once within what controller and servers can bear, and reads
/// each private key once. A clone shares all of it.
#[derive(Clone)]
pub struct SshPool {
    all: Arc<Semaphore>,
    by_address: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
    identities: Arc<Mutex<Vec<(IdentitySource, SharedIdentity)>>>,
}

/// Read by the first who needs it.
type SharedIdentity = Arc<OnceCell<Arc<Identity>>>;

/// What decides what an identity turns out to be.
#[derive(Clone, PartialEq, Eq)]
struct IdentitySource {
    path: PathBuf,
    passphrase: Option<Secret>,
    certificates: Vec<PathBuf>,
}

impl SshPool {
    /// Beyond this, only the wait of each single host grows.
    const HANDSHAKES: usize = 64;
    /// An OpenSSH server begins to turn connections away at ten (`MaxStartups`).
    const HANDSHAKES_PER_ADDRESS: usize = 8;

    /// A pool of its own limits.
    pub fn new() -> Self {
        Self {
            all: Arc::new(Semaphore::new(Self::HANDSHAKES)),
            by_address: Arc::default(),
            identities: Arc::default(),
        }
    }

    /// Waits for the turn of a handshake with this address.
    pub(super) async fn turn(&self, address: &str) -> [Option<OwnedSemaphorePermit>; 2] {
        let here = {
            let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(Semaphore::new(Self::HANDSHAKES_PER_ADDRESS));
            Arc::clone(by_address.entry(address.to_owned()).or_insert_with(new))
        };
        // Neither is ever closed.
        let here = here.acquire_owned().await.ok();
        let all = Arc::clone(&self.all).acquire_owned().await.ok();
        [here, all]
    }

    /// The identity in a file. Opening a locked one takes a while, so that all hosts share it.
    pub(super) async fn identity(
        &self,
        path: &Path,
        passphrase: Option<&Secret>,
        certificates: &[PathBuf],
    ) -> Arc<Identity> {
        let source = IdentitySource {
            path: path.to_owned(),
            passphrase: passphrase.cloned(),
            certificates: certificates.to_owned(),
        };
        let cell = {
            let mut known = self.identities.lock().unwrap_or_else(PoisonError::into_inner);
            let found = known.iter().find(|(other, _)| *other == source);
            let found = found.map(|(_, cell)| Arc::clone(cell));
            found.unwrap_or_else(|| {
                let cell = Arc::default();
                known.push((source.clone(), Arc::clone(&cell)));
                cell
            })
        };
        let IdentitySource { path, passphrase, certificates } = source;
        let read = move || Identity::read(&path, passphrase.as_ref(), &certificates);
        let unread = |_| Identity {
            key: None,
            public: None,
            certificates: vec![],
            problem: Some("cannot be read: fault in the SSH library".into()),
        };
        let identity = async { Arc::new(spawn_blocking(read).await.unwrap_or_else(unread)) };
        Arc::clone(cell.get_or_init(|| identity).await)
    }
}

impl Default for SshPool {
    fn default() -> Self {
        Self::new()
    }
}
