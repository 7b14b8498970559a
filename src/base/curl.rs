//! What `curl` is told on its standard input.

/// One line of curl's configuration; nothing where the value holds line breaks or other control
/// characters, which no address and no header can have.
pub fn curl_setting(name: &str, value: &str) -> Option<String> {
    if value.contains(char::is_control) {
        return None;
    }
    let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
    Some(format!("{name} = \"{quoted}\"\n"))
}

#[cfg(test)]
mod tests {
    use super::curl_setting;

    #[test]
    fn a_value_stays_on_its_line() {
        let line = curl_setting("url", "http://a/\"b\\");
        assert_eq!(line.as_deref(), Some("url = \"http://a/\\\"b\\\\\"\n"));
        assert_eq!(curl_setting("header", "A: b\noutput = x"), None);
    }
}
