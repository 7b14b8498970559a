//! `pip`: see [`Args`], which is also what `rplay doc pip` prints.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::sdk::{
    Arguments, Choice, Diff, Exec, Failure, Fields, Module, Observer, Operator, Plan, Probe,
    Returned, Rule, Sections, coerce,
};

/// Ensures that Python packages are there, are the newest, or are not there.
///
/// It works on the host's Python, or on a virtual environment that is made where it is missing.
/// Whether something has to be installed is found out without the network.
#[derive(Debug, Arguments)]
#[arguments(rules = RULES)]
pub struct Args {
    /// Packages, as pip takes them: `name`, `name==1.0`, `name>=1,<2`, a URL.
    #[arg(default)]
    name: Vec<String>,
    /// The version of the only package in `name`.
    version: Option<String>,
    /// A file of requirements on the host.
    requirements: Option<String>,
    /// Whether they must be there, be the newest, not be there, or be installed again.
    #[arg(default)]
    state: State,
    /// The folder of a virtual environment.
    virtualenv: Option<String>,
    /// What makes it; `python3 -m venv` where the host has no such program.
    #[arg(default = "virtualenv")]
    virtualenv_command: String,
    /// Its Python.
    #[arg(default)]
    virtualenv_python: String,
    /// Whether it sees the packages of the system.
    #[arg(default)]
    virtualenv_site_packages: bool,
    /// The pip to use: `pip3.11`, or a path.
    executable: Option<String>,
    /// More arguments of pip, split as a shell does.
    #[arg(default, name = "extra_args")]
    extra: String,
    /// Whether the packages are installed in place, from their folders.
    #[arg(default)]
    editable: bool,
    /// Whether packages of the distribution may be overruled.
    #[arg(default)]
    break_system_packages: bool,
    /// The folder pip works in.
    chdir: Option<String>,
    /// The umask it works with.
    umask: Option<String>,
}

const RULES: &[Rule] = &[
    Rule::OneOf(&["name", "requirements"]),
    Rule::Exclusive(&["name", "requirements"]),
    Rule::Exclusive(&["executable", "virtualenv"]),
];

/// What is to be with the packages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum State {
    /// There.
    #[default]
    Present,
    /// There, and the newest.
    Latest,
    /// Not there.
    Absent,
    /// Installed again.
    #[choice("forcereinstall")]
    ForceReinstall,
}

/// What a host has of Python.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// The path of pip; empty where there is none.
    pip: String,
    /// Whether there is a Python.
    python: bool,
    /// Whether there is the program `virtualenv`.
    virtualenv: bool,
    /// The packages that are installed, and their versions.
    installed: IndexMap<String, String>,
    /// Whether pip finds that nothing is missing.
    satisfied: bool,
}

/// The run of pip that is made.
#[derive(Debug, Serialize)]
pub struct Change {
    /// What makes the virtual environment first; empty where nothing has to.
    make: Vec<String>,
    /// pip with its arguments.
    run: Vec<String>,
    /// The umask of both; empty where it stays.
    umask: String,
    directory: Option<String>,
}

impl Module for Args {
    type State = Seen;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<Seen, Failure> {
        let text = |given: &Option<String>| given.clone().unwrap_or_default();
        let own = [&self.executable, &self.virtualenv, &self.requirements, &self.chdir].map(text);
        let args = own.into_iter().chain(self.wanted()?);
        let output = host.probe(Probe(include_str!("probe.sh")), args).await?;
        let parts = Sections::parse(&output);
        if !parts.has("finished") {
            return Err(Failure::of_program("looking at pip", &output));
        }
        let pairs = parts.get("list").lines().filter_map(|line| line.split_once("=="));
        Ok(Seen {
            pip: parts.word("pip").to_owned(),
            python: !parts.word("python").is_empty(),
            virtualenv: !parts.word("venv").is_empty(),
            installed: pairs.map(|(name, version)| (plain(name), version.to_owned())).collect(),
            satisfied: parts.word("status") == "0" && !parts.get("dry").contains("Would install"),
        })
    }

    fn plan(&self, now: &Seen) -> Result<Plan<Change>, Failure> {
        let wanted = self.wanted()?;
        self.check_python(now)?;
        let there: Vec<&String> = wanted.iter().filter(|w| is_there(w, now)).collect();
        let needed: Vec<String> = match self.state {
            State::Absent => {
                wanted.iter().filter(|w| now.installed.contains_key(&plain(w))).cloned().collect()
            }
            State::Present if now.satisfied && !self.editable => vec![],
            State::Present if self.requirements.is_none() && there.len() == wanted.len() => vec![],
            _ => wanted.clone(),
        };
        let nothing = needed.is_empty()
            && (self.requirements.is_none() || now.satisfied || self.state == State::Absent);
        let forced = matches!(self.state, State::Latest | State::ForceReinstall);
        let returned = Returned::new()
            .with("name", &self.name)
            .with("requirements", &self.requirements)
            .with("version", &self.version)
            .with("state", self.state.word())
            .with("virtualenv", &self.virtualenv);
        if nothing && !(forced && self.requirements.is_some()) {
            return Ok(Plan::Keep(returned));
        }
        let (before, after) = self.sides(&needed, now);
        let change = Change {
            make: self.making(now)?,
            run: self.arguments(&needed, now)?,
            umask: self.umask.clone().unwrap_or_default(),
            directory: self.chdir.clone(),
        };
        Ok(Plan::change(change, Diff::fields("python packages", &before, &after))
            .returning(returned))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let exec = |words: &[String]| {
            let script = Exec::script(include_str!("act.sh"));
            script.arg(&change.umask).args(words).directory(change.directory.as_deref())
        };
        if !change.make.is_empty() {
            host.must("making the virtual environment", exec(&change.make)).await?;
        }
        let output = host.must("pip", exec(&change.run)).await?;
        let said = output.stdout_text();
        let different = said.contains("Successfully") || said.contains("Uninstalling");
        Ok(Returned::of_output(&output).with("changed", different))
    }
}

impl Args {
    /// The packages with their version.
    fn wanted(&self) -> Result<Vec<String>, Failure> {
        let mut wanted: Vec<String> = self.name.iter().map(|name| name.trim().to_owned()).collect();
        if let Some(version) = &self.version {
            let [only] = &mut wanted[..] else {
                return Err(Failure::new("`version` is that of one package; `name` has several")
                    .help("write the version of each in `name`: name==1.0"));
            };
            only.push_str("==");
            only.push_str(version);
        }
        match wanted.iter().find(|word| word.starts_with('-') || word.is_empty()) {
            Some(word) => Err(Failure::new(format!("`{word}` cannot be the name of a package"))),
            None => Ok(wanted),
        }
    }

    fn check_python(&self, now: &Seen) -> Result<(), Failure> {
        if !now.pip.is_empty() || (self.virtualenv.is_some() && now.python) {
            return Ok(());
        }
        let what = if now.python { "pip" } else { "Python" };
        Err(Failure::new(format!("the host has no {what}, which Python packages need"))
            .help("install python3-pip or python3-venv first; rplay itself needs neither"))
    }

    /// What makes the virtual environment; empty where it is there, or none is asked for.
    fn making(&self, now: &Seen) -> Result<Vec<String>, Failure> {
        let Some(venv) = self.virtualenv.as_ref().filter(|_| now.pip.is_empty()) else {
            return Ok(vec![]);
        };
        let python = &self.virtualenv_python;
        let usual = self.virtualenv_command == "virtualenv" && !now.virtualenv;
        let mut words = if usual {
            let python = if python.is_empty() { "python3" } else { python };
            [python, "-m", "venv"].map(str::to_owned).to_vec()
        } else {
            coerce::to_words(&self.virtualenv_command)
                .filter(|words| !words.is_empty())
                .ok_or_else(|| {
                    Failure::new("`virtualenv_command` is empty or has a quote that is not closed")
                })?
        };
        if !usual && !python.is_empty() {
            if words.iter().any(|word| word == "venv") {
                return Err(Failure::new("the module venv makes environments of its own Python")
                    .help(format!("leave out `virtualenv_python`: `{python} -m venv`")));
            }
            words.extend(["-p".to_owned(), python.clone()]);
        }
        if self.virtualenv_site_packages {
            words.push("--system-site-packages".to_owned());
        }
        words.push(venv.clone());
        Ok(words)
    }

    /// pip with its arguments.
    fn arguments(&self, needed: &[String], now: &Seen) -> Result<Vec<String>, Failure> {
        let pip = match &self.virtualenv {
            Some(venv) if now.pip.is_empty() => format!("{venv}/bin/pip"),
            _ => now.pip.clone(),
        };
        let mut args = vec![pip];
        let verb: &[&str] = match self.state {
            State::Present => &["install"],
            State::Latest => &["install", "-U"],
            State::ForceReinstall => &["install", "-U", "--force-reinstall"],
            State::Absent => &["uninstall", "-y"],
        };
        args.extend(verb.iter().map(|word| (*word).to_owned()));
        if self.break_system_packages {
            args.push("--break-system-packages".to_owned());
        }
        let more = coerce::to_words(&self.extra)
            .ok_or_else(|| Failure::new("`extra_args` has a quote that is not closed"))?;
        args.extend(more);
        if let Some(file) = &self.requirements {
            args.extend(["-r".to_owned(), file.clone()]);
        }
        for word in needed {
            if self.editable && self.state != State::Absent {
                args.push("-e".to_owned());
            }
            args.push(word.clone());
        }
        Ok(args)
    }

    fn sides(&self, needed: &[String], now: &Seen) -> (Fields, Fields) {
        let (mut before, mut after) = (Fields::new(), Fields::new());
        for word in needed {
            let name = plain(word);
            if let Some(version) = now.installed.get(&name) {
                before.insert(name.clone(), version.as_str().into());
            }
            if self.state != State::Absent {
                after.insert(name.clone(), word[name.len().min(word.len())..].into());
            }
        }
        if let Some(file) = &self.requirements {
            after.insert(file.clone(), self.state.word().into());
        }
        (before, after)
    }
}

/// The name in a requirement, as pip compares names.
fn plain(word: &str) -> String {
    let end = word.find(['=', '<', '>', '!', '~', '[', ';', ' ', '@']).unwrap_or(word.len());
    word[..end].to_lowercase().replace(['_', '.'], "-")
}

/// Whether a requirement without ranges is met by what is installed.
fn is_there(word: &str, now: &Seen) -> bool {
    let installed = now.installed.get(&plain(word));
    match word.split_once("==") {
        Some((_, version)) => installed.is_some_and(|has| has == version),
        None => installed.is_some() && !word.contains(['<', '>', '~', '!', '@', '/']),
    }
}
