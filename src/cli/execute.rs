//! Running a project that holds together.

use super::args::CommonArgs;
use super::config::Config;
use super::fault::Fault;
use super::reports::{self, AdhocLook, Look};
use super::{Exit, RunKind, signals, tell};
use crate::base::{Diagnostic, Diagnostics, Severity, Sources, Span};
use crate::engine::{self, Interrupt, Options, Project, Settings};
use crate::report::{Fanout, Reporter};

/// The stack of a thread, in bytes: tasks that include others take more of it the deeper they lie.
const STACK: usize = 32 * 1024 * 1024;

/// Loads a project, telling all that is wrong with it.
pub(super) fn load(settings: Settings, config: &Config) -> Result<Project, Fault> {
    let as_ansible = config.persona.is_ansible();
    let (sources, redactor) = (settings.sources.clone(), settings.redactor.clone());
    let (project, found) = Project::load(settings);
    let found = judge_duplicates(found, config)?;
    let project = project.filter(|_| !found.has_errors());
    if as_ansible {
        tell::diagnostics_as_ansible(&found, &sources, &redactor);
    } else {
        tell::diagnostics(&found, &sources, &redactor);
    }
    project.ok_or_else(|| {
        let exit = exit_of(&found, &sources);
        let generic = as_ansible && is_generic(&found, &sources);
        Fault::silent(if generic { Exit::Error } else { exit })
    })
}

/// Takes keys that stand twice in a mapping for what the configuration says they are.
fn judge_duplicates(found: Diagnostics, config: &Config) -> Result<Diagnostics, Fault> {
    let (ignored, refused) = match config.text("duplicate_dict_key") {
        None | Some("warn") => return Ok(found),
        Some("ignore") => (true, false),
        Some("error") => (false, true),
        Some(other) => {
            let fault = Fault::usage(format!("`duplicate_dict_key` is `{other}`"));
            return Err(fault.help("there are: warn, error, ignore"));
        }
    };
    let mut judged = Diagnostics::default();
    judged.extend(found.into_vec().into_iter().filter_map(|mut fault| {
        if fault.code == "duplicate-key" {
            if ignored {
                return None;
            }
            if refused {
                fault.severity = Severity::Error;
            }
        }
        Some(fault)
    }));
    Ok(judged)
}

/// Whether nothing but inventories, vaults, or files that are not there, are at fault: no parsing
/// error to Ansible.
fn is_generic(found: &Diagnostics, sources: &Sources) -> bool {
    let mut errors = found.iter().filter(|fault| fault.severity == Severity::Error);
    let begins = |fault: &Diagnostic, of: &str| fault.code.starts_with(of);
    errors.all(|fault| {
        let told = ["inventory-", "vault-", "role-missing"].iter().any(|of| begins(fault, of));
        told || is_missing_file(fault, sources)
    })
}

fn is_missing_file(fault: &Diagnostic, sources: &Sources) -> bool {
    let typed = fault.span().is_none_or(|span| is_typed(span, sources));
    typed && ["file-not-found", "file-unreadable"].contains(&fault.code)
}

/// Whether a place lies in the command line.
fn is_typed(span: Span, sources: &Sources) -> bool {
    const OF_COMMAND_LINE: [&str; 4] = ["command line", "--extra-vars", "--limit", "-i"];
    OF_COMMAND_LINE.contains(&sources.path(span.source).as_str())
}

/// Whether it is the command line that is at fault, or the files.
fn exit_of(found: &Diagnostics, sources: &Sources) -> Exit {
    let typed = |fault: &Diagnostic| match fault.span() {
        Some(span) => is_typed(span, sources),
        None => fault.code == "inventory-unread",
    };
    let mut errors = found.iter().filter(|fault| fault.severity == Severity::Error);
    if errors.all(typed) { Exit::Usage } else { Exit::Project }
}

/// Says that no host took part.
pub(super) fn nobody() -> Fault {
    Fault::nothing_matched("no play has a host")
        .help("--allow-empty accepts that; `rplay inventory --graph` shows the hosts there are")
}

/// Runs it, shows it, and gives the exit code that says how it ended.
pub(super) fn run(
    project: Project,
    options: Options,
    args: &CommonArgs,
    adhoc: Option<AdhocLook<'_>>,
    config: &Config,
) -> Result<Exit, Fault> {
    let look = Look { adhoc, ..Look::of(&args.output, options.check, config)? };
    let mut fanout = reports::open(&args.output.report, look)?;
    if let Some(path) = config.path("log_path") {
        reports::add_log(&mut fanout, &path, look)?;
    }
    run_shown(project, options, args, fanout)
}

/// The same for a command that shows it in its own way.
pub(super) fn run_with(
    project: Project,
    options: Options,
    args: &CommonArgs,
    reporter: impl Reporter + 'static,
) -> Result<Exit, Fault> {
    let mut fanout = Fanout::default();
    fanout.add("standard output", reporter);
    run_shown(project, options, args, fanout)
}

fn run_shown(
    project: Project,
    options: Options,
    args: &CommonArgs,
    mut fanout: Fanout,
) -> Result<Exit, Fault> {
    let changes_count = options.check && args.run.detailed_exitcode;
    // A run with fewer open files than hosts tells of it host by host.
    crate::remote::raise_fd_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK)
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
