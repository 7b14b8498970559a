//! `find`, whole, under each shell.

use super::local::{Machine, on_every_shell};

/// A tree with names of all kinds.
fn plant(machine: &Machine) {
    std::fs::create_dir_all(machine.path("a/b/c")).unwrap();
    std::fs::create_dir_all(machine.path(".hidden")).unwrap();
    for name in ["1.txt", "a/2 2.txt", "a/b/3\n3.txt", "a/b/c/4.txt", ".hidden/5.txt", ".6.txt"] {
        machine.write(name, format!("line\n{name}\n"));
    }
    std::os::unix::fs::symlink("a/b", machine.path("link")).unwrap();
}

/// The paths that are found, below the machine's folder.
async fn found(machine: &Machine, args: &str) -> Vec<String> {
    let outcome = machine.rests("find", args).await;
    let folder = format!("{}/", machine.folder.path().display());
    let files = outcome.returned.get("files").unwrap().as_array().unwrap();
    let paths = files.iter().map(|file| file["path"].as_str().unwrap().replace(&folder, ""));
    let mut paths: Vec<String> = paths.collect();
    paths.sort();
    paths
}

on_every_shell!(find_goes_as_deep_as_it_may, machine, {
    plant(&machine);
    assert_eq!(found(&machine, "{paths: '{}'}").await, ["1.txt"], "{}", machine.name);
    let all = [".hidden/5.txt", "1.txt", "a/2 2.txt", "a/b/3\n3.txt", "a/b/c/4.txt"];
    assert_eq!(found(&machine, "{paths: '{}/', recurse: true}").await, all, "{}", machine.name);
    let two = found(&machine, "{paths: '{}', recurse: true, depth: 2, file_type: any}").await;
    assert_eq!(two, [".hidden/5.txt", "1.txt", "a", "a/2 2.txt", "a/b", "link"]);
    let outcome = machine.rests("find", "{paths: '{}', recurse: true, depth: 1}").await;
    // Five of the first level, and three of the second that are too deep.
    assert_eq!(outcome.returned.get("examined").unwrap(), 8, "{}", machine.name);
});

on_every_shell!(find_follows_links_where_it_is_told_to, machine, {
    plant(&machine);
    let args = "{paths: '{}', recurse: true, follow: true, patterns: '[34]*'}";
    let paths = found(&machine, args).await;
    assert_eq!(paths, ["a/b/3\n3.txt", "a/b/c/4.txt", "link/3\n3.txt", "link/c/4.txt"]);
    let links = found(&machine, "{paths: '{}', file_type: link, follow: true}").await;
    assert_eq!(links, ["link"], "{}", machine.name);
});

on_every_shell!(find_looks_into_files, machine, {
    plant(&machine);
    machine.write("binary", b"line\n\xff\n");
    let search = "{paths: '{}', recurse: true, hidden: true, patterns: '*.txt', \
                  contains: '[.a]', get_checksum: true, checksum_algorithm: md5}";
    let outcome = machine.run("find", search, rplay::sdk::RunMode::Check).await.unwrap();
    let files = outcome.returned.get("files").unwrap().as_array().unwrap();
    assert_eq!(files.len(), 5, "{}: {files:?}", machine.name);
    let six = files.iter().find(|file| file["path"].as_str().unwrap().ends_with("/.6.txt"));
    assert_eq!(six.unwrap()["checksum"], "dde0382b48a38495b0a7aa8125950025", "{}", machine.name);
    let args = "{paths: '{}', contains: 'line', limit: 9}";
    let outcome = machine.run("find", args, rplay::sdk::RunMode::Apply).await.unwrap();
    let skipped = outcome.returned.get("skipped_paths").unwrap().as_object().unwrap();
    let why = skipped.values().next().unwrap().as_str().unwrap();
    assert!(why.contains("binary due to an encoding error"), "{}: {why}", machine.name);
});

on_every_shell!(find_says_what_is_no_directory, machine, {
    machine.write("file", "");
    let outcome = machine.rests("find", "{paths: '{}/file'}").await;
    let skipped = outcome.returned.get("skipped_paths").unwrap().to_string();
    assert!(skipped.contains("/file' is not a directory"), "{}: {skipped}", machine.name);
});
