//! Lists of revoked certificates (RFC 5280, section 5), read and not judged.

use exhibit_evidence::Instant;

use crate::algorithm::{AlgorithmId, Scheme};
use crate::certificate::extension;
use crate::der::{Reader, Value, tag};
use crate::fault::Fault;
use crate::name::Name;
use crate::oid::{self, Oid};
use crate::public_key::{PublicKeyInfo, SignatureFault};

const STRUCTURE: &str = "revocation list";

/// Largest list that is read, in bytes.
pub const CRL_BYTES_MAX: usize = 32 << 20;

/// A list of revoked certificates.
#[derive(Debug, Clone)]
pub struct RevocationList<'a> {
    /// All of it.
    pub raw: &'a [u8],
    /// The part that is signed.
    pub signed: &'a [u8],
    /// Whose certificates it is about.
    pub issuer: Name<'a>,
    /// When it was made.
    pub this_update: Instant,
    /// When the next one was promised.
    pub next_update: Option<Instant>,
    entries: Option<Value<'a>>,
    algorithm: AlgorithmId<'a>,
    signature: &'a [u8],
    /// Critical extensions that are not understood, a division of the list among them: it must not be relied upon.
    pub not_understood: Vec<Oid<'a>>,
}

/// An entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revoked {
    /// When the certificate was revoked.
    pub when: Instant,
    /// Why (RFC 5280, section 5.3.1), if the list says it.
    pub reason: Option<u64>,
}

impl Revoked {
    /// The reason in words.
    #[must_use]
    pub const fn reason_in_words(&self) -> &'static str {
        match self.reason {
            None => "no reason given",
            Some(0) => "unspecified",
            Some(1) => "the key was compromised",
            Some(2) => "the authority was compromised",
            Some(3) => "the affiliation changed",
            Some(4) => "superseded by another",
            Some(5) => "no longer in use",
            Some(6) => "on hold",
            Some(9) => "a privilege was withdrawn",
            Some(_) => "a reason that is not known here",
        }
    }
}

impl<'a> RevocationList<'a> {
    /// Reads one. Its entries are looked through when they are needed.
    ///
    /// # Errors
    /// If the bytes are no list in DER, or more than [`CRL_BYTES_MAX`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        if bytes.len() > CRL_BYTES_MAX {
            return Err(Fault::limit(STRUCTURE, format!("{} bytes; the limit is {CRL_BYTES_MAX}", bytes.len())));
        }
        let mut whole = Reader::sequence_of(STRUCTURE, bytes)?;
        let signed = whole.expect(tag::SEQUENCE, "the signed part")?;
        let algorithm = AlgorithmId::read(&mut whole, "signature algorithm")?;
        let signature = whole.bits("signature")?;
        whole.end()?;
        let mut inside = signed.inside();
        inside.optional(tag::INTEGER)?; // version
        if AlgorithmId::read(&mut inside, "signature algorithm")?.raw != algorithm.raw {
            return Err(signed.fault("the signature algorithm inside is not the one outside"));
        }
        let issuer = Name::read(&mut inside, "issuer")?;
        let this_update = inside.time("this update")?;
        let has_next = matches!(inside.peek(), Some(tag::UTC_TIME | tag::GENERALIZED_TIME));
        let next_update = if has_next { Some(inside.time("next update")?) } else { None };
        let entries = inside.optional(tag::SEQUENCE)?;
        let mut not_understood = Vec::new();
        if let Some(extensions) = inside.optional(tag::context(0))? {
            let mut list = extensions.inside().sequence("extensions")?;
            while !list.is_empty() {
                let (oid, critical, _) = extension(&mut list)?;
                let harmless = oid.is(oid::CRL_NUMBER) || oid.is(oid::AUTHORITY_KEY_ID);
                if critical && !harmless && not_understood.len() < 8 {
                    not_understood.push(oid);
                }
            }
        }
        inside.end()?;
        let (raw, signed) = (bytes, signed.raw);
        Ok(Self { raw, signed, issuer, this_update, next_update, entries, algorithm, signature, not_understood })
    }

    /// Whether the key of `issuer` signed it.
    ///
    /// # Errors
    /// If it did not, or whether it did cannot be told.
    pub fn signed_by(&self, issuer: &PublicKeyInfo<'_>) -> Result<(), SignatureFault> {
        issuer.verify(Scheme::of(&self.algorithm, None)?, self.signed, self.signature)
    }

    /// The entry of the certificate with that serial number, if there is one.
    ///
    /// # Errors
    /// If the list is damaged before it.
    pub fn find(&self, serial: &[u8]) -> Result<Option<Revoked>, Fault> {
        let Some(entries) = &self.entries else { return Ok(None) };
        let mut list = entries.inside();
        while !list.is_empty() {
            let mut entry = list.sequence("an entry")?;
            let found = entry.expect(tag::INTEGER, "serial number")?.integer()?;
            let when = entry.time("time of the revocation")?;
            if found != serial {
                continue;
            }
            let mut reason = None;
            if let Some(extensions) = entry.optional(tag::SEQUENCE)? {
                let mut inside = extensions.inside();
                while !inside.is_empty() {
                    let (oid, critical, content) = extension(&mut inside)?;
                    if oid.is(oid::REASON_CODE) {
                        reason = Some(content.inside().expect(tag::ENUMERATED, "reason")?.number()?);
                    } else if critical {
                        return Err(Fault::unsupported(
                            STRUCTURE,
                            format!("an entry with the critical extension {oid}"),
                        ));
                    }
                }
            }
            return Ok(Some(Revoked { when, reason }));
        }
        Ok(None)
    }
}
