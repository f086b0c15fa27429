//! The one pass over the medium: signatures, and a look at what follows them.

use exhibit_evidence::{ByteRange, Known, ReadFault, Source};

use crate::align::SECTOR_BYTES;
use crate::error::CarveError;
use crate::kind::{HEAD_BYTES, Kind};
use crate::plan::Align;
use crate::reading;
use crate::signatures::Finder;

/// After an unreadable byte reading goes on at the next sector; the step doubles with each further fault in a row, up to
/// this many bytes: a dying device must not be asked for each of its sectors.
const SKIP_MOST: u64 = 64 * 1024;

/// A place where a file may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Candidate {
    /// Offset on the medium in bytes.
    pub(crate) offset: u64,
    /// Index among the kinds searched for.
    pub(crate) kind: usize,
}

/// What a block gave.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    pub(crate) candidates: Vec<Candidate>,
    /// Ranges of the block that could not be read.
    pub(crate) unreadable: Vec<ByteRange>,
    /// Bytes not searched because the container knows them to be zero.
    pub(crate) known_zero: u64,
}

/// What a file of a kind has at a fixed place.
struct Signature {
    bytes: &'static [u8],
    /// Where in the file.
    at: usize,
    /// Index among the kinds.
    kind: usize,
}

/// Signatures of all kinds, ready for searching.
pub(crate) struct Scanner {
    kinds: Vec<&'static dyn Kind>,
    signatures: Vec<Signature>,
    finder: Finder,
    /// For looking at the beginnings of sectors only: places in a file where signatures stand, and for each of them the
    /// signatures by their first byte.
    places: Vec<(usize, Vec<Vec<usize>>)>,
    /// Bytes behind a block that belong to files which begin in it: their heads and signatures.
    beyond: u64,
    align: Align,
}

impl Scanner {
    pub(crate) fn new(kinds: Vec<&'static dyn Kind>, align: Align) -> Result<Self, CarveError> {
        let signatures: Vec<Signature> = kinds
            .iter()
            .enumerate()
            .flat_map(|(index, kind)| {
                let signature = move |bytes: &&'static [u8]| Signature { bytes, at: kind.signature_at(), kind: index };
                kind.signatures().iter().map(signature)
            })
            .collect();
        let mut places: Vec<(usize, Vec<Vec<usize>>)> = Vec::new();
        for (index, signature) in signatures.iter().enumerate() {
            let Some(byte) = signature.bytes.first() else {
                return Err(CarveError::Internal("a kind has an empty signature".to_owned()));
            };
            let known = places.iter().position(|(at, _)| *at == signature.at);
            let place = known.unwrap_or(places.len());
            if known.is_none() {
                places.push((signature.at, vec![Vec::new(); 256]));
            }
            if let Some(slot) = places.get_mut(place).and_then(|(_, by_byte)| by_byte.get_mut(usize::from(*byte))) {
                slot.push(index);
            }
        }
        let finder = Finder::new(signatures.iter().map(|signature| signature.bytes).collect());
        let ends = signatures.iter().map(|signature| signature.at.saturating_add(signature.bytes.len()));
        let beyond = ends.max().unwrap_or(0).max(HEAD_BYTES) as u64;
        Ok(Self { kinds, signatures, finder, places, beyond, align })
    }

    /// Searches `block`; files begin inside it, but their heads may lie behind it. `buffer` is reused from block to block.
    pub(crate) fn block(
        &self,
        source: &dyn Source,
        block: ByteRange,
        buffer: &mut Vec<u8>,
    ) -> Result<Scanned, ReadFault> {
        let mut scanned = Scanned::default();
        let with_head = ByteRange::between(block.offset, block.end().saturating_add(self.beyond).min(source.size()));
        let (run, known) = source.known(with_head);
        if known == Known::Zero && run.length >= with_head.length {
            scanned.known_zero = block.length;
            return Ok(scanned);
        }
        buffer.resize(usize::try_from(with_head.length).unwrap_or(0), 0);
        let (mut at, mut step) = (with_head.offset, SECTOR_BYTES);
        while at < with_head.end() {
            let from = usize::try_from(at.saturating_sub(with_head.offset)).unwrap_or(usize::MAX);
            let Some(rest) = buffer.get_mut(from..) else { break };
            let good = reading::fill(source, at, rest)?;
            self.span(at, rest.get(..good).unwrap_or_default(), block.end(), &mut scanned.candidates);
            let end = at.saturating_add(good as u64);
            if end >= with_head.end() {
                break;
            }
            step = if good > 0 { SECTOR_BYTES } else { step.saturating_mul(2).min(SKIP_MOST) };
            at = after_fault(source, end, step, with_head.end());
            let lost = ByteRange::between(end, at).intersect(block);
            if !lost.is_empty() {
                scanned.unreadable.push(lost);
            }
        }
        Ok(scanned)
    }

    /// Searches readable bytes that begin at `at`, for files that begin before `end`.
    fn span(&self, at: u64, bytes: &[u8], end: u64, found: &mut Vec<Candidate>) {
        match self.align {
            Align::Sector => self.sectors(at, bytes, end, found),
            Align::Auto | Align::Byte => self.every_byte(at, bytes, end, found),
        }
    }

    fn sectors(&self, at: u64, bytes: &[u8], end: u64, found: &mut Vec<Candidate>) {
        let skip = usize::try_from(at.next_multiple_of(SECTOR_BYTES).saturating_sub(at)).unwrap_or(usize::MAX);
        let offsets = (at.saturating_add(skip as u64)..end).step_by(SECTOR_BYTES as usize);
        let starts = (skip..bytes.len()).step_by(SECTOR_BYTES as usize);
        for (offset, start) in offsets.zip(starts) {
            let sector = bytes.get(start..).unwrap_or_default();
            for (place, by_byte) in &self.places {
                let Some(byte) = sector.get(*place) else { continue };
                for index in by_byte.get(usize::from(*byte)).into_iter().flatten() {
                    if let Some(signature) = self.signatures.get(*index)
                        && sector.get(*place..).is_some_and(|rest| rest.starts_with(signature.bytes))
                    {
                        self.offer(offset, signature.kind, sector, found);
                    }
                }
            }
        }
    }

    fn every_byte(&self, at: u64, bytes: &[u8], end: u64, found: &mut Vec<Candidate>) {
        self.finder.each(bytes, |place, index| {
            let Some(signature) = self.signatures.get(index) else { return };
            let Some(start) = place.checked_sub(signature.at) else { return };
            let offset = at.saturating_add(start as u64);
            if offset < end {
                self.offer(offset, signature.kind, bytes.get(start..).unwrap_or_default(), found);
            }
        });
    }

    fn offer(&self, offset: u64, kind: usize, head: &[u8], found: &mut Vec<Candidate>) {
        let head = head.get(..HEAD_BYTES).unwrap_or(head);
        let here = |kind: &&dyn Kind| offset.is_multiple_of(SECTOR_BYTES) || !kind.only_at_sectors(head);
        if self.kinds.get(kind).is_some_and(|kind| kind.plausible(head) && here(kind)) {
            found.push(Candidate { offset, kind });
        }
    }
}

/// Where to read on after a fault at `at`: behind what is known to be unreadable, else at the next multiple of `step`.
fn after_fault(source: &dyn Source, at: u64, step: u64, end: u64) -> u64 {
    let (run, known) = source.known(ByteRange::between(at, end));
    if known == Known::Unreadable && !run.is_empty() {
        return run.end();
    }
    at.saturating_add(1).next_multiple_of(step).min(end)
}
