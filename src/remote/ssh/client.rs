//! What russh asks and tells during a connection.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use russh::Channel;
use russh::client::{ChannelOpenHandle, DisconnectReason, Handler, Msg, Session};
use russh::keys::PublicKeyOrCertificate;

use super::host_key::HostKeyPolicy;
use crate::remote::ConnectionError;

/// What is learnt of a connection while it lives.
#[derive(Debug, Default)]
pub(super) struct Fate {
    /// Whether the handshake came as far as the host's key.
    pub(super) checked: AtomicBool,
    /// Why the host's key was refused.
    pub(super) refused: OnceLock<ConnectionError>,
    /// Why the connection ended.
    pub(super) ended: OnceLock<String>,
}

/// Answers what russh asks.
pub(super) struct Client {
    pub(super) policy: HostKeyPolicy,
    pub(super) fate: Arc<Fate>,
}

impl Handler for Client {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        presented: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        self.fate.checked.store(true, Ordering::Relaxed);
        let checked = self.policy.check(presented);
        Ok(checked.map_err(|error| self.fate.refused.set(error)).is_ok())
    }

    async fn disconnected(
        &mut self,
        reason: DisconnectReason<Self::Error>,
    ) -> Result<(), Self::Error> {
        let (text, result) = match reason {
            DisconnectReason::ReceivedDisconnect(info) => {
                (format!("the host ended it: {}", info.message.trim()), Ok(()))
            }
            DisconnectReason::Error(error) => (explain(&error), Err(error)),
        };
        let _ = self.fate.ended.set(text);
        result
    }

    // Nothing was asked to be forwarded here: a host that tries is not answered.

    async fn server_channel_open_forwarded_tcpip(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        Ok(())
    }

    async fn server_channel_open_forwarded_streamlocal(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        Ok(())
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        _: Channel<Msg>,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// An error of the library in the words of a user.
pub(super) fn explain(error: &russh::Error) -> String {
    match error {
        russh::Error::KeepaliveTimeout => "the host no longer answers".into(),
        russh::Error::Disconnect | russh::Error::HUP | russh::Error::SendError => {
            "the host closed the connection".into()
        }
        russh::Error::IO(error) => error.to_string(),
        russh::Error::NoCommonAlgo { kind, ours, theirs } => format!(
            "no {kind:?} algorithm in common: the host has {}; offered were {}",
            theirs.join(", "),
            ours.join(", ")
        ),
        other => format!("{other}"),
    }
}
