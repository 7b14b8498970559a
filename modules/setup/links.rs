//! How block devices hang together: other names of theirs, what is made of them, LVM.

use serde_json::json;

use super::report::{Report, set};
use crate::sdk::{Fields, Value};

/// The other names of block devices, and what is made of them.
pub(super) struct Links {
    /// For `ids`, `uuids`, `labels` and `masters`: the names for each device.
    kinds: Fields,
    /// Each device and one that is made of it, under its name there.
    holders: Vec<(String, String)>,
}

impl Links {
    pub(super) fn of(report: &Report<'_>) -> Self {
        let mut masters = Fields::new();
        let mut holders = vec![];
        for path in report.part("owners").lines() {
            let parts: Vec<&str> = path.trim_start_matches("/sys/block/").split('/').collect();
            match parts[..] {
                [device, "slaves", of] => add(&mut masters, of, device),
                [.., device, "holders", by] if by.starts_with("dm-") => {
                    let name = report.word(&format!("/sys/block/{by}/dm/name")).unwrap_or(by);
                    holders.push((device.to_owned(), name.to_owned()));
                }
                _ => {}
            }
        }
        let kinds = [
            ("ids", names(report.part("ids"))),
            ("uuids", names(report.part("uuids"))),
            ("labels", names(report.part("labels"))),
            ("masters", masters),
        ];
        let kinds = kinds.into_iter().map(|(kind, names)| (kind.to_owned(), sorted(names)));
        Self { kinds: kinds.collect(), holders }
    }

    /// The fact `device_links`.
    pub(super) fn fact(&self) -> Value {
        Value::Object(self.kinds.clone())
    }

    /// Sets what is known of one device or partition.
    pub(super) fn describe(&self, device: &str, fields: &mut Fields) {
        let of_it = |names: &Value| names.get(device).cloned().unwrap_or_else(|| json!([]));
        let links: Fields =
            self.kinds.iter().map(|(kind, names)| (kind.clone(), of_it(names))).collect();
        let holders = self.holders.iter().filter(|(of, _)| of == device).map(|(_, by)| by.as_str());
        set(fields, "holders", holders.collect::<Vec<_>>());
        set(fields, "links", links);
    }

    /// The UUID of the file system on a device or partition.
    pub(super) fn uuid(&self, device: &str) -> Option<&str> {
        self.kinds.get("uuids")?.get(device)?.get(0)?.as_str()
    }
}

/// The names of a folder of links, as `ls -l` shows them, for each target.
fn names(listing: &str) -> Fields {
    let mut all = Fields::new();
    for line in listing.lines() {
        let Some((left, target)) = line.split_once(" -> ") else { continue };
        let (name, target) = (left.rsplit(' ').next(), target.rsplit('/').next());
        if let (Some(name), Some(target)) = (name, target) {
            add(&mut all, target, name);
        }
    }
    all
}

fn add(all: &mut Fields, device: &str, name: &str) {
    if let Some(Value::Array(names)) = all.get_mut(device) {
        names.push(name.into());
    } else {
        set(all, device, vec![name]);
    }
}

fn sorted(mut all: Fields) -> Value {
    for names in all.values_mut().filter_map(Value::as_array_mut) {
        names.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    }
    Value::Object(all)
}

/// `lvm`: volume groups, logical and physical volumes, where root may ask for them.
pub(super) fn lvm(report: &Report<'_>, facts: &mut Fields) {
    if report.parts("lvm:").next().is_none() {
        set(facts, "lvm", "N/A");
        return;
    }
    let rows = |what: &str, fact: fn(&[&str]) -> Option<Value>| -> Fields {
        let lines = report.part(&format!("lvm:{what}")).lines();
        let rows = lines.filter_map(|line| {
            let fields: Vec<&str> = line.trim().split(',').collect();
            Some(((*fields.first()?).to_owned(), fact(&fields)?))
        });
        rows.collect()
    };
    let groups = rows("vgs", |row| match *row {
        [_, pvs, lvs, size, free] => {
            Some(json!({"num_pvs": pvs, "num_lvs": lvs, "size_g": size, "free_g": free}))
        }
        _ => None,
    });
    let logical = rows("lvs", |row| match *row {
        [_, group, size] => Some(json!({"vg": group, "size_g": size})),
        _ => None,
    });
    let physical = rows("pvs", |row| match *row {
        [_, group, size, free] => Some(json!({"vg": group, "size_g": size, "free_g": free})),
        _ => None,
    });
    set(facts, "lvm", json!({"vgs": groups, "lvs": logical, "pvs": physical}));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::Sections;

    #[test]
    fn devices_have_other_names_and_are_parts_of_others() {
        let sections: Sections = [
            ("ids", "total 0\nlrwxrwxrwx 1 root root 10 Nov 21 09:00 wwn-0x5-part2 -> ../../sda2\nlrwxrwxrwx 1 root root 10 Nov 21 09:00 ata-X-part2 -> ../../sda2\n"),
            ("labels", ""),
            ("uuids", "lrwxrwxrwx 1 root root 10 Nov 21 09:00 1f-2e -> ../../dm-0\n"),
            ("owners", "/sys/block/dm-0/slaves/sda2\n/sys/block/sda/sda2/holders/dm-0\n/sys/block/sda/holders/bcache0\n"),
            ("files", "/sys/block/dm-0/dm/name:vg-root\n"),
        ]
        .into_iter()
        .collect();
        let links = Links::of(&Report::new(&sections));
        let all = json!({
            "ids": {"sda2": ["ata-X-part2", "wwn-0x5-part2"]}, "uuids": {"dm-0": ["1f-2e"]},
            "labels": {}, "masters": {"sda2": ["dm-0"]},
        });
        assert_eq!(links.fact(), all);
        let mut fields = Fields::new();
        links.describe("sda2", &mut fields);
        assert_eq!(fields["holders"], json!(["vg-root"]));
        assert_eq!(fields["links"]["masters"], json!(["dm-0"]));
        assert_eq!(fields["links"]["uuids"], json!([]));
        assert_eq!(links.uuid("dm-0"), Some("1f-2e"));
        links.describe("sda", &mut fields);
        assert_eq!(fields["holders"], json!([]));
    }

    #[test]
    fn volumes_are_told_where_they_can_be_asked_for() {
        let lvm_of = |parts: &[(&str, &str)]| {
            let sections: Sections = parts.iter().copied().collect();
            let mut facts = Fields::new();
            lvm(&Report::new(&sections), &mut facts);
            facts["lvm"].clone()
        };
        assert_eq!(lvm_of(&[]), "N/A");
        let told = lvm_of(&[
            ("lvm:vgs", "  vg0,1,2,19.53,4.00\n"),
            ("lvm:lvs", "  root,vg0,10.00\n  odd\n"),
            ("lvm:pvs", "  /dev/sda2,vg0,19.53,4.00\n"),
        ]);
        let expected = json!({
            "vgs": {"vg0": {"num_pvs": "1", "num_lvs": "2", "size_g": "19.53", "free_g": "4.00"}},
            "lvs": {"root": {"vg": "vg0", "size_g": "10.00"}},
            "pvs": {"/dev/sda2": {"vg": "vg0", "size_g": "19.53", "free_g": "4.00"}},
        });
        assert_eq!(told, expected);
    }
}
