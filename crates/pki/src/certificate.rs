//! X.509 certificates (RFC 5280), read and not judged.

use exhibit_evidence::Instant;

use crate::algorithm::{AlgorithmId, Scheme};
use crate::der::{Reader, Value, tag};
use crate::fault::Fault;
use crate::name::Name;
use crate::oid::{self, Oid};
use crate::public_key::{PublicKeyInfo, SignatureFault};

const STRUCTURE: &str = "certificate";

/// Largest certificate that is read, in bytes; real ones have some thousand.
pub const CERTIFICATE_BYTES_MAX: usize = 64 << 10;

/// Extensions of a certificate that are read; real ones have about ten.
const EXTENSIONS_MAX: usize = 64;

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate<'a> {
    /// All of it: the digest of a certificate is the digest of this.
    pub raw: &'a [u8],
    /// The part that is signed.
    pub signed: &'a [u8],
    /// Serial number, in two's complement.
    pub serial: &'a [u8],
    /// Who issued it.
    pub issuer: Name<'a>,
    /// Whose key it is.
    pub subject: Name<'a>,
    /// Valid from that moment,
    pub not_before: Instant,
    /// to that one, both included.
    pub not_after: Instant,
    /// The key.
    pub key: PublicKeyInfo<'a>,
    /// How it was signed.
    pub algorithm: AlgorithmId<'a>,
    /// The issuer's signature.
    pub signature: &'a [u8],
    /// What it may be used for, and more.
    pub extensions: Extensions<'a>,
}

/// The extensions that matter for a chain; of others, whether they may be ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extensions<'a> {
    /// Whether the certificate says that it is one of an authority; `None` without the extension.
    pub authority: Option<bool>,
    /// How many authorities may stand below it.
    pub path_length: Option<u64>,
    /// The bits of key usage, the first in the highest place; `None` without the extension.
    pub key_usage: Option<u16>,
    /// Extended key usages; `None` without the extension.
    pub extended_usage: Option<Vec<Oid<'a>>>,
    /// Whether that extension is critical.
    pub extended_usage_critical: bool,
    /// Id of the key.
    pub subject_key_id: Option<&'a [u8]>,
    /// Id of the issuer's key.
    pub authority_key_id: Option<&'a [u8]>,
    /// Critical extensions that are not understood: a certificate with one must not be relied upon.
    pub not_understood: Vec<Oid<'a>>,
}

/// Bits of key usage (RFC 5280, section 4.2.1.3).
pub mod usage {
    /// Signing.
    pub const DIGITAL_SIGNATURE: u16 = 0x8000;
    /// Signing what one stands by.
    pub const NON_REPUDIATION: u16 = 0x4000;
    /// Signing certificates.
    pub const CERTIFICATE_SIGN: u16 = 0x0400;
    /// Signing revocation lists.
    pub const CRL_SIGN: u16 = 0x0200;
}

impl<'a> Certificate<'a> {
    /// Reads one.
    ///
    /// # Errors
    /// If the bytes are no certificate in DER, or more than [`CERTIFICATE_BYTES_MAX`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        if bytes.len() > CERTIFICATE_BYTES_MAX {
            let text = format!("{} bytes; the limit is {CERTIFICATE_BYTES_MAX}", bytes.len());
            return Err(Fault::limit(STRUCTURE, text));
        }
        let mut whole = Reader::sequence_of(STRUCTURE, bytes)?;
        let signed = whole.expect(tag::SEQUENCE, "the signed part")?;
        let algorithm = AlgorithmId::read(&mut whole, "signature algorithm")?;
        let signature = whole.bits("signature")?;
        whole.end()?;
        let mut inside = signed.inside();
        inside.optional(tag::context(0))?; // version: extensions tell what counts
        let serial = inside.expect(tag::INTEGER, "serial number")?.integer()?;
        let inner = AlgorithmId::read(&mut inside, "signature algorithm")?;
        if inner.raw != algorithm.raw {
            return Err(signed.fault("the signature algorithm inside is not the one outside"));
        }
        let issuer = Name::read(&mut inside, "issuer")?;
        let mut validity = inside.sequence("validity")?;
        let (not_before, not_after) = (validity.time("not before")?, validity.time("not after")?);
        validity.end()?;
        let subject = Name::read(&mut inside, "subject")?;
        let key = PublicKeyInfo::read(&mut inside)?;
        inside.optional(tag::context_primitive(1))?; // unique ids, which nobody uses
        inside.optional(tag::context_primitive(2))?;
        let extensions = match inside.optional(tag::context(3))? {
            Some(value) => Extensions::read(value)?,
            None => Extensions::default(),
        };
        inside.end()?;
        let (raw, signed) = (bytes, signed.raw);
        Ok(Self { raw, signed, serial, issuer, subject, not_before, not_after, key, algorithm, signature, extensions })
    }

    /// Whether the key of `issuer` signed it.
    ///
    /// # Errors
    /// If it did not, or whether it did cannot be told.
    pub fn signed_by(&self, issuer: &PublicKeyInfo<'_>) -> Result<(), SignatureFault> {
        issuer.verify(Scheme::of(&self.algorithm, None)?, self.signed, self.signature)
    }

    /// Whether it names itself as its issuer.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }

    /// `CN=… (serial 1a2b)`, for people.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} (serial {})", self.subject, exhibit_evidence::to_hex(self.serial.get(..32).unwrap_or(self.serial)))
    }
}

impl<'a> Extensions<'a> {
    fn read(value: Value<'a>) -> Result<Self, Fault> {
        let mut wrapped = value.inside();
        let mut list = wrapped.sequence("extensions")?;
        wrapped.end()?;
        let mut all = Self::default();
        let mut seen: Vec<Oid<'a>> = Vec::new();
        while !list.is_empty() {
            let (oid, critical, content) = extension(&mut list)?;
            if seen.contains(&oid) {
                return Err(content.fault(format!("the extension {oid} is there twice")));
            }
            if seen.len() >= EXTENSIONS_MAX {
                return Err(Fault::limit(STRUCTURE, format!("more than {EXTENSIONS_MAX} extensions")));
            }
            seen.push(oid);
            all.one(oid, critical, content)?;
        }
        Ok(all)
    }

    fn one(&mut self, oid: Oid<'a>, critical: bool, content: Value<'a>) -> Result<(), Fault> {
        let mut inside = content.inside();
        match oid.bytes() {
            oid::BASIC_CONSTRAINTS => {
                let mut constraints = inside.sequence("basic constraints")?;
                let authority = constraints.optional(tag::BOOLEAN)?.map(|value| value.boolean()).transpose()?;
                self.authority = Some(authority.unwrap_or(false));
                self.path_length = constraints.optional(tag::INTEGER)?.map(|value| value.number()).transpose()?;
                constraints.end()?;
            }
            oid::KEY_USAGE => {
                let bits = inside.expect(tag::BIT_STRING, "key usage")?;
                let byte = |at: usize| u16::from(bits.content.get(at).copied().unwrap_or(0));
                self.key_usage = Some((byte(1) << 8) | byte(2));
            }
            oid::EXTENDED_KEY_USAGE => {
                let mut list = inside.sequence("extended key usage")?;
                let mut usages = Vec::new();
                while !list.is_empty() && usages.len() < EXTENSIONS_MAX {
                    usages.push(list.oid("an extended key usage")?);
                }
                self.extended_usage = Some(usages);
                self.extended_usage_critical = critical;
            }
            oid::SUBJECT_KEY_ID => self.subject_key_id = Some(inside.octets("key id")?),
            oid::AUTHORITY_KEY_ID => {
                let mut id = inside.sequence("id of the issuer's key")?;
                self.authority_key_id = id.optional(tag::context_primitive(0))?.map(|value| value.content);
                return Ok(()); // issuer and serial may follow; the id is enough
            }
            // What they say does not restrict a chain to somebody who asks for no policy and no name.
            oid::SUBJECT_ALT_NAME | oid::CERTIFICATE_POLICIES => return Ok(()),
            _ => {
                if critical {
                    self.not_understood.push(oid);
                }
                return Ok(());
            }
        }
        inside.end()
    }

    /// Whether the key may be used for one of these; a certificate that does not say may.
    #[must_use]
    pub fn allows(&self, usages: u16) -> bool {
        self.key_usage.is_none_or(|bits| bits & usages != 0)
    }
}

/// An extension: what it is, whether it is critical, and the OCTET STRING of its value.
pub(crate) fn extension<'a>(list: &mut Reader<'a>) -> Result<(Oid<'a>, bool, Value<'a>), Fault> {
    let mut inside = list.sequence("an extension")?;
    let oid = inside.oid("which extension")?;
    let critical = inside.optional(tag::BOOLEAN)?.map(|value| value.boolean()).transpose()?.unwrap_or(false);
    let content = inside.expect(tag::OCTET_STRING, "value of an extension")?;
    inside.end()?;
    Ok((oid, critical, content))
}
