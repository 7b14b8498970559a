//! Git repositories.

use std::path::Path;

use tokio::process::Command;

use super::program;

/// Fetches a repository into a folder that is not there yet; comes back with the commit.
///
/// Without a version it is the one that the repository's `HEAD` names.
pub(super) async fn fetch(
    url: &str,
    version: Option<&str>,
    folder: &Path,
) -> Result<String, String> {
    let mut clone = git();
    clone.args(["clone", "--quiet", "--no-checkout", "--"]).arg(url).arg(folder);
    program::run(clone, "").await?;
    let commit = resolve(version, folder).await?;
    let mut checkout = git();
    checkout.arg("-C").arg(folder).args(["checkout", "--quiet", "--detach"]).arg(&commit);
    program::run(checkout, "").await?;
    let inside = folder.join(".git");
    std::fs::remove_dir_all(&inside)
        .map_err(|error| format!("cannot remove {}: {error}", inside.display()))?;
    Ok(commit)
}

/// The commit that a tag, a branch or the beginning of a hash means.
async fn resolve(version: Option<&str>, folder: &Path) -> Result<String, String> {
    let meanings = match version {
        None => vec!["HEAD".to_owned()],
        Some(version) => vec![
            format!("refs/tags/{version}"),
            format!("refs/remotes/origin/{version}"),
            version.to_owned(),
        ],
    };
    for meaning in meanings {
        let mut parse = git();
        parse.arg("-C").arg(folder).args(["rev-parse", "--verify", "--quiet", "--end-of-options"]);
        parse.arg(format!("{meaning}^{{commit}}"));
        if let Ok(said) = program::run(parse, "").await {
            return Ok(String::from_utf8_lossy(&said).trim().to_owned());
        }
    }
    Err(match version {
        Some(version) => format!("the repository has no tag, branch or commit `{version}`"),
        None => "the repository is empty".to_owned(),
    })
}

/// Git, which asks nobody anything and runs nothing that a repository brings.
fn git() -> Command {
    let mut git = Command::new("git");
    git.args(["-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false"]);
    git.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ALLOW_PROTOCOL", "https:http:ssh:git:file");
    if std::env::var_os("GIT_SSH_COMMAND").is_none() {
        git.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
    }
    // Those of a repository that the program is called in are not meant.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(name);
    }
    git
}
