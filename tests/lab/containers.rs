//! What becomes of containers that `docker_container` changes, on a real engine.

use super::support::{Lab, Run};

/// An image with all that an image can bring, under two names.
const IMAGE: &str = "
    docker build -qt app:1 - >/dev/null <<'END'
FROM busybox:lab
ENV LEVEL=1
LABEL from=image
VOLUME /data
ENTRYPOINT [\"/bin/sh\", \"-c\"]
CMD [\"sleep 1d\"]
END
    docker tag app:1 app:other";

/// A job that prints more than is kept.
const LONG: &str = "
- hosts: node1
  gather_facts: false
  tasks:
    - docker_container:
        name: job
        image: app:other
        command: ['yes $(printf %08000d 0) | head -c 70000000']
        detach: false
        cleanup: true
      register: job
    - vars: {kept: '{{ job.container.Output | length }}'}
      debug:
        msg: '{{ kept }} of {{ job.output_left_out + kept | int }}, ended with {{ job.status }}'
";

struct Host {
    lab: Lab,
}

impl Host {
    fn task(&self, module: &str, arguments: &str, more: &[&str]) -> Run {
        let play = format!(
            "- hosts: node1\n  gather_facts: false\n  tasks:\n    - {module}: {{{arguments}}}\n"
        );
        self.lab.play(&play, more)
    }

    /// Runs a task in check mode, which must change nothing, then for real, and again, which must
    /// change nothing; gives what a template of `docker inspect` shows of the container then.
    #[track_caller]
    fn settle(&self, arguments: &str, format: &str) -> String {
        let ids = || self.lab.on("node1", "docker ps -aq --no-trunc");
        let before = ids();
        let check = self.task("docker_container", arguments, &["--check", "--diff"]).expect(0);
        assert_eq!(check.changed(), ["node1"], "{}", check.stdout);
        assert_eq!(ids(), before, "check mode changed something");
        let run = self.task("docker_container", arguments, &["--diff"]).expect(0);
        assert_eq!(check.diffs(), run.diffs(), "check mode shows other diffs");
        self.task("docker_container", arguments, &[]).expect_unchanged();
        self.inspect(format)
    }

    fn inspect(&self, format: &str) -> String {
        self.on(&format!("docker inspect -f '{{{{{format}}}}}' web"))
    }

    fn on(&self, command: &str) -> String {
        self.lab.on("node1", command).trim().to_owned()
    }
}

#[test]
fn containers_become_what_was_asked_for_once() {
    let Some(lab) = Lab::start(1, 0, &["node1"]) else { return };
    lab.on("node1", &format!("DOCKER_BUILDKIT=0; export DOCKER_BUILDKIT; {IMAGE}"));
    let host = Host { lab };
    paused_ones_are_replaced(&host);
    limits_change(&host);
    what_the_image_brings_is_expected(&host);
    jobs_end(&host);
    health_is_waited_for(&host);
    let run = host.task("docker_network", "name: four, enable_ipv4: true", &[]).expect(2);
    assert!(run.stdout.contains("`enable_ipv4`"), "{}", run.stdout);
}

fn paused_ones_are_replaced(host: &Host) {
    host.on("docker run -d --name web busybox:lab sleep 1d; docker pause web");
    let state = ".State.Status}} {{json .Config.Cmd";
    // One that cannot start: the old one is there again, as it was.
    let run = host.task("docker_container", "name: web, image: 'busybox:lab', command: [/no]", &[]);
    let run = run.expect(2);
    assert!(run.stdout.contains("put back as it was"), "{}", run.stdout);
    assert_eq!(host.inspect(state), r#"paused ["sleep","1d"]"#);
    let other = "name: web, image: 'busybox:lab', command: sleep 2d, force_kill: true";
    assert_eq!(host.settle(other, state), r#"running ["sleep","2d"]"#);
}

fn limits_change(host: &Host) {
    let limits = |asked: &str| {
        let arguments = format!(
            "name: web, image: 'busybox:lab', command: sleep 2d, force_kill: true, {asked}"
        );
        let format = ".HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.CpuQuota}} {{.HostConfig.NanoCpus";
        let id = host.inspect(".Id");
        let seen = host.settle(&arguments, format);
        (seen, host.inspect(".Id") == id)
    };
    let seen = |text: &str, in_place| (text.to_owned(), in_place);
    assert_eq!(
        limits("memory: 256m, memory_swap: 1g, cpu_quota: 50000"),
        seen("268435456 1073741824 50000 0", true)
    );
    assert_eq!(limits("memory: 128m, memory_swap: 1g"), seen("134217728 1073741824 50000 0", true));
    assert_eq!(limits("memory: 0, cpu_quota: 50000"), seen("0 0 50000 0", false));
    assert_eq!(limits("cpus: 0.5"), seen("0 0 0 500000000", false));
}

fn what_the_image_brings_is_expected(host: &Host) {
    host.on("docker rm -f web; docker volume create kept");
    let strict = "name: web, volumes: ['kept:/data'], env: {MORE: x}, labels: {more: x}, \
                  force_kill: true, comparisons: {'*': strict}";
    host.settle(&format!("{strict}, image: 'app:1'"), ".Id");
    host.task("docker_container", strict, &[]).expect_unchanged();
    let bare = "name: web, image: 'app:1', force_kill: true, entrypoint: [], command: [sleep, 1d]";
    assert_eq!(
        host.settle(bare, "json .Config.Entrypoint}} {{json .Config.Cmd"),
        r#"[] ["sleep","1d"]"#
    );
    let other = "name: web, image: 'app:1', force_kill: true, entrypoint: [sleep, 3d], command: []";
    assert_eq!(
        host.settle(other, "json .Config.Entrypoint}} {{json .Config.Cmd"),
        r#"["sleep","3d"] []"#
    );

    // Its name is another image's by now.
    let image = host.inspect(".Image");
    host.on("docker tag busybox:lab app:1");
    let again = "name: web, recreate: true, force_kill: true, command: ['sleep 4d']";
    host.task("docker_container", again, &[]).expect(0);
    assert_eq!(host.inspect(".Image"), image);
    let id = format!("name: web, image: '{image}', pull: always");
    host.task("docker_container", &id, &[]).expect_unchanged();
    host.on("docker rm -f web");
}

fn jobs_end(host: &Host) {
    let job = "name: job, image: 'app:other', detach: false, cleanup: true";
    let volumes = || host.on("docker volume ls -q | wc -l");
    let before = volumes();
    host.task("docker_container", &format!("{job}, command: 'true', keep_volumes: false"), &[])
        .expect(0);
    assert_eq!(volumes(), before, "a volume is left");
    // One that is gone as soon as it has ended, whatever it has ended with.
    let gone = "name: job, image: 'busybox:lab', detach: false, auto_remove: true, command";
    host.task("docker_container", &format!("{gone}: 'true'"), &[]).expect(0);
    let run = host.task("docker_container", &format!("{gone}: sh -c 'exit 3'"), &[]).expect(2);
    assert!(run.stdout.contains("ended with status 3"), "{}", run.stdout);
    let run = host.task("docker_container", &format!("{gone}: [/no]"), &[]).expect(2);
    assert!(run.stdout.contains("starting job"), "{}", run.stdout);
    host.on("docker rm -f job || :");
    // More than is kept of it.
    let run = host.lab.play(LONG, &[]).expect(0);
    assert!(
        run.stdout.contains("ok: [node1] => 16777216 of 70000000, ended with 0"),
        "{}",
        run.stdout
    );
    assert_ne!(volumes(), before, "a volume that is kept is gone");
    assert_eq!(host.on("docker ps -aqf name=job"), "");
}

fn health_is_waited_for(host: &Host) {
    let web =
        "name: web, image: 'busybox:lab', command: sleep 1d, force_kill: true, state: healthy";
    host.settle(web, ".Id");
    // Unwell for the first seconds, and well then.
    let check = "healthcheck: {test: 'test -e /tmp/x || ! touch /tmp/x', interval: 2s, retries: 1}";
    assert_eq!(host.settle(&format!("{web}, {check}"), ".State.Health.Status"), "healthy");
    let check = "healthcheck: {test: 'echo down; false', interval: 1s, retries: 1}";
    let failing = format!("{web}, {check}, healthy_wait_timeout: 4");
    let run = host.task("docker_container", &failing, &[]).expect(2);
    assert!(run.stdout.contains("container web is unhealthy: down"), "{}", run.stdout);
}
