//! Managers that need a key after a restart.

use super::support::{Lab, Run};

/// Waits until the swarm has a leader.
const LEADER: &str = "timeout 30 sh -c 'until docker node ls >/dev/null 2>&1; do sleep 0.2; done'";

#[test]
fn a_manager_that_is_locked_is_unlocked_with_its_key_which_is_never_shown() {
    let Some(lab) = Lab::start(2, 0, &["node1", "node2"]) else { return };
    let play = Play::new(&lab);
    play.run(&["-e", "{\"autolock\": true}", "--check"]).expect(0);
    assert_eq!(state(&lab, "node1"), "inactive");
    play.run(&["-e", "{\"autolock\": true}", "-vvv", "--diff"]).expect(0);
    let first = play.keep_key(&[]);
    hides(&play.run(&["-vvv"]).expect_unchanged(), &first);

    // A restart locks the manager; only the key helps.
    restart(&lab, "node1");
    assert_eq!(state(&lab, "node1"), "locked");
    let run = play.run(&[]).expect(2);
    assert!(run.stdout.contains("this host is locked: its swarm needs a key"), "{}", run.stdout);
    assert!(run.stdout.contains("node1 is locked: its swarm needs a key"), "{}", run.stdout);
    assert!(run.stdout.contains("give the key as `unlock_key`"), "{}", run.stdout);
    let wrong = ["-e", "unlock_key=SWMKEY-1-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"];
    let run = play.run(&wrong).expect(2);
    assert!(run.stdout.contains("unlocking the swarm"), "{}", run.stdout);
    assert!(!run.stdout.contains("AAAAAAAA"), "{}", run.stdout);
    let check = play.unlock(&["-l", "node1", "--check", "--diff"]).expect(0);
    assert_eq!(check.changed(), ["node1"], "{}", check.stdout);
    assert_eq!(state(&lab, "node1"), "locked");
    let run = play.unlock(&["-vvv", "--diff"]).expect(0);
    assert_eq!(run.changed(), ["node1"], "{}", run.stdout);
    hides(&run, &first);
    assert_eq!(state(&lab, "node1"), "active");
    let nodes = lab.on("node1", "docker node ls -q | wc -l");
    assert_eq!(nodes.trim(), "2", "a node has lost its place");
    play.unlock(&[]).expect_unchanged();

    // Another key takes its place, and is the one that unlocks from then on.
    let check = play.run(&["-l", "node1", "-e", "rotate=true", "--check"]).expect(0);
    assert_eq!(check.changed(), ["node1"], "{}", check.stdout);
    assert_eq!(key(&lab), first, "check mode renewed the key");
    let second = play.keep_key(&["-e", "rotate=true"]);
    assert_ne!(second, first);
    restart(&lab, "node1");
    assert_eq!(state(&lab, "node1"), "locked");
    let run = play.unlock(&[]).expect(0);
    hides(&run, &second);
    assert_eq!(state(&lab, "node1"), "active");

    // Both managers are locked, and are unlocked one after the other.
    let both = ["-e", "managers=node1,node2", "-f", "1"];
    play.run(&both).expect(0);
    restart(&lab, "node1");
    restart(&lab, "node2");
    let run = play.unlock(&both).expect(0);
    assert_eq!(run.changed(), ["node1", "node2"], "{}", run.stdout);
    hides(&run, &second);
    lab.on("node1", LEADER);
    play.unlock(&both).expect_unchanged();

    // Without the lock there is no key, and a restart is only that.
    play.run(&["-e", "{\"autolock\": false}"]).expect(0);
    let run = play.run(&["-e", "rotate=true"]).expect(2);
    assert!(run.stdout.contains("the swarm has no unlock key to renew"), "{}", run.stdout);
    restart(&lab, "node1");
    lab.on("node1", LEADER);
    play.run(&[]).expect_unchanged();
}

/// A swarm of two.
const TOGETHER: &str = "
- hosts: node1:node2
  gather_facts: false
  tasks:
    - docker_swarm:
        managers: \"{{ managers | default('node1') }}\"
        autolock_managers: \"{{ autolock | default(omit) }}\"
        rotate_unlock_key: \"{{ rotate | default(false) }}\"
        unlock_key: \"{{ unlock_key | default(omit) }}\"
";

/// Its manager on its own, which returns the key; a playbook writes it down.
const ALONE: &str = "
- hosts: node1
  gather_facts: false
  tasks:
    - docker_swarm:
        rotate_unlock_key: \"{{ rotate | default(false) }}\"
      register: swarm
    - debug:
        var: swarm
    - copy:
        content: \"unlock_key: {{ swarm.swarm_facts.UnlockKey }}\\n\"
        dest: \"{{ kept }}\"
        mode: '0600'
      delegate_to: localhost
      diff: false
";

/// The two plays, and the file that keeps the key.
struct Play<'l> {
    lab: &'l Lab,
    folder: tempfile::TempDir,
}

impl<'l> Play<'l> {
    fn new(lab: &'l Lab) -> Self {
        Self { lab, folder: tempfile::tempdir().unwrap() }
    }

    fn kept(&self) -> String {
        self.folder.path().join("key.yml").display().to_string()
    }

    fn run(&self, more: &[&str]) -> Run {
        self.lab.play(TOGETHER, more)
    }

    /// Writes down the key as a playbook does, and makes sure that it is the key.
    fn keep_key(&self, more: &[&str]) -> String {
        let kept = format!("kept={}", self.kept());
        let words = ["-vvv", "--diff", "-e", &kept];
        let run = self.lab.play(ALONE, &[&words[..], more].concat()).expect(0);
        let key = key(self.lab);
        hides(&run, &key);
        let kept = std::fs::read_to_string(self.kept()).unwrap();
        assert_eq!(kept.trim(), format!("unlock_key: {key}"));
        key
    }

    /// Runs with the key that was written down.
    fn unlock(&self, more: &[&str]) -> Run {
        let key = format!("@{}", self.kept());
        self.run(&[&["-e", key.as_str()], more].concat())
    }
}

/// The key must stand in nothing that a run printed.
#[track_caller]
fn hides(run: &Run, key: &str) {
    assert!(!run.stdout.contains(key), "{}", run.stdout);
    assert!(!run.stderr.contains(key), "{}", run.stderr);
}

/// The key, from outside.
fn key(lab: &Lab) -> String {
    let key = lab.on("node1", "docker swarm unlock-key -q").trim().to_owned();
    assert!(key.starts_with("SWMKEY-"), "{key}");
    key
}

fn state(lab: &Lab, host: &str) -> String {
    lab.on(host, "docker info -f '{{.Swarm.LocalNodeState}}'").trim().to_owned()
}

/// Restarts an engine, once it has written down what it was told.
fn restart(lab: &Lab, host: &str) {
    let wait = "timeout 30 sh -c 'until docker info >/dev/null 2>&1; do sleep 0.2; done'";
    lab.on(host, &format!("sleep 1; service docker restart >/dev/null; {wait}"));
}
