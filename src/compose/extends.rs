//! Services that are made of others.

use std::collections::BTreeMap;

use super::load::{Loader, Stop};
use super::merge;
use crate::base::Diagnostic;
use crate::value::{Data, Mapping, Node};

impl Loader<'_> {
    /// A file with what its services extend laid under them.
    pub(super) fn extended(&mut self, file: &Node, path: &str) -> Result<Node, Stop> {
        let Some(services) = file.get("services").and_then(Node::as_map) else {
            return Ok(file.clone());
        };
        if !services.values().any(|service| service.get("extends").is_some()) {
            return Ok(file.clone());
        }
        // Of other files only the services that are asked for are of interest: two files may well
        // extend services of one another.
        let mut files = BTreeMap::from([(path.to_owned(), file.clone())]);
        let mut all = Mapping::new();
        for (name, service) in services {
            let service = self.whole(&mut files, path, &name.text, service)?;
            all.insert(name.clone(), service);
        }
        let mut file = file.clone();
        if let Data::Map(pairs) = &mut file.data
            && let Some(node) = pairs.get_mut("services")
        {
            node.data = Data::Map(all);
        }
        Ok(file)
    }

    /// A service over the one that it extends, over the one that this extends, and so on.
    fn whole(
        &mut self,
        files: &mut BTreeMap<String, Node>,
        path: &str,
        name: &str,
        service: &Node,
    ) -> Result<Node, Stop> {
        let (mut at, mut lowest) = ((path.to_owned(), name.to_owned()), service.clone());
        let (mut chain, mut uppers) = (vec![], vec![]);
        while let Some(extends) = lowest.get("extends").cloned() {
            let fault = |message: String| {
                Diagnostic::error("compose-extends", message, extends.span, "here")
            };
            chain.push(at.clone());
            let text = |key: &str| extends.get(key).and_then(Node::as_str).map(str::to_owned);
            let name = extends.as_str().map(str::to_owned).or_else(|| text("service"));
            let name = name.ok_or_else(|| fault("`extends` must name a `service`".to_owned()))?;
            let file = text("file").unwrap_or_else(|| at.0.clone());
            if !files.contains_key(&file) {
                let read = self.file(&file, extends.span)?;
                files.insert(file.clone(), read);
            }
            let base = files[&file].get("services").and_then(|services| services.get(&name));
            let Some(base) = base.cloned() else {
                return Err(fault(format!("{file} has no service `{name}` to extend")).into());
            };
            at = (file, name);
            if chain.contains(&at) {
                chain.push(at);
                let words: Vec<String> =
                    chain.iter().map(|(file, name)| format!("`{name}` of {file}")).collect();
                let circle = words.join(" → ");
                return Err(fault(format!("services extend one another: {circle}")).into());
            }
            uppers.push(std::mem::replace(&mut lowest, base));
        }
        Ok(uppers.into_iter().rev().fold(lowest, |base, mut upper| {
            if let Data::Map(pairs) = &mut upper.data {
                pairs.shift_remove("extends");
            }
            merge::service_over(&base, &upper, &self.marks)
        }))
    }
}
