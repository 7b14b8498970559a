//! `examples/looking` on three hosts, of which one is away in the end.

use super::support::Lab;

const EXAMPLE: &str = "examples/looking";
const HOSTS: [&str; 3] = ["node1", "node2", "node3"];

#[test]
fn one_command_shows_what_runs_on_all_hosts() {
    let Some(lab) = Lab::start(3, 0, &HOSTS) else { return };
    for host in HOSTS {
        lab.on(host, &format!("docker run -d --name app-{host} busybox:lab sleep 1d"));
    }
    let table = "docker container ls --format 'table {%raw%}{{.Names}}{%endraw%}'";
    let words = ["adhoc", "back", "-i", "testing", "-T", "3", "-m", "shell", "-a", table];
    let run = lab.untouched(&HOSTS, || lab.rplay(EXAMPLE, &words)).expect(0);
    for host in HOSTS {
        let (_, after) = run.stdout.split_once(&format!("{host} |")).unwrap();
        assert!(after.trim_start().contains(&format!("NAMES\napp-{host}\n")), "{}", run.stdout);
    }

    lab.command(&["off", "node2"]);
    let run = lab.rplay(EXAMPLE, &words).expect(4);
    assert!(
        run.stdout.contains("app-node1\n") && run.stdout.contains("app-node3\n"),
        "{}",
        run.stdout
    );
    lab.command(&["on", "node2"]);
}
