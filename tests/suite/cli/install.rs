//! `rplay install`: repositories and archives of this machine, and a Galaxy server of the test.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use super::{Ended, Project};

fn git(folder: &Path, args: &[&str]) -> String {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(["-c", "user.name=t", "-c", "user.email=t@example.org"]);
    let output = git.args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn commit(folder: &Path) -> String {
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", "x"]);
    git(folder, &["rev-parse", "HEAD"])
}

/// A project beside a repository of a role with a tag `v1`, and a newer commit on its branch.
fn project(requirements: &str) -> (Project, String) {
    let project = Project::new("- hosts: a\n  gather_facts: false\n  roles: [web]\n")
        .file("repository/tasks/main.yml", "- debug: {msg: first}\n")
        .file("requirements.yml", requirements);
    let repository = project.path().join("repository");
    git(&repository, &["init", "--quiet", "--initial-branch", "main"]);
    let first = commit(&repository);
    git(&repository, &["tag", "v1"]);
    let project = project.file("repository/tasks/main.yml", "- debug: {msg: second}\n");
    commit(&repository);
    (project, first)
}

fn said(ended: &Ended) -> String {
    format!("{}{}", ended.stdout, ended.stderr)
}

/// Packs files, each a path and a text, as `.tar.gz`.
fn pack(path: &Path, files: &[(&str, &str)]) {
    let file = std::fs::File::create(path).unwrap();
    let packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    let mut builder = tar::Builder::new(packed);
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap();
}

const WEB: &str = "roles:\n  - {src: repository, name: web, version: v1}\n";

#[test]
fn a_role_of_a_repository_is_installed_and_locked() {
    let (project, first) = project(WEB);
    let check = project.run("install --check");
    assert_eq!(check.code, 0, "{}", check.stderr);
    assert!(check.stdout.starts_with("would install: role web v1 from "), "{}", check.stdout);
    assert!(!project.path().join("roles").exists());

    let ended = project.run("install");
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(ended.stdout, format!("installed: role web in roles/web, commit {first}\n"));
    assert!(project.read("roles/web/tasks/main.yml").contains("first"));
    assert!(!project.path().join("roles/web/.git").exists());
    assert!(project.read("requirements.lock").contains(&format!("commit: {first}")));
    let left: Vec<_> = std::fs::read_dir(project.path().join("roles")).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing else is left");

    assert_eq!(project.run("install").stdout, "there: role web in roles/web\n");
    let run = project.run("-i testing site.yml");
    assert!(run.stdout.contains("first"), "{}", said(&run));
}

#[test]
fn a_tag_that_moved_is_told() {
    let (project, first) = project(WEB);
    assert_eq!(project.run("install").code, 0);
    git(&project.path().join("repository"), &["tag", "--force", "v1", "main"]);
    let second = git(&project.path().join("repository"), &["rev-parse", "main"]);
    let refused = project.run("install --force");
    assert_eq!(refused.code, 1);
    let wanted = format!("`web` is commit {second}, requirements.lock has commit {first}");
    assert!(refused.stderr.contains(&wanted), "{}", refused.stderr);
    assert!(refused.stderr.contains("requirements.yml:2:5"), "{}", refused.stderr);
    assert!(project.read("roles/web/tasks/main.yml").contains("first"), "it stays as it was");

    assert_eq!(project.run("install --update").code, 0);
    assert!(project.read("roles/web/tasks/main.yml").contains("second"));
    assert!(project.read("requirements.lock").contains(&second));
}

#[test]
fn a_requirement_that_changed_is_installed_anew() {
    let (project, _) = project(WEB);
    assert_eq!(project.run("install").code, 0);
    let project = project.file("requirements.yml", &WEB.replace("v1", "main"));
    let ended = project.run("install");
    assert!(ended.stdout.starts_with("installed: role web"), "{}", said(&ended));
    assert!(project.read("roles/web/tasks/main.yml").contains("second"));
}

#[test]
fn a_role_of_ones_own_is_left_alone() {
    let (project, _) = project(WEB);
    let project = project.file("roles/web/tasks/main.yml", "- debug: {msg: own}\n");
    let ended = project.run("install");
    let wanted = "there: role web in roles/web, not installed from here; --force replaces it\n";
    assert_eq!((ended.code, ended.stdout.as_str()), (0, wanted));
    assert!(project.read("roles/web/tasks/main.yml").contains("own"));
    assert_eq!(project.run("install --force").code, 0);
    assert!(project.read("roles/web/tasks/main.yml").contains("first"));
}

#[test]
fn archives_and_collections_are_installed() {
    let (project, _) = project(
        "
roles:
  - {src: files/base.tar.gz}
collections:
  - {name: files/own.tar.gz, type: file}
  - {source: 'git+repository#/sub', type: git, name: my.second}
",
    );
    let project = project
        .file("repository/sub/galaxy.yml", "namespace: my\nname: second\nversion: 1.0.0\n")
        .file("repository/sub/roles/web/tasks/main.yml", "- debug: {msg: of a collection}\n")
        .file("files/x", "")
        .file("site.yml", "- hosts: a\n  gather_facts: false\n  roles: [base, my.second.web]\n");
    commit(&project.path().join("repository"));
    let files = project.path().join("files");
    pack(&files.join("base.tar.gz"), &[("base-1.0/tasks/main.yml", "- debug: {msg: base}\n")]);
    let manifest = r#"{"collection_info": {"namespace": "my", "name": "own", "version": "1.0.0"}}"#;
    pack(&files.join("own.tar.gz"), &[("MANIFEST.json", manifest), ("roles/a/tasks/main.yml", "")]);

    let ended = project.run("install");
    assert_eq!(ended.code, 0, "{}", said(&ended));
    let own = "collections/ansible_collections/my";
    assert!(project.path().join(own).join("own/roles/a/tasks/main.yml").is_file());
    assert!(project.path().join(own).join("second/galaxy.yml").is_file());
    let run = project.run("-i testing site.yml");
    assert_eq!(run.code, 0, "{}", said(&run));
    assert!(run.stdout.contains("of a collection"), "{}", run.stdout);
    let again = project.run("install");
    assert_eq!(again.stdout.lines().filter(|line| line.starts_with("there: ")).count(), 3);

    pack(&files.join("base.tar.gz"), &[("base-1.0/tasks/main.yml", "- debug: {msg: other}\n")]);
    let refused = project.run("install --force --only roles");
    assert!(refused.stderr.contains("`base` is sha256 "), "{}", said(&refused));
}

#[test]
fn what_cannot_be_fetched_is_told_with_its_place() {
    let (project, _) = project(
        "- {src: repository, name: web, version: v9}\n- {src: none.tar.gz}\n- {src: empty}\n",
    );
    let project = project.file("empty/README", "");
    let ended = project.run("install");
    assert_eq!(ended.code, 1);
    for wanted in [
        "the repository has no tag, branch or commit `v9`",
        "requirements.yml:1:3",
        "cannot read none.tar.gz: No such file or directory",
        "there is no role in it",
        "requirements.yml:3:3",
    ] {
        assert!(ended.stderr.contains(wanted), "{wanted}: {}", ended.stderr);
    }
    assert!(!project.path().join("requirements.lock").exists());
    let twice = project.file("requirements.yml", "- {src: empty}\n- {src: x/empty.tar.gz}\n");
    let ended = twice.run("install");
    assert!(ended.stderr.contains("role `empty` is asked for twice"), "{}", ended.stderr);
}

#[test]
fn names_are_looked_up_at_the_galaxy_server() {
    let (project, _) = project("collections:\n  - {name: my.own, version: '>=1.0,<2'}\n");
    let archive = project.path().join("own.tar.gz");
    let manifest = r#"{"collection_info": {"namespace": "my", "name": "own", "version": "1.2.0"}}"#;
    pack(&archive, &[("MANIFEST.json", manifest)]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let (root, packed) = (server.clone(), std::fs::read(&archive).unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            reader.read_line(&mut line).unwrap();
            let mut header = String::new();
            while reader.read_line(&mut header).unwrap() > 2 {
                header.clear();
            }
            let path = line.split(' ').nth(1).unwrap();
            let body = if path.ends_with("/versions/?limit=100") {
                r#"{"data": [{"version": "1.0.0"}, {"version": "1.2.0"}, {"version": "2.0.0"}]}"#
                    .as_bytes()
                    .to_vec()
            } else if path.ends_with("/my/own/versions/1.2.0/") {
                format!(r#"{{"download_url": "{root}/own.tar.gz"}}"#).into_bytes()
            } else {
                packed.clone()
            };
            let head = format!("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
        }
    });
    let ended = project.run(&format!("install --server {server}"));
    assert_eq!(ended.code, 0, "{}", said(&ended));
    assert!(project.read("requirements.lock").contains("release: 1.2.0"));
    assert!(
        project.path().join("collections/ansible_collections/my/own/MANIFEST.json").is_file(),
        "{}",
        said(&ended)
    );
}
