//! What can be read of a certificate.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use x509_cert::der::DecodePem;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, SubjectAltName, SubjectKeyIdentifier};

/// What can be read of a certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Certificate {
    /// Whom it is about, such as `CN=registry`.
    pub subject: String,
    /// The DNS names and addresses that it is for, in order.
    pub names: Vec<String>,
    /// When it runs out: seconds since 1970.
    pub ends: u64,
    /// Its key, in short.
    key: String,
    /// The key that signed it, in short.
    signer: String,
}

impl Certificate {
    /// Reads the first certificate of a PEM file; `None` where there is none, or it cannot be
    /// read.
    pub fn read(pem: &str) -> Option<Self> {
        const END: &str = "-----END CERTIFICATE-----";
        let end = pem.find(END)? + END.len();
        let certificate =
            x509_cert::Certificate::from_pem(&pem[pem.find("-----BEGIN")?..end]).ok()?;
        let content = certificate.tbs_certificate();
        let names = content.get_extension::<SubjectAltName>().ok().flatten();
        let own = content.get_extension::<SubjectKeyIdentifier>().ok().flatten();
        let signer = content.get_extension::<AuthorityKeyIdentifier>().ok().flatten();
        let mut names: Vec<String> = names
            .map(|(_, SubjectAltName(names))| names.iter().filter_map(name).collect())
            .unwrap_or_default();
        names.sort();
        Some(Self {
            subject: content.subject().to_string(),
            names,
            ends: content.validity().not_after.to_unix_duration().as_secs(),
            key: own.map(|(_, id)| STANDARD.encode(id.0.as_bytes())).unwrap_or_default(),
            signer: signer
                .and_then(|(_, id)| Some(STANDARD.encode(id.key_identifier?.as_bytes())))
                .unwrap_or_default(),
        })
    }

    /// Whether this authority signed it.
    pub fn is_signed_by(&self, authority: &Self) -> bool {
        !authority.key.is_empty() && self.signer == authority.key
    }
}

/// A name as it is written; other kinds than DNS names and addresses are passed over.
fn name(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.to_string()),
        GeneralName::IpAddress(bytes) => {
            let bytes = bytes.as_bytes();
            let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from).ok();
            let address = four.or_else(|| <[u8; 16]>::try_from(bytes).map(IpAddr::from).ok())?;
            Some(address.to_string())
        }
        _ => None,
    }
}
