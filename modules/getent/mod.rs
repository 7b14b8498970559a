//! `getent`: see [`Args`], which is also what `rplay doc getent` prints.

use serde::{Deserialize, Serialize};

use crate::sdk::{
    Arguments, Failure, Fields, Module, Observer, Operator, Plan, Probe, Returned, Value,
};

/// Reads a database of the host's name service: `passwd`, `group`, `hosts`, `services` and the
/// like; changes nothing.
///
/// The entries become the fact `getent_<database>`: a mapping from the first field of each to a
/// list of the others. Entries with the same first field become a list of such lists.
#[derive(Debug, Arguments)]
pub struct Args {
    /// The database, as `getent` of the host names it.
    database: String,
    /// The entry; all of them when not given, as far as the database lists them.
    key: Option<String>,
    /// The service that is asked instead of those in `nsswitch.conf`, such as `files`.
    service: Option<String>,
    /// What separates the fields of an entry: a colon for `passwd`, `shadow`, `group` and
    /// `gshadow`, blanks for others.
    split: Option<String>,
    /// Whether it is a failure when the entry is not there; else its value is null.
    #[arg(default = true)]
    fail_key: bool,
}

/// What `getent` answered.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    #[serde(default)]
    status: i32,
    #[serde(default)]
    entries: String,
    #[serde(default)]
    said: String,
}

impl Module for Args {
    type State = Answer;
    type Change = ();

    async fn observe(&self, host: &Observer<'_>) -> Result<Answer, Failure> {
        let service = self.service.iter().flat_map(|service| ["-s", service]);
        let words = service.chain([self.database.as_str()]).chain(self.key.as_deref());
        let output = host.probe(Probe("getent \"$@\""), words).await?;
        if output.left_out > 0 {
            return Err(Failure::new(format!("the database {} is too long", self.database)));
        }
        Ok(Answer {
            status: output.status,
            entries: output.stdout_text().into_owned(),
            said: output.stderr_text().trim().to_owned(),
        })
    }

    fn plan(&self, now: &Answer) -> Result<Plan<()>, Failure> {
        let message = match (now.status, &self.key) {
            (0, _) => return Ok(self.known(self.entries(&now.entries)?)),
            (2, Some(key)) if !self.fail_key => {
                let entries = Fields::from_iter([(key.clone(), Value::Null)]);
                return Ok(self.known(entries).returning(Returned::new().with("msg", MISSING)));
            }
            (1, _) => "Missing arguments, or database unknown.",
            (2, _) => MISSING,
            (3, _) => "Enumeration not supported on this database.",
            (127, _) => "the host has no program `getent`",
            _ => "Unexpected failure!",
        };
        let failure = Failure::new(message);
        Err(if now.said.is_empty() { failure } else { failure.help(now.said.clone()) })
    }

    async fn apply((): (), _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}

const MISSING: &str = "One or more supplied key could not be found in the database.";

impl Args {
    fn known(&self, entries: Fields) -> Plan<()> {
        let facts = Fields::from_iter([(format!("getent_{}", self.database), entries.into())]);
        Plan::Keep(Returned::new().with("ansible_facts", facts))
    }

    fn entries(&self, text: &str) -> Result<Fields, Failure> {
        const COLONS: [&str; 4] = ["passwd", "shadow", "group", "gshadow"];
        let split = match self.split.as_deref() {
            Some("") => return Err(Failure::new("`split` must not be empty")),
            None if COLONS.contains(&self.database.as_str()) => Some(":"),
            split => split,
        };
        // The first of several stands alone until the second comes.
        let mut entries: Fields = Fields::new();
        let mut several: Vec<String> = vec![];
        for line in text.lines() {
            let mut fields: Box<dyn Iterator<Item = &str>> = match split {
                Some(separator) => Box::new(line.split(separator)),
                None => Box::new(line.split_whitespace()),
            };
            let Some(name) = fields.next() else { continue };
            let rest: Value = fields.map(Value::from).collect();
            match entries.get_mut(name) {
                None => {
                    entries.insert(name.to_owned(), rest);
                }
                Some(Value::Array(all)) if several.iter().any(|known| known == name) => {
                    all.push(rest);
                }
                Some(one) => {
                    *one = Value::Array(vec![one.take(), rest]);
                    several.push(name.to_owned());
                }
            }
        }
        Ok(entries)
    }
}
