//! Logging in.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use russh::keys::signature::Signer as _;
use russh::keys::ssh_encoding::Encode as _;
use russh::keys::ssh_key::private::KeypairData;
use russh::keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKey, signature, ssh_encoding};
use russh::{MethodKind, MethodSet};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::client::{Client, Fate, explain};
use super::identity::Identity;
use super::options::{SshOptions, home};
use super::pool::SshPool;
use crate::remote::ConnectionError;

/// How long logging in may take: a slow PAM module, a key that wants to be touched.
const PATIENCE: Duration = Duration::from_mins(1);

/// Logs in by the first way that works: given keys, the agent, the usual keys, the password.
///
/// The password is sent once at most, so that no account is locked.
pub(super) async fn log_in(
    handle: &mut Handle<Client>,
    options: &SshOptions,
    pool: &SshPool,
    fate: &Fate,
) -> Result<(), ConnectionError> {
    let mut login = Login {
        handle,
        options,
        pool,
        offered: None,
        partly: false,
        keys: vec![],
        notes: vec![],
        password_spent: false,
    };
    let ended = match timeout(PATIENCE, login.run()).await {
        Ok(Ok(true)) => return Ok(()),
        Ok(Ok(false)) => fate.ended.get().cloned(),
        Ok(Err(error)) => Some(fate.ended.get().cloned().unwrap_or_else(|| explain(&error))),
        Err(_) => Some("it did not answer within 60 s".to_owned()),
    };
    Err(login.failure(ended))
}

/// Signs with a key in memory, as a login by certificate asks for it.
struct KeySigner(Arc<PrivateKey>);

impl russh::Signer for KeySigner {
    type Error = SignError;

    async fn auth_sign(
        &mut self,
        _: &AgentIdentity,
        hash: Option<HashAlg>,
        mut text: Vec<u8>,
    ) -> Result<Vec<u8>, Self::Error> {
        let signature = match self.0.key_data() {
            KeypairData::Rsa(key) => (key, hash).try_sign(&text)?,
            other => other.try_sign(&text)?,
        };
        signature.encode_prefixed(&mut text)?;
        Ok(text)
    }
}

/// Why there was no login by certificate.
#[derive(Debug, thiserror::Error)]
enum SignError {
    #[error(transparent)]
    Sign(#[from] signature::Error),
    #[error(transparent)]
    Encode(#[from] ssh_encoding::Error),
    #[error(transparent)]
    Send(#[from] russh::SendError),
}

/// A login on its way.
struct Login<'a> {
    handle: &'a mut Handle<Client>,
    options: &'a SshOptions,
    pool: &'a SshPool,
    /// What the host would accept, once it has said so.
    offered: Option<MethodSet>,
    /// Whether one of several things the host wants was accepted.
    partly: bool,
    /// The keys that were tried.
    keys: Vec<PublicKey>,
    /// What was tried or could not be, for the message.
    notes: Vec<String>,
    password_spent: bool,
}

type Tried = Result<bool, russh::Error>;

impl Login<'_> {
    /// An OpenSSH server breaks off after six failures.
    const MOST_KEYS: usize = 5;

    async fn run(&mut self) -> Tried {
        // A host may want several things, one after another.
        for _ in 0..3 {
            self.partly = false;
            if self.by_keys().await? || self.by_password().await? {
                return Ok(true);
            }
            if !self.partly {
                break;
            }
        }
        Ok(false)
    }

    async fn by_keys(&mut self) -> Tried {
        let given = !self.options.identity_files.is_empty();
        let mut locked = vec![];
        for path in &self.options.identity_files {
            let identity = self.identity(path).await;
            if self.by_identity(path, &identity).await? {
                return Ok(true);
            }
            locked.extend(identity.public.clone().filter(|_| identity.key.is_none()));
        }
        if self.by_agent(&locked, given || self.options.identities_only).await? {
            return Ok(true);
        }
        if given {
            return Ok(false);
        }
        for name in ["id_ed25519", "id_ecdsa", "id_rsa"] {
            let path = home().join(".ssh").join(name);
            if path.exists() {
                let identity = self.identity(&path).await;
                if self.by_identity(&path, &identity).await? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    async fn identity(&self, path: &Path) -> Arc<Identity> {
        let options = self.options;
        self.pool.identity(path, options.passphrase.as_ref(), &options.certificate_files).await
    }

    /// Tries the key in a file, first with its certificates.
    async fn by_identity(&mut self, path: &Path, identity: &Identity) -> Tried {
        let Some(key) = &identity.key else {
            let problem = identity.problem.as_deref().unwrap_or("cannot be used");
            self.note(format!("key {} {problem}", path.display()));
            return Ok(false);
        };
        for certificate in &identity.certificates {
            if !self.may_try(key.public_key()) {
                return Ok(false);
            }
            self.note(format!("certificate of {}", path.display()));
            let user = self.options.user.clone();
            let certificate = certificate.clone();
            let hash = self.hash_for(key.public_key()).await?;
            let mut signer = KeySigner(Arc::clone(key));
            let result = self
                .handle
                .authenticate_certificate_with(user, certificate, hash, &mut signer)
                .await;
            match result {
                Ok(result) => {
                    if self.take(result)? {
                        return Ok(true);
                    }
                }
                Err(error) => self.note(format!("no signature: {error}")),
            }
        }
        if !self.may_try(key.public_key()) {
            return Ok(false);
        }
        self.keys.push(key.public_key().clone());
        self.note(format!("key {}", path.display()));
        let hash = self.hash_for(key.public_key()).await?;
        let key = PrivateKeyWithHashAlg::new(Arc::clone(key), hash);
        let result = self.handle.authenticate_publickey(self.options.user.clone(), key).await?;
        self.take(result)
    }

    /// Tries the agent's keys; where it is restricted, those that files could not give only.
    async fn by_agent(&mut self, locked: &[PublicKey], restricted: bool) -> Tried {
        let Some(path) = &self.options.agent else { return Ok(false) };
        if restricted && locked.is_empty() || !self.allows(MethodKind::PublicKey) {
            return Ok(false);
        }
        let asking = async {
            let stream = UnixStream::connect(path).await.map_err(|error| error.to_string())?;
            let mut agent = AgentClient::connect(stream);
            let identities = agent.request_identities().await.map_err(|error| error.to_string())?;
            Ok::<_, String>((agent, identities))
        };
        let (mut agent, identities) = match timeout(Duration::from_secs(10), asking).await {
            Ok(Ok(found)) => found,
            Ok(Err(reason)) => {
                self.note(format!("no answer from the agent {}: {reason}", path.display()));
                return Ok(false);
            }
            Err(_) => {
                self.note(format!("no answer from the agent {}", path.display()));
                return Ok(false);
            }
        };
        for identity in identities {
            let public = identity.public_key().into_owned();
            let wanted =
                !restricted || locked.iter().any(|key| key.key_data() == public.key_data());
            if !wanted || !self.may_try(&public) {
                continue;
            }
            self.note(format!("agent's key {}", public.fingerprint(HashAlg::Sha256)));
            let hash = self.hash_for(&public).await?;
            let user = self.options.user.clone();
            let result = match identity {
                AgentIdentity::PublicKey { key, .. } => {
                    self.keys.push(key.clone());
                    self.handle.authenticate_publickey_with(user, key, hash, &mut agent).await
                }
                AgentIdentity::Certificate { certificate, .. } => {
                    self.handle
                        .authenticate_certificate_with(user, certificate, hash, &mut agent)
                        .await
                }
            };
            match result {
                Ok(result) => {
                    if self.take(result)? {
                        return Ok(true);
                    }
                }
                Err(error) => self.note(format!("the agent did not sign: {error}")),
            }
        }
        Ok(false)
    }

    /// RSA keys sign with SHA-2, in the best size the host takes.
    async fn hash_for(&self, key: &PublicKey) -> Result<Option<HashAlg>, russh::Error> {
        if !key.algorithm().is_rsa() {
            return Ok(None);
        }
        let best = self.handle.best_supported_rsa_hash().await?;
        Ok(Some(best.flatten().unwrap_or(HashAlg::Sha256)))
    }

    /// Sends the password, in whichever way the host takes it.
    async fn by_password(&mut self) -> Tried {
        let Some(password) = self.options.password.as_ref().filter(|_| !self.password_spent) else {
            return Ok(false);
        };
        let user = self.options.user.clone();
        // Sent in a way that the host does not take, it would be spent in vain.
        if self.offered.is_none() {
            let result = self.handle.authenticate_none(user.clone()).await?;
            if self.take(result)? {
                return Ok(true);
            }
        }
        if self.allows(MethodKind::Password) {
            self.password_spent = true;
            self.note("password".to_owned());
            let result = self.handle.authenticate_password(user, password.reveal()).await?;
            return self.take(result);
        }
        if self.allows(MethodKind::KeyboardInteractive) {
            self.password_spent = true;
            self.note("keyboard-interactive".to_owned());
            return self.by_questions(&user, password.reveal()).await;
        }
        Ok(false)
    }

    /// Answers a host's question for the password; any other cannot be answered here.
    async fn by_questions(&mut self, user: &str, password: &str) -> Tried {
        let mut answered = false;
        let mut reply = self.handle.authenticate_keyboard_interactive_start(user, None).await?;
        for _ in 0..8 {
            let answers = match &reply {
                KeyboardInteractiveAuthResponse::Success => return Ok(true),
                KeyboardInteractiveAuthResponse::Failure { remaining_methods, partial_success } => {
                    let result = AuthResult::Failure {
                        remaining_methods: remaining_methods.clone(),
                        partial_success: *partial_success,
                    };
                    return self.take(result);
                }
                KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => {
                    match &prompts[..] {
                        [] => vec![],
                        [question] if !answered && !question.echo => {
                            answered = true;
                            vec![password.to_owned()]
                        }
                        [question, ..] => {
                            let question = question.prompt.trim().escape_debug().to_string();
                            self.note(format!(
                                "the host asks `{question}`, which cannot be answered"
                            ));
                            return Ok(false);
                        }
                    }
                }
            };
            reply = self.handle.authenticate_keyboard_interactive_respond(answers).await?;
        }
        Ok(false)
    }

    fn may_try(&self, key: &PublicKey) -> bool {
        self.allows(MethodKind::PublicKey)
            && self.keys.len() < Self::MOST_KEYS
            && !self.keys.iter().any(|tried| tried.key_data() == key.key_data())
    }

    fn allows(&self, method: MethodKind) -> bool {
        self.offered.as_ref().is_none_or(|offered| offered.contains(&method))
    }

    /// Notes what an answer tells.
    fn take(&mut self, result: AuthResult) -> Tried {
        match result {
            AuthResult::Success => Ok(true),
            AuthResult::Failure { .. } if self.handle.is_closed() => Err(russh::Error::Disconnect),
            AuthResult::Failure { remaining_methods, partial_success } => {
                self.offered = Some(remaining_methods);
                self.partly |= partial_success;
                Ok(false)
            }
        }
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn failure(&self, ended: Option<String>) -> ConnectionError {
        let ended = ended.map_or(String::new(), |ended| format!(": {ended}"));
        let tried = if self.notes.is_empty() { "nothing".into() } else { self.notes.join(", ") };
        let offered = self.offered.as_ref().map_or(String::new(), |offered| {
            let names: Vec<&str> = offered.iter().map(Into::into).collect();
            format!("; the host takes: {}", names.join(", "))
        });
        let SshOptions { user, .. } = self.options;
        let address = self.options.address();
        let reason = format!("{address} does not let `{user}` in{ended}; tried: {tried}{offered}");
        ConnectionError::Unreachable { reason, help: self.help() }
    }

    fn help(&self) -> String {
        let takes_password =
            self.allows(MethodKind::Password) || self.allows(MethodKind::KeyboardInteractive);
        let locked = self.notes.iter().any(|note| note.ends_with("is locked by a passphrase"));
        let mut help = vec![];
        if locked {
            help.push("load the locked key into an ssh-agent, or give its passphrase");
        }
        if self.keys.len() >= Self::MOST_KEYS {
            help.push("five keys were tried: name the right one, `ansible_ssh_private_key_file`");
        }
        if self.options.password.is_none() && takes_password && self.offered.is_some() {
            help.push("give a password: `ansible_password` or --ask-pass");
        }
        if help.is_empty() {
            help.push("is it the right user, and is the key in its ~/.ssh/authorized_keys?");
        }
        help.join("; ")
    }
}
