//! Spellings that older versions of Ansible took and today's does not: each is read as today's,
//! with one notice.

use super::Loader;
use crate::base::{Diagnostic, Span};
use crate::playbook::{Place, split_words};
use crate::value::{Data, Key, Mapping, Node, has_template};

/// Keywords that have another name today; the last says whether tasks have it too.
const RENAMED: [(&str, &str, bool); 5] = [
    ("sudo", "become", true),
    ("sudo_user", "become_user", true),
    ("su", "become", true),
    ("su_user", "become_user", true),
    // In a task it is the module.
    ("user", "remote_user", false),
];

/// Arguments of the older module `docker` that have another name in `docker_container`.
const DOCKER_ARGUMENTS: [(&str, &str); 9] = [
    ("cpu_set", "cpuset_cpus"),
    ("dns", "dns_servers"),
    ("extra_hosts", "etc_hosts"),
    ("memory_limit", "memory"),
    ("net", "network_mode"),
    ("pid", "pid_mode"),
    ("publish", "ports"),
    ("restart_policy_retry", "restart_retries"),
    ("stdin_open", "interactive"),
];

impl Loader<'_> {
    /// A keyword by its name of today.
    pub(super) fn todays<'k>(&mut self, key: &'k Key, place: Place) -> &'k str {
        let found = RENAMED.iter().find(|(older, _, in_tasks)| {
            *older == key.text && (*in_tasks || matches!(place, Place::Play))
        });
        match found {
            Some((older, new, _)) => {
                self.notice(older, &format!("`{new}`"), key.span);
                new
            }
            None => &key.text,
        }
    }

    /// What `su` says beside that another user is become: by which program.
    pub(super) fn su(pairs: &Mapping) -> Option<Node> {
        let (_, node) = pairs.iter().find(|(key, _)| key.text == "su")?;
        Some(Node { data: Data::Text("su".to_owned()), span: node.span })
    }

    /// A task's `include`, as the import or include that it is today.
    pub(super) fn without_include(&mut self, pairs: &Mapping) -> Option<Mapping> {
        let is_older =
            |key: &Key| matches!(key.text.as_str(), "include" | "ansible.builtin.include");
        let (key, node) = pairs.iter().find(|(key, _)| is_older(key))?;
        let words = split_words(node.as_str()?).ok()?;
        let (file, parameters) = words.split_first()?;
        let is_looped = |key: &Key| key.text == "loop" || key.text.starts_with("with_");
        let is_dynamic = has_template(&file.value) || pairs.keys().any(is_looped);
        let name = if is_dynamic { "include_tasks" } else { "import_tasks" };
        self.notice("include", &format!("`{name}`"), key.span);
        let text = |text: &str| Node { data: Data::Text(text.to_owned()), span: node.span };
        let named = |name: &str| Key { text: name.to_owned(), span: key.span };
        let mut today = Mapping::new();
        for (key, node) in pairs {
            if is_older(key) {
                today.insert(named(name), text(&file.value));
            } else {
                today.insert(key.clone(), node.clone());
            }
        }
        let mut vars = match today.get("vars").map(|vars| &vars.data) {
            Some(Data::Map(vars)) => vars.clone(),
            _ => Mapping::new(),
        };
        for word in parameters {
            let Some(parameter) = &word.key else { continue };
            let into = if parameter == "tags" { &mut today } else { &mut vars };
            into.insert(named(parameter), text(&word.value));
        }
        if !vars.is_empty() {
            today.insert(named("vars"), Node { data: Data::Map(vars), span: node.span });
        }
        Some(today)
    }

    /// The arguments of the older module `docker`, as `docker_container` takes them.
    pub(super) fn without_docker(&mut self, written: &str, args: Node, at: Span) -> Node {
        let Data::Map(pairs) = args.data else { return args };
        let mut today = Mapping::new();
        if written == "docker" {
            self.notice("docker", "`docker_container`", at);
            for (key, node) in pairs {
                self.docker_argument(key, node, &mut today);
            }
        } else {
            today = pairs;
        }
        Node { data: Data::Map(today), span: args.span }
    }

    fn docker_argument(&mut self, key: Key, node: Node, today: &mut Mapping) {
        let state = node.as_str().filter(|_| key.text == "state").map(str::to_owned);
        let renamed = DOCKER_ARGUMENTS.iter().find(|(older, _)| *older == key.text);
        match (state.as_deref(), renamed) {
            (Some("running" | "reloaded" | "restarted"), _) => {
                let restarts = state.as_deref() == Some("restarted");
                let (older, new) = match state.as_deref() {
                    Some("restarted") => {
                        ("state: restarted", "`state: started` with `restart: true`")
                    }
                    Some("reloaded") => ("state: reloaded", "`state: started`"),
                    _ => ("state: running", "`state: started`"),
                };
                self.notice(older, new, node.span);
                if restarts {
                    let restart = Key { text: "restart".to_owned(), span: key.span };
                    today.insert(restart, Node { data: Data::Bool(true), span: node.span });
                }
                today.insert(key, Node { data: Data::Text("started".to_owned()), span: node.span });
            }
            (_, Some((older, new))) => {
                self.notice(older, &format!("`{new}`"), key.span);
                today.insert(Key { text: (*new).to_owned(), span: key.span }, node);
            }
            _ => {
                today.insert(key, node);
            }
        }
    }

    /// Notices an older spelling, the first time it is met.
    pub(super) fn notice(&mut self, older: &str, new: &str, at: Span) {
        if !self.noticed.insert(older.to_owned()) {
            return;
        }
        let message = format!("`{older}` is read as {new}, which is how it is written today");
        self.fault(Diagnostic::error("older-spelling", message, at, "an older spelling").warning());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Sources;
    use crate::playbook::{Catalogue, LoadSettings};
    use crate::value::yaml;

    #[test]
    fn su_is_another_way_to_become() {
        let (sources, catalogue) = (Sources::default(), Catalogue::default());
        let settings = LoadSettings::default();
        let mut loader = Loader::new(&sources, &catalogue, &settings);
        let source = sources.add("site.yml".to_owned(), "su: yes\nsu_user: app\nname: x\n");
        let node = yaml::parse(&sources, source).unwrap().single().unwrap();
        let pairs = node.as_map().unwrap();
        let keywords = loader.keywords(pairs, Place::Play, |_, key, _| panic!("{}", key.text));
        let text = |name: &str| keywords.words(name).join(",");
        assert_eq!((text("become_method"), text("become_user")), ("su".into(), "app".into()));
        assert!(keywords.get("become").is_some());
        assert_eq!(loader.take_faults().iter().count(), 2);
    }
}
