//! The Galaxy server, which knows roles and collections by name.

use std::path::Path;

use serde_json::Value;
use tokio::process::Command;

use super::program;
use super::versions::best;
use crate::base::curl_setting;

/// The largest archive that is downloaded, in bytes.
const MOST: &str = "536870912";

/// The most pages of releases that are read.
const PAGES: usize = 50;

/// One release of a role or collection.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Release {
    pub(super) version: String,
    pub(super) url: String,
    /// What the server says that its archive is.
    pub(super) sha256: Option<String>,
}

/// Finds the release of a role that fits a version.
pub(super) async fn role(
    server: &str,
    (owner, name): (&str, &str),
    version: Option<&str>,
) -> Result<Release, String> {
    let server = server.trim_end_matches('/');
    let url = format!("{server}/api/v1/roles/?owner__username={owner}&name={name}");
    role_release(&ask(&url).await?, (owner, name), version)
}

fn role_release(
    said: &Value,
    (owner, name): (&str, &str),
    version: Option<&str>,
) -> Result<Release, String> {
    let role = &said["results"][0];
    let part = |key: &str| role[key].as_str().filter(|part| is_plain(part));
    let (Some(user), Some(repository)) = (part("github_user"), part("github_repo")) else {
        return Err(format!("the server knows no role `{owner}.{name}`"));
    };
    let versions = role["summary_fields"]["versions"].as_array();
    let versions = || versions.into_iter().flatten().filter_map(|version| version["name"].as_str());
    let branch = part("github_branch").unwrap_or("HEAD");
    let version = match version {
        Some(version) => version,
        None => best(versions(), None).unwrap_or(branch),
    };
    if !is_plain(version) {
        return Err(format!("`{version}` cannot be a version"));
    }
    Ok(Release {
        version: version.to_owned(),
        url: format!("https://github.com/{user}/{repository}/archive/{version}.tar.gz"),
        sha256: None,
    })
}

/// Finds the release of a collection that fits a version or a condition.
pub(super) async fn collection(
    server: &str,
    (owner, name): (&str, &str),
    version: Option<&str>,
) -> Result<Release, String> {
    let server = server.trim_end_matches('/');
    let root = server.strip_suffix("/api").unwrap_or(server);
    let index = format!("{root}/api/v3/plugin/ansible/content/published/collections/index");
    let index = format!("{index}/{owner}/{name}/versions");
    let mut all = vec![];
    let mut next = Some(format!("{index}/?limit=100"));
    for _ in 0..PAGES {
        let Some(url) = next else { break };
        let said = ask(&url).await?;
        let page = said["data"].as_array().into_iter().flatten();
        all.extend(page.filter_map(|version| version["version"].as_str().map(str::to_owned)));
        next = said["links"]["next"].as_str().map(|path| format!("{root}{path}"));
    }
    let found = best(all.iter().map(String::as_str), version).filter(|version| is_plain(version));
    let Some(found) = found else {
        let wanted = version.map_or_else(String::new, |version| format!(" that is {version}"));
        return Err(format!("the server has no release of `{owner}.{name}`{wanted}"));
    };
    let said = ask(&format!("{index}/{found}/")).await?;
    let url = said["download_url"].as_str().unwrap_or_default().to_owned();
    let sha256 = said["artifact"]["sha256"].as_str().map(str::to_owned);
    Ok(Release { version: found.to_owned(), url, sha256 })
}

/// Whether a text of the server's may be part of a URL.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(['.', '-'])
        && text.chars().all(|sign| sign.is_ascii_alphanumeric() || "._-+/".contains(sign))
        && !text.contains("..")
}

async fn ask(url: &str) -> Result<Value, String> {
    let said = curl(url, None).await?;
    serde_json::from_slice(&said).map_err(|_| format!("{url} does not answer with JSON"))
}

/// Downloads a file.
pub(super) async fn download(url: &str, path: &Path) -> Result<(), String> {
    curl(url, Some(path)).await.map(drop)
}

async fn curl(url: &str, path: Option<&Path>) -> Result<Vec<u8>, String> {
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return Err(format!("`{url}` is no URL for HTTP"));
    }
    let mut curl = Command::new("curl");
    curl.args(["--disable", "--fail", "--silent", "--show-error", "--location", "--globoff"]);
    curl.args(["--proto", "=http,https", "--proto-redir", "=https,http", "--max-redirs", "10"]);
    curl.args(["--connect-timeout", "30", "--max-time", "600", "--max-filesize", MOST]);
    if let Some(path) = path {
        curl.arg("--output").arg(path);
    }
    curl.args(["--config", "-"]);
    // A password may stand in the URL: it is not for the command line.
    let setting = curl_setting("url", url).ok_or_else(|| format!("`{url}` is no URL"))?;
    program::run(curl, &setting).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_role_is_an_archive_of_its_repository() {
        let said = json!({"results": [{
            "github_user": "someone", "github_repo": "ansible-role-web", "github_branch": "main",
            "summary_fields": {"versions": [{"name": "1.9.0"}, {"name": "1.10.0"}]},
        }]});
        let release = |version| role_release(&said, ("someone", "web"), version);
        let found = release(None).unwrap();
        assert_eq!(found.version, "1.10.0");
        let url = "https://github.com/someone/ansible-role-web/archive/1.10.0.tar.gz";
        assert_eq!(found.url, url);
        assert_eq!(release(Some("main")).unwrap().version, "main");
        assert!(release(Some("../../x")).is_err());
        let none = role_release(&json!({"results": []}), ("a", "b"), None);
        assert_eq!(none.unwrap_err(), "the server knows no role `a.b`");
    }
}
