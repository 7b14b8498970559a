//! What there is to do about a context.

use serde_json::json;

use super::{Args, Change, TlsFile};
use crate::sdk::docker::{Context, Contexts, Differences};
use crate::sdk::{Failure, Plan, Presence, Returned, Sections, Value};

/// What an Engine's address begins with.
const SCHEMES: [&str; 6] = ["ssh://", "unix://", "tcp://", "http://", "https://", "npipe://"];
/// The setting of `config.json` that names the context in use.
const CURRENT: &str = "currentContext";

impl Args {
    pub(super) fn decide(&self, now: &Contexts) -> Result<Plan<Change>, Failure> {
        self.refuse_names()?;
        let found = now.find(&self.name);
        let settings = now.client.settings()?;
        let is_current = settings.get(CURRENT).and_then(Value::as_str) == Some(&self.name);
        let mut change = Change::default();
        let mut differences = Differences::default();
        let wanted = match self.state {
            Presence::Present => Some(self.over(found, now)?),
            Presence::Absent => None,
        };
        compare(found, wanted.as_ref(), &mut differences);
        let folders = now.folders(&self.name);
        match (&wanted, found) {
            (None, Some(_)) => change.remove = folders.to_vec(),
            (Some(wanted), _) if !differences.is_empty() => {
                change.meta = (found.is_none_or(|found| found.meta != wanted.meta))
                    .then(|| (folders[0].clone(), wanted.meta.clone()));
                let has = found.map(|found| &found.tls);
                change.tls = self.tls_files(&folders[1], has, &wanted.tls);
            }
            _ => {}
        }
        let use_it = match self.state {
            Presence::Present => self.current.unwrap_or(is_current),
            Presence::Absent => false,
        };
        if use_it != is_current {
            differences.add("current", is_current, use_it);
            let mut settings = settings;
            if use_it {
                settings.insert(CURRENT.to_owned(), self.name.as_str().into());
            } else {
                settings.shift_remove(CURRENT);
            }
            change.config = Some(now.client.with(&settings));
        }
        let returned = self.returned(now, wanted, use_it, is_current)?;
        if differences.is_empty() {
            return Ok(Plan::Keep(returned));
        }
        let diff = differences.diff(format!("context {}", self.name));
        Ok(Plan::change(change, diff).returning(returned))
    }

    fn refuse_names(&self) -> Result<(), Failure> {
        let name = &self.name;
        if name == "default" {
            return Err(Failure::new(
                "the context `default` is always there, and cannot be altered",
            )
            .help("another context with `current: false` makes it the one in use"));
        }
        let mut signs = name.chars();
        let is_fit = signs.next().is_some_and(|c| c.is_ascii_alphanumeric())
            && name.len() > 1
            && signs.all(|c| c.is_ascii_alphanumeric() || "_.+-".contains(c));
        if !is_fit {
            return Err(Failure::new(format!(
                "a context's name has letters, digits and `_.+-`, two signs at least, the first a \
                 letter or digit; this is `{name}`"
            )));
        }
        Ok(())
    }

    /// The context as it must be: what is asked for, over what it is.
    fn over(&self, found: Option<&Context>, now: &Contexts) -> Result<Context, Failure> {
        let mut context = found.cloned().unwrap_or_default();
        if found.is_none() {
            context.meta = json!({"Name": self.name, "Metadata": {}, "Endpoints": {}});
            [context.meta_path, _] = now.folders(&self.name);
        }
        let host = match &self.docker_host {
            Some(host) if SCHEMES.iter().any(|scheme| host.starts_with(scheme)) => host.as_str(),
            Some(host) => {
                return Err(Failure::new(format!(
                    "`docker_host` must begin with one of {}, not be `{host}`",
                    SCHEMES.join(", ")
                )));
            }
            None if context.host().is_empty() => {
                return Err(Failure::new(format!(
                    "there is no context {}, and no `docker_host` to make it of",
                    self.name
                )));
            }
            None => context.host(),
        }
        .to_owned();
        let skip = self.skip_tls_verify.unwrap_or_else(|| context.skips_tls_verify());
        let endpoint = &mut context.meta["Endpoints"]["docker"];
        endpoint["Host"] = host.into();
        endpoint["SkipTLSVerify"] = skip.into();
        if let Some(text) = &self.description {
            if !context.meta["Metadata"].is_object() {
                context.meta["Metadata"] = json!({});
            }
            if text.is_empty() {
                context.meta["Metadata"].as_object_mut().map(|all| all.shift_remove("Description"));
            } else {
                context.meta["Metadata"]["Description"] = text.as_str().into();
            }
        }
        context.tls = self.tls(&context.tls, now)?;
        Ok(context)
    }

    /// The files for TLS that it must have, by name.
    fn tls(&self, has: &Sections, now: &Contexts) -> Result<Sections, Failure> {
        let mut files: Vec<(String, String)> =
            has.iter().map(|(name, sum)| (name.to_owned(), sum.to_owned())).collect();
        for (name, path) in self.sources() {
            let sum = now.sources.get(path);
            if sum.is_empty() {
                return Err(Failure::new(format!("there is no file {path} on the host")));
            }
            files.retain(|(other, _)| other != name);
            files.push((name.to_owned(), sum.to_owned()));
        }
        files.sort();
        Ok(files.into_iter().collect())
    }

    fn tls_files(&self, folder: &str, has: Option<&Sections>, wanted: &Sections) -> Vec<TlsFile> {
        self.sources()
            .into_iter()
            .filter(|(name, _)| has.is_none_or(|has| has.get(name) != wanted.get(name)))
            .map(|(name, source)| TlsFile {
                source: source.to_owned(),
                path: format!("{folder}/docker/{name}"),
            })
            .collect()
    }

    fn returned(
        &self,
        now: &Contexts,
        wanted: Option<Context>,
        use_it: bool,
        is_current: bool,
    ) -> Result<Returned, Failure> {
        let mut after = now.clone();
        after.contexts.retain(|context| context.name() != self.name);
        after.contexts.extend(wanted);
        let (mut current, _) = now.current()?;
        let by_environment = !now.client.host.is_empty() || !now.client.context.is_empty();
        if use_it != is_current && !by_environment {
            current = if use_it { self.name.clone() } else { "default".to_owned() };
        }
        let returned = Returned::new().with("context", after.shown(&self.name, &current));
        Ok(returned.with("current_context_name", current))
    }
}

/// Notes what differs between a context and how it must be.
fn compare(now: Option<&Context>, wanted: Option<&Context>, all: &mut Differences) {
    if now.is_some() != wanted.is_some() {
        let word = |side: Option<&Context>| if side.is_some() { "present" } else { "absent" };
        all.add("state", word(now), word(wanted));
    }
    let Some(wanted) = wanted else { return };
    let text = |get: fn(&Context) -> &str| {
        let of = |side: Option<&Context>| side.map(get).unwrap_or_default().to_owned();
        (of(now), of(Some(wanted)))
    };
    let (has, must) = text(Context::host);
    all.compare("docker_host", &has, &must);
    let (has, must) = text(Context::description);
    all.compare("description", &has, &must);
    let skips = now.is_some_and(Context::skips_tls_verify);
    all.compare("skip_tls_verify", &skips, &wanted.skips_tls_verify());
    for (name, sum) in wanted.tls.iter() {
        let has = now.map(|now| now.tls.get(name)).unwrap_or_default();
        // A sum of a key is no key.
        all.compare(name, &has, &sum);
    }
}
