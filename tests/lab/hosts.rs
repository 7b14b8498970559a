//! The modules about a host itself: one broad playbook, hosts with three ways to log in.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::support::{Lab, Run, assert_untouched};

const FOLDER: &str = "tests/lab/hosts";
/// Root by key; a user with sudo; a user whose sudo wants a password.
const HOSTS: [&str; 3] = ["node1", "node2", "bare1"];

/// Runs a playbook of the folder on these hosts, whatever others the lab has.
fn play(lab: &Lab, words: &[&str]) -> Run {
    let inventory = lab.variable("RPLAY_LAB_INVENTORY");
    let limit = HOSTS.join(",");
    let these = ["-i", &inventory, "-i", "logins.ini", "-l", &limit];
    lab.rplay(FOLDER, &[&these, words].concat())
}

/// Everything that the playbook touches, as `find` and `sha256sum` see it.
fn listing(lab: &Lab, host: &str) -> String {
    let attributes =
        "find /srv /home /etc/init.d /etc/rc?.d -printf '%M %U:%G %T@ %p %l\\n' | sort";
    let accounts = "cat /etc/passwd /etc/group /etc/shadow /etc/gshadow";
    format!("{}{}", lab.on(host, &format!("{attributes}; {accounts}")), lab.fingerprint(host))
}

#[test]
fn hosts_are_made_what_a_playbook_says() {
    let Some(lab) = Lab::start(2, 1, &HOSTS) else { return };
    let seed = include_str!("hosts/seed.sh");
    for host in HOSTS {
        lab.on(host, seed);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let before = HOSTS.map(|host| listing(&lab, host));

    let report = format!("json={}", file("check"));
    let run = play(&lab, &["site.yml", "--check", "--diff", "--report", &report]).expect(0);
    assert_eq!(run.changed(), HOSTS, "{}", run.stdout);
    for (host, before) in HOSTS.iter().zip(&before) {
        assert_untouched(before, &listing(&lab, host), host);
    }

    let report = format!("json={}", file("run"));
    let run = play(&lab, &["site.yml", "--diff", "--report", &report]).expect(0);
    assert_eq!(run.changed(), HOSTS, "{}", run.stdout);
    assert_same_diffs(&Changes::read(&file("check")), &Changes::read(&file("run")));
    for host in HOSTS {
        assert_made(&lab, host);
    }
    assert_packages(&lab, true);

    play(&lab, &["site.yml"]).expect_unchanged();
    play(&lab, &["site.yml", "--check", "--detailed-exitcode"]).expect(0);

    play(&lab, &["remove.yml"]).expect(0);
    play(&lab, &["remove.yml"]).expect_unchanged();
    for host in HOSTS {
        let left = "ls /srv; getent passwd hosts-app hosts-daemon; getent group hosts-extra; \
            ls /etc/rc?.d | grep S...hosts-web; id -Gn operator; true";
        assert_eq!(lab.on(host, left), "operator\n", "{host}");
    }
    assert_packages(&lab, false);
}

/// What a run said it changes: for each task and item, in order, the host and the diffs.
struct Changes(Vec<(String, String, Vec<Value>)>);

impl Changes {
    fn read(path: &str) -> Self {
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let found = events(path).filter(|event| event["result"]["status"] == "changed");
        let changes = found.filter_map(|event| {
            let diffs = event["result"]["diffs"].as_array()?.clone();
            let what = format!("{} {}", word(&event["task"]["name"]), word(&event["label"]));
            Some((what, word(&event["host"]), diffs))
        });
        Self(changes.collect())
    }

    /// The diffs of the things that no earlier task of the run changed on the host.
    fn first(&self) -> BTreeMap<(&str, &str), &Vec<Value>> {
        let mut touched = BTreeSet::new();
        let mut first = BTreeMap::new();
        for (what, host, diffs) in &self.0 {
            let subjects = diffs.iter().map(|diff| (host, diff["subject"].to_string()));
            let subjects: BTreeSet<_> = subjects.collect();
            if subjects.is_disjoint(&touched) {
                first.insert((what.as_str(), host.as_str()), diffs);
            }
            touched.extend(subjects);
        }
        first
    }
}

/// Check mode must have told what the run did, but where an earlier task mattered.
#[track_caller]
fn assert_same_diffs(check: &Changes, run: &Changes) {
    let done = run.first();
    let told = check.first();
    assert!(told.len() > 60, "only {} changes could be told", told.len());
    for ((what, host), diffs) in told {
        assert_eq!(done.get(&(what, host)), Some(&diffs), "{what} on {host}");
    }
}

/// The host must be what the playbook says, by its own commands.
fn assert_made(lab: &Lab, host: &str) {
    let on = |command: &str| lab.on(host, command);
    assert_eq!(on(include_str!("hosts/list.sh")), include_str!("hosts/made.txt"), "{host}");
    let facts = on("cat /srv/hosts-facts");
    assert_eq!(facts, on(include_str!("hosts/facts.sh")), "{host}");
    assert_eq!(on("sh /srv/hosts/script.sh | tail -n 1"), format!("its {}\n", host.to_uppercase()));
    let json = on("cat /srv/hosts/content.json");
    assert_eq!(json, format!("{{\"name\": \"{host}\", \"ports\": [80, 443], \"\\u00fc\": null}}"));
    let fetched = "for f in answer download summed tree/file; do \
        curl -s http://127.0.0.1:18090/file | cmp - /srv/hosts/$f; done; service hosts-web status";
    assert_eq!(on(fetched), "", "{host}");
    assert_eq!(on("ls -1 /etc/rc2.d | grep -c 'S..hosts-web'"), "1\n", "{host}");
}

/// The packages must be there, or not.
#[track_caller]
fn assert_packages(lab: &Lab, there: bool) {
    for package in ["tree", "ed"] {
        let asked =
            format!("dpkg-query -W -f '${{Status}}' {package} | grep -x 'install ok installed'");
        assert_eq!(lab.succeeds("bare1", &asked), there, "{package}");
    }
}

#[test]
fn what_cannot_be_done_is_told_with_its_cause_and_the_next_step() {
    let Some(lab) = Lab::start(2, 1, &[]) else { return };
    lab.on("bare1", "dd if=/dev/zero of=/dev/shm/full bs=1M 2>/dev/null; true");
    let before = lab.fingerprint("bare1");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report").display().to_string();
    let run = play(&lab, &["faults.yml", "--report", &format!("json={path}")]);
    lab.on("bare1", "rm /dev/shm/full");
    let run = run.expect(0);
    let mut count = 0;
    for event in events(&path).filter(|event| event["event"] == "host_finished") {
        count += 1;
        let (task, result) = (&event["task"]["name"], &event["result"]);
        let (cause, help) = task.as_str().and_then(|name| name.split_once(" / ")).unwrap();
        let said =
            |field: &str, part: &str| result[field].as_str().is_some_and(|s| s.contains(part));
        assert!(said("message", cause) && said("help", help), "{task}:\n{result:#}");
    }
    assert!(count > 25, "{}", run.stdout);
    assert_untouched(&before, &lab.fingerprint("bare1"), "bare1");
}

#[test]
fn root_is_reached_by_su_and_nobody_by_root() {
    let Some(lab) = Lab::start(2, 1, &[]) else { return };
    lab.on("bare1", "echo root:su-password | chpasswd");
    let id = |words: &[&str]| {
        let inventory = lab.variable("RPLAY_LAB_INVENTORY");
        let line = "id -un; ls >/dev/null && pwd";
        let all = ["adhoc", "-i", &inventory, "-i", "logins.ini", "-b", "-m", "shell", "-a", line];
        lab.rplay(FOLDER, &[all.as_slice(), words].concat()).expect(0).stdout
    };
    let su = id(&["bare1", "--become-method", "su", "-e", "ansible_become_password=su-password"]);
    lab.on("bare1", "passwd -l root");
    assert!(su.ends_with("\nroot\n/home/operator\n"), "{su}");
    // Root's home is closed to it.
    let nobody = id(&["node1", "--become-user", "nobody"]);
    assert!(nobody.ends_with("\nnobody\n/\n"), "{nobody}");
}

/// The events of a report.
fn events(path: &str) -> impl Iterator<Item = Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    events.into_iter()
}

#[test]
fn python_packages_are_installed_where_python_is() {
    let Some(lab) = Lab::start(1, 0, &["node1"]) else { return };
    play(&lab, &["python.yml"]).expect(0);
    let versions = "/opt/venv/bin/python -c 'import six, idna; print(six.__version__)'";
    assert_eq!(lab.on("node1", versions), "1.16.0\n");
    play(&lab, &["python.yml"]).expect_unchanged();
    lab.on("node1", "/opt/venv/bin/pip install -q toml");
    play(&lab, &["python.yml"]).expect(0);
    assert!(!lab.succeeds("node1", "/opt/venv/bin/python -c 'import toml'"));
    // The other tests have hosts without Python.
    lab.command(&["fresh", "node1"]);
}
