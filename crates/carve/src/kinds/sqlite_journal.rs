//! Rollback journals of SQLite (sqlite.org/fileformat2.html, section 3).
//!
//! ```text
//! 0    D9D505F920A163D7, u32BE records, nonce, pages of the database, sector size, page size; up to a whole sector
//! records   page number, the page as it was, checksum: the nonce and every 200th byte of the page
//! further headers with their records, at multiples of the sector size
//! ```
//!
//! Only every 200th byte is under the checksum, so a journal is *consistent* at best. A header that was not brought up to
//! date counts none of its records: then the journal ends where no record fits.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};
use crate::window::Window;

const JOURNAL: FileType = FileType { id: "sqlite-journal", extension: "db-journal" };
const MAGIC: &[u8; 8] = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7";
/// Distance of the bytes that are summed, counted from the end of the page.
const SUMMED_EACH: usize = 200;

/// Rollback journals.
pub(crate) struct SqliteJournal;

impl Kind for SqliteJournal {
    fn id(&self) -> &'static str {
        "sqlite-journal"
    }

    fn types(&self) -> &'static [FileType] {
        &[JOURNAL]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[MAGIC]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.first_chunk::<28>().is_none_or(|head| Header::parse(head).is_some())
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(JOURNAL, candidate, budget, |window, progress| {
            let first = window.array::<28>(0)?;
            let mut header = Header::parse(&first).ok_or_else(|| Stop::bad(0, "no rollback journal"))?;
            progress.level = Level::Header;
            let (sector, mut at, mut records, mut headers) = (u64::from(header.sector), 0_u64, 0_u64, 0_u64);
            loop {
                window.readable(ByteRange::new(at, sector))?;
                headers = headers.saturating_add(1);
                at = at.saturating_add(sector);
                progress.good = at;
                let mut of_header = 0_u64;
                while header.counted.is_none_or(|counted| of_header < u64::from(counted)) {
                    match header.record(window, at)? {
                        Some(next) => at = next,
                        None if header.counted.is_none() => break,
                        None => return Err(Stop::bad(at, "a record of a page that the database does not have")),
                    }
                    (of_header, records) = (of_header.saturating_add(1), records.saturating_add(1));
                    progress.level = Level::Body;
                    progress.good = at;
                }
                match header.next(window, at)? {
                    Some((next_at, next)) => (at, header) = (next_at, next),
                    None => break,
                }
            }
            if records == 0 {
                return Err(Stop::bad(at, "a journal without records"));
            }
            let reasons = [
                format!("{records} page(s) behind {headers} header(s) match their checksums"),
                "the checksums cover every 200th byte".to_owned(),
            ];
            Ok(consistent(JOURNAL, at, reasons))
        })
    }
}

#[derive(Clone, Copy)]
struct Header {
    /// Records that follow; `None` if the header was never brought up to date.
    counted: Option<u32>,
    nonce: u32,
    /// Pages of the database.
    pages: u32,
    sector: u32,
    page: u32,
}

impl Header {
    fn parse(bytes: &[u8; 28]) -> Option<Self> {
        Self::numbers(bytes).filter(|_| bytes.starts_with(MAGIC))
    }

    /// A further header; magic and count of the last one stay zero until its records are safe.
    fn parse_further(bytes: &[u8; 28]) -> Option<Self> {
        Self::numbers(bytes).filter(|_| bytes.starts_with(MAGIC) || bytes.starts_with(&[0; 12]))
    }

    fn numbers(bytes: &[u8; 28]) -> Option<Self> {
        let numbers = bytes.get(8..)?;
        let mut words = numbers.as_chunks::<4>().0.iter().map(|four| u32::from_be_bytes(*four));
        let mut next = || words.next().unwrap_or(0);
        let (counted, nonce, pages, sector, page) = (next(), next(), next(), next(), next());
        let fits = |size: u32, least| size.is_power_of_two() && (least..=65_536).contains(&size);
        let is_header = pages > 0 && fits(sector, 32) && fits(page, 512);
        let counted = (!matches!(counted, 0 | u32::MAX)).then_some(counted);
        is_header.then_some(Self { counted, nonce, pages, sector, page })
    }

    /// The end of the record at `at`; `None` if none begins there.
    fn record(&self, window: &mut Window<'_>, at: u64) -> Result<Option<u64>, Stop> {
        let uncounted_end = self.counted.is_none() && at.saturating_add(4) > window.size();
        if uncounted_end {
            return Ok(None);
        }
        let number = window.u32_be(at)?;
        if number == 0 || number > self.pages {
            return Ok(None);
        }
        let (page_at, page) = (at.saturating_add(4), self.page as usize);
        let mut sum = self.nonce;
        let bytes = window.exact(page_at, page)?;
        let mut place = page.saturating_sub(SUMMED_EACH);
        while place > 0 {
            sum = sum.wrapping_add(u32::from(bytes.get(place).copied().unwrap_or(0)));
            place = place.saturating_sub(SUMMED_EACH);
        }
        let sum_at = page_at.saturating_add(page as u64);
        if window.u32_be(sum_at)? != sum {
            return Err(Stop::bad(at, "the checksum of a page does not match"));
        }
        Ok(Some(sum_at.saturating_add(4)))
    }

    /// The header of the same journal at the next sector, if there is one.
    fn next(&self, window: &mut Window<'_>, at: u64) -> Result<Option<(u64, Self)>, Stop> {
        let at = at.next_multiple_of(u64::from(self.sector));
        if at.saturating_add(u64::from(self.sector)) > window.size() {
            return Ok(None);
        }
        let bytes = match window.array::<28>(at) {
            Ok(bytes) => bytes,
            Err(Stop::Unreadable(_)) => return Ok(None),
            Err(stop) => return Err(stop),
        };
        let alike = |next: &Self| (next.pages, next.sector, next.page) == (self.pages, self.sector, self.page);
        Ok(Self::parse_further(&bytes).filter(alike).map(|next| (at, next)))
    }
}
