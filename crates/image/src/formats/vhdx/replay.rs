//! A file as it will be when the changes of its log are made: read through them, and never written.

use std::collections::BTreeMap;
use std::sync::Arc;

use exhibit_evidence::{ByteRange, Cause, ReadFault, Source};

use super::log::LOG_SECTOR_BYTES;

/// What a change puts into the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// Zero bytes.
    Zero,
    /// The data sector that lies at `at` in the file, with other bytes at its two ends.
    Data {
        /// Where it lies in the file.
        at: u64,
        /// Its first bytes.
        leading: [u8; 8],
        /// Its last bytes.
        trailing: [u8; 4],
    },
}

/// Changes by the byte at which they begin, with the byte before which they end; none overlaps another. Only zeros are longer
/// than a sector, so only they are ever cut.
#[derive(Debug, Default)]
pub(super) struct Changes(BTreeMap<u64, (u64, Piece)>);

impl Changes {
    /// Puts a change over those that are there.
    pub(super) fn put(&mut self, start: u64, end: u64, piece: Piece) {
        if start >= end {
            return;
        }
        let before = self.0.range(..start).next_back().map(|(from, there)| (*from, *there));
        if let Some((from, (until, there))) = before.filter(|(_, (until, _))| *until > start) {
            self.0.insert(from, (start, there));
            if until > end {
                self.0.insert(end, (until, there));
            }
        }
        while let Some((from, (until, there))) = self.0.range(start..end).next().map(|(from, there)| (*from, *there)) {
            self.0.remove(&from);
            if until > end {
                self.0.insert(end, (until, there));
            }
        }
        self.0.insert(start, (end, piece));
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The change that holds byte `at`, where it begins, and how far the answer goes; behind the last change it goes on for ever.
    fn run(&self, at: u64) -> (Option<(u64, Piece)>, u64) {
        let here = self.0.range(..=at).next_back().filter(|(_, (end, _))| *end > at);
        if let Some((start, (end, piece))) = here {
            return (Some((*start, *piece)), end.saturating_sub(at));
        }
        let next = self.0.range(at..).next().map_or(u64::MAX, |(start, _)| *start);
        (None, next.saturating_sub(at))
    }
}

/// The file with its changes.
pub(super) struct Replayed {
    file: Arc<dyn Source>,
    changes: Changes,
    size: u64,
}

impl Replayed {
    /// `size` is that of the file with all changes; what lies behind the end of the file as it is, and is not changed, is zero.
    pub(super) fn new(file: Arc<dyn Source>, changes: Changes, size: u64) -> Self {
        let size = size.max(file.size());
        Self { file, changes, size }
    }

    /// Fills `out` with what lies at `at` of the file as it is.
    fn unchanged(&self, at: u64, out: &mut [u8]) -> Result<(), ReadFault> {
        let inside = usize::try_from(self.file.size().saturating_sub(at)).unwrap_or(usize::MAX).min(out.len());
        let Some((there, behind)) = out.split_at_mut_checked(inside) else {
            return Err(ReadFault::new(at, Cause::PastEnd));
        };
        behind.fill(0);
        if there.is_empty() { Ok(()) } else { self.file.read_at(at, there) }
    }

    /// Fills `out` from byte `skip` of a changed sector.
    fn changed(&self, piece: Piece, skip: u64, out: &mut [u8]) -> Result<(), ReadFault> {
        let Piece::Data { at, leading, trailing } = piece else {
            out.fill(0);
            return Ok(());
        };
        let mut sector = [0; LOG_SECTOR_BYTES as usize];
        self.file.read_at(at, &mut sector).map_err(|fault| ReadFault::new(at, fault.cause))?;
        sector.iter_mut().zip(leading).for_each(|(to, from)| *to = from);
        sector.iter_mut().rev().zip(trailing.into_iter().rev()).for_each(|(to, from)| *to = from);
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        let from = skip.checked_add(out.len()).and_then(|end| sector.get(skip..end));
        out.copy_from_slice(from.ok_or(ReadFault::new(at, Cause::PastEnd))?);
        Ok(())
    }
}

impl Source for Replayed {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size)?;
        let mut good = 0_usize;
        while let Some(rest) = buf.get_mut(good..).filter(|rest| !rest.is_empty()) {
            let here = at.saturating_add(good as u64);
            let (change, left) = self.changes.run(here);
            let length = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
            let out = rest.get_mut(..length).unwrap_or_default();
            let read = match change {
                None => self.unchanged(here, out),
                Some((start, piece)) => self.changed(piece, here.saturating_sub(start), out),
            };
            read.map_err(|fault| ReadFault { at, good: good.saturating_add(fault.good), cause: fault.cause })?;
            good = good.saturating_add(length);
        }
        Ok(())
    }

    fn known(&self, range: ByteRange) -> (ByteRange, exhibit_evidence::Known) {
        (range, exhibit_evidence::Known::Data)
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;

    use super::*;

    const SECTOR: u64 = LOG_SECTOR_BYTES;

    fn data(at: u64) -> Piece {
        Piece::Data { at, leading: *b"leading!", trailing: *b"last" }
    }

    #[test]
    fn a_later_change_wins_and_cuts_what_it_covers_in_part() {
        let mut changes = Changes::default();
        changes.put(0, 8 * SECTOR, Piece::Zero);
        changes.put(2 * SECTOR, 3 * SECTOR, data(0));
        changes.put(7 * SECTOR, 9 * SECTOR, Piece::Zero);
        let runs = [0, 2, 3, 7].map(|sector| (sector * SECTOR, changes.0[&(sector * SECTOR)].0 / SECTOR));
        assert_eq!(runs.map(|(start, end)| (start / SECTOR, end)), [(0, 2), (2, 3), (3, 7), (7, 9)]);
        changes.put(SECTOR, 8 * SECTOR, Piece::Zero);
        assert_eq!(
            changes.0.iter().map(|(start, (end, _))| (start / SECTOR, end / SECTOR)).collect::<Vec<_>>(),
            [(0, 1), (1, 8), (8, 9)]
        );
        assert_eq!(changes.run(9 * SECTOR), (None, u64::MAX - 9 * SECTOR));
        changes.put(5, 5, Piece::Zero);
        assert_eq!(changes.count(), 3);
    }

    #[test]
    fn the_file_is_read_through_its_changes_and_goes_on_behind_its_end() {
        let bytes: Vec<u8> = (0..4 * SECTOR + 100).map(|n| 1 + (n % 251) as u8).collect();
        let mut changes = Changes::default();
        changes.put(SECTOR, 2 * SECTOR, data(3 * SECTOR));
        changes.put(2 * SECTOR, 3 * SECTOR, Piece::Zero);
        let size = 6 * SECTOR;
        let replayed = Replayed::new(Arc::new(MemorySource::new(bytes.clone())), changes, size);
        let mut wanted = bytes.clone();
        wanted.resize(size as usize, 0);
        let sector = SECTOR as usize;
        wanted.copy_within(3 * sector..4 * sector, sector);
        wanted[sector..sector + 8].copy_from_slice(b"leading!");
        wanted[2 * sector - 4..2 * sector].copy_from_slice(b"last");
        wanted[2 * sector..3 * sector].fill(0);
        let mut all = vec![0xee; size as usize];
        replayed.read_at(0, &mut all).unwrap();
        assert_eq!(all.iter().zip(&wanted).position(|(found, wanted)| found != wanted), None);
        for at in (0..size - 777).step_by(509) {
            let mut some = [0xee; 777];
            replayed.read_at(at, &mut some).unwrap();
            assert!(some == wanted[at as usize..at as usize + 777], "{at}");
        }
        assert!(replayed.read_at(size, &mut [0]).is_err());
    }
}
