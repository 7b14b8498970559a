//! The modules that read files, put them together and take them home, whole, under each shell.

use rplay::sdk::RunMode;

use super::local::on_every_shell;

on_every_shell!(tempfile_makes_another_one_each_time, machine, {
    let shown = |failure| panic!("{}: {failure}", machine.name);
    for (kind, mode) in [("file", "0600"), ("directory", "0700")] {
        let args = format!("{{state: {kind}, path: '{{}}', prefix: 'a b.', suffix: .x}}");
        let checked = machine.run("tempfile", &args, RunMode::Check).await.unwrap_or_else(shown);
        assert!(checked.skipped.is_some() && machine.names().is_empty(), "{}", machine.name);
        let first = machine.run("tempfile", &args, RunMode::Apply).await.unwrap_or_else(shown);
        let again = machine.run("tempfile", &args, RunMode::Apply).await.unwrap_or_else(shown);
        assert!(first.changed && again.changed);
        assert_ne!(first.returned.get("path"), again.returned.get("path"));
        assert_eq!(first.returned.get("state").unwrap(), kind);
        assert_eq!(first.returned.get("mode").unwrap(), mode);
        for name in machine.names() {
            let middle = name.strip_prefix("a b.").and_then(|rest| rest.strip_suffix(".x"));
            assert!(middle.is_some(), "{name}");
            let path = machine.path(&name);
            let _ = std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir(&path));
        }
    }
    assert_eq!(
        machine.fails("tempfile", "{path: '{}/none'}").await,
        "cannot make {}/none/ansible.*: the directory {}/none does not exist"
    );
});

on_every_shell!(slurp_reads_any_bytes, machine, {
    machine.write("a b", b"\xff\0\n");
    let outcome = machine.rests("slurp", "{src: '{}/a b'}").await;
    assert_eq!(outcome.returned.get("content").unwrap(), "/wAK");
    let made_up = machine.rests("slurp", "{src: /proc/version}").await;
    assert_ne!(made_up.returned.get("content").unwrap(), "", "{}", machine.name);
    assert_eq!(machine.fails("slurp", "{src: '{}/none'}").await, "File not found: {}/none");
});

on_every_shell!(getent_knows_root, machine, {
    // BusyBox has no such program.
    if machine.name == "busybox" {
        continue;
    }
    let outcome = machine.rests("getent", "{database: passwd, key: root}").await;
    let facts = outcome.returned.get("ansible_facts").unwrap();
    assert_eq!(facts["getent_passwd"]["root"][1], "0");
    let none = machine.fails("getent", "{database: passwd, key: nobody-is-called-so}").await;
    assert_eq!(none, "One or more supplied key could not be found in the database.");
});

on_every_shell!(wait_for_connection_finds_a_host_that_answers, machine, {
    let outcome = machine.run("wait_for_connection", "{timeout: 5}", RunMode::Apply).await;
    let outcome = outcome.unwrap_or_else(|failure| panic!("{}: {failure}", machine.name));
    assert!(!outcome.changed);
    assert_eq!(outcome.returned.get("elapsed").unwrap(), 0);
});

on_every_shell!(fetch_stores_a_file_in_the_folder_of_its_host, machine, {
    let large: Vec<u8> = (0..5_000_000_u32).flat_map(|n| n.wrapping_mul(n).to_le_bytes()).collect();
    machine.write("large", &large);
    let args = "{src: '{}/large', dest: kept}";
    let outcome = machine.converges("fetch", args).await;
    let path = outcome.returned.get("dest").unwrap().as_str().unwrap();
    let wanted = machine.path("kept/here").join(machine.path("large").strip_prefix("/").unwrap());
    assert_eq!(path, wanted.display().to_string());
    assert!(std::fs::read(path).unwrap() == large, "{}", machine.name);
    let folder = wanted.parent().unwrap();
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1, "nothing is left behind");
    machine.write("large", b"");
    machine.converges("fetch", args).await;
    assert_eq!(std::fs::read(path).unwrap(), b"");
});

on_every_shell!(fetch_takes_what_the_kernel_makes_up, machine, {
    machine.converges("fetch", "{src: /proc/version, dest: 'kept/', flat: true}").await;
    let version = std::fs::read_to_string("/proc/version").unwrap();
    assert_eq!(machine.read("kept/version"), version);
    let missing = "{src: '{}/none', dest: kept, fail_on_missing: false}";
    let outcome = machine.rests("fetch", missing).await;
    assert!(outcome.returned.get("msg").unwrap().as_str().unwrap().ends_with("ignored"));
    let error = machine.fails("fetch", "{src: '{}/none', dest: kept}").await;
    assert_eq!(error, "the remote file does not exist: {}/none");
});

on_every_shell!(assemble_joins_fragments, machine, {
    std::fs::create_dir_all(machine.path("parts/folder")).unwrap();
    machine.write("parts/b", "two\n");
    machine.write("parts/a a", b"\xffone");
    machine.write("parts/.hidden", "three");
    let args = "{src: '{}/parts', dest: '{}/whole', mode: '0640'}";
    machine.converges("assemble", args).await;
    let whole = std::fs::read(machine.path("whole")).unwrap();
    assert_eq!(whole, b"three\n\xffone\ntwo\n", "{}", machine.name);
    let args = "{src: parts, remote_src: false, dest: '{}/whole', delimiter: '--', \
                ignore_hidden: true, regexp: '[ab]', backup: true}";
    let outcome = machine.converges("assemble", args).await;
    assert_eq!(std::fs::read(machine.path("whole")).unwrap(), b"\xffone\n--\ntwo\n");
    let backup = outcome.returned.get("backup_file").unwrap().as_str().unwrap();
    assert_eq!(std::fs::read(backup).unwrap(), whole);
    let error = machine.fails("assemble", "{src: '{}/none', dest: '{}/whole'}").await;
    assert_eq!(error, "Source ({}/none) does not exist");
});

on_every_shell!(script_is_run_and_removed, machine, {
    // The folder of the test lets no programs run where it is in memory.
    machine.write("my script.sh", "#!/bin/sh\necho \"$(pwd)|$1|$2\"\necho \"$0\" >&2\n");
    let args = "{cmd: \"'my script.sh' 'a  b' $((1 + 1)) | sed s/a/c/\", chdir: '{}'}";
    let outcome = machine.run("script", args, RunMode::Apply).await;
    let outcome = outcome.unwrap_or_else(|failure| panic!("{}: {failure}", machine.name));
    let folder = machine.folder.path().display();
    assert!(outcome.changed);
    assert_eq!(
        outcome.returned.get("stdout").unwrap().as_str().unwrap(),
        format!("{folder}|a  b|2").replacen('a', "c", 1)
    );
    let path = outcome.returned.get("stderr").unwrap().as_str().unwrap().to_owned();
    assert!(path.ends_with("/my script.sh") && !std::path::Path::new(&path).exists(), "{path}");
    let checked = machine.run("script", args, RunMode::Check).await.unwrap();
    assert!(checked.skipped.is_some() && !checked.changed);
});

on_every_shell!(script_need_not_run, machine, {
    machine.write("make.sh", "echo made >\"$1\"\nexit \"$2\"\n");
    let args = |status: u8| {
        format!("{{cmd: 'make.sh {{}}/made {status}', executable: sh, creates: '{{}}/made'}}")
    };
    let checked = machine.run("script", &args(0), RunMode::Check).await.unwrap();
    assert!(checked.changed && !machine.path("made").exists(), "{}", machine.name);
    machine.run("script", &args(0), RunMode::Apply).await.unwrap();
    assert_eq!(machine.read("made"), "made\n");
    let again = machine.rests("script", &args(0)).await;
    assert!(again.skipped.unwrap().ends_with("/made exists, matching creates option"));
    std::fs::remove_file(machine.path("made")).unwrap();
    assert_eq!(machine.fails("script", &args(3)).await, "non-zero return code: 3");
});
