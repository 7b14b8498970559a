//! Mappings laid over one another instead of replaced: `hash_behaviour = merge`.

use std::borrow::Cow;

use super::{Data, Layer, Mapping, Node, Variable};
use crate::base::Span;

/// The members of two mappings as one, those of the stronger over those of the weaker; nothing
/// where either is no mapping.
pub(crate) fn merged(weaker: &Variable, stronger: &Variable) -> Option<Variable> {
    let (weaker, stronger) = (mapping(weaker)?, mapping(stronger)?);
    Some(over(&weaker, &stronger).into())
}

/// Adds variables to a layer, laying mappings over those that are there if so wanted.
pub fn extend(layer: &mut Layer, vars: impl IntoIterator<Item = (String, Variable)>, merge: bool) {
    for (name, stronger) in vars {
        let weaker = layer.get(&name).filter(|_| merge);
        let variable = weaker.and_then(|weaker| merged(weaker, &stronger)).unwrap_or(stronger);
        layer.insert(name, variable);
    }
}

fn mapping(variable: &Variable) -> Option<Cow<'_, Node>> {
    match variable {
        Variable::Written(node) => node.as_map().map(|_| Cow::Borrowed(node.as_ref())),
        Variable::Known(value) if value.is_object() => {
            Some(Cow::Owned(Node::from_value(value, Span::NOWHERE)))
        }
        _ => None,
    }
}

fn over(weaker: &Node, stronger: &Node) -> Node {
    let (Data::Map(under), Data::Map(pairs)) = (&weaker.data, &stronger.data) else {
        return stronger.clone();
    };
    let mut members: Mapping = under.clone();
    for (key, value) in pairs {
        let value = match under.get(key) {
            Some(weaker) => over(weaker, value),
            None => value.clone(),
        };
        members.insert(key.clone(), value);
    }
    Node { data: Data::Map(members), span: stronger.span }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::value::Value;

    fn shown(variable: Option<Variable>) -> Value {
        match variable {
            Some(Variable::Written(node)) => node.to_value(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn members_are_merged_all_the_way_down() {
        let weaker = json!({"a": {"x": 1, "y": [1]}, "b": 1}).into();
        let stronger = json!({"a": {"y": [2], "z": 3}, "b": {"c": 1}}).into();
        assert_eq!(
            shown(merged(&weaker, &stronger)),
            json!({"a": {"x": 1, "y": [2], "z": 3}, "b": {"c": 1}})
        );
    }

    #[test]
    fn what_is_no_mapping_is_replaced() {
        assert!(merged(&json!([1]).into(), &json!({"a": 1}).into()).is_none());
        assert!(merged(&json!({"a": 1}).into(), &json!("a").into()).is_none());
    }
}
