//! Captured network traffic (libpcap, IETF draft-ietf-opsawg-pcap).
//!
//! ```text
//! 0    A1B2C3D4 (microseconds) or A1B23C4D (nanoseconds) in either byte order, version 2.4, longest record @16, link @20
//! 24   records: seconds, fraction, bytes captured, bytes there were; the packet
//! ```
//!
//! The file ends where no record follows. A file that was cut ends its last record with foreign bytes, and nothing in the
//! format shows that. So the last record must be vouched for: by the checksums of its packet, by lying within one sector,
//! or by the end of the medium. Else the file is *partial* up to it. At best *consistent*.

mod packet;

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::slack;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};
use crate::window::Window;

const PCAP: FileType = FileType { id: "pcap", extension: "pcap" };
const HEADER_BYTES: u64 = 24;
const RECORD_HEADER_BYTES: u64 = 16;
/// The longest record libpcap writes, in bytes.
const RECORD_MOST: u32 = 262_144;
/// A record may be older than the one before (several queues of a card): by so many seconds.
const BACK_MOST: u32 = 3600;
/// And so many seconds younger: half a year of silence.
const SILENCE_MOST: u32 = 180 * 86_400;
/// A record that would follow the one before within so many seconds, but does not fit, is a broken one: a day.
const BROKEN_MOST: u32 = 86_400;
/// Fragments end at multiples of this, in bytes.
const SECTOR_BYTES: u64 = 512;

/// Captured traffic.
pub(crate) struct Pcap;

impl Kind for Pcap {
    fn id(&self) -> &'static str {
        "pcap"
    }

    fn types(&self) -> &'static [FileType] {
        &[PCAP]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[
            b"\xd4\xc3\xb2\xa1\x02\0\x04\0",
            b"\x4d\x3c\xb2\xa1\x02\0\x04\0",
            b"\xa1\xb2\xc3\xd4\0\x02\0\x04",
            b"\xa1\xb2\x3c\x4d\0\x02\0\x04",
        ]
    }

    fn may_hide_others(&self) -> bool {
        true
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(PCAP, candidate, budget, |window, progress| {
            let mut walk = Walk::begin(window)?;
            progress.level = Level::Header;
            progress.good = HEADER_BYTES;
            let (mut at, mut records, mut last) = (HEADER_BYTES, 0_u64, None);
            while let Some(record) = walk.record(at)? {
                let (start, end) = (at.saturating_add(RECORD_HEADER_BYTES), record.end(at));
                walk.window.readable(ByteRange::between(start, end))?;
                // What the record before ended is good: another one follows it.
                progress.good = at;
                (last, at, records) = (Some((at, record)), end, records.saturating_add(1));
                progress.level = if records > 1 { Level::Body } else { Level::Header };
            }
            let Some((start, record)) = last else { return Err(Stop::bad(at, "a capture without packets")) };
            let why = walk.vouched(start, &record)?;
            let why = why.ok_or_else(|| {
                Stop::bad(start, "no record follows this one, and nothing vouches for it: the file may end within")
            })?;
            let reasons = [
                format!("{records} record(s) follow each other in order of time, and none follows; {why}"),
                "the format has no checksum and no mark of its end".to_owned(),
            ];
            // Another record's head may begin behind this one and be torn off: then only what follows tells.
            let is_last = slack::is_room_for(at, RECORD_HEADER_BYTES) || at == walk.window.size();
            Ok(consistent(PCAP, at, reasons).anchored_to(if is_last { at } else { start }))
        })
    }
}

/// The head of a record.
#[derive(Clone, Copy)]
struct Record {
    captured: u32,
    original: u32,
}

impl Record {
    fn end(self, at: u64) -> u64 {
        at.saturating_add(RECORD_HEADER_BYTES).saturating_add(u64::from(self.captured))
    }
}

struct Walk<'w, 'a> {
    window: &'w mut Window<'a>,
    little: bool,
    fractions: u32,
    longest: u32,
    link: u32,
    /// Seconds of the record before.
    before: Option<u32>,
}

impl<'w, 'a> Walk<'w, 'a> {
    fn begin(window: &'w mut Window<'a>) -> Result<Self, Stop> {
        let (little, fractions) = match window.array::<4>(0)? {
            [0xd4, 0xc3, 0xb2, 0xa1] => (true, 1_000_000),
            [0x4d, 0x3c, 0xb2, 0xa1] => (true, 1_000_000_000),
            [0xa1, 0xb2, 0xc3, 0xd4] => (false, 1_000_000),
            [0xa1, 0xb2, 0x3c, 0x4d] => (false, 1_000_000_000),
            _ => return Err(Stop::bad(0, "no capture file")),
        };
        let mut walk = Walk { window, little, fractions, longest: 0, link: 0, before: None };
        let (zone, accuracy, longest, link) = (walk.u32(8)?, walk.u32(12)?, walk.u32(16)?, walk.u32(20)?);
        // Nobody writes a time zone or an accuracy; the upper bits of the link type tell about frame check sequences.
        if zone != 0 || accuracy != 0 || link & 0x03ff_0000 != 0 {
            return Err(Stop::bad(8, "a header that no program writes"));
        }
        walk.longest = if longest == 0 || longest > RECORD_MOST { RECORD_MOST } else { longest };
        walk.link = link & 0xffff;
        Ok(walk)
    }

    fn u32(&mut self, at: u64) -> Result<u32, Stop> {
        if self.little { self.window.u32_le(at) } else { self.window.u32_be(at) }
    }

    /// The record at `at`; `None` if none begins there.
    fn record(&mut self, at: u64) -> Result<Option<Record>, Stop> {
        self.window.budget.pay(16)?;
        if at.saturating_add(RECORD_HEADER_BYTES) > self.window.size() {
            return Ok(None);
        }
        let (seconds, fraction) = (self.u32(at)?, self.u32(at.saturating_add(4))?);
        let (captured, original) = (self.u32(at.saturating_add(8))?, self.u32(at.saturating_add(12))?);
        let within = |silence: u32| match self.before {
            None => seconds > 0,
            Some(before) => (before.saturating_sub(BACK_MOST)..=before.saturating_add(silence)).contains(&seconds),
        };
        let fits = captured > 0 && captured <= self.longest && captured <= original && original <= 16 << 20;
        if !within(SILENCE_MOST) || !fits || fraction >= self.fractions {
            let is_broken = self.before.is_some() && within(BROKEN_MOST);
            return if is_broken { Err(Stop::bad(at, "a record that does not fit")) } else { Ok(None) };
        }
        self.before = Some(seconds);
        Ok(Some(Record { captured, original }))
    }

    /// What vouches for the record at `at`, the last one, if anything does.
    fn vouched(&mut self, at: u64, record: &Record) -> Result<Option<&'static str>, Stop> {
        let end = record.end(at);
        if end == self.window.size() {
            return Ok(Some("the last one ends with the medium"));
        }
        if at / SECTOR_BYTES == end / SECTOR_BYTES {
            return Ok(Some("the last one lies within one sector"));
        }
        let length = record.captured as usize;
        if length > crate::window::WINDOW_BYTES || record.captured != record.original {
            return Ok(None);
        }
        let bytes = self.window.exact(at.saturating_add(RECORD_HEADER_BYTES), length)?;
        Ok(packet::is_vouched(self.link, bytes).then_some("the checksums of the last packet match"))
    }
}
