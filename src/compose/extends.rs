//! Services that are made of others.

use super::load::{Loader, Stop};
use super::merge;
use crate::base::Diagnostic;
use crate::value::{Data, Mapping, Node};

/// The longest chain of services that extend one another.
const LONGEST: usize = 50;

impl Loader<'_> {
    /// A file with what its services extend laid under them.
    pub(super) fn extended(&mut self, file: &Node, path: &str) -> Result<Node, Stop> {
        let Some(services) = file.get("services").and_then(Node::as_map) else {
            return Ok(file.clone());
        };
        if !services.values().any(|service| service.get("extends").is_some()) {
            return Ok(file.clone());
        }
        let mut all = Mapping::new();
        for (name, service) in services {
            all.insert(name.clone(), self.service(file, path, service, LONGEST)?);
        }
        let mut file = file.clone();
        if let Data::Map(pairs) = &mut file.data
            && let Some(node) = pairs.get_mut("services")
        {
            node.data = Data::Map(all);
        }
        Ok(file)
    }

    fn service(
        &mut self,
        file: &Node,
        path: &str,
        service: &Node,
        depth: usize,
    ) -> Result<Node, Stop> {
        let Some(extends) = service.get("extends") else { return Ok(service.clone()) };
        let fault =
            |message: String| Diagnostic::error("compose-extends", message, extends.span, "here");
        if depth == 0 {
            return Err(fault("services extend one another without end".to_owned()).into());
        }
        let text = |key: &str| extends.get(key).and_then(Node::as_str).map(str::to_owned);
        let name = extends.as_str().map(str::to_owned).or_else(|| text("service"));
        let Some(name) = name else {
            return Err(fault("`extends` must name a `service`".to_owned()).into());
        };
        let (other, at) = match text("file").filter(|other| other != path) {
            Some(other) => (self.file(&other, extends.span)?, other),
            None => (file.clone(), path.to_owned()),
        };
        let Some(base) = other.get("services").and_then(|services| services.get(&name)) else {
            return Err(fault(format!("{at} has no service `{name}` to extend")).into());
        };
        let base = self.service(&other, &at, base, depth - 1)?;
        let mut own = service.clone();
        if let Data::Map(pairs) = &mut own.data {
            pairs.shift_remove("extends");
        }
        Ok(merge::service_over(&base, &own, &self.marks))
    }
}
