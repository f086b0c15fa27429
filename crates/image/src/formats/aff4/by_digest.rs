//! Chunks that files of a logical image share: named by the digest of their bytes, and found as a range of a stream.
//!
//! ```text
//! <aff4:sha512:6K66…Qw==> aff4:dataStream <aff4://c38c9b08-…[0xc8000:0x8000]> .
//! ```

use std::sync::Arc;

use base64::Engine as _;
use exhibit_evidence::{ByteRange, Cause, ReadFault, Source, to_hex};

use super::digests::Algorithm;
use super::layout::CHUNK_BYTES_MAX;

/// Stream and range that a reference `URN[offset:length]` means, both numbers hexadecimal.
pub(super) fn reference(iri: &str) -> Option<(&str, ByteRange)> {
    let (urn, range) = iri.strip_suffix(']')?.rsplit_once('[')?;
    let (offset, length) = range.split_once(':')?;
    let number = |text: &str| u64::from_str_radix(text.strip_prefix("0x")?, 16).ok();
    Some((urn, ByteRange::new(number(offset)?, number(length)?)))
}

/// Algorithm and digest in a name `aff4:sha512:…`.
fn digest_of(urn: &str) -> Option<(Algorithm, Vec<u8>)> {
    let (kind, text) = urn.strip_prefix("aff4:")?.split_once(':')?;
    let algorithm = Algorithm::of(kind)?;
    let bytes = base64::engine::general_purpose::URL_SAFE.decode(text).ok()?;
    (bytes.len() == algorithm.length()).then_some((algorithm, bytes))
}

/// A chunk. Whatever of it is read, all of it is compared with its name.
pub(super) struct Chunk {
    urn: String,
    stream: Arc<dyn Source>,
    range: ByteRange,
    digest: Option<(Algorithm, Vec<u8>)>,
}

impl Chunk {
    /// The chunk called `urn`.
    ///
    /// # Errors
    /// A sentence, if it is larger than a chunk can be, or does not lie in the stream.
    pub(super) fn new(urn: &str, stream: Arc<dyn Source>, range: ByteRange) -> Result<Self, String> {
        let end = range.offset.checked_add(range.length);
        if range.length > CHUNK_BYTES_MAX || end.is_none_or(|end| end > stream.size()) {
            return Err(format!("{urn} is said to be {range} of a stream of {} bytes", stream.size()));
        }
        Ok(Self { urn: urn.to_owned(), stream, range, digest: digest_of(urn) })
    }
}

impl Source for Chunk {
    fn size(&self) -> u64 {
        self.range.length
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.range.length)?;
        let mut whole = vec![0; usize::try_from(self.range.length).unwrap_or(0)];
        let failed = |fault: ReadFault| ReadFault::new(at, fault.cause);
        self.stream.read_at(self.range.offset, &mut whole).map_err(failed)?;
        if let Some((algorithm, named)) = &self.digest {
            let computed = algorithm.digest(&[&whole]);
            if computed != *named {
                let text = format!("{}: its {} is {}", self.urn, algorithm.kind(), to_hex(&computed));
                return Err(ReadFault::new(at, Cause::Corrupt(text)));
            }
        }
        let start = usize::try_from(at).unwrap_or(usize::MAX);
        let part = start.checked_add(buf.len()).and_then(|end| whole.get(start..end));
        buf.copy_from_slice(part.ok_or(ReadFault::new(at, Cause::PastEnd))?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;

    use super::*;

    #[test]
    fn references_and_names_are_taken_apart_and_nothing_else_is() {
        let range = ByteRange::new(0xc8000, 0x8000);
        assert_eq!(reference("aff4://c38c[0xc8000:0x8000]"), Some(("aff4://c38c", range)));
        for bad in
            ["aff4://c38c", "aff4://x[0x1]", "aff4://x[1:2]", "aff4://x[0x1:0xg]", "x]", "[0x0:0x10000000000000000]"]
        {
            assert_eq!(reference(bad), None, "{bad}");
        }
        assert!(digest_of("aff4:sha512:AAAA").is_none() && digest_of("aff4:what:AAAA").is_none());
    }

    #[test]
    fn a_chunk_that_is_not_what_its_name_says_is_damage() {
        let stream: Arc<dyn Source> = Arc::new(MemorySource::new(*b"..abc.."));
        let text = base64::engine::general_purpose::URL_SAFE.encode(Algorithm::Sha512.digest(&[b"abc"]));
        let urn = format!("aff4:sha512:{text}");
        let read = |offset| {
            let mut some = [0; 2];
            let chunk = Chunk::new(&urn, stream.clone(), ByteRange::new(offset, 3)).unwrap();
            chunk.read_at(1, &mut some).map(|()| some)
        };
        assert_eq!(read(2).unwrap(), *b"bc");
        assert!(matches!(read(1).unwrap_err().cause, Cause::Corrupt(_)));
        assert!(Chunk::new(&urn, stream.clone(), ByteRange::new(5, 3)).is_err());
    }
}
