//! A reader of FAT volumes for tests, written from the specification and not from the writer.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that meets a broken volume should stop there"
)]

use exhibit_evidence::ByteRange;

pub(crate) struct Volume<'a> {
    /// The partition.
    bytes: &'a [u8],
    start: u64,
    wide: bool,
    cluster_bytes: u64,
    table: usize,
    table_bytes: usize,
    tables: usize,
    root: usize,
    root_entries: usize,
    root_cluster: u64,
    data: u64,
    clusters: u64,
}

/// A file or folder that a directory names.
pub(crate) struct Walked {
    pub(crate) path: String,
    pub(crate) directory: bool,
    pub(crate) deleted: bool,
    pub(crate) size: u64,
    pub(crate) first_cluster: u64,
    /// Its clusters by the table; empty for what is deleted.
    pub(crate) chain: Vec<u64>,
}

fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    bytes[at..at + length].iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

impl<'a> Volume<'a> {
    pub(crate) fn read(disk: &'a [u8]) -> Self {
        assert_eq!(disk[510..512], [0x55, 0xAA]);
        let start = number(disk, 446 + 8, 4) * 512;
        let bytes = &disk[start as usize..];
        assert_eq!(bytes[510..512], [0x55, 0xAA]);
        assert_eq!(number(disk, 446 + 12, 4) * 512, bytes.len() as u64);
        let sector = number(bytes, 11, 2) as usize;
        let cluster_bytes = number(bytes, 13, 1) * sector as u64;
        let reserved = number(bytes, 14, 2) as usize * sector;
        let tables = number(bytes, 16, 1) as usize;
        let root_entries = number(bytes, 17, 2) as usize;
        let either = |short: u64, long: u64| if short != 0 { short } else { long };
        let sectors = either(number(bytes, 19, 2), number(bytes, 32, 4));
        let table_bytes = either(number(bytes, 22, 2), number(bytes, 36, 4)) as usize * sector;
        let root = reserved + tables * table_bytes;
        let data = (root + root_entries * 32) as u64;
        let clusters = (sectors * sector as u64 - data) / cluster_bytes;
        let wide = clusters >= 65_525;
        let root_cluster = if wide { number(bytes, 44, 4) } else { 0 };
        let table = reserved;
        Self {
            bytes,
            start,
            wide,
            cluster_bytes,
            table,
            table_bytes,
            tables,
            root,
            root_entries,
            root_cluster,
            data,
            clusters,
        }
    }

    pub(crate) fn entry(&self, cluster: u64) -> u64 {
        assert!(self.numbers().contains(&cluster), "cluster {cluster} does not exist");
        let width = if self.wide { 4 } else { 2 };
        number(self.bytes, self.table + cluster as usize * width, width) & 0x0FFF_FFFF
    }

    pub(crate) fn numbers(&self) -> std::ops::Range<u64> {
        2..self.clusters + 2
    }

    pub(crate) fn tables_agree(&self) -> bool {
        let mut copies = self.bytes[self.table..][..self.tables * self.table_bytes].chunks(self.table_bytes);
        let first = copies.next().unwrap();
        self.tables == 2 && copies.all(|copy| copy == first)
    }

    fn chain(&self, first: u64) -> Vec<u64> {
        let end = if self.wide { 0x0FFF_FFF8 } else { 0xFFF8 };
        let mut chain = Vec::new();
        let mut cluster = first;
        while cluster < end {
            chain.push(cluster);
            assert!(chain.len() as u64 <= self.clusters, "a loop");
            cluster = self.entry(cluster);
        }
        chain
    }

    pub(crate) fn root_chain(&self) -> Vec<u64> {
        if self.wide { self.chain(self.root_cluster) } else { Vec::new() }
    }

    fn cluster(&self, cluster: u64) -> &[u8] {
        let at = self.data + (cluster - 2) * self.cluster_bytes;
        &self.bytes[at as usize..(at + self.cluster_bytes) as usize]
    }

    /// Where on the disk a chain puts the first `size` bytes, runs joined.
    pub(crate) fn extents(&self, chain: &[u64], size: u64) -> Vec<ByteRange> {
        assert_eq!(chain.len() as u64, size.div_ceil(self.cluster_bytes));
        let mut left = size;
        let mut extents: Vec<ByteRange> = Vec::new();
        for cluster in chain {
            let offset = self.start + self.data + (cluster - 2) * self.cluster_bytes;
            let length = left.min(self.cluster_bytes);
            left -= length;
            match extents.last_mut() {
                Some(last) if last.end() == offset => last.length += length,
                _ => extents.push(ByteRange::new(offset, length)),
            }
        }
        extents
    }

    pub(crate) fn clusters_of(&self, extent: ByteRange) -> std::ops::RangeInclusive<u64> {
        let number = |at: u64| (at - self.start - self.data) / self.cluster_bytes + 2;
        number(extent.offset)..=number(extent.end() - 1)
    }

    /// Everything that any directory names, deleted folders included.
    pub(crate) fn walk(&self) -> Vec<Walked> {
        let root = match self.wide {
            true => self.root_chain().iter().flat_map(|&cluster| self.cluster(cluster).to_vec()).collect(),
            false => self.bytes[self.root..][..self.root_entries * 32].to_vec(),
        };
        let mut walked = Vec::new();
        self.directory(&root, "", &mut walked);
        walked
    }

    fn directory(&self, slots: &[u8], path: &str, walked: &mut Vec<Walked>) {
        let mut long: Vec<&[u8]> = Vec::new();
        for slot in slots.chunks(32).take_while(|slot| slot[0] != 0) {
            let (deleted, attribute) = (slot[0] == 0xE5, slot[11]);
            if attribute == 0x0F {
                long.push(slot);
                continue;
            }
            let parts = std::mem::take(&mut long);
            if attribute & 0x08 != 0 || slot.starts_with(b".") {
                continue;
            }
            let path = format!("{path}/{}", long_name(&parts, slot, deleted));
            let first_cluster = number(slot, 20, 2) << 16 | number(slot, 26, 2);
            let (directory, size) = (attribute & 0x10 != 0, number(slot, 28, 4));
            let chain = if deleted { Vec::new() } else { self.chain(first_cluster) };
            // A deleted folder has no chain any more: its first cluster is all that is known of it.
            let clusters = if deleted { vec![first_cluster] } else { chain.clone() };
            walked.push(Walked { path: path.clone(), directory, deleted, size, first_cluster, chain });
            if directory {
                let slots: Vec<u8> = clusters.iter().flat_map(|&cluster| self.cluster(cluster).to_vec()).collect();
                assert_eq!((slots[0], number(&slots, 26, 2)), (b'.', first_cluster & 0xFFFF));
                let before = walked.len();
                self.directory(&slots, &path, walked);
                assert!(!deleted || walked[before..].iter().all(|child| child.deleted));
            }
        }
    }
}

/// The long name, checked against its order and checksum.
fn long_name(parts: &[&[u8]], short: &[u8], deleted: bool) -> String {
    let sum = short[..11].iter().fold(0_u8, |sum, &byte| sum.rotate_right(1).wrapping_add(byte));
    let mut units = Vec::new();
    for (order, part) in (1..).zip(parts.iter().rev()) {
        let last = if order == parts.len() { 0x40 } else { 0 };
        assert!(deleted || (usize::from(part[0]), part[13]) == (order | last, sum));
        let bytes = [&part[1..11], &part[14..26], &part[28..32]].concat();
        units.extend(bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])));
    }
    let end = units.iter().position(|&unit| unit == 0).unwrap_or(units.len());
    String::from_utf16(&units[..end]).unwrap()
}
