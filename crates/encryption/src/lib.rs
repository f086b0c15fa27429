//! Files in the format of age (`age-encryption.org/v1`): encrypted to X25519 and OpenSSH Ed25519 keys, and opened with them.
//!
//! ```text
//! keys      recipients and identities: one stanza each
//!  ├─ bech32     their text
//! header    stanzas, and a MAC over them
//! payload   pieces of 64 KiB, each authenticated: written in order, read anywhere
//! ```
//!
//! The format is C2SP's `age`; its public programs open what is written here, and what they write opens here. Not here:
//! passphrases, plug-ins, RSA, post-quantum keys and text armour; a file that only those open is told from one that is damaged.
//!
//! Why not the `age` crate: with OpenSSH keys it brings 105 packages into a build (a localisation system, an executor, second
//! copies of RSA and of two curves), for a format of one page. The arithmetic is that of the dalek and RustCrypto libraries.
//!
//! Invariants: any bytes are read or refused in bounded time and memory, without panic; no byte of a piece is handed out before the
//! piece was authenticated; a file that was cut does not open. Nothing here knows a file, a clock or randomness: random bytes
//! are handed in.
//!
//! ```
//! use std::{io::Write as _, sync::Arc};
//! use exhibit_encryption::{Identity, encrypt, open};
//! use exhibit_evidence::{MemorySource, Source as _};
//!
//! let identity = Identity::x25519([7; 32]); // a real one is random
//! let mut count = 0;
//! let mut random = |bytes: &mut [u8]| { count += 1; bytes.fill(count); Ok(()) }; // and so are these
//! let mut writer = encrypt(Vec::new(), &[identity.recipient()], &mut random).unwrap();
//! writer.write_all(b"hello").unwrap();
//! let bytes = writer.finish().unwrap();
//! let opened = open(Arc::new(MemorySource::new(bytes)), &[identity]).unwrap();
//! let mut plain = [0; 5];
//! opened.plain.read_at(0, &mut plain).unwrap();
//! assert_eq!(&plain, b"hello");
//! ```
#![forbid(unsafe_code)]

mod bech32;
mod fault;
mod header;
mod keys;
mod payload;

use std::io::{self, Write};
use std::sync::Arc;

use exhibit_evidence::Source;
use zeroize::Zeroizing;

pub use fault::{KeyFault, OpenFault};
pub use header::{HEADER_BYTES_MAX, STANZAS_MAX};
pub use keys::{Identity, Recipient};
pub use payload::{PIECE_BYTES, Plain, Writer};

/// The first line of every encrypted file, without its end.
pub const FIRST_LINE: &[u8] = b"age-encryption.org/v1";

/// The key of one file: 128 bits, as the format has it.
type FileKey = Zeroizing<[u8; 16]>;

/// Whether the bytes begin as an encrypted file does.
#[must_use]
pub fn is_encrypted(source: &dyn Source) -> bool {
    let mut line = [0; FIRST_LINE.len() + 1];
    source.size() >= line.len() as u64
        && source.read_at(0, &mut line).is_ok()
        && line.strip_suffix(b"\n").is_some_and(|line| line == FIRST_LINE)
}

/// Begins an encrypted file; what is written to the [`Writer`] goes into it. `random` fills bytes from a good source.
///
/// # Errors
/// If there is no recipient, no randomness, or the header cannot be written.
pub fn encrypt<W: Write>(
    mut out: W,
    recipients: &[Recipient],
    random: &mut dyn FnMut(&mut [u8]) -> io::Result<()>,
) -> io::Result<Writer<W>> {
    if recipients.is_empty() || recipients.len() > STANZAS_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "there must be 1 to 1000 recipients"));
    }
    let mut file_key: FileKey = Zeroizing::new([0; 16]);
    random(file_key.as_mut_slice())?;
    let mut stanzas = Vec::with_capacity(recipients.len());
    for recipient in recipients {
        let mut ephemeral = Zeroizing::new([0; 32]);
        random(ephemeral.as_mut_slice())?;
        stanzas.push(recipient.wrap(&file_key, &ephemeral).map_err(io::Error::other)?);
    }
    out.write_all(&header::write(&stanzas, &file_key))?;
    let mut nonce = [0; 16];
    random(&mut nonce)?;
    out.write_all(&nonce)?;
    Ok(Writer::new(out, &file_key, &nonce))
}

/// A file that was opened.
pub struct Opened {
    /// Its content.
    pub plain: Arc<Plain>,
    /// The number of the identity that opened it, among those that were given.
    pub identity: usize,
}

/// Opens a file with the first identity that fits. Its last piece is authenticated at once: a file that was cut does not open.
///
/// # Errors
/// See [`OpenFault`].
pub fn open(source: Arc<dyn Source>, identities: &[Identity]) -> Result<Opened, OpenFault> {
    let header = header::Header::read(&*source)?;
    for (number, identity) in identities.iter().enumerate() {
        for stanza in &header.stanzas {
            if let Some(file_key) = identity.unwrap_stanza(stanza)? {
                header.check_mac(&file_key)?;
                let plain = Arc::new(Plain::open(source, header.length, &file_key)?);
                return Ok(Opened { plain, identity: number });
            }
        }
    }
    Err(OpenFault::NotForThese(header.kinds()))
}
