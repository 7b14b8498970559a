//! `docker_config`: see [`Args`], which is also what `rplay doc docker_config` prints.

use crate::sdk::docker::swarm::keyed::{
    KEYED_RULES, Keyed, KeyedChange, KeyedKind, KeyedOptions, KeyedState,
};
use crate::sdk::{Arguments, Choice, Failure, Module, Observer, Operator, Plan, Returned};

/// Ensures that a swarm has a config with the given data, or that it has not.
///
/// Runs on a manager. Labels are changed in place. New data, or another `template_driver`,
/// replaces the config: where services use it, each is first given a copy of the new one under
/// another name, one after the other as its `update_config` says, then the config is replaced, and
/// each is given the one of the old name again, in the same file. If that stops half-way, the next
/// run goes on. With `rolling_versions` the new data has a name of its own, and services are left
/// alone. What a config holds is not shown, neither in the diff.
///
/// Returns `config_id` and `config_name`.
#[derive(Debug, Arguments)]
#[arguments(rules = KEYED_RULES)]
pub struct Args {
    /// What it holds.
    data: Option<String>,
    /// What expands templates in it when it becomes a file of a container.
    template_driver: Option<TemplateDriver>,
    /// All else.
    #[arg(flatten)]
    options: KeyedOptions,
}

/// What expands templates in a config.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Choice)]
enum TemplateDriver {
    /// Go's templates, with Docker's own values: `{{ .Service.Name }}`.
    Golang,
}

impl Module for Args {
    type State = KeyedState;
    type Change = KeyedChange;

    async fn observe(&self, host: &Observer<'_>) -> Result<KeyedState, Failure> {
        self.keyed().look(host).await
    }

    fn plan(&self, now: &KeyedState) -> Result<Plan<KeyedChange>, Failure> {
        self.keyed().decide(now)
    }

    async fn apply(change: KeyedChange, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}

impl Args {
    fn keyed(&self) -> Keyed<'_> {
        Keyed {
            kind: KeyedKind::Config,
            data: self.data.as_deref(),
            template_driver: self.template_driver.map(Choice::word),
            options: &self.options,
        }
    }
}
