//! Packages encrypted with age: recipients to encrypt to, identities to open with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use exhibit_custody::SigningKey;
use exhibit_encryption::{Identity, Recipient};
use exhibit_evidence::{Finding, Severity, Source};
use zeroize::Zeroizing;

use crate::outcome::{Failure, shown};
use crate::passphrase;
use crate::world::World;

/// Largest file of recipients or identities that is read, in bytes.
const KEYS_BYTES_MAX: u64 = 1 << 20;

/// What stands in findings for the file.
const PLACE: &str = "the encrypted package";

/// The recipients given: public keys, or files with one on each line. Each is kept once.
pub(crate) fn recipients(given: &[String]) -> Result<Vec<Recipient>, Failure> {
    let mut recipients: Vec<Recipient> = Vec::new();
    let mut add = |text: &str, place: &str| {
        let recipient = Recipient::parse(text).map_err(|why| {
            Failure::usage(format!("{place}: {why}"))
                .hint("give a public key (age1…, or ssh-ed25519 …), or a file with one on each line")
        })?;
        if !recipients.contains(&recipient) {
            recipients.push(recipient);
        }
        Ok::<(), Failure>(())
    };
    for text in given {
        let path = Path::new(text);
        if !path.is_file() {
            add(text, "--encrypt-to")?;
            continue;
        }
        let bytes = exhibit_device::read_small(path, KEYS_BYTES_MAX);
        let bytes = bytes.map_err(|error| Failure::io("read the recipients", path, &error))?;
        let mut found = false;
        for (number, line) in (1..).zip(String::from_utf8_lossy(&bytes).lines()) {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                add(line, &format!("{}, line {number}", shown(path)))?;
                found = true;
            }
        }
        if !found {
            return Err(Failure::usage(format!("{} names no recipient", shown(path))));
        }
    }
    Ok(recipients)
}

/// The identities in the files given: age's own (`AGE-SECRET-KEY-1…`), or OpenSSH private keys.
pub(crate) fn identities(world: &World, paths: &[PathBuf]) -> Result<Vec<Identity>, Failure> {
    let mut identities = Vec::new();
    for path in paths {
        let bytes = exhibit_device::read_small(path, KEYS_BYTES_MAX).map(Zeroizing::new);
        let bytes = bytes.map_err(|error| Failure::io("read the identity", path, &error))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Failure::new(format!("{} is not text", shown(path))))?;
        let before = identities.len();
        if text.starts_with("-----BEGIN") {
            identities.push(ssh_identity(world, path, text)?);
        }
        for line in text.lines().map(str::trim).filter(|line| line.starts_with("AGE-SECRET-KEY-")) {
            identities.push(Identity::parse(line).map_err(|why| Failure::new(format!("{}: {why}", shown(path))))?);
        }
        if identities.len() == before {
            return Err(Failure::new(format!("{} holds no identity", shown(path)))
                .hint("give a file made by age-keygen, or an OpenSSH private key"));
        }
    }
    Ok(identities)
}

fn ssh_identity(world: &World, path: &Path, text: &str) -> Result<Identity, Failure> {
    let words = exhibit_custody::is_encrypted(text)
        .then(|| passphrase::for_opening(world, &format!("Passphrase of {}", shown(path))))
        .transpose()?;
    let key = SigningKey::parse(text, words.as_deref().map(Vec::as_slice));
    let key = key.map_err(|fault| Failure::new(format!("{}: {fault}", shown(path))))?;
    let identity = Identity::ssh_ed25519(&key.seed(), *key.public_key().as_bytes());
    identity.map_err(|why| Failure::new(format!("{}: {why}", shown(path))))
}

/// The plain bytes of what is encrypted, and the public key of the identity that opened it.
///
/// # Errors
/// A finding: incomplete if no identity fits, a mismatch if the file is damaged.
pub(crate) fn open(
    source: Arc<dyn Source>,
    identities: &[Identity],
) -> Result<(Arc<dyn Source>, Vec<String>), Finding> {
    let closed = |text: String| Finding::new(Severity::Incomplete, "encrypted", PLACE, text);
    if identities.is_empty() {
        return Err(closed("it is encrypted, and no identity was given (--identity FILE)".to_owned()));
    }
    match exhibit_encryption::open(source, identities) {
        Ok(opened) => {
            let key = identities.get(opened.identity).map(|identity| identity.recipient().text());
            Ok((opened.plain, key.into_iter().collect()))
        }
        Err(fault) if fault.is_damage() => {
            Err(Finding::new(Severity::Mismatch, "encrypted-damaged", PLACE, fault.to_string()))
        }
        Err(fault) => Err(closed(fault.to_string())),
    }
}
