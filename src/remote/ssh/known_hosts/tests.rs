use std::process::Command;

use super::*;

const A: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEjPNDYa2gfy54JELc8Vd4f3bJSqqskmct9uNxCU19xQ";
const B: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIpr+cDmgSbuk3PQ576cjwBCHAJZ1Ec1/TITpkvJeY5R";
const E: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBKSYqlS1E\
     /VoPExIxT5gpSDoOBDKPE4LVNYpOPF1w/N7BhStE1Q/CHVUaZvvzNNRQfUFTAnjMMM9GPU9ojoDyDw=";
/// How a name begins that is hashed with a salt of twenty times `s`.
const HASHED: &str = "|1|c3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3M=|";

fn key(text: &str) -> PublicKey {
    PublicKey::from_openssh(text).unwrap()
}

fn hashed(name: &str) -> String {
    let mut hmac = Hmac::<Sha1>::new_from_slice(&[b's'; 20]).unwrap();
    hmac.update(name.as_bytes());
    format!("{HASHED}{}", STANDARD.encode(hmac.finalize().into_bytes()))
}

/// Files of known hosts in a directory of their own.
struct Files(
    #[expect(dead_code, reason = "the directory lives as long as its files are used")]
    tempfile::TempDir,
    Vec<PathBuf>,
);

impl Files {
    fn new(texts: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let files = texts.iter().enumerate().map(|(index, text)| {
            let file = directory.path().join(index.to_string());
            fs::write(&file, text).unwrap();
            file
        });
        let files = files.collect();
        Self(directory, files)
    }

    /// The verdict, without the directory: `changed 0:2`.
    fn check(&self, host: &str, port: u16, presented: &str) -> String {
        let known = KnownHosts::read(&self.1).unwrap();
        let name =
            |place: &Place| format!("{}:{}", place.file.file_name().unwrap().display(), place.line);
        match known.check(&HostName::new(host, port, None), &key(presented)) {
            Verdict::Match => "match".into(),
            Verdict::Unknown => "unknown".into(),
            Verdict::Changed(place) => format!("changed {}", name(&place)),
            Verdict::Revoked(place) => format!("revoked {}", name(&place)),
            Verdict::OtherType(place) => format!("other type {}", name(&place)),
        }
    }
}

#[test]
fn verdicts() {
    let cases = [
        (format!("web1 {A}"), "web1", 22, A, "match"),
        (format!("web1 {A}"), "WEB1", 22, A, "match"),
        (format!("WEB1 {A}"), "web1", 22, A, "match"),
        (format!("web1 {A}"), "web2", 22, A, "unknown"),
        (format!("web1 {A}"), "web1", 22, B, "changed 0:1"),
        (format!("web1 {E}\nweb1 {A}"), "web1", 22, B, "changed 0:2"),
        (format!("web1 {A}\nweb1 {B}"), "web1", 22, B, "match"),
        (format!("web1 {E}"), "web1", 22, A, "other type 0:1"),
        // Markers.
        (format!("@revoked web1 {A}\nweb1 {A}"), "web1", 22, A, "revoked 0:1"),
        (format!("web1 {A}\n@revoked * {A}"), "web1", 22, A, "revoked 0:2"),
        (format!("@revoked web1 {A}"), "web1", 22, B, "unknown"),
        (format!("@revoked web1 {A}"), "web1", 2222, A, "revoked 0:1"),
        (format!("@cert-authority web1 {A}"), "web1", 22, A, "unknown"),
        (format!("@other web1 {A}"), "web1", 22, A, "unknown"),
        // Patterns.
        (format!("*.ex.com {A}"), "h.ex.com", 22, A, "match"),
        (format!("*.ex.com {A}"), "h.ex.com", 22, B, "changed 0:1"),
        (format!("*.ex.com,!h.ex.com {A}"), "h.ex.com", 22, A, "unknown"),
        (format!("web1,10.0.0.? {A}"), "10.0.0.5", 22, A, "match"),
        // Hashed names.
        (format!("{} {A}", hashed("web1")), "web1", 22, A, "match"),
        (format!("{} {A}", hashed("web1")), "web1", 22, B, "changed 0:1"),
        (format!("{} {A}", hashed("web1")), "web2", 22, A, "unknown"),
        (format!("{} {A}", hashed("[web1]:2222")), "web1", 2222, A, "match"),
        // Ports.
        (format!("[web1]:2222 {A}"), "web1", 2222, A, "match"),
        (format!("[web1]:2222 {A}"), "web1", 22, A, "unknown"),
        (format!("[web1]:2222 {A}"), "web1", 2222, B, "changed 0:1"),
        (format!("web1 {A}"), "web1", 2222, A, "match"),
        (format!("web1 {A}"), "web1", 2222, B, "unknown"),
        (format!("[web1]:2222 {B}\nweb1 {A}"), "web1", 2222, A, "changed 0:1"),
        // How lines may look.
        (format!("web1\t{}", A.replace(' ', "\t")), "web1", 22, A, "match"),
        (format!("  web1   {A}   a comment # x"), "web1", 22, A, "match"),
        (format!("# web1 {A}\n\n#\n"), "web1", 22, A, "unknown"),
        (format!("garbage\nweb1 {A}"), "web1", 22, A, "match"),
        (format!("web1 ssh-ed25519 AAAAnonsense\nweb1 {A}"), "web1", 22, A, "match"),
        (format!("web1 {A}\r\nweb2 {A}\r\n"), "web1", 22, A, "match"),
    ];
    for (text, host, port, presented, expected) in cases {
        let found = Files::new(&[&text]).check(host, port, presented);
        assert_eq!(found, expected, "{host}:{port} with\n{text}");
    }
}

#[test]
fn all_files_count() {
    let files = Files::new(&[&format!("web1 {A}"), &format!("web1 {B}\n@revoked * {A}")]);
    assert_eq!(files.check("web1", 22, B), "match");
    assert_eq!(files.check("web1", 22, A), "revoked 1:2");
}

#[test]
fn the_same_lines_are_found_as_by_ssh_keygen() {
    let text = [
        format!("web1 {A}"),
        format!("web?,!web2 {A}"),
        format!("{} {B}", hashed("web1")),
        format!("@revoked w* {B}"),
        format!("@cert-authority *.ex.com {E}"),
        format!("[web1]:2222 {E}"),
        format!("\tWeb3 {A}"),
        "web1 nonsense".to_owned(),
        format!("[10.0.*]:22?? {A}"),
        format!("{} {E}", hashed("[web1]:2222")),
        format!("10.0.0.5,fe80::1 {A}"),
    ]
    .join("\n");
    let files = Files::new(&[&text]);
    let known = KnownHosts::read(&files.1).unwrap();
    let hosts = ["web1", "web2", "web3", "a.ex.com", "10.0.0.5", "fe80::1", "db1"];
    for (host, port) in hosts.iter().flat_map(|host| [(host, 22), (host, 2222)]) {
        let name = HostName::new(host, port, None).with_port();
        let file = files.1[0].to_str().unwrap();
        let Ok(output) = Command::new("ssh-keygen").args(["-F", &name, "-f", file]).output() else {
            eprintln!("skipped: no ssh-keygen here");
            return;
        };
        let theirs: Vec<usize> = String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| line.split_once("found: line ")?.1.split(' ').next()?.parse().ok())
            .collect();
        let ours: Vec<usize> = known
            .entries
            .iter()
            .filter(|entry| entry.names(&name) && PublicKey::from_openssh(&entry.key).is_ok())
            .map(|entry| entry.place.line)
            .collect();
        assert_eq!(ours, theirs, "{name}");
    }
}

#[test]
fn known_types_are_offered_first() {
    let files = Files::new(&[&format!("web1 {E}\nweb2 {A}")]);
    let known = KnownHosts::read(&files.1).unwrap();
    let first = |host: &str| {
        let host = HostName::new(host, 22, None);
        super::super::algorithms::preferred(&known, &host).key[0].to_string()
    };
    assert_eq!(first("web1"), "ecdsa-sha2-nistp256");
    assert_eq!(first("web2"), "ssh-ed25519");
    assert_eq!(first("web3"), "ssh-ed25519");
}

#[test]
fn a_missing_file_is_no_fault_and_an_unreadable_one_is() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("none");
    assert!(KnownHosts::read(&[missing]).unwrap().entries.is_empty());
    let error = KnownHosts::read(&[directory.path().to_owned()]).unwrap_err();
    assert_eq!(
        error,
        format!("cannot read {}: Is a directory (os error 21)", directory.path().display())
    );
}

#[test]
fn a_new_key_is_written_down_once() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("new/known_hosts");
    let host = HostName::new("Web1", 2222, None);
    assert_eq!(KnownHosts::remember(&file, &host, &key(A)).unwrap(), Verdict::Match);
    assert_eq!(KnownHosts::remember(&file, &host, &key(A)).unwrap(), Verdict::Match);
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("[web1]:2222 {A}\n"));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let changed = KnownHosts::remember(&file, &host, &key(B)).unwrap();
    assert_eq!(changed, Verdict::Changed(Place { file: file.clone(), line: 1 }));
}

#[test]
fn a_last_line_without_an_end_is_ended_first() {
    let files = Files::new(&[&format!("web1 {A}")]);
    let host = HostName::new("web2", 22, Some("alias"));
    KnownHosts::remember(&files.1[0], &host, &key(B)).unwrap();
    let text = fs::read_to_string(&files.1[0]).unwrap();
    assert_eq!(text, format!("web1 {A}\nalias {B}\n"));
}
