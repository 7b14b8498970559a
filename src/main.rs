//! The `rplay` program; everything it does is in the library.

fn main() -> std::process::ExitCode {
    rplay::cli::main(std::env::args_os())
}
