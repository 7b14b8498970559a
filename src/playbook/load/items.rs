//! Lists of tasks and blocks.

use std::sync::Arc;

use super::super::{Block, Item, Keywords, Origin, Place};
use super::{Around, Diagnostic, Loader};
use crate::value::{Data, Node};

impl Loader<'_> {
    /// The tasks and blocks of a list.
    pub(super) fn items(&mut self, node: &Node, origin: &Arc<Origin>, place: Place) -> Vec<Item> {
        let Data::List(items) = &node.data else {
            let diagnostic = Diagnostic::error(
                "tasks-shape",
                "tasks are a list",
                node.span,
                format!("this is {}", node.shown()),
            );
            self.fault(match &node.data {
                Data::Map(_) => diagnostic.help("put a `-` before each task"),
                _ => diagnostic,
            });
            return vec![];
        };
        items.iter().flat_map(|item| self.item(item, origin, place)).collect()
    }

    fn item(&mut self, node: &Node, origin: &Arc<Origin>, place: Place) -> Vec<Item> {
        match &node.data {
            Data::Map(_) if node.get("block").is_some() && place == Place::Handler => {
                let message = "Using a block as a handler is not supported";
                let fault = Diagnostic::error("handler-shape", message, node.span, "not a task");
                self.fault(fault.help("let the handler include a file of tasks"));
                vec![]
            }
            Data::Map(_) if node.get("block").is_some() => {
                self.block(node, origin, place).into_iter().collect()
            }
            Data::Map(_) => {
                if let Some(key) = ["rescue", "always"].iter().find(|key| node.get(key).is_some()) {
                    self.fault(
                        Diagnostic::error(
                            "block-shape",
                            format!("`{key}` needs a `block` beside it"),
                            node.span,
                            "no `block` here",
                        )
                        .help("put the tasks it guards under `block:`"),
                    );
                    return vec![];
                }
                self.task_or_import(node, origin, place)
            }
            _ => {
                self.fault(Diagnostic::error(
                    "task-shape",
                    "a task is a mapping: a module and its arguments",
                    node.span,
                    format!("this is {}", node.shown()),
                ));
                vec![]
            }
        }
    }

    fn block(&mut self, node: &Node, origin: &Arc<Origin>, place: Place) -> Option<Item> {
        let pairs = node.as_map()?;
        let mut keywords = self.keywords(pairs, Place::Block, |loader, key, _| {
            loader.unknown_keyword(key, Place::Block);
        });
        let vars = self.vars(&mut keywords);
        let origin = &origin.searching(&keywords);
        let outer = self.around;
        let inner = outer.inside(&keywords);
        let tolerant = inner.tolerant || keywords.get("rescue").is_some();
        self.around = Around { tolerant, ..inner };
        let tasks = self.part(&mut keywords, "block", origin, place);
        self.around = inner;
        let rescue = self.part(&mut keywords, "rescue", origin, place);
        let always = self.part(&mut keywords, "always", origin, place);
        self.around = outer;
        Some(Item::Block(Arc::new(Block {
            name: keywords.take("name"),
            keywords,
            vars,
            tasks,
            rescue,
            always,
            role: None,
            import: false,
            at: node.span,
        })))
    }

    fn part(
        &mut self,
        keywords: &mut Keywords,
        name: &'static str,
        origin: &Arc<Origin>,
        place: Place,
    ) -> Vec<Item> {
        keywords.take(name).map_or_else(Vec::new, |node| self.items(&node, origin, place))
    }
}
