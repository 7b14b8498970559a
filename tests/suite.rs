//! Everything that is fast and needs no host: see `tests/README.md`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stderr, reason = "a test that does not run says so")]

mod suite {
    mod architecture;
    mod cases;
    mod cli;
    mod directories;
    mod engine;
    mod files;
    mod finding;
    mod fuzz;
    mod jinja;
    mod local;
    mod probes;
    mod registry;
    mod replay;
    mod shell;
    mod source;
    mod ssh;
    mod transfers;
    mod unpacking;
    mod web;
}
