//! Packages encrypted with age: recipients to encrypt to, identities to open with, and the plain bytes as a source.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::{Arc, Mutex, PoisonError};

use age::stream::StreamReader;
use exhibit_evidence::{Cause, Finding, ReadFault, Severity, Source};

use crate::outcome::{Failure, shown};

/// First line of every file that age encrypts, without its end.
const HEADER: &[u8] = b"age-encryption.org/v1";
/// Largest file of recipients or identities read, in bytes.
const KEYS_BYTES_MAX: u64 = 1 << 20;

/// Somebody a package is encrypted to.
pub(crate) struct Recipient {
    /// The public key as text, without comment.
    pub(crate) text: String,
    key: Box<dyn age::Recipient + Send + Sync>,
}

impl Recipient {
    /// The key, for the encryptor.
    pub(crate) fn key(&self) -> &dyn age::Recipient {
        &*self.key
    }

    fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().take(2).collect();
        let text = words.join(" ");
        let key: Box<dyn age::Recipient + Send + Sync> = if text.starts_with("age1") {
            Box::new(age::x25519::Recipient::from_str(&text).map_err(|why| format!("not an age public key: {why}"))?)
        } else {
            let key = age::ssh::Recipient::from_str(&text);
            Box::new(key.map_err(|_| "not a public key of age (age1…), ssh-ed25519 or ssh-rsa".to_owned())?)
        };
        Ok(Self { text, key })
    }
}

/// The recipients given: public keys, or files with one on each line. Each is kept once.
pub(crate) fn recipients(given: &[String]) -> Result<Vec<Recipient>, Failure> {
    let mut recipients: Vec<Recipient> = Vec::new();
    let mut add = |text: &str, place: &str| {
        let recipient = Recipient::parse(text).map_err(|why| {
            Failure::usage(format!("{place}: {why}"))
                .hint("give a public key (age1…, or ssh-ed25519 …), or a file with one on each line")
        })?;
        if recipients.iter().all(|other| other.text != recipient.text) {
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
        for (number, line) in (1..).zip(String::from_utf8_lossy(&bytes).lines()) {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                add(line, &format!("{}, line {number}", shown(path)))?;
            }
        }
    }
    Ok(recipients)
}

/// A private key that may open a package.
pub(crate) struct Identity {
    /// Its public key as text, where it can be told.
    public: Option<String>,
    key: Box<dyn age::Identity>,
}

/// The identities in the files given: age's own (`AGE-SECRET-KEY-1…`) or unencrypted OpenSSH private keys.
pub(crate) fn identities(paths: &[PathBuf]) -> Result<Vec<Identity>, Failure> {
    let mut identities = Vec::new();
    for path in paths {
        let bytes = exhibit_device::read_small(path, KEYS_BYTES_MAX);
        let bytes = bytes.map_err(|error| Failure::io("read the identity", path, &error))?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let before = identities.len();
        if text.starts_with("-----BEGIN") {
            identities.push(ssh_identity(path, &text)?);
        }
        for line in text.lines().map(str::trim).filter(|line| line.starts_with("AGE-SECRET-KEY-")) {
            let key = age::x25519::Identity::from_str(line);
            let key = key.map_err(|why| Failure::new(format!("{}: not an age identity: {why}", shown(path))))?;
            identities.push(Identity { public: Some(key.to_public().to_string()), key: Box::new(key) });
        }
        if identities.len() == before {
            return Err(Failure::new(format!("{} holds no identity", shown(path)))
                .hint("give a file made by age-keygen, or an OpenSSH private key"));
        }
    }
    Ok(identities)
}

fn ssh_identity(path: &Path, text: &str) -> Result<Identity, Failure> {
    let key = age::ssh::Identity::from_buffer(BufReader::new(text.as_bytes()), None);
    let key = key.map_err(|error| Failure::new(format!("{}: {error}", shown(path))))?;
    if !matches!(key, age::ssh::Identity::Unencrypted(_)) {
        return Err(Failure::new(format!(
            "{} is protected by a passphrase, or of a kind that age cannot use",
            shown(path)
        ))
        .hint("decrypt the package with the age program first, which asks for the passphrase"));
    }
    let public = exhibit_custody::SigningKey::parse_openssh(text).ok().map(|key| key.public_key().to_openssh());
    let public = public.map(|text| text.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
    Ok(Identity { public, key: Box::new(key) })
}

/// Whether the bytes are encrypted with age.
pub(crate) fn is_encrypted(source: &dyn Source) -> bool {
    let mut head = vec![0; HEADER.len()];
    source.size() >= HEADER.len() as u64 && source.read_at(0, &mut head).is_ok() && head == HEADER
}

/// Opens what is encrypted with the first identity that fits. Returns the plain bytes, and the public key of that identity.
///
/// # Errors
/// A finding: incomplete if no identity fits, a mismatch if the file is damaged.
pub(crate) fn open(
    source: &Arc<dyn Source>,
    identities: &[Identity],
) -> Result<(Arc<dyn Source>, Vec<String>), Finding> {
    let place = "the encrypted package";
    let closed = |text: String| Finding::new(Severity::Incomplete, "encrypted", place, text);
    let wrong = |text: String| Finding::new(Severity::Mismatch, "encrypted", place, text);
    if identities.is_empty() {
        return Err(closed("it is encrypted, and no identity was given (--identity FILE)".to_owned()));
    }
    for identity in identities {
        let reader = SourceReader { source: source.clone(), at: 0 };
        let opened = age::Decryptor::new(reader).and_then(|file| file.decrypt(std::iter::once(&*identity.key)));
        let mut stream = match opened {
            Ok(stream) => stream,
            Err(age::DecryptError::NoMatchingKeys) => continue,
            Err(age::DecryptError::Io(error)) => return Err(closed(format!("it could not be read: {error}"))),
            Err(error) => return Err(wrong(error.to_string())),
        };
        // Going to the end authenticates the last piece: a file that was cut is found here.
        let size = stream.seek(SeekFrom::End(0)).map_err(|error| wrong(format!("its end: {error}")))?;
        let public = identity.public.clone().into_iter().collect();
        return Ok((Arc::new(Decrypted { size, stream: Mutex::new(stream) }), public));
    }
    Err(closed("it is encrypted to somebody else: no identity that was given opens it".to_owned()))
}

/// A source as age wants to read it.
struct SourceReader {
    source: Arc<dyn Source>,
    at: u64,
}

impl Read for SourceReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.source.size().saturating_sub(self.at)).unwrap_or(usize::MAX);
        let length = left.min(buf.len());
        let Some(part) = buf.get_mut(..length).filter(|part| !part.is_empty()) else { return Ok(0) };
        self.source.read_at(self.at, part).map_err(|fault| io::Error::other(fault.to_string()))?;
        self.at = self.at.saturating_add(length as u64);
        Ok(length)
    }
}

impl Seek for SourceReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.source.size().checked_add_signed(by),
        };
        self.at = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// Plain bytes of an encrypted file: every piece of 64 KiB is authenticated before a byte of it is handed out.
struct Decrypted {
    size: u64,
    stream: Mutex<StreamReader<SourceReader>>,
}

impl Source for Decrypted {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size)?;
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        let read = stream.seek(SeekFrom::Start(at)).and_then(|_| stream.read_exact(buf));
        read.map_err(|error| {
            let cause = match error.kind() {
                io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                    Cause::Corrupt(format!("the encrypted package was changed: {error}"))
                }
                _ => Cause::Io(error),
            };
            ReadFault::new(at, cause)
        })
    }
}
