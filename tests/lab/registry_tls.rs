//! `docker_registry` on real hosts: TLS by an authority of its own, users, trust on every host.

use super::support::{Lab, Run};

const FOLDER: &str = "tests/lab/registry_tls";
const HOSTS: [&str; 2] = ["node1", "node2"];
const PASSWORD: &str = "s3cret word";
const SERIAL: &str =
    "openssl x509 -noout -serial -in /etc/docker/registries/registry/serve/tls.crt";

fn play(lab: &Lab, words: &[&str]) -> Run {
    let inventory = lab.variable("RPLAY_LAB_INVENTORY");
    let these = ["-i", &inventory, "-l", "node1,node2", "site.yml"];
    lab.rplay(FOLDER, &[&these, words].concat())
}

/// Logs in; the password goes by standard input.
fn logs_in(lab: &Lab, host: &str, address: &str, password: &str) -> bool {
    let login = format!("echo '{password}' | docker login -u ci --password-stdin {address}");
    lab.succeeds(host, &login)
}

#[test]
fn a_registry_with_tls_and_users_is_trusted_by_all_hosts() {
    let Some(lab) = Lab::start(2, 0, &HOSTS) else { return };
    let check = lab.untouched(&HOSTS, || play(&lab, &["--check", "--diff"]).expect(0));
    assert_eq!(check.changed(), HOSTS, "{}", check.stdout);
    assert!(check.stdout.contains("authority"), "{}", check.stdout);

    let run = play(&lab, &["--diff"]).expect(0);
    assert_eq!(run.changed(), HOSTS, "{}", run.stdout);
    assert!(!format!("{}{}", run.stdout, run.stderr).contains(PASSWORD), "{}", run.stdout);
    let address = format!("{}:5000", lab.on("node1", "hostname -i | cut -d ' ' -f 1").trim());
    let image = format!("{address}/app:1");
    assert!(!lab.on("node2", "docker info").contains(&address), "no Engine was set up for it");
    lab.on("node1", &format!("docker tag busybox:lab {image}"));
    assert!(!lab.succeeds("node1", &format!("docker push {image}")), "nobody had to log in");
    assert!(!logs_in(&lab, "node1", &address, "wrong"), "any password is taken");
    for host in HOSTS {
        assert!(logs_in(&lab, host, &address, PASSWORD), "{host} cannot log in");
    }
    lab.on("node1", &format!("docker push {image}"));
    lab.on("node2", &format!("docker pull {image}"));
    let modes =
        lab.on("node1", "cd /etc/docker/registries/registry && stat -c '%a %n' ca.key serve/*");
    assert_eq!(modes, "600 ca.key\n600 serve/htpasswd\n644 serve/tls.crt\n600 serve/tls.key\n");

    play(&lab, &[]).expect_unchanged();
    play(&lab, &["--check", "--detailed-exitcode"]).expect(0);
    renews_what_no_longer_fits(&lab, &address, &image);
    goes_with_everything(&lab);
}

/// A password, a name and a lost certificate are each changed alone, and images stay.
fn renews_what_no_longer_fits(lab: &Lab, address: &str, image: &str) {
    let serial = lab.on("node1", SERIAL);
    play(lab, &["-e", "registry_password=other"]).expect(0);
    assert!(logs_in(lab, "node2", address, "other"), "the new password is not taken");
    assert_eq!(lab.on("node1", SERIAL), serial, "the certificate has nothing to do with it");

    let host = address.trim_end_matches(":5000");
    let names = format!(r#"{{"registry_password": "other", "names": ["{host}", "reg.example"]}}"#);
    let run = play(lab, &["--diff", "-e", &names]).expect(0);
    assert!(run.stdout.contains("reg.example"), "{}", run.stdout);
    assert_ne!(lab.on("node1", SERIAL), serial, "the certificate lacks the new name");
    play(lab, &["-e", &names]).expect_unchanged();
    lab.on("node2", &format!("docker rmi {image} && docker pull {image}"));
}

fn goes_with_everything(lab: &Lab) {
    let words = ["-e", r#"{"registry_state": "absent", "keep_data": false}"#];
    play(lab, &words).expect(0);
    assert!(!lab.succeeds("node1", "docker inspect registry"), "the container is still there");
    assert!(!lab.succeeds("node1", "docker volume inspect registry-data"), "the volume is");
    assert!(!lab.succeeds("node1", "ls /etc/docker/registries/registry"), "its folder is");
    for host in HOSTS {
        let trusted = lab.on(host, "find /etc/docker/certs.d -name ca.crt");
        assert_eq!(trusted, "", "{host} still trusts it");
    }
    play(lab, &words).expect_unchanged();
}
