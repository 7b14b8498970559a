//! Answers that come in parts: a pull, a push, a build.

use serde_json::Value;

use super::EngineError;

/// Cuts an answer into its JSON lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    /// The longest line that is read.
    const LONGEST: usize = 4 * 1024 * 1024;

    /// Takes one more part and gives each line that it completes.
    pub(super) fn take(
        &mut self,
        part: &[u8],
        each: &mut (dyn FnMut(Value) + Send),
    ) -> Result<(), EngineError> {
        let mut part = part;
        while let Some(end) = part.iter().position(|byte| *byte == b'\n') {
            self.rest.extend_from_slice(&part[..end]);
            part = &part[end + 1..];
            self.complete(each)?;
        }
        if self.rest.len() + part.len() > Self::LONGEST {
            return Err(EngineError::Answer(format!(
                "a line of more than {} MiB",
                Self::LONGEST / 1024 / 1024
            )));
        }
        self.rest.extend_from_slice(part);
        Ok(())
    }

    /// Gives the last line, where no newline ended it.
    pub(super) fn complete(
        &mut self,
        each: &mut (dyn FnMut(Value) + Send),
    ) -> Result<(), EngineError> {
        let line = std::mem::take(&mut self.rest);
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let value: Value = serde_json::from_slice(&line)
            .map_err(|error| EngineError::Answer(format!("progress: {error}")))?;
        let said = value.pointer("/errorDetail/message").or_else(|| value.get("error"));
        if let Some(said) = said {
            return Err(EngineError::failed(said.as_str().unwrap_or("the Engine gives no reason")));
        }
        each(value);
        Ok(())
    }
}

/// What a pull, a push, a load or a build told, within bounds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Transcript {
    /// What a build's steps and a load printed; when that is long, most of it.
    pub text: String,
    /// The statuses that are not about the progress of one layer, in order, such as
    /// `Digest: sha256:…` and `Status: Image is up to date for busybox:latest`.
    pub statuses: Vec<String>,
    /// Whether a layer was moved: some status was about one that was not there before.
    pub moved: bool,
    /// What the Engine added for programs, such as a built image's id and a pushed tag's digest.
    pub aux: Vec<Value>,
}

impl Transcript {
    /// The most text that is kept, in bytes.
    const TEXT: usize = 1024 * 1024;
    /// The most statuses that are kept.
    const STATUSES: usize = 1000;

    /// Notes one line of the answer.
    pub fn note(&mut self, line: &Value) {
        if let Some(text) = line["stream"].as_str()
            && self.text.len() + text.len() <= Self::TEXT
        {
            self.text.push_str(text);
        }
        if let Some(aux) = line.get("aux") {
            self.aux.push(aux.clone());
        }
        let Some(status) = line["status"].as_str() else { return };
        if line.get("progressDetail").is_some() {
            self.moved |= ["Pulling fs layer", "Downloading", "Pull complete", "Pushing", "Pushed"]
                .contains(&status);
        } else if self.statuses.len() < Self::STATUSES {
            self.statuses.push(status.to_owned());
        }
    }

    /// The id of the image that a build made.
    pub fn image(&self) -> Option<&str> {
        self.aux.iter().rev().find_map(|aux| aux["ID"].as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(parts: &[&str]) -> Result<Vec<Value>, EngineError> {
        let (mut lines, mut all) = (Lines::default(), vec![]);
        let mut each = |line| all.push(line);
        for part in parts {
            lines.take(part.as_bytes(), &mut each)?;
        }
        lines.complete(&mut each)?;
        Ok(all)
    }

    #[test]
    fn lines_may_be_cut_anywhere() {
        let all = read(&["{\"a\"", ":1}\r\n\r\n{\"a\":2}\r\n{", "\"a\":3}"]).unwrap();
        assert_eq!(all, [json!({"a": 1}), json!({"a": 2}), json!({"a": 3})]);
    }

    #[test]
    fn a_failure_in_the_middle_is_a_failure() {
        let line = json!({"errorDetail": {"code": 1, "message": "no such tag"}, "error": "x"});
        let error = read(&["{\"a\":1}\n", &line.to_string()]).unwrap_err();
        assert_eq!(error, EngineError::Failed("no such tag".to_owned()));
        assert!(matches!(read(&["<html>"]), Err(EngineError::Answer(_))));
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let part = "x".repeat(1024 * 1024);
        let error = read(&[part.as_str(); 5]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the Docker Engine's answer is not understood: a line of more than 4 MiB"
        );
    }

    #[test]
    fn a_transcript_keeps_what_matters() {
        let mut transcript = Transcript::default();
        for line in [
            json!({"stream": "Step 1/1 : FROM x\n"}),
            json!({"status": "Downloading", "id": "c0ffee", "progressDetail": {"current": 1}}),
            json!({"aux": {"ID": "sha256:1"}}),
            json!({"status": "Status: Downloaded newer image"}),
        ] {
            transcript.note(&line);
        }
        assert_eq!(transcript.text, "Step 1/1 : FROM x\n");
        assert_eq!(transcript.image(), Some("sha256:1"));
        assert_eq!(transcript.statuses, ["Status: Downloaded newer image"]);
        assert!(transcript.moved);
    }

    #[test]
    fn a_transcript_is_bounded() {
        let mut transcript = Transcript::default();
        for _ in 0..3 {
            transcript.note(&json!({"stream": "ä".repeat(400_000)}));
        }
        assert!(transcript.text.len() <= 1024 * 1024);
    }
}
