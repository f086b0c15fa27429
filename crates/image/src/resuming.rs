//! Going on with the files of an unfinished image.

use std::sync::Arc;

use exhibit_evidence::{Cause, ReadFault, Source};
use exhibit_hash::sha256::Sha256;

use crate::{Checkpoint, ImageError};

/// Bytes read at a time while a file is hashed again.
const PIECE_BYTES: u64 = 1 << 20;

/// The unfinished file called `name`, and its running hash over its first `length` bytes: what was sealed is read again.
pub(crate) fn opened(
    name: &str,
    length: u64,
    reopen: &dyn Fn(&str) -> std::io::Result<Arc<dyn Source>>,
) -> Result<(Arc<dyn Source>, Sha256), ImageError> {
    let read = |fault| ImageError::Read { part: name.to_owned(), fault };
    let source = reopen(name).map_err(|error| read(ReadFault::new(0, Cause::Io(error))))?;
    let (mut hasher, mut at) = (Sha256::new(), 0_u64);
    let mut buffer = vec![0; usize::try_from(length.min(PIECE_BYTES)).unwrap_or(0)];
    while at < length {
        let wanted = usize::try_from(length.saturating_sub(at).min(PIECE_BYTES)).unwrap_or(0);
        let piece = buffer.get_mut(..wanted).unwrap_or_default();
        source.read_at(at, piece).map_err(read)?;
        hasher.update(piece);
        at = at.saturating_add(wanted as u64);
    }
    Ok((source, hasher))
}

/// The checkpoint speaks of other files than this image has.
pub(crate) fn not_ours(at: &Checkpoint) -> ImageError {
    ImageError::Usage(format!("the checkpoint at byte {} is not one of this image", at.medium_bytes))
}
