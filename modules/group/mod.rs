//! `group`: see [`Args`], which is also what `rplay doc group` prints.

use serde::{Deserialize, Serialize};

use crate::sdk::{
    Arguments, Diff, Exec, Failure, Fields, Module, Observer, Operator, Plan, Presence, Probe,
    Returned, Sections,
};

/// Ensures that a group exists, with an id, or that it does not.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Name of the group.
    name: String,
    /// Whether the group must exist.
    #[arg(default)]
    state: Presence,
    /// Its id; the next free one when not given.
    gid: Option<u32>,
    /// Whether a new group is one of the system's, with a low id.
    #[arg(default)]
    system: bool,
    /// Whether the id may be that of another group too.
    #[arg(default)]
    non_unique: bool,
    /// Whether it is removed even when it is a user's first group.
    #[arg(default)]
    force: bool,
    /// The lowest id a new group may get.
    gid_min: Option<u32>,
    /// The highest id a new group may get.
    gid_max: Option<u32>,
    /// Taken for compatibility: it is always the host's own files that are changed.
    #[arg(default)]
    #[expect(dead_code, reason = "the tools used change nothing else")]
    local: bool,
}

/// A group of the host.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Its id; `None` where there is no such group.
    gid: Option<u32>,
    /// Whether the host has a tool to make groups.
    tool: bool,
}

/// What is done with the group.
#[derive(Debug, Serialize)]
pub struct Change {
    verb: &'static str,
    name: String,
    options: Vec<String>,
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        self.check()?;
        let output = host.probe(Probe(include_str!("probe.sh")), [&self.name]).await?;
        let parts = Sections::parse(&output);
        if !parts.has("tool") {
            return Err(Failure::of_program("looking for the group", &output));
        }
        let tool = !parts.word("tool").is_empty();
        Ok(State { gid: gid_of(parts.get("group")), tool })
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        self.check()?;
        let present = self.state == Presence::Present;
        let (verb, options) = match now.gid {
            None if present => ("create", self.to_create()),
            Some(gid) if present && self.gid.is_some_and(|wanted| wanted != gid) => {
                ("modify", self.id())
            }
            Some(_) if !present => {
                ("remove", self.force.then(|| "-f".to_owned()).into_iter().collect())
            }
            _ => return Ok(Plan::Keep(self.returned(now.gid))),
        };
        if !now.tool {
            return Err(Failure::new("the host has neither `groupadd` nor `addgroup`"));
        }
        let change = Change { verb, name: self.name.clone(), options };
        let diff = Diff::fields(
            format!("group {}", self.name),
            &now.gid.map(|gid| side(gid.into())),
            &present.then(|| side(self.gid.map_or_else(|| "next free".into(), Into::into))),
        );
        Ok(Plan::change(change, diff).returning(self.returned(self.gid.or(now.gid))))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let exec = Exec::script(include_str!("act.sh"))
            .args([change.verb, &change.name])
            .args(&change.options);
        let doing = match change.verb {
            "create" => "creating the group",
            "modify" => "altering the group",
            _ => "removing the group",
        };
        let output = host.must(doing, exec).await?;
        let mut returned = Returned::new();
        if let Some(gid) = gid_of(&output.stdout_text()).filter(|_| change.verb != "remove") {
            returned.set("gid", gid);
        }
        Ok(returned)
    }
}

impl Args {
    fn check(&self) -> Result<(), Failure> {
        let wrong = |c: char| c == ':' || c == ',' || c.is_whitespace() || c.is_control();
        if self.name.is_empty() || self.name.starts_with('-') || self.name.contains(wrong) {
            return Err(Failure::new(format!("`{}` cannot be the name of a group", self.name)));
        }
        Ok(())
    }

    fn id(&self) -> Vec<String> {
        let id = self.gid.iter().flat_map(|gid| ["-g".to_owned(), gid.to_string()]);
        id.chain(self.non_unique.then(|| "-o".to_owned())).collect()
    }

    fn to_create(&self) -> Vec<String> {
        let mut options = self.id();
        if self.system {
            options.push("-r".to_owned());
        }
        for (name, bound) in [("GID_MIN", self.gid_min), ("GID_MAX", self.gid_max)] {
            if let Some(bound) = bound {
                options.extend(["-K".to_owned(), format!("{name}={bound}")]);
            }
        }
        options
    }

    fn returned(&self, gid: Option<u32>) -> Returned {
        let state = if self.state == Presence::Present { "present" } else { "absent" };
        let mut returned = Returned::new().with("name", &self.name).with("state", state);
        if let Some(gid) = gid.filter(|_| self.state == Presence::Present) {
            returned.set("gid", gid);
            returned.set("system", self.system);
        }
        returned
    }
}

fn side(gid: crate::sdk::Value) -> Fields {
    [("gid".to_owned(), gid)].into_iter().collect()
}

/// The id in a line `name:x:gid:members`.
fn gid_of(line: &str) -> Option<u32> {
    line.trim().split(':').nth(2)?.parse().ok()
}
