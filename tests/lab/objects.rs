//! Modules about single objects: secrets and configs, logins, contexts, files and commands in
//! containers, plugins, and what `docker_prune` removes.

use super::support::{Lab, Run};

/// A playbook of `tests/lab/objects`.
struct Play<'l> {
    lab: &'l Lab,
    name: &'static str,
}

impl Play<'_> {
    fn run(&self, more: &[&str]) -> Run {
        let playbook = format!("tests/lab/objects/{}.yml", self.name);
        let words = ["-i", "inventories/lab", &playbook, "--diff"];
        self.lab.rplay(".", &[&words[..], more].concat())
    }

    /// Runs in check mode, which must foresee changes and make none; then for real, which must
    /// show the same diffs; then again, which must change nothing.
    fn settle(&self, more: &[&str], seen: impl Fn() -> String) -> Run {
        let before = seen();
        let check = self.run(&[more, &["--check"]].concat()).expect(0);
        assert_eq!(check.changed(), ["node1"], "{}", check.stdout);
        assert_eq!(seen(), before, "check mode changed something");
        let run = self.run(more).expect(0);
        assert_eq!(check.diffs(), run.diffs(), "check mode shows other diffs");
        self.run(more).expect_unchanged();
        run
    }
}

#[test]
fn secrets_and_configs_change_while_services_use_them() {
    let Some(lab) = Lab::start(1, 0, &["node1"]) else { return };
    lab.on("node1", "docker swarm init --advertise-addr eth0 >/dev/null");
    let play = Play { lab: &lab, name: "secrets" };
    let seen = || {
        lab.on(
            "node1",
            "docker secret ls -q; docker config ls -q; docker service ls -q
             docker service inspect $(docker service ls -q) -f '{{.Version.Index}}' || :",
        )
    };
    let run = play.settle(&[], seen);
    assert!(!run.stdout.contains("first-password"), "{}", run.stdout);
    assert_eq!(in_service(&lab, "web"), "first-password first-page");

    let second = ["-e", "password=second-password", "-e", "page=second-page"];
    let run = play.settle(&second, seen);
    assert!(!run.stdout.contains("second-p"), "{}", run.stdout);
    assert!(run.stdout.contains("+- web (updated)"), "{}", run.stdout);
    for service in ["web", "api"] {
        assert_eq!(in_service(&lab, service), "second-password second-page");
    }
    let file = lab.on(
        "node1",
        "docker service inspect web -f '{{(index .Spec.TaskTemplate.ContainerSpec.Secrets 0).File}}'",
    );
    assert_eq!(file.trim(), "{the-password 7 0 -r--------}");
    let names = "docker secret ls --format '{{.Name}}' | sort | tr '\\n' ' '";
    assert_eq!(lab.on("node1", names), "password token_v1 token_v2 ");
    let labels = lab.on("node1", "docker secret inspect password -f '{{json .Spec.Labels}}'");
    assert!(labels.contains("\"tier\":\"db\"") && !labels.contains("ansible_key"), "{labels}");

    // A run that stopped when one service was moved, and the secret was gone.
    lab.on(
        "node1",
        "printf x | docker secret create -l rplay.stand-in-for=password password.rplay-0 - >/dev/null
         for service in web api; do
           docker service update -q --secret-rm password \
             --secret-add source=password.rplay-0,target=the-password,uid=7,mode=0400 $service
         done
         docker secret rm password",
    );
    play.settle(&[&second[..], &["--tags", "data"]].concat(), seen);
    play.run(&second).expect_unchanged();
    assert_eq!(lab.on("node1", names), "password token_v1 token_v2 ");
    for service in ["web", "api"] {
        assert_eq!(in_service(&lab, service), "second-password second-page");
    }

    // What another tool has made is known by that tool's label.
    lab.on(
        "node1",
        "docker service rm web api >/dev/null
         docker secret rm password >/dev/null
         hash=$(printf second-password | sha224sum | cut -d' ' -f1)
         printf second-password | docker secret create -l ansible_key=$hash -l tier=db password -",
    );
    let run = play.run(&second).expect(0);
    assert!(run.stdout.contains("ok=4    changed=1 "), "{}", run.stdout);
}

/// What a service's container has in its files.
fn in_service(lab: &Lab, service: &str) -> String {
    let command = format!(
        "id=$(docker ps -q -f label=com.docker.swarm.service.name={service})
         docker exec $id cat /run/secrets/the-password; echo -n ' '; docker exec $id cat /www/index.html"
    );
    lab.on("node1", &command)
}

/// A registry that lets in the user `lab` alone, a container that runs, one that does not, and
/// what may be pruned.
const OBJECTS: &str = r#"
docker load -qi /opt/images/debian-registry.tar
mkdir -p /srv/auth
echo 'lab:$2b$05$abcdefghijklmnopqrstuupcrDiYAqHt37LzWRKbDhdzbYNUD6Yke' > /srv/auth/htpasswd
docker run -d --name registry -p 5000:5000 -v /srv/auth:/auth -e REGISTRY_AUTH=htpasswd \
  -e REGISTRY_AUTH_HTPASSWD_REALM=lab -e REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd \
  debian-registry:lab
docker run -d --name box -u 33:33 --label keep=1 busybox:lab sleep 1d
docker create --name stopped busybox:lab true
printf '\000\377binary' > /srv/binary; chmod 4755 /srv/binary
ln -s /nowhere/at/all /srv/link
mkdir -p /tmp/l && ln -sfn real /tmp/l/link && tar -C /tmp/l -c link | docker cp - stopped:/etc
for file in ca cert key; do echo $file > /srv/$file; done
docker run --name ended --label prune --mount type=volume,src=scratch,volume-label=prune,dst=/s busybox:lab true
docker network create --label prune unused
printf 'FROM busybox:lab\nLABEL prune=1\n' | DOCKER_BUILDKIT=0 docker build -q -t prune:me -
mkdir -p ~/.docker && echo '{"z": 1, "auths": {"other": {"auth": "eDp5"}}}' > ~/.docker/config.json
until curl -s localhost:5000/v2/ >/dev/null; do sleep 0.2; done
"#;

#[test]
fn logins_contexts_files_and_what_is_unused() {
    let Some(lab) = Lab::start(1, 0, &["node1"]) else { return };
    on(&lab, OBJECTS);
    let play = Play { lab: &lab, name: "objects" };
    let seen = || {
        let containers = "for c in box stopped; do docker diff $c | sort; done; docker ps -aq; docker network ls -q
             docker volume ls -q; docker image ls -q; cd ~/.docker; find . -type f -exec sha256sum {} +";
        on(&lab, containers)
    };
    let wrong =
        play.run(&["--check", "--tags", "login", "-e", "password=wrong-password"]).expect(2);
    assert!(
        wrong.stdout.contains("Logging into localhost:5000 for user lab failed"),
        "{}",
        wrong.stdout
    );
    assert!(!wrong.stdout.contains("wrong-password"), "{}", wrong.stdout);

    let run = play.settle(&[], seen);
    assert!(!run.stdout.contains("hunter2-lab"), "{}", run.stdout);
    the_client_knows_logins_and_contexts(&lab);
    the_files_are_in_the_containers(&lab);
    let left = "docker ps -a --format '{{.Names}}' | sort | tr '\\n' ' '; docker volume ls -q --filter label=prune
         docker network ls -q --filter label=prune; docker image ls -q prune:me";
    assert_eq!(on(&lab, left), "box registry stopped ");

    // Another text shows its difference; what a container does not know is not done.
    let run = play.settle(&["--tags", "copy", "-e", r#"{"text": "two\n"}"#], seen);
    assert!(run.stdout.contains("-one") && run.stdout.contains("+two"), "{}", run.stdout);
    // A directory gives way to the file.
    on(&lab, "docker exec box sh -c 'rm /tmp/text; mkdir -p /tmp/text/deep'");
    let run = play.settle(&["--tags", "copy"], seen);
    assert!(run.stdout.contains("-(a directory)"), "{}", run.stdout);
    the_files_are_in_the_containers(&lab);
    Play { lab: &lab, name: "look" }.run(&[]).expect(0);
    on(&lab, "until docker exec box cat /tmp/left; do sleep 0.2; done");
    let check = Play { lab: &lab, name: "look" }.run(&["--check", "--limit", "node1"]);
    assert!(check.stdout.contains("skipping: [node1]"), "{}", check.stdout);
}

fn the_client_knows_logins_and_contexts(lab: &Lab) {
    let config = on(lab, "cat ~/.docker/config.json; stat -c %a ~/.docker/config.json");
    assert!(config.contains("\"z\": 1") && config.contains("eDp5"), "{config}");
    assert!(config.ends_with("}600\n"), "{config}");
    on(
        lab,
        "docker tag busybox:lab localhost:5000/busybox:lab
         docker push -q localhost:5000/busybox:lab",
    );
    let contexts = "docker context ls --format '{{.Name}} {{.Current}} {{.DockerEndpoint}}'";
    let contexts = lab.on("node1", contexts);
    assert!(contexts.contains("far true ssh://root@far"), "{contexts}");
    assert!(contexts.contains("secure false tcp://10.0.0.1:2376"), "{contexts}");
    let secure = on(lab, "docker context inspect secure -f '{{json .TLSMaterial}}'");
    assert_eq!(secure.trim(), r#"{"docker":["ca.pem","cert.pem","key.pem"]}"#);
    lab.on("node1", "docker context use default && docker context use far");

    let adhoc = |module: &str, arguments: &str| {
        let words = ["adhoc", "node1", "-i", "inventories/lab", "-m", module, "-a", arguments];
        lab.rplay(".", &words).expect(0)
    };
    for name in ["far", "secure"] {
        adhoc("docker_context", &format!("name={name} state=absent"));
    }
    let left = on(lab, "docker context ls -q; find ~/.docker/contexts -type f");
    assert_eq!(left.trim(), "default");
    adhoc(
        "docker_context",
        "name=far docker_host=ssh://root@far current=true description='Far away'",
    );
    adhoc(
        "docker_context",
        "name=secure docker_host=tcp://10.0.0.1:2376 ca_path=/srv/ca client_cert=/srv/cert client_key=/srv/key",
    );

    // A program that keeps logins.
    on(
        lab,
        r#"cat > /usr/local/bin/docker-credential-lab <<'END'
#!/bin/sh
case $1 in
store) cat > /srv/kept ;;
get) if [ -f /srv/kept ]; then cat /srv/kept; else echo 'credentials not found in native keychain'; exit 1; fi ;;
erase) rm -f /srv/kept ;;
esac
END
chmod 755 /usr/local/bin/docker-credential-lab; mkdir -p /srv/d; echo '{"credsStore": "lab"}' > /srv/d/config.json"#,
    );
    let login =
        "registry=localhost:5000 username=lab password=hunter2-lab config_path=/srv/d/config.json";
    adhoc("docker_login", login);
    let kept = on(lab, "cat /srv/kept /srv/d/config.json");
    assert!(kept.contains("\"Username\":\"lab\"") && !kept.contains("auths"), "{kept}");
    assert!(adhoc("docker_login", login).stdout.contains("\"changed\": false"));
    let logout = "registry=localhost:5000 state=absent config_path=/srv/d/config.json";
    adhoc("docker_login", logout);
    assert!(!lab.succeeds("node1", "test -e /srv/kept"));
    adhoc("docker_login", "registry=localhost:5000 state=absent");
    let config = on(lab, "cat ~/.docker/config.json");
    assert!(config.contains("eDp5") && !config.contains("localhost"), "{config}");
    adhoc("docker_login", "registry=localhost:5000 username=lab password=hunter2-lab");
}

fn the_files_are_in_the_containers(lab: &Lab) {
    let text = on(
        lab,
        "docker exec box sh -c 'cat /tmp/text; stat -c \"%a %u %g\" /tmp/text; readlink /tmp/link'",
    );
    assert_eq!(text, "one\n640 33 33\n/nowhere/at/all\n");
    let binary = "docker cp stopped:/etc/real - | tar -tv --numeric-owner; docker cp stopped:/etc/real - | tar -xO | cmp - /srv/binary";
    let binary = on(lab, binary);
    assert!(binary.starts_with("-rwsr-xr-x 7/8 "), "{binary}");
}

/// A plugin that does nothing but listen.
const PLUGIN: &str = r#"
docker plugin rm -f lab/plug:1 >/dev/null 2>&1 || :
mkdir -p /srv/plug/rootfs/run/docker/plugins
for file in /usr/bin/perl $(ldd /usr/bin/perl | grep -o '/[^ ]*'); do install -D "$file" "/srv/plug/rootfs$file"; done
cat > /srv/plug/config.json <<'END'
{"description": "lab", "entrypoint": ["/usr/bin/perl", "-e", "socket(S, 1, 1, 0); bind(S, pack('Sa*', 1, '/run/docker/plugins/lab.sock')) or die; listen(S, 5); sleep 86400"],
 "interface": {"types": ["docker.logdriver/1.0"], "socket": "lab.sock"}, "network": {"type": "host"},
 "env": [{"name": "LEVEL", "settable": ["value"], "value": "1"}, {"name": "OTHER", "settable": ["value"], "value": "x"}]}
END
docker plugin create lab/plug:1 /srv/plug
"#;

#[test]
fn a_plugin_is_set_enabled_and_removed() {
    let Some(lab) = Lab::start(1, 0, &[]) else { return };
    on(&lab, PLUGIN);
    let play = Play { lab: &lab, name: "plugin" };
    let seen =
        || on(&lab, "docker plugin inspect lab/plug:1 -f '{{.Enabled}} {{.Settings.Env}}' || :");
    let settle = |words: &[&str]| {
        let words: Vec<&str> = words.iter().flat_map(|word| ["-e", word]).collect();
        play.settle(&words, seen);
        seen().trim().to_owned()
    };
    assert_eq!(settle(&["state=present", "level=2"]), "false [LEVEL=2 OTHER=x]");
    assert_eq!(settle(&["state=enable"]), "true [LEVEL=2 OTHER=x]");
    assert_eq!(settle(&["state=present", "level=3"]), "true [LEVEL=3 OTHER=x]");
    assert_eq!(settle(&["state=disable"]), "false [LEVEL=3 OTHER=x]");
    assert_eq!(settle(&["state=enable"]), "true [LEVEL=3 OTHER=x]");
    let run = play.run(&["-e", "state=absent"]).expect(2);
    assert!(run.stdout.contains("plugin lab/plug:1 is enabled"), "{}", run.stdout);
    settle(&["state=absent", "force=true"]);
    assert_eq!(on(&lab, "docker plugin ls -q"), "");
}

/// A command on the host that asks the host's own Engine, whatever context is in use.
fn on(lab: &Lab, command: &str) -> String {
    lab.on("node1", &format!("export DOCKER_CONTEXT=default\n{command}"))
}
