//! `slurp`: see [`Args`], which is also what `rplay doc slurp` prints.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::sdk::file::{Content, FileKind, Look, Obstacle, Seen};
use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Probe, Returned};

/// Reads a file of the host into a variable; changes nothing.
///
/// Returns its `content` in base64, which the filter `b64decode` turns back. A file may have
/// 16 MiB: `fetch` takes larger ones.
#[derive(Debug, Arguments)]
pub struct Args {
    /// The file.
    #[arg(alias = "path")]
    src: String,
}

/// What stands at the path, and what can be read there.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    seen: Seen,
    #[serde(default)]
    content: Content,
}

impl Module for Args {
    type State = State;
    type Change = ();

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        // What the kernel makes up has a content, and the size 0: it is read to its end.
        const READ: Probe =
            Probe("if [ -f \"$path\" ] && [ -r \"$path\" ]; then cat <\"$path\"; fi");
        let looks = [Look::at(&self.src)];
        let (seen, content) = Look::see_all_and(&looks, READ, &[], vec![], host).await?;
        let seen = seen.into_iter().next().unwrap_or_default();
        Ok(State { seen, content: Content(content) })
    }

    fn plan(&self, now: &State) -> Result<Plan<()>, Failure> {
        let State { seen, content } = now;
        let path = &seen.path;
        let refuse = |message: String| Err(Failure::new(message));
        let closed = || {
            Err(Failure::new(format!("File is not readable: {path}"))
                .help("`become: true` reads it as root"))
        };
        match (seen.followed().map(|stat| stat.kind), &seen.obstacle) {
            (_, Some(Obstacle::Closed(_))) => closed(),
            (_, Some(obstacle)) => refuse(format!("Unable to slurp file: {path}: {obstacle}")),
            (None, None) => refuse(format!("File not found: {path}")),
            (Some(_), None) if !seen.rights.contains('r') => closed(),
            (Some(FileKind::Directory), None) => {
                refuse(format!("Source is a directory and must be a file: {path}"))
            }
            (Some(FileKind::File), None) => Ok(Plan::Keep(
                Returned::new()
                    .with("content", STANDARD.encode(&content.0))
                    .with("source", path)
                    .with("encoding", "base64"),
            )),
            (Some(kind), None) => {
                refuse(format!("Unable to slurp file: {path}: it is a {}", kind.word()))
            }
        }
    }

    async fn apply((): (), _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}
