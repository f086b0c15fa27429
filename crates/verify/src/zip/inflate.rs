//! Deflated members: in one stream with everything checked, or as a source for whoever must jump about in them.

use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use exhibit_evidence::{Cause, Finding, ReadFault, Severity, Source};
use flate2::write::DeflateEncoder;
use flate2::{Compression, Decompress, FlushDecompress, Status};

use crate::members::BLOCK_BYTES;

/// Deflated members up to this size are unpacked into memory when opened; larger ones are unpacked as they are read.
const IN_MEMORY_BYTES: u64 = 4 << 20;

/// How many times its own size a large deflated member may be unpacked again because of reads that go backwards.
const REWINDS_MAX: u64 = 64;

/// Level with which packages are deflated, and against which a deflated member is compared.
const LEVEL: u32 = 6;

fn corrupt(at: u64, text: impl Into<String>) -> ReadFault {
    ReadFault::new(at, Cause::Corrupt(text.into()))
}

/// Unpacks one deflate stream from front to back.
struct Inflater<P> {
    packed: P,
    state: Decompress,
    /// A block of `packed`, how much of it is used up, and the offset of its end in `packed`.
    input: Vec<u8>,
    used: usize,
    read_to: u64,
    ended: bool,
}

impl<P: Source> Inflater<P> {
    fn new(packed: P) -> Self {
        Self { packed, state: Decompress::new(false), input: Vec::new(), used: 0, read_to: 0, ended: false }
    }

    fn refill(&mut self) -> Result<(), ReadFault> {
        let left = usize::try_from(self.packed.size().saturating_sub(self.read_to)).unwrap_or(usize::MAX);
        self.input.resize(left.min(BLOCK_BYTES), 0);
        self.used = 0;
        self.packed.read_at(self.read_to, &mut self.input)?;
        self.read_to = self.read_to.saturating_add(self.input.len() as u64);
        Ok(())
    }

    /// Fills `output` as far as the stream goes, and returns how far.
    fn fill(&mut self, output: &mut [u8]) -> Result<usize, ReadFault> {
        let mut done = 0;
        while !self.ended {
            let Some(space) = output.get_mut(done..).filter(|space| !space.is_empty()) else { break };
            if self.used >= self.input.len() && self.read_to < self.packed.size() {
                self.refill()?;
            }
            let input = self.input.get(self.used..).unwrap_or_default();
            let (before_in, before_out) = (self.state.total_in(), self.state.total_out());
            let status = self.state.decompress(input, space, FlushDecompress::None);
            let moved = |now: u64, before: u64| usize::try_from(now.saturating_sub(before)).unwrap_or(usize::MAX);
            let (taken, given) = (moved(self.state.total_in(), before_in), moved(self.state.total_out(), before_out));
            self.used = self.used.saturating_add(taken);
            done = done.saturating_add(given);
            match status {
                Ok(Status::StreamEnd) => self.ended = true,
                Ok(_) if (taken, given) != (0, 0) => {}
                _ if self.read_to < self.packed.size() && self.used >= self.input.len() => {}
                Err(error) => return Err(corrupt(self.state.total_in(), format!("not a deflate stream: {error}"))),
                Ok(_) => return Err(corrupt(self.state.total_in(), "the deflate stream is cut short")),
            }
        }
        Ok(done)
    }

    /// Confirms that the stream ended, and exactly at the end of its space.
    fn finish(&mut self) -> Result<(), ReadFault> {
        let mut beyond = [0; 1];
        if self.fill(&mut beyond)? > 0 {
            return Err(corrupt(self.state.total_in(), "the deflate stream holds more than the size declared"));
        }
        let used = self.state.total_in();
        if used == self.packed.size() {
            return Ok(());
        }
        let left = self.packed.size().saturating_sub(used);
        Err(corrupt(used, format!("{left} bytes after the end of the deflate stream")))
    }
}

/// Streams a member and returns its CRC-32 and, if `compare`, whether our own compressor makes the same bytes of it:
/// `Ok(None)` if so, the offset in the packed data of the first difference if not. `None` if `sink` stopped.
pub(super) fn stream_deflated(
    packed: &dyn Source,
    size: u64,
    compare: bool,
    sink: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<Option<(u32, Option<u64>)>, ReadFault> {
    let mut inflater = Inflater::new(packed);
    let mut block = vec![0; BLOCK_BYTES.min(usize::try_from(size).unwrap_or(BLOCK_BYTES)).max(1)];
    let mut crc = crc32fast::Hasher::new();
    let mut again = compare.then(|| Deflater::new(packed));
    let mut left = size;
    while left > 0 {
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(BLOCK_BYTES);
        let filled = inflater.fill(block.get_mut(..wanted).unwrap_or_default())?;
        let data = block.get(..filled).unwrap_or_default();
        if data.is_empty() {
            return Err(corrupt(packed.size(), format!("{} bytes unpacked, {size} declared", size - left)));
        }
        crc.update(data);
        if let Some(again) = &mut again {
            again.feed(data)?;
        }
        if !sink(data) {
            return Ok(None);
        }
        left = left.saturating_sub(filled as u64);
    }
    inflater.finish()?;
    let difference = again.map(Deflater::finish).transpose()?.flatten();
    Ok(Some((crc.finalize(), difference)))
}

/// Packs data again and compares the result with what is packed already.
///
/// What the compressor makes depends on where its input ends and its output is full, since it then forgets the match that it
/// was about to make. So it is driven as the writer's is (`docs/spec/verification.md`): by the same encoder, whose output is
/// taken away in blocks of 32 KiB, and with input in blocks of 1 MiB.
struct Deflater<'a>(DeflateEncoder<Comparison<'a>>);

impl<'a> Deflater<'a> {
    fn new(packed: &'a dyn Source) -> Self {
        let comparison = Comparison { packed, equal_to: 0, differs: false, fault: None, stored: Vec::new() };
        Self(DeflateEncoder::new(comparison, Compression::new(LEVEL)))
    }

    /// Adds a block; nothing is packed any more once a difference was found.
    fn feed(&mut self, data: &[u8]) -> Result<(), ReadFault> {
        if self.0.get_ref().differs {
            return Ok(());
        }
        // A comparison takes whatever it is given, so that this cannot fail; what it could not read is kept in it.
        let _ = self.0.write_all(data);
        self.0.get_mut().fault.take().map_or(Ok(()), Err)
    }

    /// The offset of the first difference, if there is one.
    fn finish(mut self) -> Result<Option<u64>, ReadFault> {
        let _ = self.0.try_finish();
        let comparison = self.0.get_mut();
        if let Some(fault) = comparison.fault.take() {
            return Err(fault);
        }
        let differs = comparison.differs || comparison.equal_to != comparison.packed.size();
        Ok(differs.then_some(comparison.equal_to))
    }
}

/// Takes packed data and compares it with what lies in the archive.
struct Comparison<'a> {
    packed: &'a dyn Source,
    /// Bytes compared and found equal, and whether a difference ended the comparison.
    equal_to: u64,
    differs: bool,
    fault: Option<ReadFault>,
    stored: Vec<u8>,
}

impl Comparison<'_> {
    fn compare(&mut self, made: &[u8]) -> Result<(), ReadFault> {
        let left = usize::try_from(self.packed.size().saturating_sub(self.equal_to)).unwrap_or(usize::MAX);
        self.stored.resize(made.len().min(left), 0);
        self.packed.read_at(self.equal_to, &mut self.stored)?;
        let equal = made.iter().zip(&self.stored).take_while(|(a, b)| a == b).count();
        self.equal_to = self.equal_to.saturating_add(equal as u64);
        self.differs = equal < made.len();
        Ok(())
    }
}

impl Write for Comparison<'_> {
    fn write(&mut self, made: &[u8]) -> io::Result<usize> {
        if !self.differs && self.fault.is_none() {
            self.fault = self.compare(made).err();
        }
        Ok(made.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Which deflated members are what our own compressor makes, and which are not.
#[derive(Debug, Default)]
pub(super) struct Repacking {
    /// Members judged so far, by the offset of their data: one that is read twice counts once.
    judged: HashSet<u64>,
    same: u64,
    different: u64,
    /// Place and offset of each difference, up to the limit of findings.
    kept: Vec<(String, u64)>,
}

impl Repacking {
    pub(super) fn add(&mut self, place: &str, data_at: u64, difference: Option<u64>) {
        if !self.judged.insert(data_at) {
            return;
        }
        let Some(within) = difference else {
            self.same = self.same.saturating_add(1);
            return;
        };
        self.different = self.different.saturating_add(1);
        if self.kept.len() < crate::collect::FINDINGS_MAX {
            self.kept.push((place.to_owned(), data_at.saturating_add(within)));
        }
    }

    pub(super) fn findings(&self, same_version: bool) -> Vec<Finding> {
        if self.different == 0 {
            return Vec::new();
        }
        if !same_version || self.same < self.different {
            let text = format!(
                "{} of {} deflated members are not byte for byte what this version's compressor makes of their content, as \
                 is to be expected of an archive written by another version. Contents are checked all the same",
                self.different,
                self.same.saturating_add(self.different)
            );
            return vec![Finding::new(Severity::Note, "zip-deflate-form", "archive", text)];
        }
        let mut kept = self.kept.clone();
        kept.sort();
        let text = "its compressed form differs from what the writer makes of this content, though its content has the \
                    right checksum: bytes of the archive were changed here";
        let finding =
            |(place, at): (String, u64)| Finding::new(Severity::Mismatch, "zip-deflate-form", place, text).at(at);
        kept.into_iter().map(finding).collect()
    }
}

/// A deflated member as a source.
pub(super) struct Inflated<P> {
    size: u64,
    state: Mutex<State<P>>,
}

enum State<P> {
    Memory(Vec<u8>),
    Stream { inflater: Inflater<P>, packed: P, at: u64, unpacked: u64 },
}

impl<P: Source + Clone> Inflated<P> {
    pub(super) fn open(packed: P, size: u64) -> Result<Self, ReadFault> {
        let mut inflater = Inflater::new(packed.clone());
        if size > IN_MEMORY_BYTES {
            let state = State::Stream { inflater, packed, at: 0, unpacked: 0 };
            return Ok(Self { size, state: Mutex::new(state) });
        }
        let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
        if inflater.fill(&mut bytes)? != bytes.len() {
            return Err(corrupt(packed.size(), format!("fewer bytes unpacked than the {size} declared")));
        }
        inflater.finish()?;
        Ok(Self { size, state: Mutex::new(State::Memory(bytes)) })
    }
}

impl<P: Source + Clone> Source for Inflated<P> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size)?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *state {
            State::Memory(bytes) => {
                let start = usize::try_from(at).unwrap_or(usize::MAX);
                let part = start.checked_add(buf.len()).and_then(|end| bytes.get(start..end));
                buf.copy_from_slice(part.ok_or(ReadFault::new(at, Cause::PastEnd))?);
                Ok(())
            }
            State::Stream { inflater, packed, at: position, unpacked } => {
                if at < *position {
                    *inflater = Inflater::new(packed.clone());
                    *position = 0;
                }
                let needed = at.saturating_sub(*position).saturating_add(buf.len() as u64);
                *unpacked = unpacked.saturating_add(needed);
                if *unpacked > self.size.saturating_mul(REWINDS_MAX) {
                    let text = format!("a deflated member was read back and forth more than {REWINDS_MAX} times over");
                    return Err(ReadFault::new(at, Cause::Unreadable(text)));
                }
                let here = |fault: ReadFault| ReadFault { at, good: 0, cause: fault.cause };
                skip(inflater, at.saturating_sub(*position)).map_err(here)?;
                let filled = inflater.fill(buf).map_err(here)?;
                *position = at.saturating_add(filled as u64);
                if filled < buf.len() {
                    return Err(corrupt(at, "the deflate stream holds less than the size declared"));
                }
                Ok(())
            }
        }
    }
}

/// Unpacks and drops `length` bytes.
fn skip<P: Source>(inflater: &mut Inflater<P>, mut length: u64) -> Result<(), ReadFault> {
    let mut dropped = vec![0; usize::try_from(length).unwrap_or(usize::MAX).min(BLOCK_BYTES)];
    while length > 0 {
        let wanted = usize::try_from(length).unwrap_or(usize::MAX).min(BLOCK_BYTES);
        let filled = inflater.fill(dropped.get_mut(..wanted).unwrap_or_default())?;
        if filled == 0 {
            return Err(corrupt(0, "the deflate stream holds less than the size declared"));
        }
        length = length.saturating_sub(filled as u64);
    }
    Ok(())
}
