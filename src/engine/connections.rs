//! Which way leads to a host, and the connections that are open.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::keywords::Reading;
use super::login::BECOME_PASSWORD;
use super::options::ConnectionDefaults;
use super::run::Run;
use super::scope::HostScope;
use super::ssh_arguments;
use super::step::Step;
use super::work::template;
use crate::base::{Diagnostic, Secret, Span};
use crate::inventory::is_localhost;
use crate::remote::{
    Connection, HostKeyChecking, LocalConnection, SshConfig, SshConnection, SshOptions, SshPool,
};
use crate::sdk::{Failure, Host};
use crate::value::{Data, Node, Scope, Value, Variable, coerce};

/// The variables that hold the login user's password, the first that is set.
const PASSWORD: [&str; 3] = ["ansible_ssh_password", "ansible_ssh_pass", "ansible_password"];
/// Those that hold the private key's passphrase.
const PASSPHRASE: [&str; 2] =
    ["ansible_ssh_private_key_passphrase", "ansible_private_key_passphrase"];
/// The connections that are open, by the host, port and user they lead to.
#[derive(Default)]
pub(super) struct Connections {
    open: Mutex<HashMap<String, Vec<Open>>>,
    pool: SshPool,
    /// The user's `~/.ssh/config`, read when a host is first reached by SSH.
    config: OnceLock<Result<SshConfig, String>>,
    /// The files that `-F` names instead of it.
    named: Mutex<HashMap<PathBuf, Arc<Result<SshConfig, String>>>>,
}

/// A way and the connection that was made of it.
type Open = (Way, Arc<dyn Connection>);

impl Connections {
    fn get(&self, way: Way) -> Arc<dyn Connection> {
        let key = match &way {
            Way::Local => String::new(),
            Way::Ssh(options) => format!("{}@{}:{}", options.user, options.host, options.port),
        };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let ways = open.entry(key).or_default();
        if let Some((_, connection)) = ways.iter().find(|(known, _)| *known == way) {
            return Arc::clone(connection);
        }
        let connection: Arc<dyn Connection> = match &way {
            Way::Local => Arc::new(LocalConnection::new()),
            Way::Ssh(options) => {
                Arc::new(SshConnection::new(options.as_ref().clone(), self.pool.clone()))
            }
        };
        ways.push((way, Arc::clone(&connection)));
        connection
    }

    /// How a host is reached where nothing but `~/.ssh/config` says so.
    fn options(&self, host: &str, file: Option<PathBuf>) -> Result<SshOptions, Diagnostic> {
        let named = file.map(|file| self.named(file));
        let config = match &named {
            Some(config) => config,
            None => self.config.get_or_init(SshConfig::load),
        };
        config
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|config| config.options(host))
            .map_err(|reason| Diagnostic::plain("ssh-config", reason))
    }

    fn named(&self, file: PathBuf) -> Arc<Result<SshConfig, String>> {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        let config = named.entry(file).or_insert_with_key(|file| Arc::new(read_config(file)));
        Arc::clone(config)
    }

    /// Ends every connection; the next use of a host connects anew.
    pub(super) async fn close_all(&self) {
        let open: Vec<Arc<dyn Connection>> = {
            let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.values().flatten().map(|(_, connection)| Arc::clone(connection)).collect()
        };
        for connection in open {
            // A connection that cannot be ended well is gone all the same.
            let _ = connection.close().await;
        }
    }
}

/// The file that `-F` names; `none` stands for nothing at all.
fn read_config(file: &Path) -> Result<SshConfig, String> {
    if file == Path::new("none") {
        return Ok(SshConfig::default());
    }
    if !file.exists() {
        return Err(format!("there is no file {}, which `-F` names", file.display()));
    }
    SshConfig::read(&[file.to_owned()])
}

/// A way to a host.
#[derive(Clone, PartialEq, Eq)]
enum Way {
    Local,
    Ssh(Box<SshOptions>),
}

impl Run {
    /// A host as a task reaches it: as the task's own host, or another one it works on.
    pub(super) fn reach(
        self: &Arc<Self>,
        target: &str,
        step: &Step,
        scope: &HostScope,
        other: bool,
    ) -> Result<Host, Failure> {
        // How another host is reached is its own variables' matter, not this one's, with those that
        // the play and the task have for all.
        let way_scope = if other { scope.on(target) } else { scope.clone() }.shared();
        let task_scope = scope.clone().shared();
        let keywords = step.reading(&task_scope);
        let variables = Variables { run: self, scope: &way_scope };
        let way = self.way(target, &keywords, &variables).map_err(template)?;
        let login = self.login(&keywords, &variables).map_err(template)?;
        let controller = super::controller::TaskController::new(step, scope);
        Ok(Host {
            connection: self.connections.get(way),
            login,
            environment: vec![],
            timeout: None,
            job: None,
            controller: Arc::new(controller),
            redactor: self.redactor.clone(),
            engines: self.engines.clone(),
        })
    }

    fn way(
        &self,
        target: &str,
        keywords: &Reading<'_>,
        variables: &Variables<'_>,
    ) -> Result<Way, Diagnostic> {
        let defaults = &self.options.connection;
        let kind = match variables.text(&["ansible_connection"])? {
            Some(kind) => kind,
            None => keywords.text("connection")?.unwrap_or_else(|| self.usual_connection(target)),
        };
        match kind.rsplit('.').next().unwrap_or_default() {
            "local" => Ok(Way::Local),
            "ssh" | "smart" | "paramiko" | "paramiko_ssh" => self
                .ssh(target, keywords, variables, defaults)
                .map(|options| Way::Ssh(Box::new(options))),
            other => Err(Diagnostic::plain(
                "connection",
                format!("connection `{other}` is not known here"),
            )
            .help("use `ssh` or `local`")),
        }
    }

    fn ssh(
        &self,
        target: &str,
        keywords: &Reading<'_>,
        variables: &Variables<'_>,
        defaults: &ConnectionDefaults,
    ) -> Result<SshOptions, Diagnostic> {
        let address = variables.text(&["ansible_ssh_host", "ansible_host"])?;
        let arguments = ssh_texts(variables, defaults)?;
        let file = ssh_arguments::config_file(&arguments)?.map(|file| expand_home(&file));
        let mut options = self.connections.options(address.as_deref().unwrap_or(target), file)?;
        let port = match variables.int(&["ansible_ssh_port", "ansible_port"])? {
            Some(port) => Some(port_of(port)?),
            None => match keywords.int("port")? {
                Some(port) => Some(port_of(port)?),
                None => defaults.port,
            },
        };
        options.port = port.unwrap_or(options.port);
        let user = match variables.text(&["ansible_ssh_user", "ansible_user"])? {
            Some(user) => Some(user),
            None => keywords.text("remote_user")?.or_else(|| defaults.user.clone()),
        };
        options.user = user.unwrap_or(options.user);
        options.password = self.secret(variables, &PASSWORD, defaults.password.as_ref())?;
        let key = variables.text(&["ansible_ssh_private_key_file", "ansible_private_key_file"])?;
        let key = key.map(|key| expand_home(&key)).or_else(|| defaults.private_key.clone());
        options.identity_files.extend(key);
        options.passphrase = self.secret(variables, &PASSPHRASE, None)?;
        let timeout = variables.int(&["ansible_ssh_timeout", "ansible_timeout"])?;
        if let Some(timeout) = timeout
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map(Duration::from_secs)
            .or(defaults.timeout)
        {
            options.connect_timeout = timeout;
        }
        for text in &arguments {
            ssh_arguments::apply(text, &mut options)?;
        }
        host_keys(&mut options, variables, defaults)?;
        Ok(options)
    }

    /// Teaches the redactor the passwords that a host's variables hold, before a task can show them.
    ///
    /// One that cannot be rendered yet is learnt when it is used.
    pub(super) fn learn_passwords(self: &Arc<Self>, host: &str) {
        let scope = HostScope::of_host(self, host).shared();
        let variables = Variables { run: self, scope: &scope };
        for names in [&PASSWORD[..], &BECOME_PASSWORD, &PASSPHRASE] {
            for name in names {
                let _ = self.secret(&variables, &[name], None);
            }
        }
    }

    /// A password out of variables; the redactor learns it.
    pub(super) fn secret(
        &self,
        variables: &Variables<'_>,
        names: &[&str],
        default: Option<&Secret>,
    ) -> Result<Option<Secret>, Diagnostic> {
        match variables.text(names)? {
            Some(text) => {
                self.redactor.add(&text);
                Ok(Some(Secret::new(text)))
            }
            None => Ok(default.cloned()),
        }
    }

    /// The kind of connection to a host of which nothing else is said.
    pub(super) fn usual_connection(&self, host: &str) -> String {
        match &self.options.connection.kind {
            Some(kind) => kind.clone(),
            // The machine itself, where the inventory does not say otherwise.
            None if is_localhost(host) && !self.in_inventory(host) => "local".to_owned(),
            None => "ssh".to_owned(),
        }
    }

    fn in_inventory(&self, host: &str) -> bool {
        self.read_inventory(|inventory| inventory.host(host).is_some_and(|host| !host.implicit))
    }
}

/// The options for the `ssh` program: variables go before what the command line and the settings say.
fn ssh_texts(
    variables: &Variables<'_>,
    defaults: &ConnectionDefaults,
) -> Result<Vec<String>, Diagnostic> {
    let sources = [
        ("ansible_ssh_args", &defaults.ssh_args),
        ("ansible_ssh_common_args", &defaults.ssh_common_args),
        ("ansible_ssh_extra_args", &defaults.ssh_extra_args),
    ];
    let mut texts = vec![];
    for (name, default) in sources {
        texts.extend(variables.text(&[name])?.or_else(|| default.clone()));
    }
    Ok(texts)
}

/// Variables that decide how a host is reached.
pub(super) struct Variables<'a> {
    run: &'a Run,
    scope: &'a Arc<dyn Scope>,
}

impl Variables<'_> {
    /// The first of the names that is set, rendered.
    pub(super) fn value(&self, names: &[&str]) -> Result<Option<Value>, Diagnostic> {
        for name in names {
            match self.scope.lookup(name) {
                Some(Variable::Known(value)) => return Ok(Some(value.as_ref().clone())),
                Some(Variable::Written(node)) => {
                    return self.run.templar.evaluate(&node, self.scope);
                }
                _ => {}
            }
        }
        Ok(None)
    }

    pub(super) fn text(&self, names: &[&str]) -> Result<Option<String>, Diagnostic> {
        let value = self.value(names)?.filter(|value| !value.is_null());
        Ok(value.map(|value| coerce::to_text(&value)).filter(|text| !text.is_empty()))
    }

    pub(super) fn int(&self, names: &[&str]) -> Result<Option<i64>, Diagnostic> {
        Ok(self.value(names)?.and_then(|value| coerce::to_int(&value)))
    }

    pub(super) fn flag(&self, names: &[&str]) -> Result<Option<bool>, Diagnostic> {
        Ok(self.value(names)?.and_then(|value| coerce::to_bool(&value)))
    }
}

/// Which host keys are taken: what variables say, else the command line, else the arguments.
fn host_keys(
    options: &mut SshOptions,
    variables: &Variables<'_>,
    defaults: &ConnectionDefaults,
) -> Result<(), Diagnostic> {
    if let Some(file) = variables.text(&["rplay_known_hosts"])? {
        options.known_hosts = vec![expand_home(&file)];
    } else if !defaults.known_hosts.is_empty() {
        options.known_hosts.clone_from(&defaults.known_hosts);
    }
    let checked = variables
        .flag(&["ansible_ssh_host_key_checking", "ansible_host_key_checking"])?
        .or(defaults.insecure_host_keys.then_some(false));
    match checked {
        Some(false) => options.host_key_checking = HostKeyChecking::Off,
        _ if defaults.accept_new_host_keys => {
            options.host_key_checking = HostKeyChecking::AcceptNew;
        }
        _ => {}
    }
    Ok(())
}

fn port_of(number: i64) -> Result<u16, Diagnostic> {
    u16::try_from(number).ok().filter(|port| *port > 0).ok_or_else(|| {
        Diagnostic::plain("port", format!("a port lies between 1 and 65535, this is {number}"))
    })
}

/// A path with `~` for the user's home.
pub(super) fn expand_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}

/// A name as a template that looks it up.
pub(super) fn reference(name: &str, at: Span) -> Node {
    Node { data: Data::Text(format!("{{{{ {name} }}}}")), span: at }
}
