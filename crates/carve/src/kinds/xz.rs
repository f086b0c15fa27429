//! xz (the .xz file format 1.2.1).
//!
//! ```text
//! FD '7zXZ' 00, check id (2 bytes), u32LE CRC-32 of the two
//! blocks: header size, flags, [sizes], filters, CRC-32; LZMA2 chunks; zeros to a multiple of 4; check of the content
//! index: 00, number of blocks, the sizes of each, zeros, CRC-32
//! u32LE CRC-32, u32LE size of the index, check id, 'YZ'          then perhaps zeros, and another stream
//! ```
//!
//! Every chunk is decoded, the content compared with its check (CRC-32, CRC-64 or SHA-256), and all else is under a CRC-32 or
//! has one possible value: *proven*. Without a check, with a filter that is not undone here, or with a dictionary larger
//! than one judge may have, the file is *consistent*.

mod block;
mod check;
mod chunks;
mod join;
mod lzma;

use block::Checked;
use exhibit_evidence::{ReadFault, Source};

use crate::budget::Budget;
use crate::fragments::Gaps;
use crate::kind::{Joined, Kind};
use crate::slack;
use crate::stop::{Progress, Stop};
use crate::verdict::{Broken, Class, FileType, Level, Verdict, Whole};
use crate::walk::follow;
use crate::window::Window;

const XZ: FileType = FileType { id: "xz", extension: "xz" };
const SIGNATURE: &[u8] = b"\xfd7zXZ\0";
const HEADER_BYTES: u64 = 12;
/// Blocks of one stream: their sizes are kept for the comparison with the index.
const BLOCKS_MOST: usize = 1 << 16;
/// Zeros between two streams.
const PADDING_MOST: u64 = 4096;

/// xz files.
pub(crate) struct Xz;

impl Kind for Xz {
    fn id(&self) -> &'static str {
        "xz"
    }

    fn types(&self) -> &'static [FileType] {
        &[XZ]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[SIGNATURE]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.first_chunk::<12>().is_none_or(|head| check_id(head).is_some())
    }

    /// Several streams behind one another are one file.
    fn parts_look_alike(&self) -> bool {
        true
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(XZ, candidate, budget, |window, progress| {
            let (mut file, mut streams) = (stream(window, progress, 0)?, 1_u64);
            loop {
                let next = behind_padding(window, file.end)?;
                if slack::is_next_file(next, streams) {
                    break;
                }
                if !matches!(window.array::<12>(next), Ok(head) if check_id(&head).is_some()) {
                    break;
                }
                // A further stream belongs to the file only if it, too, is whole.
                let Ok(more) = stream(window, &mut Progress::new(XZ), next) else { break };
                file.add(more);
                streams = streams.saturating_add(1);
            }
            Ok(file.whole())
        })
    }

    fn bridge(
        &self,
        candidate: &dyn Source,
        broken: &Broken,
        gaps: &Gaps,
        budget: &Budget<'_>,
    ) -> Result<Option<Joined>, ReadFault> {
        join::bridge(candidate, broken, gaps, budget)
    }
}

/// The check of a stream, if this is how one begins.
fn check_id(head: &[u8; 12]) -> Option<u8> {
    let &[_, _, _, _, _, _, zero, id, crc @ ..] = head;
    let is_head = head.starts_with(SIGNATURE) && zero == 0 && id < 16;
    (is_head && crc32fast::hash(&[zero, id]) == u32::from_le_bytes(crc)).then_some(id)
}

/// A whole stream, or several.
struct Stream {
    end: u64,
    blocks: u64,
    size: u64,
    /// What was not compared, if anything.
    doubt: Option<&'static str>,
}

impl Stream {
    fn add(&mut self, more: Self) {
        self.end = more.end;
        self.blocks = self.blocks.saturating_add(more.blocks);
        self.size = self.size.saturating_add(more.size);
        self.doubt = self.doubt.or(more.doubt);
    }

    fn whole(self) -> Whole {
        let mut reasons =
            vec![format!("{} block(s) of {} bytes agree with the index, its CRC-32 matches", self.blocks, self.size)];
        let class = match self.doubt {
            None => {
                reasons.push("all chunks decode (LZMA2), the check of every block matches".to_owned());
                Class::Proven
            }
            Some(doubt) => {
                reasons.push(doubt.to_owned());
                Class::Consistent
            }
        };
        Whole { file_type: XZ, length: self.end, class, anchored: self.end, reasons }
    }
}

/// The stream at `start`.
fn stream(window: &mut Window<'_>, progress: &mut Progress, start: u64) -> Result<Stream, Stop> {
    let head = window.array::<12>(start)?;
    let Some(check) = check_id(&head) else {
        return Err(Stop::bad(start, "no xz header, or its CRC-32 does not match"));
    };
    progress.level = progress.level.max(Level::Header);
    let mut at = start.saturating_add(HEADER_BYTES);
    progress.sure(at);
    let (mut sizes, mut doubt, mut size) = (Vec::<(u64, u64)>::new(), None, 0_u64);
    while window.u8(at)? != 0 {
        if sizes.len() >= BLOCKS_MOST {
            return Err(Stop::Spent("limit of blocks in an xz stream"));
        }
        let block = block::judge(window, progress, at, check)?;
        sizes.push((block.unpadded, block.content));
        size = size.saturating_add(block.content);
        if let Checked::Not(why) = block.checked {
            doubt = doubt.or(Some(why));
        }
        at = block.end;
        progress.level = Level::Body;
        progress.sure(at);
    }
    let end = index(window, at, &sizes)?;
    footer(window, end, end.saturating_sub(at), &head)?;
    // An empty stream proves nothing that its header does not.
    if sizes.is_empty() {
        doubt = Some("the stream is empty");
    }
    Ok(Stream { end: end.saturating_add(HEADER_BYTES), blocks: sizes.len() as u64, size, doubt })
}

/// Compares the index at `at` with the blocks; the offset after it.
fn index(window: &mut Window<'_>, at: u64, sizes: &[(u64, u64)]) -> Result<u64, Stop> {
    let bad = || Stop::bad(at, "the index does not agree with the blocks");
    let mut place = at.saturating_add(1);
    if number(window, &mut place)? != sizes.len() as u64 {
        return Err(bad());
    }
    for (unpadded, content) in sizes {
        window.budget.pay(2)?;
        if number(window, &mut place)? != *unpadded || number(window, &mut place)? != *content {
            return Err(bad());
        }
    }
    while !place.saturating_sub(at).is_multiple_of(4) {
        if window.u8(place)? != 0 {
            return Err(bad());
        }
        place = place.saturating_add(1);
    }
    let mut crc = crc32fast::Hasher::new();
    window.each(exhibit_evidence::ByteRange::between(at, place), |bytes| crc.update(bytes))?;
    if window.u32_le(place)? != crc.finalize() {
        return Err(Stop::bad(place, "CRC-32 of the index does not match"));
    }
    Ok(place.saturating_add(4))
}

fn footer(window: &mut Window<'_>, at: u64, index_bytes: u64, head: &[u8; 12]) -> Result<(), Stop> {
    let foot = window.array::<12>(at)?;
    let [_, _, _, _, fields @ .., b'Y', b'Z'] = &foot else { return Err(Stop::bad(at, "no footer behind the index")) };
    let [s0, s1, s2, s3, flags @ ..] = fields;
    let size = u64::from(u32::from_le_bytes([*s0, *s1, *s2, *s3])).saturating_add(1).saturating_mul(4);
    if foot.first_chunk::<4>() != Some(&crc32fast::hash(fields).to_le_bytes()) {
        return Err(Stop::bad(at, "CRC-32 of the footer does not match"));
    }
    if size != index_bytes || head.get(6..8) != Some(flags) {
        return Err(Stop::bad(at, "the footer does not agree with header and index"));
    }
    Ok(())
}

/// Where zeros in fours end.
fn behind_padding(window: &mut Window<'_>, start: u64) -> Result<u64, Stop> {
    let mut at = start;
    while at.saturating_sub(start) < PADDING_MOST && matches!(window.array::<4>(at), Ok([0, 0, 0, 0])) {
        at = at.saturating_add(4);
    }
    Ok(at)
}

/// A number of 7 bits a byte, the lowest first, in its shortest form; `at` moves behind it.
fn number(window: &mut Window<'_>, at: &mut u64) -> Result<u64, Stop> {
    let mut value = 0_u64;
    for index in 0..9_u32 {
        let byte = window.u8(*at)?;
        *at = at.saturating_add(1);
        value |= u64::from(byte & 0x7f) << index.saturating_mul(7);
        if byte & 0x80 == 0 {
            if byte == 0 && index > 0 {
                break;
            }
            return Ok(value);
        }
    }
    Err(Stop::bad(*at, "a number that is none"))
}
