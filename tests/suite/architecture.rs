//! The layers, and the sizes of files: see `src/README.md`.

use syn::spanned::Spanned;
use syn::visit::Visit;

use super::source::{self, SourceFile};

/// What each layer may import. `cli` and the roots of the crate may import everything.
const LAYERS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("value", &["base"]),
    ("event", &["base", "value"]),
    ("spec", &["base", "value"]),
    ("remote", &["base"]),
    ("compose", &["base", "value", "spec"]),
    ("sdk", &["base", "value", "spec", "compose", "remote"]),
    ("modules", &["sdk"]),
    ("template", &["base", "value"]),
    ("inventory", &["base", "value", "template"]),
    ("playbook", &["base", "value", "spec", "template"]),
    (
        "engine",
        &["base", "value", "event", "spec", "remote", "sdk", "template", "inventory", "playbook"],
    ),
    ("report", &["base", "value", "event"]),
];

/// The most lines of a file, its unit tests not counted.
const LONGEST: usize = 400;

#[test]
fn layers_import_downwards_only() {
    let mut faults = vec![];
    for file in source::all() {
        let Some(layer) = file.layer().filter(|layer| *layer != "cli") else { continue };
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
            faults.push(format!("{}: `{layer}` is not among the layers", file.path));
            continue;
        };
        for (line, import) in imports(&file) {
            if import != layer && !allowed.contains(&import.as_str()) {
                faults.push(format!("{}:{line}: `{layer}` may not import `{import}`", file.path));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn no_file_is_too_long() {
    let faults: Vec<String> = source::all()
        .iter()
        .filter_map(|file| {
            let lines = lines_of_code(file);
            (lines > LONGEST)
                .then(|| format!("{}: {lines} lines, {LONGEST} are allowed", file.path))
        })
        .collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn sees_every_way_to_import() {
    let text = "
        use crate::{base::Span, value::{Node, yaml}};
        use super::super::super::event::Event;
        use super::near::Thing;
        fn f() -> crate::spec::Spec { vec![crate::remote::Exec::new()] }
        mod inner { use super::super::super::super::template::Env; }
        #[cfg(test)] mod tests { use crate::cli::Args; }
    ";
    let syntax = syn::parse_file(text).expect("Rust");
    let file = SourceFile { path: "src/sdk/file/look.rs".into(), text: text.into(), syntax };
    let found: Vec<String> = imports(&file).into_iter().map(|(_, layer)| layer).collect();
    assert_eq!(found, ["base", "value", "value", "event", "sdk", "spec", "remote", "template"]);
}

/// The top modules of the crate that a file names, each with its line.
fn imports(file: &SourceFile) -> Vec<(usize, String)> {
    let mut place: Vec<String> = file
        .path
        .trim_start_matches("src/")
        .trim_end_matches(".rs")
        .trim_end_matches("/mod")
        .split('/')
        .map(str::to_owned)
        .collect();
    if file.path.starts_with("modules/") && place == ["modules/mod.rs"] {
        place = vec!["modules".to_owned()];
    }
    let mut finder = Finder { place, found: vec![] };
    finder.visit_file(&file.syntax);
    finder.found
}

struct Finder {
    /// The module that is being read, from the crate's root.
    place: Vec<String>,
    found: Vec<(usize, String)>,
}

impl Finder {
    /// Notes the top module that a path leads to, where it leads into this crate.
    fn note(&mut self, path: &[String], line: usize) {
        let Some(first) = path.first() else { return };
        let (mut at, rest) = match first.as_str() {
            "crate" => (vec![], &path[1..]),
            "super" => {
                let up = path.iter().take_while(|part| *part == "super").count();
                (self.place[..self.place.len().saturating_sub(up)].to_vec(), &path[up..])
            }
            _ => return,
        };
        at.extend(rest.iter().cloned());
        if let Some(top) = at.first() {
            self.found.push((line, top.clone()));
        }
    }

    fn note_tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |name: String| before.iter().cloned().chain([name]).collect::<Vec<_>>();
        match tree {
            syn::UseTree::Path(path) => {
                self.note_tree(&path.tree, &with(path.ident.to_string()));
            }
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|item| self.note_tree(item, before));
            }
            syn::UseTree::Name(name) => {
                self.note(&with(name.ident.to_string()), tree.span().start().line);
            }
            syn::UseTree::Rename(rename) => {
                self.note(&with(rename.ident.to_string()), tree.span().start().line);
            }
            syn::UseTree::Glob(_) => self.note(before, tree.span().start().line),
        }
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if source::is_test(&module.attrs) {
            return;
        }
        self.place.push(module.ident.to_string());
        syn::visit::visit_item_mod(self, module);
        self.place.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.note_tree(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        self.note(&parts, path.span().start().line);
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.note_tokens(call.tokens.clone());
        syn::visit::visit_macro(self, call);
    }
}

impl Finder {
    /// Notes each `crate::name` among the tokens of a macro.
    fn note_tokens(&mut self, tokens: proc_macro2::TokenStream) {
        use proc_macro2::TokenTree;
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            match (token, tokens.get(index + 3)) {
                (TokenTree::Ident(word), Some(TokenTree::Ident(name))) if word == "crate" => {
                    let path = ["crate".to_owned(), name.to_string()];
                    self.note(&path, name.span().start().line);
                }
                (TokenTree::Group(group), _) => self.note_tokens(group.stream()),
                _ => {}
            }
        }
    }
}

/// The lines of a file without those of its unit tests.
fn lines_of_code(file: &SourceFile) -> usize {
    let tests: usize = file
        .syntax
        .items
        .iter()
        .filter_map(|item| match item {
            syn::Item::Mod(module) if source::is_test(&module.attrs) => Some(module.span()),
            _ => None,
        })
        .map(|span| span.end().line + 1 - span.start().line)
        .sum();
    file.text.lines().count() - tests
}
