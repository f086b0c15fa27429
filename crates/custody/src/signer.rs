//! What signs: a key in memory, or one that never leaves its token.

#[cfg(feature = "keys")]
use crate::key::SigningKey;
use crate::public_key::PublicKey;

/// Why a signature could not be made: a token that was pulled out, a PIN that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key does not sign: {0}")]
pub struct SignFault(pub String);

/// An Ed25519 key that signs, wherever it is.
pub trait Signer: Send + Sync {
    /// The public half.
    fn public_key(&self) -> PublicKey;

    /// The 64 bytes of an RFC 8032 signature over `message`.
    ///
    /// # Errors
    /// If the key cannot be reached.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignFault>;
}

#[cfg(feature = "keys")]
impl Signer for SigningKey {
    fn public_key(&self) -> PublicKey {
        Self::public_key(self)
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignFault> {
        Ok(Self::sign(self, message))
    }
}
