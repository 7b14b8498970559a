//! `rplay doc`: what the modules are, and what each takes.

use std::io::{self, Write};

use super::super::args::DocArgs;
use super::super::config::Config;
use super::super::fault::Fault;
use super::super::{colour, markdown};
use crate::base::did_you_mean;
use crate::report::{Text, Tone};
use crate::spec::{Kind, Parameter, Rule, Spec};

/// Something that can be documented.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Documented {
    pub(crate) name: &'static str,
    pub(crate) spec: Spec,
    /// Tasks that show how it is used, as YAML; empty where there are none.
    pub(crate) examples: &'static str,
}

/// The one of a name, which may be written with a collection before it.
pub(crate) fn find<'a>(all: &'a [Documented], name: &str) -> Result<&'a Documented, Fault> {
    let bare = name.rsplit('.').next().unwrap_or(name);
    all.iter().find(|documented| documented.name == bare).ok_or_else(|| {
        let names = all.iter().map(|documented| documented.name);
        let help = did_you_mean(bare, names, "`rplay doc` lists the modules");
        Fault::usage(format!("there is no module `{bare}`")).help(help)
    })
}

pub(crate) fn run(args: &DocArgs, config: &Config, all: &[Documented]) -> Result<(), Fault> {
    let width = console::Term::stdout()
        .size_checked()
        .map_or(100, |(_, columns)| usize::from(columns).clamp(40, 100));
    let mut text = Text::new(colour::wanted(args.color, config, &io::stdout())?);
    if args.list || args.modules.is_empty() {
        list(&mut text, all, width);
    }
    for (index, name) in args.modules.iter().enumerate() {
        if index > 0 {
            text.end();
        }
        module(&mut text, find(all, name)?, width);
    }
    Ok(io::stdout().lock().write_all(text.as_str().as_bytes())?)
}

fn list(text: &mut Text, all: &[Documented], width: usize) {
    let column = all.iter().map(|documented| documented.name.len()).max().unwrap_or(0) + 2;
    for Documented { name, spec, .. } in all {
        let summary = spec.doc.trim().split("\n\n").next().unwrap_or_default();
        let summary = summary.split_whitespace().collect::<Vec<_>>().join(" ");
        let room = width.saturating_sub(column);
        let summary = console::truncate_str(&summary, room, "…");
        text.put(Tone::Heading, format!("{name:<column$}")).plain(summary).end();
    }
}

fn module(text: &mut Text, documented: &Documented, width: usize) {
    let spec = &documented.spec;
    text.put(Tone::Heading, documented.name).end().end();
    markdown::show(text, spec.doc.trim(), 2, width);
    if !spec.parameters.is_empty() {
        text.end().put(Tone::Heading, "Arguments").end();
    }
    for parameter in spec.parameters {
        argument(text, parameter, spec, 2, width);
    }
    if spec.open {
        text.plain("  Arguments of any other name are taken too.").end();
    }
    if !spec.rules.is_empty() {
        text.end().put(Tone::Heading, "Rules").end();
        for rule in spec.rules {
            markdown::show(text, &format!("- {}", rule_text(rule)), 2, width);
        }
    }
    if !documented.examples.is_empty() {
        text.end().put(Tone::Heading, "Examples").end();
        text.block(2, Tone::Plain, documented.examples.trim());
    }
}

fn argument(text: &mut Text, parameter: &Parameter, spec: &Spec, indent: usize, width: usize) {
    let mut notes = vec![kind_text(&parameter.kind)];
    if parameter.required {
        notes.push("required".to_owned());
    } else if !parameter.default.is_empty() {
        notes.push(format!("default {}", parameter.default));
    }
    if spec.free_form == Some(parameter.name) {
        notes.push("may stand alone".to_owned());
    }
    if !parameter.aliases.is_empty() {
        notes.push(format!("also {}", parameter.aliases.join(", ")));
    }
    text.plain(" ".repeat(indent)).put(Tone::Ok, parameter.name);
    text.put(Tone::Dim, format!("  {}", notes.join("; "))).end();
    markdown::show(text, parameter.doc.trim(), indent + 4, width);
    if let Some(options) = options_of(&parameter.kind) {
        for option in options {
            argument(text, option, spec, indent + 4, width);
        }
    }
}

fn options_of(kind: &Kind) -> Option<&'static [Parameter]> {
    match kind {
        Kind::Options(options) => Some(options),
        Kind::List(item) | Kind::Map(item) => options_of(item),
        _ => None,
    }
}

fn kind_text(kind: &Kind) -> String {
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Bool => "true or false".to_owned(),
        Kind::Int => "whole number".to_owned(),
        Kind::Float => "number".to_owned(),
        Kind::Choice(words) => words.join(" | "),
        Kind::List(item) => format!("list of {}", kind_text(item)),
        Kind::Map(value) => format!("mapping to {}", kind_text(value)),
        Kind::Options(_) => "settings".to_owned(),
        Kind::Secret => "text, never shown".to_owned(),
        Kind::Any => "anything".to_owned(),
    }
}

fn rule_text(rule: &Rule) -> String {
    let names = |names: &[&str], last: &str| {
        let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        match quoted.as_slice() {
            [all @ .., final_one] if !all.is_empty() => {
                format!("{} {last} {final_one}", all.join(", "))
            }
            all => all.join(""),
        }
    };
    match rule {
        Rule::Exclusive(these) => format!("At most one of {} is given.", names(these, "and")),
        Rule::Together(these) => format!("{} are given together.", names(these, "and")),
        Rule::OneOf(these) => format!("At least one of {} is given.", names(these, "or")),
        Rule::If(name, value, these) => {
            format!("With `{name}: {value}`, {} must be given.", names(these, "and"))
        }
        Rule::IfAny(name, value, these) => {
            format!("With `{name}: {value}`, at least one of {} must be given.", names(these, "or"))
        }
        Rule::By(name, these) => format!("With `{name}`, {} must be given.", names(these, "and")),
    }
}
