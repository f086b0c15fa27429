//! The content: pieces of 64 KiB, each encrypted and authenticated with its number; the last one says that it is the last.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use chacha20poly1305::aead::{AeadInOut as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use exhibit_evidence::{Cause, ReadFault, Source};

use crate::FileKey;
use crate::fault::OpenFault;
use crate::keys::derived;

/// Plain bytes of a full piece.
pub const PIECE_BYTES: usize = 64 << 10;
/// Bytes of authentication behind each.
const TAG_BYTES: usize = 16;
/// Bytes of a full piece in the file.
const SEALED_BYTES: u64 = (PIECE_BYTES + TAG_BYTES) as u64;
/// Random bytes in front of the first piece.
const NONCE_BYTES: u64 = 16;

fn cipher(file_key: &FileKey, nonce: &[u8]) -> ChaCha20Poly1305 {
    // HKDF of 32 bytes does not fail.
    let key = derived(file_key.as_slice(), nonce, b"payload").unwrap_or_default();
    ChaCha20Poly1305::new((&*key).into())
}

/// Eleven bytes of number, one that tells the last piece.
fn nonce_of(number: u64, last: bool) -> Nonce {
    let mut nonce = Nonce::default();
    for (place, byte) in nonce.iter_mut().skip(3).zip(number.to_be_bytes()) {
        *place = byte;
    }
    if let Some(flag) = nonce.last_mut() {
        *flag = u8::from(last);
    }
    nonce
}

/// Encrypts what is written to it. A file is whole only after [`Writer::finish`].
pub struct Writer<W: Write> {
    out: W,
    cipher: ChaCha20Poly1305,
    number: u64,
    held: Vec<u8>,
}

impl<W: Write> Writer<W> {
    pub(crate) fn new(out: W, file_key: &FileKey, nonce: &[u8; 16]) -> Self {
        let held = Vec::with_capacity(PIECE_BYTES.saturating_add(TAG_BYTES));
        Self { out, cipher: cipher(file_key, nonce), number: 0, held }
    }

    fn piece(&mut self, last: bool) -> io::Result<()> {
        let sealed = self.cipher.encrypt_in_place(&nonce_of(self.number, last), b"", &mut self.held);
        sealed.map_err(|_| io::Error::other("a piece could not be encrypted"))?;
        self.out.write_all(&self.held)?;
        self.held.clear();
        self.number = self.number.saturating_add(1);
        Ok(())
    }

    /// Writes the last piece, and gives back what was written to.
    ///
    /// # Errors
    /// If writing fails.
    pub fn finish(mut self) -> io::Result<W> {
        self.piece(true)?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Writer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full piece is kept until more follows: it may be the last one.
        if self.held.len() == PIECE_BYTES && !bytes.is_empty() {
            self.piece(false)?;
        }
        let taken = bytes.len().min(PIECE_BYTES.saturating_sub(self.held.len()));
        self.held.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    /// Pieces are written when they are full; nothing is to be done.
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The plain content of an encrypted file: read anywhere, by any number of threads.
pub struct Plain {
    source: Arc<dyn Source>,
    cipher: ChaCha20Poly1305,
    /// Where the first piece begins.
    start: u64,
    size: u64,
    pieces: u64,
    /// The piece that was read last, for readers that take less than one.
    kept: Mutex<Option<(u64, Arc<Vec<u8>>)>>,
}

impl Plain {
    /// Opens the content behind a header of `header` bytes, and authenticates its last piece.
    pub(crate) fn open(source: Arc<dyn Source>, header: u64, file_key: &FileKey) -> Result<Self, OpenFault> {
        let short = || OpenFault::Payload("it ends before its content".to_owned());
        let start = header.saturating_add(NONCE_BYTES);
        let sealed = source.size().checked_sub(start).ok_or_else(short)?;
        let pieces = sealed.div_ceil(SEALED_BYTES);
        let size = pieces.checked_mul(TAG_BYTES as u64).and_then(|tags| sealed.checked_sub(tags));
        let size = size.filter(|_| pieces > 0).ok_or_else(short)?;
        let last = size.saturating_sub(pieces.saturating_sub(1).saturating_mul(PIECE_BYTES as u64));
        if pieces > 1 && last == 0 {
            return Err(OpenFault::Payload("its last piece is empty".to_owned()));
        }
        let mut nonce = [0; 16];
        source.read_at(header, &mut nonce).map_err(OpenFault::Read)?;
        let cipher = cipher(file_key, &nonce);
        let plain = Self { source, cipher, start, size, pieces, kept: Mutex::new(None) };
        plain.piece(pieces.saturating_sub(1)).map_err(|fault| match fault.cause {
            Cause::Corrupt(text) => OpenFault::Payload(text),
            _ => OpenFault::Read(fault),
        })?;
        Ok(plain)
    }

    /// One piece, authenticated.
    fn piece(&self, number: u64) -> Result<Arc<Vec<u8>>, ReadFault> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, piece)) = kept.filter(|(kept, _)| *kept == number) {
            return Ok(piece);
        }
        let last = number.saturating_add(1) == self.pieces;
        let begin = number.saturating_mul(PIECE_BYTES as u64);
        let length = self.size.saturating_sub(begin).min(PIECE_BYTES as u64);
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0).saturating_add(TAG_BYTES)];
        self.source.read_at(self.start.saturating_add(number.saturating_mul(SEALED_BYTES)), &mut bytes)?;
        if self.cipher.decrypt_in_place(&nonce_of(number, last), b"", &mut bytes).is_err() {
            let text =
                format!("piece {number} of the encrypted file does not authenticate: it was changed, moved or cut");
            return Err(ReadFault::new(begin, Cause::Corrupt(text)));
        }
        let piece = Arc::new(bytes);
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((number, Arc::clone(&piece)));
        Ok(piece)
    }
}

impl Source for Plain {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size)?;
        let (mut at, mut rest) = (at, buf);
        while !rest.is_empty() {
            let piece = self.piece(at / PIECE_BYTES as u64)?;
            let inside = usize::try_from(at % PIECE_BYTES as u64).unwrap_or(0);
            let there = piece.get(inside..).unwrap_or_default();
            let length = there.len().min(rest.len());
            let (now, later) = rest.split_at_mut(length);
            now.copy_from_slice(there.get(..length).unwrap_or_default());
            if length == 0 {
                return Err(ReadFault::new(at, Cause::PastEnd));
            }
            at = at.saturating_add(length as u64);
            rest = later;
        }
        Ok(())
    }
}
