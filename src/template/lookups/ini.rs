//! INI and properties files, as Python's configparser reads them.

use std::collections::HashMap;

/// How a file is read.
pub(super) struct Ini<'a> {
    /// The section that is wanted; `None` where the file has none.
    pub(super) section: Option<&'a str>,
    /// Whether the names of keys keep their case.
    pub(super) case_sensitive: bool,
    /// Whether a key may stand without a value.
    pub(super) no_value: bool,
    /// Whether `%(name)s` stands for another value of the section.
    pub(super) interpolation: bool,
}

/// The keys of a section with their values, where they have one.
pub(super) type Entries = Vec<(String, Option<String>)>;

/// How deep values may refer to one another.
const DEEPEST: usize = 10;

impl Ini<'_> {
    /// The keys and values of the section, with those of `DEFAULT`; `None` where it is missing.
    pub(super) fn entries(&self, text: &str) -> Result<Option<Entries>, String> {
        let mut sections: Vec<(&str, Entries)> = vec![];
        if self.section.is_none() {
            sections.push(("", vec![]));
        }
        for line in text.lines() {
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
                continue;
            }
            let header = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            if let Some(name) = header.filter(|_| self.section.is_some()) {
                if !sections.iter().any(|(known, _)| *known == name) {
                    sections.push((name, vec![]));
                }
                let at = sections.iter().position(|(known, _)| *known == name).unwrap_or(0);
                let last = sections.len() - 1;
                sections.swap(at, last);
                continue;
            }
            let Some((section, entries)) = sections.last_mut() else {
                return Err(format!("File contains no section headers: {trimmed:?}"));
            };
            self.line(line, section, entries)?;
        }
        let wanted = self.section.unwrap_or_default();
        let Some((_, own)) = sections.iter().find(|(name, _)| *name == wanted) else {
            return Ok(None);
        };
        let mut all = own.clone();
        for (_, defaults) in sections.iter().filter(|(name, _)| *name == "DEFAULT") {
            let missing = |(key, _): &&(String, _)| !own.iter().any(|(known, _)| known == key);
            all.extend(defaults.iter().filter(missing).cloned());
        }
        self.interpolated(all).map(Some)
    }

    /// Reads one line that is no header.
    fn line(&self, line: &str, section: &str, entries: &mut Entries) -> Result<(), String> {
        let trimmed = line.trim();
        if line.starts_with(char::is_whitespace)
            && let Some((_, Some(value))) = entries.last_mut()
        {
            value.push('\n');
            value.push_str(trimmed);
            return Ok(());
        }
        let (key, value) = match trimmed.split_once(['=', ':']) {
            Some((key, value)) => (key.trim(), Some(value.trim().to_owned())),
            None if self.no_value => (trimmed, None),
            None => return Err(format!("Source contains parsing errors: {trimmed:?}")),
        };
        let key = if self.case_sensitive { key.to_owned() } else { key.to_lowercase() };
        if entries.iter().any(|(known, _)| *known == key) {
            return Err(format!("Duplicate option in section '{section}': '{key}'"));
        }
        entries.push((key, value));
        Ok(())
    }

    fn interpolated(&self, entries: Entries) -> Result<Entries, String> {
        if !self.interpolation {
            return Ok(entries);
        }
        let known: HashMap<String, String> =
            entries.iter().filter_map(|(key, value)| Some((key.clone(), value.clone()?))).collect();
        entries
            .into_iter()
            .map(|(key, value)| {
                let value = value.map(|value| self.expand(&value, &known, 0)).transpose()?;
                Ok((key, value))
            })
            .collect()
    }

    fn expand(
        &self,
        text: &str,
        known: &HashMap<String, String>,
        depth: usize,
    ) -> Result<String, String> {
        if depth > DEEPEST {
            return Err("values refer to one another in a circle".to_owned());
        }
        let (mut out, mut rest) = (String::new(), text);
        while let Some(at) = rest.find('%') {
            out.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            if let Some(after) = after.strip_prefix('%') {
                out.push('%');
                rest = after;
                continue;
            }
            let named = after.strip_prefix('(').and_then(|inner| inner.split_once(")s"));
            let Some((name, after)) = named else {
                return Err(format!("'%' must be followed by '%' or '(', found: '%{after}'"));
            };
            let key = if self.case_sensitive { name.to_owned() } else { name.to_lowercase() };
            let value = known.get(&key);
            let value = value.ok_or_else(|| format!("bad value substitution: no key '{name}'"))?;
            out.push_str(&self.expand(value, known, depth + 1)?);
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEB: Ini<'_> =
        Ini { section: Some("web"), case_sensitive: false, no_value: false, interpolation: true };

    fn pairs(found: &[(&str, Option<&str>)]) -> Entries {
        found.iter().map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned))).collect()
    }

    #[test]
    fn a_section_has_its_own_keys_and_the_defaults() {
        let text = "[DEFAULT]\nport = 1\nname = x\n[web]\nName: a\n  b\n; no\n[db]\nname=c\n";
        let found = WEB.entries(text).unwrap().unwrap();
        assert_eq!(found, pairs(&[("name", Some("a\nb")), ("port", Some("1"))]));
        assert_eq!(WEB.entries("[db]\nname=c\n").unwrap(), None);
    }

    #[test]
    fn values_refer_to_others_of_the_section() {
        let found = WEB.entries("[web]\nhome = /u\ndir = %(Home)s/x%%\n").unwrap().unwrap();
        assert_eq!(found[1].1.as_deref(), Some("/u/x%"));
        assert!(WEB.entries("[web]\na = %(b)s\nb = %(a)s\n").is_err());
        let plain = Ini { interpolation: false, ..WEB };
        assert_eq!(plain.entries("[web]\na = %u\n").unwrap().unwrap()[0].1.as_deref(), Some("%u"));
    }

    #[test]
    fn keys_stand_once_and_with_a_value_unless_they_may_not() {
        assert_eq!(
            WEB.entries("[web]\na = 1\nA = 2\n").unwrap_err(),
            "Duplicate option in section 'web': 'a'"
        );
        assert!(WEB.entries("[web]\nflag\n").is_err());
        let lenient = Ini { no_value: true, ..WEB };
        assert_eq!(lenient.entries("[web]\nflag\n").unwrap().unwrap(), pairs(&[("flag", None)]));
    }

    #[test]
    fn a_file_of_properties_has_no_sections() {
        let properties = Ini { section: None, ..WEB };
        assert_eq!(properties.entries("a.b = 1\n").unwrap().unwrap(), pairs(&[("a.b", Some("1"))]));
    }
}
