//! What is read is mangled at random: whatever comes out, nothing panics and nothing hangs.
//!
//! A short while in each run, with a seed of its own that a failure names; `RPLAY_FUZZ_SECONDS`
//! makes it longer, `RPLAY_FUZZ_SEED` repeats a run.

mod mangle;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mangle::Mangler;
use rplay::base::{Redactor, Sources, Span};
use rplay::engine::{Project, Settings, What};
use rplay::modules::REGISTRY;
use rplay::remote::SshConfig;
use rplay::template::Templar;
use rplay::value::vault::Keyring;
use rplay::value::{Data, Fields, Node, Scope, Value, Variable};

/// The longest that one input may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Mangles texts and feeds them, for a while; `feed` gets the corpus' number too.
fn fuzz(corpus: &[(String, Vec<u8>)], mut feed: impl FnMut(&str, &[u8])) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let length = Duration::from_secs(number("RPLAY_FUZZ_SECONDS").unwrap_or(2));
    let seed = number("RPLAY_FUZZ_SEED").unwrap_or_else(|| u64::from(std::process::id()) << 20);
    let mut mangler = Mangler::new(seed);
    let begun = Instant::now();
    while begun.elapsed() < length {
        let (name, text) = mangler.choose(corpus);
        let bad = mangler.mangle(text, corpus);
        let since = Instant::now();
        let ended = catch_unwind(AssertUnwindSafe(|| feed(name, &bad)));
        let took = since.elapsed();
        assert!(
            ended.is_ok() && took < PATIENCE,
            "seed {seed}, {name}, {took:?}:\n{}",
            String::from_utf8_lossy(&bad).escape_debug()
        );
    }
}

fn files_below(folder: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            files_below(&path, into);
        } else {
            into.push((path.to_string_lossy().into_owned(), std::fs::read(&path).unwrap()));
        }
    }
}

/// Loads a project as `rplay check` does.
fn load(inventory: &Path, playbook: &Path) {
    let (redactor, sources) = (Redactor::default(), Sources::default());
    let (_, faults) = Project::load(Settings {
        sources: sources.clone(),
        keyring: Keyring::new(redactor.clone()),
        redactor: redactor.clone(),
        inventories: vec![inventory.to_string_lossy().into_owned()],
        reading: rplay::inventory::ReadingOptions::default(),
        late_faults: false,
        strict_conditions: false,
        private_roles: None,
        defaults: vec![],
        what: What::Playbooks(vec![playbook.to_owned()]),
        extra_vars: vec![],
        roles_path: vec![],
        library: rplay::playbook::LibraryPaths::default(),
        limit: None,
        start_at: None,
        files: Some(rplay::engine::FileScope::default()),
        configured: std::collections::BTreeMap::default(),
        modules: REGISTRY,
    });
    for fault in faults.iter() {
        assert!(!fault.render(&sources, &redactor, true).is_empty());
    }
}

#[test]
fn playbooks() {
    let mut corpus = vec![];
    files_below(&super::source::root().join("examples"), &mut corpus);
    for module in super::source::module_folders() {
        let path = super::source::root().join("modules").join(&module).join("examples.yml");
        let tasks = std::fs::read_to_string(path).unwrap().replace('\n', "\n    ");
        let text = format!("- hosts: all\n  tasks:\n    {tasks}\n");
        corpus.push((module, text.into_bytes()));
    }
    corpus.retain(|(_, text)| text.len() < 4000);
    let folder = tempfile::tempdir().unwrap();
    let playbook = folder.path().join("site.yml");
    fuzz(&corpus, |_, text| {
        std::fs::write(&playbook, text).unwrap();
        load(Path::new("localhost,"), &playbook);
    });
}

#[test]
fn inventories() {
    let mut corpus = vec![];
    files_below(&super::source::root().join("inventories"), &mut corpus);
    let ranges = "[web]\nweb[01:20:2].x a=1 b='c d'\n[db:children]\nweb\n[db:vars]\nx={'a': [1]}\n";
    corpus.push(("ranges".to_owned(), ranges.into()));
    let folder = tempfile::tempdir().unwrap();
    let playbook = folder.path().join("site.yml");
    std::fs::write(&playbook, "- hosts: all\n  tasks: []\n").unwrap();
    fuzz(&corpus, |name, text| {
        let is_yaml = Path::new(name).extension().is_some_and(|end| end == "yml");
        let end = if is_yaml { "yml" } else { "ini" };
        let file = folder.path().join(format!("hosts.{end}"));
        std::fs::write(&file, text).unwrap();
        load(&file, &playbook);
    });
}

#[test]
fn configurations_of_ssh() {
    let text = "Host a b* !c\n Port 22\n ProxyJump x@y:1,z\n User %r\nMatch host d exec true\n \
                IdentityFile ~/.ssh/%h\n Include other\n ServerAliveInterval 5\nHost *\n Port=2\n";
    let corpus = [("config".to_owned(), text.into())];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    fuzz(&corpus, |_, text| {
        std::fs::write(&file, text).unwrap();
        if let Ok(config) = SshConfig::read(std::slice::from_ref(&file)) {
            for host in ["a", "bee", "c", "d", "e"] {
                drop(config.options(host));
            }
            drop(config.jumps("a,b"));
        }
    });
}

/// The variables of the cases for templates.
struct Variables(Fields);

impl Scope for Variables {
    fn lookup(&self, name: &str) -> Option<Variable> {
        self.0.get(name).map(|value| Variable::Known(Arc::new(value.clone())))
    }

    fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

#[test]
fn templates() {
    let cases: Value =
        serde_json::from_str(include_str!("../conformance/jinja-cases.json")).unwrap();
    let corpus: Vec<(String, Vec<u8>)> = cases["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| (case["i"].to_string(), case["tpl"].as_str().unwrap().into()))
        .collect();
    let scope: Arc<dyn Scope> = Arc::new(Variables(cases["vars"].as_object().unwrap().clone()));
    let templar = Templar::new(rplay::template::Settings::default());
    fuzz(&corpus, |_, text| {
        let text = String::from_utf8_lossy(text).into_owned();
        // Lookups read files and run commands of this machine, and mangled ones any.
        if ["lookup", "query", "q("].iter().any(|word| text.contains(word)) {
            return;
        }
        let node = Node { data: Data::Text(text), span: Span::NOWHERE };
        drop(templar.evaluate(&node, &scope));
        drop(templar.condition(&node, &scope));
    });
}
