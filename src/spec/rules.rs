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
    /// If the argument has this value, at least one of the others must be given.
    IfAny(&'static str, &'static str, &'static [&'static str]),
    /// If the argument is given, all of the others must be given.
    By(&'static str, &'static [&'static str]),
}

/// Whether an argument is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// It is not.
    No,
    /// Its template tells: it may render to `omit`.
    Perhaps,
    /// It is; the text is empty where it is not known yet.
    As(String),
}

impl Rule {
    /// What is wrong, in Ansible's words (playbooks match on them); `None` when the rule holds,
    /// or may hold.
    pub fn fault(&self, value: impl Fn(&str) -> Given) -> Option<String> {
        let is_given = |name: &str| matches!(value(name), Given::As(_));
        let given = |names: &[&'static str]| -> Vec<&'static str> {
            names.iter().copied().filter(|name| is_given(name)).collect()
        };
        let missing = |names: &[&'static str]| -> Vec<&'static str> {
            names.iter().copied().filter(|name| value(name) == Given::No).collect()
        };
        match self {
            Self::Exclusive(names) => (given(names).len() > 1)
                .then(|| format!("parameters are mutually exclusive: {}", names.join("|"))),
            Self::Together(names) => (!given(names).is_empty() && !missing(names).is_empty())
                .then(|| format!("parameters are required together: {}", names.join(", "))),
            Self::OneOf(names) => (missing(names).len() == names.len())
                .then(|| format!("one of the following is required: {}", names.join(", "))),
            Self::If(name, wanted, needed) => {
                let missing = missing(needed);
                (value(name) == Given::As((*wanted).to_owned()) && !missing.is_empty()).then(|| {
                    let missing = missing.join(", ");
                    format!("{name} is {wanted} but all of the following are missing: {missing}")
                })
            }
            Self::IfAny(name, wanted, needed) => {
                let none = missing(needed).len() == needed.len();
                (value(name) == Given::As((*wanted).to_owned()) && none).then(|| {
                    let needed = needed.join(", ");
                    format!("{name} is {wanted} but any of the following are missing: {needed}")
                })
            }
            Self::By(name, needed) => {
                let missing = missing(needed);
                (is_given(name) && !missing.is_empty()).then(|| {
                    format!("missing parameter(s) required by '{name}': {}", missing.join(", "))
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Given, Rule};

    fn given(name: &str) -> Given {
        match name {
            "state" => Given::As("join".to_owned()),
            "a" | "b" => Given::As(String::new()),
            "perhaps" => Given::Perhaps,
            _ => Given::No,
        }
    }

    #[test]
    fn each_rule_says_what_is_wrong() {
        let faults: Vec<_> = [
            Rule::Exclusive(&["a", "b"]),
            Rule::Together(&["a", "c"]),
            Rule::OneOf(&["c", "d"]),
            Rule::If("state", "join", &["a", "remote_addrs"]),
            Rule::IfAny("state", "join", &["c", "d"]),
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
                "state is join but any of the following are missing: c, d",
                "missing parameter(s) required by 'a': z",
            ]
        );
    }

    #[test]
    fn rules_that_hold_say_nothing() {
        assert_eq!(Rule::Exclusive(&["a", "c"]).fault(given), None);
        assert_eq!(Rule::Together(&["a", "b"]).fault(given), None);
        assert_eq!(Rule::If("state", "present", &["z"]).fault(given), None);
        assert_eq!(Rule::IfAny("state", "join", &["z", "a"]).fault(given), None);
    }

    #[test]
    fn an_argument_that_may_be_omitted_breaks_no_rule() {
        for rule in [
            Rule::Exclusive(&["a", "perhaps"]),
            Rule::Together(&["a", "perhaps"]),
            Rule::Together(&["c", "perhaps"]),
            Rule::OneOf(&["c", "perhaps"]),
            Rule::If("state", "join", &["perhaps"]),
            Rule::If("perhaps", "join", &["c"]),
            Rule::IfAny("state", "join", &["c", "perhaps"]),
            Rule::By("perhaps", &["c"]),
        ] {
            assert_eq!(rule.fault(given), None, "{rule:?}");
        }
    }
}
