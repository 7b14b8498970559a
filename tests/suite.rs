//! Everything that is fast and needs no host: see `tests/README.md`.

mod suite {
    mod architecture;
    mod cases;
    mod cli;
    mod engine;
    mod files;
    mod jinja;
    mod local;
    mod probes;
    mod registry;
    mod replay;
    mod shell;
    mod source;
    mod ssh;
    mod web;
}
