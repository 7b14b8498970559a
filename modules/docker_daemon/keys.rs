//! What dockerd can be configured with.

use crate::sdk::{Failure, Value, did_you_mean};

/// The type of an option in `daemon.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// Text.
    Text,
    /// A list of text.
    List,
    /// A mapping of text to text.
    Map,
    /// Anything that only the file can hold, or that flags write in their own way.
    Any,
}

/// One option of dockerd. Versions are the first two numbers of the Engine's.
#[derive(Debug)]
pub(super) struct Key {
    /// Its name in `daemon.json`.
    pub(super) name: &'static str,
    /// Its flag without the hyphens; the name where it is not another word, nothing where there
    /// is none.
    flag: Option<&'static str>,
    /// Its type.
    pub(super) kind: Kind,
    /// Whether dockerd takes it over from the file without a restart.
    pub(super) reloads: bool,
    /// The first version that has it.
    since: Option<(u32, u32)>,
    /// The first version that has it no more.
    until: Option<(u32, u32)>,
}

const fn key(name: &'static str, kind: Kind) -> Key {
    Key { name, flag: Some(name), kind, reloads: false, since: None, until: None }
}

impl Key {
    const fn flag_named(mut self, flag: &'static str) -> Self {
        self.flag = Some(flag);
        self
    }

    const fn file_only(mut self) -> Self {
        self.flag = None;
        self
    }

    const fn reloads(mut self) -> Self {
        self.reloads = true;
        self
    }

    const fn since(mut self, major: u32, minor: u32) -> Self {
        self.since = Some((major, minor));
        self
    }

    const fn until(mut self, major: u32, minor: u32) -> Self {
        self.until = Some((major, minor));
        self
    }
}

/// Every option that dockerd 18.09 to 29 takes from its file.
static KEYS: &[Key] = &[
    key("allow-direct-routing", Kind::Bool).since(28, 2),
    key("allow-nondistributable-artifacts", Kind::List).reloads(),
    key("api-cors-header", Kind::Text).until(28, 0),
    key("authorization-plugins", Kind::List).flag_named("authorization-plugin").reloads(),
    key("bip", Kind::Text),
    key("bip6", Kind::Text).since(28, 0),
    key("bridge", Kind::Text),
    key("builder", Kind::Any).file_only(),
    key("cdi-spec-dirs", Kind::List).flag_named("cdi-spec-dir").since(25, 0),
    key("cgroup-parent", Kind::Text),
    key("cluster-advertise", Kind::Text).reloads().until(23, 0),
    key("cluster-store", Kind::Text).reloads().until(23, 0),
    key("cluster-store-opts", Kind::Map).flag_named("cluster-store-opt").reloads().until(23, 0),
    key("containerd", Kind::Text),
    key("containerd-namespace", Kind::Text),
    key("containerd-plugins-namespace", Kind::Text),
    key("cpu-rt-period", Kind::Int),
    key("cpu-rt-runtime", Kind::Int),
    key("cri-containerd", Kind::Bool),
    key("data-root", Kind::Text),
    key("debug", Kind::Bool).reloads(),
    key("default-address-pools", Kind::Any).flag_named("default-address-pool"),
    key("default-cgroupns-mode", Kind::Text).since(20, 10),
    key("default-gateway", Kind::Text),
    key("default-gateway-v6", Kind::Text),
    key("default-ipc-mode", Kind::Text),
    key("default-network-opts", Kind::Any).file_only().since(24, 0),
    key("default-runtime", Kind::Text).reloads(),
    key("default-shm-size", Kind::Text),
    key("default-ulimits", Kind::Any).flag_named("default-ulimit"),
    key("dns", Kind::List),
    key("dns-opts", Kind::List).flag_named("dns-opt"),
    key("dns-search", Kind::List),
    key("exec-opts", Kind::List).flag_named("exec-opt"),
    key("exec-root", Kind::Text),
    key("experimental", Kind::Bool),
    key("features", Kind::Any).file_only().reloads(),
    key("firewall-backend", Kind::Text).since(29, 0),
    key("fixed-cidr", Kind::Text),
    key("fixed-cidr-v6", Kind::Text),
    key("graph", Kind::Text).until(23, 0),
    key("group", Kind::Text),
    key("host-gateway-ip", Kind::Text).since(20, 10),
    key("hosts", Kind::List).flag_named("host"),
    key("icc", Kind::Bool),
    key("init", Kind::Bool),
    key("init-path", Kind::Text),
    key("insecure-registries", Kind::List).flag_named("insecure-registry").reloads(),
    key("ip", Kind::Text),
    key("ip-forward", Kind::Bool),
    key("ip-forward-no-drop", Kind::Bool).since(28, 0),
    key("ip-masq", Kind::Bool),
    key("ip6tables", Kind::Bool).since(20, 10),
    key("iptables", Kind::Bool),
    key("ipv6", Kind::Bool),
    key("labels", Kind::List).flag_named("label").reloads(),
    key("live-restore", Kind::Bool).reloads(),
    key("log-driver", Kind::Text),
    key("log-format", Kind::Text).since(25, 0),
    key("log-level", Kind::Text),
    key("log-opts", Kind::Map).flag_named("log-opt"),
    key("max-concurrent-downloads", Kind::Int).reloads(),
    key("max-concurrent-uploads", Kind::Int).reloads(),
    key("max-download-attempts", Kind::Int).reloads().since(20, 10),
    key("metrics-addr", Kind::Text),
    key("mtu", Kind::Int),
    key("network-control-plane-mtu", Kind::Int),
    key("network-diagnostic-port", Kind::Int).reloads(),
    key("no-new-privileges", Kind::Bool),
    key("node-generic-resources", Kind::List).flag_named("node-generic-resource"),
    key("oom-score-adjust", Kind::Int).until(25, 0),
    key("pidfile", Kind::Text),
    key("proxies", Kind::Any).file_only().since(23, 0),
    key("raw-logs", Kind::Bool),
    key("registry-mirrors", Kind::List).flag_named("registry-mirror").reloads(),
    key("runtimes", Kind::Any).file_only().reloads(),
    key("seccomp-profile", Kind::Text),
    key("selinux-enabled", Kind::Bool),
    key("shutdown-timeout", Kind::Int).reloads(),
    key("storage-driver", Kind::Text),
    key("storage-opts", Kind::List).flag_named("storage-opt"),
    key("swarm-default-advertise-addr", Kind::Text),
    key("tls", Kind::Bool),
    key("tlscacert", Kind::Text),
    key("tlscert", Kind::Text),
    key("tlskey", Kind::Text),
    key("tlsverify", Kind::Bool),
    key("userland-proxy", Kind::Bool),
    key("userland-proxy-path", Kind::Text),
    key("userns-remap", Kind::Text),
];

/// The one-letter flags of dockerd.
const SHORT: &[(&str, &str)] = &[
    ("D", "debug"),
    ("G", "group"),
    ("H", "host"),
    ("b", "bridge"),
    ("g", "graph"),
    ("l", "log-level"),
    ("p", "pidfile"),
    ("s", "storage-driver"),
];

/// The option of a name in the file.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The option that a flag sets, without its hyphens: `label`, `H`.
pub(super) fn of_flag(flag: &str) -> Option<&'static Key> {
    let long = SHORT.iter().find(|(short, _)| *short == flag).map_or(flag, |(_, long)| long);
    KEYS.iter().find(|key| key.flag == Some(long))
}

impl Key {
    /// The flag that sets it: `--label`.
    pub(super) fn flag(&self) -> Option<String> {
        self.flag.map(|flag| format!("--{flag}"))
    }

    /// Refuses an option that an Engine of this version has not.
    pub(super) fn check_version(
        &self,
        version: Option<(u32, u32)>,
        shown: &str,
    ) -> Result<(), Failure> {
        let Some(version) = version else { return Ok(()) };
        let name = self.name;
        if let Some((major, minor)) = self.until.filter(|until| version >= *until) {
            let failure = Failure::new(format!(
                "`{name}` is gone since Engine {major}.{minor}; this host has {shown}"
            ));
            return Err(failure.help(instead(name)));
        }
        if let Some((major, minor)) = self.since.filter(|since| version < *since) {
            return Err(Failure::new(format!(
                "`{name}` needs Engine {major}.{minor} or later; this host has {shown}"
            ))
            .help("`docker_engine` installs another version"));
        }
        Ok(())
    }

    /// Refuses a value that dockerd would not take.
    pub(super) fn check_type(&self, value: &Value) -> Result<(), Failure> {
        let text = |value: &Value| value.is_string();
        let (fits, wanted) = match self.kind {
            Kind::Bool => (value.is_boolean(), "true or false"),
            Kind::Int => (value.is_i64() || value.is_u64(), "a whole number"),
            Kind::Text => (text(value), "text"),
            Kind::List => {
                (value.as_array().is_some_and(|all| all.iter().all(text)), "a list of text")
            }
            Kind::Map => {
                (value.as_object().is_some_and(|all| all.values().all(text)), "a mapping of text")
            }
            Kind::Any => (true, ""),
        };
        if fits {
            return Ok(());
        }
        Err(Failure::new(format!("`{}` must be {wanted}; this is {value}", self.name)))
    }
}

/// What to do about an option that is gone.
fn instead(name: &str) -> &'static str {
    match name {
        "cluster-store" | "cluster-advertise" | "cluster-store-opts" => {
            "networks over several hosts come with swarm mode: `docker_swarm`, then an overlay \
             network that is attachable; or install an Engine before 23.0"
        }
        "graph" => "it is called `data-root` now",
        _ => "leave it out",
    }
}

/// Refuses a name that is no option; an Engine that checks its file itself may know more than
/// this table, so that only likely slips are refused there.
pub(super) fn check_name(name: &str, checks_itself: bool) -> Result<(), Failure> {
    let names = || KEYS.iter().map(|key| key.name);
    let dashed = name.replace('_', "-");
    let help = match names().find(|known| *known == dashed) {
        Some(known) => format!("did you mean `{known}`?"),
        None => did_you_mean(name, names(), ""),
    };
    if find(name).is_some() || (checks_itself && help.is_empty()) {
        return Ok(());
    }
    let help =
        if help.is_empty() { "options are written as in daemon.json".to_owned() } else { help };
    Err(Failure::new(format!("`{name}` is no option of dockerd")).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(result: Result<(), Failure>) -> String {
        match result {
            Err(Failure::Task { message, help, .. }) => {
                format!("{message}; {}", help.unwrap_or_default())
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn names_stand_in_order_and_once() {
        let names: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
    }

    #[test]
    fn flags_lead_to_their_options() {
        assert_eq!(of_flag("label").map(|key| key.name), Some("labels"));
        assert_eq!(of_flag("H").map(|key| key.name), Some("hosts"));
        assert_eq!(of_flag("bip").map(|key| key.name), Some("bip"));
        assert!(of_flag("validate").is_none());
    }

    #[test]
    fn versions_decide() {
        let store = find("cluster-store").unwrap();
        assert!(store.check_version(Some((20, 10)), "20.10.24").is_ok());
        insta::assert_snapshot!(
            said(store.check_version(Some((27, 3)), "27.3.1")),
            @"`cluster-store` is gone since Engine 23.0; this host has 27.3.1; networks over several hosts come with swarm mode: `docker_swarm`, then an overlay network that is attachable; or install an Engine before 23.0"
        );
        insta::assert_snapshot!(
            said(find("proxies").unwrap().check_version(Some((20, 10)), "20.10.24")),
            @"`proxies` needs Engine 23.0 or later; this host has 20.10.24; `docker_engine` installs another version"
        );
    }

    #[test]
    fn slips_are_refused_and_new_names_left_to_new_engines() {
        insta::assert_snapshot!(
            said(check_name("cluster-stoer", true)),
            @"`cluster-stoer` is no option of dockerd; did you mean `cluster-store`?"
        );
        insta::assert_snapshot!(
            said(check_name("live_restore", false)),
            @"`live_restore` is no option of dockerd; did you mean `live-restore`?"
        );
        assert!(check_name("entirely-unheard-of", false).is_err());
        assert!(check_name("entirely-unheard-of", true).is_ok());
    }

    #[test]
    fn types_are_those_of_the_file() {
        let check = |name: &str, value: Value| find(name).unwrap().check_type(&value);
        assert!(check("log-opts", json!({"max-size": "10m"})).is_ok());
        insta::assert_snapshot!(
            said(check("log-opts", json!({"max-file": 3}))).trim_end_matches("; "),
            @r#"`log-opts` must be a mapping of text; this is {"max-file":3}"#
        );
        assert!(check("mtu", json!("1400")).is_err());
        assert!(check("hosts", json!(["unix:///x"])).is_ok());
        assert!(check("hosts", json!("unix:///x")).is_err());
    }
}
