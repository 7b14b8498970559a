//! The line that says what a run is waiting for.

use std::io::{self, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indexmap::{IndexMap, IndexSet};

use super::super::Reporter;
use super::super::text::{Text, Tone, duration, names};
use super::Screen;
use crate::event::{Event, EventKind, Shown};

/// How often the line is drawn anew. Also how long a task takes before it is spoken of.
const TICK: Duration = Duration::from_millis(250);
/// The most hosts that are named.
const HOSTS: usize = 5;

/// Keeps the bottom line of a terminal: the running task, its hosts, and for how long.
///
/// A thread of its own draws it, since it goes on while nothing happens.
#[derive(Debug)]
pub struct LiveLine<W: Write> {
    screen: Screen<W>,
    running: Shared,
    thread: Option<(Sender<()>, JoinHandle<()>)>,
}

type Shared = Arc<Mutex<Running>>;

/// What is under way.
#[derive(Debug, Default)]
struct Running {
    /// The tasks that hosts are at, by number.
    tasks: IndexMap<u32, Task>,
    /// The names of tasks whose hosts have yet to begin.
    names: IndexMap<u32, String>,
}

#[derive(Debug)]
struct Task {
    name: String,
    since: Instant,
    hosts: IndexSet<String>,
}

impl<W: Write + Send + 'static> LiveLine<W> {
    /// A line at the bottom of this terminal.
    pub fn new(screen: Screen<W>, colour: bool) -> Self {
        let running = Shared::default();
        let (stop, stopped) = mpsc::channel();
        let thread = thread::spawn({
            let (screen, running) = (screen.clone(), Arc::clone(&running));
            move || {
                while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                    let line = lock(&running).line(Instant::now(), colour);
                    if screen.set_line(&line).is_err() {
                        break;
                    }
                }
            }
        });
        Self { screen, running, thread: Some((stop, thread)) }
    }
}

impl<W: Write> LiveLine<W> {
    fn stop(&mut self) -> io::Result<()> {
        let Some((stop, thread)) = self.thread.take() else { return Ok(()) };
        drop(stop);
        let _ = thread.join();
        self.screen.set_line("")
    }
}

impl<W: Write> Drop for LiveLine<W> {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

impl Running {
    fn line(&self, now: Instant, colour: bool) -> String {
        // The task that is waited for longest is the one that the user wonders about.
        let Some(task) = self.tasks.values().find(|task| !task.hosts.is_empty()) else {
            return String::new();
        };
        let waited = now.saturating_duration_since(task.since);
        if waited < TICK {
            return String::new();
        }
        let mut text = Text::new(colour);
        let hosts = names(task.hosts.iter().map(String::as_str), HOSTS);
        text.put(Tone::Dim, format!("{}  {}: {hosts}", duration(waited), task.name));
        text.as_str().replace('\n', " ")
    }

    fn ended(&mut self, task: u32, host: &str) {
        if let Some(running) = self.tasks.get_mut(&task) {
            running.hosts.shift_remove(host);
            if running.hosts.is_empty() {
                self.tasks.shift_remove(&task);
            }
        }
    }
}

fn lock(running: &Shared) -> MutexGuard<'_, Running> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<W: Write + Send + 'static> Reporter for LiveLine<W> {
    fn report(&mut self, event: &Shown<Event>) -> io::Result<()> {
        match &event.kind {
            EventKind::TaskStarted { task } => {
                lock(&self.running).names.insert(task.id, task.name.clone());
            }
            EventKind::HostStarted { task, host } => {
                let mut running = lock(&self.running);
                let name = running.names.get(task).cloned().unwrap_or_default();
                let since = Instant::now();
                let fresh = || Task { name, since, hosts: IndexSet::new() };
                running.tasks.entry(*task).or_insert_with(fresh).hosts.insert(host.clone());
            }
            EventKind::HostFinished { task, host, .. } => lock(&self.running).ended(task.id, host),
            EventKind::RunFinished { .. } => self.stop()?,
            EventKind::RunStarted { .. }
            | EventKind::PlayStarted { .. }
            | EventKind::PlaySkipped { .. }
            | EventKind::PlayFailed { .. }
            | EventKind::ItemFinished { .. }
            | EventKind::Included { .. }
            | EventKind::PlaybookStarted { .. }
            | EventKind::Meta { .. }
            | EventKind::Rescued { .. }
            | EventKind::Retrying { .. }
            | EventKind::Notice { .. } => {}
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.stop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_task_that_is_waited_for() {
        let start = Instant::now();
        let hosts = ["node1", "node3"].map(str::to_owned).into_iter().collect();
        let task = Task { name: "Install engine".to_owned(), since: start, hosts };
        let mut running = Running::default();
        running.tasks.insert(1, task);
        let after = |ms| start + Duration::from_millis(ms);
        assert_eq!(running.line(after(100), false), "");
        assert_eq!(running.line(after(12_400), false), "12.4 s  Install engine: node1, node3");
        running.ended(1, "node1");
        running.ended(1, "node3");
        assert_eq!(running.line(after(12_400), false), "");
    }
}
