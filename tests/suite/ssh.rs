//! The SSH transport against real OpenSSH servers on loopback.

/// A server for one test; ends the test with a message where this machine has no sshd.
macro_rules! server {
    ($($line:expr),* $(,)?) => {
        match crate::suite::ssh::server::Server::start(&[$($line),*]) {
            Some(server) => server,
            None => return,
        }
    };
}

mod authentication;
mod becoming;
mod connecting;
mod faults;
mod host_keys;
mod passwords;
mod server;
mod streams;
mod work;
