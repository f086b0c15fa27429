//! Ed25519 public keys as OpenSSH writes them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ed25519_dalek::{Signature, VerifyingKey};
use exhibit_evidence::Class;
use sha2::{Digest as _, Sha256};

use crate::allowed_signers;
use crate::ssh_wire::{Reader, put_string};

/// The key type's name in every OpenSSH format.
pub const KEY_TYPE: &str = "ssh-ed25519";

/// Why something is not a key, or not one that is handled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct KeyFault {
    class: Class,
    text: String,
}

impl KeyFault {
    /// The bytes contradict their format.
    pub(crate) fn corrupt(text: impl Into<String>) -> Self {
        Self { class: Class::Corrupt, text: text.into() }
    }

    /// A key of a kind that is not handled.
    pub(crate) fn unsupported(text: impl Into<String>) -> Self {
        Self { class: Class::Unsupported, text: text.into() }
    }

    /// The caller asked for something that has no answer.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self { class: Class::Usage, text: text.into() }
    }

    /// A fault of that class.
    #[cfg(feature = "keys")]
    pub(crate) fn of(class: Class, text: impl Into<String>) -> Self {
        Self { class, text: text.into() }
    }

    /// What kind of trouble it is.
    #[must_use]
    pub const fn class(&self) -> Class {
        self.class
    }
}

/// An Ed25519 public key with its comment. Two keys are equal if their bytes are; the comment proves nothing.
#[derive(Clone)]
pub struct PublicKey {
    key: VerifyingKey,
    comment: String,
}

impl PublicKey {
    /// A key from its 32 bytes. The comment is a label: control characters in it become `_`.
    ///
    /// # Errors
    /// If the bytes are no point of the curve, not the point's one canonical form, or of small order (such a key accepts
    /// signatures that nobody made).
    pub fn from_bytes(bytes: &[u8; 32], comment: &str) -> Result<Self, KeyFault> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyFault::corrupt("the bytes are no Ed25519 key"))?;
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err(KeyFault::corrupt("the Ed25519 key is not in canonical form"));
        }
        if key.is_weak() {
            return Err(KeyFault::corrupt("the Ed25519 key is of small order: anybody could sign for it"));
        }
        Ok(Self { key, comment: clean_comment(comment) })
    }

    /// The public half of a key of our own, which needs no judging.
    #[cfg(feature = "keys")]
    pub(crate) fn of(key: VerifyingKey, comment: &str) -> Self {
        Self { key, comment: clean_comment(comment) }
    }

    /// The one key in a text: a `.pub` file, or an `allowed_signers` line. Empty lines and `#` comments do not count.
    ///
    /// # Errors
    /// If there is none, more than one, one of another type, or one with options that this program cannot honour.
    pub fn parse(text: &str) -> Result<Self, KeyFault> {
        let mut keys = Self::parse_all(text)?.into_iter();
        match (keys.next(), keys.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err(KeyFault::corrupt("there is no public key in it")),
            (Some(_), Some(_)) => Err(KeyFault::usage("there is more than one public key in it")),
        }
    }

    /// Every key in a text of OpenSSH public key or `allowed_signers` lines, in order.
    ///
    /// # Errors
    /// If a line is not a key: see [`PublicKey::parse`].
    pub fn parse_all(text: &str) -> Result<Vec<Self>, KeyFault> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(allowed_signers::parse_line).collect()
    }

    /// The key in base64 as it stands in a line, with the line's comment.
    pub(crate) fn from_base64(base64: &str, comment: &str) -> Result<Self, KeyFault> {
        let blob =
            STANDARD.decode(base64).map_err(|error| KeyFault::corrupt(format!("the key is not base64: {error}")))?;
        Self::from_blob(&blob, comment)
    }

    /// The key in OpenSSH's binary form.
    pub(crate) fn from_blob(blob: &[u8], comment: &str) -> Result<Self, KeyFault> {
        let mut reader = Reader::new(blob);
        let kind = reader.string().ok_or_else(|| KeyFault::corrupt("the public key is cut short"))?;
        if kind != KEY_TYPE.as_bytes() {
            let kind = exhibit_evidence::Name::new(kind.get(..60).unwrap_or(kind));
            return Err(KeyFault::unsupported(format!("the key is of type \"{kind}\"; only {KEY_TYPE} is supported")));
        }
        match (reader.array::<32>(), reader.rest()) {
            (Some(bytes), []) => Self::from_bytes(bytes, comment),
            _ => Err(KeyFault::corrupt("the public key does not hold exactly 32 bytes")),
        }
    }

    /// OpenSSH's binary form.
    pub(crate) fn to_blob(&self) -> Vec<u8> {
        let mut blob = Vec::with_capacity(51);
        put_string(&mut blob, KEY_TYPE.as_bytes());
        put_string(&mut blob, self.as_bytes());
        blob
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// The comment; a label, proves nothing.
    #[must_use]
    pub fn comment(&self) -> &str {
        &self.comment
    }

    /// `ssh-ed25519 AAAA… comment`, without a line feed: the content of a `.pub` file.
    #[must_use]
    pub fn to_openssh(&self) -> String {
        let line = format!("{KEY_TYPE} {} {}", STANDARD.encode(self.to_blob()), self.comment);
        line.trim_end().to_owned()
    }

    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(self.to_blob())))
    }

    /// Whether `signature` is this key's over `message`, by the strict rules of RFC 8032: one signature, one spelling.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {:?})", self.fingerprint(), self.comment)
    }
}

/// A comment that cannot begin a new line or steer a terminal.
fn clean_comment(comment: &str) -> String {
    comment.trim().chars().map(|c| if c.is_control() { '_' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From RFC 8032 §7.1, test 1.
    const KEY: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    fn key() -> PublicKey {
        let bytes = exhibit_evidence::from_hex(KEY).unwrap();
        PublicKey::from_bytes(&bytes.try_into().unwrap(), " a\nb c ").unwrap()
    }

    #[test]
    fn a_key_goes_there_and_back_as_a_line() {
        let line = key().to_openssh();
        assert!(line.starts_with("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI") && line.ends_with(" a_b c"), "{line}");
        let back = PublicKey::parse(&format!("# for the case\n\n{line}\n")).unwrap();
        assert_eq!((back.comment(), &back), ("a_b c", &key()));
        let bare = PublicKey::from_bytes(key().as_bytes(), "").unwrap();
        assert_eq!(PublicKey::parse(&bare.to_openssh()).unwrap(), bare);
    }

    #[test]
    fn no_truncation_and_no_flip_of_the_blob_is_the_same_key() {
        let blob = key().to_blob();
        for end in 0..blob.len() {
            assert!(PublicKey::from_blob(&blob[..end], "").is_err(), "{end}");
        }
        for at in 0..blob.len() {
            let mut flipped = blob.clone();
            flipped[at] ^= 1;
            assert!(PublicKey::from_blob(&flipped, "").is_ok_and(|other| other == key()).eq(&false), "{at}");
        }
        assert!(PublicKey::from_blob(&[&blob[..], b"x"].concat(), "").is_err());
    }

    #[test]
    fn none_two_and_other_types_are_refused() {
        let line = key().to_openssh();
        assert_eq!(PublicKey::parse("\n# nothing\n").unwrap_err().class(), Class::Corrupt);
        assert_eq!(PublicKey::parse(&format!("{line}\n{line}")).unwrap_err().class(), Class::Usage);
        let mut rsa = Vec::new();
        put_string(&mut rsa, b"ssh-rsa");
        let fault = PublicKey::parse(&format!("ssh-rsa {} me", STANDARD.encode(rsa))).unwrap_err();
        assert_eq!(fault.class(), Class::Unsupported, "{fault}");
    }

    #[test]
    fn keys_that_accept_what_nobody_signed_are_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        for bytes in [identity, [0; 32]] {
            assert!(PublicKey::from_bytes(&bytes, "").is_err());
        }
    }

    #[test]
    fn a_point_has_one_spelling() {
        // p = 2^255 - 19 ends in 0xed (little-endian), so y + p also fits 255 bits for the small y.
        let spellings = (0..19_u8).map(|y| {
            let (mut canonical, mut other) = ([0; 32], [0xff; 32]);
            (canonical[0], other[0], other[31]) = (y, 0xed + y, 0x7f);
            (canonical, other)
        });
        let good = spellings.filter(|(canonical, other)| {
            assert!(PublicKey::from_bytes(other, "").is_err(), "{other:?}");
            PublicKey::from_bytes(canonical, "").is_ok()
        });
        assert!(good.count() > 3, "some of these points are keys in their canonical spelling");
    }
}
