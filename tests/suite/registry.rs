//! `modules/mod.rs` names every folder beside it; `UPDATE=1` rewrites it.

use std::fmt::Write as _;

use super::source;

#[test]
fn the_registry_names_every_folder() {
    let path = source::root().join("modules/mod.rs");
    let wanted = registry(&source::module_folders());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, wanted).expect("modules/mod.rs can be written");
        return;
    }
    assert!(
        source::read(&path) == wanted,
        "modules/mod.rs does not name the folders beside it: run `UPDATE=1 cargo test registry`"
    );
}

#[test]
fn every_module_has_cases_and_examples() {
    let missing: Vec<String> = source::module_folders()
        .iter()
        .flat_map(|name| ["cases.yml", "examples.yml"].map(|file| format!("modules/{name}/{file}")))
        .filter(|path| !source::root().join(path).is_file())
        .collect();
    assert!(missing.is_empty(), "missing: {}", missing.join(", "));
}

fn registry(names: &[String]) -> String {
    let mut text = String::from(
        "//! Every module, by name. `UPDATE=1 cargo test` rewrites this file from the folders \
         beside it.\n\nuse crate::sdk::Entry;\n\n",
    );
    for name in names {
        let _ = writeln!(text, "pub mod {name};");
    }
    text.push_str(
        "\n/// Every module, in the order of their names.\n#[rustfmt::skip]\n\
         pub static REGISTRY: &[Entry] = &[\n",
    );
    for name in names {
        let _ = writeln!(
            text,
            "    Entry::new::<{name}::Args>(\"{name}\").examples(include_str!(\"{name}/examples.yml\")),"
        );
    }
    text.push_str("];\n");
    text
}

#[test]
fn no_module_takes_two_arguments_of_one_name() {
    for entry in rplay::modules::REGISTRY {
        let mut seen: Vec<&str> = vec![];
        for parameter in entry.spec.parameters {
            for name in [&[parameter.name], parameter.aliases].concat() {
                assert!(!seen.contains(&name), "{}: `{name}` is there twice", entry.name);
                seen.push(name);
            }
        }
    }
}
