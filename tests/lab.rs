//! Examples and faults on real hosts, checked from outside: by commands on the hosts, not by what
//! rplay says. Off unless `RPLAY_LAB=1`; see `tests/lab/README.md`. One test at a time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(unreachable_pub, reason = "the harness is shared by the files beside it")]

#[path = "lab/autolock.rs"]
mod autolock;
#[path = "lab/build.rs"]
mod build;
#[path = "lab/calls.rs"]
mod calls;
#[path = "lab/ci.rs"]
mod ci;
#[path = "lab/classic_swarm.rs"]
mod classic_swarm;
#[path = "lab/compose.rs"]
mod compose;
#[path = "lab/containers.rs"]
mod containers;
#[path = "lab/engine.rs"]
mod engine;
#[path = "lab/failover.rs"]
mod failover;
#[path = "lab/faults.rs"]
mod faults;
#[path = "lab/hosts.rs"]
mod hosts;
#[path = "lab/looking.rs"]
mod looking;
#[path = "lab/networks.rs"]
mod networks;
#[path = "lab/objects.rs"]
mod objects;
#[path = "lab/overlay_kv.rs"]
mod overlay_kv;
#[path = "lab/proxy.rs"]
mod proxy;
#[path = "lab/registry.rs"]
mod registry;
#[path = "lab/registry_tls.rs"]
mod registry_tls;
#[path = "lab/semantics.rs"]
mod semantics;
#[path = "lab/services.rs"]
mod services;
#[path = "lab/stack.rs"]
mod stack;
#[path = "lab/support.rs"]
mod support;
#[path = "lab/swarm.rs"]
mod swarm;
#[path = "lab/topology.rs"]
mod topology;
#[path = "lab/transfer.rs"]
mod transfer;
