//! The lab as tests use it: hosts of their own, commands on them, rplay against them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Real hosts, as many as a test asks for.
pub struct Lab {
    root: PathBuf,
    name: String,
}

/// What a run of rplay left behind.
#[derive(Debug)]
pub struct Run {
    /// Its exit code.
    pub code: i32,
    /// What it printed.
    pub stdout: String,
    /// What it printed beside.
    pub stderr: String,
}

impl Lab {
    /// Starts hosts node1..nodeN with an engine and bare1..bareM without; those named in `fresh`
    /// are newly installed. `None`, and a word on standard error, where the lab is off.
    #[expect(clippy::print_stderr, reason = "a test that does not run says so")]
    pub fn start(nodes: usize, bare: usize, fresh: &[&str]) -> Option<Self> {
        if std::env::var_os("RPLAY_LAB").is_none_or(|value| value != "1") {
            eprintln!("SKIPPED: needs real hosts; set RPLAY_LAB=1");
            return None;
        }
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        // A lab that the tests have for themselves.
        let name = std::env::var("RPLAY_LAB_NAME").unwrap_or_else(|_| "test".to_owned());
        let lab = Self { root, name };
        lab.command(&["up", &nodes.to_string(), "--bare", &bare.to_string()]);
        if !fresh.is_empty() {
            lab.command(&[&["fresh"], fresh].concat());
        }
        Some(lab)
    }

    /// Runs a command of the lab that must end well.
    pub fn command(&self, words: &[&str]) -> String {
        let output = self.run("tests/lab/lab", words, &self.root);
        assert!(output.status.success(), "lab {words:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// What a shell command on a host prints; it must end well.
    pub fn on(&self, host: &str, command: &str) -> String {
        self.command(&["shell", host, command])
    }

    /// Whether a shell command on a host ends well.
    pub fn succeeds(&self, host: &str, command: &str) -> bool {
        let output = self.run("tests/lab/lab", &["shell", host, command], &self.root);
        output.status.success()
    }

    /// Runs rplay in a folder of the project.
    pub fn rplay(&self, folder: &str, words: &[&str]) -> Run {
        self.rplay_with(folder, &[], words)
    }

    /// Runs rplay in a folder of the project, with variables of the environment.
    pub fn rplay_with(&self, folder: &str, variables: &[(&str, &str)], words: &[&str]) -> Run {
        let mut command = self.program(env!("CARGO_BIN_EXE_rplay"), words, &self.root.join(folder));
        let output = command.envs(variables.iter().copied()).output().unwrap();
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// Runs the text of a playbook on the lab's inventory.
    pub fn play(&self, playbook: &str, more: &[&str]) -> Run {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("play.yml");
        std::fs::write(&path, playbook).unwrap();
        let words = ["-i", "inventories/lab", path.to_str().unwrap()];
        self.rplay(".", &[&words[..], more].concat())
    }

    /// A variable of `lab env`.
    pub fn variable(&self, name: &str) -> String {
        let all = self.command(&["env"]);
        let line = all.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.unwrap_or_default().trim_matches('\'').to_owned()
    }

    /// What a run in check mode must leave as it is: files, containers, networks, images.
    pub fn fingerprint(&self, host: &str) -> String {
        self.on(
            host,
            "find /etc /opt /srv /root /home /usr/local /var/lib/dpkg/status -xdev -type f \
               ! -path '*/.ssh/*' -exec sha256sum {} + | sort -k2
             if command -v docker >/dev/null && [ -S /var/run/docker.sock ]; then
               docker ps -a --no-trunc --format '{{.ID}} {{.Names}} {{.State}}'
               docker network ls --no-trunc; docker volume ls
               docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' | sort
               docker info --format '{{.Swarm.LocalNodeState}} {{json .RegistryConfig.IndexConfigs}}'
             fi",
        )
    }

    /// Returns what `done` does, which must leave the hosts as they are.
    #[track_caller]
    pub fn untouched<T>(&self, hosts: &[&str], done: impl FnOnce() -> T) -> T {
        let fingerprints = || hosts.iter().map(|host| self.fingerprint(host)).collect::<Vec<_>>();
        let before = fingerprints();
        let result = done();
        for ((host, before), after) in hosts.iter().zip(&before).zip(fingerprints()) {
            assert_untouched(before, &after, host);
        }
        result
    }

    fn run(&self, program: &str, words: &[&str], folder: &Path) -> Output {
        self.program(program, words, folder).output().unwrap()
    }

    fn program(&self, program: &str, words: &[&str], folder: &Path) -> Command {
        let program =
            if program.starts_with('/') { PathBuf::from(program) } else { self.root.join(program) };
        let mut command = Command::new(program);
        command
            .args(words)
            .current_dir(folder)
            .env("RPLAY_LAB_NAME", &self.name)
            .env("NO_COLOR", "1")
            .env_remove("GITHUB_ACTIONS");
        command
    }
}

impl Run {
    /// The run must have ended with this code.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// The run must have found everything as it should be.
    #[track_caller]
    pub fn expect_unchanged(self) -> Self {
        let run = self.expect(0);
        assert!(run.changed().is_empty(), "changed again:\n{}", run.stdout);
        run
    }

    /// The lines of diffs.
    pub fn diffs(&self) -> Vec<&str> {
        let is_diff = |line: &&str| {
            let line = line.trim_start_matches("    ");
            line.starts_with(['+', '-'])
        };
        self.stdout.lines().filter(is_diff).collect()
    }

    /// The hosts of the recap that were changed, or would be.
    pub fn changed(&self) -> Vec<&str> {
        self.stdout
            .lines()
            .filter(|line| line.contains(" changed=") && !line.contains(" changed=0 "))
            .filter_map(|line| line.split_whitespace().next())
            .collect()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Nothing on the host may have changed.
#[track_caller]
pub fn assert_untouched(before: &str, after: &str, host: &str) {
    let only = |one: &str, other: &str| -> Vec<String> {
        let known: BTreeSet<&str> = other.lines().collect();
        one.lines().filter(|line| !known.contains(line)).map(str::to_owned).collect()
    };
    let (gone, new) = (only(before, after), only(after, before));
    assert!(gone.is_empty() && new.is_empty(), "{host} was changed: -{gone:#?} +{new:#?}");
}
