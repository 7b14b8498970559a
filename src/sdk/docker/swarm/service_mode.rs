//! The modes of a swarm's services.

use crate::spec::Choice as _;
use crate::value::Value;

/// How many tasks there are, and where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, rplay_derive::Choice)]
pub enum ServiceMode {
    /// As many as `replicas` says.
    #[default]
    Replicated,
    /// One on each node.
    Global,
    /// As many as `replicas` says, each of which is to come to its end.
    #[choice("replicated-job")]
    ReplicatedJob,
    /// One on each node, each of which is to come to its end.
    #[choice("global-job")]
    GlobalJob,
}

impl ServiceMode {
    /// The mode that a service's `Spec` has.
    pub fn of(spec: &Value) -> Option<Self> {
        let has = |mode: &Self| spec["Mode"].get(mode.key()).is_some();
        Self::WORDS.iter().map(|(_, mode)| *mode).find(has)
    }

    /// The mode's name in the Engine's API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Replicated => "Replicated",
            Self::Global => "Global",
            Self::ReplicatedJob => "ReplicatedJob",
            Self::GlobalJob => "GlobalJob",
        }
    }

    /// Whether its tasks are to come to their end.
    pub fn is_job(self) -> bool {
        matches!(self, Self::ReplicatedJob | Self::GlobalJob)
    }
}
