//! Lookups that read files on the controller.

use std::path::PathBuf;

use minijinja::Error;

use super::{Lookup, Request};
use crate::template::arguments::bad;
use crate::template::convert::to_data;
use crate::template::file::FileOptions;
use crate::value::Value as Json;

pub(super) const LOOKUPS: &[Lookup] = &[
    Lookup::new("file", &["lstrip", "rstrip"], file),
    Lookup::new("unvault", &[], |request| {
        let read = |name: String| Ok(request.read(&request.find(&["files"], &name)?)?.into());
        request.texts().map(read).collect()
    }),
    Lookup::new(
        "template",
        &[
            "convert_data",
            "template_vars",
            "jinja2_native",
            "trim_blocks",
            "lstrip_blocks",
            "variable_start_string",
            "variable_end_string",
            "block_start_string",
            "block_end_string",
            "comment_start_string",
            "comment_end_string",
        ],
        template,
    ),
    Lookup::new("fileglob", &[], file_glob),
];

fn file(request: &Request) -> Result<Vec<Json>, Error> {
    let (lstrip, rstrip) = (request.flag("lstrip", false)?, request.flag("rstrip", true)?);
    request
        .texts()
        .map(|name| {
            let text = request.read(&request.find(&["files"], &name)?)?;
            let text = if lstrip { text.trim_start() } else { &text };
            Ok(if rstrip { text.trim_end() } else { text }.into())
        })
        .collect()
}

fn template(request: &Request) -> Result<Vec<Json>, Error> {
    let mut options = FileOptions {
        trim_blocks: request.flag("trim_blocks", true)?,
        lstrip_blocks: request.flag("lstrip_blocks", false)?,
        ..FileOptions::default()
    };
    for (name, delimiter) in options.delimiters_mut() {
        if let Some(text) = request.text(name) {
            *delimiter = text;
        }
    }
    let extra = match request.option("template_vars") {
        Some(Json::Object(fields)) => Some(fields),
        Some(_) => return Err(bad("option `template_vars` must be a mapping")),
        None => None,
    };
    request
        .texts()
        .map(|name| {
            let path = request.find(&["templates"], &name)?;
            let text = request.read(&path)?;
            let context = match extra {
                Some(fields) => request.context.with(fields.clone()),
                None => std::sync::Arc::clone(&request.context),
            };
            let templar = &request.context.templar;
            let value = templar.file_value(&path, &text, &options, &context)?;
            Ok(to_data(&value)?.unwrap_or(Json::Null))
        })
        .collect()
}

fn file_glob(request: &Request) -> Result<Vec<Json>, Error> {
    let mut found = vec![];
    for pattern in request.texts() {
        for candidate in request.candidates(&["files"], &pattern) {
            let candidate = std::path::absolute(&candidate).unwrap_or(candidate);
            let files = matching(&candidate)?;
            let any = !files.is_empty();
            found.extend(files.into_iter().map(|path| path.display().to_string().into()));
            if any {
                break;
            }
        }
    }
    Ok(found)
}

/// The files that a pattern matches, sorted.
pub(in crate::template) fn matching(pattern: &std::path::Path) -> Result<Vec<PathBuf>, Error> {
    let pattern = pattern.display().to_string();
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..Default::default() };
    let paths = glob::glob_with(&pattern, options)
        .map_err(|error| bad(format!("`{pattern}` is no valid pattern: {error}")))?;
    // What cannot be looked at is no match.
    let mut files: Vec<PathBuf> = paths.flatten().filter(|path| path.is_file()).collect();
    files.sort();
    Ok(files)
}
