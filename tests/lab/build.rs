//! `docker_image_build` on a real host: by the Engine's own builder, and by a buildx that only
//! tells how it was called.

use super::support::{Lab, Run};

/// A plugin of `docker` that notes its words and the secret that it is given.
const BUILDX: &str = r#"#!/bin/sh
if [ "$1" = docker-cli-plugin-metadata ]; then
    echo '{"SchemaVersion":"0.1.0","Vendor":"test","Version":"v0.19.0"}'
    exit
fi
printf '%s\n' "$@" >/root/words
env >/root/environment
for word do
    case $word in id=token,*) cat "${word##*src=}" >/root/secret; ls -l "${word##*src=}" >/root/mode;; esac
done
docker tag busybox:lab app:2
"#;

fn build(lab: &Lab, folder: &str, task: &str, words: &[&str]) -> Run {
    play(lab, folder, &format!("docker_image_build: {task}"), words)
}

fn play(lab: &Lab, folder: &str, task: &str, words: &[&str]) -> Run {
    let site = format!("- hosts: node1\n  gather_facts: false\n  tasks:\n    - {task}\n");
    std::fs::write(format!("{folder}/site.yml"), site).unwrap();
    let inventory = lab.variable("RPLAY_LAB_INVENTORY");
    lab.rplay(folder, &[&["-i", inventory.as_str(), "site.yml"], words].concat())
}

#[test]
fn an_image_is_built_with_and_without_buildx() {
    let Some(lab) = Lab::start(1, 0, &["node1"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    lab.on(
        "node1",
        "mkdir /srv/app; printf 'FROM busybox:lab\nARG V\nRUN echo $V >/v\n' >/srv/app/Dockerfile",
    );
    let task = "{name: app, path: /srv/app, args: {V: one}}";
    lab.untouched(&["node1"], || build(&lab, folder, task, &["--check", "--diff"]).expect(0));
    let run = build(&lab, folder, task, &["--diff"]).expect(0);
    assert_eq!(run.changed(), ["node1"]);
    assert_eq!(lab.on("node1", "docker run --rm app cat /v").trim(), "one");
    build(&lab, folder, task, &[]).expect_unchanged();
    let again = "{name: app, path: /srv/app, args: {V: one}, rebuild: always}";
    build(&lab, folder, again, &[]).expect_unchanged();
    let other = "{name: app, path: /srv/app, args: {V: two}, rebuild: always}";
    assert_eq!(build(&lab, folder, other, &[]).expect(0).changed(), ["node1"]);

    // A compose project whose file holds the Dockerfile.
    let project = r#"docker_compose_v2: {project_name: shop, definition: {services: {web: {
        command: sleep 1d, stop_grace_period: 1s, build: {context: /srv/app, tags: ["web:2"],
        dockerfile_inline: "FROM busybox:lab\nCOPY Dockerfile /copied\n"}},
        alone: {command: sleep 1d, stop_grace_period: 1s,
        build: {dockerfile_inline: "FROM busybox:lab\nRUN echo alone >/v\n"}}}}}"#;
    play(&lab, folder, project, &[]).expect(0);
    let copied = lab.on("node1", "docker exec shop-web-1 head -1 /copied; docker image ls -q web");
    assert!(copied.starts_with("FROM busybox:lab\n") && copied.lines().count() == 2, "{copied}");
    assert_eq!(lab.on("node1", "docker exec shop-alone-1 cat /v"), "alone\n");
    play(&lab, folder, project, &[]).expect_unchanged();
    lab.on("node1", "docker rm -f shop-web-1 shop-alone-1; docker network rm shop_default");

    let secret =
        "{name: 'app:2', path: /srv/app, secrets: [{id: token, type: value, value: hunter2 x}]}";
    let run = build(&lab, folder, secret, &[]).expect(2);
    assert!(run.stdout.contains("no buildx, which is needed for `secrets`"), "{}", run.stdout);
    let plugin = "mkdir -p /root/.docker/cli-plugins && cd /root/.docker/cli-plugins";
    lab.on(
        "node1",
        &format!("{plugin} && cat >docker-buildx <<'END'\n{BUILDX}END\nchmod +x docker-buildx"),
    );
    let run = build(&lab, folder, secret, &["-vvv"]).expect(0);
    assert!(!format!("{}{}", run.stdout, run.stderr).contains("hunter2"), "{}", run.stdout);
    assert_eq!(lab.on("node1", "cat /root/secret"), "hunter2 x");
    assert!(lab.on("node1", "cat /root/mode").starts_with("-rw-------"));
    assert!(!lab.succeeds("node1", "grep -r hunter2 /root/words /root/environment"));
    let words = lab.on("node1", "cat /root/words");
    assert!(words.contains("--tag\napp:2\n") && words.ends_with("--\n/srv/app\n"), "{words}");
    assert!(!lab.succeeds("node1", "ls $(sed -n 's/.*src=//p' /root/words)"), "the secret stays");
    build(&lab, folder, secret, &[]).expect_unchanged();
}
