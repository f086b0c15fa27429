//! Public keys of certificates, and whether a signature is theirs.

use rsa::pkcs1::DecodeRsaPublicKey as _;
use rsa::pss::Pss;
use rsa::traits::PublicKeyParts as _;
use sha2::{Sha256, Sha384, Sha512};

use crate::algorithm::{AlgorithmId, Hash, Scheme};
use crate::der::{Reader, tag};
use crate::fault::Fault;
use crate::oid;

const STRUCTURE: &str = "public key";

/// RSA keys below are too weak, in bits.
pub const RSA_BITS_MIN: usize = 2048;
/// RSA keys above cost whoever checks more than they are worth, in bits.
pub const RSA_BITS_MAX: usize = 8192;

/// A SubjectPublicKeyInfo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKeyInfo<'a> {
    /// All of it: two keys are equal if these bytes are.
    pub raw: &'a [u8],
    /// What kind of key.
    pub algorithm: AlgorithmId<'a>,
    key: &'a [u8],
}

/// Why a signature does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// It is not this key's over this message.
    #[error("the signature does not match")]
    Mismatch,
    /// Whether it is cannot be told here.
    #[error(transparent)]
    Unsupported(#[from] Fault),
}

impl<'a> PublicKeyInfo<'a> {
    /// Reads one.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, Fault> {
        let value = reader.expect(tag::SEQUENCE, "a public key")?;
        let mut inside = value.inside();
        let algorithm = AlgorithmId::read(&mut inside, "algorithm of a public key")?;
        let key = inside.bits("a public key")?;
        inside.end()?;
        Ok(Self { raw: value.raw, algorithm, key })
    }

    /// `RSA 3072`, `P-256`, `Ed25519`, for people.
    #[must_use]
    pub fn kind(&self) -> String {
        if self.algorithm.oid.is(oid::RSA) {
            return match rsa::PublicKey::from_pkcs1_der(self.key) {
                Ok(key) => format!("RSA {}", key.n().bit_width()),
                Err(_) => "RSA".to_owned(),
            };
        }
        match self.curve() {
            Some(curve) if curve == oid::P256 => "P-256".to_owned(),
            Some(curve) if curve == oid::P384 => "P-384".to_owned(),
            _ if self.algorithm.oid.is(oid::ED25519) => "Ed25519".to_owned(),
            _ => self.algorithm.oid.to_string(),
        }
    }

    /// The key's bytes, as its algorithm has them.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.key
    }

    fn curve(&self) -> Option<&'a [u8]> {
        let named = self.algorithm.parameters.filter(|value| value.tag == tag::OID && self.algorithm.oid.is(oid::EC));
        named.map(|value| value.content)
    }

    /// Whether `signature` over `message` is this key's.
    ///
    /// # Errors
    /// [`SignatureFault::Mismatch`] if it is not; otherwise the key, the scheme or both are not handled.
    pub fn verify(&self, scheme: Scheme, message: &[u8], signature: &[u8]) -> Result<(), SignatureFault> {
        match scheme {
            Scheme::Rsa(hash) => self.rsa(|key, digest| verify_rsa(key, hash, digest, signature), hash, message),
            Scheme::RsaPss { hash, salt_bytes } => {
                self.rsa(|key, digest| verify_pss(key, hash, salt_bytes, digest, signature), hash, message)
            }
            Scheme::Ecdsa(hash) => self.ecdsa(&hash.digest(message), signature),
            Scheme::Ed25519 => self.ed25519(message, signature),
        }
    }

    fn rsa(
        &self,
        check: impl FnOnce(&rsa::PublicKey, &[u8]) -> bool,
        hash: Hash,
        message: &[u8],
    ) -> Result<(), SignatureFault> {
        if !self.algorithm.oid.is(oid::RSA) {
            return Err(self.other_kind("RSA"));
        }
        // The length is looked at before arithmetic is done with it.
        if self.key.len() > RSA_BITS_MAX / 8 + 64 {
            return Err(Fault::limit(STRUCTURE, format!("an RSA key of more than {RSA_BITS_MAX} bits")).into());
        }
        let key = rsa::PublicKey::from_pkcs1_der(self.key)
            .map_err(|error| Fault::unsupported(STRUCTURE, format!("an RSA key that cannot be used: {error}")))?;
        let bits = usize::try_from(key.n().bit_width()).unwrap_or(usize::MAX);
        if !(RSA_BITS_MIN..=RSA_BITS_MAX).contains(&bits) {
            let text = format!("an RSA key of {bits} bits; {RSA_BITS_MIN} to {RSA_BITS_MAX} are accepted");
            return Err(Fault::unsupported(STRUCTURE, text).into());
        }
        if check(&key, &hash.digest(message)) { Ok(()) } else { Err(SignatureFault::Mismatch) }
    }

    fn ecdsa(&self, digest: &[u8], signature: &[u8]) -> Result<(), SignatureFault> {
        let no_point = || SignatureFault::from(Fault::unsupported(STRUCTURE, "the bytes are no point of the curve"));
        let good = match self.curve() {
            Some(curve) if curve == oid::P256 => {
                use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(self.key).map_err(|_| no_point())?;
                p256::ecdsa::Signature::from_der(signature)
                    .is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok())
            }
            Some(curve) if curve == oid::P384 => {
                use p384::ecdsa::signature::hazmat::PrehashVerifier as _;
                let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(self.key).map_err(|_| no_point())?;
                p384::ecdsa::Signature::from_der(signature)
                    .is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok())
            }
            Some(_) => return Err(Fault::unsupported(STRUCTURE, "a curve other than P-256 and P-384").into()),
            None => return Err(self.other_kind("ECDSA")),
        };
        if good { Ok(()) } else { Err(SignatureFault::Mismatch) }
    }

    fn ed25519(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureFault> {
        if !self.algorithm.oid.is(oid::ED25519) {
            return Err(self.other_kind("Ed25519"));
        }
        let key: Option<[u8; 32]> = self.key.try_into().ok();
        let key = key.and_then(|bytes| ed25519_dalek::VerifyingKey::from_bytes(&bytes).ok());
        let key = key.ok_or_else(|| Fault::unsupported(STRUCTURE, "the bytes are no Ed25519 key"))?;
        let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| SignatureFault::Mismatch)?;
        key.verify_strict(message, &signature).map_err(|_| SignatureFault::Mismatch)
    }

    fn other_kind(&self, wanted: &str) -> SignatureFault {
        Fault::unsupported(STRUCTURE, format!("a signature by {wanted} and a key of kind {}", self.kind())).into()
    }
}

fn verify_rsa(key: &rsa::PublicKey, hash: Hash, digest: &[u8], signature: &[u8]) -> bool {
    let checked = match hash {
        Hash::Sha256 => key.pkcs1v15_verify_prehash::<Sha256>(digest, signature),
        Hash::Sha384 => key.pkcs1v15_verify_prehash::<Sha384>(digest, signature),
        Hash::Sha512 => key.pkcs1v15_verify_prehash::<Sha512>(digest, signature),
    };
    checked.is_ok()
}

fn verify_pss(key: &rsa::PublicKey, hash: Hash, salt_bytes: usize, digest: &[u8], signature: &[u8]) -> bool {
    let checked = match hash {
        Hash::Sha256 => key.verify(Pss::<Sha256>::new_with_salt(salt_bytes), digest, signature),
        Hash::Sha384 => key.verify(Pss::<Sha384>::new_with_salt(salt_bytes), digest, signature),
        Hash::Sha512 => key.verify(Pss::<Sha512>::new_with_salt(salt_bytes), digest, signature),
    };
    checked.is_ok()
}
