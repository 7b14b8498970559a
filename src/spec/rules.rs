//! What must hold between a module's arguments.

/// One condition on which arguments are given together.
#[derive(Debug, Clone, Copy)]
pub enum Rule {
    /// At most one of these may be given.
    Exclusive(&'static [&'static str]),
    /// All of these, or none.
    Together(&'static [&'static str]),
    /// At least one of these must be given.
    OneOf(&'static [&'static str]),
    /// If the argument has this value, all of the others must be given.
    If(&'static str, &'static str, &'static [&'static str]),
    /// If the argument is given, all of the others must be given.
    By(&'static str, &'static [&'static str]),
}

impl Rule {
    /// What is wrong, in Ansible's words (playbooks match on them); `None` when the rule holds.
    ///
    /// `value` gives an argument's text: `None` when it is not given, an empty text when it is
    /// given and not known yet.
    pub fn fault(&self, value: impl Fn(&str) -> Option<String>) -> Option<String> {
        let given = |names: &[&'static str]| -> Vec<&'static str> {
            names.iter().copied().filter(|name| value(name).is_some()).collect()
        };
        let missing = |names: &[&'static str]| -> Vec<&'static str> {
            names.iter().copied().filter(|name| value(name).is_none()).collect()
        };
        match self {
            Self::Exclusive(names) => (given(names).len() > 1)
                .then(|| format!("parameters are mutually exclusive: {}", names.join("|"))),
            Self::Together(names) => (!given(names).is_empty() && !missing(names).is_empty())
                .then(|| format!("parameters are required together: {}", names.join(", "))),
            Self::OneOf(names) => given(names)
                .is_empty()
                .then(|| format!("one of the following is required: {}", names.join(", "))),
            Self::If(name, wanted, needed) => {
                let missing = missing(needed);
                (value(name).as_deref() == Some(wanted) && !missing.is_empty()).then(|| {
                    let missing = missing.join(", ");
                    format!("{name} is {wanted} but all of the following are missing: {missing}")
                })
            }
            Self::By(name, needed) => {
                let missing = missing(needed);
                (value(name).is_some() && !missing.is_empty()).then(|| {
                    format!("missing parameter(s) required by '{name}': {}", missing.join(", "))
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rule;

    fn given(name: &str) -> Option<String> {
        [("state", "join"), ("a", "1"), ("b", "2")]
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn each_rule_says_what_is_wrong() {
        let faults: Vec<_> = [
            Rule::Exclusive(&["a", "b"]),
            Rule::Together(&["a", "c"]),
            Rule::OneOf(&["c", "d"]),
            Rule::If("state", "join", &["a", "remote_addrs"]),
            Rule::By("a", &["z"]),
        ]
        .iter()
        .filter_map(|rule| rule.fault(given))
        .collect();
        assert_eq!(
            faults,
            [
                "parameters are mutually exclusive: a|b",
                "parameters are required together: a, c",
                "one of the following is required: c, d",
                "state is join but all of the following are missing: remote_addrs",
                "missing parameter(s) required by 'a': z",
            ]
        );
    }

    #[test]
    fn rules_that_hold_say_nothing() {
        assert_eq!(Rule::Exclusive(&["a", "c"]).fault(given), None);
        assert_eq!(Rule::Together(&["a", "b"]).fault(given), None);
        assert_eq!(Rule::If("state", "present", &["z"]).fault(given), None);
    }
}
