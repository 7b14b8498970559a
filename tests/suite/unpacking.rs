//! `unarchive`, whole, under each shell that has GNU's tar or unzip beside it.

use std::process::Command;

use rplay::sdk::{Outcome, RunMode};

use super::local::{Machine, on_every_shell};

/// Makes a tree to be packed.
fn plant(machine: &Machine) {
    std::fs::create_dir_all(machine.path("tree/bin")).unwrap();
    std::fs::create_dir_all(machine.path("out")).unwrap();
    machine.write("tree/bin/ä b", "one\n");
    machine.write("tree/c.txt", "two\n");
    let then = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_600_000_000);
    for name in ["tree/bin/ä b", "tree/c.txt"] {
        let file = std::fs::File::options().write(true).open(machine.path(name)).unwrap();
        file.set_modified(then).unwrap();
    }
    std::os::unix::fs::symlink("c.txt", machine.path("tree/link")).unwrap();
}

fn pack(machine: &Machine, program: &str, words: &[&str]) {
    let folder = machine.path("tree");
    let status = Command::new(program).args(words).current_dir(folder).output().unwrap();
    assert!(status.status.success(), "{program}: {status:?}");
}

fn has(program: &str) -> bool {
    Command::new(program).arg("--help").output().is_ok()
}

/// Unpacks, and holds that to its laws: check changes nothing and tells the same, and a second run
/// changes nothing.
async fn unpacks(machine: &Machine, args: &str) -> Outcome {
    let shown = |failure| panic!("{}: {failure}", machine.name);
    let content = || std::fs::read_dir(machine.path("out")).unwrap().count();
    let before = content();
    let checked = machine.run("unarchive", args, RunMode::Check).await.unwrap_or_else(shown);
    assert!(checked.changed && content() == before, "{}", machine.name);
    let applied = machine.run("unarchive", args, RunMode::Apply).await.unwrap_or_else(shown);
    assert!(applied.changed && applied.diffs == checked.diffs, "{}", machine.name);
    let again = machine.run("unarchive", args, RunMode::Apply).await.unwrap_or_else(shown);
    assert!(!again.changed, "{}: {:?}", machine.name, again.diffs);
    applied
}

on_every_shell!(unarchive_unpacks_what_tar_packs, machine, {
    // BusyBox's tar cannot compare.
    if machine.name == "busybox" {
        plant(&machine);
        pack(&machine, "tar", &["-czf", "../a.tgz", "."]);
        let error = machine.fails("unarchive", "{src: a.tgz, dest: '{}/out'}").await;
        assert!(error.ends_with("the host has no GNU tar"), "{error}");
        continue;
    }
    plant(&machine);
    pack(&machine, "tar", &["-czf", "../a.tgz", "bin/ä b", "c.txt", "link"]);
    let outcome = unpacks(&machine, "{src: a.tgz, dest: '{}/out', list_files: true}").await;
    assert_eq!(outcome.returned.get("handler").unwrap(), "TgzArchive");
    assert_eq!(outcome.returned.get("files").unwrap()[0], "bin/ä b");
    assert_eq!(machine.read("out/bin/ä b"), "one\n");
    machine.write("out/c.txt", "two?");
    let args = "{src: '{}/a.tgz', dest: '{}/out', remote_src: true, mode: 'u=rwX,go='}";
    unpacks(&machine, args).await;
    assert_eq!(machine.read("out/c.txt"), "two\n");
    assert_eq!((machine.mode("out/bin"), machine.mode("out/c.txt")), (0o700, 0o600));
    let error = machine.fails("unarchive", "{src: tree/c.txt, dest: '{}/out'}").await;
    assert!(error.starts_with("Unable to list files in the archive"), "{error}");
});

on_every_shell!(unarchive_unpacks_what_zip_packs, machine, {
    if machine.name == "busybox" || !has("zip") || !has("unzip") {
        eprintln!("{}: zip and unzip are not there", machine.name);
        continue;
    }
    plant(&machine);
    pack(&machine, "zip", &["-qry", "../a.zip", "."]);
    unpacks(&machine, "{src: a.zip, dest: '{}/out', exclude: [c.txt]}").await;
    assert_eq!(machine.read("out/bin/ä b"), "one\n");
    assert!(!machine.path("out/c.txt").exists());
    let args = "{src: '{}/a.zip', dest: '{}/out', remote_src: true}";
    unpacks(&machine, args).await;
    assert_eq!(machine.read("out/c.txt"), "two\n");
    machine.write("out/c.txt", "other");
    let kept = "{src: a.zip, dest: '{}/out', keep_newer: true}";
    let outcome = machine.run("unarchive", kept, RunMode::Apply).await.unwrap();
    assert!(!outcome.changed, "{}: {:?}", machine.name, outcome.diffs);
});

on_every_shell!(unarchive_need_not_unpack, machine, {
    plant(&machine);
    let args = "{src: none.tgz, dest: '{}/out', creates: '{}/tree'}";
    let outcome = machine.rests("unarchive", args).await;
    assert!(outcome.skipped.unwrap().starts_with("skipped, since "), "{}", machine.name);
    let error = machine.fails("unarchive", "{src: tree/c.txt, dest: '{}/none'}").await;
    assert_eq!(error, "dest '{}/none' must be an existing dir");
});
