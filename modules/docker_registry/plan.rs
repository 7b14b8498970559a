//! Decides what to do about a registry.

use serde_json::json;

use super::change::{Change, Draft, Entry, Source, Step};
use super::server::Server;
use super::state::State;
use super::{Args, Https, files, users};
use crate::sdk::docker::ImageName;
use crate::sdk::tls::Certificate;
use crate::sdk::{Failure, Plan, Presence, Returned, Value};

/// How long before its end a certificate is renewed: 30 days, in seconds.
const BEFOREHAND: u64 = 30 * 24 * 60 * 60;

impl Args {
    pub(super) fn decide(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if !self.name.starts_with(|c: char| c.is_ascii_alphanumeric())
            || !self.name.chars().all(plain)
        {
            return Err(Failure::new(format!("`name`: `{}` is no name of a container", self.name)));
        }
        users::check(&self.users)?;
        let mut draft = Draft::default();
        if self.state == Presence::Absent {
            self.plan_absence(now, &mut draft);
            return Ok(draft.plan(self, Returned::new()));
        }
        if now.serves() {
            self.plan_server(now, &mut draft)?;
        }
        self.plan_trust(now, &mut draft);
        if now.serves()
            && !draft.steps.is_empty()
            && let Some(name) = now.names.first()
        {
            draft.steps.push(Step::Wait(self.address(name)));
        }
        let addresses: Vec<String> = now.names.iter().map(|name| self.address(name)).collect();
        let registry = json!({"address": addresses.first(), "addresses": addresses});
        Ok(draft.plan(self, Returned::new().with("registry", registry)))
    }

    fn plan_server(&self, now: &State, draft: &mut Draft) -> Result<(), Failure> {
        let pull = now.image.pull(&ImageName::parse(&self.image), self.pull, None);
        if pull.is_none() && now.image.local.is_none() {
            return Err(Failure::new(format!("the image {} is not on the host", self.image))
                .help("set `pull: missing`, or load it first"));
        }
        if let Some(pull) = pull {
            draft.show("image", now.image.id(), &self.image);
            draft.steps.push(Step::Pull(pull));
        }
        let certified = self.plan_certificate(now, draft);
        self.plan_users(now, draft);
        let server = Server::wanted(self);
        let Some(container) = &now.container else {
            draft.show("container", (), &server);
            draft.steps.push(Step::Run { server: Box::new(server), replaces: None });
            return Ok(());
        };
        let differences = server.differences(now, container);
        let pulled = draft.steps.iter().any(|step| matches!(step, Step::Pull(_)));
        if !differences.is_empty() || pulled {
            for name in differences.names() {
                let (before, after) = differences.sides(name);
                draft.show(&format!("container.{name}"), before, after);
            }
            let replaces = container["Id"].as_str().map(str::to_owned);
            draft.steps.push(Step::Run { server: Box::new(server), replaces });
        } else if container["State"]["Running"] != true {
            draft.show("running", false, true);
            draft.steps.push(Step::Start);
        } else if certified {
            draft.steps.push(Step::Restart);
        }
        Ok(())
    }

    /// Decides about the certificate that is served; tells whether it will be another one.
    fn plan_certificate(&self, now: &State, draft: &mut Draft) -> bool {
        let served = Certificate::read(now.served.get("certificate"));
        let before = served.as_ref().map(|certificate| &certificate.names);
        match self.https() {
            Https::None => false,
            Https::Given => {
                let Some(given) = &now.given else { return false };
                let same = now.served.get("certificate") == given.certificate
                    && now.served.word(files::KEY) == given.key_sha256;
                if !same {
                    let names = Certificate::read(&given.certificate).map(|given| given.names);
                    draft.show("certificate", before, names);
                    let (certificate, key) = (given.certificate.clone(), given.key.clone());
                    draft.steps.push(Step::Put { certificate, key });
                }
                !same
            }
            Https::Generated => {
                let authority = authority(now);
                if authority.is_none() {
                    draft.show("authority", (), "new");
                    draft.steps.push(Step::MakeAuthority {
                        name: files::authority_name(&self.name, &now.server),
                    });
                }
                let mut names = now.names.clone();
                names.sort();
                let good = served.as_ref().zip(authority.as_ref()).is_some_and(
                    |(certificate, authority)| {
                        certificate.names == names
                            && certificate.is_signed_by(authority)
                            && certificate.ends > now.clock + BEFOREHAND
                            && now.served.has(files::KEY)
                    },
                );
                if !good {
                    let before = served.as_ref().map(|now| json!({"names": now.names}));
                    let after = json!({"names": names, "good_for": format!("{} days", self.certificate_days)});
                    draft.show("certificate", before, after);
                    draft.steps.push(Step::Issue { names, days: self.certificate_days });
                }
                !good
            }
        }
    }

    fn plan_users(&self, now: &State, draft: &mut Draft) {
        if self.users.is_empty() {
            return;
        }
        let lines: Vec<&str> = now.served.get("users").lines().collect();
        let mut entries = vec![];
        let (mut before, mut after) = (json!({}), json!({}));
        for line in &lines {
            let name = line.split(':').next().unwrap_or_default();
            if !self.users.iter().any(|user| user.name == name) {
                before[name] = "present".into();
            }
        }
        for user in &self.users {
            if let Some(line) = lines.iter().find(|line| user.is(line)) {
                entries.push(Entry::Keep((*line).to_owned()));
                continue;
            }
            let had = lines.iter().any(|line| line.split(':').next() == Some(&user.name));
            if had {
                before[&user.name] = "present".into();
            }
            let new = if had { "present, with another password" } else { "present" };
            after[&user.name] = new.into();
            entries.push(Entry::Make(user.clone()));
        }
        if before != after {
            draft.show("users", before, after);
            draft.steps.push(Step::Users(entries));
        }
    }

    /// Decides about what the host trusts.
    fn plan_trust(&self, now: &State, draft: &mut Draft) {
        let paths = now.names.iter().map(|name| files::trust(&self.address(name)));
        let (known, source) = match self.https() {
            Https::None => return,
            Https::Given => {
                let Some(pem) = now.given.as_ref().and_then(|given| given.authority.as_ref())
                else {
                    return;
                };
                (Some(pem.clone()), Source::Given(pem.clone()))
            }
            Https::Generated => {
                let pem =
                    Some(now.served.get("authority").to_owned()).filter(|pem| !pem.is_empty());
                if authority(now).is_some() {
                    (pem.clone(), Source::Given(pem.unwrap_or_default()))
                } else {
                    (None, Source::Server { host: now.server.clone(), other_than: pem })
                }
            }
        };
        let trusts = |path: &String| known.is_some() && now.trusted.get(path) == known.as_ref();
        let paths: Vec<String> = paths.filter(|path| !trusts(path)).collect();
        if paths.is_empty() {
            return;
        }
        for path in &paths {
            let before = now.trusted.get(path).map(|_| "another authority");
            draft.show(path, before, "the authority of the registry");
        }
        draft.steps.push(Step::Trust { paths, authority: source });
    }

    fn plan_absence(&self, now: &State, draft: &mut Draft) {
        if let Some(container) = &now.container {
            let status = container["State"]["Status"].as_str().unwrap_or("present");
            draft.show("container", status, "absent");
            draft.steps.push(Step::Remove);
        }
        let paths: Vec<String> = now.trusted.keys().cloned().collect();
        if !paths.is_empty() {
            for path in &paths {
                draft.show(path, "the authority of the registry", Value::Null);
            }
            draft.steps.push(Step::Distrust(paths));
        }
        if self.keep_data || !now.serves() {
            return;
        }
        let storage = self.storage();
        if storage.starts_with('/') && now.served.has("images") {
            draft.show("images", &storage, "absent");
            draft.steps.push(Step::RemoveImages(storage));
        } else if now.volume {
            draft.show("images", &storage, "absent");
            draft.steps.push(Step::RemoveVolume(storage));
        }
        if now.served.has("folder") {
            draft.show("folder", self.folder(), "absent");
            draft.steps.push(Step::RemoveFolder);
        }
    }
}

/// The authority that the server has, where it is to stay.
fn authority(now: &State) -> Option<Certificate> {
    let authority = Certificate::read(now.served.get("authority"))?;
    let stays = authority.ends > now.clock + BEFOREHAND && now.served.has(files::AUTHORITY_KEY);
    stays.then_some(authority)
}
