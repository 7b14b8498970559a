//! What a `.dockerignore` leaves out of a build.

use fancy_regex::Regex;

/// The patterns of a `.dockerignore`, in file order.
#[derive(Debug, Default)]
pub(super) struct Dockerignore(Vec<(Regex, bool)>);

impl Dockerignore {
    /// Reads the file; a line that is no pattern matches nothing.
    pub(super) fn read(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
        Self(lines.filter_map(pattern).collect())
    }

    /// Whether nothing is left out.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a path, relative to the context, is left out: the last pattern that matches it, or
    /// a folder it lies in, decides.
    pub(super) fn leaves_out(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        let parts: Vec<&str> = ends.map(|end| &path[..end]).collect();
        self.0.iter().fold(false, |out, (regex, leave_out)| {
            let matches = parts.iter().any(|part| regex.is_match(part).unwrap_or_default());
            if matches { *leave_out } else { out }
        })
    }
}

/// One line as an expression, and whether what matches is left out (or taken back in).
fn pattern(line: &str) -> Option<(Regex, bool)> {
    let (line, leave_out) = match line.strip_prefix('!') {
        Some(rest) => (rest.trim(), false),
        None => (line, true),
    };
    let line = line.trim_start_matches("./").trim_matches('/');
    if line.is_empty() || line == "." {
        return None;
    }
    let mut regex = String::from("^");
    let mut signs = line.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '*' if signs.next_if_eq(&'*').is_some() => {
                // `**/` also matches no folder at all.
                regex.push_str(if signs.next_if_eq(&'/').is_some() { "(.*/)?" } else { ".*" });
            }
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            '[' => regex.push('['),
            ']' => regex.push(']'),
            '\\' => regex.push_str(&fancy_regex::escape(&signs.next()?.to_string())),
            '^' | '-' => regex.push(sign),
            sign => regex.push_str(&fancy_regex::escape(&sign.to_string())),
        }
    }
    regex.push('$');
    Regex::new(&regex).ok().map(|regex| (regex, leave_out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_out_as_docker_does() {
        let ignore = Dockerignore::read(
            "# comment\n\n*.log\n/target\n**/node_modules\ntemp?\n!keep.log\ndocs\n!docs/api\n[ab].txt\n",
        );
        for (path, out) in [
            ("x.log", true),
            ("deep/x.log", false),
            ("keep.log", false),
            ("target/debug/app", true),
            ("src/target", false),
            ("node_modules/x", true),
            ("a/b/node_modules/x", true),
            ("temp1", true),
            ("temp12", false),
            ("docs/guide", true),
            ("docs/api/x", false),
            ("a.txt", true),
            ("c.txt", false),
            ("Dockerfile", false),
        ] {
            assert_eq!(ignore.leaves_out(path), out, "{path}");
        }
    }

    #[test]
    fn a_file_without_patterns_leaves_nothing_out() {
        assert!(Dockerignore::read("# nothing\n\n.\n").is_empty());
        assert!(!Dockerignore::read("[").leaves_out("["));
    }
}
