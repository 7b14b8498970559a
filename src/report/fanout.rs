//! Several reporters as one, none of which can harm the others or the run.

use std::io;

use super::Reporter;
use crate::event::{Event, Shown};

/// Gives every event to every reporter, in the order they were added.
///
/// A reporter that fails gets no more events. One whose reader has gone (`rplay … | head`) ends
/// without a word: a host that is half done is worse than an output nobody reads.
#[derive(Default)]
pub struct Fanout {
    reporters: Vec<(String, Box<dyn Reporter>)>,
    lost: Vec<String>,
}

impl Fanout {
    /// Adds a reporter under the name that a warning about it uses.
    pub fn add(&mut self, name: impl Into<String>, reporter: impl Reporter + 'static) {
        self.reporters.push((name.into(), Box::new(reporter)));
    }

    /// Gives an event to every reporter.
    pub fn report(&mut self, event: &Shown<Event>) {
        let lost = &mut self.lost;
        self.reporters.retain_mut(|(name, reporter)| match reporter.report(event) {
            Ok(()) => true,
            Err(error) => {
                lost.extend(complaint(name, &error));
                false
            }
        });
    }

    /// Ends every reporter; returns what went wrong with any of them, one sentence each.
    pub fn finish(self) -> Vec<String> {
        let mut lost = self.lost;
        for (name, reporter) in self.reporters {
            if let Err(error) = reporter.finish() {
                lost.extend(complaint(&name, &error));
            }
        }
        lost
    }
}

impl std::fmt::Debug for Fanout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.reporters.iter().map(|(name, _)| name)).finish()
    }
}

fn complaint(name: &str, error: &io::Error) -> Option<String> {
    let gone = error.kind() == io::ErrorKind::BrokenPipe;
    (!gone).then(|| format!("the report {name} is incomplete: {error}"))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::event::{Event, EventKind};

    struct Fails(io::ErrorKind);

    impl Reporter for Fails {
        fn report(&mut self, _: &Shown<Event>) -> io::Result<()> {
            Err(self.0.into())
        }
        fn finish(self: Box<Self>) -> io::Result<()> {
            panic!("a reporter that failed is not used again")
        }
    }

    struct Counts(Arc<Mutex<u32>>);

    impl Reporter for Counts {
        fn report(&mut self, _: &Shown<Event>) -> io::Result<()> {
            *self.0.lock().unwrap() += 1;
            Ok(())
        }
        fn finish(self: Box<Self>) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn one_that_fails_does_not_starve_the_others() {
        let count = Arc::new(Mutex::new(0));
        let mut fanout = Fanout::default();
        fanout.add("run.xml", Fails(io::ErrorKind::StorageFull));
        fanout.add("standard output", Fails(io::ErrorKind::BrokenPipe));
        fanout.add("run.jsonl", Counts(Arc::clone(&count)));
        let kind = EventKind::Notice { text: String::new(), brief: None };
        let event = Event { number: 1, elapsed: std::time::Duration::ZERO, kind };
        let event = Shown::event(event, &crate::base::Redactor::default());
        fanout.report(&event);
        fanout.report(&event);
        assert_eq!(*count.lock().unwrap(), 2);
        let lost = fanout.finish();
        assert_eq!(lost.len(), 1, "{lost:?}");
        assert!(lost[0].starts_with("the report run.xml is incomplete: "), "{lost:?}");
    }
}
