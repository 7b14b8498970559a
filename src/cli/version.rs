//! `--version` under one of Ansible's names, in lines that scripts know.

use std::ffi::OsString;
use std::io::{self, Write};

use super::config::Config;
use super::fault::Fault;
use super::persona::Persona;
use crate::engine::LANGUAGE;

/// Whether the version is asked for.
pub(super) fn is_asked(args: &[OsString]) -> bool {
    args.iter().skip(1).take_while(|arg| *arg != "--").any(|arg| arg == "--version")
}

/// Prints it. The first line names the language that is spoken, the second who speaks it.
pub(super) fn tell(persona: Persona) -> Result<(), Fault> {
    let config = Config::load(persona, None)?;
    let executable = std::env::current_exe().unwrap_or_default();
    Ok(write!(io::stdout().lock(), "{}", text(persona.name(), &config, &executable))?)
}

fn text(name: &str, config: &Config, executable: &std::path::Path) -> String {
    let file =
        config.file.as_ref().map_or_else(|| "None".to_owned(), |path| path.display().to_string());
    format!(
        "{name} [core {LANGUAGE}]\n  implementation = rplay {}, not ansible-core\n  \
         config file = {file}\n  executable location = {}\n",
        env!("CARGO_PKG_VERSION"),
        executable.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_one_that_scripts_can_read() {
        let shown = text("ansible", &Config::default(), std::path::Path::new("/usr/bin/ansible"));
        assert_eq!(shown.lines().next(), Some("ansible [core 2.19.14]"));
        assert!(shown.contains("implementation = rplay "), "{shown}");
    }

    #[test]
    fn what_stands_behind_two_dashes_is_no_option() {
        let asked = |line: &str| is_asked(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert!(asked("ansible-playbook -v --version"));
        assert!(!asked("ansible all -- --version"));
    }
}
