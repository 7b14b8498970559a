//! Ansible Vault: texts encrypted with a password, alone in a file or behind `!vault`.

mod cipher;
mod envelope;
mod keyring;

pub use envelope::is_vault;
pub use keyring::{Keyring, VaultError};
