//! Recorded runs through every reporter.
//!
//! Each `tests/snapshots/runs/*.jsonl` goes through each reporter and is compared with
//! `tests/snapshots/<run>.<reporter>.snap`; `INSTA_UPDATE=always` writes them.

use std::fs;
use std::io::{self, BufReader, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use rplay::event::Recording;
use rplay::report::{Adhoc, AdhocOptions, GitHub, Human, HumanOptions, JUnit, JsonLines, Reporter};

/// A writer whose content is still at hand when the reporter is gone.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn replay(run: &Path, make: impl FnOnce(Page) -> Box<dyn Reporter>) -> String {
    let page = Page::default();
    let mut reporter = make(page.clone());
    let file = BufReader::new(fs::File::open(run).unwrap());
    for event in Recording::open(file).unwrap() {
        reporter.report(&event.unwrap()).unwrap();
    }
    reporter.finish().unwrap();
    page.text()
}

fn runs() -> Vec<(String, std::path::PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/runs");
    let mut runs: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), path))
        .collect();
    runs.sort();
    assert!(!runs.is_empty());
    runs
}

fn each_run_as(reporter: &str, make: impl Fn(Page) -> Box<dyn Reporter>) {
    for (name, path) in runs() {
        let shown = replay(&path, &make);
        insta::with_settings!({
            snapshot_path => "../snapshots",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(format!("{name}.{reporter}"), shown);
        });
    }
}

#[test]
fn human() {
    let how = HumanOptions { diff: true, ..HumanOptions::default() };
    each_run_as("human", |page| Box::new(Human::new(page, how)));
}

#[test]
fn human_verbose_in_colour() {
    let how = HumanOptions { colour: true, verbosity: 2, profile: true, diff: false };
    each_run_as("verbose", |page| Box::new(Human::new(page, how)));
}

#[test]
fn adhoc() {
    let how = AdhocOptions { diff: true, ..AdhocOptions::default() };
    each_run_as("adhoc", |page| Box::new(Adhoc::new(page, how)));
}

#[test]
fn adhoc_grouped() {
    let how = AdhocOptions { grouped: true, ..AdhocOptions::default() };
    each_run_as("grouped", |page| Box::new(Adhoc::new(page, how)));
}

#[test]
fn junit() {
    each_run_as("junit", |page| Box::new(JUnit::new(page)));
}

#[test]
fn github() {
    each_run_as("github", |page| Box::new(GitHub::new(page, "TOKEN".to_owned())));
}

/// A recorded run that is recorded again is the same, line by line.
#[test]
fn json_lines() {
    for (name, path) in runs() {
        let again = replay(&path, |page| Box::new(JsonLines::new(page).unwrap()));
        let parse = |text: &str| -> Vec<serde_json::Value> {
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let mut first = parse(&fs::read_to_string(&path).unwrap());
        first[0]["rplay"] = env!("CARGO_PKG_VERSION").into();
        for (line, (first, again)) in first.iter().zip(&parse(&again)).enumerate() {
            holds(first, again, &format!("{name}:{}", line + 1));
        }
    }
}

/// Whether all that was recorded is there again; what stands for nothing may be added.
fn holds(first: &serde_json::Value, again: &serde_json::Value, at: &str) {
    match (first, again) {
        (serde_json::Value::Object(first), serde_json::Value::Object(again)) => {
            for (key, value) in first {
                holds(value, &again[key], &format!("{at}: {key}"));
            }
        }
        (serde_json::Value::Array(first), serde_json::Value::Array(again)) => {
            assert_eq!(first.len(), again.len(), "{at}");
            first.iter().zip(again).for_each(|(first, again)| holds(first, again, at));
        }
        _ => assert_eq!(first, again, "{at}"),
    }
}
