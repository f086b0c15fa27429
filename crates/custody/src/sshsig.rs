//! SSHSIG: OpenSSH's detached signatures, made and checked as `ssh-keygen -Y sign` and `-Y verify` do.
//!
//! The armoured blob is `SSHSIG`, version, public key, namespace, reserved, hash algorithm, signature. What is signed is
//! `SSHSIG`, namespace, reserved, hash algorithm and the hash of the message: so the *meaning* (the namespace) is signed
//! with the bytes, and a signature made for one purpose says nothing for another.
//!
//! A signature by an unknown key proves nothing: callers compare the key they get with the keys they trust.

use sha2::{Digest as _, Sha256, Sha512};

use crate::armour;
#[cfg(feature = "keys")]
use crate::key::SigningKey;
use crate::public_key::{KEY_TYPE, KeyFault, PublicKey};
use crate::signer::{SignFault, Signer};
use crate::ssh_wire::{Reader, put_string};

/// The namespace of signatures over the tag manifests of an evidence package.
pub const NAMESPACE_PACKAGE: &str = "exhibit-package";

const LABEL: &str = "SSH SIGNATURE";
const MAGIC: &[u8] = b"SSHSIG";
const VERSION: u32 = 1;

/// Why a signature is not one, or not a good one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigFault {
    /// The text is not exactly what OpenSSH would write for its content.
    #[error("not an SSH signature: {0}")]
    Malformed(String),
    /// A signature of a kind that is not handled.
    #[error("unsupported SSH signature: {0}")]
    Unsupported(String),
    /// A signature made for another purpose.
    #[error("the signature was made for \"{found}\", not for \"{expected}\"")]
    Namespace {
        /// The purpose asked for.
        expected: String,
        /// The purpose it was made for, escaped.
        found: String,
    },
    /// The signature is well-formed and does not belong to this message and key.
    #[error("the signature does not match the message")]
    Mismatch,
}

/// How the message is hashed before signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageHash {
    /// SHA-256, 32 bytes.
    Sha256,
    /// SHA-512, 64 bytes: what this program and `ssh-keygen` use by default.
    Sha512,
}

impl MessageHash {
    /// The name in the signature.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    /// The digest of a message.
    #[must_use]
    pub fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }
}

/// A signature file over `message`, for the purpose `namespace`.
#[cfg(feature = "keys")]
#[must_use]
pub fn sign(key: &SigningKey, namespace: &str, message: &[u8]) -> String {
    sign_digest(key, namespace, &Sha512::digest(message).into())
}

/// A signature file over `message`, with a key that may be anywhere.
///
/// # Errors
/// If the key does not sign.
pub fn sign_with(key: &dyn Signer, namespace: &str, message: &[u8]) -> Result<String, SignFault> {
    let hash = MessageHash::Sha512;
    let signature = key.sign(&signed_bytes(namespace.as_bytes(), hash, &Sha512::digest(message)))?;
    Ok(encode(&key.public_key(), namespace.as_bytes(), hash, &signature))
}

/// As [`sign`], for a message of which only the SHA-512 is at hand.
#[cfg(feature = "keys")]
#[must_use]
pub fn sign_digest(key: &SigningKey, namespace: &str, sha512_of_message: &[u8; 64]) -> String {
    let hash = MessageHash::Sha512;
    let signature = key.sign(&signed_bytes(namespace.as_bytes(), hash, sha512_of_message));
    encode(&key.public_key(), namespace.as_bytes(), hash, &signature)
}

/// Checks a signature file over `message` and returns the key that made it, which the caller must know to trust.
///
/// # Errors
/// See [`SigFault`].
pub fn verify(armoured: &str, namespace: &str, message: &[u8]) -> Result<PublicKey, SigFault> {
    let signature = SshSignature::parse(armoured)?;
    signature.verify_digest(namespace, &signature.hash.digest(message))?;
    Ok(signature.key)
}

/// A signature that was read and not checked yet.
#[derive(Debug, Clone)]
pub struct SshSignature {
    key: PublicKey,
    namespace: Vec<u8>,
    hash: MessageHash,
    signature: [u8; 64],
}

impl SshSignature {
    /// Reads a signature file.
    ///
    /// # Errors
    /// If it is not byte for byte what OpenSSH writes for its content: then something touched it.
    pub fn parse(armoured: &str) -> Result<Self, SigFault> {
        let blob = armour::decode(LABEL, armoured).map_err(SigFault::Malformed)?;
        let signature = Self::parse_blob(&blob)?;
        let same = encode(&signature.key, &signature.namespace, signature.hash, &signature.signature);
        if same == armoured {
            Ok(signature)
        } else {
            Err(SigFault::Malformed("not in the form OpenSSH writes".to_owned()))
        }
    }

    fn parse_blob(blob: &[u8]) -> Result<Self, SigFault> {
        let cut = || SigFault::Malformed("cut short".to_owned());
        let mut reader = Reader::new(blob);
        if reader.take(MAGIC.len()).ok_or_else(cut)? != MAGIC {
            return Err(SigFault::Malformed("does not begin with SSHSIG".to_owned()));
        }
        let version = reader.u32().ok_or_else(cut)?;
        if version != VERSION {
            return Err(SigFault::Unsupported(format!("version {version}; only {VERSION} is known")));
        }
        let key = PublicKey::from_blob(reader.string().ok_or_else(cut)?, "").map_err(key_fault)?;
        let namespace = reader.string().ok_or_else(cut)?.to_vec();
        if namespace.is_empty() {
            return Err(SigFault::Malformed("the namespace is empty".to_owned()));
        }
        if !reader.string().ok_or_else(cut)?.is_empty() {
            return Err(SigFault::Unsupported("the reserved field is not empty".to_owned()));
        }
        let hash = match reader.string().ok_or_else(cut)? {
            b"sha256" => MessageHash::Sha256,
            b"sha512" => MessageHash::Sha512,
            _ => return Err(SigFault::Unsupported("the hash algorithm is neither sha256 nor sha512".to_owned())),
        };
        let inner = reader.string().ok_or_else(cut)?;
        if !reader.rest().is_empty() {
            return Err(SigFault::Malformed("there are bytes after the signature".to_owned()));
        }
        let mut reader = Reader::new(inner);
        match (reader.string(), reader.array::<64>(), reader.rest()) {
            (Some(kind), Some(signature), []) if kind == KEY_TYPE.as_bytes() => {
                Ok(Self { key, namespace, hash, signature: *signature })
            }
            _ => Err(SigFault::Malformed("the signature does not hold exactly 64 bytes of ssh-ed25519".to_owned())),
        }
    }

    /// The key it claims to be made with.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The hash the message must be given as to [`SshSignature::verify_digest`].
    #[must_use]
    pub const fn hash(&self) -> MessageHash {
        self.hash
    }

    /// Checks it against the message's digest by [`SshSignature::hash`].
    ///
    /// # Errors
    /// If it was made for another namespace, or does not match; a digest of another length does not match.
    pub fn verify_digest(&self, namespace: &str, digest: &[u8]) -> Result<(), SigFault> {
        if self.namespace != namespace.as_bytes() {
            let found = exhibit_evidence::Name::new(self.namespace.get(..60).unwrap_or(&self.namespace)).to_string();
            return Err(SigFault::Namespace { expected: namespace.to_owned(), found });
        }
        let signed = signed_bytes(&self.namespace, self.hash, digest);
        if self.key.verify(&signed, &self.signature) { Ok(()) } else { Err(SigFault::Mismatch) }
    }
}

/// A fault of the key as a fault of the signature that carries it.
fn key_fault(fault: KeyFault) -> SigFault {
    match fault.class() {
        exhibit_evidence::Class::Unsupported => SigFault::Unsupported(fault.to_string()),
        _ => SigFault::Malformed(fault.to_string()),
    }
}

/// What Ed25519 signs.
fn signed_bytes(namespace: &[u8], hash: MessageHash, digest: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    for field in [namespace, b"", hash.id().as_bytes(), digest] {
        put_string(&mut bytes, field);
    }
    bytes
}

/// The file as OpenSSH writes it.
fn encode(key: &PublicKey, namespace: &[u8], hash: MessageHash, signature: &[u8; 64]) -> String {
    let mut inner = Vec::with_capacity(83);
    put_string(&mut inner, KEY_TYPE.as_bytes());
    put_string(&mut inner, signature);
    let mut blob = MAGIC.to_vec();
    blob.extend_from_slice(&VERSION.to_be_bytes());
    for field in [&key.to_blob(), namespace, b"", hash.id().as_bytes(), &inner] {
        put_string(&mut blob, field);
    }
    armour::encode(LABEL, &blob).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_seed([7; 32], "practice key")
    }

    #[test]
    fn a_signature_is_checked_and_names_its_key() {
        let text = sign(&key(), NAMESPACE_PACKAGE, b"message");
        assert_eq!(verify(&text, NAMESPACE_PACKAGE, b"message").unwrap(), key().public_key());
        assert_eq!(verify(&text, NAMESPACE_PACKAGE, b"massage").unwrap_err(), SigFault::Mismatch);
        let fault = verify(&text, "git", b"message").unwrap_err();
        assert_eq!(fault, SigFault::Namespace { expected: "git".into(), found: NAMESPACE_PACKAGE.into() });
        let digest = SshSignature::parse(&text).unwrap().hash().digest(b"message");
        assert_eq!(sign_digest(&key(), NAMESPACE_PACKAGE, digest.as_slice().try_into().unwrap()), text);
    }

    #[test]
    fn no_truncation_and_no_flip_of_the_file_passes() {
        let text = sign(&key(), NAMESPACE_PACKAGE, b"message");
        for end in 0..text.len() {
            assert!(verify(&text[..end], NAMESPACE_PACKAGE, b"message").is_err(), "{end}");
        }
        for at in 0..text.len() {
            for bit in 0..7 {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let flipped = String::from_utf8(bytes).unwrap();
                assert!(verify(&flipped, NAMESPACE_PACKAGE, b"message").is_err(), "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn another_spelling_of_a_good_signature_is_refused() {
        let text = sign(&key(), NAMESPACE_PACKAGE, b"message");
        for other in [text.replace('\n', "\r\n"), format!("{text}\n"), text.trim_end().to_owned(), format!(" {text}")] {
            assert!(matches!(verify(&other, NAMESPACE_PACKAGE, b"message"), Err(SigFault::Malformed(_))));
        }
        let blob = armour::decode(LABEL, &text).unwrap();
        let longer = armour::encode(LABEL, &[&blob[..], b"x"].concat());
        assert!(matches!(verify(&longer, NAMESPACE_PACKAGE, b"message"), Err(SigFault::Malformed(_))));
    }

    #[test]
    fn the_version_must_be_one_and_the_reserved_field_empty_and_nothing_may_follow() {
        let text = sign(&key(), NAMESPACE_PACKAGE, b"message");
        let blob = armour::decode(LABEL, &text).unwrap();
        assert!(SshSignature::parse_blob(&blob).is_ok());
        let mut version = blob.clone();
        version[9] = 2;
        assert!(
            matches!(SshSignature::parse_blob(&version), Err(SigFault::Unsupported(text)) if text.contains("version 2"))
        );
        let after = [&blob[..], b"x"].concat();
        assert!(matches!(SshSignature::parse_blob(&after), Err(SigFault::Malformed(text)) if text.contains("after")));
        // Magic, version, key and namespace come first; then the reserved field's length and content.
        let reserved = 10 + 4 + 51 + 4 + NAMESPACE_PACKAGE.len();
        let filled = [&blob[..reserved], &[0, 0, 0, 1, b'r'], &blob[reserved + 4..]].concat();
        assert!(
            matches!(SshSignature::parse_blob(&filled), Err(SigFault::Unsupported(text)) if text.contains("reserved"))
        );
    }

    proptest! {
        #[test]
        fn any_blob_is_read_or_refused(blob in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = SshSignature::parse_blob(&blob);
            let _ = SshSignature::parse_blob(&[MAGIC, &[0, 0, 0, 1], &blob].concat());
        }

        #[test]
        fn any_message_and_namespace_go_there_and_back(message: Vec<u8>, namespace in ".{1,20}") {
            let text = sign(&key(), &namespace, &message);
            prop_assert_eq!(verify(&text, &namespace, &message).unwrap(), key().public_key());
        }
    }
}
