//! Matroska and WebM films (RFC 9559, RFC 8794).
//!
//! ```text
//! 1A45DFA3 header with the document type
//! 18538067 segment: size, then elements: seek head, information, tracks, clusters, cues, …
//! ```
//!
//! The segment's elements must fill it to its last byte. Few files carry checksums: *consistent*. A segment of unknown size
//! (a live recording) ends where no element follows; it is whole only if the filling of the last sector begins, or the medium
//! ends, right there, else *partial*.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::slack;
use crate::stop::{Progress, Stop};
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
/// Elements that lie in a cluster, and filling: for clusters of unknown size.
const IN_CLUSTER: [u64; 9] = [0xe7, 0xa3, 0xa0, 0xab, 0xa7, 0x5854, 0xaf, 0xec, 0xbf];
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
            let (id, inside, end) = open_element(window, head_end)?;
            if id != SEGMENT || progress.level != Level::Header {
                return Err(Stop::bad(head_end, "no segment"));
            }
            progress.good = inside;
            let counted = segment(window, progress, inside, end)?;
            let mut reasons = vec![format!(
                "{} elements {}, {} clusters among them",
                counted.elements,
                if end.is_some() {
                    "fill the segment to its last byte"
                } else {
                    "follow one another in a segment of unknown size"
                },
                counted.clusters
            )];
            if end.is_none() {
                reasons
                    .push("the filling of the last sector begins, or the medium ends, behind the last one".to_owned());
            }
            reasons.push("no checksum was compared".to_owned());
            let mut whole = consistent(progress.file_type, counted.end, []);
            whole.reasons = reasons;
            Ok(whole)
        })
    }
}

/// What lies in a segment.
struct Counted {
    elements: u64,
    clusters: u64,
    end: u64,
}

/// Follows the elements of a segment from `inside` to its end, or while elements follow.
fn segment(window: &mut Window<'_>, progress: &mut Progress, inside: u64, end: Option<u64>) -> Result<Counted, Stop> {
    let mut counted = Counted { elements: 0, clusters: 0, end: inside };
    let (mut tracks, mut open_cluster) = (false, false);
    while end.is_none_or(|end| counted.end < end) {
        window.budget.pay(16)?;
        let at = counted.end;
        let (id, inside, next) = match open_element(window, at) {
            Ok(found) => found,
            Err(Stop::Bad(..) | Stop::End(_)) if end.is_none() => break,
            Err(stop) => return Err(stop),
        };
        let known = IN_SEGMENT.contains(&id) || (open_cluster && IN_CLUSTER.contains(&id));
        if !known && end.is_none() {
            break;
        }
        if !known || counted.elements >= ELEMENTS_MOST || next.zip(end).is_some_and(|(next, end)| next > end) {
            return Err(Stop::bad(at, "no element of a segment"));
        }
        counted.elements = counted.elements.saturating_add(1);
        tracks |= id == TRACKS;
        counted.clusters = counted.clusters.saturating_add(u64::from(id == CLUSTER));
        if IN_SEGMENT.contains(&id) {
            open_cluster = id == CLUSTER && next.is_none();
        }
        let next = match next {
            Some(next) => next,
            None if id == CLUSTER => inside,
            None => return Err(Stop::bad(at, "an element without a known size")),
        };
        window.readable(ByteRange::between(at, next))?;
        progress.level = Level::Body;
        progress.good = next;
        counted.end = next;
    }
    if !tracks || counted.clusters == 0 {
        return Err(Stop::bad(counted.end, "no tracks or no clusters"));
    }
    if end.is_none() && !slack::ends_here(window, counted.end)? {
        return Err(Stop::bad(counted.end, "no further element, and nothing shows that this is the end"));
    }
    Ok(counted)
}

/// The element at `at`: its id, where its data begins and ends.
fn element(window: &mut Window<'_>, at: u64) -> Result<(u64, u64, u64), Stop> {
    let (id, inside, end) = open_element(window, at)?;
    Ok((id, inside, end.ok_or_else(|| Stop::bad(at, "an element without a known size"))?))
}

/// The same for an element that may be of unknown size, which is written as all ones.
fn open_element(window: &mut Window<'_>, at: u64) -> Result<(u64, u64, Option<u64>), Stop> {
    let (id, id_length) = number(window, at, 4, true)?.ok_or_else(|| Stop::bad(at, "no element"))?;
    let size_at = at.saturating_add(id_length);
    let zeros = window.u8(size_at)?.leading_zeros();
    if zeros >= 8 {
        return Err(Stop::bad(at, "an element without a size"));
    }
    match number(window, size_at, 8, false)? {
        Some((size, length)) => {
            let inside = size_at.saturating_add(length);
            Ok((id, inside, Some(inside.saturating_add(size))))
        }
        None => Ok((id, size_at.saturating_add(u64::from(zeros)).saturating_add(1), None)),
    }
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
