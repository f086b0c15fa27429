//! Hash and signature algorithms, by their identifiers.

use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::der::{Reader, Value, tag};
use crate::fault::Fault;
use crate::oid::{self, Oid};

/// A hash that is accepted. SHA-1 and MD5 are not: two texts with one digest can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// Name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// The content bytes of its identifier.
    #[must_use]
    pub const fn oid(self) -> &'static [u8] {
        match self {
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
        }
    }

    /// Length of a digest, in bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The digest of `message`.
    #[must_use]
    pub fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }

    /// The hash of that identifier.
    ///
    /// # Errors
    /// If it is none that is accepted.
    pub fn of(oid: Oid<'_>) -> Result<Self, Fault> {
        if oid.is(oid::SHA1) {
            return Err(Fault::unsupported("hash algorithm", "SHA-1, which can be forged, is not accepted"));
        }
        let known = Self::ALL.into_iter().find(|hash| oid.is(hash.oid()));
        known.ok_or_else(|| {
            Fault::unsupported("hash algorithm", format!("{oid} is not accepted; SHA-256, SHA-384 and SHA-512 are"))
        })
    }
}

/// An AlgorithmIdentifier as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlgorithmId<'a> {
    /// The whole of it, for comparing.
    pub raw: &'a [u8],
    /// Which algorithm.
    pub oid: Oid<'a>,
    /// Its parameters, if there are any.
    pub parameters: Option<Value<'a>>,
}

impl<'a> AlgorithmId<'a> {
    /// Reads one.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(reader: &mut Reader<'a>, what: &str) -> Result<Self, Fault> {
        let value = reader.expect(tag::SEQUENCE, what)?;
        let mut inside = value.inside();
        let oid = inside.oid(what)?;
        let parameters = if inside.is_empty() { None } else { Some(inside.any()?) };
        inside.end()?;
        Ok(Self { raw: value.raw, oid, parameters })
    }

    /// As a hash.
    ///
    /// # Errors
    /// If it is none that is accepted.
    pub fn hash(&self) -> Result<Hash, Fault> {
        Hash::of(self.oid)
    }
}

/// How something was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5.
    Rsa(Hash),
    /// RSASSA-PSS, with MGF1 over the same hash.
    RsaPss {
        /// Hash of the message.
        hash: Hash,
        /// Length of the salt, in bytes.
        salt_bytes: usize,
    },
    /// ECDSA; the curve is the key's.
    Ecdsa(Hash),
    /// Ed25519, which hashes by itself.
    Ed25519,
}

impl Scheme {
    /// The scheme that a signature algorithm names. In CMS an algorithm may be the key's alone; then `digest` counts.
    ///
    /// # Errors
    /// If it is none that is accepted.
    pub fn of(algorithm: &AlgorithmId<'_>, digest: Option<Hash>) -> Result<Self, Fault> {
        let oid = algorithm.oid;
        let table: [(&[u8], Self); 6] = [
            (oid::RSA_SHA256, Self::Rsa(Hash::Sha256)),
            (oid::RSA_SHA384, Self::Rsa(Hash::Sha384)),
            (oid::RSA_SHA512, Self::Rsa(Hash::Sha512)),
            (oid::ECDSA_SHA256, Self::Ecdsa(Hash::Sha256)),
            (oid::ECDSA_SHA384, Self::Ecdsa(Hash::Sha384)),
            (oid::ECDSA_SHA512, Self::Ecdsa(Hash::Sha512)),
        ];
        if let Some((_, scheme)) = table.iter().find(|(id, _)| oid.is(id)) {
            return Ok(*scheme);
        }
        match digest {
            _ if oid.is(oid::ED25519) => Ok(Self::Ed25519),
            _ if oid.is(oid::RSA_PSS) => pss(algorithm),
            Some(hash) if oid.is(oid::RSA) => Ok(Self::Rsa(hash)),
            Some(hash) if oid.is(oid::EC) => Ok(Self::Ecdsa(hash)),
            _ if oid.is(oid::RSA_SHA1) => {
                Err(Fault::unsupported("signature algorithm", "RSA with SHA-1, which can be forged, is not accepted"))
            }
            _ => Err(Fault::unsupported(
                "signature algorithm",
                format!("{oid} is not handled; RSA, ECDSA and Ed25519 are"),
            )),
        }
    }
}

/// The parameters of RSASSA-PSS (RFC 4055, section 3.1), as far as anybody uses them: one hash for both places.
fn pss(algorithm: &AlgorithmId<'_>) -> Result<Scheme, Fault> {
    let odd = |text: &str| Fault::unsupported("RSASSA-PSS", text);
    let parameters = algorithm.parameters.filter(|value| value.tag == tag::SEQUENCE);
    let mut inside =
        parameters.ok_or_else(|| odd("without parameters it means SHA-1, which is not accepted"))?.inside();
    let hash =
        inside.optional(tag::context(0))?.ok_or_else(|| odd("no hash named, which means SHA-1; not accepted"))?;
    let hash = AlgorithmId::read(&mut hash.inside(), "hash of RSASSA-PSS")?.hash()?;
    let mask =
        inside.optional(tag::context(1))?.ok_or_else(|| odd("no mask named, which means SHA-1; not accepted"))?;
    let mask = AlgorithmId::read(&mut mask.inside(), "mask of RSASSA-PSS")?;
    let mask_hash = mask.parameters.ok_or_else(|| odd("the mask names no hash"))?;
    let mut mask_reader = mask_hash.inside();
    if !mask.oid.is(oid::MGF1)
        || mask_hash.tag != tag::SEQUENCE
        || Hash::of(mask_reader.oid("hash of the mask")?)? != hash
    {
        return Err(odd("a mask other than MGF1 with the hash of the message"));
    }
    let salt =
        inside.optional(tag::context(2))?.map(|value| value.inside().number("length of the salt")).transpose()?;
    let salt_bytes = usize::try_from(salt.unwrap_or(20)).ok().filter(|length| *length <= 64);
    let salt_bytes = salt_bytes.ok_or_else(|| odd("a salt of more than 64 bytes"))?;
    if inside.optional(tag::context(3))?.is_some() {
        return Err(odd("another trailer than the usual one"));
    }
    inside.end()?;
    Ok(Scheme::RsaPss { hash, salt_bytes })
}
