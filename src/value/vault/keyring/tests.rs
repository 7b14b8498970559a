use proptest::prelude::*;

use super::*;

/// `hello vault`, encrypted by ansible-vault with the password `hunter2`.
const PLAIN_ID: &str = "\
$ANSIBLE_VAULT;1.1;AES256
34646265373865646262396232386339363361643237313430363931393432663930333439306236
6631333933333532313438373762663561386237323264610a316538353463643663373237346230
35393362353330313130353336623062376462376532356161333262663166643632363638323536
6133333439613561660a656264333237653136333330393533656665386438663539626262623630
3364
";

/// The same for the vault id `prod`, with the password `prod-pass`.
const PROD_ID: &str = "\
$ANSIBLE_VAULT;1.2;AES256;prod
32336364633339613539663233396634326338326637646133633532323538653139343563366566
6165376238636566356535646336393631396263616361620a353539396639343162636161633864
37343431633264336465633762633635313635393266623236633763363130336133366634353336
6262623638623865320a626635393030636137346632326461326561346362343961306465356562
3831
";

fn keyring(passwords: &[(&str, &str)]) -> Keyring {
    let mut keyring = Keyring::new(Redactor::default());
    for (id, password) in passwords {
        keyring.add(*id, Secret::new((*password).to_owned()));
    }
    keyring
}

#[test]
fn opens_what_ansible_vault_made_and_hides_it() {
    let keyring = keyring(&[("default", "hunter2"), ("prod", "prod-pass")]);
    for text in [PLAIN_ID, PROD_ID, &PROD_ID.replace('\n', "\n  "), &format!("\n{PROD_ID}\n")] {
        assert_eq!(keyring.decrypt(text).unwrap().reveal(), "hello vault");
    }
    assert_eq!(keyring.redactor().redact("say hello vault"), "say ********");
}

#[test]
fn any_password_may_open_a_text_whatever_its_id() {
    assert!(keyring(&[("a", "wrong"), ("b", "prod-pass")]).decrypt(PROD_ID).is_ok());
}

#[test]
fn says_which_passwords_were_tried() {
    let path = Path::new("group_vars/all/vault.yml");
    let shown = |fault: Diagnostic| fault.render(&Sources::default(), &Redactor::default(), false);
    let wrong = keyring(&[("default", "x"), ("prod", "y")]).decrypt(PROD_ID).unwrap_err();
    insta::assert_snapshot!(shown(wrong.in_file(path)), @r"
    error[vault-password]: cannot decrypt group_vars/all/vault.yml: none of 2 vault passwords opens it (vault id `prod`)
     |
     = help: tried: prod, default; the header is whole, a damaged text behind it looks the same
    ");
    let none = keyring(&[]).decrypt(PLAIN_ID).unwrap_err();
    insta::assert_snapshot!(shown(none.in_file(path)), @r"
    error[vault-password]: cannot decrypt group_vars/all/vault.yml: there is no vault password (vault id `default`)
     |
     = help: give one with --vault-password-file, --vault-id or --ask-vault-pass
    ");
}

#[test]
fn a_vaulted_file_is_read_and_each_of_its_values_hidden() {
    let keyring = keyring(&[("default", "hunter2")]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.yml");
    let plain = "user: admin\npassword: 'it''s-secret'\npin: 12345\nlines: |\n  first line\n  second line\nport: 80\non: yes\n";
    std::fs::write(&path, keyring.encrypt(plain.as_bytes(), "default").unwrap()).unwrap();
    let sources = Sources::default();
    let source = keyring.read_file(&sources, &path).unwrap();
    assert_eq!(sources.with_text(source, str::to_owned), plain);
    let shown = keyring.redactor().redact(plain);
    insta::assert_snapshot!(shown, @r"
    user: ********
    password: '********'
    pin: ********
    lines: ********port: 80
    on: yes
    ");
}

#[test]
fn a_vaulted_file_that_is_no_yaml_is_hidden_word_by_word() {
    let keyring = keyring(&[("default", "hunter2")]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.yml");
    std::fs::write(
        &path,
        keyring.encrypt(b"a: b\npassword: topmost: secret\n", "default").unwrap(),
    )
    .unwrap();
    let sources = Sources::default();
    let source = keyring.read_file(&sources, &path).unwrap();
    let fault = yaml::parse(&sources, source).unwrap_err();
    let shown = fault.render(&sources, keyring.redactor(), false);
    assert!(!shown.contains("topmost") && !shown.contains("secret"), "{shown}");
}

#[test]
fn a_file_that_is_not_encrypted_is_read_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vars.yml");
    std::fs::write(&path, "user: admin\n").unwrap();
    let (keyring, sources) = (keyring(&[]), Sources::default());
    keyring.read_file(&sources, &path).unwrap();
    assert_eq!(keyring.redactor().redact("admin"), "admin");
}

#[test]
fn encrypts_for_an_id_it_has_a_password_for() {
    let keyring = keyring(&[("prod", "prod-pass")]);
    assert!(keyring.encrypt(b"x", "prod").unwrap().starts_with("$ANSIBLE_VAULT;1.2;AES256;prod\n"));
    assert!(keyring.encrypt(b"x", "default").unwrap().starts_with("$ANSIBLE_VAULT;1.1;AES256\n"));
    let missing = keyring.encrypt(b"x", "dev").unwrap_err();
    assert_eq!(missing.to_string(), "there is no vault password (vault id `dev`)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn what_is_encrypted_is_decrypted(plain in prop::collection::vec(any::<u8>(), 0..70)) {
        let keyring = keyring(&[("default", "hunter2")]);
        let text = keyring.encrypt(&plain, "default").unwrap();
        let decrypted = keyring.decrypt_bytes(&text).unwrap();
        prop_assert_eq!(decrypted.reveal(), &plain);
    }

    #[test]
    fn a_damaged_text_is_refused_or_says_the_same(at in 26..400_usize, change in 1..16_u32) {
        let mut text: Vec<char> = PLAIN_ID.chars().collect();
        let Some(digit) = text.get(at).and_then(|digit| digit.to_digit(16)) else { return Ok(()) };
        text[at] = char::from_digit(digit ^ change, 16).unwrap();
        let text: String = text.into_iter().collect();
        let opened = keyring(&[("default", "hunter2")]).decrypt(&text);
        prop_assert!(opened.is_err() || opened == Ok(Secret::new("hello vault".to_owned())));
    }
}
