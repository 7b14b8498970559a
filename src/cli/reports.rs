//! Which reporters a run gets, and where each writes.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::args::OutputArgs;
use super::config::Config;
use super::fault::Fault;
use super::log::LogFile;
use super::{colour, tell};
use crate::base::did_you_mean;
use crate::report::{
    Adhoc, AdhocOptions, Ansible, AnsibleOptions, Fanout, Form, GitHub, Human, HumanOptions, JUnit,
    JsonLines, LiveLine, Screen, Tree,
};

/// How the results of one module are shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct AdhocLook<'a> {
    /// Whether hosts that said the same are shown as one.
    pub(super) grouped: bool,
    /// Whether each host's result stands on one line.
    pub(super) one_line: bool,
    /// The folder that gets each host's result, too.
    pub(super) tree: Option<&'a Path>,
}

impl AdhocLook<'_> {
    fn options(self, human: HumanOptions, ansible: bool) -> AdhocOptions {
        let HumanOptions { colour, diff, .. } = human;
        AdhocOptions { colour, grouped: self.grouped, diff, one_line: self.one_line, ansible }
    }
}

/// How the run is shown on standard output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) human: HumanOptions,
    /// How one module's results are shown, where one runs.
    pub(super) adhoc: Option<AdhocLook<'a>>,
    /// Whether there is a line that says what is waited for.
    pub(super) live: bool,
    /// Whether GitHub runs this.
    pub(super) on_github: bool,
    /// How ansible-core's form is written.
    pub(super) ansible: AnsibleOptions,
    /// Whether that form is the one of standard output.
    pub(super) as_ansible: bool,
}

impl Look<'_> {
    /// What the options, the configuration and standard output say together.
    pub(super) fn of(args: &OutputArgs, check: bool, config: &Config) -> Result<Self, Fault> {
        let stdout = io::stdout();
        let human = HumanOptions {
            colour: colour::wanted(args.color, config, &stdout)?,
            diff: args.diff || check || config.flag("always")?.unwrap_or(false),
            verbosity: args.verbose.max(config.number("verbosity")?.unwrap_or(0)),
            profile: args.profile,
        };
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let on_github = std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        let live = stdout.is_terminal() && !dumb;
        let ansible = ansible(human, config)?;
        let as_ansible = config.persona.is_ansible();
        Ok(Self { human, adhoc: None, live, on_github, ansible, as_ansible })
    }
}

/// What `ansible.cfg` says of ansible-core's form.
fn ansible(human: HumanOptions, config: &Config) -> Result<AnsibleOptions, Fault> {
    let form = match config.text("callback_result_format") {
        None | Some("json") => Form::Json,
        Some("yaml") => Form::Yaml,
        Some(other) => {
            let fault = Fault::usage(format!("`callback_result_format` is `{other}`"));
            return Err(fault.help("there are: json, yaml"));
        }
    };
    let flag = |key: &str, otherwise: bool| -> Result<bool, Fault> {
        Ok(config.flag(key)?.unwrap_or(otherwise))
    };
    let width = console::Term::stdout().size_checked().map_or(0, |(_, columns)| columns.into());
    let width: usize = width;
    Ok(AnsibleOptions {
        colour: human.colour,
        diff: human.diff,
        verbosity: human.verbosity,
        debug: flag("debug", false)?,
        ok_hosts: flag("display_ok_hosts", true)?,
        skipped_hosts: flag("display_skipped_hosts", true)?,
        failed_to_stderr: flag("display_failed_stderr", false)?,
        check_markers: flag("check_mode_markers", false)?,
        path_on_failure: flag("show_task_path_on_failure", false)?,
        custom_stats: flag("show_custom_stats", false)?,
        form,
        pretty: config.flag("callback_format_pretty")?,
        columns: width.saturating_sub(1).max(79),
    })
}

/// The forms that `--report` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Human,
    Json,
    JUnit,
    GitHub,
    Ansible,
}

/// What `--report` says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Report {
    format: Format,
    /// The file; standard output where there is none.
    file: Option<PathBuf>,
}

impl FromStr for Report {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let (format, file) = match text.split_once('=') {
            Some((format, file)) => (format, Some(file).filter(|file| *file != "-")),
            None => (text, None),
        };
        let format = match format {
            "human" => Format::Human,
            "json" | "jsonl" | "json_lines" => Format::Json,
            "junit" => Format::JUnit,
            "github" => Format::GitHub,
            "ansible" => Format::Ansible,
            other => {
                let known = ["human", "json", "junit", "github", "ansible"];
                let help = did_you_mean(other, known, format!("there are: {}", known.join(", ")));
                return Err(Fault::usage(format!("unknown report `{other}`")).help(help));
            }
        };
        Ok(Self { format, file: file.map(PathBuf::from) })
    }
}

/// Opens every report before the run, so that none fails after it.
pub(super) fn open(wanted: &[String], look: Look<'_>) -> Result<Fanout, Fault> {
    let mut reports: Vec<Report> =
        wanted.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
    let is_github = |report: &Report| report.format == Format::GitHub && report.file.is_none();
    if look.on_github && !reports.iter().any(is_github) && !takes_stdout(&reports) {
        reports.insert(0, Report { format: Format::GitHub, file: None });
    }
    let mut fanout = Fanout::default();
    // What GitHub reads goes first: its groups begin above the text that belongs into them.
    reports.sort_by_key(|report| report.format != Format::GitHub);
    let alone = takes_stdout(&reports);
    for report in reports {
        add(&mut fanout, &report, look)?;
    }
    if !alone {
        add_stdout(&mut fanout, look);
    }
    if let Some(folder) = look.adhoc.and_then(|adhoc| adhoc.tree) {
        let shown = folder.display();
        let tree = Tree::new(folder.to_owned())
            .map_err(|error| Fault::usage(format!("cannot make the folder {shown}: {error}")))?;
        fanout.add(format!("in {shown}"), tree);
    }
    Ok(fanout)
}

/// Has all that is said written to the file of `log_path` too.
pub(super) fn add_log(fanout: &mut Fanout, path: &Path, look: Look<'_>) -> Result<(), Fault> {
    let open = || {
        LogFile::open(path, if look.as_ansible { "ansible" } else { "rplay" })
            .map_err(|error| Fault::usage(format!("cannot write {}: {error}", path.display())))
    };
    let name = path.display().to_string();
    if let Some(adhoc) = look.adhoc {
        fanout.add(
            name,
            Adhoc::new(
                open()?,
                adhoc.options(HumanOptions { colour: false, ..look.human }, look.as_ansible),
            ),
        );
    } else {
        let how = AnsibleOptions { colour: false, ..look.ansible };
        fanout.add(name, Ansible::new(open()?, open()?, how));
    }
    Ok(())
}

/// Ends every report; what went wrong with any is told.
pub(super) fn close(fanout: Fanout) {
    for sentence in fanout.finish() {
        tell::warning(&sentence);
    }
}

/// Whether standard output belongs to a report for machines.
fn takes_stdout(reports: &[Report]) -> bool {
    reports.iter().any(|report| report.file.is_none() && report.format != Format::GitHub)
}

fn add(fanout: &mut Fanout, report: &Report, look: Look<'_>) -> Result<(), Fault> {
    let (name, out): (String, Box<dyn Write + Send>) = match &report.file {
        None => ("standard output".to_owned(), Box::new(io::stdout())),
        Some(path) => {
            let file = File::create(path).map_err(|error| {
                Fault::usage(format!("cannot write the report {}: {error}", path.display()))
            })?;
            (path.display().to_string(), Box::new(BufWriter::new(file)))
        }
    };
    let plain = HumanOptions { colour: look.human.colour && report.file.is_none(), ..look.human };
    match report.format {
        Format::Human => fanout.add(name, Human::new(out, plain)),
        Format::Json => fanout.add(name, JsonLines::new(out)?),
        Format::JUnit => fanout.add(name, JUnit::new(out)),
        Format::GitHub => fanout.add(name, GitHub::new(out, token()?)),
        Format::Ansible => {
            let how = AnsibleOptions { colour: plain.colour, ..look.ansible };
            fanout.add(name, Ansible::new(out, io::stderr(), how));
        }
    }
    Ok(())
}

fn add_stdout(fanout: &mut Fanout, look: Look<'_>) {
    const NAME: &str = "on standard output";
    fn width() -> usize {
        console::Term::stdout().size().1.into()
    }
    let screen = Screen::new(io::stdout(), width);
    match look.adhoc {
        Some(adhoc) => {
            let how = adhoc.options(look.human, look.as_ansible);
            fanout.add(NAME, Adhoc::new(screen.clone(), how));
        }
        None if look.as_ansible => {
            fanout.add(NAME, Ansible::new(screen.clone(), io::stderr(), look.ansible));
        }
        None => fanout.add(NAME, Human::new(screen.clone(), look.human)),
    }
    if look.live {
        fanout.add(NAME, LiveLine::new(screen, look.human.colour));
    }
}

/// A word that nobody can guess.
fn token() -> Result<String, Fault> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Fault::other(format!("the system gives no random bytes: {error}")))?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_a_format_and_a_file() {
        let report = |text: &str| text.parse::<Report>();
        let file = Some(PathBuf::from("out=1.xml"));
        assert_eq!(report("junit=out=1.xml"), Ok(Report { format: Format::JUnit, file }));
        assert_eq!(report("json=-"), Ok(Report { format: Format::Json, file: None }));
        let fault = report("jnit=x").unwrap_err();
        assert_eq!(fault.message, "unknown report `jnit`");
        assert_eq!(fault.help.as_deref(), Some("did you mean `junit`?"));
    }

    #[test]
    fn a_report_that_cannot_be_written_is_found_before_the_run() {
        let look = Look {
            human: HumanOptions::default(),
            adhoc: None,
            live: false,
            on_github: false,
            ansible: AnsibleOptions::default(),
            as_ansible: false,
        };
        let fault = open(&["json=/nowhere/run.jsonl".to_owned()], look).unwrap_err();
        assert!(fault.message.starts_with("cannot write the report /nowhere/run.jsonl: "));
    }
}
