//! `docker_container_copy_into`: see [`Args`], which is also what
//! `rplay doc docker_container_copy_into` prints.

mod options;

use serde::{Deserialize, Serialize};
use serde_json::json;

use options::ModeParse;

use crate::sdk::docker::{
    ContainerFile, ContainerFileKind, Differences, DockerOptions, container_path,
};
use crate::sdk::file::{Content, FileKind, Look, Seen};
use crate::sdk::{
    Arguments, Diff, Failure, Module, Observer, Operator, Plan, Returned, Rule, Value,
};

const RULES: &[Rule] = &[
    Rule::Exclusive(&["path", "content"]),
    Rule::OneOf(&["path", "content"]),
    Rule::Together(&["owner_id", "group_id"]),
    Rule::By("content", &["mode"]),
];

/// Ensures that a container has a file, with content, owner, group and permissions.
///
/// The container need not run. The directory that the file lies in must be there. The file goes
/// through this machine, and may have 16 MiB. Without `owner_id` and `group_id` it belongs to the
/// user whom the container's commands run as.
///
/// Returns `container_path`; `diff` holds both contents, and what else differs is shown besides.
#[derive(Debug, Arguments)]
#[arguments(rules = RULES)]
pub struct Args {
    /// Name of the container or its id.
    container: String,
    /// File on the host.
    path: Option<String>,
    /// The content itself; needs `mode`.
    content: Option<String>,
    /// Whether `content` is in base64, for what is not text.
    #[arg(default)]
    content_is_b64: bool,
    /// Where it goes to in the container.
    container_path: String,
    /// Whether a link in the container at that path is followed.
    #[arg(default)]
    follow: bool,
    /// Whether a link on the host at `path` is followed; else the link itself is copied.
    #[arg(default = true)]
    local_follow: bool,
    /// The number of its owner.
    owner_id: Option<u64>,
    /// The number of its group.
    group_id: Option<u64>,
    /// Its permissions; those of the host's file when not given.
    mode: Option<Value>,
    /// How `mode` is read.
    #[arg(default)]
    mode_parse: ModeParse,
    /// `true` writes it although it is as it must be; `false` only where nothing is. When not
    /// given, it takes the place of whatever is there, even of a directory with all that is in it.
    force: Option<bool>,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// What there is in the container and on the host.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The path in the container, links followed as far as they are to be.
    path: String,
    /// What is there.
    file: Option<ContainerFile>,
    /// The user and group of the container's commands; null where there is no container.
    user: Option<(u64, u64)>,
    /// The host's file.
    source: Option<Seen>,
}

/// A file to be put into a container.
#[derive(Debug, Serialize)]
pub struct Change {
    container: String,
    path: String,
    file: ContainerFile,
    replace: bool,
    #[serde(skip)]
    docker: DockerOptions,
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let mut state = State { path: container_path(&self.container_path), ..State::default() };
        if let Some(path) = &self.path {
            let look = Look::at(path).content(ContainerFile::LONGEST).follow(self.local_follow);
            state.source = Some(look.see(host).await?);
        }
        let docker = host.docker(&self.docker)?;
        let found = docker.container(&self.container).await?;
        // An earlier task may be about to make the container.
        let Some(container) = found else { return Ok(state) };
        state.user = Some(match self.owner_id.zip(self.group_id) {
            Some(ids) => ids,
            None => docker.user_of(&container).await?,
        });
        (state.path, state.file) =
            docker.file_in(&self.container, &state.path, self.follow).await?;
        Ok(state)
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let path = if now.path.is_empty() {
            container_path(&self.container_path)
        } else {
            now.path.clone()
        };
        let mut returned = Returned::new().with("container_path", &path);
        let wanted = self.wanted(now, &mut returned)?;
        let force = self.force == Some(true);
        if let Some(file) = &now.file {
            if self.force == Some(false) {
                return Ok(Plan::Keep(returned.registers(registered(
                    [&path; 2],
                    Some(file),
                    file,
                ))));
            }
            if !force && same(file, &wanted) {
                let diff = registered([&path, self.origin()], Some(file), &wanted);
                return Ok(Plan::Keep(returned.registers(diff)));
            }
        }
        let returned =
            returned.registers(registered([&path, self.origin()], now.file.as_ref(), &wanted));
        let diffs = self.diffs(&path, now.file.as_ref(), &wanted);
        let change = Change {
            container: self.container.clone(),
            path,
            replace: force || now.file.as_ref().is_some_and(ContainerFile::is_directory),
            file: wanted,
            docker: self.docker.clone(),
        };
        Ok(Plan::Change { change, diffs, returned })
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let Change { container, path, file, replace, docker } = change;
        host.docker(&docker)?.put_in(&container, &path, &file, replace).await?;
        Ok(Returned::new())
    }
}

impl Args {
    /// The file as it must be.
    fn wanted(&self, now: &State, returned: &mut Returned) -> Result<ContainerFile, Failure> {
        let given = self.mode.as_ref().map(|mode| self.mode_parse.read(mode)).transpose()?;
        if let Some((_, Some(warning))) = &given {
            returned.set("warnings", [warning]);
        }
        let given = given.map(|(mode, _)| mode);
        let (kind, own) = self.source(now)?;
        let ids = self.owner_id.zip(self.group_id).or(now.user);
        let (uid, gid) = ids.unwrap_or_default();
        Ok(ContainerFile { kind, mode: given.or(own).unwrap_or_default(), uid, gid })
    }

    /// Where the content comes from, as diffs name it.
    fn origin(&self) -> &str {
        self.path.as_deref().unwrap_or("dynamically generated")
    }

    /// What is copied, and the permissions that it has on the host.
    fn source(&self, now: &State) -> Result<(ContainerFileKind, Option<u32>), Failure> {
        let Some(seen) = &now.source else {
            let bytes =
                options::content(self.content.as_deref().unwrap_or_default(), self.content_is_b64)?;
            return Ok((ContainerFileKind::Content(Content(bytes)), None));
        };
        let path = &seen.path;
        if let (Some(link), false) = (&seen.link, self.local_follow) {
            return Ok((ContainerFileKind::Link(link.target.clone()), Some(0o777)));
        }
        let Some(stat) = seen.followed() else {
            return Err(Failure::new(format!("Cannot find local file {path}")));
        };
        let mode = Some(stat.mode.bits());
        match (&stat.kind, &seen.content) {
            (FileKind::File, Some(content)) => {
                Ok((ContainerFileKind::Content(content.clone()), mode))
            }
            (FileKind::File, None) if stat.size > ContainerFile::LONGEST as u64 => {
                Err(Failure::new(format!(
                    "{path} has {} bytes; at most {} go into a container",
                    stat.size,
                    ContainerFile::LONGEST
                ))
                .help("a volume, or `docker cp` by the module `command`, takes more"))
            }
            (FileKind::File, None) => Err(Failure::new(format!("{path} cannot be read"))
                .help("`become: true` reads it as root")),
            _ => Err(Failure::new(format!("Local path {path} is not a symbolic link or file"))),
        }
    }

    fn diffs(&self, path: &str, now: Option<&ContainerFile>, wanted: &ContainerFile) -> Vec<Diff> {
        use crate::sdk::Side;
        let subject = format!("{path} in container {}", self.container);
        let mut diffs = vec![];
        if now.is_none_or(|now| now.kind != wanted.kind) {
            let before = now.map_or(Side::Absent, ContainerFile::side);
            diffs.push(Diff { subject: subject.clone(), before, after: wanted.side() });
        }
        let Some(now) = now else { return diffs };
        let mut differences = Differences::default();
        let octal = |file: &ContainerFile| format!("{:04o}", file.mode);
        if has_owner(now) {
            differences.compare("mode", &octal(now), &octal(wanted));
            differences.compare("owner_id", &now.uid, &wanted.uid);
            differences.compare("group_id", &now.gid, &wanted.gid);
        }
        if differences.is_empty() && diffs.is_empty() {
            differences.add("force", false, true);
        }
        if !differences.is_empty() {
            diffs.push(differences.diff(subject));
        }
        diffs
    }
}

/// The contents on both sides, as diff mode registers them; what they belong to are `headers`.
fn registered(headers: [&str; 2], before: Option<&ContainerFile>, after: &ContainerFile) -> Value {
    let mut diff = json!({"before_header": headers[0], "after_header": headers[1]});
    let path = headers[0];
    for (side, binary, file) in
        [("before", "dst_binary", before), ("after", "src_binary", Some(after))]
    {
        match file.map(|file| file.shown(path)) {
            None => diff[side] = "".into(),
            Some(Some(text)) => diff[side] = text.into(),
            Some(None) => diff[binary] = 1.into(),
        }
    }
    diff
}

/// Whether all that the Engine tells of it is known.
fn has_owner(file: &ContainerFile) -> bool {
    matches!(file.kind, ContainerFileKind::Content(_) | ContainerFileKind::Link(_))
}

/// Whether it is as it must be; a link's own permissions mean nothing.
fn same(now: &ContainerFile, wanted: &ContainerFile) -> bool {
    let is_link = matches!(wanted.kind, ContainerFileKind::Link(_));
    now.kind == wanted.kind
        && (now.uid, now.gid) == (wanted.uid, wanted.gid)
        && (is_link || now.mode == wanted.mode)
}
