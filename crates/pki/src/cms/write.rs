//! Detached signatures in the manner of CAdES-B (ETSI EN 319 122-1), and with a time stamp CAdES-T.

#[cfg(feature = "keys")]
use exhibit_evidence::Instant;

use super::{STRUCTURE, SignedData};
#[cfg(feature = "keys")]
use crate::algorithm::Hash;
#[cfg(feature = "keys")]
use crate::certificate::Certificate;
use crate::der::{tag, write};
use crate::fault::Fault;
use crate::oid;
#[cfg(feature = "keys")]
use crate::private_key::PrivateKey;

/// A detached signature over content whose digest by [`PrivateKey::hash`] is `digest`.
///
/// Signed are the type of the content (data), its digest, the time, and which certificate signs (signing-certificate-v2).
/// `chain` is what else is needed to check it, without the anchor that a receiver has by another way.
///
/// # Errors
/// If the key is not that of the certificate, or cannot sign.
#[cfg(feature = "keys")]
pub fn detached(
    digest: &[u8],
    key: &PrivateKey,
    certificate: &Certificate<'_>,
    chain: &[Certificate<'_>],
    now: Instant,
) -> Result<Vec<u8>, Fault> {
    if !key.belongs_to(&certificate.key) {
        return Err(Fault::usage(STRUCTURE, format!("the private key is not that of {}", certificate.title())));
    }
    let hash = key.hash();
    let attributes = attributes(digest, certificate, now);
    let signature = key.sign(&write::set_of(attributes.clone()))?;
    let (name, null) = key.signature_algorithm();
    let signer = write::sequence(&[
        &write::unsigned(&[1]),
        &write::sequence(&[certificate.issuer.raw(), &write::value(tag::INTEGER, certificate.serial)]),
        &write::algorithm(hash.oid(), false),
        &write::tagged_set_of(tag::context(0), attributes),
        &write::algorithm(name, null),
        &write::octets(&signature),
    ]);
    let mut certificates = vec![certificate.raw.to_vec()];
    certificates.extend(chain.iter().map(|other| other.raw.to_vec()));
    certificates.sort();
    certificates.dedup();
    let data = write::sequence(&[
        &write::unsigned(&[1]),
        &write::set_of(vec![write::algorithm(hash.oid(), false)]),
        &write::sequence(&[&write::oid(oid::DATA)]),
        &write::tagged_set_of(tag::context(0), certificates),
        &write::set_of(vec![signer]),
    ]);
    Ok(content_info(&data))
}

/// The same signature with a time stamp over it as an unsigned attribute: CAdES-T.
///
/// # Errors
/// If the bytes are no signed data with one signer, or it has unsigned attributes already.
pub fn with_time_stamp(signature: &[u8], token: &[u8]) -> Result<Vec<u8>, Fault> {
    let data = SignedData::parse(signature)?;
    let signer = data.signer()?;
    if signer.unsigned.is_some() {
        return Err(Fault::usage(STRUCTURE, "it has unsigned attributes already"));
    }
    let stamp = write::sequence(&[&write::oid(oid::SIGNATURE_TIME_STAMP), &write::set_of(vec![token.to_vec()])]);
    let unsigned = write::tagged_set_of(tag::context(1), vec![stamp]);
    let mut fields = crate::der::Reader::sequence_of(STRUCTURE, signer.raw)?;
    let mut content = Vec::with_capacity(signer.raw.len().saturating_add(unsigned.len()));
    while !fields.is_empty() {
        content.extend_from_slice(fields.any()?.raw);
    }
    content.extend_from_slice(&unsigned);
    let parts = data.parts;
    let data = write::sequence(&[
        parts.version,
        parts.algorithms,
        parts.content,
        parts.certificates,
        parts.lists,
        &write::set_of(vec![write::sequence(&[&content])]),
    ]);
    Ok(content_info(&data))
}

fn content_info(data: &[u8]) -> Vec<u8> {
    write::sequence(&[&write::oid(oid::SIGNED_DATA), &write::value(tag::context(0), data)])
}

#[cfg(feature = "keys")]
fn attributes(digest: &[u8], certificate: &Certificate<'_>, now: Instant) -> Vec<Vec<u8>> {
    let attribute = |kind: &[u8], value: Vec<u8>| write::sequence(&[&write::oid(kind), &write::set_of(vec![value])]);
    // ESSCertIDv2: SHA-256 is the default hash, and what is the default is left out in DER.
    let id = write::sequence(&[&write::octets(&Hash::Sha256.digest(certificate.raw))]);
    let ids = write::sequence(&[&write::sequence(&[&id])]);
    vec![
        attribute(oid::CONTENT_TYPE, write::oid(oid::DATA)),
        attribute(oid::MESSAGE_DIGEST, write::octets(digest)),
        attribute(oid::SIGNING_TIME, write::time(now)),
        attribute(oid::SIGNING_CERTIFICATE_V2, ids),
    ]
}
