//! Windows registry hives.
//!
//! ```text
//! 0      'regf', sequence numbers @4 and @8, u32LE size of the bins @40, XOR of the first 127 words @508
//! 4096   bins: 'hbin', u32LE own offset, u32LE size; cells: i32LE size (negative: in use), data
//! ```
//!
//! The header is under a checksum; bins state their own place and are filled with cells to the last byte. Nothing vouches
//! for what cells hold: *consistent*.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};
use crate::window::Window;

const HIVE: FileType = FileType { id: "regf", extension: "hive" };
const HEADER_BYTES: u64 = 4096;
const BIN_HEADER_BYTES: u64 = 32;

/// Windows registry hives.
pub(crate) struct Hive;

impl Kind for Hive {
    fn id(&self) -> &'static str {
        "regf"
    }

    fn types(&self) -> &'static [FileType] {
        &[HIVE]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"regf"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        // Major version 1; the size of the bins is a multiple of 4096.
        head.get(20..24).is_none_or(|major| major == [1, 0, 0, 0])
            && head.get(40..42).is_none_or(|low| matches!(low, [0, high] if high.is_multiple_of(16)))
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(HIVE, candidate, budget, |window, progress| {
            let head = window.array::<512>(0)?;
            let words = head.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four));
            let sum = match words.take(127).fold(0, |sum, word| sum ^ word) {
                0 => 1,
                u32::MAX => u32::MAX - 1,
                sum => sum,
            };
            if !head.starts_with(b"regf") || window.u32_le(508)? != sum {
                return Err(Stop::bad(508, "the checksum of the header does not match"));
            }
            progress.level = Level::Header;
            progress.good = 512;
            let bins = u64::from(window.u32_le(40)?);
            if bins == 0 || !bins.is_multiple_of(4096) {
                return Err(Stop::bad(40, "a size of bins that is none"));
            }
            let clean = window.u32_le(4)? == window.u32_le(8)?;
            let end = HEADER_BYTES.saturating_add(bins);
            let (mut at, mut count) = (HEADER_BYTES, 0_u64);
            while at < end {
                at = bin(window, at, end)?;
                count = count.saturating_add(1);
                progress.level = Level::Body;
                progress.good = at;
            }
            let state =
                if clean { "sequence numbers agree" } else { "sequence numbers differ: its log files hold newer data" };
            let reasons = [
                format!("header checksum, {count} bins at their places, filled with cells to the last byte; {state}"),
                "the content of cells is under no checksum".to_owned(),
            ];
            Ok(consistent(HIVE, end, reasons))
        })
    }
}

/// The bin at `at`; the offset after it.
fn bin(window: &mut Window<'_>, at: u64, end: u64) -> Result<u64, Stop> {
    let head = window.array::<12>(at)?;
    let (own, size) = (window.u32_le(at.saturating_add(4))?, u64::from(window.u32_le(at.saturating_add(8))?));
    let next = at.saturating_add(size);
    let fits = u64::from(own) == at.saturating_sub(HEADER_BYTES) && size >= 4096 && size.is_multiple_of(4096);
    if !head.starts_with(b"hbin") || !fits || next > end {
        return Err(Stop::bad(at, "no bin, or one that belongs elsewhere"));
    }
    window.readable(ByteRange::between(at, next))?;
    let mut cell = at.saturating_add(BIN_HEADER_BYTES);
    while cell < next {
        window.budget.pay(4)?;
        let length = u64::from(window.u32_le(cell)?.cast_signed().unsigned_abs());
        if length < 8 || !length.is_multiple_of(8) || cell.saturating_add(length) > next {
            return Err(Stop::bad(cell, "a cell that does not fit into its bin"));
        }
        cell = cell.saturating_add(length);
    }
    Ok(next)
}
