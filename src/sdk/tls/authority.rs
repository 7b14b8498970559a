//! An authority that signs certificates of servers.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use p256::ecdsa::{DerSignature, SigningKey};
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{self, Builder, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::der::asn1::Ia5String;
use x509_cert::der::{DecodePem, EncodePem, oid::ObjectIdentifier};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages,
    SubjectAltName, SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};
use x509_cert::time::Validity;

use crate::base::Secret;
use crate::sdk::Failure;

/// How long an authority signs: ten years.
const AUTHORITY_DAYS: u64 = 3650;
/// How far clocks may differ.
const SKEW: Duration = Duration::from_hours(1);
/// What a certificate may be used for: to serve.
const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");

/// A certificate and its key, both PEM.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The certificate.
    pub certificate: String,
    /// Its key.
    pub key: Secret,
}

/// An authority that signs certificates of servers: ECDSA over P-256.
pub struct Authority {
    certificate: x509_cert::Certificate,
    key: SigningKey,
}

impl Authority {
    /// Makes a new one of this name.
    pub fn make(name: &str) -> Result<Self, Failure> {
        let subject = Name::from_str(&Self::subject(name)).map_err(failed)?;
        let key = new_key()?;
        let profile = Profile { subject, issuer: None, names: vec![] };
        let certificate = sign(profile, &key, &key, end(AUTHORITY_DAYS))?;
        Ok(Self { certificate, key })
    }

    /// The subject that an authority of this name has in its certificate.
    pub fn subject(name: &str) -> String {
        // A subject has its own signs for `,` and the like, of which none is needed.
        let plain: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        format!("CN={plain}")
    }

    /// The one that has this certificate and this key.
    pub fn read(certificate: &str, key: &Secret) -> Result<Self, Failure> {
        let certificate = x509_cert::Certificate::from_pem(certificate).map_err(failed)?;
        let key = SigningKey::from_pkcs8_pem(key.reveal()).map_err(failed)?;
        Ok(Self { certificate, key })
    }

    /// Its own certificate and key.
    pub fn issued(&self) -> Result<Issued, Failure> {
        issued(&self.certificate, &self.key)
    }

    /// Makes a certificate for a server with these names and addresses, and its key.
    pub fn issue(&self, names: &[String], days: u64) -> Result<Issued, Failure> {
        let own_end = self.certificate.tbs_certificate().validity().not_after.to_system_time();
        let subject = Name::from_str("CN=registry").map_err(failed)?;
        let issuer = Some(self.certificate.tbs_certificate().subject().clone());
        let names = names.iter().map(|name| general(name)).collect::<Result<_, _>>()?;
        let key = new_key()?;
        let profile = Profile { subject, issuer, names };
        let certificate = sign(profile, &key, &self.key, end(days).min(own_end))?;
        issued(&certificate, &key)
    }
}

/// What stands in a certificate.
struct Profile {
    subject: Name,
    /// Who signs it; nobody else where it is an authority.
    issuer: Option<Name>,
    names: Vec<GeneralName>,
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, subject: &Name) -> Name {
        self.issuer.as_ref().unwrap_or(subject).clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        own: SubjectPublicKeyInfoRef<'_>,
        signer: SubjectPublicKeyInfoRef<'_>,
        content: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        let authority = self.issuer.is_none();
        let usage = if authority {
            KeyUsages::KeyCertSign | KeyUsages::CRLSign
        } else {
            KeyUsages::DigitalSignature.into()
        };
        let subject = content.subject();
        let mut all = vec![];
        let limits =
            BasicConstraints { ca: authority, path_len_constraint: authority.then_some(0) };
        all.push(limits.to_extension(subject, &all)?);
        all.push(KeyUsage(usage).to_extension(subject, &all)?);
        all.push(SubjectKeyIdentifier::try_from(own)?.to_extension(subject, &all)?);
        all.push(AuthorityKeyIdentifier::try_from(signer)?.to_extension(subject, &all)?);
        if !authority {
            all.push(ExtendedKeyUsage(vec![SERVER_AUTH]).to_extension(subject, &all)?);
            all.push(SubjectAltName(self.names.clone()).to_extension(subject, &all)?);
        }
        Ok(all)
    }
}

fn sign(
    profile: Profile,
    key: &SigningKey,
    signer: &SigningKey,
    end: SystemTime,
) -> Result<x509_cert::Certificate, Failure> {
    let mut serial = random::<16>()?;
    // Positive, and not shorter than it looks.
    serial[0] = serial[0] & 0x7f | 0x40;
    let serial = SerialNumber::new(&serial).map_err(failed)?;
    let begin = (SystemTime::now() - SKEW).try_into().map_err(failed)?;
    let validity = Validity::new(begin, end.try_into().map_err(failed)?);
    let public = SubjectPublicKeyInfo::from_key(key.verifying_key()).map_err(failed)?;
    CertificateBuilder::new(profile, serial, validity, public)
        .and_then(|builder| builder.build::<_, DerSignature>(signer))
        .map_err(failed)
}

fn issued(certificate: &x509_cert::Certificate, key: &SigningKey) -> Result<Issued, Failure> {
    let key = key.to_pkcs8_pem(LineEnding::LF).map_err(failed)?;
    Ok(Issued {
        certificate: certificate.to_pem(LineEnding::LF).map_err(failed)?,
        key: Secret::new((*key).clone()),
    })
}

/// An address as such, anything else as a DNS name.
fn general(name: &str) -> Result<GeneralName, Failure> {
    match name.parse::<IpAddr>() {
        Ok(address) => Ok(GeneralName::from(address)),
        Err(_) => Ok(GeneralName::DnsName(Ia5String::new(name).map_err(failed)?)),
    }
}

fn new_key() -> Result<SigningKey, Failure> {
    // Not every number is a key; the next one is.
    loop {
        if let Ok(key) = SigningKey::from_slice(&random::<32>()?) {
            return Ok(key);
        }
    }
}

fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::new(format!("no random numbers: {error}")))?;
    Ok(bytes)
}

fn end(days: u64) -> SystemTime {
    SystemTime::now() + Duration::from_secs(days * 24 * 60 * 60)
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::new(format!("making a certificate failed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::super::Certificate;
    use super::*;

    #[test]
    fn a_certificate_is_for_its_names_and_known_by_its_authority() {
        let authority = Authority::make("registry on node1").unwrap();
        let own = authority.issued().unwrap();
        let names = ["reg.example.com".to_owned(), "10.0.0.1".to_owned(), "::1".to_owned()];
        let issued =
            Authority::read(&own.certificate, &own.key).unwrap().issue(&names, 365).unwrap();
        let read = Certificate::read(&issued.certificate).unwrap();
        assert_eq!(read.names, ["10.0.0.1", "::1", "reg.example.com"]);
        assert!(read.is_signed_by(&Certificate::read(&own.certificate).unwrap()));
        let other = Authority::make("x").unwrap().issued().unwrap();
        assert!(!read.is_signed_by(&Certificate::read(&other.certificate).unwrap()));
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let days = (read.ends - now + 60) / 86400;
        assert_eq!(days, 365);
        assert!(!format!("{issued:?}").contains("PRIVATE"));
    }

    #[test]
    fn no_certificate_ends_after_its_authority() {
        let authority = Authority::make("x").unwrap();
        let own = Certificate::read(&authority.issued().unwrap().certificate).unwrap();
        let issued = authority.issue(&["a".to_owned()], 10_000).unwrap();
        assert_eq!(Certificate::read(&issued.certificate).unwrap().ends, own.ends);
    }

    #[test]
    fn what_is_no_certificate_is_not_read() {
        for text in ["", "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----", "x"] {
            assert_eq!(Certificate::read(text), None, "{text}");
        }
    }
}
