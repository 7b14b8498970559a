//! What a server answers.

use crate::sdk::{Fields, Value};

/// The answer to a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HttpResponse {
    /// Its status.
    pub status: u16,
    /// The status in the server's words.
    pub reason: String,
    /// The URL that answered, after redirections.
    pub url: String,
    /// The headers in the order they came, their names as they came.
    pub headers: Vec<(String, String)>,
    /// The content.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// Reads the output of curl as it is configured here.
    pub(super) fn parse(output: &[u8]) -> Option<Self> {
        let end = output.iter().rposition(|byte| *byte == b'\n')?;
        let trailer = String::from_utf8_lossy(&output[end + 1..]).into_owned();
        let (status, rest) = trailer.split_once(' ')?;
        let (size, url) = rest.split_once(' ')?;
        let (head, body) = output[..end].split_at_checked(size.parse().ok()?)?;
        let head = String::from_utf8_lossy(head);
        let head = head.trim_end();
        // Of several answers, such as redirections, the last one counts.
        let last = head.rsplit("\r\n\r\n").next().unwrap_or_default();
        let mut lines = last.lines();
        let first = lines.next().unwrap_or_default();
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        Some(Self {
            status: status.parse().ok()?,
            reason: first.splitn(3, ' ').nth(2).unwrap_or_default().to_owned(),
            url: url.to_owned(),
            headers,
            body: body.to_vec(),
        })
    }

    /// A header by its name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().rfind(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The headers as Ansible returns them: small letters, with underscores; several of one name
    /// joined by commas.
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        for (name, value) in &self.headers {
            let name = name.to_lowercase().replace('-', "_");
            let joined = match fields.get(&name) {
                Some(Value::String(before)) => format!("{before}, {value}"),
                _ => value.clone(),
            };
            fields.insert(name, joined.into());
        }
        fields
    }

    /// The content as text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The content as JSON, where the server says that it is.
    pub fn json(&self) -> Option<Value> {
        let kind = self.header("content-type")?.split(';').next()?.trim().to_lowercase();
        let is_json = kind.ends_with("/json")
            || kind.ends_with("+json")
            || kind.ends_with("/javascript")
            || kind.ends_with("/x-json");
        if is_json { serde_json::from_slice(&self.body).ok() } else { None }
    }

    /// The cookies that the server sets, by name.
    pub fn cookies(&self) -> Fields {
        self.headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .filter_map(|(_, value)| value.split(';').next()?.split_once('='))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().into()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_answer_counts() {
        let head = "HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n\
                    HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n\
                    X-A: 1\r\nX-A: 2\r\nSet-Cookie: id=7; Path=/\r\n\r\n";
        let output = format!("{head}{{\"a\":\n1}}\n200 {} http://x/b", head.len());
        let response = HttpResponse::parse(output.as_bytes()).unwrap();
        assert_eq!((response.status, response.reason.as_str()), (200, "OK"));
        assert_eq!(response.url, "http://x/b");
        assert_eq!(response.text(), "{\"a\":\n1}");
        assert_eq!(response.json(), Some(serde_json::json!({"a": 1})));
        assert_eq!(response.fields()["x_a"], "1, 2");
        assert_eq!(response.cookies()["id"], "7");
        assert_eq!(HttpResponse::parse(b"garbage"), None);
    }
}
