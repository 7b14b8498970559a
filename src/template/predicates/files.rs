//! Tests of files on the controller.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use minijinja::Error;
use minijinja::value::Value;

use super::Family;
use crate::template::arguments::Args;
use crate::template::lookups;
use crate::template::python;

pub(super) const TESTS: Family = &[
    ("exists", |_, args| is(args, Path::exists)),
    ("file", |_, args| is(args, Path::is_file)),
    ("is_file", |_, args| is(args, Path::is_file)),
    ("directory", |_, args| is(args, Path::is_dir)),
    ("is_dir", |_, args| is(args, Path::is_dir)),
    ("link", |_, args| is(args, Path::is_symlink)),
    ("is_link", |_, args| is(args, Path::is_symlink)),
    ("link_exists", |_, args| is(args, |path| path.symlink_metadata().is_ok())),
    ("abs", |_, args| is(args, Path::is_absolute)),
    ("is_abs", |_, args| is(args, Path::is_absolute)),
    ("mount", |_, args| is(args, is_mount)),
    ("is_mount", |_, args| is(args, is_mount)),
    ("same_file", |_, args| same_file(args)),
    ("is_same_file", |_, args| same_file(args)),
    ("vaulted_file", |_, args| {
        is(args, |path| {
            std::fs::read_to_string(path).is_ok_and(|text| crate::value::vault::is_vault(&text))
        })
    }),
];

fn path(value: &Value) -> Result<PathBuf, Error> {
    Ok(lookups::expand_user(&python::text(value)?))
}

fn is(args: &Args, holds: impl Fn(&Path) -> bool) -> Result<Value, Error> {
    Ok(Value::from(holds(&path(args.value())?)))
}

/// Whether another file system begins at a directory.
fn is_mount(path: &Path) -> bool {
    let (Ok(own), Ok(above)) = (path.symlink_metadata(), path.join("..").metadata()) else {
        return false;
    };
    !own.is_symlink() && (own.dev() != above.dev() || own.ino() == above.ino())
}

fn same_file(args: &Args) -> Result<Value, Error> {
    let other = path(&args.need(1, "other")?)?;
    let same = match (path(args.value())?.metadata(), other.metadata()) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    };
    Ok(Value::from(same))
}
