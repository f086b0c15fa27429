//! SQLite 3 databases (sqlite.org/fileformat2.html).
//!
//! ```text
//! 0    100  header: 'SQLite format 3' 0, page size @16, page count @28, freelist @32
//! page 1    b-tree of sqlite_schema; its rows name the root pages of all other b-trees
//! pages     b-tree interior and leaf pages, overflow chains, freelist, pointer maps
//! ```
//!
//! The walk visits every page from these roots, each once. If exactly the pages the header counts were met, the file is whole.
//! There is no checksum, so that is *consistent* and never more: foreign bytes inside a cell's payload do not show.

mod join;
mod page;

use exhibit_evidence::{ReadFault, Source};
use page::{HEADER_BYTES, Header, Links};

use crate::budget::{Budget, Held};
use crate::fragments::Gaps;
use crate::kind::{Joined, Kind};
use crate::stop::{Progress, Stop};
use crate::verdict::{Broken, Class, FileType, Level, Verdict, Whole};
use crate::window::Window;

const SQLITE: FileType = FileType { id: "sqlite", extension: "sqlite" };
const SIGNATURE: &[u8] = b"SQLite format 3\0";
/// B-trees deeper than this do not exist: 20 levels hold more rows than a file can.
const DEPTH_MOST: u32 = 40;
/// Bytes of a schema row that are read to find its root page.
const ROW_MOST: usize = 64 * 1024;
/// B-trees a database may have.
const ROOTS_MOST: usize = 65_536;

/// SQLite 3 databases.
pub(crate) struct Sqlite;

impl Kind for Sqlite {
    fn id(&self) -> &'static str {
        "sqlite"
    }

    fn types(&self) -> &'static [FileType] {
        &[SQLITE]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[SIGNATURE]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.get(21..24).is_none_or(|fractions| fractions == [64, 32, 32])
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        let mut walk = Walk { window: Window::new(candidate, budget), progress: Progress::new(SQLITE) };
        match walk.run() {
            Ok(whole) => Ok(Verdict::Whole(whole)),
            Err(stop) => walk.progress.stopped(stop),
        }
    }

    fn bridge(
        &self,
        candidate: &dyn Source,
        broken: &Broken,
        gaps: &Gaps,
        budget: &Budget<'_>,
    ) -> Result<Option<Joined>, ReadFault> {
        if broken.unreadable {
            return Ok(None);
        }
        join::bridge(candidate, gaps, budget)
    }
}

struct Walk<'a> {
    window: Window<'a>,
    progress: Progress,
}

/// The pages of one database, and which of them were met.
struct Pages<'a> {
    header: Header,
    /// One bit per page.
    met: Vec<u64>,
    count: u64,
    highest: u32,
    most: u32,
    _memory: Held<'a>,
}

/// What was counted on the way.
#[derive(Default)]
struct Tally {
    trees: u64,
    tree_pages: u64,
    overflow_pages: u64,
    free_pages: u64,
}

impl<'a> Walk<'a> {
    fn run(&mut self) -> Result<Whole, Stop> {
        let bytes = self.window.array::<HEADER_BYTES>(0)?;
        if !bytes.starts_with(SIGNATURE) {
            return Err(Stop::bad(0, "no SQLite signature"));
        }
        let header = Header::parse(&bytes).ok_or_else(|| Stop::bad(16, "a header no SQLite writes"))?;
        self.progress.level = Level::Header;
        self.progress.good = HEADER_BYTES as u64;
        let room = u32::try_from(self.window.size() / u64::from(header.page_size)).unwrap_or(u32::MAX - 1);
        let mut most = header.pages.unwrap_or(room);
        // The first page is looked at before memory is taken for all: headers alone are cheap.
        let page = self.page(&header, 1)?;
        page::links(&page, HEADER_BYTES, &header).map_err(|what| Stop::bad(0, format!("page 1: {what}")))?;
        self.progress.level = Level::Body;
        self.progress.good = u64::from(header.page_size);
        let cut = most > room;
        most = most.min(room);
        let memory = self.window.budget.memory(u64::from(most / 8).saturating_add(1024))?;
        let mut pages = Pages { header, met: Vec::new(), count: 0, highest: 0, most, _memory: memory };
        let mut tally = Tally::default();
        let result = self.pages(&mut pages, &mut tally);
        if cut {
            // Whatever was met first: the file is longer than what is left of the medium.
            return Err(Stop::End(u64::from(room).saturating_mul(u64::from(header.page_size))));
        }
        result?;
        self.conclude(&pages, &tally)
    }

    fn pages(&mut self, pages: &mut Pages<'_>, tally: &mut Tally) -> Result<(), Stop> {
        let mut roots = Vec::new();
        self.tree(1, pages, tally, Some(&mut roots))?;
        for root in roots {
            self.tree(root, pages, tally, None)?;
        }
        self.freelist(pages, tally)
    }

    fn conclude(&self, pages: &Pages<'_>, tally: &Tally) -> Result<Whole, Stop> {
        let header = pages.header;
        let last = header.pages.unwrap_or(pages.highest);
        let extra =
            (1..=last).filter(|page| !pages.is_met(*page) && (header.is_map(*page) || *page == header.lock_page()));
        let accounted = pages.count.saturating_add(extra.count() as u64);
        if accounted != u64::from(last) {
            let first =
                (1..=last).find(|page| !pages.is_met(*page) && !header.is_map(*page) && *page != header.lock_page());
            let first = first.unwrap_or(last);
            let at = u64::from(first.saturating_sub(1)).saturating_mul(u64::from(header.page_size));
            let missing = u64::from(last).saturating_sub(accounted);
            return Err(Stop::bad(
                at,
                format!("{missing} page(s) belong to no b-tree, overflow chain or freelist, first page {first}"),
            ));
        }
        let mut reasons = vec![format!(
            "all {last} pages of {} bytes accounted for: {} in {} b-trees, {} overflow, {} free",
            header.page_size, tally.tree_pages, tally.trees, tally.overflow_pages, tally.free_pages
        )];
        if header.pages.is_none() {
            reasons.push("the header's page count is stale; the length is that of the highest page met".to_owned());
        }
        reasons.push("SQLite has no checksum: the content of cells is not vouched for".to_owned());
        let length = u64::from(last).saturating_mul(u64::from(header.page_size));
        Ok(Whole { file_type: SQLITE, length, class: Class::Consistent, anchored: length, reasons })
    }

    /// The bytes of a page, which may be larger than one look through the window.
    fn page(&mut self, header: &Header, number: u32) -> Result<Vec<u8>, Stop> {
        let at = u64::from(number.saturating_sub(1)).saturating_mul(u64::from(header.page_size));
        Ok(self.window.exact(at, header.page_size as usize)?.to_vec())
    }

    /// Visits the b-tree at `root`. Of `sqlite_schema` it collects the roots its rows name.
    fn tree(
        &mut self,
        root: u32,
        pages: &mut Pages<'_>,
        tally: &mut Tally,
        mut roots: Option<&mut Vec<u32>>,
    ) -> Result<(), Stop> {
        tally.trees = tally.trees.saturating_add(1);
        let header = pages.header;
        let mut is_table = None;
        let mut open = vec![(root, 0_u32, Rows::ALL)];
        while let Some((number, depth, rows)) = open.pop() {
            pages.meet(number)?;
            tally.tree_pages = tally.tree_pages.saturating_add(1);
            let page = self.page(&header, number)?;
            let start = if number == 1 { HEADER_BYTES } else { 0 };
            let bad = |what: &str| Stop::bad(pages.at(number), format!("page {number}: {what}"));
            let (kind, links) = page::links(&page, start, &header).map_err(bad)?;
            if *is_table.get_or_insert(kind.is_table()) != kind.is_table() || depth > DEPTH_MOST {
                return Err(bad("a page of another kind of b-tree, or one too deep"));
            }
            if !links.rows.iter().all(|row| rows.hold(*row)) {
                return Err(bad("rows that belong to another page"));
            }
            self.window.budget.pay((links.children.len() as u64).saturating_add(links.overflows.len() as u64))?;
            for &(first, left) in &links.overflows {
                tally.overflow_pages = tally.overflow_pages.saturating_add(self.chain(first, left, pages)?);
            }
            if let Some(roots) = roots.as_deref_mut() {
                self.schema_rows(&page, &links, &header, roots).map_err(|stop| match stop {
                    Stop::Bad(_, what) => Stop::bad(pages.at(number), what),
                    other => other,
                })?;
            }
            let children = links.children.iter().zip(rows.shares(&links.rows));
            open.extend(children.map(|(child, rows)| (*child, depth.saturating_add(1), rows)));
        }
        Ok(())
    }

    /// Follows an overflow chain that holds `left` bytes; its number of pages.
    fn chain(&mut self, first: u32, left: u64, pages: &mut Pages<'_>) -> Result<u64, Stop> {
        let each = u64::from(pages.header.usable).saturating_sub(4);
        let expected = left.div_ceil(each);
        let mut number = first;
        for index in 0..expected {
            pages.meet(number)?;
            let next = self.window.u32_be(pages.at(number))?;
            if (next == 0) != (index.saturating_add(1) == expected) {
                return Err(Stop::bad(
                    pages.at(number),
                    format!("the overflow chain through page {number} has another length"),
                ));
            }
            number = next;
        }
        Ok(expected)
    }

    fn schema_rows(&mut self, page: &[u8], links: &Links, header: &Header, roots: &mut Vec<u32>) -> Result<(), Stop> {
        for payload in &links.payloads {
            let mut row = page.get(payload.at..payload.at.saturating_add(payload.local)).unwrap_or_default().to_vec();
            if let (None, Some((first, left))) = (page::root_page(&row), payload.overflow) {
                self.append_chain(&mut row, first, left, header)?;
            }
            let root = page::root_page(&row).ok_or_else(|| Stop::bad(0, "a row of sqlite_schema without root page"))?;
            if root > 0 {
                if roots.len() >= ROOTS_MOST {
                    return Err(Stop::Spent("limit of b-trees in a database"));
                }
                roots.push(u32::try_from(root).map_err(|_| Stop::bad(0, "an impossible root page"))?);
            }
        }
        Ok(())
    }

    fn append_chain(&mut self, row: &mut Vec<u8>, first: u32, left: u64, header: &Header) -> Result<(), Stop> {
        let each = u64::from(header.usable).saturating_sub(4);
        let (mut number, mut left) = (first, left);
        while left > 0 && row.len() < ROW_MOST && number > 0 {
            let at = u64::from(number.saturating_sub(1)).saturating_mul(u64::from(header.page_size));
            let length = usize::try_from(left.min(each)).unwrap_or(0);
            row.extend_from_slice(self.window.exact(at.saturating_add(4), length)?);
            number = self.window.u32_be(at)?;
            left = left.saturating_sub(each);
        }
        Ok(())
    }

    /// Follows the freelist: trunk pages, each with the numbers of leaves whose content does not matter.
    fn freelist(&mut self, pages: &mut Pages<'_>, tally: &mut Tally) -> Result<(), Stop> {
        let mut trunk = pages.header.free_first;
        while trunk != 0 {
            pages.meet(trunk)?;
            let at = pages.at(trunk);
            let (next, leaves) = (self.window.u32_be(at)?, self.window.u32_be(at.saturating_add(4))?);
            if leaves > pages.header.usable / 4 {
                return Err(Stop::bad(at, format!("freelist page {trunk} holds more numbers than fit")));
            }
            for leaf in 0..u64::from(leaves) {
                let number = self.window.u32_be(at.saturating_add(8).saturating_add(leaf.saturating_mul(4)))?;
                pages.meet(number)?;
                // The page must be readable to be handed out, whatever it holds.
                self.window.u8(pages.at(number).saturating_add(u64::from(pages.header.page_size)).saturating_sub(1))?;
            }
            tally.free_pages = tally.free_pages.saturating_add(1).saturating_add(u64::from(leaves));
            trunk = next;
        }
        if tally.free_pages != u64::from(pages.header.free_count) {
            return Err(Stop::bad(36, "the freelist has another length than the header says"));
        }
        Ok(())
    }
}

/// Which row numbers a page of a table may hold: above the first, up to the second.
#[derive(Debug, Clone, Copy)]
struct Rows(Option<i64>, Option<i64>);

impl Rows {
    const ALL: Self = Self(None, None);

    fn hold(self, row: i64) -> bool {
        self.0.is_none_or(|above| row > above) && self.1.is_none_or(|most| row <= most)
    }

    /// The rows of each child, given the largest of each but the last; all of them without end where nothing is known.
    fn shares(self, largest: &[i64]) -> impl Iterator<Item = Self> {
        let lows = std::iter::once(self.0).chain(largest.iter().copied().map(Some));
        let highs = largest.iter().copied().map(Some).chain(std::iter::once(self.1));
        lows.zip(highs)
            .chain(std::iter::repeat(Self::ALL).map(|rows| (rows.0, rows.1)))
            .map(|(low, high)| Self(low, high))
    }
}

impl Pages<'_> {
    fn at(&self, number: u32) -> u64 {
        u64::from(number.saturating_sub(1)).saturating_mul(u64::from(self.header.page_size))
    }

    /// Marks a page; each may be met once.
    fn meet(&mut self, number: u32) -> Result<(), Stop> {
        let (word, bit) = ((number / 64) as usize, 1_u64 << (number % 64));
        if number == 0 || number > self.most {
            return Err(Stop::bad(self.at(self.most), format!("page {number} lies beyond the end of the database")));
        }
        if word >= self.met.len() {
            self.met.resize(word.saturating_add(1), 0);
        }
        match self.met.get_mut(word) {
            Some(slot) if *slot & bit == 0 => *slot |= bit,
            _ => return Err(Stop::bad(self.at(number), format!("page {number} is used twice"))),
        }
        self.count = self.count.saturating_add(1);
        self.highest = self.highest.max(number);
        Ok(())
    }

    fn is_met(&self, number: u32) -> bool {
        self.met.get((number / 64) as usize).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }
}
