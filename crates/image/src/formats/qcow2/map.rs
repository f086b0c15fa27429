//! From a place of the medium through the L1 and L2 tables to its cluster.

use exhibit_evidence::{ByteRange, Cause, Finding, Severity};

use super::layout::{COMPRESSED, Header, OFFSET_MASK, Packing, SUBCLUSTERS, ZERO};
use super::unpack::unpack;
use crate::complain::Complain;
use crate::layered::{BlockMap, Packed, Place, Run};
use crate::paged::Paged;

/// Compressed lengths are counted in sectors of 512 bytes, whatever the cluster size.
const SECTOR_BYTES: u64 = 512;

/// The tables of an image.
pub(super) struct Qcow2Map {
    pub(super) file: Paged,
    pub(super) name: String,
    pub(super) header: Header,
    pub(super) packing: Packing,
}

impl Qcow2Map {
    /// The L2 table over `at`; `None` if there is none.
    fn table(&self, at: u64) -> Result<Option<u64>, Cause> {
        let index = at.checked_div(self.header.table_covers()).unwrap_or(u64::MAX);
        if index >= u64::from(self.header.l1_size) {
            return Err(Cause::Corrupt(format!("{}: the L1 table ends before entry {index}", self.name)));
        }
        let entry_at = self.header.l1_table_offset.saturating_add(index.saturating_mul(8));
        match u64::from_be_bytes(self.file.entry(entry_at)?) & OFFSET_MASK {
            0 => Ok(None),
            table => self.aligned(table, "L1 table", entry_at).map(Some),
        }
    }

    /// `offset`, if a cluster can begin there.
    fn aligned(&self, offset: u64, table: &str, entry_at: u64) -> Result<u64, Cause> {
        if offset.checked_rem(self.header.cluster_bytes()) == Some(0) {
            return Ok(offset);
        }
        Err(Cause::Corrupt(format!(
            "{}: {table}, entry at {entry_at} (0x{entry_at:x}): a cluster cannot begin at {offset} (0x{offset:x})",
            self.name
        )))
    }

    /// Where a packed cluster lies, and at most how many bytes it has.
    fn packed(&self, entry: u64, cluster: ByteRange) -> Packed {
        let bits = 70_u32.saturating_sub(self.header.cluster_bits); // 62 - (cluster_bits - 8)
        let low = 1_u64.checked_shl(bits).unwrap_or(0).wrapping_sub(1);
        let offset = entry & low;
        let more_sectors = ((entry & !(COMPRESSED | (1 << 63))) & !low).checked_shr(bits).unwrap_or(0);
        let sectors = more_sectors.saturating_add(1);
        let stored_bytes_max = sectors.saturating_mul(SECTOR_BYTES).saturating_sub(offset % SECTOR_BYTES);
        // Packed clusters are never longer than the cluster and a little, whatever the length field can express.
        let possible = self.header.cluster_bytes().saturating_mul(2).saturating_add(SECTOR_BYTES);
        Packed { file: 0, offset, stored_bytes_max: stored_bytes_max.min(possible), unit: cluster }
    }

    /// A run in an image whose clusters have 32 parts of their own: `bitmap` has a bit for "is here" in its low half and
    /// one for "is zero" in its high half.
    fn subcluster(&self, offset: u64, bitmap: u64, within: u64, entry_at: u64) -> Result<Run, Cause> {
        let part_bytes = (self.header.cluster_bytes() / SUBCLUSTERS).max(1);
        let part = within / part_bytes;
        let bits = |part: u64| (bitmap >> part.min(31)) & 0x1_0000_0001;
        let here = bits(part);
        let alike = (part..SUBCLUSTERS).take_while(|&other| bits(other) == here).count() as u64;
        let length = alike.saturating_mul(part_bytes).saturating_sub(within % part_bytes);
        let place = match (here & 1 != 0, here >> 32 != 0) {
            (false, false) => Place::Below,
            (false, true) => Place::Zero,
            (true, false) if offset != 0 => Place::Stored { file: 0, offset: offset.saturating_add(within) },
            _ => {
                let text =
                    format!("{}: L2 table, entry at {entry_at} (0x{entry_at:x}): a subcluster cannot be so", self.name);
                return Err(Cause::Corrupt(text));
            }
        };
        Ok(Run { length, place })
    }

    /// How much of a cluster must be in the file: where clusters have parts, up to the last one that is here.
    fn used_bytes(&self, entry_at: u64) -> u64 {
        if self.header.entry_bytes() == 8 {
            return self.header.cluster_bytes();
        }
        let bitmap = self.file.entry(entry_at.saturating_add(8)).map_or(u64::MAX, u64::from_be_bytes);
        let parts = u64::from(32_u32.saturating_sub((bitmap as u32).leading_zeros()));
        parts.saturating_mul(self.header.cluster_bytes() / SUBCLUSTERS)
    }

    fn check_table(&self, table: u64, covers: ByteRange, complain: &mut Complain<'_>) {
        let (cluster_bytes, entry_bytes) = (self.header.cluster_bytes(), self.header.entry_bytes());
        for index in 0..covers.length.div_ceil(cluster_bytes) {
            let entry_at = table.saturating_add(index.saturating_mul(entry_bytes));
            let Ok(entry) = self.file.entry(entry_at).map(u64::from_be_bytes) else {
                return complain.mismatch("qcow2-table-cut", entry_at, "the L2 table ends with the file".to_owned());
            };
            let range =
                ByteRange::new(covers.offset.saturating_add(index.saturating_mul(cluster_bytes)), cluster_bytes);
            // Of a packed cluster only the beginning is known without unpacking it.
            let (offset, bytes) = match entry & COMPRESSED {
                0 => (entry & OFFSET_MASK, range.intersect(covers).length.min(self.used_bytes(entry_at))),
                _ => (self.packed(entry, range).offset, 1),
            };
            if offset != 0 && offset.saturating_add(bytes) > self.file.size() {
                let text = format!(
                    "the cluster of medium {range} should begin at {offset} (0x{offset:x}) and ends behind the end of the file"
                );
                complain.mismatch("qcow2-cluster-outside", entry_at, text);
            } else if entry & COMPRESSED == 0 && offset % cluster_bytes != 0 {
                let text = format!("the cluster of medium {range} cannot begin at {offset} (0x{offset:x})");
                complain.mismatch("qcow2-cluster-unaligned", entry_at, text);
            }
        }
    }
}

impl BlockMap for Qcow2Map {
    fn locate(&self, at: u64) -> Result<Run, Cause> {
        let header = &self.header;
        let (cluster_bytes, covers) = (header.cluster_bytes(), header.table_covers());
        let Some(table) = self.table(at)? else {
            return Ok(Run { length: covers.saturating_sub(at % covers.max(1)), place: Place::Below });
        };
        let (index, within) = (at % covers.max(1) / cluster_bytes, at % cluster_bytes);
        let entry_at = table.saturating_add(index.saturating_mul(header.entry_bytes()));
        let entry = u64::from_be_bytes(self.file.entry(entry_at)?);
        let length = cluster_bytes.saturating_sub(within);
        if entry & COMPRESSED != 0 {
            let unit = ByteRange::new(at.saturating_sub(within), cluster_bytes);
            return Ok(Run { length, place: Place::Packed(self.packed(entry, unit)) });
        }
        let offset = self.aligned(entry & OFFSET_MASK, "L2 table", entry_at)?;
        if header.entry_bytes() == 16 {
            let bitmap = u64::from_be_bytes(self.file.entry(entry_at.saturating_add(8))?);
            return self.subcluster(offset, bitmap, within, entry_at);
        }
        let place = match offset {
            _ if header.version >= 3 && entry & ZERO != 0 => Place::Zero,
            0 => Place::Below,
            _ => Place::Stored { file: 0, offset: offset.saturating_add(within) },
        };
        Ok(Run { length, place })
    }

    fn unpack(&self, stored: &[u8], _unit: ByteRange, out: &mut [u8]) -> Result<(), String> {
        unpack(self.packing, stored, out)
    }

    fn check(&self, tell: &mut dyn FnMut(Finding)) {
        let mut complain = Complain::new(format!("{}: tables", self.name), tell);
        let covers = self.header.table_covers();
        // Honest tables are not shared: all of them together are not larger than the file.
        let mut table_bytes = 0_u64;
        let mut at = 0_u64;
        while at < self.header.size {
            let range = ByteRange::between(at, at.saturating_add(covers).min(self.header.size));
            match self.table(at) {
                Ok(None) => {}
                Ok(Some(table)) => {
                    table_bytes = table_bytes.saturating_add(self.header.cluster_bytes());
                    if table_bytes > self.file.size() {
                        let text =
                            "the L2 tables together are larger than the file; the rest was not looked at".to_owned();
                        complain.mismatch("qcow2-tables-shared", table, text);
                        break;
                    }
                    self.check_table(table, range, &mut complain);
                }
                Err(cause) => {
                    let entry_at = self.header.l1_table_offset.saturating_add(at / covers.max(1) * 8);
                    complain.say(Severity::Mismatch, "qcow2-l1-entry", entry_at, format!("medium {range}: {cause}"));
                    if at / covers.max(1) >= u64::from(self.header.l1_size) {
                        break;
                    }
                }
            }
            at = range.end();
        }
        complain.finish();
    }
}
