//! How many hosts work at the same time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A host's leave to work on a task beside others: one of `forks`.
pub(super) struct Permit {
    forks: Arc<Semaphore>,
    held: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Permit {
    /// A leave that is yet to be taken.
    pub(super) fn of(forks: &Arc<Semaphore>) -> Self {
        Self { forks: Arc::clone(forks), held: Mutex::new(None) }
    }

    /// Waits for it, in the order of those who ask.
    pub(super) async fn take(&self) {
        let permit = Arc::clone(&self.forks).acquire_owned().await.ok();
        self.swap(permit);
    }

    /// Gives it up.
    pub(super) fn release(&self) {
        self.swap(None);
    }

    /// Lets another host work for a while. What waits for another host must do it here: else as
    /// many as have leave could wait for one that never gets it.
    pub(super) async fn lend(&self, time: Duration) {
        let held = self.swap(None);
        let was_held = held.is_some();
        drop(held);
        tokio::time::sleep(time).await;
        if was_held {
            self.take().await;
        }
    }

    fn swap(&self, permit: Option<OwnedSemaphorePermit>) -> Option<OwnedSemaphorePermit> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut held, permit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_that_waits_lets_another_work() {
        let forks = Arc::new(Semaphore::new(1));
        let (first, second) = (Permit::of(&forks), Permit::of(&forks));
        first.take().await;
        let other = async {
            second.take().await;
            second.release();
        };
        tokio::time::timeout(Duration::from_secs(5), async {
            tokio::join!(first.lend(Duration::from_millis(1)), other);
        })
        .await
        .unwrap();
        assert_eq!(forks.available_permits(), 0, "the first has it again");
        first.release();
        assert_eq!(forks.available_permits(), 1);
    }
}
