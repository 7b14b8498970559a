//! How a text is encrypted: AES-256 in counter mode, keys by PBKDF2, HMAC over the ciphertext.

use aes::Aes256;
use aes::cipher::{KeyIvInit, StreamCipher};
use ctr::Ctr128BE;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// PBKDF2's rounds, fixed by the format.
const ROUNDS: u32 = 10_000;
/// Ciphertexts are padded to whole blocks, although counter mode needs none.
const BLOCK: usize = 16;

/// What a password and a salt make: the keys of the cipher and of the HMAC, and the counter.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    cipher: [u8; 32],
    hmac: [u8; 32],
    counter: [u8; BLOCK],
}

impl Keys {
    /// Derives them; takes some milliseconds.
    pub(super) fn derive(password: &str, salt: &[u8]) -> Self {
        let mut keys = Self { cipher: [0; 32], hmac: [0; 32], counter: [0; BLOCK] };
        let mut derived = [0; 80];
        pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), salt, ROUNDS, &mut derived);
        keys.cipher.copy_from_slice(&derived[..32]);
        keys.hmac.copy_from_slice(&derived[32..64]);
        keys.counter.copy_from_slice(&derived[64..]);
        keys
    }

    /// Whether the HMAC is that of the ciphertext under these keys; takes the same time for any.
    pub(super) fn verify(&self, ciphertext: &[u8], hmac: &[u8]) -> bool {
        self.hmac_of(ciphertext).is_some_and(|mac| mac.verify_slice(hmac).is_ok())
    }

    /// Decrypts; nothing where the padding is wrong.
    pub(super) fn decrypt(&self, mut ciphertext: Vec<u8>) -> Option<Vec<u8>> {
        self.apply(&mut ciphertext);
        let padding = usize::from(*ciphertext.last()?);
        if !(1..=BLOCK).contains(&padding) {
            return None;
        }
        ciphertext.truncate(ciphertext.len().checked_sub(padding)?);
        Some(ciphertext)
    }

    /// Encrypts, and gives the ciphertext and its HMAC.
    pub(super) fn encrypt(&self, mut plain: Vec<u8>) -> Option<(Vec<u8>, Vec<u8>)> {
        let padding = BLOCK - plain.len() % BLOCK;
        plain.extend(std::iter::repeat_n(u8::try_from(padding).ok()?, padding));
        self.apply(&mut plain);
        let hmac = self.hmac_of(&plain)?.finalize().into_bytes().to_vec();
        Some((plain, hmac))
    }

    fn apply(&self, bytes: &mut [u8]) {
        Ctr128BE::<Aes256>::new(&self.cipher.into(), &self.counter.into()).apply_keystream(bytes);
    }

    fn hmac_of(&self, ciphertext: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.hmac).ok()?;
        mac.update(ciphertext);
        Some(mac)
    }
}
