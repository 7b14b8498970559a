//! Hosts made from every combination of layers: the plugin `generator`.

use std::sync::Arc;

use super::builder::Builder;
use super::host::name_fault;
use super::model::ALL;
use super::reading::Reading;
use super::scope::LayerScope;
use crate::base::Diagnostic;
use crate::value::{Data, Layer, Mapping, Node, Scope, coerce, has_template};

const CODE: &str = "inventory-generator";
/// The most hosts that one file makes.
const MOST: usize = 100_000;
/// The deepest nesting of parents.
const DEPTH: usize = 60;

/// Reads a file of this plugin.
///
/// # Errors
///
/// Where the file cannot be followed or a template in it fails.
pub(super) fn read(
    builder: &mut Builder,
    reading: &Reading,
    file: &Node,
) -> Result<(), Diagnostic> {
    let layers = layers(file)?;
    let hosts = part(file, "hosts")?;
    let Some(name) = hosts.get("name") else {
        let message = "`hosts` needs a `name`, a template over the layers";
        return Err(Diagnostic::error(CODE, message, hosts.span, "no name"));
    };
    let count = layers.iter().map(|(_, values)| values.len()).fold(1, usize::saturating_mul);
    if count > MOST {
        let message = format!("expected at most {MOST} hosts, these layers make {count}");
        return Err(Diagnostic::error(CODE, message, file.span, "too many"));
    }
    let mut generator = Generator { builder, reading };
    for number in 0..count {
        let scope: Arc<dyn Scope> = Arc::new(LayerScope(combination(&layers, number)));
        generator.host(name, hosts, &scope)?;
    }
    Ok(())
}

/// One combination of all, the last layer changing fastest.
fn combination(layers: &[(&str, &[Node])], mut number: usize) -> Layer {
    let mut chosen = vec![];
    for (name, values) in layers.iter().rev() {
        let value = values[number % values.len()].clone();
        number /= values.len();
        chosen.push(((*name).to_owned(), value.into()));
    }
    chosen.into_iter().rev().collect()
}

struct Generator<'b> {
    builder: &'b mut Builder,
    reading: &'b Reading,
}

impl Generator<'_> {
    fn host(
        &mut self,
        name: &Node,
        hosts: &Node,
        scope: &Arc<dyn Scope>,
    ) -> Result<(), Diagnostic> {
        let text = self.text(name, scope)?;
        if let Some(why) = name_fault(&text) {
            let message = format!("invalid host `{}`: {why}", text.escape_debug());
            return Err(Diagnostic::error(CODE, message, name.span, "makes this name"));
        }
        let all = self.builder.group(ALL);
        self.builder.host(all, &text, []);
        for parent in parents(hosts)? {
            let group = self.parent(&text, parent, scope, 0)?;
            self.builder.host(group, &text, []);
        }
        Ok(())
    }

    /// Makes a group, its variables and its own parents.
    fn parent(
        &mut self,
        child: &str,
        parent: &Node,
        scope: &Arc<dyn Scope>,
        depth: usize,
    ) -> Result<usize, Diagnostic> {
        let unnamed = || {
            // Scripts look for this sentence.
            let message = format!("Element {child} has a parent with no name.");
            Diagnostic::error(CODE, message, parent.span, "no name")
        };
        let name = self.text(parent.get("name").ok_or_else(unnamed)?, scope)?;
        if name.is_empty() || depth > DEPTH {
            return Err(unnamed());
        }
        let group = self.builder.group(&name);
        let none = Mapping::new();
        let vars = match parent.get("vars") {
            None => &none,
            Some(vars) => vars.as_map().ok_or_else(|| expected("vars", "a mapping", vars))?,
        };
        for (key, value) in vars {
            // Only a text is a template here; what is in a list or a mapping is one of a host's.
            let value = match &value.data {
                Data::Text(_) => {
                    let rendered = self.reading.templar.render(value, scope)?;
                    let data = match rendered.map(|node| node.data) {
                        None => Data::Null,
                        Some(Data::Verbatim(text)) if !has_template(&text) => Data::Text(text),
                        Some(data) => data,
                    };
                    Node { data, span: value.span }
                }
                _ => value.clone(),
            };
            self.builder.group_var(group, key.text.clone(), value);
        }
        for above in parents(parent)? {
            let at = above.span;
            let above = self.parent(&name, above, scope, depth + 1)?;
            self.builder.child(above, group, at);
        }
        Ok(group)
    }

    fn text(&self, node: &Node, scope: &Arc<dyn Scope>) -> Result<String, Diagnostic> {
        let value = self.reading.templar.evaluate(node, scope)?;
        Ok(value.map(|value| coerce::to_text(&value)).unwrap_or_default())
    }
}

fn parents(node: &Node) -> Result<&[Node], Diagnostic> {
    match node.get("parents") {
        None => Ok(&[]),
        Some(parents) => parents.as_list().ok_or_else(|| expected("parents", "a list", parents)),
    }
}

fn layers(file: &Node) -> Result<Vec<(&str, &[Node])>, Diagnostic> {
    let layers = part(file, "layers")?;
    let pairs = layers.as_map().ok_or_else(|| expected("layers", "a mapping", layers))?;
    pairs
        .iter()
        .map(|(name, values)| {
            let list = values.as_list().filter(|list| !list.is_empty());
            let list = list.ok_or_else(|| expected(&name.text, "a list of values", values))?;
            Ok((name.text.as_str(), list))
        })
        .collect()
}

fn part<'n>(file: &'n Node, name: &str) -> Result<&'n Node, Diagnostic> {
    file.get(name).ok_or_else(|| {
        let message = format!("`generator` needs `hosts` and `layers`, `{name}` is missing");
        Diagnostic::error(CODE, message, file.span, "here")
    })
}

fn expected(name: &str, wanted: &str, node: &Node) -> Diagnostic {
    let message = format!("`{name}` must be {wanted}, this is {}", node.kind());
    Diagnostic::error(CODE, message, node.span, format!("not {wanted}"))
}

#[cfg(test)]
mod tests {
    use crate::inventory::testing::load;

    #[test]
    fn every_combination_makes_a_host() {
        let text = "plugin: generator\nhosts:\n  name: '{{ a }}{{ b }}'\n  parents:\n  - name: \
                    '{{ a }}'\n    vars: {mine: '{{ a }}', later: ['{{ x }}']}\n    parents: \
                    [{name: top}]\nlayers: {a: [x, y], b: [1, 2]}\n";
        let loaded = load(&[("gen.yml", text)], &["gen.yml"]);
        assert_eq!(loaded.faults, "");
        let names: Vec<&str> = loaded.inventory.hosts().map(|host| host.name.as_str()).collect();
        assert_eq!(names, ["x1", "x2", "y1", "y2"]);
        assert_eq!(loaded.inventory.host_groups("y2"), ["top", "y"]);
        let vars = &loaded.inventory.to_json(None)["_meta"]["hostvars"]["y2"];
        assert_eq!(*vars, serde_json::json!({"mine": "y", "later": ["{{ x }}"]}));
    }

    #[test]
    fn a_parent_has_a_name() {
        let text = "plugin: generator\nhosts: {name: h, parents: [{}]}\nlayers: {a: [1]}\n";
        insta::assert_snapshot!(load(&[("gen.yml", text)], &["gen.yml"]).faults, @r"
        error[inventory-generator]: Element h has a parent with no name.
         --> /play/gen.yml:2:28
          |
        2 | hosts: {name: h, parents: [{}]}
          |                            ^^ no name
        ");
    }
}
