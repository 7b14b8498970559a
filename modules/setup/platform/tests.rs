use super::*;
use crate::sdk::Sections;

fn facts_of(parts: &[(&str, &str)], collect: fn(&Report<'_>, &mut Fields)) -> Fields {
    let sections: Sections = parts.iter().copied().collect();
    let mut facts = Fields::new();
    collect(&Report::new(&sections), &mut facts);
    facts
}

#[test]
fn names_of_the_host() {
    let files = "/proc/sys/kernel/hostname:node1.lab\n/proc/sys/kernel/osrelease:6.1.0-13-amd64\n\
                 /etc/machine-id:3d1219c7\n";
    let parts = [("files", files), ("machine", "x86_64\n"), ("fqdn", "node1.lab.example.org\n")];
    let facts = facts_of(&parts, platform);
    assert_eq!(facts["hostname"], "node1");
    assert_eq!(facts["nodename"], "node1.lab");
    assert_eq!(facts["fqdn"], "node1.lab.example.org");
    assert_eq!(facts["domain"], "lab.example.org");
    assert_eq!(facts["kernel"], "6.1.0-13-amd64");
    assert_eq!(facts["userspace_bits"], "64");
}

#[test]
fn a_name_that_cannot_be_resolved_is_the_nodename() {
    let files = [("files", "/proc/sys/kernel/hostname:vm\n")];
    assert_eq!(facts_of(&files, platform)["fqdn"], "vm");
    assert_eq!(facts_of(&files, platform)["domain"], "");
}

#[test]
fn the_user_comes_from_the_process_and_from_passwd() {
    let files = "/proc/self/status:Uid:\t1000\t0\t0\t0\n/proc/self/status:Gid:\t1000\t1000\t0\t0\n";
    let parts = [("files", files), ("passwd", "deploy:x:1000:1000:A B,,,:/home/deploy:/bin/sh\n")];
    let facts = facts_of(&parts, user);
    assert_eq!(facts["user_id"], "deploy");
    assert_eq!(facts["user_dir"], "/home/deploy");
    assert_eq!(facts["real_user_id"], 1000);
    assert_eq!(facts["effective_user_id"], 0);
}

#[test]
fn the_environment_may_hold_newlines() {
    let parts = [("environment", "PATH=/bin\u{1e}A=b=c\nd\u{1e}_=/usr/bin/cat\u{1e}")];
    let facts = facts_of(&parts, environment);
    assert_eq!(facts["env"], json!({"PATH": "/bin", "A": "b=c\nd"}));
}

#[test]
fn the_kernel_command_line() {
    let files = [("files", "/proc/cmdline:quiet console=tty0 console=ttyS0 root=UUID=1\n")];
    let facts = facts_of(&files, cmdline);
    assert_eq!(facts["cmdline"], json!({"quiet": true, "console": "ttyS0", "root": "UUID=1"}));
    assert_eq!(facts["proc_cmdline"]["console"], json!(["tty0", "ttyS0"]));
}

#[test]
fn name_servers_and_options() {
    let files = [(
        "files",
        "/etc/resolv.conf:# made by hand\n/etc/resolv.conf:nameserver 10.0.0.1 # one\n\
         /etc/resolv.conf:nameserver ::1\n/etc/resolv.conf:search a.org b.org\n\
         /etc/resolv.conf:options ndots:2 rotate\n",
    )];
    assert_eq!(
        facts_of(&files, dns)["dns"],
        json!({
            "search": ["a.org", "b.org"],
            "options": {"ndots": "2", "rotate": true},
            "nameservers": ["10.0.0.1", "::1"],
        })
    );
}

#[test]
fn selinux_on_and_off() {
    assert_eq!(facts_of(&[], security)["selinux"], json!({"status": "disabled"}));
    let files = "/sys/fs/selinux/enforce:1\n/sys/fs/selinux/policyvers:33\n\
                 /etc/selinux/config:SELINUX=enforcing\n/etc/selinux/config:SELINUXTYPE=targeted\n";
    let facts = facts_of(&[("files", files)], security);
    assert_eq!(facts["selinux"]["mode"], "enforcing");
    assert_eq!(facts["selinux"]["type"], "targeted");
    assert_eq!(facts["fips"], false);
}

#[test]
fn managers_are_found_by_what_is_there() {
    let debian = [("there", "/usr/bin/apt-get\n/etc/init.d\n"), ("files", "/proc/1/comm:init\n")];
    assert_eq!(facts_of(&debian, package_manager)["pkg_mgr"], "apt");
    assert_eq!(facts_of(&debian, service_manager)["service_mgr"], "sysvinit");
    let rocky = [("there", "/usr/bin/dnf\n/usr/bin/yum\n"), ("files", "/proc/1/comm:systemd\n")];
    assert_eq!(facts_of(&rocky, package_manager)["pkg_mgr"], "dnf");
    assert_eq!(facts_of(&rocky, service_manager)["service_mgr"], "systemd");
    let alpine = [("there", "/sbin/apk\n/sbin/openrc\n"), ("files", "/proc/1/comm:init\n")];
    assert_eq!(facts_of(&alpine, service_manager)["service_mgr"], "openrc");
    assert_eq!(facts_of(&[], package_manager)["pkg_mgr"], "unknown");
}

#[test]
fn python_is_told_only_where_there_is_one() {
    assert!(facts_of(&[], python).is_empty());
    let parts = [("there", "/etc/init.d\n/usr/bin/python3\n"), ("python", "Python 3.13.0rc1\n")];
    let facts = facts_of(&parts, python);
    assert_eq!(facts["python"]["version_info"], json!([3, 13, 0, "final", 0]));
    assert_eq!(facts["python"]["version"]["minor"], 13);
    assert_eq!(facts["python"]["executable"], "/usr/bin/python3");
}

#[test]
fn host_keys() {
    let files = [("files", "/etc/ssh/ssh_host_ed25519_key.pub:ssh-ed25519 AAAA host\n")];
    let facts = facts_of(&files, ssh_keys);
    assert_eq!(facts["ssh_host_key_ed25519_public"], "AAAA");
    assert_eq!(facts["ssh_host_key_ed25519_public_keytype"], "ssh-ed25519");
}
