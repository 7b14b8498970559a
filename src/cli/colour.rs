//! Whether an output is coloured.

use std::io::IsTerminal;

use super::args::Colour;
use super::config::Config;
use super::fault::Fault;

/// Whether text for `stream` is coloured: the option decides, then the variables that programs
/// agree on, then `ansible.cfg`, then whether it is a terminal.
pub(super) fn wanted(
    when: Colour,
    config: &Config,
    stream: &impl IsTerminal,
) -> Result<bool, Fault> {
    let settings = (config.flag("nocolor")?, config.flag("force_color")?);
    let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
    Ok(decide(when, variable, settings, stream.is_terminal()))
}

fn decide(
    when: Colour,
    variable: impl Fn(&str) -> Option<String>,
    (never, always): (Option<bool>, Option<bool>),
    terminal: bool,
) -> bool {
    let is_on = |name| variable(name).is_some_and(|text| text != "0");
    match when {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto if variable("NO_COLOR").is_some() || never == Some(true) => false,
        Colour::Auto if is_on("CLICOLOR_FORCE") || is_on("FORCE_COLOR") => true,
        Colour::Auto if always == Some(true) => true,
        Colour::Auto => {
            let dumb = variable("TERM").as_deref() == Some("dumb");
            let off = variable("CLICOLOR").as_deref() == Some("0");
            terminal && !dumb && !off
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(when: Colour, variables: &[(&str, &str)], terminal: bool) -> bool {
        let variable = |name: &str| {
            variables.iter().find(|(n, _)| *n == name).map(|(_, text)| (*text).to_owned())
        };
        decide(when, variable, (None, None), terminal)
    }

    #[test]
    fn a_log_is_plain_and_a_terminal_is_not() {
        assert!(decided(Colour::Auto, &[], true));
        assert!(!decided(Colour::Auto, &[], false));
        assert!(!decided(Colour::Auto, &[("TERM", "dumb")], true));
    }

    #[test]
    fn the_user_has_the_last_word() {
        assert!(!decided(Colour::Auto, &[("NO_COLOR", "1")], true));
        assert!(decided(Colour::Auto, &[("CLICOLOR_FORCE", "1")], false));
        assert!(!decided(Colour::Auto, &[("CLICOLOR_FORCE", "0")], false));
        assert!(!decided(Colour::Auto, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], true));
        assert!(decided(Colour::Always, &[("NO_COLOR", "1")], false));
        assert!(!decided(Colour::Never, &[("CLICOLOR_FORCE", "1")], true));
    }
}
