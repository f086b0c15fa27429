//! CMS signed data (RFC 5652), read and not judged; [`write`](mod@write) makes it.

pub mod write;

use exhibit_evidence::Instant;

use crate::algorithm::{AlgorithmId, Hash, Scheme};
use crate::certificate::Certificate;
use crate::der::{Reader, Value, tag};
use crate::fault::Fault;
use crate::name::Name;
use crate::oid::{self, Oid};
use crate::public_key::{PublicKeyInfo, SignatureFault};

const STRUCTURE: &str = "signed data (CMS)";

/// Certificates, lists and signers that are read; real signatures have some.
pub const PARTS_MAX: usize = 64;
/// Attributes of a signer that are read.
pub const ATTRIBUTES_MAX: usize = 64;

/// Signed data.
#[derive(Debug, Clone)]
pub struct SignedData<'a> {
    /// What the content is.
    pub content_type: Oid<'a>,
    /// The content; `None` if it lies elsewhere (a detached signature).
    pub content: Option<&'a [u8]>,
    /// Certificates that came along, in DER. Other kinds of certificates are left out.
    pub certificates: Vec<&'a [u8]>,
    /// Revocation lists that came along, in DER.
    pub revocation_lists: Vec<&'a [u8]>,
    /// Who signed.
    pub signers: Vec<SignerInfo<'a>>,
    /// The algorithms, encapsulated content, certificates and lists as they stand, for writing the structure again.
    parts: Parts<'a>,
}

/// Pieces of a SignedData that are kept when a time stamp is added.
#[derive(Debug, Clone, Copy)]
struct Parts<'a> {
    version: &'a [u8],
    algorithms: &'a [u8],
    content: &'a [u8],
    certificates: &'a [u8],
    lists: &'a [u8],
}

/// Which certificate signed, as the signature says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignerId<'a> {
    /// By issuer and serial number.
    Issuer(Name<'a>, &'a [u8]),
    /// By the id of its key.
    Key(&'a [u8]),
}

/// One signature.
#[derive(Debug, Clone)]
pub struct SignerInfo<'a> {
    /// All of it.
    pub raw: &'a [u8],
    /// Which certificate signed.
    pub id: SignerId<'a>,
    /// The hash of the content.
    pub digest: AlgorithmId<'a>,
    /// What is signed, as it stands; `None` if the content is signed directly.
    signed: Option<Value<'a>>,
    /// How it was signed.
    pub algorithm: AlgorithmId<'a>,
    /// The signature.
    pub signature: &'a [u8],
    unsigned: Option<Value<'a>>,
}

impl<'a> SignedData<'a> {
    /// Reads one in its ContentInfo.
    ///
    /// # Errors
    /// If the bytes are no signed data in DER.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut info = Reader::sequence_of(STRUCTURE, bytes)?;
        let kind = info.oid("type of the content")?;
        if !kind.is(oid::SIGNED_DATA) {
            return Err(Fault::unsupported(STRUCTURE, format!("it is of the type {kind}, not signed data")));
        }
        let wrapped = info.expect(tag::context(0), "the content")?;
        info.end()?;
        let mut outer = wrapped.inside();
        let mut data = outer.sequence("signed data")?;
        outer.end()?;
        let version = data.expect(tag::INTEGER, "version")?.raw;
        let algorithms = data.expect(tag::SET, "hash algorithms")?.raw;
        let encapsulated = data.expect(tag::SEQUENCE, "the signed content")?;
        let mut inside = encapsulated.inside();
        let content_type = inside.oid("type of the signed content")?;
        let content = match inside.optional(tag::context(0))? {
            Some(value) => {
                let mut wrapped = value.inside();
                let content = wrapped.octets("the signed content")?;
                wrapped.end()?;
                Some(content)
            }
            None => None,
        };
        inside.end()?;
        let certificates = data.optional(tag::context(0))?;
        let lists = data.optional(tag::context(1))?;
        let signers = data.expect(tag::SET, "signers")?;
        data.end()?;
        let parts = Parts {
            version,
            algorithms,
            content: encapsulated.raw,
            certificates: certificates.map_or(&[], |value| value.raw),
            lists: lists.map_or(&[], |value| value.raw),
        };
        Ok(Self {
            content_type,
            content,
            certificates: sequences(certificates)?,
            revocation_lists: sequences(lists)?,
            signers: each(signers, SignerInfo::read)?,
            parts,
        })
    }

    /// The one signer.
    ///
    /// # Errors
    /// If there is none, or more than one.
    pub fn signer(&self) -> Result<&SignerInfo<'a>, Fault> {
        match self.signers.as_slice() {
            [signer] => Ok(signer),
            signers => {
                Err(Fault::unsupported(STRUCTURE, format!("{} signatures; exactly one is expected", signers.len())))
            }
        }
    }
}

/// The SEQUENCEs of a set: certificates and lists of the usual kind. Others (attribute certificates, OCSP answers) have
/// other tags and are left out.
fn sequences(value: Option<Value<'_>>) -> Result<Vec<&[u8]>, Fault> {
    let all = value.map_or(Ok(Vec::new()), |value| each(value, Ok))?;
    Ok(all.into_iter().filter(|value| value.tag == tag::SEQUENCE).map(|value| value.raw).collect())
}

/// Every value of a set.
fn each<'a, T>(set: Value<'a>, read: impl Fn(Value<'a>) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    let mut inside = set.inside();
    let mut all = Vec::new();
    while !inside.is_empty() {
        if all.len() >= PARTS_MAX {
            return Err(Fault::limit(STRUCTURE, format!("more than {PARTS_MAX} parts of one kind")));
        }
        all.push(read(inside.any()?)?);
    }
    Ok(all)
}

impl<'a> SignerInfo<'a> {
    fn read(value: Value<'a>) -> Result<Self, Fault> {
        if value.tag != tag::SEQUENCE {
            return Err(value.fault("a signer is expected"));
        }
        let mut inside = value.inside();
        inside.expect(tag::INTEGER, "version of a signer")?;
        let id = match inside.optional(tag::context_primitive(0))? {
            Some(key) => SignerId::Key(key.content),
            None => {
                let mut pair = inside.sequence("issuer and serial number of a signer")?;
                let issuer = Name::read(&mut pair, "issuer of a signer")?;
                let serial = pair.expect(tag::INTEGER, "serial number of a signer")?.integer()?;
                pair.end()?;
                SignerId::Issuer(issuer, serial)
            }
        };
        let digest = AlgorithmId::read(&mut inside, "hash of a signer")?;
        let signed = inside.optional(tag::context(0))?;
        let algorithm = AlgorithmId::read(&mut inside, "signature algorithm of a signer")?;
        let signature = inside.octets("signature")?;
        let unsigned = inside.optional(tag::context(1))?;
        inside.end()?;
        Ok(Self { raw: value.raw, id, digest, signed, algorithm, signature, unsigned })
    }

    /// Whether that certificate is the one it names.
    #[must_use]
    pub fn names(&self, certificate: &Certificate<'_>) -> bool {
        match self.id {
            SignerId::Issuer(issuer, serial) => certificate.issuer == issuer && certificate.serial == serial,
            SignerId::Key(id) => certificate.extensions.subject_key_id == Some(id),
        }
    }

    /// Whether there are signed attributes; without them the signature says nothing of its kind.
    #[must_use]
    pub const fn has_signed_attributes(&self) -> bool {
        self.signed.is_some()
    }

    /// The one value of a signed attribute; `None` without the attribute.
    ///
    /// # Errors
    /// If it is there twice, or has not exactly one value.
    pub fn signed_attribute(&self, oid: &[u8]) -> Result<Option<Value<'a>>, Fault> {
        self.signed.map_or(Ok(None), |set| attribute(set, oid))
    }

    /// The one value of an unsigned attribute; `None` without the attribute.
    ///
    /// # Errors
    /// If it is there twice, or has not exactly one value.
    pub fn unsigned_attribute(&self, oid: &[u8]) -> Result<Option<Value<'a>>, Fault> {
        self.unsigned.map_or(Ok(None), |set| attribute(set, oid))
    }

    /// The digest of the content that is signed.
    ///
    /// # Errors
    /// If there is none.
    pub fn message_digest(&self) -> Result<&'a [u8], Fault> {
        let value = self.signed_attribute(oid::MESSAGE_DIGEST)?;
        let value = value.ok_or_else(|| Fault::unsupported(STRUCTURE, "no digest of the content is signed"))?;
        if value.tag == tag::OCTET_STRING {
            Ok(value.content)
        } else {
            Err(value.fault("the digest is no OCTET STRING"))
        }
    }

    /// When the signer says that it signed.
    ///
    /// # Errors
    /// If what it says is no time.
    pub fn signing_time(&self) -> Result<Option<Instant>, Fault> {
        let value = self.signed_attribute(oid::SIGNING_TIME)?;
        value.map(|value| Reader::new(STRUCTURE, value.raw).time("signing time")).transpose()
    }

    /// Whether the key signed what this signer says it signed.
    ///
    /// # Errors
    /// If it did not, or whether it did cannot be told.
    pub fn signed_by(&self, key: &PublicKeyInfo<'_>) -> Result<(), SignatureFault> {
        let hash: Hash = self.digest.hash()?;
        let scheme = Scheme::of(&self.algorithm, Some(hash))?;
        let Some(signed) = &self.signed else {
            return Err(Fault::unsupported(STRUCTURE, "a signature without signed attributes is not accepted").into());
        };
        // What is signed is the SET, whose tag stands there in its short form only (RFC 5652, section 5.4).
        let mut message = signed.raw.to_vec();
        if let Some(first) = message.first_mut() {
            *first = tag::SET;
        }
        key.verify(scheme, &message, self.signature)
    }
}

/// The one value of the one attribute of that kind in a set.
fn attribute<'a>(set: Value<'a>, oid: &[u8]) -> Result<Option<Value<'a>>, Fault> {
    let mut inside = set.inside();
    let mut found = None;
    let mut count = 0_usize;
    while !inside.is_empty() {
        count = count.saturating_add(1);
        if count > ATTRIBUTES_MAX {
            return Err(Fault::limit(STRUCTURE, format!("more than {ATTRIBUTES_MAX} attributes")));
        }
        let mut pair = inside.sequence("an attribute")?;
        let kind = pair.oid("kind of an attribute")?;
        let values = pair.expect(tag::SET, "values of an attribute")?;
        pair.end()?;
        if !kind.is(oid) {
            continue;
        }
        let mut each = values.inside();
        let value = each.any()?;
        if found.is_some() || !each.is_empty() {
            return Err(values.fault(format!("the attribute {kind} is there more than once")));
        }
        found = Some(value);
    }
    Ok(found)
}
