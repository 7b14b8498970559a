//! `docker_context_info`: see [`Args`], which is also what `rplay doc docker_context_info` prints.

use crate::sdk::docker::{Context, Contexts};
use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Returned, Rule};

/// Returns the contexts that the Docker client of the task's user knows.
///
/// Returns `contexts`, sorted by name, and `current_context_name`. Of each context it returns
/// `name`, `current`, `description`, `meta_path`, `tls_path`, and as `config` the options that
/// lead other modules to its Engine.
#[derive(Debug, Arguments)]
#[arguments(rules = &[Rule::Exclusive(&["only_current", "name"])])]
pub struct Args {
    /// Whether to return the context that the client uses alone.
    only_current: Option<bool>,
    /// The context to return; it must be there.
    name: Option<String>,
    /// The context that counts as the one in use, whatever the client says.
    cli_context: Option<String>,
}

impl Module for Args {
    type State = Contexts;
    type Change = ();

    async fn observe(&self, host: &Observer<'_>) -> Result<Contexts, Failure> {
        host.docker_contexts(&[]).await
    }

    fn plan(&self, now: &Contexts) -> Result<Plan<()>, Failure> {
        let given = self.cli_context.as_ref().filter(|name| !name.is_empty());
        let (current, source) = match given {
            Some(name) => (name.clone(), "`cli_context`".to_owned()),
            None => now.current()?,
        };
        let contexts = match &self.name {
            Some(name) => vec![now.shown(name, &current).ok_or_else(|| {
                Failure::new(format!("There is no context of name '{name}'")).help(all(now))
            })?],
            None if self.only_current == Some(true) => {
                vec![now.shown(&current, &current).ok_or_else(|| {
                    Failure::new(format!(
                        "There is no context of name '{current}', which {source} says is in use"
                    ))
                    .help(all(now))
                })?]
            }
            None => {
                let mut names: Vec<&str> = now.contexts.iter().map(Context::name).collect();
                names.push("default");
                names.sort_unstable();
                names.iter().filter_map(|name| now.shown(name, &current)).collect()
            }
        };
        let returned = Returned::new().with("contexts", contexts);
        Ok(Plan::Keep(returned.with("current_context_name", current)))
    }

    async fn apply((): (), _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}

/// The contexts that there are.
fn all(now: &Contexts) -> String {
    let names: Vec<&str> = now.contexts.iter().map(Context::name).collect();
    format!("there are: default {}", names.join(" ")).trim_end().to_owned()
}
