//! The modules about files, whole, under each shell.

use super::local::{machines, on_every_shell};
use rplay::sdk::RunMode;

on_every_shell!(copy_puts_a_content_in_place, machine, {
    let args = "{content: \"one\\ntwo\\n\", dest: '{}/a b.conf', mode: '0640'}";
    let outcome = machine.converges("copy", args).await;
    assert_eq!(machine.read("a b.conf"), "one\ntwo\n");
    assert_eq!(machine.mode("a b.conf"), 0o640, "{}", machine.name);
    assert_eq!(outcome.returned.get("mode").unwrap(), "0640");
    assert_eq!(outcome.returned.get("size").unwrap(), 8);
    assert_eq!(machine.names(), ["a b.conf"], "{}: nothing is left behind", machine.name);
});

on_every_shell!(copy_keeps_what_is_not_named, machine, {
    machine.write("a", "old");
    std::fs::set_permissions(
        machine.path("a"),
        std::os::unix::fs::PermissionsExt::from_mode(0o604),
    )
    .unwrap();
    let outcome = machine.converges("copy", "{content: new, dest: '{}/a', backup: true}").await;
    assert_eq!((machine.read("a").as_str(), machine.mode("a")), ("new", 0o604));
    let backup = outcome.returned.get("backup_file").unwrap().as_str().unwrap();
    assert_eq!(std::fs::read_to_string(backup).unwrap(), "old");
    machine.converges("copy", "{content: new, dest: '{}/a', mode: u+x}").await;
    assert_eq!(machine.mode("a"), 0o704);
});

on_every_shell!(copy_sends_what_is_large_or_binary, machine, {
    let binary: Vec<u8> =
        (0..700_000_u32).map(|n| (n.wrapping_mul(n) >> 3).to_le_bytes()[0]).collect();
    machine.write("source", &binary);
    std::fs::create_dir(machine.path("dir")).unwrap();
    machine.converges("copy", "{src: source, dest: '{}/dir', mode: '0600'}").await;
    assert_eq!(std::fs::read(machine.path("dir/source")).unwrap(), binary);
    machine.converges("copy", "{src: source, dest: '{}/new/er/'}").await;
    assert_eq!(std::fs::read(machine.path("new/er/source")).unwrap(), binary);
});

on_every_shell!(copy_knows_short_contents_of_any_bytes, machine, {
    let every: Vec<u8> = (1..=255).collect();
    for content in [&every[..], b"a\0b", b"", b"\n\n", "gr\u{fc}n \\n \t\n".as_bytes()] {
        machine.write("source", content);
        machine.converges("copy", "{src: source, dest: '{}/copied'}").await;
        assert_eq!(std::fs::read(machine.path("copied")).unwrap(), content, "{}", machine.name);
    }
});

on_every_shell!(links_are_replaced_where_they_lead_elsewhere, machine, {
    std::os::unix::fs::symlink("a -> b 'c'", machine.path("link")).unwrap();
    let link = "{src: \"a -> b 'c'\", path: '{}/link', state: link, force: true}";
    machine.rests("file", link).await;
    machine.converges("file", "{src: other, path: '{}/link', state: link, force: true}").await;
    assert_eq!(std::fs::read_link(machine.path("link")).unwrap(), std::path::Path::new("other"));
});

on_every_shell!(copy_between_files_of_the_host, machine, {
    machine.write("from", "x\n");
    let args = "{src: '{}/from', dest: '{}/to', remote_src: true, mode: preserve}";
    machine.converges("copy", args).await;
    assert_eq!(machine.read("to"), "x\n");
    assert_eq!(
        machine.fails("copy", "{src: '{}/none', dest: '{}/to', remote_src: true}").await,
        "the source {}/none does not exist on the host"
    );
});

on_every_shell!(copy_leaves_the_file_when_it_cannot_be_written, machine, {
    machine.write("a", "old");
    let refused = "{content: bad, dest: '{}/a', validate: 'grep good %s'}";
    let message = machine.fails("copy", refused).await;
    assert_eq!(
        message, "`grep good %s` refuses the new content of {}/a: status 1",
        "{}",
        machine.name
    );
    machine
        .run("copy", "{content: good, dest: '{}/b', validate: 'grep -q good %s'}", RunMode::Apply)
        .await
        .unwrap();
    assert_eq!(machine.read("a"), "old");
    assert_eq!(
        machine.fails("copy", "{content: x, dest: '{}/none/x'}").await,
        "cannot write {}/none/x: the directory {}/none does not exist",
        "{}",
        machine.name
    );
    assert_eq!(
        machine.fails("copy", "{content: x, dest: '{}/a', owner: no-such-user}").await,
        "cannot write {}/a: there is no such user",
        "{}",
        machine.name
    );
    assert_eq!(machine.names(), ["a", "b"], "{}: nothing is left behind", machine.name);
});

on_every_shell!(copy_replaces_or_follows_a_link, machine, {
    machine.write("real", "old");
    std::os::unix::fs::symlink("real", machine.path("link")).unwrap();
    machine.converges("copy", "{content: new, dest: '{}/link', follow: true}").await;
    assert_eq!(machine.read("real"), "new");
    assert!(machine.path("link").is_symlink());
    machine.converges("copy", "{content: newer, dest: '{}/link'}").await;
    assert!(!machine.path("link").is_symlink());
    assert_eq!(machine.read("real"), "new");
});

on_every_shell!(template_renders_and_puts_in_place, machine, {
    machine.write("a.j2", "rendered\n");
    machine.converges("template", "{src: a.j2, dest: '{}/a', mode: '0600'}").await;
    assert_eq!(machine.read("a"), "rendered\n");
});

on_every_shell!(command_runs_programs_not_shells, machine, {
    let outcome = machine
        .run("command", "{_raw_params: \"printf '%s|' 'a  b' $NOPE ~ '$(id)' -n\"}", RunMode::Apply)
        .await
        .unwrap();
    let home = std::env::var("HOME").unwrap();
    let expected = format!("a  b|$NOPE|{home}|$(id)|-n|");
    assert_eq!(outcome.returned.get("stdout").unwrap(), &expected, "{}", machine.name);
    machine.write("made", "");
    machine.rests("command", "{cmd: 'false', creates: '{}/m*e'}").await;
    machine.rests("command", "{cmd: 'false', removes: '{}/x*'}").await;
    machine.rests("command", "{cmd: 'false', creates: 'ma?e', chdir: '{}'}").await;
    let pwd = "{argv: [cat], chdir: '{}', stdin: hello, removes: made}";
    let outcome = machine.run("command", pwd, RunMode::Apply).await.unwrap();
    assert_eq!(outcome.returned.get("stdout").unwrap(), "hello", "{}", machine.name);
});

on_every_shell!(command_says_why_it_failed, machine, {
    let missing = machine.run("command", "{cmd: no-such-program x}", RunMode::Apply).await;
    let failure = missing.unwrap_err();
    let rplay::sdk::Failure::Task { message, returned, .. } = &failure else { panic!("{failure}") };
    assert_eq!(message, "`no-such-program` is not a program of the host", "{}", machine.name);
    assert_eq!(returned.get("rc").unwrap(), 2);
    machine.write("plain", "");
    let message = machine.fails("command", "{argv: ['{}/plain']}").await;
    assert_eq!(message, "`{}/plain` may not be run by the task's user", "{}", machine.name);
    let message = machine.fails("shell", "{cmd: 'echo why >&2; exit 7'}").await;
    assert_eq!(message, "non-zero return code: 7: why");
    let message = machine.fails("command", "{cmd: pwd, chdir: '{}/none'}").await;
    assert_eq!(message, "cannot change to the directory {}/none");
});

on_every_shell!(shell_reads_a_line, machine, {
    let args = "{cmd: 'echo \"$HOME\" | wc -l; cat', stdin: x, stdin_add_newline: false}";
    let outcome = machine.run("shell", args, RunMode::Apply).await.unwrap();
    assert_eq!(outcome.returned.get("stdout_lines").unwrap().as_array().unwrap().len(), 2);
    assert_eq!(outcome.returned.get("rc").unwrap(), 0);
    let outcome = machine.run("shell", args, RunMode::Check).await.unwrap();
    assert!(outcome.skipped.is_some() && !outcome.changed);
});

on_every_shell!(stat_tells_what_is_there, machine, {
    machine.write("a", "hello\n");
    std::os::unix::fs::symlink("a", machine.path("l")).unwrap();
    let stat =
        async |args: &str| machine.rests("stat", args).await.returned.get("stat").unwrap().clone();
    let a = stat("{path: '{}/a'}").await;
    assert_eq!(a["checksum"], "f572d396fae9206628714fb2ce00f72e94f2258f", "{}", machine.name);
    assert_eq!((&a["exists"], &a["size"], &a["isreg"]), (&true.into(), &6.into(), &true.into()));
    assert_eq!((&a["readable"], &a["executable"]), (&true.into(), &false.into()));
    let link = stat("{path: '{}/l'}").await;
    assert_eq!((&link["islnk"], &link["lnk_target"]), (&true.into(), &"a".into()));
    assert_eq!(link["lnk_source"], a["path"]);
    let md5 = stat("{path: '{}/l', follow: true, checksum_algorithm: md5}").await;
    assert_eq!(md5["checksum"], "b1946ac92492d2347c6235b4d2611184");
    assert_eq!(stat("{path: '{}/none'}").await, serde_json::json!({"exists": false}));
    assert_eq!(stat("{path: '{}/a/b'}").await, serde_json::json!({"exists": false}));
    assert_eq!(stat("{path: /dev/null}").await["ischr"], true);
});

on_every_shell!(file_makes_directories, machine, {
    let outcome =
        machine.converges("file", "{path: '{}/a/b c/d', state: directory, mode: '2750'}").await;
    assert_eq!(outcome.returned.get("mode").unwrap(), "2750", "{}", machine.name);
    assert_eq!((machine.mode("a"), machine.mode("a/b c/d")), (0o2750, 0o2750));
    machine.converges("file", "{path: '{}/a', state: directory, mode: '0755'}").await;
    assert_eq!(machine.mode("a"), 0o755, "{}: set-group-id is gone", machine.name);
    machine.rests("file", "{path: '{}/a/', mode: u+x}").await;
});

on_every_shell!(file_sets_a_tree, machine, {
    std::fs::create_dir_all(machine.path("t/sub dir")).unwrap();
    machine.write("t/sub dir/text", "");
    machine.write("t/script", "");
    let mode = |mode| std::os::unix::fs::PermissionsExt::from_mode(mode);
    std::fs::set_permissions(machine.path("t/script"), mode(0o700)).unwrap();
    std::os::unix::fs::symlink("nowhere", machine.path("t/link")).unwrap();
    let args = "{path: '{}/t', state: directory, recurse: true, mode: 'u=rwX,g=rX,o='}";
    machine.converges("file", args).await;
    let modes = ["t", "t/sub dir", "t/sub dir/text", "t/script"].map(|name| machine.mode(name));
    assert_eq!(modes, [0o750, 0o750, 0o640, 0o750], "{}", machine.name);
});

on_every_shell!(file_makes_links, machine, {
    std::fs::create_dir(machine.path("one")).unwrap();
    std::fs::create_dir(machine.path("two")).unwrap();
    machine.converges("file", "{src: one, dest: '{}/link', state: link}").await;
    machine.converges("file", "{src: two, dest: '{}/link', state: link}").await;
    let link = std::fs::read_link(machine.path("link")).unwrap();
    assert_eq!(link.to_str(), Some("two"), "{}", machine.name);
    assert_eq!(std::fs::read_dir(machine.path("one")).unwrap().count(), 0, "not entered");
    assert_eq!(
        machine.fails("file", "{src: none, dest: '{}/new', state: link}").await,
        "the link's target {}/none does not exist"
    );
    machine.write("file", "x");
    machine.converges("file", "{src: '{}/file', dest: '{}/hard', state: hard}").await;
    assert_eq!(machine.read("hard"), "x");
    machine.write("other", "y");
    let forced = "{src: '{}/file', dest: '{}/other', state: hard, force: true}";
    machine.converges("file", forced).await;
    let forced = "{src: '{}/file', dest: '{}/one', state: link, force: true}";
    machine.converges("file", forced).await;
    assert_eq!(machine.names(), ["file", "hard", "link", "one", "other", "two"]);
});

on_every_shell!(file_removes, machine, {
    std::fs::create_dir_all(machine.path("tree/inner")).unwrap();
    std::fs::create_dir(machine.path("kept")).unwrap();
    std::os::unix::fs::symlink("kept", machine.path("link")).unwrap();
    machine.converges("file", "{path: '{}/tree', state: absent}").await;
    machine.converges("file", "{path: '{}/link/', state: absent}").await;
    machine.rests("file", "{path: '{}/none/none', state: absent}").await;
    assert_eq!(machine.names(), ["kept"], "{}", machine.name);
});

on_every_shell!(file_touches, machine, {
    let args = "{path: '{}/a', state: touch, mode: '0600', modification_time: preserve, \
                access_time: preserve}";
    machine.converges("file", args).await;
    assert_eq!(machine.mode("a"), 0o600);
    let args = "{path: '{}/a', state: file, modification_time: '202001020304.05'}";
    machine.converges("file", args).await;
    let again = machine.run("file", "{path: '{}/a', state: touch}", RunMode::Apply).await.unwrap();
    assert!(again.changed);
});

on_every_shell!(lineinfile_edits_lines, machine, {
    machine.write("a", b"one\n#two=2\n\xff\n");
    let args = "{path: '{}/a', regexp: '^#?two=', line: two=3, backup: true, mode: '0600'}";
    let outcome = machine.converges("lineinfile", args).await;
    assert_eq!(outcome.returned.get("msg").unwrap(), "line replaced");
    assert_eq!(std::fs::read(machine.path("a")).unwrap(), b"one\ntwo=3\n\xff\n");
    assert_eq!(machine.mode("a"), 0o600);
    let backup = outcome.returned.get("backup").unwrap().as_str().unwrap();
    assert_eq!(std::fs::read(backup).unwrap(), b"one\n#two=2\n\xff\n");
    machine.converges("lineinfile", "{path: '{}/a', regexp: '^o', state: absent}").await;
    machine.converges("lineinfile", "{path: '{}/new/b', line: x, create: true}").await;
    assert_eq!(machine.read("new/b"), "x\n", "{}", machine.name);
    let refused = "{path: '{}/a', line: bad, validate: 'grep -q good %s'}";
    machine.fails("lineinfile", refused).await;
    assert!(!machine.read("a").contains("bad"));
});

on_every_shell!(blockinfile_and_replace_edit_text, machine, {
    machine.write("a", "one\n");
    machine.converges("blockinfile", "{path: '{}/a', block: \"x\\ny\"}").await;
    machine.converges("blockinfile", "{path: '{}/a', block: z, insertbefore: BOF}").await;
    let block = "# BEGIN ANSIBLE MANAGED BLOCK\nz\n# END ANSIBLE MANAGED BLOCK\n";
    assert_eq!(machine.read("a"), format!("one\n{block}"), "{}: where it was", machine.name);
    machine.converges("blockinfile", "{path: '{}/a', state: absent}").await;
    machine.converges("replace", "{path: '{}/a', regexp: 'o(.)', replace: '\\1x'}").await;
    assert_eq!(machine.read("a"), "nxe\n");
});

#[tokio::test]
async fn wait_for_tries_until_it_is_so() {
    use tokio::io::AsyncWriteExt;
    let machine = machines().into_iter().next().expect("a shell");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"220 mail ready\r\n").await.unwrap();
        }
    });
    let run = async |args: String| machine.run("wait_for", &args, RunMode::Apply).await;
    let outcome = run(format!("{{port: {port}}}")).await.unwrap();
    assert!(!outcome.changed);
    assert_eq!(outcome.returned.get("elapsed").unwrap(), 0);
    let outcome = run(format!("{{port: {port}, search_regex: '^220 (\\w+)'}}")).await.unwrap();
    assert_eq!(outcome.returned.get("match_groups").unwrap(), &serde_json::json!(["mail"]));
    let late = run(format!("{{port: {port}, state: stopped, timeout: 1}}")).await.unwrap_err();
    assert_eq!(
        late.to_string(),
        format!("Timeout when waiting for 127.0.0.1:{port} to stop (1 s): it takes connections")
    );
    let own = run("{port: 1, timeout: 1, msg: 'no {}'}".to_owned()).await.unwrap_err();
    assert!(own.to_string().starts_with("no "));
    let checked = machine.run("wait_for", "{port: 1}", RunMode::Check).await.unwrap();
    assert!(checked.skipped.is_some());
}

on_every_shell!(wait_for_looks_at_files, machine, {
    machine.write("log", "one\nready in 7 s\n");
    let args = "{path: '{}/log', search_regex: '^ready in (?P<time>\\d+) s$'}";
    let outcome = machine.run("wait_for", args, RunMode::Apply).await.unwrap();
    let groups = outcome.returned.get("match_groupdict").unwrap();
    assert_eq!(groups, &serde_json::json!({"time": "7"}), "{}", machine.name);
    machine.run("wait_for", "{path: '{}/none', state: absent}", RunMode::Apply).await.unwrap();
    assert_eq!(
        machine.fails("wait_for", "{path: '{}/none', timeout: 1}").await,
        "Timeout when waiting for file {}/none (1 s): it is not there"
    );
});
