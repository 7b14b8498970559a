use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

fn keyring() -> Keyring {
    let mut keyring = Keyring::default();
    keyring.add(DEFAULT_ID, Secret::new("hunter2".to_owned()));
    keyring
}

#[test]
fn files_are_turned_in_place_and_keep_their_mode() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vars.yml");
    fs::write(&file, "a: 1\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let files = [file.clone()];
    let keyring = keyring();
    files::each(&files, None, |plain, name| encrypt(&keyring, DEFAULT_ID, plain, name)).unwrap();
    assert!(is_vault(&fs::read_to_string(&file).unwrap()));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    files::each(&files, None, |text, name| decrypt(&keyring, text, name)).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "a: 1\n");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn one_file_that_cannot_be_turned_leaves_all_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let [good, bad] = ["good", "bad"].map(|name| folder.path().join(name));
    let keyring = keyring();
    let sealed = keyring.encrypt(b"x", DEFAULT_ID).unwrap();
    fs::write(&good, &sealed).unwrap();
    fs::write(&bad, "plain\n").unwrap();
    let turn = |text: &[u8], name: &str| decrypt(&keyring, text, name);
    let fault = files::each(&[good.clone(), bad], None, turn);
    assert!(fault.unwrap_err().message.ends_with("bad is not encrypted"));
    assert_eq!(fs::read_to_string(&good).unwrap(), sealed);
}

#[test]
fn an_edited_file_keeps_its_id() {
    let mut before = Keyring::default();
    before.add("prod", Secret::new("hunter2".to_owned()));
    let sealed = before.encrypt(b"x", "prod").unwrap();
    let again = keyring().encrypt_again(b"y", &sealed).unwrap();
    assert!(again.starts_with("$ANSIBLE_VAULT;1.2;AES256;prod\n"), "{again}");
    assert_eq!(before.decrypt(&again).unwrap().reveal(), "y");
}

#[test]
fn an_id_that_is_not_known_is_refused() {
    let fault = known(&keyring(), "prod".to_owned()).unwrap_err();
    assert_eq!(
        fault.message,
        "Did not find a match for --encrypt-vault-id=prod in the known vault-ids ['default']"
    );
}
