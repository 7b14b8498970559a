//! Lists of tasks and blocks, walked for a group of hosts.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::context::Context;
use super::run::Run;
use crate::playbook::{Block, Item};
use crate::value::{Layer, Value};

/// Walking, later: blocks hold blocks, so the future must have a size.
pub(super) type Walking<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Runs each item on all of the hosts that still take part, one item after the other.
pub(super) fn walk_items<'a>(
    run: &'a Arc<Run>,
    context: &'a Context,
    items: &'a [Item],
    hosts: &'a [String],
) -> Walking<'a> {
    Box::pin(async move {
        for item in items {
            let active = run.board.active(hosts);
            if active.is_empty() || run.interrupt.is_set() {
                return;
            }
            match item {
                Item::Task(task) => super::task::walk_task(run, context, task, &active).await,
                Item::Block(block) => walk_block(run, context, block, &active).await,
            }
        }
    })
}

/// Runs a block: its tasks, `rescue` on the hosts that failed in them, `always` on all.
async fn walk_block(run: &Arc<Run>, context: &Context, block: &Block, hosts: &[String]) {
    let inner = context.enter_block(block);
    walk_items(run, &inner, &block.tasks, hosts).await;
    if !block.rescue.is_empty() {
        rescue(run, &inner, block, hosts).await;
    }
    if !block.always.is_empty() && !run.interrupt.is_set() {
        always(run, &inner, block, hosts).await;
    }
    if let Some(role) = &block.role {
        for host in hosts {
            run.board.update(host, |state| state.leaving.take_if(|path| *path == role.path));
        }
        run.board.end_role(hosts, role);
    }
}

/// Runs `rescue` on the hosts that failed in the block; those that come through are well again.
async fn rescue(run: &Arc<Run>, context: &Context, block: &Block, hosts: &[String]) {
    let fallen: Vec<String> =
        hosts.iter().filter(|host| run.board.get(host).failed).cloned().collect();
    if fallen.is_empty() || run.interrupt.is_set() {
        return;
    }
    for host in &fallen {
        let (failure, drawn) = run.board.update(host, |state| {
            state.failed = false;
            (state.failure.clone(), std::mem::take(&mut state.drawn))
        });
        if let Some((task, result)) = failure {
            run.board.set(host, failed_layer(task, result));
        }
        if !drawn {
            run.events.rescued(host);
        }
    }
    walk_items(run, context, &block.rescue, &fallen).await;
}

/// Runs `always` on every host of the block, also on those that failed; they stay failed.
async fn always(run: &Arc<Run>, context: &Context, block: &Block, hosts: &[String]) {
    let failed = |host: &&String| run.board.get(host).failed;
    let mut fallen: Vec<(String, u32)> = vec![];
    for host in hosts.iter().filter(failed) {
        let forgiven = run.board.update(host, |state| {
            state.failed = false;
            state.forgiven
        });
        fallen.push((host.clone(), forgiven));
    }
    walk_items(run, context, &block.always, hosts).await;
    for (host, forgiven) in &fallen {
        run.board.update(host, |state| state.failed |= state.forgiven == *forgiven);
    }
}

/// What `rescue` may ask about the failure.
fn failed_layer(task: Value, result: Value) -> Layer {
    [("ansible_failed_task", task), ("ansible_failed_result", result)]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect()
}
