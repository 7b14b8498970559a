//! `docker_secret`: see [`Args`], which is also what `rplay doc docker_secret` prints.

use crate::sdk::docker::swarm::keyed::{
    KEYED_RULES, Keyed, KeyedChange, KeyedKind, KeyedOptions, KeyedState,
};
use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Returned, Secret};

/// Ensures that a swarm has a secret with the given data, or that it has not.
///
/// Runs on a manager. What a secret holds cannot be read again, so a label `rplay.key` says it,
/// salted and slow to guess; the label `ansible_key` of other tools is understood. Labels are
/// changed in place. New data replaces the secret: where services use it, each is first given a
/// copy of the new data under another name, one after the other as its `update_config` says, then
/// the secret is replaced, and each is given the one of the old name again, in the same file. If
/// that stops half-way, the next run goes on. With `rolling_versions` the new data has a name of
/// its own, and services are left alone.
///
/// Returns `secret_id` and `secret_name`.
#[derive(Debug, Arguments)]
#[arguments(rules = KEYED_RULES)]
pub struct Args {
    /// What it holds.
    data: Option<Secret>,
    /// All else.
    #[arg(flatten)]
    options: KeyedOptions,
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
            kind: KeyedKind::Secret,
            data: self.data.as_ref().map(|data| data.reveal().as_str()),
            template_driver: None,
            options: &self.options,
        }
    }
}
