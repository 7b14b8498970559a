//! Connecting: the way to a host, the handshake, another try where that is worth it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use russh::client::{self, Handle};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::auth;
use super::client::{Client, Fate, explain};
use super::host_key::HostKeyPolicy;
use super::link::{Link, OpenError};
use super::options::SshOptions;
use super::pool::SshPool;
use super::proxy;
use super::quick_ack::QuickAck;
use crate::remote::{ConnectionError, Stream};

/// Connects and logs in, through all jump hosts.
///
/// It is a task of its own, so that a fault in the library ends no more than this.
pub(super) async fn dial(options: &SshOptions, pool: &SshPool) -> Result<Link, ConnectionError> {
    options.validate()?;
    let (options, pool) = (options.clone(), pool.clone());
    let mut task = JoinSet::new();
    task.spawn(async move {
        let mut through = None;
        for jump in &options.jumps {
            let link =
                connect(jump, through.take(), &pool).await.map_err(|error| by(jump, error))?;
            through = Some(Arc::new(link));
        }
        connect(&options, through, &pool).await
    });
    match task.join_next().await {
        Some(Ok(result)) => result,
        Some(Err(error)) => Err(unreachable(format!("fault in the SSH library: {error}"), "")),
        None => Err(unreachable("the connection was given up".into(), "")),
    }
}

/// Says that it was a jump host that failed.
fn by(jump: &SshOptions, error: ConnectionError) -> ConnectionError {
    match error {
        ConnectionError::Unreachable { reason, help } => ConnectionError::Unreachable {
            reason: format!("jump host {}: {reason}", jump.address()),
            help,
        },
        other => other,
    }
}

/// The most tries where a server turns a connection away before it has said a word.
const TURNED_AWAY: u32 = 8;

async fn connect(
    options: &SshOptions,
    through: Option<Arc<Link>>,
    pool: &SshPool,
) -> Result<Link, ConnectionError> {
    let (mut turned_away, mut failed) = (0, 0);
    loop {
        let turn = pool.turn(&options.address()).await;
        let error = match try_once(options, through.clone(), pool).await {
            Ok(link) => return Ok(link),
            Err(error) => error,
        };
        drop(turn);
        match error {
            DialError::Final(error) => return Err(error),
            DialError::TurnedAway(_) if turned_away < TURNED_AWAY => {
                sleep(back_off(turned_away)).await;
                turned_away += 1;
            }
            DialError::TurnedAway(error) | DialError::Failed(error) => {
                if failed >= options.retries {
                    return Err(error);
                }
                sleep(back_off(failed + 3)).await;
                failed += 1;
            }
        }
    }
}

/// Longer from try to try, and not the same for all.
fn back_off(tries: u32) -> Duration {
    let mut random = [0];
    // Without random numbers, all wait the same.
    let _ = getrandom::fill(&mut random);
    let share = 0.5 + f64::from(random[0]) / 256.0;
    (Duration::from_millis(100) * 2_u32.pow(tries.min(5))).mul_f64(share)
}

/// How a try failed.
enum DialError {
    /// No other try would do better.
    Final(ConnectionError),
    /// The server has too many connections that are not logged in yet.
    TurnedAway(ConnectionError),
    /// The network, the name service, the host.
    Failed(ConnectionError),
}

async fn try_once(
    options: &SshOptions,
    through: Option<Arc<Link>>,
    pool: &SshPool,
) -> Result<Link, DialError> {
    let stream = transport(options, through.as_deref()).await?;
    let (mut handle, fate) = handshake(options, stream).await?;
    auth::log_in(&mut handle, options, pool, &fate).await.map_err(DialError::Final)?;
    Ok(Link::new(handle, fate, through))
}

/// The way to the host's port.
async fn transport(
    options: &SshOptions,
    through: Option<&Link>,
) -> Result<Box<dyn Stream>, DialError> {
    let address = options.address();
    if let Some(link) = through {
        return match link.tcp(&options.host, options.port).await {
            Ok(channel) => Ok(Box::new(channel.into_stream())),
            Err(OpenError::Refused(failure)) => Err(DialError::Failed(unreachable(
                format!("the jump host cannot connect to {address}: {failure:?}"),
                "is it reachable from there, and does its sshd_config allow TCP forwarding?",
            ))),
            Err(OpenError::Lost(reason)) => Err(DialError::Failed(unreachable(
                format!("the connection to the jump host broke: {reason}"),
                "",
            ))),
        };
    }
    if let Some(command) = &options.proxy_command {
        let command = options.proxy_line(command).map_err(|reason| {
            DialError::Final(unreachable(format!("proxy command `{command}`: {reason}"), ""))
        })?;
        return proxy::start(&command).map_err(DialError::Final);
    }
    let stream = tcp(options).await.map_err(DialError::Failed)?;
    // Without it, each command costs a delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    Ok(Box::new(QuickAck::new(stream)))
}

/// A TCP connection to the first of the host's addresses that answers.
async fn tcp(options: &SshOptions) -> Result<TcpStream, ConnectionError> {
    let (host, port, limit) = (options.host.as_str(), options.port, options.connect_timeout);
    let silent = |what: &str| {
        unreachable(
            format!("no answer from {what} within {} s", limit.as_secs_f64()),
            "is the host up, and does a firewall let the connection through?",
        )
    };
    let addresses = match timeout(limit, lookup_host((host, port))).await {
        Ok(Ok(addresses)) => addresses,
        Ok(Err(error)) => {
            return Err(unreachable(
                format!("cannot resolve the name `{host}`: {error}"),
                "is the name right? `ansible_host` gives an address of its own",
            ));
        }
        Err(_) => return Err(silent("the name service")),
    };
    let mut last = unreachable(format!("the name `{host}` has no address"), "");
    for address in addresses {
        last = match timeout(limit, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => unreachable(
                format!("connection refused: {address}"),
                "is sshd running there, and on this port?",
            ),
            Ok(Err(error)) => unreachable(format!("cannot connect to {address}: {error}"), ""),
            Err(_) => silent(&address.to_string()),
        };
    }
    Err(last)
}

/// Agrees on algorithms and checks who the host is.
async fn handshake(
    options: &SshOptions,
    stream: Box<dyn Stream>,
) -> Result<(Handle<Client>, Arc<Fate>), DialError> {
    let fate = Arc::new(Fate::default());
    let policy = HostKeyPolicy::new(options).map_err(DialError::Final)?;
    let config = client::Config {
        preferred: policy.preferred(),
        keepalive_interval: (!options.keepalive.is_zero()).then_some(options.keepalive),
        keepalive_max: options.keepalive_count,
        nodelay: true,
        ..client::Config::default()
    };
    let client = Client { policy, fate: Arc::clone(&fate) };
    let shaking = client::connect_stream(Arc::new(config), stream, client);
    let address = options.address();
    match timeout(options.connect_timeout, shaking).await {
        Ok(Ok(handle)) => Ok((handle, fate)),
        Ok(Err(error)) => Err(match fate.refused.get() {
            Some(refused) => DialError::Final(refused.clone()),
            None if is_end(&error) && !fate.checked.load(Ordering::Relaxed) => {
                DialError::TurnedAway(unreachable(
                    format!("{address} closed the connection at once: {}", explain(&error)),
                    "is it an SSH server? Too many at once: raise `MaxStartups` in its sshd_config",
                ))
            }
            None => DialError::Final(unreachable(
                format!("no SSH connection with {address}: {}", explain(&error)),
                "",
            )),
        }),
        Err(_) => Err(DialError::Failed(unreachable(
            format!(
                "{address} accepts connections, but there was no SSH handshake within {} s",
                options.connect_timeout.as_secs_f64()
            ),
            "is it an SSH server?",
        ))),
    }
}

/// Whether the other side simply went away.
fn is_end(error: &russh::Error) -> bool {
    match error {
        russh::Error::Disconnect | russh::Error::HUP | russh::Error::SendError => true,
        russh::Error::IO(error) => matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof
        ),
        _ => false,
    }
}

fn unreachable(reason: String, help: &str) -> ConnectionError {
    ConnectionError::Unreachable { reason, help: help.to_owned() }
}
