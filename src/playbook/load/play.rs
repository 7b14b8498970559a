//! Plays, and playbooks that import others.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::{Item, Keywords, Known, Origin, Place, Play, split_qualified};
use super::{Diagnostic, Loader};
use crate::value::{Data, Layer, Node, coerce};

impl Loader<'_> {
    /// The plays of a playbook; `at` is where it is imported.
    pub(super) fn plays_of(
        &mut self,
        path: &Path,
        directory: &Path,
        at: Option<crate::base::Span>,
    ) -> Vec<Play> {
        let Some(node) = self.read(path, at) else { return vec![] };
        let Data::List(items) = &node.data else {
            let diagnostic = Diagnostic::error(
                "playbook-shape",
                "a playbook is a list of plays",
                node.span,
                format!("this is {}", node.shown()),
            );
            let help = match &node.data {
                Data::Map(_) => "put a `-` before the play",
                _ => "a play begins with `- hosts:`",
            };
            self.fault(diagnostic.help(help));
            return vec![];
        };
        self.look_beside(directory);
        if items.is_empty() {
            let message = "A playbook must contain at least one play";
            let fault = Diagnostic::error("playbook-shape", message, node.span, "nothing in it");
            self.fault(fault.help("a play begins with `- hosts:`"));
            return vec![];
        }
        self.open.push(path.to_path_buf());
        let plays = items
            .iter()
            .flat_map(|item| {
                if is_import(item) {
                    self.imported_playbook(item, directory)
                } else {
                    self.play(item, directory).into_iter().collect()
                }
            })
            .collect();
        self.open.pop();
        plays
    }

    fn imported_playbook(&mut self, node: &Node, directory: &Path) -> Vec<Play> {
        let Some(pairs) = node.as_map() else { return vec![] };
        let mut target = None;
        let mut keywords = self.keywords(pairs, Place::Import, |loader, key, node| {
            if IMPORTS.contains(&key.text.as_str()) {
                target = Some(node.clone());
            } else if key.text == "include" {
                loader.notice("include", "`import_playbook`", key.span);
                target = Some(node.clone());
            } else {
                loader.unknown_keyword(key, Place::Import);
            }
        });
        let target = keywords.take("import_playbook").or(target);
        let vars = self.vars(&mut keywords);
        let Some(target) = target else { return vec![] };
        let outer = std::mem::replace(&mut self.known, Known::of([&vars, &*self.settings.extra]));
        let target = self.import_name(&target);
        self.known = outer;
        let Some(name) = target.as_str() else {
            self.fault(Diagnostic::error(
                "keyword-type",
                "`import_playbook` must be the path of a playbook",
                target.span,
                format!("this is {}", target.shown()),
            ));
            return vec![];
        };
        let path = self.playbook_file(directory, name);
        let inner = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let mut plays = self.plays_of(&path, &inner, Some(target.span));
        for play in &mut plays {
            play.keywords = keep_play_only(&keywords, &play.keywords);
            play.vars = over(&vars, &play.vars);
        }
        plays
    }

    /// The file of a playbook: a path, or its name in a collection.
    pub(super) fn playbook_file(&self, directory: &Path, name: &str) -> PathBuf {
        let path = directory.join(name);
        let named = split_qualified(name).filter(|_| !path.exists());
        let found = named.and_then(|(collection, playbook)| {
            let folder = self.catalogue.library.collection(collection)?.join("playbooks");
            let bare = [".yml", ".yaml"].iter().find_map(|ending| playbook.strip_suffix(ending));
            let below = bare.unwrap_or(playbook).replace('.', "/");
            let files = ["yml", "yaml"].map(|ending| folder.join(format!("{below}.{ending}")));
            files.into_iter().find(|file| file.is_file())
        });
        found.unwrap_or(path)
    }

    fn play(&mut self, node: &Node, directory: &Path) -> Option<Play> {
        let Data::Map(pairs) = &node.data else {
            self.fault(Diagnostic::error(
                "playbook-shape",
                "a play is a mapping with `hosts`",
                node.span,
                format!("this is {}", node.shown()),
            ));
            return None;
        };
        let mut keywords = self.keywords(pairs, Place::Play, |loader, key, _| {
            loader.unknown_keyword(key, Place::Play);
        });
        let hosts = self.play_hosts(node, &mut keywords)?;
        if let (Some(_), Some(older)) = (pairs.get("remote_user"), pairs.get("user")) {
            let message = "both 'user' and 'remote_user' are set for this play. The use of 'user' \
                           is deprecated, and should be removed";
            self.fault(Diagnostic::error(
                "older-spelling",
                message,
                older.span,
                "an older spelling",
            ));
        }
        self.check_prompts(keywords.get("vars_prompt"));
        let vars = self.vars(&mut keywords);
        let vars_files = match keywords.take("vars_files") {
            Some(Node { data: Data::List(items), .. }) => items,
            Some(one) => vec![one],
            None => vec![],
        };
        let origin = Arc::new(Origin::of_playbook(directory.to_path_buf())).searching(&keywords);
        let outer = self.around;
        self.around = outer.inside(&keywords);
        self.known = Known::of([&vars, &*self.settings.extra]);
        let pre_tasks = self.section(&mut keywords, "pre_tasks", &origin, Place::Task);
        let roles = self.play_roles(&mut keywords, &origin);
        let own = self.section(&mut keywords, "tasks", &origin, Place::Task);
        let post_tasks = self.section(&mut keywords, "post_tasks", &origin, Place::Task);
        let own_handlers = self.section(&mut keywords, "handlers", &origin, Place::Handler);
        self.around = outer;
        let imported = self.take_imported();
        let handlers = roles.handlers.into_iter().chain(imported.handlers).chain(own_handlers);
        let play = Play {
            name: keywords.take("name"),
            hosts,
            vars,
            vars_files,
            roles: roles.all.into_iter().chain(imported.roles).collect(),
            pre_tasks,
            tasks: roles.tasks.into_iter().chain(own).collect(),
            post_tasks,
            handlers: handlers.collect(),
            keywords,
            at: node.span,
            directory: directory.to_path_buf(),
        };
        self.check_numbers(&play);
        Some(play)
    }

    fn section(
        &mut self,
        keywords: &mut Keywords,
        name: &'static str,
        origin: &Arc<Origin>,
        place: Place,
    ) -> Vec<Item> {
        let Some(node) = keywords.take(name) else { return vec![] };
        if !matches!(node.data, Data::List(_) | Data::Map(_)) {
            let message = format!(
                "A malformed block was encountered while loading {name}: {} should be a list or \
                 None",
                coerce::to_text(&node.to_value())
            );
            self.fault(Diagnostic::error("tasks-shape", message, node.span, "not a list of tasks"));
            return vec![];
        }
        self.items(&node, origin, place)
    }

    fn play_hosts(&mut self, play: &Node, keywords: &mut Keywords) -> Option<Node> {
        let Some(hosts) = keywords.take("hosts") else {
            let message = "a play needs `hosts`";
            let fault = Diagnostic::error("play-hosts", message, play.span, "not given here");
            self.fault(fault.help("name a group, a host, or `all`"));
            return None;
        };
        self.check_hosts(&hosts);
        Some(hosts)
    }

    /// A play has a pattern of hosts; that it picks none is another matter.
    fn check_hosts(&mut self, hosts: &Node) {
        let empty = match &hosts.data {
            Data::List(items) => items.is_empty(),
            Data::Text(text) => text.trim().is_empty(),
            _ => false,
        };
        if empty {
            let message = "Hosts list cannot be empty. Please check your playbook";
            let fault = Diagnostic::error("play-hosts", message, hosts.span, "no pattern here");
            self.fault(fault.help("name a group, a host, or `all`"));
        }
    }

    /// What the user is asked for has a name.
    fn check_prompts(&mut self, prompts: Option<&Node>) {
        for prompt in prompts.and_then(Node::as_list).into_iter().flatten() {
            if prompt.get("name").is_none() {
                let message = "Invalid vars_prompt data structure, missing 'name' key";
                let fault =
                    Diagnostic::error("vars-prompt", message, prompt.span, "no `name` here");
                self.fault(fault.help("it names the variable that keeps the answer"));
            }
        }
    }

    /// Numbers that no play can have.
    fn check_numbers(&mut self, play: &Play) {
        use crate::value::coerce::to_float;
        let serial = play.keywords.get("serial");
        let sizes = serial.map(|node| node.as_list().unwrap_or(std::slice::from_ref(node)));
        for node in sizes.into_iter().flatten().filter(|node| !is_batch_size(node)) {
            let label = format!("this is {}", node.shown());
            let fault =
                Diagnostic::error("serial", "`serial` must be at least 1", node.span, label);
            self.fault(fault.help("write a number of hosts, a share such as \"30%\", or a list"));
        }
        if let Some(node) = play.keywords.get("max_fail_percentage")
            && to_float(&node.to_value()).is_some_and(|share| !(0.0..=100.0).contains(&share))
        {
            self.fault(Diagnostic::error(
                "max-fail-percentage",
                "`max_fail_percentage` must lie between 0 and 100",
                node.span,
                format!("this is {}", node.shown()),
            ));
        }
    }
}

/// Whether a size of batches can be one: it may only be known in the run.
fn is_batch_size(node: &Node) -> bool {
    let value = node.to_value();
    let share = value.as_str().and_then(|text| text.trim().strip_suffix('%'));
    node.is_unknown()
        || matches!(node.data, Data::Null)
        || match share {
            Some(share) => share.trim().parse::<f64>().is_ok_and(|share| share >= 0.0),
            None => coerce::to_int(&value).is_some_and(|number| number >= 1),
        }
}

/// The names of the import.
const IMPORTS: [&str; 3] =
    ["import_playbook", "ansible.builtin.import_playbook", "ansible.legacy.import_playbook"];

fn is_import(node: &Node) -> bool {
    IMPORTS.iter().chain(&["include"]).any(|name| node.get(name).is_some())
}

/// The imported play's keywords under those of the import.
fn keep_play_only(import: &Keywords, play: &Keywords) -> Keywords {
    let mut import = import.clone();
    import.take("name");
    let name = play.get("name").cloned();
    let mut merged = import.around(play);
    if let Some(name) = name {
        merged.set("name", name);
    }
    merged
}

/// One layer over another.
fn over(strong: &Arc<Layer>, weak: &Arc<Layer>) -> Arc<Layer> {
    if strong.is_empty() {
        return Arc::clone(weak);
    }
    let mut merged = weak.as_ref().clone();
    merged.extend(strong.iter().map(|(name, variable)| (name.clone(), variable.clone())));
    Arc::new(merged)
}

/// Where a playbook's own `roles/` lies.
pub(super) fn roles_beside(playbook: &Path) -> PathBuf {
    playbook.join("roles")
}
