//! Mounted file systems and block devices.

use serde_json::json;

use super::links::Links;
use super::report::{Report, set};
use crate::sdk::{Fields, Value};

/// `mounts`: what is mounted from a device or from another host.
pub(super) fn mounts(report: &Report<'_>, facts: &mut Fields) {
    let all: Vec<Value> =
        report.part("mounts").lines().filter_map(|line| mount(report, line)).collect();
    set(facts, "mounts", all);
}

fn mount(report: &Report<'_>, line: &str) -> Option<Value> {
    let mut words = line.split(' ');
    let (device, at, kind, options) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let mut one = json!({
        "device": unescape(device),
        "mount": unescape(at),
        "fstype": kind,
        "options": options,
        "dump": 0,
        "passno": 0,
        "uuid": uuid(report, device).unwrap_or("N/A"),
    });
    let sizes = report.part("sizes").lines().find_map(|line| {
        let mut fields = line.split('\t');
        (fields.next()? == at).then(|| fields.filter_map(|n| n.parse::<u64>().ok()).collect())
    });
    if let (Some(sizes), Some(fields)) = (sizes, one.as_object_mut()) {
        let sizes: Vec<u64> = sizes;
        if let [block, total, available, inodes, inodes_free] = sizes[..] {
            set(fields, "block_size", block);
            set(fields, "block_total", total);
            set(fields, "block_available", available);
            set(fields, "block_used", total.saturating_sub(available));
            set(fields, "size_total", total.saturating_mul(block));
            set(fields, "size_available", available.saturating_mul(block));
            set(fields, "inode_total", inodes);
            set(fields, "inode_available", inodes_free);
            set(fields, "inode_used", inodes.saturating_sub(inodes_free));
        }
    }
    Some(one)
}

/// The UUID that `ls -l /dev/disk/by-uuid` shows for a device.
fn uuid<'s>(report: &Report<'s>, device: &str) -> Option<&'s str> {
    let mapped = device.strip_prefix("/dev/mapper/").and_then(|name| {
        report.folder("/sys/block/").find_map(|(path, line)| {
            let block = path.strip_suffix("/dm/name")?;
            (line == name).then_some(block)
        })
    });
    let block = mapped.or_else(|| device.strip_prefix("/dev/"))?;
    report.part("uuids").lines().find_map(|line| {
        let (left, target) = line.split_once(" -> ")?;
        (target.strip_prefix("../../") == Some(block)).then(|| left.rsplit(' ').next())?
    })
}

/// A word of `/proc/mounts`, where blanks and backslashes are written in octal.
fn unescape(word: &str) -> String {
    let mut parts = word.split('\\');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        if let Some(code) = code {
            plain.push(char::from(code));
            plain.push_str(&part[3..]);
        } else {
            plain.push('\\');
            plain.push_str(part);
        }
    }
    plain
}

/// `devices`: block devices and their partitions; `device_links`.
pub(super) fn devices(report: &Report<'_>, facts: &mut Fields) {
    let mut devices = Fields::new();
    for (path, line) in report.folder("/sys/block/") {
        let Some((name, setting)) = path.split_once('/') else { continue };
        let device = devices.entry(name).or_insert_with(
            || json!({"model": null, "vendor": null, "partitions": {}, "virtual": 1}),
        );
        let Some(device) = device.as_object_mut() else { continue };
        match setting {
            "size" => size_of(device, line),
            "removable" => set(device, "removable", line),
            "queue/rotational" => set(device, "rotational", line),
            "queue/logical_block_size" => set(device, "sectorsize", line),
            "queue/discard_granularity" => set(device, "support_discard", line),
            "queue/scheduler" => {
                let active = line.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
                set(device, "scheduler_mode", active.map_or(line, |(name, _)| name));
            }
            "device/model" => set(device, "model", line),
            "device/vendor" => set(device, "vendor", line),
            _ => partition(device, setting, line),
        }
        if setting.starts_with("device/") {
            set(device, "virtual", 0);
        }
    }
    devices.retain(|name, _| !name.starts_with("ram"));
    let links = Links::of(report);
    for (name, device) in &mut devices {
        let Some(device) = device.as_object_mut() else { continue };
        links.describe(name, device);
        // Nobody asks the bus here.
        for (name, value) in
            [("host", json!("")), ("sas_address", json!(null)), ("sas_device_handle", json!(null))]
        {
            set(device, name, value);
        }
        let partitions = device.get_mut("partitions").and_then(Value::as_object_mut);
        for (name, partition) in partitions.into_iter().flatten() {
            let Some(partition) = partition.as_object_mut() else { continue };
            links.describe(name, partition);
            set(partition, "uuid", links.uuid(name));
        }
    }
    set(facts, "device_links", links.fact());
    set(facts, "devices", devices);
}

/// Notes a setting of a partition: `sda1/start`.
fn partition(device: &mut Fields, setting: &str, line: &str) {
    let (Some((name, what)), Some(partitions)) = (
        setting.split_once('/').filter(|(name, _)| !["queue", "dm"].contains(name)),
        device.get_mut("partitions").and_then(Value::as_object_mut),
    ) else {
        return;
    };
    let one = partitions.entry(name).or_insert_with(|| json!({"sectorsize": 512}));
    let Some(one) = one.as_object_mut() else { return };
    match what {
        "size" => size_of(one, line),
        "start" => set(one, "start", line),
        _ => {}
    }
}

/// A number of sectors of 512 bytes, as number and as text.
fn size_of(fields: &mut Fields, sectors: &str) {
    let sectors: u64 = sectors.parse().unwrap_or_default();
    set(fields, "sectors", sectors);
    set(fields, "size", readable(sectors.saturating_mul(512)));
}

/// `20.00 GB`, in powers of 1024.
fn readable(bytes: u64) -> String {
    const UNITS: [&str; 7] = ["Bytes", "KB", "MB", "GB", "TB", "PB", "EB"];
    let power = (bytes.max(1).ilog2() / 10) as usize;
    #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
    let number = bytes as f64 / (1_u64 << (power * 10)) as f64;
    format!("{number:.2} {}", UNITS[power.min(UNITS.len() - 1)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::Sections;

    #[test]
    fn a_mount_has_sizes_and_uuid() {
        let sections: Sections = [
            (
                "mounts",
                "/dev/mapper/vg-root / ext4 rw,relatime 0 0\nnas:/a /mnt/a\\040b nfs ro 0 0\n",
            ),
            ("sizes", "/\t4096\t1000\t400\t50\t20\n"),
            ("files", "/sys/block/dm-0/dm/name:vg-root\n"),
            ("uuids", "total 0\nlrwxrwxrwx 1 root root 10 Nov 21 09:00 1f-2e -> ../../dm-0\n"),
        ]
        .into_iter()
        .collect();
        let mut facts = Fields::new();
        mounts(&Report::new(&sections), &mut facts);
        let root = &facts["mounts"][0];
        assert_eq!(root["size_total"], 4_096_000);
        assert_eq!(root["size_available"], 1_638_400);
        assert_eq!(root["inode_used"], 30);
        assert_eq!(root["uuid"], "1f-2e");
        assert_eq!(facts["mounts"][1]["mount"], "/mnt/a b");
        assert_eq!(facts["mounts"][1].get("size_total"), None);
    }

    #[test]
    fn devices_and_partitions() {
        let sections: Sections = [(
            "files",
            "/sys/block/sda/size:41943040\n/sys/block/sda/removable:0\n\
             /sys/block/sda/queue/scheduler:none [mq-deadline] bfq \n\
             /sys/block/sda/device/vendor:QEMU    \n/sys/block/sda/sda1/partition:1\n\
             /sys/block/sda/sda1/start:2048\n/sys/block/sda/sda1/size:2097152\n\
             /sys/block/loop0/size:0\n",
        )]
        .into_iter()
        .collect();
        let mut facts = Fields::new();
        devices(&Report::new(&sections), &mut facts);
        let sda = &facts["devices"]["sda"];
        assert_eq!(sda["size"], "20.00 GB");
        assert_eq!(sda["scheduler_mode"], "mq-deadline");
        assert_eq!(sda["vendor"], "QEMU");
        assert_eq!(sda["virtual"], 0);
        assert_eq!(sda["partitions"]["sda1"]["start"], "2048");
        assert_eq!(sda["partitions"]["sda1"]["size"], "1.00 GB");
        assert_eq!(facts["devices"]["loop0"]["size"], "0.00 Bytes");
        assert_eq!(facts["devices"]["loop0"]["virtual"], 1);
    }
}
