//! What a task returns as its `msg` where its arguments are at fault.

use crate::base::Diagnostic;

/// What the sentence about arguments that are missing begins with.
pub(super) const MISSING: &str = "missing required arguments: ";
/// What stands before the option whose own settings a sentence is about.
pub(super) const FOUND_IN: &str = " found in ";

/// The sentence that ansible-core would fail with, which playbooks match on: it tells the first
/// kind of fault that it looks for. `None` where there is no such sentence.
pub fn msg(faults: &[Diagnostic]) -> Option<String> {
    let first = faults.iter().min_by_key(|fault| rank(fault))?;
    let sentence = first.sentence()?;
    if first.code != "argument-missing" {
        return Some(sentence.to_owned());
    }
    let name = |fault: &Diagnostic| {
        let name = fault.sentence()?.strip_prefix(MISSING)?;
        (rank(fault) == rank(first)).then(|| name.to_owned())
    };
    let mut names: Vec<String> = faults.iter().filter_map(name).collect();
    if names.len() < 2 || is_inner(first) {
        return Some(sentence.to_owned());
    }
    names.sort();
    Some(format!("{MISSING}{}", names.join(", ")))
}

/// How early ansible-core looks for such a fault.
fn rank(fault: &Diagnostic) -> u8 {
    let exclusive = fault.sentence().is_some_and(|msg| msg.contains("mutually exclusive"));
    match fault.code {
        _ if is_inner(fault) => 5,
        "argument-rule" if exclusive => 0,
        "argument-missing" => 1,
        "argument-type" => 2,
        "argument-choice" => 3,
        "argument-rule" => 4,
        _ => 6,
    }
}

/// Whether it is about an option's own settings.
fn is_inner(fault: &Diagnostic) -> bool {
    fault.sentence().is_some_and(|msg| msg.contains(FOUND_IN))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(code: &'static str, msg: &str) -> Diagnostic {
        Diagnostic::plain(code, "").msg(msg)
    }

    #[test]
    fn the_first_kind_of_fault_is_told() {
        let rule = fault("argument-rule", "state is join but all of the following are missing: a");
        let missing = |name: &str| fault("argument-missing", &format!("{MISSING}{name}"));
        let choice = fault("argument-choice", "value of a must be one of: b, got: c");
        let told =
            |faults: &[Diagnostic], one: &Diagnostic| msg(faults).as_deref() == one.sentence();
        assert!(told(&[rule.clone()], &rule));
        assert!(told(&[rule.clone(), choice.clone()], &choice));
        let all = [rule, missing("name"), choice, missing("image")];
        assert_eq!(msg(&all).unwrap(), "missing required arguments: image, name");
        assert_eq!(msg(&[]), None);
        assert_eq!(msg(&[Diagnostic::plain("unknown-argument", "")]), None);
    }

    #[test]
    fn what_is_about_an_options_own_settings_comes_later() {
        let inner = fault("argument-missing", "missing required arguments: name found in networks");
        let choice = fault("argument-choice", "value of a must be one of: b, got: c");
        assert_eq!(msg(&[inner.clone(), choice.clone()]).as_deref(), choice.sentence());
        assert_eq!(msg(&[inner.clone(), inner.clone()]).as_deref(), inner.sentence());
    }
}
