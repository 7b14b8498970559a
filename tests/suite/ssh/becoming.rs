//! Becoming another user, on hosts of the lab: `operator` needs a password for sudo, `deploy` does
//! not. Off without `RPLAY_LAB_KEY` (see `tests/lab/README.md`).

use std::path::PathBuf;
use std::time::Duration;

use rplay::base::Secret;
use rplay::remote::{
    Become, BecomeMethod, Connection as _, ConnectionError, Exec, SshConnection, SshOptions,
    SshPool, Target,
};
use tokio::io::AsyncReadExt as _;

/// The password of `operator`.
const PASSWORD: &str = "lab-password";

/// A connection to a host of the lab; none where there is no lab.
fn lab(user: &str) -> Option<SshConnection> {
    let setting = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let found = (setting("RPLAY_LAB_KEY"), setting("RPLAY_LAB_KNOWN_HOSTS"));
    let (Some(key), Some(known_hosts)) = found else {
        eprintln!("skipped: no lab (eval \"$(tests/lab/lab env)\")");
        return None;
    };
    let known = std::fs::read_to_string(&known_hosts).unwrap();
    // name,address type key
    let host = known.split([' ', ',']).nth(1).unwrap().to_owned();
    let options = SshOptions {
        user: user.into(),
        identity_files: vec![key],
        agent: None,
        known_hosts: vec![known_hosts],
        ..SshOptions::new(host)
    };
    Some(SshConnection::new(options, SshPool::new()))
}

fn login(method: BecomeMethod, user: &str, password: Option<&str>) -> Become {
    let password = password.map(|password| Secret::new(password.to_owned()));
    Become { password, ..Become::new(method, user) }
}

async fn who(connection: &SshConnection, login: &Become) -> Result<String, ConnectionError> {
    let exec = Exec::script("id -un; cat").stdin("input");
    Ok(connection.exec(&exec, Some(login)).await?.stdout_text().into_owned())
}

#[tokio::test]
async fn sudo_with_and_without_a_password() {
    let (Some(operator), Some(deploy)) = (lab("operator"), lab("deploy")) else { return };
    let cases = [
        (&operator, "root", Some(PASSWORD)),
        (&operator, "nobody", Some(PASSWORD)),
        (&deploy, "root", None),
        (&deploy, "nobody", None),
        (&deploy, "root", Some("not asked for")),
    ];
    for (connection, user, password) in cases {
        let login = login(BecomeMethod::Sudo, user, password);
        for _ in 0..2 {
            assert_eq!(who(connection, &login).await.unwrap(), format!("{user}\ninput"));
        }
        let exec = Exec::script("id -un; wc -c").stdin(vec![b'x'; 100_000]);
        let output = connection.exec(&exec, Some(&login)).await.unwrap();
        assert_eq!(output.stdout_text(), format!("{user}\n100000\n"));
        let target = Target::Program(vec!["id".into(), "-un".into()]);
        let mut stream = connection.open(&target, Some(&login)).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, format!("{user}\n"));
        let exec = Exec::script("sleep 60").timeout(Some(Duration::from_millis(50)));
        let error = connection.exec(&exec, Some(&login)).await.unwrap_err();
        assert_eq!(error, ConnectionError::TimedOut(Duration::from_millis(50)));
    }
}

#[tokio::test]
async fn su_with_and_without_a_password() {
    let (Some(deploy), Some(root)) = (lab("deploy"), lab("root")) else { return };
    let operator = login(BecomeMethod::Su, "operator", Some(PASSWORD));
    assert_eq!(who(&deploy, &operator).await.unwrap(), "operator\ninput");
    let unasked = login(BecomeMethod::Su, "deploy", None);
    assert_eq!(who(&root, &unasked).await.unwrap(), "deploy\ninput");
    let missing = login(BecomeMethod::Su, "operator", None);
    assert_eq!(who(&deploy, &missing).await.unwrap_err().to_string(), "missing su password");
}

#[tokio::test]
async fn what_is_not_given_is_said() {
    let (Some(operator), Some(deploy)) = (lab("operator"), lab("deploy")) else { return };
    let cases = [
        (&operator, login(BecomeMethod::Sudo, "root", None), "Missing sudo password"),
        (&operator, login(BecomeMethod::Sudo, "root", Some("wrong")), "Incorrect sudo password"),
        (
            &deploy,
            login(BecomeMethod::Sudo, "no-such-user", None),
            "sudo to `no-such-user` failed: sudo: unknown user no-such-user; \
             sudo: error initializing audit plugin sudoers_audit",
        ),
        (&deploy, login(BecomeMethod::Doas, "root", None), "`doas` was not found on the host"),
        (
            &deploy,
            Become {
                executable: Some("/no/sudo".into()),
                ..login(BecomeMethod::Sudo, "root", None)
            },
            "`/no/sudo` was not found on the host",
        ),
        (&deploy, login(BecomeMethod::Sudo, "-u", None), "`-u` is not the name of a user"),
    ];
    for (connection, login, expected) in cases {
        let error = who(connection, &login).await.unwrap_err();
        assert!(matches!(error, ConnectionError::Become { .. }), "{error:?}");
        assert_eq!(error.to_string(), expected);
    }
    // Whatever failed, the connection serves on.
    assert!(operator.exec(&Exec::script(":"), None).await.unwrap().success());
}
