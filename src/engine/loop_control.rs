//! `loop_control`: how a loop names its items, how it shows them, when it ends.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::ended::Ended;
use super::scope::HostScope;
use super::step::Step;
use crate::base::Diagnostic;
use crate::template::python_text;
use crate::value::{Layer, Node, Value, Variable, coerce};

/// `loop_control`, rendered.
pub(super) struct LoopControl {
    var: String,
    index_var: Option<String>,
    label: Option<Node>,
    break_when: Option<Node>,
    pub(super) pause: Duration,
    extended: bool,
    all_items: bool,
}

impl LoopControl {
    pub(super) fn read(step: &Step, scope: &HostScope) -> Result<Self, Diagnostic> {
        let control = step.task.looped.as_ref().and_then(|looped| looped.control.as_ref());
        let shared = scope.clone().shared();
        let value = |name: &str| -> Result<Option<Value>, Diagnostic> {
            match control.and_then(|control| control.get(name)) {
                Some(node) => step.run.templar.evaluate(node, &shared),
                None => Ok(None),
            }
        };
        let text = |name: &str| Ok(value(name)?.map(|value| coerce::to_text(&value)));
        let flag = |name: &str| Ok(value(name)?.and_then(|value| coerce::to_bool(&value)));
        let written = |name: &str| control.and_then(|control| control.get(name)).cloned();
        Ok(Self {
            var: text("loop_var")?.unwrap_or_else(|| "item".to_owned()),
            index_var: text("index_var")?,
            label: written("label"),
            break_when: written("break_when"),
            pause: value("pause")?
                .and_then(|value| coerce::to_float(&value))
                .map_or(Duration::ZERO, |s| Duration::from_secs_f64(s.clamp(0.0, 86_400.0))),
            extended: flag("extended")?.unwrap_or(false),
            all_items: flag("extended_allitems")?.unwrap_or(true),
        })
    }

    /// The variables of one round.
    pub(super) fn layer(&self, items: &[Node], index: usize) -> Layer {
        let mut layer = Layer::new();
        layer.insert(self.var.clone(), Variable::Written(Arc::new(items[index].clone())));
        layer.insert("ansible_loop_var".to_owned(), Value::from(self.var.clone()).into());
        if let Some(name) = &self.index_var {
            layer.insert(name.clone(), Value::from(index).into());
            layer.insert("ansible_index_var".to_owned(), Value::from(name.clone()).into());
        }
        if self.extended {
            layer.insert("ansible_loop".to_owned(), self.about(items, index).into());
        }
        layer
    }

    /// What `ansible_loop` tells of one round.
    fn about(&self, items: &[Node], index: usize) -> Value {
        let length = items.len();
        let mut extended = json!({
            "index": index + 1,
            "index0": index,
            "revindex": length - index,
            "revindex0": length - index - 1,
            "first": index == 0,
            "last": index + 1 == length,
            "length": length,
        });
        if self.all_items {
            extended["allitems"] = items.iter().map(Node::to_value).collect();
        }
        if index > 0 {
            extended["previtem"] = items[index - 1].to_value();
        }
        if let Some(next) = items.get(index + 1) {
            extended["nextitem"] = next.to_value();
        }
        extended
    }

    /// Notes in the result of a round which one it was.
    pub(super) fn describe(&self, items: &[Node], index: usize, ended: &mut Ended) {
        let fields = &mut ended.fields;
        fields.insert("ansible_loop_var".to_owned(), self.var.clone().into());
        fields.insert(self.var.clone(), items[index].to_value());
        if let Some(name) = &self.index_var {
            fields.insert(name.clone(), index.into());
            fields.insert("ansible_index_var".to_owned(), name.clone().into());
        }
        if self.extended {
            fields.insert("ansible_loop".to_owned(), self.about(items, index));
        }
    }

    /// The item as it is shown; a label that cannot be rendered is a failure of the round.
    pub(super) fn label(
        &self,
        step: &Step,
        scope: &HostScope,
        item: &Node,
        ended: &mut Ended,
    ) -> String {
        if ended.hidden {
            return "(withheld)".to_owned();
        }
        let shared = scope.clone().shared();
        let label = self.label.as_ref().map(|label| step.run.templar.evaluate(label, &shared));
        match label {
            Some(Ok(Some(label))) => return python_text(&label),
            Some(Err(mut fault)) => {
                fault.message = format!("Failed to template loop_control.label: {}", fault.message);
                ended.fields.shift_remove("msg");
                ended.lapse(&fault);
            }
            _ => {}
        }
        python_text(&item.to_value())
    }

    /// Whether this round is the last one because `break_when` says so.
    pub(super) fn ends(&self, step: &Step, scope: &HostScope, ended: &mut Ended) -> bool {
        let Some(condition) = &self.break_when else { return false };
        match step.run.templar.condition(condition, &scope.clone().shared()) {
            Ok(condition) => condition.value,
            Err(fault) => {
                ended.lapse(&fault);
                true
            }
        }
    }
}
