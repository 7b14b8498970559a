//! Vaults from the command line.

use super::Project;

#[test]
fn a_file_is_encrypted_used_and_decrypted() {
    let project = Project::new(
        "- hosts: a\n  gather_facts: false\n  vars_files: [secret.yml]\n  tasks:\n    \
         - debug: {msg: 'the word is {{ word }}'}\n",
    )
    .file("secret.yml", "word: correct horse\n")
    .file("pass", "hunter22\n");
    let encrypted = project.run("vault encrypt secret.yml --vault-password-file pass");
    assert_eq!((encrypted.code, encrypted.stderr.as_str()), (0, ""));
    assert!(project.read("secret.yml").starts_with("$ANSIBLE_VAULT;1.1;AES256\n"));
    let run = project.run("-i testing site.yml --vault-password-file pass");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("the word is ********"), "what a vault holds is not shown");
    let view = project.run("vault view secret.yml --vault-password-file pass");
    assert_eq!(view.stdout, "word: correct horse\n");
    let without = project.run("-i testing site.yml");
    assert_eq!(without.code, 2, "no password, no run");
    assert!(without.stdout.contains("there is no vault password"), "{}", without.stdout);
    let project = project.file("wrong", "hunter23\n");
    let refused = project.run("vault decrypt secret.yml --vault-password-file wrong");
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("the vault password does not open it"), "{}", refused.stderr);
    assert_eq!(
        project.run("vault rekey secret.yml --vault-id pass --new-vault-id new@wrong").code,
        0
    );
    assert!(project.read("secret.yml").starts_with("$ANSIBLE_VAULT;1.2;AES256;new\n"));
    assert_eq!(project.run("vault decrypt secret.yml --vault-id new@wrong").code, 0);
    assert_eq!(project.read("secret.yml"), "word: correct horse\n");
}

#[test]
fn a_text_is_encrypted_for_a_file_of_variables() {
    let project = Project::new("").file("pass", "hunter22\n");
    let line = "vault encrypt-string --name token --vault-id prod@pass correct-horse";
    let ended = project.run(line);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let head = "token: !vault |\n          $ANSIBLE_VAULT;1.2;AES256;prod\n          ";
    assert!(ended.stdout.starts_with(head), "{}", ended.stdout);
    let project = project.file("vars.yml", &ended.stdout);
    let args = ["adhoc", "a", "-i", "testing", "-m", "shell", "-a", "echo {{ token | length }}"];
    let more = ["-e", "@vars.yml", "--vault-id", "prod@pass"];
    let output = project.program(&[args.as_slice(), more.as_slice()].concat()).output().unwrap();
    assert_eq!(project.ended(output).stdout, "a | CHANGED | rc=0 >>\n13\n");
}

#[test]
fn a_vault_in_a_directory_is_copied_decrypted() {
    let project = Project::new(
        "- hosts: a\n  gather_facts: false\n  tasks:\n    \
         - copy: {src: keys/, dest: '{{ playbook_dir }}/out', mode: '0600'}\n    \
         - copy: {src: keys/, dest: '{{ playbook_dir }}/raw', decrypt: false}\n",
    )
    .file("keys/secret.pem", "correct horse\n")
    .file("keys/plain", "seen by all\n")
    .file("pass", "hunter22\n");
    assert_eq!(project.run("vault encrypt keys/secret.pem --vault-password-file pass").code, 0);
    let run = project.run("-i testing site.yml --vault-password-file pass");
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert_eq!(project.read("out/secret.pem"), "correct horse\n");
    assert_eq!(project.read("out/plain"), "seen by all\n");
    assert_eq!(project.read("raw/secret.pem"), project.read("keys/secret.pem"));
    let again = project.run("-i testing site.yml --vault-password-file pass");
    assert!(again.stdout.contains("changed=0"), "{}", again.stdout);
}
