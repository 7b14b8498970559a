//! The fact cache as a run uses it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::events::Events;
use super::fact_cache::FactCache;
use crate::value::Fields;

/// Keeps the facts of hosts beyond the run. What goes wrong is told, each thing once, and no host
/// fails over it.
#[derive(Debug)]
pub(super) struct FactKeeper {
    cache: FactCache,
    events: Events,
    /// What has been told.
    told: Mutex<BTreeSet<String>>,
}

impl FactKeeper {
    pub(super) fn new(cache: FactCache, events: Events) -> Self {
        Self { cache, events, told: Mutex::default() }
    }

    /// The facts that an earlier run learnt of a host.
    pub(super) fn load(&self, host: &str) -> Option<Fields> {
        self.cache.load(host).unwrap_or_else(|fault| {
            self.tell(fault);
            None
        })
    }

    /// Keeps what is known of a host.
    pub(super) fn store(&self, host: &str, facts: Fields) {
        if let Err(fault) = self.cache.store(host, facts) {
            self.tell(fault);
        }
    }

    /// Forgets a host.
    pub(super) fn forget(&self, host: &str) {
        if let Err(fault) = self.cache.forget(host) {
            self.tell(fault);
        }
    }

    fn tell(&self, fault: String) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.insert(fault.clone()) {
            self.events.notice(fault);
        }
    }
}
