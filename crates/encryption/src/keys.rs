//! Keys: a recipient wraps the key of a file into a stanza of its header, an identity unwraps it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use chacha20poly1305::aead::Aead as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, Nonce};
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::montgomery::MontgomeryPoint;
use hkdf::Hkdf;
use sha2::{Digest as _, Sha256, Sha512};
use zeroize::Zeroizing;

use crate::FileKey;
use crate::bech32;
use crate::fault::{KeyFault, OpenFault};
use crate::header::Stanza;

const X25519: &str = "X25519";
const X25519_LABEL: &[u8] = b"age-encryption.org/v1/X25519";
const SSH: &str = "ssh-ed25519";
const SSH_LABEL: &[u8] = b"age-encryption.org/v1/ssh-ed25519";
/// A wrapped key: 16 bytes, and 16 of authentication.
const WRAPPED_BYTES: usize = 32;

/// Somebody a file is encrypted to: a public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    point: MontgomeryPoint,
    /// The Ed25519 key that the point comes from, if it is an OpenSSH key.
    ssh: Option<[u8; 32]>,
}

impl Recipient {
    /// The public key of a text: `age1…`, or `ssh-ed25519 AAAA…` with or without a comment.
    ///
    /// # Errors
    /// If it is none, or of a kind that is not handled.
    pub fn parse(text: &str) -> Result<Self, KeyFault> {
        let mut words = text.split_ascii_whitespace();
        match (words.next(), words.next()) {
            (Some(word), None) if word.starts_with("age1") => {
                let point = bech32::decode("age", word).map(MontgomeryPoint);
                // A plug-in or post-quantum key has the same beginning, and another length.
                let point = point.ok_or_else(|| {
                    KeyFault::new(
                        "not an X25519 public key of age (age1…, 62 characters; mistyped, or of another kind)",
                    )
                })?;
                Ok(Self { point, ssh: None })
            }
            (Some(SSH), Some(blob)) => Self::ssh_blob(blob),
            (Some("ssh-rsa"), _) => Err(KeyFault::new(
                "an RSA key: not handled here; encrypt the package with the age program, or ask for an Ed25519 or age key",
            )),
            _ => Err(KeyFault::new("not a public key of age (age1…) or OpenSSH (ssh-ed25519 …)")),
        }
    }

    fn ssh_blob(blob: &str) -> Result<Self, KeyFault> {
        let bytes = STANDARD.decode(blob).map_err(|_| KeyFault::new("the OpenSSH public key is not base64"))?;
        let key = bytes.strip_prefix(ssh_start().as_slice()).and_then(|key| <[u8; 32]>::try_from(key).ok());
        Self::ssh_ed25519(key.ok_or_else(|| KeyFault::new("not an OpenSSH public key of the kind ssh-ed25519"))?)
    }

    /// The recipient of an Ed25519 public key, as OpenSSH has them.
    ///
    /// # Errors
    /// If the bytes are no point of the curve, or one of small order, which hides nothing.
    pub fn ssh_ed25519(key: [u8; 32]) -> Result<Self, KeyFault> {
        let point = CompressedEdwardsY(key).decompress().filter(|point| !point.is_small_order());
        let point = point.ok_or_else(|| KeyFault::new("the bytes are no Ed25519 public key"))?;
        Ok(Self { point: point.to_montgomery(), ssh: Some(key) })
    }

    /// The public key as text, without a comment: the same for everybody who names it.
    #[must_use]
    pub fn text(&self) -> String {
        match self.ssh {
            Some(key) => format!("{SSH} {}", STANDARD.encode(ssh_wire(&key))),
            None => bech32::encode("age", &self.point.0),
        }
    }

    /// A stanza for this recipient; `ephemeral` is 32 random bytes.
    pub(crate) fn wrap(&self, file_key: &FileKey, ephemeral: &[u8; 32]) -> Result<Stanza, KeyFault> {
        let share = MontgomeryPoint::mul_base_clamped(*ephemeral);
        let shared = Zeroizing::new(self.point.mul_clamped(*ephemeral).0);
        let key = wrapping_key(&shared, &share.0, &self.point.0, self.ssh.as_ref())
            .ok_or_else(|| KeyFault::new("the public key is of small order: it hides nothing"))?;
        let sealed = ChaCha20Poly1305::new((&*key).into()).encrypt(&Nonce::default(), file_key.as_slice());
        let body = sealed.map_err(|_| KeyFault::new("the key could not be wrapped"))?;
        let share = STANDARD_NO_PAD.encode(share.0);
        let arguments = match &self.ssh {
            Some(key) => vec![SSH.to_owned(), fingerprint(key), share],
            None => vec![X25519.to_owned(), share],
        };
        Ok(Stanza { arguments, body })
    }
}

/// Whoever can open: a private key. Clears itself on drop.
pub struct Identity {
    secret: Zeroizing<[u8; 32]>,
    recipient: Recipient,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity(of {})", self.recipient.text())
    }
}

impl Identity {
    /// The identity of an X25519 secret.
    #[must_use]
    pub fn x25519(secret: [u8; 32]) -> Self {
        let point = MontgomeryPoint::mul_base_clamped(secret);
        Self { secret: Zeroizing::new(secret), recipient: Recipient { point, ssh: None } }
    }

    /// The identity of an Ed25519 key, from its seed.
    ///
    /// # Errors
    /// If `public` is not its public key.
    pub fn ssh_ed25519(seed: &[u8; 32], public: [u8; 32]) -> Result<Self, KeyFault> {
        let hashed = Zeroizing::new(<[u8; 64]>::from(Sha512::digest(seed)));
        let mut secret = Zeroizing::new([0; 32]);
        secret.copy_from_slice(hashed.get(..32).unwrap_or(&[0; 32]));
        let recipient = Recipient::ssh_ed25519(public)?;
        if MontgomeryPoint::mul_base_clamped(*secret) != recipient.point {
            return Err(KeyFault::new("the private key is not that of the public key beside it"));
        }
        Ok(Self { secret, recipient })
    }

    /// The identity of a text, `AGE-SECRET-KEY-1…`.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, KeyFault> {
        let secret = bech32::decode("age-secret-key-", text.trim()).map(Zeroizing::new);
        secret
            .map(|secret| Self::x25519(*secret))
            .ok_or_else(|| KeyFault::new("not an identity of age (AGE-SECRET-KEY-1…)"))
    }

    /// The public key that belongs to it.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        self.recipient.clone()
    }

    /// The key of the file, if this stanza is for this identity.
    ///
    /// # Errors
    /// If the stanza is of a kind that is handled, and not as the format has it.
    pub(crate) fn unwrap_stanza(&self, stanza: &Stanza) -> Result<Option<FileKey>, OpenFault> {
        let wrong =
            |text: &str| OpenFault::Header { at: 0, text: format!("a stanza of the kind {}: {text}", stanza.kind()) };
        let words: Vec<&str> = stanza.arguments.iter().map(String::as_str).collect();
        let share = match (words.as_slice(), &self.recipient.ssh) {
            ([X25519, share], None) => *share,
            ([SSH, print, share], Some(key)) => {
                let known = STANDARD_NO_PAD.decode(print).is_ok_and(|bytes| bytes.len() == 4);
                if !known {
                    return Err(wrong("its fingerprint is not four bytes"));
                }
                if *print != fingerprint(key) {
                    return Ok(None);
                }
                share
            }
            ([X25519 | SSH, ..], _) if !stanza.has_right_arguments() => {
                return Err(wrong("the wrong number of arguments"));
            }
            _ => return Ok(None),
        };
        let share: Option<[u8; 32]> = STANDARD_NO_PAD.decode(share).ok().and_then(|bytes| bytes.try_into().ok());
        let share = share.ok_or_else(|| wrong("its share is not 32 bytes in canonical base64"))?;
        if stanza.body.len() != WRAPPED_BYTES {
            return Err(wrong("its body is not a wrapped key of 32 bytes"));
        }
        let shared = Zeroizing::new(MontgomeryPoint(share).mul_clamped(*self.secret).0);
        let own = self.recipient.point.0;
        let key = wrapping_key(&shared, &share, &own, self.recipient.ssh.as_ref());
        let key = key.ok_or_else(|| wrong("its share is of small order"))?;
        let opened = ChaCha20Poly1305::new((&*key).into()).decrypt(&Nonce::default(), stanza.body.as_slice());
        // One that does not open is for somebody else.
        let Ok(opened) = opened.map(Zeroizing::new) else { return Ok(None) };
        Ok(<[u8; 16]>::try_from(opened.as_slice()).ok().map(Zeroizing::new))
    }
}

/// The key that wraps the key of the file; `None` for a secret of zeros, which a point of small order leads to.
fn wrapping_key(
    shared: &[u8; 32],
    share: &[u8; 32],
    point: &[u8; 32],
    ssh: Option<&[u8; 32]>,
) -> Option<Zeroizing<[u8; 32]>> {
    let salt = [share.as_slice(), point].concat();
    let (shared, label) = match ssh {
        // The secret is bound to the OpenSSH key, and not only to the point that it became.
        Some(key) => {
            let tweak = derived(&[], &ssh_wire(key), SSH_LABEL)?;
            (Zeroizing::new(MontgomeryPoint(*shared).mul_clamped(*tweak).0), SSH_LABEL)
        }
        None => (Zeroizing::new(*shared), X25519_LABEL),
    };
    if shared.iter().all(|byte| *byte == 0) {
        return None;
    }
    derived(shared.as_slice(), &salt, label)
}

/// HKDF with SHA-256, 32 bytes.
pub(crate) fn derived(secret: &[u8], salt: &[u8], label: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(salt), secret).expand(label, key.as_mut_slice()).ok()?;
    Some(key)
}

/// How OpenSSH's form of an Ed25519 public key begins: two lengths, and the kind between them.
fn ssh_start() -> Vec<u8> {
    [&[0, 0, 0, 11][..], SSH.as_bytes(), &[0, 0, 0, 32]].concat()
}

fn ssh_wire(key: &[u8; 32]) -> Vec<u8> {
    [ssh_start().as_slice(), key].concat()
}

fn fingerprint(key: &[u8; 32]) -> String {
    let digest = Sha256::digest(ssh_wire(key));
    STANDARD_NO_PAD.encode(digest.get(..4).unwrap_or_default())
}
