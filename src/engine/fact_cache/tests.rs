use std::os::unix::fs::PermissionsExt;
use std::time::SystemTime;

use serde_json::json;

use super::*;

fn cache(folder: &Path) -> FactCache {
    let folder = folder.join("new/facts");
    FactCache { folder, prefix: "p_".to_owned(), lifetime: None, form: FactForm::Json }
}

fn fields(value: &Value) -> Fields {
    value.as_object().cloned().unwrap_or_default()
}

#[test]
fn facts_come_back_as_they_went() {
    let folder = tempfile::tempdir().unwrap();
    let facts = fields(&json!({"ansible_distribution": "Debian", "deep": [{"a": 1.5}, null]}));
    for form in [FactForm::Json, FactForm::Yaml] {
        let cache = FactCache { form, ..cache(folder.path()) };
        assert_eq!(cache.forget("web"), Ok(()));
        assert_eq!(cache.load("web"), Ok(None));
        cache.store("web", facts.clone()).unwrap();
        assert_eq!(cache.load("web"), Ok(Some(facts.clone())));
        cache.store("web", fields(&json!({"b": 1}))).unwrap();
        assert_eq!(cache.load("web"), Ok(Some(fields(&json!({"b": 1})))));
        assert_eq!(cache.forget("web"), Ok(()));
        assert_eq!(cache.load("web"), Ok(None));
    }
}

#[test]
fn a_file_has_the_name_and_the_form_that_ansible_gives_it() {
    let folder = tempfile::tempdir().unwrap();
    let cache = cache(folder.path());
    cache.store("web", fields(&json!({"a": "é"}))).unwrap();
    let path = cache.folder.join("p_s1_web");
    assert_eq!(fs::read_to_string(&path).unwrap(), r#"{"__payload__":"{\"a\":\"é\"}"}"#);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(&cache.folder).unwrap().count(), 1);
}

#[test]
fn what_ansible_notes_about_values_is_read_over() {
    let folder = tempfile::tempdir().unwrap();
    let cache = cache(folder.path());
    fs::create_dir_all(&cache.folder).unwrap();
    let payload = json!({
        "foo": {"value": "{{ x }}", "tags": [{"__ansible_type": "TrustedAsTemplate"}],
                "__ansible_type": "_AnsibleTaggedStr"},
        "list": {"value": [{"value": 1, "tags": [], "__ansible_type": "_AnsibleTaggedInt"}],
                 "tags": [], "__ansible_type": "_AnsibleTaggedList"},
        "day": {"iso8601": "2026-11-21", "__ansible_type": "AnsibleSerializableDate"},
        "own": {"value": 2, "tags": 3},
    });
    let text = json!({"__payload__": payload.to_string()}).to_string();
    fs::write(cache.folder.join("p_s1_web"), text).unwrap();
    let facts = json!({
        "foo": "{{ x }}", "list": [1], "day": "2026-11-21", "own": {"value": 2, "tags": 3},
    });
    assert_eq!(cache.load("web"), Ok(Some(fields(&facts))));
}

#[test]
fn a_host_cannot_pass_for_the_user() {
    let folder = tempfile::tempdir().unwrap();
    let cache = cache(folder.path());
    let forged = json!({"a": [{"value": "{{ evil }}", "tags": [], "__ansible_type": "x"}]});
    cache.store("web", fields(&forged)).unwrap();
    let kept = fs::read_to_string(cache.folder.join("p_s1_web")).unwrap();
    assert!(!kept.contains("__ansible_type"), "{kept}");
}

#[test]
fn names_do_not_lead_out_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let cache = FactCache { prefix: String::new(), ..cache(folder.path()) };
    for host in ["../web", "/etc/web", "", "a\0b"] {
        let failed = cache.store(host, Fields::new()).unwrap_err();
        assert!(failed.contains("its name is no file's"), "{failed}");
        assert_eq!((cache.load(host), cache.forget(host)), (Ok(None), Ok(())));
    }
    cache.store("..", Fields::new()).unwrap();
    assert!(cache.folder.join("s1_..").is_file());
}

#[test]
fn facts_grow_old() {
    let folder = tempfile::tempdir().unwrap();
    let eternal = cache(folder.path());
    eternal.store("web", Fields::new()).unwrap();
    let file = fs::File::open(eternal.folder.join("p_s1_web")).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(100)).unwrap();
    let aged = |seconds| FactCache {
        lifetime: Some(Duration::from_secs(seconds)),
        ..cache(folder.path())
    };
    assert_eq!(aged(99).load("web"), Ok(None));
    assert_eq!(aged(200).load("web"), Ok(Some(Fields::new())));
    assert_eq!(eternal.load("web"), Ok(Some(Fields::new())));
}

#[test]
fn a_broken_file_is_told_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let cache = cache(folder.path());
    fs::create_dir_all(&cache.folder).unwrap();
    let path = cache.folder.join("p_s1_web");
    for broken in ["", "{", "[]", "{}", r#"{"__payload__": "["}"#, r#"{"__payload__": "[]"}"#] {
        fs::write(&path, broken).unwrap();
        let told = cache.load("web").unwrap_err().replace(&path.display().to_string(), "PATH");
        assert_eq!(
            told,
            "the cached facts in PATH are passed over: they have not the form that fact caches have"
        );
    }
    fs::write(&path, b"\xff").unwrap();
    assert!(cache.load("web").unwrap_err().contains("UTF-8"));
    cache.store("web", Fields::new()).unwrap();
    assert_eq!(cache.load("web"), Ok(Some(Fields::new())));
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("new"), "").unwrap();
    let told = cache(folder.path()).store("web", Fields::new()).unwrap_err();
    assert!(told.starts_with("facts cannot be kept in "), "{told}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
