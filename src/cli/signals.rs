//! Ctrl-C and its like while a run is under way.

use std::io::{self, IsTerminal};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::{Exit, tell};

/// Listens for signals until the run is over, and tells the run: the first one lets what runs
/// come to its end, the second stops it at once. A third ends the program where it stands.
pub(super) async fn listen(urgency: watch::Sender<u8>) -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    any(&mut interrupt, &mut terminate, &mut hangup).await;
    say("interrupted: nothing new is started; again to stop what runs at once");
    urgency.send_replace(1);
    any(&mut interrupt, &mut terminate, &mut hangup).await;
    say("stopping at once: what was running may be half done");
    urgency.send_replace(2);
    any(&mut interrupt, &mut terminate, &mut hangup).await;
    std::process::exit(Exit::Interrupted as i32);
}

async fn any(one: &mut Signal, two: &mut Signal, three: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = two.recv() => {}
        _ = three.recv() => {}
    }
}

/// Says it on a line of its own, where a live line may stand.
fn say(sentence: &str) {
    let clear = if io::stderr().is_terminal() { "\r\x1b[2K" } else { "" };
    tell::line(&format!("{clear}{sentence}"));
}
