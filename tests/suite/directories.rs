//! `copy` with directories, under each shell.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::local::{Machine, machines, on_every_shell};
use rplay::sdk::{RunMode, Side};

/// Makes a directory to be copied, with names that are no words of a shell.
fn source(machine: &Machine) {
    for directory in ["src/sub dir/deep", "src/empty", "src/-n"] {
        std::fs::create_dir_all(machine.path(directory)).unwrap();
    }
    for (name, content) in [
        ("src/a.conf", "one\n"),
        ("src/sub dir/it's \"b\"", "two\n"),
        ("src/sub dir/deep/new\nline \\ $(id) -> x", "three\n"),
        ("src/-n/-rf", "four\n"),
        ("src/.hidden", ""),
    ] {
        machine.write(name, content);
    }
    let (long, longer) = ("d".repeat(120), "f".repeat(200));
    std::fs::create_dir(machine.path(&format!("src/{long}"))).unwrap();
    machine.write(&format!("src/{long}/{longer}"), "five\n");
    let bytes = Path::new(OsStr::from_bytes(b"src/\xff \n"));
    std::fs::write(machine.folder.path().join(bytes), "six\n").unwrap();
    let run = PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(machine.path("src/-n/-rf"), run).unwrap();
}

/// All that is in a directory: directories with a slash behind, links with what they hold.
fn listing(directory: &Path) -> Vec<String> {
    let mut found = vec![];
    let mut left = vec![directory.to_owned()];
    while let Some(next) = left.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(directory).unwrap().display().to_string();
            let metadata = std::fs::symlink_metadata(&path).unwrap();
            if metadata.is_symlink() {
                let target = std::fs::read_link(&path).unwrap();
                found.push(format!("{name} => {}", target.display()));
            } else if metadata.is_dir() {
                found.push(format!("{name}/"));
                left.push(path);
            } else {
                found.push(format!("{name}: {}", std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

on_every_shell!(a_directory_is_copied_with_its_name_or_without, machine, {
    source(&machine);
    let outcome = machine.converges("copy", "{src: src, dest: '{}/to/there'}").await;
    let wanted = listing(&machine.path("src"));
    assert_eq!(listing(&machine.path("to/there/src")), wanted, "{}", machine.name);
    let dest = format!("{}/", machine.path("to/there").display());
    assert_eq!(outcome.returned.get("dest").unwrap(), &dest);
    assert_eq!(outcome.returned.get("src").unwrap(), "src");
    machine.converges("copy", "{src: src/, dest: '{}/bare'}").await;
    assert_eq!(listing(&machine.path("bare")), wanted, "{}", machine.name);
    assert_eq!(machine.names(), ["bare", "src", "to"], "{}", machine.name);
});

on_every_shell!(only_what_differs_is_replaced, machine, {
    source(&machine);
    let args = "{src: src/, dest: '{}/to', backup: true}";
    machine.converges("copy", args).await;
    machine.write("to/other", "kept");
    machine.write("to/a.conf", "changed\n");
    std::fs::remove_dir_all(machine.path("to/-n")).unwrap();
    std::fs::set_permissions(machine.path("to/a.conf"), PermissionsExt::from_mode(0o604)).unwrap();
    let before = std::fs::metadata(machine.path("to/.hidden")).unwrap().modified().unwrap();
    let outcome = machine.converges("copy", args).await;
    let shown: Vec<(String, Side, Side)> = outcome
        .diffs
        .into_iter()
        .map(|diff| {
            let folder = machine.path("to/").display().to_string();
            (diff.subject.replace(&folder, ""), diff.before, diff.after)
        })
        .collect();
    let text = |text: &str| Side::Text(text.to_owned());
    let state = |word: &str| Side::Fields(serde_json::json!({ "state": word }));
    let wanted = [
        ("-n", state("absent"), state("directory")),
        ("-n/-rf", Side::Absent, text("four\n")),
        ("a.conf", text("changed\n"), text("one\n")),
    ];
    let wanted = wanted.map(|(name, before, after)| (name.to_owned(), before, after));
    assert_eq!(shown, wanted, "{}", machine.name);
    assert_eq!(machine.mode("to/a.conf"), 0o604, "{}: it keeps its permissions", machine.name);
    assert_eq!(machine.read("to/other"), "kept");
    let after = std::fs::metadata(machine.path("to/.hidden")).unwrap().modified().unwrap();
    assert_eq!(before, after, "what was right is left alone");
    let names = listing(&machine.path("to"));
    let backups: Vec<&String> = names.iter().filter(|name| name.contains("~:")).collect();
    assert_eq!(backups.len(), 1, "{}: {names:?}", machine.name);
    assert!(backups[0].starts_with("a.conf.") && backups[0].ends_with("~: changed\n"));
});

on_every_shell!(files_and_directories_get_their_permissions, machine, {
    source(&machine);
    let args = "{src: src, dest: '{}/to', mode: '0640', directory_mode: '0750'}";
    machine.converges("copy", args).await;
    let mode = |name: &str| machine.mode(&format!("to/src/{name}"));
    assert_eq!((machine.mode("to"), mode("."), mode("sub dir/deep")), (0o750, 0o750, 0o750));
    assert_eq!((mode("a.conf"), mode("-n/-rf")), (0o640, 0o640), "{}", machine.name);
    let closed = "{src: src, dest: '{}/closed', directory_mode: '0555'}";
    machine.converges("copy", closed).await;
    assert_eq!((machine.mode("closed"), machine.mode("closed/src/-n")), (0o555, 0o555));
    let preserve = "{src: src, dest: '{}/to', mode: preserve, directory_mode: 'u=rwx,go='}";
    machine.converges("copy", preserve).await;
    assert_eq!((mode("sub dir"), mode("-n/-rf")), (0o700, 0o755), "{}", machine.name);
});

on_every_shell!(files_that_are_there_may_be_kept, machine, {
    source(&machine);
    std::fs::create_dir(machine.path("to")).unwrap();
    machine.write("to/a.conf", "own");
    machine.converges("copy", "{src: src/, dest: '{}/to', force: false}").await;
    assert_eq!(machine.read("to/a.conf"), "own", "{}", machine.name);
    assert_eq!(machine.read("to/-n/-rf"), "four\n");
});

on_every_shell!(links_are_followed_or_kept, machine, {
    source(&machine);
    symlink("a.conf", machine.path("src/to file")).unwrap();
    symlink("sub dir", machine.path("src/to dir")).unwrap();
    symlink("..", machine.path("src/-n/round")).unwrap();
    symlink("no//where", machine.path("src/dangling")).unwrap();
    symlink("far/".repeat(90), machine.path("src/far")).unwrap();
    machine.converges("copy", "{src: src/, dest: '{}/followed'}").await;
    let followed = listing(&machine.path("followed"));
    assert!(followed.contains(&"to file: one\n".to_owned()), "{}", machine.name);
    assert!(followed.contains(&"to dir/it's \"b\": two\n".to_owned()), "{followed:?}");
    assert!(followed.contains(&"dangling => no//where".to_owned()));
    assert!(followed.contains(&"-n/round => ..".to_owned()));
    let kept = "{src: src/, dest: '{}/kept', local_follow: false}";
    machine.converges("copy", kept).await;
    assert_eq!(listing(&machine.path("kept")), listing(&machine.path("src")), "{}", machine.name);
    std::fs::remove_file(machine.path("kept/to dir")).unwrap();
    symlink("elsewhere", machine.path("kept/to dir")).unwrap();
    std::fs::remove_file(machine.path("kept/to file")).unwrap();
    machine.write("kept/to file", "no link");
    machine.converges("copy", kept).await;
    assert_eq!(listing(&machine.path("kept")), listing(&machine.path("src")), "{}", machine.name);
});

on_every_shell!(a_link_at_the_destination_is_followed_only_to_a_directory, machine, {
    source(&machine);
    std::fs::create_dir_all(machine.path("real/sub")).unwrap();
    std::fs::create_dir(machine.path("to")).unwrap();
    machine.write("real/file", "one\n");
    symlink("../real/sub", machine.path("to/sub dir")).unwrap();
    symlink("../real/file", machine.path("to/a.conf")).unwrap();
    machine.converges("copy", "{src: src/, dest: '{}/to'}").await;
    assert_eq!(machine.read("real/sub/it's \"b\""), "two\n", "{}", machine.name);
    assert!(machine.path("to/sub dir").is_symlink());
    assert!(!machine.path("to/a.conf").is_symlink(), "{}: a file is what it is", machine.name);
});

on_every_shell!(a_directory_of_the_host_is_copied, machine, {
    source(&machine);
    symlink("a.conf", machine.path("src/to file")).unwrap();
    symlink("nowhere", machine.path("src/dangling")).unwrap();
    let mode = |mode| PermissionsExt::from_mode(mode);
    std::fs::set_permissions(machine.path("src/sub dir"), mode(0o700)).unwrap();
    let args = "{src: '{}/src', dest: '{}/to', remote_src: true}";
    machine.converges("copy", args).await;
    assert_eq!(machine.mode("to/src/sub dir"), 0o700, "{}", machine.name);
    assert_eq!(machine.mode("to/src/-n/-rf"), 0o755, "{}", machine.name);
    let kept = "{src: '{}/src/', dest: '{}/kept/', remote_src: true, local_follow: false}";
    machine.converges("copy", kept).await;
    assert_eq!(listing(&machine.path("kept")), listing(&machine.path("src")), "{}", machine.name);
    std::fs::remove_file(machine.path("src/to file")).unwrap();
    machine.write("src/to file", "one\n");
    assert_eq!(listing(&machine.path("to/src")), listing(&machine.path("src")), "{}", machine.name);
    machine.write("to/src/a.conf", "other");
    machine.converges("copy", args).await;
    assert_eq!(machine.read("to/src/a.conf"), "one\n");
    symlink("..", machine.path("src/-n/round")).unwrap();
    let message = machine.fails("copy", args).await;
    assert!(message.starts_with("looking at {}/src"), "{}: {message}", machine.name);
    std::fs::remove_file(machine.path("src/-n/round")).unwrap();
    assert_eq!(
        machine.fails("copy", "{src: '{}/src', dest: '{}/src/sub dir', remote_src: true}").await,
        "cannot copy {}/src into itself: {}/src/sub dir/src"
    );
});

on_every_shell!(what_cannot_be_copied_is_refused, machine, {
    source(&machine);
    let copied = "{src: src/, dest: '{}/to'}";
    machine.write("to", "a file");
    assert_eq!(
        machine.fails("copy", copied).await,
        "cannot copy a directory to {}/to: expected a directory, found a file",
        "{}",
        machine.name
    );
    assert_eq!(
        machine.fails("copy", "{src: src/, dest: '{}/to/below'}").await,
        "cannot copy a directory to {}/to/below: {}/to is not a directory"
    );
    std::fs::remove_file(machine.path("to")).unwrap();
    std::fs::create_dir_all(machine.path("to/a.conf")).unwrap();
    assert_eq!(
        machine.fails("copy", copied).await,
        "cannot write {}/to/a.conf: expected a file, found a directory"
    );
    std::fs::remove_dir(machine.path("to/a.conf")).unwrap();
    machine.write("to/empty", "");
    assert_eq!(
        machine.fails("copy", copied).await,
        "cannot copy a directory to {}/to/empty: expected a directory, found a file"
    );
    assert_eq!(
        machine.fails("copy", "{src: src, dest: '{}/to', validate: 'true %s'}").await,
        "validate cannot be given for a directory"
    );
    let _socket = std::os::unix::net::UnixListener::bind(machine.path("src/socket")).unwrap();
    assert_eq!(
        machine.fails("copy", copied).await,
        "cannot copy {}/src/socket: expected a file or directory, found a socket"
    );
    assert_eq!(
        machine.fails("copy", "{src: '{}/src', dest: '{}/to', remote_src: true}").await,
        "cannot copy {}/src/socket: expected a file or directory, found a socket"
    );
});

on_every_shell!(nothing_is_left_behind_when_it_fails, machine, {
    source(&machine);
    let refused = "{src: src, dest: '{}/new/er', owner: no-such-user}";
    assert_eq!(
        machine.fails("copy", refused).await,
        "cannot copy a directory to {}/new/er/src: there is no such user",
        "{}",
        machine.name
    );
    assert_eq!(machine.names(), ["src"], "{}", machine.name);
    std::fs::create_dir(machine.path("to")).unwrap();
    machine.write("to/a.conf", "old");
    machine.fails("copy", "{src: src/, dest: '{}/to', owner: no-such-user}").await;
    assert_eq!(listing(&machine.path("to")), ["a.conf: old"], "{}", machine.name);
});

#[tokio::test]
async fn many_files_need_few_programs() {
    let machine = machines().into_iter().next().expect("a shell");
    for number in 0..2_500 {
        let folder = machine.path(&format!("src/{}", number % 50));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{number}.txt")), format!("{number}\n")).unwrap();
    }
    machine.converges("copy", "{src: src/, dest: '{}/to'}").await;
    assert_eq!(listing(&machine.path("to")), listing(&machine.path("src")));
    let replaced = "{src: src/, dest: '{}/to', mode: '0600'}";
    let outcome = machine.run("copy", replaced, RunMode::Apply).await.unwrap();
    assert_eq!(outcome.diffs.len(), 2_500);
    assert_eq!(machine.mode("to/7/7.txt"), 0o600);
}
