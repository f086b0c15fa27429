//! Matroska and WebM films (RFC 9559, RFC 8794).
//!
//! ```text
//! 1A45DFA3 header with the document type
//! 18538067 segment: size, then elements: seek head, information, tracks, clusters, cues, …
//! ```
//!
//! The segment's elements must fill it to its last byte. Few files carry checksums: *consistent*. A segment of unknown
//! size (a live recording) has no end that could be checked and is never whole.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};
use crate::window::Window;

const MKV: FileType = FileType { id: "mkv", extension: "mkv" };
const WEBM: FileType = FileType { id: "webm", extension: "webm" };
const SEGMENT: u64 = 0x1853_8067;
const DOCUMENT_TYPE: u64 = 0x4282;
const TRACKS: u64 = 0x1654_ae6b;
const CLUSTER: u64 = 0x1f43_b675;
/// Elements that lie directly in a segment, and filling.
const IN_SEGMENT: [u64; 10] =
    [0x114d_9b74, 0x1549_a966, TRACKS, CLUSTER, 0x1c53_bb6b, 0x1941_a469, 0x1043_a770, 0x1254_c367, 0xec, 0xbf];
const ELEMENTS_MOST: u64 = 1 << 20;

/// Matroska and WebM films.
pub(crate) struct Matroska;

impl Kind for Matroska {
    fn id(&self) -> &'static str {
        "mkv"
    }

    fn types(&self) -> &'static [FileType] {
        &[MKV, WEBM]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"\x1a\x45\xdf\xa3"]
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(MKV, candidate, budget, |window, progress| {
            let (id, head, head_end) = element(window, 0)?;
            if id != 0x1a45_dfa3 || head_end > 4096 {
                return Err(Stop::bad(0, "no EBML header"));
            }
            let mut at = head;
            while at < head_end {
                let (id, inside, next) = element(window, at)?;
                if next > head_end {
                    return Err(Stop::bad(at, "an element that reaches out of the header"));
                }
                if id == DOCUMENT_TYPE {
                    let length = usize::try_from(next.saturating_sub(inside).min(16)).unwrap_or(0);
                    match window.exact(inside, length)? {
                        b"webm" => (progress.file_type, progress.level) = (WEBM, Level::Header),
                        b"matroska" => progress.level = Level::Header,
                        _ => return Err(Stop::bad(at, "another document type")),
                    }
                }
                at = next;
            }
            let (id, inside, end) = element(window, head_end)?;
            if id != SEGMENT || progress.level != Level::Header {
                return Err(Stop::bad(head_end, "no segment"));
            }
            progress.good = inside;
            let (mut at, mut clusters, mut tracks, mut count) = (inside, 0_u64, false, 0_u64);
            while at < end {
                count = count.saturating_add(1);
                window.budget.pay(16)?;
                let (id, _, next) = element(window, at)?;
                if !IN_SEGMENT.contains(&id) || next > end || count > ELEMENTS_MOST {
                    return Err(Stop::bad(at, "no element of a segment"));
                }
                tracks |= id == TRACKS;
                clusters = clusters.saturating_add(u64::from(id == CLUSTER));
                window.readable(ByteRange::between(at, next))?;
                progress.level = Level::Body;
                progress.good = next;
                at = next;
            }
            if !tracks || clusters == 0 {
                return Err(Stop::bad(end, "no tracks or no clusters"));
            }
            let reasons = [
                format!("elements fill the segment to its last byte, {clusters} clusters among them"),
                "no checksum was compared".to_owned(),
            ];
            Ok(consistent(progress.file_type, end, reasons))
        })
    }
}

/// The element at `at`: its id, where its data begins and ends.
fn element(window: &mut Window<'_>, at: u64) -> Result<(u64, u64, u64), Stop> {
    let bad = |what: &str| Stop::bad(at, what.to_owned());
    let (id, id_length) = number(window, at, 4, true)?.ok_or_else(|| bad("no element"))?;
    let size_at = at.saturating_add(id_length);
    let (size, length) = number(window, size_at, 8, false)?.ok_or_else(|| bad("an element without a known size"))?;
    let inside = size_at.saturating_add(length);
    Ok((id, inside, inside.saturating_add(size)))
}

/// A number whose leading zeros tell its length; `None` if it is longer than `most` bytes or means "unknown".
fn number(window: &mut Window<'_>, at: u64, most: u32, with_mark: bool) -> Result<Option<(u64, u64)>, Stop> {
    let first = window.u8(at)?;
    let zeros = first.leading_zeros();
    if zeros >= most {
        return Ok(None);
    }
    let length = zeros.saturating_add(1);
    let bytes = window.exact(at, length as usize)?;
    let value = bytes.iter().fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
    let mask = (1_u64 << length.saturating_mul(7)).saturating_sub(1);
    let plain = value & mask;
    let unknown = !with_mark && plain == mask;
    Ok((!unknown).then_some((if with_mark { value } else { plain }, u64::from(length))))
}
