//! Advanced Systems Format: WMV and WMA (Advanced Systems Format specification 01.20.03).
//!
//! ```text
//! objects: 16 bytes GUID, u64LE size with these 24 bytes, data
//! header (with u32LE number of objects, 01 02, and the objects: file properties with the size of the file, streams), data (with the
//! file's id again and u64LE number of packets), indices
//! ```
//!
//! The objects must fill the file to the size in its properties, and the packets of the data their object. There is no
//! checksum: *consistent*. A broadcast has no size and is never whole.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::{Progress, Stop};
use crate::verdict::{FileType, Level, Verdict, Whole};
use crate::walk::{consistent, follow};
use crate::window::Window;

const WMV: FileType = FileType { id: "wmv", extension: "wmv" };
const WMA: FileType = FileType { id: "wma", extension: "wma" };
const HEADER: [u8; 16] = *b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
const DATA: [u8; 16] = *b"\x36\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
const FILE: [u8; 16] = *b"\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65";
const STREAM: [u8; 16] = *b"\x91\x07\xdc\xb7\xb7\xa9\xcf\x11\x8e\xe6\x00\xc0\x0c\x20\x53\x65";
const VIDEO: [u8; 16] = *b"\xc0\xef\x19\xbc\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b";
/// Indices that may follow the data: simple, of all kinds, of media objects, of time codes.
const INDICES: [[u8; 16]; 4] = [
    *b"\x90\x08\x00\x33\xb1\xe5\xcf\x11\x89\xf4\x00\xa0\xc9\x03\x49\xcb",
    *b"\xd3\x29\xe2\xd6\xda\x35\xd1\x11\x90\x34\x00\xa0\xc9\x03\x49\xbe",
    *b"\xf8\x03\xb1\xfe\xad\x12\x64\x4c\x84\x0f\x2a\x1d\x2f\x7a\xd4\x8c",
    *b"\xd0\x3f\xb7\x3c\x4a\x0c\x03\x48\x95\x3d\xed\xf7\xb6\x22\x8f\x0c",
];
const OBJECTS_MOST: u32 = 1024;

/// WMV and WMA files.
pub(crate) struct Asf;

impl Kind for Asf {
    fn id(&self) -> &'static str {
        "wmv"
    }

    fn types(&self) -> &'static [FileType] {
        &[WMV, WMA]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[&HEADER]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.get(28..30).is_none_or(|reserved| reserved == [1, 2])
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(WMV, candidate, budget, walk)
    }
}

/// The object at `at`: its GUID and where it ends.
fn object(window: &mut Window<'_>, at: u64) -> Result<([u8; 16], u64), Stop> {
    window.budget.pay(16)?;
    let (id, size) = (window.array::<16>(at)?, window.u64_le(at.saturating_add(16))?);
    match at.checked_add(size).filter(|_| size >= 24) {
        Some(end) => Ok((id, end)),
        None => Err(Stop::bad(at, "an object smaller than its own header")),
    }
}

/// What the header says.
#[derive(Default)]
struct Facts {
    file_id: [u8; 16],
    size: u64,
    packets: u64,
    packet_bytes: u64,
    is_broadcast: bool,
    streams: u64,
    has_video: bool,
}

fn walk(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    let (id, end) = object(window, 0)?;
    let [c0, c1, c2, c3, 1, 2] = window.array::<6>(24)? else { return Err(Stop::bad(24, "no ASF header")) };
    if id != HEADER || end > 64 << 20 {
        return Err(Stop::bad(0, "no ASF header"));
    }
    let facts = header(window, end, u32::from_le_bytes([c0, c1, c2, c3]))?;
    window.readable(ByteRange::between(0, end))?;
    progress.level = Level::Header;
    progress.file_type = if facts.has_video { WMV } else { WMA };
    progress.good = end;
    if facts.is_broadcast {
        return Err(Stop::bad(end, "a broadcast, whose size nobody wrote down"));
    }
    let (id, data_end) = object(window, end)?;
    if id != DATA || window.array::<16>(end.saturating_add(24))? != facts.file_id {
        return Err(Stop::bad(end, "no data of this file behind its header"));
    }
    let packets = window.u64_le(end.saturating_add(40))?;
    let expected = packets.saturating_mul(facts.packet_bytes).saturating_add(50);
    if packets != facts.packets || data_end.saturating_sub(end) != expected {
        return Err(Stop::bad(end, "the packets do not fill the data"));
    }
    let (mut at, mut indices) = (data_end, 0_u64);
    window.readable(ByteRange::between(end, data_end))?;
    progress.level = Level::Body;
    progress.good = data_end;
    // A sign that the packets are this file's: each begins with the same kind of error correction, or none.
    every_packet(window, progress, end.saturating_add(50), &facts)?;
    while at < facts.size {
        let (id, next) = object(window, at)?;
        if !INDICES.contains(&id) || next > facts.size {
            return Err(Stop::bad(at, "no index of this file"));
        }
        window.readable(ByteRange::between(at, next))?;
        indices = indices.saturating_add(1);
        at = next;
        progress.good = at;
    }
    if at != facts.size {
        return Err(Stop::bad(at, "the objects do not end where the file does"));
    }
    let reasons = [
        format!("{packets} packets and {indices} indices up to the size in the file's properties"),
        "the format has no checksum".to_owned(),
    ];
    Ok(consistent(progress.file_type, at, reasons))
}

fn header(window: &mut Window<'_>, end: u64, count: u32) -> Result<Facts, Stop> {
    let (mut at, mut facts) = (30_u64, Facts::default());
    for _ in 0..count.min(OBJECTS_MOST) {
        let (id, next) = object(window, at)?;
        if next > end {
            return Err(Stop::bad(at, "an object that reaches out of the header"));
        }
        if id == FILE {
            facts.file_id = window.array::<16>(at.saturating_add(24))?;
            facts.size = window.u64_le(at.saturating_add(40))?;
            facts.packets = window.u64_le(at.saturating_add(56))?;
            facts.is_broadcast = window.u32_le(at.saturating_add(88))? & 1 != 0;
            let (least, most) = (window.u32_le(at.saturating_add(92))?, window.u32_le(at.saturating_add(96))?);
            if least != most || least == 0 {
                return Err(Stop::bad(at, "packets of different sizes"));
            }
            facts.packet_bytes = u64::from(least);
        } else if id == STREAM {
            facts.streams = facts.streams.saturating_add(1);
            facts.has_video |= window.array::<16>(at.saturating_add(24))? == VIDEO;
        }
        at = next;
    }
    if at != end || facts.packet_bytes == 0 || facts.streams == 0 {
        return Err(Stop::bad(at, "a header without properties or streams, or not filled by its objects"));
    }
    Ok(facts)
}

/// The first byte of every packet: error correction of two bytes, as in the first one, or a length.
fn every_packet(window: &mut Window<'_>, progress: &mut Progress, start: u64, facts: &Facts) -> Result<(), Stop> {
    if facts.packets == 0 {
        return Err(Stop::bad(start, "no packets"));
    }
    let first = window.array::<3>(start)?;
    for index in 1..facts.packets {
        window.budget.pay(4)?;
        let at = start.saturating_add(index.saturating_mul(facts.packet_bytes));
        if first[0] == 0x82 && window.array::<3>(at)? != first {
            progress.good = at;
            return Err(Stop::bad(at, "a packet that does not begin like the others"));
        }
    }
    Ok(())
}
