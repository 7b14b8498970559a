//! Which tasks the tags of a run choose.

/// What `--tags` and `--skip-tags` ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagChoice {
    /// The tags that are asked for; none stands for all.
    pub only: Vec<String>,
    /// The tags that are left out.
    pub skip: Vec<String>,
}

impl TagChoice {
    /// Whether a task with these tags runs.
    pub fn takes(&self, tags: &[String]) -> bool {
        let has = |tag: &str| tags.iter().any(|own| own == tag);
        let wanted = |list: &[String]| {
            list.iter().any(|wanted| match wanted.as_str() {
                "all" => true,
                "tagged" => !tags.is_empty(),
                "untagged" => tags.is_empty(),
                name => has(name),
            })
        };
        let skipped = self.skip.iter().any(|skip| match skip.as_str() {
            "all" => !has("always"),
            "tagged" => !tags.is_empty(),
            "untagged" => tags.is_empty(),
            name => has(name),
        });
        let by_name = self.only.iter().any(|wanted| has(wanted));
        let chosen = if has("never") {
            by_name
        } else if self.only.is_empty() {
            true
        } else {
            has("always") || wanted(&self.only)
        };
        chosen && !skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(tags: &[&str], asked: &[&str], skip: &[&str]) -> bool {
        let own = |list: &[&str]| list.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>();
        TagChoice { only: own(asked), skip: own(skip) }.takes(&own(tags))
    }

    #[test]
    fn tags_choose_and_skip() {
        assert!(run(&[], &[], &[]));
        assert!(run(&["web"], &["web"], &[]));
        assert!(!run(&["db"], &["web"], &[]));
        assert!(!run(&[], &["web"], &[]));
        assert!(run(&["always"], &["web"], &[]));
        assert!(!run(&["always"], &[], &["always"]));
        assert!(!run(&["web", "slow"], &["web"], &["slow"]));
    }

    #[test]
    fn never_runs_only_when_asked_for_by_name() {
        assert!(!run(&["never", "debug"], &[], &[]));
        assert!(!run(&["never", "debug"], &["all"], &[]));
        assert!(run(&["never", "debug"], &["debug"], &[]));
        assert!(run(&["never"], &["never"], &[]));
    }

    #[test]
    fn tagged_and_untagged_are_words_of_their_own() {
        assert!(run(&["web"], &["tagged"], &[]));
        assert!(!run(&[], &["tagged"], &[]));
        assert!(run(&[], &["untagged"], &[]));
        assert!(!run(&[], &[], &["untagged"]));
    }
}
