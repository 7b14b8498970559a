//! A file that a host downloads.

use serde::Serialize;

use super::{HttpRequest, HttpResponse, curl};
use crate::sdk::file::{
    Algorithm, AttributeChange, Content, FileAttributes, FileKind, FileWrite, Payload, Seen,
};
use crate::sdk::{Choice, Failure, Operator, Output, Returned};

/// A download that is put in a file's place, unless that has the same content.
#[derive(Debug, Clone, Serialize)]
pub struct Download {
    /// How it is asked for.
    pub request: HttpRequest,
    /// The checksum that it must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<(Algorithm, String)>,
    /// The SHA-1 of the file that is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub present: Option<String>,
    /// Where it is put.
    pub write: FileWrite,
    /// What is set on the file that is there, where the download is the same.
    pub kept: AttributeChange,
}

impl Download {
    /// A download to what was seen.
    pub fn new(
        request: HttpRequest,
        seen: &Seen,
        attributes: &FileAttributes,
        backup: bool,
    ) -> Self {
        let now = seen.followed();
        let kept = attributes.change(seen, now, FileKind::File, None);
        let mut set = kept.clone();
        set.mode = set.mode.or_else(|| now.map(|stat| stat.mode));
        let write = FileWrite {
            path: seen.real_path().to_owned(),
            payload: Payload::Bytes(Content::default()),
            attributes: set,
            before: now.map(|stat| format!("{}:{}", stat.uid, stat.gid)).unwrap_or_default(),
            backup: backup && now.is_some(),
            expected: None,
            validate: None,
            unsafe_writes: attributes.unsafe_writes,
        };
        let present = seen.checksum.clone();
        Self { request, checksum: None, present, write, kept }
    }

    /// Downloads; returns `changed: false` where the file that is there has the same content.
    pub async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let new = self.write.beside()?;
        let (algorithm, sum) = match &self.checksum {
            Some((algorithm, sum)) => (algorithm.word(), sum.as_str()),
            None => ("", ""),
        };
        let exec = self
            .write
            .exec(include_str!("fetch.sh"), &new)?
            .stdin(curl::config(&self.request, Some(&new))?)
            .env("fetch_algorithm", algorithm)
            .env("fetch_sum", sum)
            .env("fetch_present", self.present.as_deref().unwrap_or_default())
            .env("fetch_plain", if self.is_plain() { &self.request.url } else { "" })
            .env("fetch_time", self.request.timeout.to_string());
        let output = host.run(exec).await?;
        match output.status {
            0 => self.downloaded(&output, host).await,
            9 => self.through_controller(host).await,
            _ => Err(self.explain(&new, &output)),
        }
    }

    /// Whether wget can make the request: it has no place for secrets but its command line.
    fn is_plain(&self) -> bool {
        let request = &self.request;
        let authority = request.url.split('/').nth(2).unwrap_or_default();
        request.login.is_none()
            && request.socket.is_none()
            && request.verify
            && request.certificates.iter().all(Option::is_none)
            && request.headers.keys().all(|name| name.eq_ignore_ascii_case("user-agent"))
            && !authority.contains('@')
            && !request.url.starts_with('-')
    }

    async fn downloaded(&self, output: &Output, host: &Operator<'_>) -> Result<Returned, Failure> {
        let text = output.stdout_text();
        let mut parts = text.splitn(4, '\0');
        let mut next = || parts.next().unwrap_or_default();
        let (said, sum, same, placed) = (next(), next(), next(), next());
        let response = HttpResponse::parse(said.as_bytes()).unwrap_or_default();
        let returned = Returned::new()
            .with("status_code", response.status)
            .with("checksum_src", sum)
            .with("checksum_dest", &self.present);
        if same.is_empty() {
            return Ok(returned.and(FileWrite::returned(placed)).with("changed", true));
        }
        if self.kept.is_empty() {
            return Ok(returned.with("changed", false));
        }
        let set = self.kept.apply(&self.write.path, true, host).await?;
        Ok(returned.and(set).with("changed", true))
    }

    /// The download of a host that has no program for it.
    async fn through_controller(&self, host: &Operator<'_>) -> Result<Returned, Failure> {
        if !self.request.url.starts_with("http://") {
            let url = &self.request.url;
            let message = format!("cannot download {url}: the host has neither `curl` nor `wget`");
            return Err(Failure::new(message).help("install the package `curl`"));
        }
        let response = self.request.send(host).await?;
        if !(200..300).contains(&response.status) {
            return Err(self.refused(&response));
        }
        let source = crate::sdk::file::Source::bytes(response.body.clone());
        let mut write = self.write.clone();
        write.payload = source.payload;
        if let Some((algorithm, wanted)) = &self.checksum {
            let found = algorithm.sum(&response.body);
            if found != *wanted {
                return Err(self.other_checksum(&found));
            }
        }
        let returned = Returned::new()
            .with("status_code", response.status)
            .with("checksum_src", &source.checksum)
            .with("checksum_dest", &self.present);
        if self.present.as_ref() != Some(&source.checksum) {
            return Ok(returned.and(write.apply(host).await?).with("changed", true));
        }
        if self.kept.is_empty() {
            return Ok(returned.with("changed", false));
        }
        let set = self.kept.apply(&self.write.path, true, host).await?;
        Ok(returned.and(set).with("changed", true))
    }

    fn explain(&self, new: &str, output: &Output) -> Failure {
        let said = output.stderr_text();
        match output.status {
            7 => self.refused(&HttpResponse::parse(&output.stdout).unwrap_or_default()),
            8 => self.other_checksum(said.trim()),
            10 => self.refused(&wget_answer(&said)),
            1 if said.contains("curl: (") => curl::failure(&self.request.url, output),
            _ => self.write.explain(new, output),
        }
    }

    fn refused(&self, response: &HttpResponse) -> Failure {
        let (url, status, reason) = (&self.request.url, response.status, &response.reason);
        if status == 0 {
            return curl::no_answer(url, reason);
        }
        Failure::new(format!("Request failed: {url} answers HTTP Error {status}: {reason}"))
            .returning(
                Returned::new()
                    .with("status_code", status)
                    .with("response", format!("HTTP Error {status}: {reason}"))
                    .with("url", url)
                    .with("dest", &self.write.path),
            )
    }

    fn other_checksum(&self, found: &str) -> Failure {
        let wanted = self.checksum.as_ref().map_or("", |(_, sum)| sum);
        Failure::new(format!(
            "The checksum for {} did not match {wanted}; it was {found}.",
            self.request.url
        ))
        .help("the file that was there is as it was")
    }
}

/// What wget says of an answer that is none, as BusyBox's or GNU's words it: `server returned
/// error: HTTP/1.1 404 Not Found`, `ERROR 404: Not Found.`
fn wget_answer(said: &str) -> HttpResponse {
    let answer = said.lines().rev().find_map(|line| {
        let words = match line.split_once("server returned error: HTTP/") {
            Some((_, answer)) => answer.split_once(' ')?.1,
            None => line.split_once(" ERROR ")?.1,
        };
        let (status, reason) = words.split_once([' ', ':'])?;
        Some((status.parse().ok()?, reason.trim().trim_end_matches('.').to_owned()))
    });
    let last = || said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().to_owned();
    let (status, reason) = answer.unwrap_or_else(|| (0, last()));
    HttpResponse { status, reason, ..HttpResponse::default() }
}

#[cfg(test)]
mod tests {
    use super::wget_answer;

    #[test]
    fn wget_has_two_ways_to_say_no() {
        let said = |text| {
            let answer = wget_answer(text);
            (answer.status, answer.reason)
        };
        let busybox = "Connecting to x\nwget: server returned error: HTTP/1.1 404 Not Found\n";
        assert_eq!(said(busybox), (404, "Not Found".to_owned()));
        let gnu = "HTTP request sent\n2026-01-01 10:00:00 ERROR 403: Forbidden.\n\n";
        assert_eq!(said(gnu), (403, "Forbidden".to_owned()));
        assert_eq!(said("wget: bad address 'x'\n"), (0, "wget: bad address 'x'".to_owned()));
    }
}
