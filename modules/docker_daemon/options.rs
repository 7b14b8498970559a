//! The options that have arguments of their own.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::json;

use crate::sdk::{Arguments, Failure, Fields, Value};

/// Options of the Docker daemon, as `daemon.json` names them, with underscores for hyphens.
#[derive(Debug, Default, Arguments)]
pub(super) struct DaemonOptions {
    /// Where it listens: `unix:///var/run/docker.sock`, `tcp://127.0.0.1:2375`. Keep the Unix
    /// socket among them: rplay and the command line use it.
    hosts: Option<Vec<String>>,
    /// Registries without TLS, or whose certificates are not checked: `registry:5000`, a CIDR.
    insecure_registries: Option<Vec<String>>,
    /// Mirrors of Docker Hub.
    registry_mirrors: Option<Vec<String>>,
    /// The key-value store of a cluster: `consul://HOST:8500`, `etcd://…`, `zk://…`. Engines
    /// before 23.0 only, and not in a swarm.
    cluster_store: Option<String>,
    /// The address or interface, and port, under which the others find this engine.
    cluster_advertise: Option<String>,
    /// Options of the store, such as `kv.path`.
    cluster_store_opts: Option<IndexMap<String, String>>,
    /// Labels of the engine: `key=value`.
    labels: Option<Vec<String>>,
    /// The logging driver of containers that name none.
    log_driver: Option<String>,
    /// Its options, such as `max-size` and `max-file`.
    log_opts: Option<IndexMap<String, String>>,
    /// How much dockerd itself logs: `debug`, `info`, `warn`, `error`, `fatal`.
    log_level: Option<String>,
    /// The storage driver.
    storage_driver: Option<String>,
    /// Its options.
    storage_opts: Option<Vec<String>>,
    /// Where images and volumes are kept.
    data_root: Option<String>,
    /// Whether containers run on while the daemon is restarted. Not in a swarm.
    live_restore: Option<bool>,
    /// The networks that subnets are taken from: `base`, and the `size` of each.
    default_address_pools: Option<Vec<AddressPool>>,
    /// Address and size of the bridge docker0: `192.168.1.1/24`.
    bip: Option<String>,
    /// Name servers of containers.
    dns: Option<Vec<String>>,
    /// The MTU of the bridge docker0.
    mtu: Option<i64>,
    /// Whether dockerd logs more.
    debug: Option<bool>,
    /// Whether experimental features are on.
    experimental: Option<bool>,
    /// Whether it speaks TLS.
    tls: Option<bool>,
    /// Whether it asks for certificates of its clients.
    tlsverify: Option<bool>,
    /// The CA that signs them.
    tlscacert: Option<String>,
    /// Its own certificate.
    tlscert: Option<String>,
    /// The certificate's key.
    tlskey: Option<String>,
    /// Where it tells metrics: `127.0.0.1:9323`.
    metrics_addr: Option<String>,
    /// The user that containers' root is outside: `default`, `user:group`.
    userns_remap: Option<String>,
    /// Options of the runtime: `native.cgroupdriver=systemd`.
    exec_opts: Option<Vec<String>>,
    /// Limits of containers that set none, by name: `nofile: 1024:2048`, soft and hard.
    default_ulimits: Option<IndexMap<String, String>>,
    /// Features that are switched on or off.
    features: Option<BTreeMap<String, bool>>,
    /// Any other option by its name in `daemon.json`. One that is null is taken out.
    #[arg(default)]
    options: IndexMap<String, Value>,
}

/// A network that subnets are taken from.
#[derive(Debug, Arguments)]
struct AddressPool {
    /// The network: `10.10.0.0/16`.
    base: String,
    /// The prefix of each subnet: `24`.
    size: i64,
}

impl DaemonOptions {
    /// Every option given, as `daemon.json` holds it; null for one that is to be taken out.
    pub(super) fn wanted(&self) -> Result<Fields, Failure> {
        let pools = self.default_address_pools.as_ref().map(|pools| -> Vec<Value> {
            pools.iter().map(|pool| json!({"base": pool.base, "size": pool.size})).collect()
        });
        let given: [(&str, Value); 30] = [
            ("hosts", json!(self.hosts)),
            ("insecure-registries", json!(self.insecure_registries)),
            ("registry-mirrors", json!(self.registry_mirrors)),
            ("cluster-store", json!(self.cluster_store)),
            ("cluster-advertise", json!(self.cluster_advertise)),
            ("cluster-store-opts", json!(self.cluster_store_opts)),
            ("labels", json!(self.labels)),
            ("log-driver", json!(self.log_driver)),
            ("log-opts", json!(self.log_opts)),
            ("log-level", json!(self.log_level)),
            ("storage-driver", json!(self.storage_driver)),
            ("storage-opts", json!(self.storage_opts)),
            ("data-root", json!(self.data_root)),
            ("live-restore", json!(self.live_restore)),
            ("default-address-pools", json!(pools)),
            ("bip", json!(self.bip)),
            ("dns", json!(self.dns)),
            ("mtu", json!(self.mtu)),
            ("debug", json!(self.debug)),
            ("experimental", json!(self.experimental)),
            ("tls", json!(self.tls)),
            ("tlsverify", json!(self.tlsverify)),
            ("tlscacert", json!(self.tlscacert)),
            ("tlscert", json!(self.tlscert)),
            ("tlskey", json!(self.tlskey)),
            ("metrics-addr", json!(self.metrics_addr)),
            ("userns-remap", json!(self.userns_remap)),
            ("exec-opts", json!(self.exec_opts)),
            ("default-ulimits", self.ulimits()?),
            ("features", json!(self.features)),
        ];
        let mut wanted: Fields = given
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        for (name, value) in &self.options {
            if wanted.insert(name.clone(), value.clone()).is_some() {
                let own = name.replace('-', "_");
                return Err(Failure::new(format!(
                    "`{name}` is given twice: as `{own}` and in `options`"
                )));
            }
        }
        Ok(wanted)
    }

    /// `nofile: 1024:2048` as the file has it.
    fn ulimits(&self) -> Result<Value, Failure> {
        let Some(limits) = &self.default_ulimits else { return Ok(Value::Null) };
        let mut all = Fields::new();
        for (name, limit) in limits {
            let (soft, hard) = limit.split_once(':').unwrap_or((limit, limit));
            let (Ok(soft), Ok(hard)) = (soft.trim().parse::<i64>(), hard.trim().parse::<i64>())
            else {
                return Err(Failure::new(format!(
                    "`default_ulimits.{name}` must be SOFT:HARD or one number; this is `{limit}`"
                )));
            };
            all.insert(name.clone(), json!({"Name": name, "Hard": hard, "Soft": soft}));
        }
        Ok(all.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_given_is_wanted() {
        let options = DaemonOptions {
            labels: Some(vec!["zone=a".to_owned()]),
            debug: Some(false),
            options: [("icc".to_owned(), json!(false)), ("bip".to_owned(), Value::Null)].into(),
            ..DaemonOptions::default()
        };
        let wanted = options.wanted().unwrap();
        assert_eq!(
            Value::Object(wanted),
            json!({"labels": ["zone=a"], "debug": false, "icc": false, "bip": null})
        );
    }

    #[test]
    fn limits_become_what_the_file_holds() {
        let limits = |text: &str| DaemonOptions {
            default_ulimits: Some([("nofile".to_owned(), text.to_owned())].into()),
            ..DaemonOptions::default()
        };
        assert_eq!(
            limits("1024:2048").wanted().unwrap()["default-ulimits"],
            json!({"nofile": {"Name": "nofile", "Hard": 2048, "Soft": 1024}})
        );
        assert!(limits("many").wanted().is_err());
    }

    #[test]
    fn an_option_is_given_once() {
        let options = DaemonOptions {
            mtu: Some(1400),
            options: [("mtu".to_owned(), json!(1500))].into(),
            ..DaemonOptions::default()
        };
        insta::assert_snapshot!(
            options.wanted().unwrap_err(),
            @"`mtu` is given twice: as `mtu` and in `options`"
        );
    }
}
