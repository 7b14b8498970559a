//! `rplay inventory`: hosts, groups and variables.

use std::collections::HashSet;
use std::io::{self, Write};

use super::super::args::InventoryArgs;
use super::super::config::Config;
use super::super::fault::Fault;
use super::super::{execute, wanted};
use crate::base::{Redactor, did_you_mean};
use crate::engine::What;
use crate::report::Text;
use crate::value::Value;

pub(crate) fn run(args: &InventoryArgs, config: &Config, redactor: &Redactor) -> Result<(), Fault> {
    let settings = wanted::settings(What::Inventory, &args.hosts, &args.secrets, config, redactor)?;
    let inventory = execute::load(settings)?.inventory;
    let directory = std::env::current_dir().ok();
    let mut document = inventory.to_json(directory.as_deref());
    redactor.redact_value(&mut document);
    if let Some(name) = &args.host {
        let Some(host) = inventory.host(name) else {
            let names = inventory.hosts().map(|host| host.name.as_str());
            let help = did_you_mean(name, names, "`rplay inventory --list` lists them");
            return Err(Fault::usage(format!("there is no host `{name}`")).help(help));
        };
        let vars = document["_meta"]["hostvars"].get(&host.name);
        return json(vars.unwrap_or(&Value::Object(crate::value::Fields::new())));
    }
    if args.list {
        return json(&document);
    }
    if inventory.group(&args.group).is_none() {
        let groups = inventory.groups();
        let help = did_you_mean(&args.group, groups.keys().copied(), "see `rplay inventory`");
        return Err(Fault::usage(format!("there is no group `{}`", args.group)).help(help));
    }
    let mut text = Text::new(false);
    graph(&mut text, &document, &args.group, 0, &mut HashSet::new());
    Ok(io::stdout().lock().write_all(text.as_str().as_bytes())?)
}

fn json(value: &Value) -> Result<(), Fault> {
    let text = serde_json::to_string_pretty(value).map_err(io::Error::from)?;
    Ok(writeln!(io::stdout().lock(), "{text}")?)
}

/// Adds a group, its groups and its hosts, each a step further in.
fn graph(
    text: &mut Text,
    document: &Value,
    group: &str,
    depth: usize,
    above: &mut HashSet<String>,
) {
    let branch = |depth: usize| match depth {
        0 => String::new(),
        depth => format!("{}|--", "|  ".repeat(depth - 1)),
    };
    text.plain(format!("{}@{group}:", branch(depth))).end();
    if !above.insert(group.to_owned()) {
        return;
    }
    let names = |part: &str| {
        let list = document[group][part].as_array().into_iter().flatten();
        list.filter_map(Value::as_str).collect::<Vec<_>>()
    };
    for child in names("children") {
        graph(text, document, child, depth + 1, above);
    }
    for host in names("hosts") {
        text.plain(format!("{}{host}", branch(depth + 1))).end();
    }
    above.remove(group);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn groups_are_shown_as_a_tree() {
        let document = json!({
            "all": {"children": ["ungrouped", "prod"]},
            "ungrouped": {"hosts": ["bastion"]},
            "prod": {"children": ["web"]},
            "web": {"hosts": ["web1", "web2"]},
        });
        let mut text = Text::new(false);
        graph(&mut text, &document, "all", 0, &mut HashSet::new());
        insta::assert_snapshot!(text.as_str(), @r"
        @all:
        |--@ungrouped:
        |  |--bastion
        |--@prod:
        |  |--@web:
        |  |  |--web1
        |  |  |--web2
        ");
    }
}
