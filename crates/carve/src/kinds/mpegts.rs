//! MPEG transport streams (ISO/IEC 13818-1).
//!
//! ```text
//! packets of 188 bytes: 47, error and start flags, 13 bits of stream id, scrambling, has adaptation and payload, 4 bits counter
//! id 0: table of programs (with CRC-32), which names the tables of their streams; id 17: names of services
//! ```
//!
//! Each stream's packets are counted modulo 16. Nothing marks the end: the file is *consistent* if the filling of the last sector
//! begins behind the last packet, or the medium ends there, and if sound that tells its length is complete; else *partial*.

use exhibit_evidence::{ReadFault, Source};

use crate::budget::Budget;
use crate::crc::Bzip2Crc;
use crate::kind::Kind;
use crate::slack;
use crate::stop::{Progress, Stop};
use crate::verdict::{FileType, Level, Verdict, Whole};
use crate::walk::{consistent, follow};
use crate::window::Window;

const TS: FileType = FileType { id: "ts", extension: "ts" };
const PACKET: usize = 188;
/// Packets before a stream is believed.
const PACKETS_LEAST: u64 = 20;
const NULL: u16 = 0x1fff;
/// Streams in one file.
const STREAMS_MOST: usize = 256;

/// MPEG transport streams.
pub(crate) struct MpegTs;

impl Kind for MpegTs {
    fn id(&self) -> &'static str {
        "ts"
    }

    fn types(&self) -> &'static [FileType] {
        &[TS]
    }

    /// The first packet has the table of programs, or that of services, from its beginning.
    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"\x47\x40\x00\x10\x00\x00\xb0", b"\x47\x40\x11\x10\x00\x42\xf0"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        [PACKET, PACKET * 2].iter().all(|at| head.get(*at).is_none_or(|sync| *sync == 0x47))
    }

    /// Tables are repeated: any of them looks like the beginning of a file.
    fn parts_look_alike(&self) -> bool {
        true
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(TS, candidate, budget, walk)
    }
}

/// A stream under way.
struct Stream {
    id: u16,
    counter: u8,
    /// Bytes of a packet of its own that tells its length which are still to come.
    missing: u64,
}

fn walk(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    let (mut at, mut packets, mut tables) = (0_u64, 0_u64, 0_u64);
    let mut streams: Vec<Stream> = Vec::new();
    while at.saturating_add(PACKET as u64) <= window.size() {
        window.budget.pay(4)?;
        let packet = window.array::<PACKET>(at)?;
        if !goes_on(&packet, &mut streams) {
            break;
        }
        tables = tables.saturating_add(u64::from(is_program_table(&packet)));
        if at > 0
            && (packet.starts_with(b"\x47\x40\x00") || packet.starts_with(b"\x47\x40\x11"))
            && progress.parts.len() < 1 << 16
        {
            progress.parts.push(at);
        }
        at = at.saturating_add(PACKET as u64);
        packets = packets.saturating_add(1);
        if packets >= PACKETS_LEAST && tables > 0 {
            progress.level = if packets > PACKETS_LEAST { Level::Body } else { Level::Header };
        }
        progress.good = at;
    }
    if packets < PACKETS_LEAST || tables == 0 {
        return Err(Stop::bad(at, "too few packets in a row, or no table of programs with a right CRC-32"));
    }
    if streams.iter().any(|stream| stream.missing > 0) {
        return Err(Stop::bad(at, "sound or pictures that say how long they are go on behind the last packet"));
    }
    if !slack::ends_here(window, at)? {
        return Err(Stop::bad(at, "no further packet, and nothing shows that this is the end"));
    }
    let reasons = [
        format!(
            "{packets} packets in a row, each stream's counted without a gap; {tables} tables of programs with their CRC-32"
        ),
        "the filling of the last sector begins, or the medium ends, behind the last packet".to_owned(),
        "the format has no end mark".to_owned(),
    ];
    Ok(consistent(TS, at, reasons))
}

/// Whether the packet is one, and the next of its stream.
fn goes_on(packet: &[u8; PACKET], streams: &mut Vec<Stream>) -> bool {
    let [0x47, a, b, flags, rest @ ..] = packet else { return false };
    let (id, has_payload, adapts) = (u16::from(a & 0x1f) << 8 | u16::from(*b), flags & 0x10 != 0, flags & 0x20 != 0);
    if a & 0x80 != 0 || (!has_payload && !adapts) {
        return false;
    }
    if id == NULL {
        return true;
    }
    let adaptation = if adapts { usize::from(rest.first().copied().unwrap_or(0)).saturating_add(1) } else { 0 };
    let Some(payload) = rest.get(adaptation..) else { return false };
    if has_payload == payload.is_empty() {
        return false;
    }
    // A counter may jump where the packet says so.
    let may_jump = adaptation > 1 && rest.get(1).is_some_and(|flags| flags & 0x80 != 0);
    let counter = flags & 15;
    let length = payload.len() as u64;
    let begins = a & 0x40 != 0;
    let missing = if begins { promised(payload).map_or(0, |all| all.saturating_sub(length)) } else { 0 };
    let has_room = streams.len() < STREAMS_MOST;
    match streams.iter_mut().find(|stream| stream.id == id) {
        Some(stream) => {
            let next = if has_payload { stream.counter.wrapping_add(1) & 15 } else { stream.counter };
            // A packet may be sent twice.
            if counter != next && counter != stream.counter && !may_jump {
                return false;
            }
            let repeated = has_payload && counter == stream.counter && !may_jump;
            stream.counter = counter;
            if has_payload && !repeated {
                stream.missing = if begins { missing } else { stream.missing.saturating_sub(length) };
            }
            true
        }
        None if has_room => {
            streams.push(Stream { id, counter, missing });
            true
        }
        None => false,
    }
}

/// The length of a packet of sound or pictures with its header, if it says so.
fn promised(payload: &[u8]) -> Option<u64> {
    let [0, 0, 1, 0xbd..=0xef, a, b] = *payload.first_chunk::<6>()? else { return None };
    let length = u64::from(u16::from_be_bytes([a, b]));
    (length > 0).then(|| length.saturating_add(6))
}

/// Whether the packet has a table of programs whose CRC-32 matches.
fn is_program_table(packet: &[u8; PACKET]) -> bool {
    let [0x47, 0x40, 0, flags, 0, section @ ..] = packet else { return false };
    let [0, high, low, ..] = section else { return false };
    let length = usize::from(u16::from_be_bytes([high & 15, *low])).saturating_add(3);
    let Some((content, stored)) = section.get(..length).and_then(|section| section.split_last_chunk::<4>()) else {
        return false;
    };
    let mut crc = Bzip2Crc::new();
    content.iter().for_each(|byte| crc.push(*byte));
    // The same polynomial as bzip2's, not inverted at the end.
    flags & 0x30 == 0x10 && !crc.value() == u32::from_be_bytes(*stored)
}
