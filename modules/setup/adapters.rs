//! By what names a host is known to storage, and whether it sees its whole root.

use super::report::{Report, set};
use crate::sdk::Fields;

/// `fibre_channel_wwn`.
pub(super) fn fibre_channel(report: &Report<'_>, facts: &mut Fields) {
    let ports = report.folder("/sys/class/fc_host/");
    let names = ports.map(|(_, name)| name.strip_prefix("0x").unwrap_or(name));
    set(facts, "fibre_channel_wwn", names.collect::<Vec<_>>());
}

/// `iscsi_iqn`.
pub(super) fn iscsi(report: &Report<'_>, facts: &mut Fields) {
    let mut lines = report.file("/etc/iscsi/initiatorname.iscsi");
    let name = lines.find_map(|line| line.strip_prefix("InitiatorName="));
    set(facts, "iscsi_iqn", name.unwrap_or_default().trim());
}

/// `hostnqn`.
pub(super) fn nvme(report: &Report<'_>, facts: &mut Fields) {
    let mut lines = report.file("/etc/nvme/hostnqn");
    let name = lines.find(|line| line.starts_with("nqn."));
    set(facts, "hostnqn", name.unwrap_or_default().trim());
}

/// `is_chroot`.
pub(super) fn chroot(report: &Report<'_>, facts: &mut Fields) {
    set(facts, "is_chroot", report.part("root").starts_with("other"));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sdk::Sections;

    #[test]
    fn storage_knows_a_host_by_names() {
        let sections: Sections = [
            (
                "files",
                "/sys/class/fc_host/host0/port_name:0x21000014ff52a9bb\n\
                 /etc/iscsi/initiatorname.iscsi:## x\n\
                 /etc/iscsi/initiatorname.iscsi:InitiatorName=iqn.1993-08.org.debian:01:a=b\n\
                 /etc/nvme/hostnqn:nqn.2014-08.org.nvmexpress:uuid:1\n",
            ),
            ("root", "other\n"),
        ]
        .into_iter()
        .collect();
        let (report, mut facts) = (Report::new(&sections), Fields::new());
        for collect in [fibre_channel, iscsi, nvme, chroot] {
            collect(&report, &mut facts);
        }
        let expected = json!({
            "fibre_channel_wwn": ["21000014ff52a9bb"],
            "iscsi_iqn": "iqn.1993-08.org.debian:01:a=b",
            "hostnqn": "nqn.2014-08.org.nvmexpress:uuid:1",
            "is_chroot": true,
        });
        assert_eq!(serde_json::Value::Object(facts), expected);
    }

    #[test]
    fn a_host_without_any() {
        let sections: Sections = [("files", ""), ("root", "")].into_iter().collect();
        let (report, mut facts) = (Report::new(&sections), Fields::new());
        for collect in [fibre_channel, iscsi, nvme, chroot] {
            collect(&report, &mut facts);
        }
        let expected =
            json!({"fibre_channel_wwn": [], "iscsi_iqn": "", "hostnqn": "", "is_chroot": false});
        assert_eq!(serde_json::Value::Object(facts), expected);
    }
}
