//! Everything that is fast and needs no host: see `tests/README.md`.

mod suite {
    mod architecture;
    mod cases;
    mod probes;
    mod registry;
    mod shell;
    mod source;
}
