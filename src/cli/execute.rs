//! Running a project that holds together.

use super::args::CommonArgs;
use super::config::Config;
use super::fault::Fault;
use super::reports::{self, AdhocLook, Look};
use super::{Exit, RunKind, signals, tell};
use crate::base::{Diagnostic, Diagnostics, Severity, Sources};
use crate::engine::{self, Interrupt, Options, Project, Settings};

/// Loads a project, telling all that is wrong with it.
pub(super) fn load(settings: Settings) -> Result<Project, Fault> {
    let late = settings.late_faults;
    let (sources, redactor) = (settings.sources.clone(), settings.redactor.clone());
    let (project, found) = Project::load(settings);
    if late {
        tell::diagnostics_as_ansible(&found, &sources, &redactor);
    } else {
        tell::diagnostics(&found, &sources, &redactor);
    }
    project.ok_or_else(|| Fault::silent(exit_of(&found, &sources)))
}

/// Whether it is the command line that is at fault, or the files.
fn exit_of(found: &Diagnostics, sources: &Sources) -> Exit {
    const OF_COMMAND_LINE: [&str; 3] = ["command line", "--extra-vars", "-i"];
    let typed = |fault: &Diagnostic| match fault.span() {
        Some(span) => OF_COMMAND_LINE.contains(&sources.path(span.source).as_str()),
        None => fault.code == "inventory-unread",
    };
    let mut errors = found.iter().filter(|fault| fault.severity == Severity::Error);
    if errors.all(typed) { Exit::Usage } else { Exit::Project }
}

/// Runs it, shows it, and gives the exit code that says how it ended.
pub(super) fn run(
    project: Project,
    options: Options,
    args: &CommonArgs,
    adhoc: Option<AdhocLook>,
    config: &Config,
) -> Result<Exit, Fault> {
    let look = Look { adhoc, ..Look::of(&args.output, options.check, config)? };
    let mut fanout = reports::open(&args.output.report, look)?;
    let changes_count = options.check && args.run.detailed_exitcode;
    // A run with fewer open files than hosts tells of it host by host.
    crate::remote::raise_fd_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::other(format!("cannot start: {error}")))?;
    let (urgency, interrupt) = Interrupt::new();
    let stats = runtime.block_on(async {
        let signals = tokio::spawn(signals::listen(urgency));
        let stats = engine::run(project, options, interrupt.clone(), |event| fanout.report(event));
        let stats = stats.await;
        signals.abort();
        stats
    });
    // What hangs on after a break-off must not keep the program.
    runtime.shutdown_background();
    reports::close(fanout);
    let interrupted = interrupt.is_set();
    let may_be_empty = args.hosts.allow_empty;
    Ok(Exit::of_run(&stats, RunKind { interrupted, may_be_empty, changes_count }))
}
