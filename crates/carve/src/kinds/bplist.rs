//! Binary property lists of Apple (CFBinaryPList.c).
//!
//! ```text
//! 0    'bplist00'
//! 8    objects, one behind the other: a type and size in a byte, then content or references to other objects
//! table   place of each object, in u8 to u64 BE
//! trailer 6 unused bytes, size of a place, size of a reference, u64BE objects, top object, place of the table
//! ```
//!
//! Nothing at the beginning tells the length. The trailer is found as the place that fits what it says: table and trailer
//! must follow each other, every object must lie where the table says, and together they fill the room before the table.
//! There is no checksum: *consistent*.

use exhibit_evidence::{ReadFault, Source};

use crate::budget::{Budget, Held};
use crate::kind::Kind;
use crate::stop::{Progress, Stop};
use crate::verdict::{FileType, Level, Verdict, Whole};
use crate::walk::{consistent, follow};
use crate::window::{WINDOW_BYTES, Window};

const BPLIST: FileType = FileType { id: "bplist", extension: "plist" };
const SIGNATURE: &[u8] = b"bplist00";
const TRAILER_BYTES: usize = 32;
/// The trailer is looked for in this many bytes; lists with pictures inside reach some megabytes.
const LENGTH_MOST: u64 = 32 << 20;
/// Objects a list may have.
const OBJECTS_MOST: u64 = 2 << 20;
/// Objects that are kept without asking for memory.
const OBJECTS_FREE: u64 = 4096;

/// Binary property lists.
pub(crate) struct Bplist;

impl Kind for Bplist {
    fn id(&self) -> &'static str {
        "bplist"
    }

    fn types(&self) -> &'static [FileType] {
        &[BPLIST]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[SIGNATURE]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.get(8).is_none_or(|marker| Marker::of(*marker).is_some())
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(BPLIST, candidate, budget, |window, progress| {
            let head = window.array::<9>(0)?;
            if !head.starts_with(SIGNATURE) || !self.plausible(&head) {
                return Err(Stop::bad(0, "no property list"));
            }
            progress.level = Level::Header;
            progress.good = SIGNATURE.len() as u64;
            search(window, progress)
        })
    }
}

/// Looks for the trailer that fits, and judges the list that it ends.
fn search(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    let (mut here, end) = (SIGNATURE.len() as u64, window.size().min(LENGTH_MOST));
    while here.saturating_add(TRAILER_BYTES as u64) <= end {
        let length = usize::try_from(end.saturating_sub(here)).unwrap_or(WINDOW_BYTES).min(4096);
        let bytes = window.exact(here, length)?;
        let fits: Vec<Trailer> = bytes
            .windows(TRAILER_BYTES)
            .zip(here..)
            .filter(|(bytes, _)| bytes.starts_with(&[0; 5]) && !bytes.starts_with(&[0; 7]))
            .filter_map(|(bytes, at)| Trailer::parse(bytes, at))
            .collect();
        for trailer in fits {
            // A list in a list has a trailer as well; its table lies elsewhere as seen from here.
            if let Some(objects) = List::read(window, trailer)? {
                let length = trailer.at.saturating_add(TRAILER_BYTES as u64);
                let reasons = [
                    format!("{objects} objects lie where the table says and fill the file up to it"),
                    "the format has no checksum".to_owned(),
                ];
                return Ok(consistent(BPLIST, length, reasons));
            }
        }
        here = here.saturating_add((length.saturating_sub(TRAILER_BYTES - 1)).max(1) as u64);
    }
    if end < window.size() {
        return Err(Stop::Spent("limit of bytes in which a property list must end"));
    }
    progress.good = SIGNATURE.len() as u64;
    Err(Stop::End(end))
}

/// A trailer that agrees with its own place.
#[derive(Debug, Clone, Copy)]
struct Trailer {
    at: u64,
    place_size: u64,
    reference_size: u64,
    objects: u64,
    table: u64,
}

impl Trailer {
    fn parse(bytes: &[u8], at: u64) -> Option<Self> {
        let place_size = u64::from(*bytes.get(6)?);
        let reference_size = u64::from(*bytes.get(7)?);
        let number = |from: usize| Some(u64::from_be_bytes(*bytes.get(from..)?.first_chunk()?));
        let (objects, top, table) = (number(8)?, number(16)?, number(24)?);
        let sizes = (1..=8).contains(&place_size) && (1..=8).contains(&reference_size);
        let counts = objects > 0 && objects <= OBJECTS_MOST && top < objects && table > SIGNATURE.len() as u64;
        let fits = table.checked_add(objects.saturating_mul(place_size)) == Some(at);
        (sizes && counts && fits).then_some(Self { at, place_size, reference_size, objects, table })
    }
}

/// What the first byte of an object says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    /// So many bytes follow.
    Bytes(u64),
    /// A counted number of things of so many bytes each; the count follows if it is `None`.
    Counted(Option<u64>, u64),
    /// A counted number of references, once (array, set) or twice (dictionary).
    References(Option<u64>, u64),
}

impl Marker {
    fn of(byte: u8) -> Option<Self> {
        let low = u64::from(byte & 15);
        let count = (low != 15).then_some(low);
        Some(match byte >> 4 {
            // Null, false, true, fill.
            0 if matches!(byte, 0 | 8 | 9 | 15) => Self::Bytes(0),
            1 if low <= 4 => Self::Bytes(1 << low),
            2 if matches!(low, 2 | 3) => Self::Bytes(1 << low),
            3 if low == 3 => Self::Bytes(8),
            4 | 5 | 7 => Self::Counted(count, 1),
            6 => Self::Counted(count, 2),
            8 => Self::Bytes(low.saturating_add(1)),
            10 | 12 => Self::References(count, 1),
            13 => Self::References(count, 2),
            _ => return None,
        })
    }
}

/// The objects of a list.
struct List<'w, 'a> {
    window: &'w mut Window<'a>,
    trailer: Trailer,
    _memory: Option<Held<'a>>,
}

impl<'w, 'a> List<'w, 'a> {
    /// Reads the list that `trailer` ends; the number of its objects, if they fit.
    fn read(window: &'w mut Window<'a>, trailer: Trailer) -> Result<Option<u64>, Stop> {
        let bytes = trailer.objects.saturating_mul(8);
        let memory = if trailer.objects > OBJECTS_FREE { Some(window.budget.memory(bytes)?) } else { None };
        let mut list = List { window, trailer, _memory: memory };
        let mut places = Vec::new();
        for index in 0..trailer.objects {
            let at = trailer.table.saturating_add(index.saturating_mul(trailer.place_size));
            places.push(list.number(at, trailer.place_size)?);
        }
        places.sort_unstable();
        places.dedup();
        // From the first object to the table, without a gap: what nobody refers to is not written.
        let mut at = SIGNATURE.len() as u64;
        for place in places {
            match list.object(place)? {
                Some(end) if place == at && end <= trailer.table => at = end,
                _ => return Ok(None),
            }
        }
        Ok((at == trailer.table).then_some(trailer.objects))
    }

    /// A number of `size` bytes, most significant first.
    fn number(&mut self, at: u64, size: u64) -> Result<u64, Stop> {
        let bytes = self.window.exact(at, usize::try_from(size).unwrap_or(8))?;
        Ok(bytes.iter().fold(0, |value, byte| (value << 8) | u64::from(*byte)))
    }

    /// The end of the object at `at`, if it is one and its references lead to objects.
    fn object(&mut self, at: u64) -> Result<Option<u64>, Stop> {
        self.window.budget.pay(1)?;
        if at >= self.trailer.table {
            return Ok(None);
        }
        let Some(marker) = Marker::of(self.window.u8(at)?) else { return Ok(None) };
        let at = at.saturating_add(1);
        let (count, each) = match marker {
            Marker::Bytes(length) => return Ok(Some(at.saturating_add(length))),
            Marker::Counted(count, each) => (count, each),
            Marker::References(count, twice) => (count, twice.saturating_mul(self.trailer.reference_size)),
        };
        let (count, at) = match count {
            Some(count) => (count, at),
            None => match self.count(at)? {
                Some(counted) => counted,
                None => return Ok(None),
            },
        };
        let end = at.saturating_add(count.saturating_mul(each));
        if end > self.trailer.table {
            return Ok(None);
        }
        if matches!(marker, Marker::References(..)) {
            let size = self.trailer.reference_size;
            let mut place = at;
            while place < end {
                if self.number(place, size)? >= self.trailer.objects {
                    return Ok(None);
                }
                place = place.saturating_add(size);
            }
        }
        Ok(Some(end))
    }

    /// The count written as an integer object at `at`, and where it ends.
    fn count(&mut self, at: u64) -> Result<Option<(u64, u64)>, Stop> {
        let marker = self.window.u8(at)?;
        if !matches!(marker, 0x10..=0x13) {
            return Ok(None);
        }
        let (at, size) = (at.saturating_add(1), 1_u64 << (marker & 15));
        Ok(Some((self.number(at, size)?, at.saturating_add(size))))
    }
}
