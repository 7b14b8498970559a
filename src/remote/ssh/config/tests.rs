use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use proptest::prelude::*;

use super::*;
use crate::remote::HostKeyChecking;

/// Files in a directory of their own; the first is read.
struct Files(tempfile::TempDir);

impl Files {
    fn new(texts: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in texts {
            let text = text.replace("DIR", directory.path().to_str().unwrap());
            fs::write(directory.path().join(name), text).unwrap();
        }
        Self(directory)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn config(&self) -> SshConfig {
        SshConfig::read(&[self.path("config")]).unwrap()
    }

    fn options(&self, host: &str) -> SshOptions {
        self.config().options(host).unwrap()
    }

    /// An error without the directory.
    fn error(&self, host: &str) -> String {
        let read = SshConfig::read(&[self.path("config")]);
        let error = read.and_then(|config| config.options(host)).unwrap_err();
        error.replace(&format!("{}/", self.0.path().display()), "")
    }
}

fn one(text: &str) -> Files {
    Files::new(&[("config", text)])
}

#[test]
fn the_first_value_counts_and_files_add_up() {
    let files = one("\
# for all
IdentityFile DIR/all
Host web* !web9
  HostName %h.example.com
  Port=2222
  User = deploy
  IdentityFile \"DIR/with space\"
Host *
  Port 22
  User other
  ConnectTimeout 1m5s
  ServerAliveInterval 7
  ServerAliveCountMax 2
  IdentitiesOnly yes
  StrictHostKeyChecking accept-new
  UserKnownHostsFile DIR/a DIR/b
  GlobalKnownHostsFile none
  HostKeyAlias alias
");
    let options = files.options("web1");
    assert_eq!((options.host.as_str(), options.port), ("web1.example.com", 2222));
    assert_eq!(options.user, "deploy");
    assert_eq!(options.identity_files, [files.path("all"), files.path("with space")]);
    assert_eq!(options.connect_timeout.as_secs(), 65);
    assert_eq!((options.keepalive.as_secs(), options.keepalive_count), (7, 2));
    assert!(options.identities_only);
    assert_eq!(options.host_key_checking, HostKeyChecking::AcceptNew);
    assert_eq!(options.known_hosts, [files.path("a"), files.path("b")]);
    assert_eq!(options.host_key_alias.as_deref(), Some("alias"));
    let other = files.options("web9");
    assert_eq!((other.host.as_str(), other.port, other.user.as_str()), ("web9", 22, "other"));
}

#[test]
fn matches_look_at_what_is_known_so_far() {
    let files = one("\
Host db
  HostName db.internal
Match host *.internal user ops
  Port 1
Match host *.internal !originalhost other
  Port 2
Match all
  Port 3
");
    assert_eq!(files.options("db").port, 2);
    assert_eq!(files.options("web").port, 3);
    assert_eq!(files.config().jumps("ops@db").unwrap()[0].port, 1);
}

#[test]
fn a_final_match_is_looked_at_last() {
    let files = one(
        "Match final host web.internal\n  User late\n  Port 5\nHost web\n  Port 4\n  HostName web.internal\n",
    );
    let options = files.options("web");
    assert_eq!((options.user.as_str(), options.port), ("late", 4));
}

#[test]
fn included_files_count_where_they_are_included() {
    let files = Files::new(&[
        ("config", "Host web\n  Include DIR/*.conf\nHost *\n  Port 9\n"),
        ("a.conf", "User one\nHost db\n  Port 7\n"),
        ("b.conf", "User two\nPort 8\n"),
    ]);
    let options = files.options("web");
    assert_eq!((options.user.as_str(), options.port), ("one", 8));
    let options = files.options("db");
    assert_eq!(options.port, 9);
}

#[test]
fn jump_hosts_have_settings_of_their_own() {
    let files = one("\
Host inner
  ProxyJump middle,last:2200
Host middle
  HostName 10.0.0.1
  ProxyJump outer
Host last
  ProxyJump never
  User l
Host outer
  ProxyCommand none
");
    let jumps = files.options("inner").jumps;
    let names: Vec<_> = jumps.iter().map(|jump| (jump.host.as_str(), jump.port)).collect();
    assert_eq!(names, [("outer", 22), ("10.0.0.1", 22), ("last", 2200)]);
    assert!(jumps.iter().all(|jump| jump.jumps.is_empty()));
    let circle = one("Host a\n  ProxyJump b\nHost b\n  ProxyJump a\n");
    assert_eq!(circle.error("a"), "the jump hosts of `a` lead in a circle");
    let none = one("Host a\n  ProxyJump none\nHost *\n  ProxyJump b\n");
    assert!(none.options("a").jumps.is_empty());
}

#[test]
fn tokens_and_variables_are_replaced() {
    let files = one(
        "Host web\n  HostName w.example\n  User u\n  Port 3\n  IdentityFile DIR/%n-%h-%r-%p-%%\n  ProxyCommand nc \"%h\" %p\n",
    );
    let options = files.options("web");
    assert_eq!(options.identity_files, [files.path("web-w.example-u-3-%")]);
    assert_eq!(options.proxy_command.as_deref(), Some("nc \"%h\" %p"));
    let home = one("IdentityFile ~/.ssh/x\nIdentityFile ${HOME}/y\nIdentityAgent none\n");
    let options = home.options("web");
    assert_eq!(options.identity_files[0], super::super::options::home().join(".ssh/x"));
    assert_eq!(options.agent, None);
}

#[test]
fn what_cannot_be_followed_is_named_where_it_counts() {
    let cases = [
        (
            "Match exec \"true\"\n",
            "config:1: expected all, final, canonical, host, originalhost, \
          user or localuser after `Match`, found `exec`, which is not supported",
        ),
        ("Port x\n", "config:1: `port` must be between 1 and 65535, this is `x`"),
        ("\nPort\n", "config:2: `port` needs a value"),
        ("User \"a\n", "config:1: a quote is not closed in `\"a`"),
        (
            "StrictHostKeyChecking maybe\n",
            "config:1: `stricthostkeychecking` must be yes, no, \
          ask, off or accept-new, this is `maybe`",
        ),
        (
            "RevokedHostKeys /x\n",
            "config:1: `revokedhostkeys` is not supported, and to pass over \
          it could make the connection less safe, or fail",
        ),
        (
            "IdentityFile /x/%C\n",
            "config:1: expected one of %h %n %k %p %r %u %d %i %%, found `%C`",
        ),
        ("IdentityFile ${RPLAY_NOT_SET}/x\n", "config:1: the variable `RPLAY_NOT_SET` is not set"),
        ("Include DIR/config\n", "config is included too deep"),
        ("ProxyJump a:b\n", "expected [user@]host[:port], found `a:b`"),
    ];
    for (text, expected) in cases {
        assert_eq!(one(text).error("web"), expected);
    }
    // What does not concern a host does not hold it up.
    assert_eq!(one("Host other\n  RevokedHostKeys /x\n").options("web").port, 22);
}

#[test]
fn destinations() {
    let cases = [
        ("web", Some((None, "web", None))),
        ("u@web:1", Some((Some("u"), "web", Some(1)))),
        ("ssh://u@web:1/", Some((Some("u"), "web", Some(1)))),
        ("u@[fe80::1]:2", Some((Some("u"), "fe80::1", Some(2)))),
        ("fe80::1", Some((None, "fe80::1", None))),
        ("a@b@c", Some((Some("a@b"), "c", None))),
        ("", None),
        ("@web", None),
        ("web:0", None),
        ("web:", None),
        ("[web", None),
    ];
    for (text, expected) in cases {
        assert_eq!(destination(text), expected, "{text}");
    }
}

/// What `ssh -G` says of a host, as far as it is looked at here.
fn by_openssh(file: &Path, host: &str) -> Option<String> {
    let output = Command::new("ssh").args(["-G", "-F"]).arg(file).arg(host).output().ok()?;
    let text = String::from_utf8(output.stdout).unwrap();
    let keys = ["user ", "hostname ", "port ", "identityfile ", "connecttimeout ", "hostkeyalias "];
    let files_given = fs::read_to_string(file).unwrap().to_lowercase().contains("identityfile");
    let lines = text.lines().filter(|line| keys.iter().any(|key| line.starts_with(key)));
    let mut lines: Vec<&str> = lines
        .filter(|line| !(line.starts_with("identityfile ") && (!files_given || line.contains('~'))))
        .filter(|line| *line != "connecttimeout none")
        .collect();
    lines.sort_unstable();
    Some(lines.join("\n"))
}

fn by_us(file: &Path, host: &str) -> String {
    let options = SshConfig::read(&[file.to_owned()]).unwrap().options(host).unwrap();
    let mut lines = vec![
        format!("user {}", options.user),
        format!("hostname {}", options.host),
        format!("port {}", options.port),
    ];
    lines.extend(options.identity_files.iter().map(|f| format!("identityfile {}", f.display())));
    lines.extend(options.host_key_alias.map(|alias| format!("hostkeyalias {alias}")));
    if options.connect_timeout != SshOptions::new("").connect_timeout {
        lines.push(format!("connecttimeout {}", options.connect_timeout.as_secs()));
    }
    lines.sort_unstable();
    lines.join("\n")
}

/// A line of a configuration.
fn line() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["web", "web1", "db", "db.internal", "other"]);
    let pattern =
        prop::sample::select(vec!["*", "web*", "db", "!web1", "*.internal", "web?", "!db"]);
    let patterns = prop::collection::vec(pattern, 1..3);
    prop_oneof![
        patterns.clone().prop_map(|list| format!("Host {}", list.join(" "))),
        patterns.clone().prop_map(|list| format!("Match host {}", list.join(","))),
        patterns.clone().prop_map(|list| format!("Match originalhost {}", list.join(","))),
        patterns.prop_map(|list| format!("Match user u1 !host {}", list.join(","))),
        Just("Match all".to_owned()),
        name.prop_map(|name| format!("HostName {name}")),
        (1_u16..5).prop_map(|n| format!("Port {n}")),
        (1_u16..4).prop_map(|n| format!("\tUser=u{n}")),
        (1_u16..4).prop_map(|n| format!("IdentityFile \"/keys/the {n}\"  # comment")),
        (1_u16..4).prop_map(|n| format!("  connecttimeout   {n}m")),
        (1_u16..3).prop_map(|n| format!("HostKeyAlias a{n}")),
        Just("# comment".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_is_read_as_by_openssh(lines in prop::collection::vec(line(), 1..12)) {
        let mut text = String::new();
        for line in lines {
            writeln!(text, "{line}").unwrap();
        }
        let files = one(&text);
        for host in ["web", "web1", "db", "nowhere"] {
            let Some(theirs) = by_openssh(&files.path("config"), host) else { return Ok(()) };
            let ours = by_us(&files.path("config"), host);
            prop_assert_eq!(ours, theirs, "{} in\n{}", host, text);
        }
    }
}
