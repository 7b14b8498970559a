//! `stat`: see [`Args`], which is also what `rplay doc stat` prints.

use crate::sdk::file::{Algorithm, FileKind, FileStat, Look, Obstacle, Seen};
use crate::sdk::{Arguments, Failure, Fields, Module, Observer, Operator, Plan, Returned, Value};

/// Tells what stands at a path; changes nothing.
///
/// Returns a mapping `stat`, of which `exists` is always there.
#[derive(Debug, Arguments)]
pub struct Args {
    /// The path.
    #[arg(alias = "dest", alias = "name")]
    path: String,
    /// Whether a symbolic link is followed.
    #[arg(default)]
    follow: bool,
    /// Whether the checksum of a file is returned.
    #[arg(default = true)]
    get_checksum: bool,
    /// How the checksum is made.
    #[arg(default, alias = "checksum", alias = "checksum_algo")]
    checksum_algorithm: Algorithm,
    /// Whether the kind of content is returned, as `file` tells.
    #[arg(default = true, alias = "mime", alias = "mime_type", alias = "mime-type")]
    get_mime: bool,
    /// Whether the flags are returned that `lsattr` shows.
    #[arg(default = true, alias = "attr", alias = "attributes")]
    get_attributes: bool,
    /// Not used; older playbooks give it.
    #[expect(dead_code, reason = "older playbooks give it")]
    get_md5: Option<bool>,
}

impl Module for Args {
    type State = Seen;
    type Change = ();

    async fn observe(&self, host: &Observer<'_>) -> Result<Seen, Failure> {
        let mut look = Look::at(&self.path).flags(self.get_attributes).kind(self.get_mime);
        if self.get_checksum {
            look = look.checksum(self.checksum_algorithm);
        }
        look.see(host).await
    }

    fn plan(&self, now: &Seen) -> Result<Plan<()>, Failure> {
        if let Some(obstacle @ Obstacle::Closed(_)) = &now.obstacle {
            return Err(Failure::new(format!("cannot look at {}: {obstacle}", now.path))
                .help("`become: true` looks as root"));
        }
        let fields = match now.stat(self.follow) {
            Some(stat) => self.fields(now, stat),
            None => Fields::from_iter([("exists".to_owned(), Value::Bool(false))]),
        };
        Ok(Plan::Keep(Returned::new().with("stat", fields)))
    }

    async fn apply((): (), _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}

impl Args {
    fn fields(&self, now: &Seen, stat: &FileStat) -> Fields {
        let mut fields = stat.fields();
        let mut put = |name: &str, value: Value| {
            fields.insert(name.to_owned(), value);
        };
        put("exists", true.into());
        put("path", now.path.clone().into());
        for (name, right) in [("readable", 'r'), ("writeable", 'w'), ("executable", 'x')] {
            put(name, now.rights.contains(right).into());
        }
        if let Some(link) = now.link.as_ref().filter(|_| stat.kind == FileKind::Link) {
            put("lnk_source", link.real.clone().into());
            put("lnk_target", link.target.clone().into());
        }
        if let Some(checksum) = now.checksum.as_ref().filter(|_| stat.kind == FileKind::File) {
            put("checksum", checksum.clone().into());
        }
        if self.get_mime {
            let (kind, charset) = mime(stat, now.kind.as_deref());
            put("mimetype", kind.into());
            put("charset", charset.into());
        }
        if self.get_attributes {
            let flags: String =
                now.flags.iter().flat_map(|f| f.chars()).filter(|c| *c != '-').collect();
            put("version", now.version.clone().into());
            put("attributes", flags.chars().filter_map(attribute).collect());
            put("attr_flags", flags.into());
        }
        fields
    }
}

/// The kind of content and its encoding. What is no file with content is known without `file`.
fn mime<'a>(stat: &FileStat, told: Option<&'a str>) -> (&'a str, &'a str) {
    match stat.kind {
        FileKind::File if stat.size == 0 => ("inode/x-empty", "binary"),
        FileKind::File => match told.and_then(|told| told.split_once("; charset=")) {
            Some((kind, charset)) => (kind, charset.trim_end()),
            None => ("unknown", "unknown"),
        },
        FileKind::Directory => ("inode/directory", "binary"),
        FileKind::Link => ("inode/symlink", "binary"),
        FileKind::Socket => ("inode/socket", "binary"),
        FileKind::Fifo => ("inode/fifo", "binary"),
        FileKind::Character => ("inode/chardevice", "binary"),
        FileKind::Block => ("inode/blockdevice", "binary"),
    }
}

/// A flag's name, as Ansible spells it.
fn attribute(flag: char) -> Option<Value> {
    let name = match flag {
        'A' => "noatime",
        'a' => "append",
        'c' => "compressed",
        'C' => "nocow",
        'd' => "nodump",
        'D' => "dirsync",
        'e' => "extents",
        'E' => "encrypted",
        'h' => "blocksize",
        'i' => "immutable",
        'I' => "indexed",
        'j' => "journalled",
        'N' => "inline",
        's' => "zero",
        'S' => "synchronous",
        't' => "notail",
        'T' => "blockroot",
        'u' => "undelete",
        'X' => "compressedraw",
        'Z' => "compresseddirty",
        _ => return None,
    };
    Some(name.into())
}
