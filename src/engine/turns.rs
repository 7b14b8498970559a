//! Puts what the hosts of one task tell into the order of the inventory.

use std::sync::{Mutex, PoisonError};

use super::events::Events;
use crate::event::EventKind;

/// Lets the hosts of one task speak in turn, so that two runs read alike.
///
/// The first host that has not ended speaks at once; what others tell waits until those before
/// them have ended.
pub(super) struct Turns {
    events: Events,
    state: Mutex<State>,
}

struct State {
    /// Whose turn it is.
    next: usize,
    /// What each host has to tell, and whether it has ended.
    hosts: Vec<(Vec<EventKind>, bool)>,
}

impl Turns {
    /// For a task on so many hosts.
    pub(super) fn new(events: &Events, hosts: usize) -> Self {
        let hosts = (0..hosts).map(|_| (vec![], false)).collect();
        Self { events: events.clone(), state: Mutex::new(State { next: 0, hosts }) }
    }

    /// Takes what a host tells.
    pub(super) fn tell(&self, host: usize, kind: EventKind) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if host == state.next {
            self.events.tell(kind);
        } else if let Some((waiting, _)) = state.hosts.get_mut(host) {
            waiting.push(kind);
        }
    }

    /// Notes that a host has no more to tell.
    pub(super) fn end(&self, host: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, ended)) = state.hosts.get_mut(host) {
            *ended = true;
        }
        loop {
            let next = state.next;
            let Some((waiting, ended)) = state.hosts.get_mut(next) else { break };
            let (told, ended) = (std::mem::take(waiting), *ended);
            for kind in told {
                self.events.tell(kind);
            }
            if !ended {
                break;
            }
            state.next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(text: &str) -> EventKind {
        EventKind::Notice { text: text.to_owned(), brief: None }
    }

    #[test]
    fn hosts_speak_in_the_order_of_the_inventory() {
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let turns = Turns::new(&Events(sender), 3);
        turns.tell(1, notice("b"));
        turns.tell(0, notice("a"));
        turns.end(1);
        turns.tell(2, notice("c"));
        turns.end(0);
        turns.tell(2, notice("c again"));
        turns.end(2);
        let mut seen = vec![];
        while let Ok(EventKind::Notice { text, .. }) = receiver.try_recv() {
            seen.push(text);
        }
        assert_eq!(seen, ["a", "b", "c", "c again"]);
    }
}
