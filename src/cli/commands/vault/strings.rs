//! `rplay vault encrypt-string`: texts for files of variables.

use std::io::{self, IsTerminal};
use std::path::Path;

use super::super::super::args::StringArgs;
use super::super::super::fault::Fault;
use super::super::super::{prompt, tell};
use super::files;

/// A text to encrypt, and the variable that it is for.
pub(super) struct Wanted {
    pub(super) name: Option<String>,
    pub(super) text: Vec<u8>,
    /// Where it came from, for whoever reads several.
    pub(super) from: &'static str,
}

/// Collects the texts: typed, piped in, then those of the command line.
pub(super) fn collect(args: &StringArgs) -> Result<Vec<Wanted>, Fault> {
    let texts: Vec<&String> = args.texts.iter().filter(|text| *text != "-").collect();
    let nothing_else = texts.is_empty() && !args.prompt;
    let piped = texts.len() < args.texts.len() || args.stdin_name.is_some();
    if args.prompt && piped {
        return Err(Fault::usage("--prompt and standard input exclude each other"));
    }
    let ask = args.prompt || (nothing_else && !piped && io::stdin().is_terminal());
    let mut all = vec![];
    // A single name is that of the single text, wherever it comes from.
    let mut names = args.name.iter().cloned();
    if ask {
        all.push(typed(args, names.next())?);
    } else if piped || nothing_else {
        let name = args.stdin_name.clone().or_else(|| names.next().filter(|_| nothing_else));
        all.push(Wanted { name, text: files::read(Path::new("-"))?, from: "stdin" });
    }
    if !args.name.is_empty() && texts.len() > args.name.len() {
        tell::warning("there are more texts than names: the last ones have none");
    }
    for text in texts {
        let text = text.clone().into_bytes();
        all.push(Wanted { name: names.next(), text, from: "the command line args" });
    }
    match all.iter().find(|wanted| wanted.text.is_empty()) {
        Some(wanted) => Err(Fault::usage(format!(
            "the text from {} is empty: it is not encrypted",
            wanted.from
        ))),
        None => Ok(all),
    }
}

fn typed(args: &StringArgs, name: Option<String>) -> Result<Wanted, Fault> {
    let otherwise = "give it on standard input";
    let name = match name {
        None if args.prompt => prompt::answer("Variable name (enter for no name)", false),
        name => name,
    };
    let text = if args.show_input {
        prompt::answer("String to encrypt", false).unwrap_or_default()
    } else {
        prompt::secret("String to encrypt (hidden)", otherwise)?.reveal().clone()
    };
    let name = name.filter(|name| !name.is_empty());
    Ok(Wanted { name, text: text.into_bytes(), from: "the interactive prompt" })
}

/// An encrypted text as a value in a file of variables.
pub(super) fn tagged(name: Option<&str>, sealed: &str) -> String {
    let name = name.map_or_else(String::new, |name| format!("{name}: "));
    let lines: Vec<&str> = sealed.lines().collect();
    format!("{name}!vault |\n          {}\n", lines.join("\n          "))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::super::super::args::{Cli, Command, VaultCommand};
    use super::*;

    fn collected(line: &str) -> Vec<(Option<String>, String)> {
        let line = format!("rplay vault encrypt_string {line}");
        let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
        let Some(Command::Vault(args)) = cli.command else { panic!() };
        let VaultCommand::EncryptString(args) = args.command else { panic!() };
        let text = |wanted: Wanted| (wanted.name, String::from_utf8(wanted.text).unwrap());
        collect(&args).unwrap().into_iter().map(text).collect()
    }

    #[test]
    fn names_belong_to_texts_in_their_order() {
        let name = |name: &str| Some(name.to_owned());
        assert_eq!(collected("a"), [(None, "a".to_owned())]);
        assert_eq!(
            collected("a b c -n x --name y"),
            [(name("x"), "a".to_owned()), (name("y"), "b".to_owned()), (None, "c".to_owned())]
        );
    }

    #[test]
    fn a_value_stands_behind_its_tag() {
        assert_eq!(
            tagged(Some("password"), "$ANSIBLE_VAULT;1.1;AES256\n6162\n"),
            "password: !vault |\n          $ANSIBLE_VAULT;1.1;AES256\n          6162\n"
        );
    }
}
