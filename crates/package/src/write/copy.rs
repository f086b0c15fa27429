//! Payload files into the archive, hashed on the way.

use exhibit_evidence::{ByteRange, Cancel, Source, to_hex};
use sha2::{Digest as _, Sha256, Sha512};

use super::archive::Archive;
use super::error::PackageError;

/// Bytes read, hashed and written at a time. Large enough that handing it to three workers costs nothing, small enough to
/// stay in a processor's cache.
const BLOCK_BYTES: usize = 1 << 20;

/// The two digests of a member, lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digests {
    pub(super) sha256: String,
    pub(super) sha512: String,
}

impl Digests {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let (short, long) = rayon::join(|| Sha256::digest(bytes), || Sha512::digest(bytes));
        Self { sha256: to_hex(&short), sha512: to_hex(&long) }
    }
}

/// Files up to this size, 256 KiB, are read whole and hashed side by side: handing one to several workers costs more than
/// hashing it.
pub(super) const SMALL_BYTES: u64 = 256 << 10;

/// A small file, read and hashed.
pub(super) struct Small {
    pub(super) bytes: Vec<u8>,
    pub(super) digests: Digests,
}

/// Reads a small file.
///
/// # Errors
/// If it cannot be read to its end.
pub(super) fn small(path: &str, source: &dyn Source) -> Result<Small, PackageError> {
    let mut bytes = vec![0; usize::try_from(source.size()).unwrap_or(usize::MAX)];
    source.read_at(0, &mut bytes).map_err(|fault| PackageError::unreadable(path, fault))?;
    let (short, long) = (Sha256::digest(&bytes), Sha512::digest(&bytes));
    Ok(Small { bytes, digests: Digests { sha256: to_hex(&short), sha512: to_hex(&long) } })
}

/// Writes all of `source` into the member begun last. While a block is hashed by two workers, the third writes it and
/// reads the next. `on_block` is told the length of every block written.
///
/// # Errors
/// If the source cannot be read to its end, the archive cannot be written, or `cancel` is set.
pub(super) fn copy(
    archive: &mut Archive,
    path: &str,
    source: &dyn Source,
    cancel: &Cancel,
    mut on_block: impl FnMut(u64),
) -> Result<Digests, PackageError> {
    let (mut short, mut long) = (Sha256::new(), Sha512::new());
    let mut rest = ByteRange::new(0, source.size());
    let mut block = Vec::new();
    read_next(source, path, &mut rest, &mut block)?;
    let mut ahead = Vec::new();
    while !block.is_empty() {
        if cancel.is_cancelled() {
            return Err(PackageError::interrupted());
        }
        let move_on = || {
            archive.write(path, &block)?;
            read_next(source, path, &mut rest, &mut ahead)
        };
        let ((), ((), moved)) = rayon::join(|| long.update(&block), || rayon::join(|| short.update(&block), move_on));
        moved?;
        on_block(block.len() as u64);
        std::mem::swap(&mut block, &mut ahead);
    }
    Ok(Digests { sha256: to_hex(&short.finalize()), sha512: to_hex(&long.finalize()) })
}

/// Fills `block` with the start of `rest` and takes it away from there; `block` is empty at the end.
fn read_next(source: &dyn Source, path: &str, rest: &mut ByteRange, block: &mut Vec<u8>) -> Result<(), PackageError> {
    let length = usize::try_from(rest.length).unwrap_or(usize::MAX).min(BLOCK_BYTES);
    block.resize(length, 0);
    if block.is_empty() {
        return Ok(()); // at the end there is nothing to ask a source for
    }
    source.read_at(rest.offset, block).map_err(|fault| PackageError::unreadable(path, fault))?;
    *rest = ByteRange::between(rest.offset.saturating_add(length as u64), rest.end());
    Ok(())
}
