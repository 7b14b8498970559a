//! The files of a registry, and of those who trust it.

/// The authority's certificate, in the folder.
pub(super) const AUTHORITY: &str = "ca.crt";
/// The authority's key. The container does not see it.
pub(super) const AUTHORITY_KEY: &str = "ca.key";
/// The registry's certificate.
pub(super) const CERTIFICATE: &str = "serve/tls.crt";
/// The registry's key.
pub(super) const KEY: &str = "serve/tls.key";
/// The users.
pub(super) const USERS: &str = "serve/htpasswd";
/// What the container sees of the folder.
pub(super) const SERVED: &str = "serve";
/// Where it sees it.
pub(super) const INSIDE: &str = "/etc/registry-serve";

/// The name of the authority that a registry has of its own.
pub(super) fn authority_name(registry: &str, server: &str) -> String {
    format!("registry {registry} on {server}")
}

/// The file by which an Engine trusts a registry.
pub(super) fn trust(address: &str) -> String {
    format!("/etc/docker/certs.d/{address}/ca.crt")
}
