//! Small virtual disks, as bytes: QCOW2, VHD, VHDX, VDI and VMDK, with or without a parent.
//!
//! Each maker takes the medium and which of its units are here; the others are holes, or the parent's. Written from the
//! formats' documents and with nothing of the readers, so that a misreading does not cancel itself out.

use std::collections::BTreeMap;

/// Unit of all disks but VHDX: 4096 bytes.
pub const UNIT_BYTES: usize = 4096;
/// Block of the VHDX: 1 MiB, the smallest there is.
pub const VHDX_BLOCK_BYTES: usize = 1 << 20;

/// A disk to be made.
#[derive(Clone, Copy)]
pub struct Recipe<'a> {
    /// All of the medium, also what is not here.
    pub medium: &'a [u8],
    /// Which units are here.
    pub here: fn(usize) -> bool,
    /// Identity of this disk; VMDK takes the first four bytes.
    pub id: [u8; 16],
    /// Name and identity of the parent.
    pub parent: Option<(&'a str, [u8; 16])>,
}

impl Recipe<'_> {
    /// The units, the last one filled up with zeros, and whether each is here.
    fn units(&self, length: usize) -> impl Iterator<Item = (usize, Option<Vec<u8>>)> + '_ {
        self.medium.chunks(length).enumerate().map(move |(index, unit)| {
            let mut unit = unit.to_vec();
            unit.resize(length, 0);
            (index, (self.here)(index).then_some(unit))
        })
    }
}

/// Bytes with holes in them, written at places.
#[derive(Default)]
struct File(BTreeMap<usize, Vec<u8>>);

impl File {
    fn put(&mut self, at: usize, bytes: impl Into<Vec<u8>>) {
        self.0.insert(at, bytes.into());
    }

    /// All pieces; later places win where they overlap.
    fn bytes(self) -> Vec<u8> {
        let end = self.0.iter().map(|(at, bytes)| at + bytes.len()).max().unwrap_or(0);
        let mut all = vec![0; end];
        for (at, bytes) in self.0 {
            all.splice(at..at + bytes.len(), bytes);
        }
        all
    }
}

/// QCOW2 of version 3 with clusters of 4096 bytes; a parent has no identity.
#[must_use]
pub fn qcow2(recipe: &Recipe<'_>) -> Vec<u8> {
    let covers = UNIT_BYTES / 8 * UNIT_BYTES;
    let tables = recipe.medium.len().div_ceil(covers).max(1);
    let (mut file, name) = (File::default(), recipe.parent.map(|(name, _)| name).unwrap_or_default());
    let mut header = b"QFI\xfb".to_vec();
    header.extend(3_u32.to_be_bytes());
    header.extend(if name.is_empty() { 0_u64 } else { 1024 }.to_be_bytes());
    header.extend((name.len() as u32).to_be_bytes());
    header.extend(12_u32.to_be_bytes());
    header.extend((recipe.medium.len() as u64).to_be_bytes());
    header.extend(0_u32.to_be_bytes());
    header.extend((tables as u32).to_be_bytes());
    header.extend((UNIT_BYTES as u64).to_be_bytes());
    header.resize(96, 0);
    header.extend(4_u32.to_be_bytes());
    header.extend(112_u32.to_be_bytes());
    header.resize(120, 0);
    file.put(0, header);
    file.put(1024, name);
    let (mut first, mut data) = (Vec::new(), UNIT_BYTES * (2 + tables));
    let mut second = vec![Vec::new(); tables];
    for (index, unit) in recipe.units(UNIT_BYTES) {
        let entry = unit.map_or(0, |unit| {
            file.put(data, unit);
            data += UNIT_BYTES;
            (data - UNIT_BYTES) as u64 | 1 << 63
        });
        second.iter_mut().skip(index / 512).take(1).for_each(|table| table.extend(entry.to_be_bytes()));
    }
    for (index, mut table) in second.into_iter().enumerate() {
        table.resize(UNIT_BYTES, 0);
        let at = UNIT_BYTES * (2 + index);
        first.extend((at as u64 | 1 << 63).to_be_bytes());
        file.put(at, table);
    }
    first.resize(UNIT_BYTES, 0);
    file.put(UNIT_BYTES, first);
    file.bytes()
}

/// Dynamic VHD, or a differencing one with a parent, with blocks of 4096 bytes.
#[must_use]
pub fn vhd(recipe: &Recipe<'_>) -> Vec<u8> {
    let blocks = recipe.medium.len().div_ceil(UNIT_BYTES);
    let mut footer = b"conectix\0\0\0\x02\0\x01\0\0".to_vec();
    footer.extend(512_u64.to_be_bytes());
    footer.extend([0x2a, 0, 0, 0]);
    footer.extend(b"test\0\x01\0\0Wi2k");
    footer.extend((recipe.medium.len() as u64).to_be_bytes());
    footer.extend((recipe.medium.len() as u64).to_be_bytes());
    footer.extend([0xff, 0xff, 16, 255]);
    footer.extend(if recipe.parent.is_some() { 4_u32 } else { 3 }.to_be_bytes());
    footer.extend([0; 4]);
    footer.extend(recipe.id);
    footer.resize(512, 0);
    sum(&mut footer, 64);
    let mut header = b"cxsparse".to_vec();
    header.extend([0xff; 8]);
    header.extend(1536_u64.to_be_bytes());
    header.extend(0x1_0000_u32.to_be_bytes());
    header.extend((blocks as u32).to_be_bytes());
    header.extend((UNIT_BYTES as u32).to_be_bytes());
    header.extend([0; 4]);
    header.extend(recipe.parent.map_or([0; 16], |(_, id)| id));
    header.extend([0; 8]);
    header.extend(recipe.parent.iter().flat_map(|(name, _)| name.encode_utf16()).flat_map(u16::to_be_bytes));
    header.resize(1024, 0);
    sum(&mut header, 36);
    let mut file = File::default();
    file.put(0, footer.clone());
    file.put(512, header);
    let mut data = (1536 + blocks * 4).next_multiple_of(512);
    let mut table = Vec::new();
    for (_, unit) in recipe.units(UNIT_BYTES) {
        let entry = unit.map_or(u32::MAX, |unit| {
            let mut block = vec![0xff];
            block.resize(512, 0);
            block.extend(unit);
            let at = data;
            data += block.len();
            file.put(at, block);
            (at / 512) as u32
        });
        table.extend(entry.to_be_bytes());
    }
    file.put(1536, table);
    file.put(data, footer);
    file.bytes()
}

/// The checksum of VHD: one's complement of the sum of all bytes.
fn sum(bytes: &mut Vec<u8>, at: usize) {
    let sum: u32 = bytes.iter().map(|&byte| u32::from(byte)).sum();
    bytes.splice(at..at + 4, (!sum).to_be_bytes());
}

/// Dynamic or differencing VDI with blocks of 4096 bytes; both identifiers of the disk are its `id`.
#[must_use]
pub fn vdi(recipe: &Recipe<'_>) -> Vec<u8> {
    let blocks = recipe.medium.len().div_ceil(UNIT_BYTES);
    let stored = (0..blocks).filter(|&index| (recipe.here)(index)).count();
    let data = (512 + blocks * 4).next_multiple_of(512);
    let mut header = b"<<< a test >>>\n".to_vec();
    header.resize(64, 0);
    let kind = if recipe.parent.is_some() { 4 } else { 1 };
    [0xbeda_107f, 0x1_0001, 0x190, kind, 0].iter().for_each(|value: &u32| header.extend(value.to_le_bytes()));
    header.resize(340, 0);
    [512, data as u32, 0, 0, 0, 512, 0].iter().for_each(|value: &u32| header.extend(value.to_le_bytes()));
    header.extend((recipe.medium.len() as u64).to_le_bytes());
    let counts = [UNIT_BYTES as u32, 0, blocks as u32, stored as u32];
    counts.iter().for_each(|value| header.extend(value.to_le_bytes()));
    let parent = recipe.parent.map_or([0; 16], |(_, id)| id);
    [recipe.id, recipe.id, parent, parent].iter().for_each(|id| header.extend(id));
    header.resize(512, 0);
    let (mut table, mut contents) = (Vec::new(), Vec::new());
    for (_, unit) in recipe.units(UNIT_BYTES) {
        let entry = unit.map_or(u32::MAX, |unit| {
            contents.extend(unit);
            (contents.len() / UNIT_BYTES - 1) as u32
        });
        table.extend(entry.to_le_bytes());
    }
    let mut file = File::default();
    file.put(0, header);
    file.put(512, table);
    file.put(data, contents);
    file.bytes()
}

/// Sparse VMDK in one file with grains of 4096 bytes; the medium is filled up to whole sectors.
#[must_use]
pub fn vmdk(recipe: &Recipe<'_>) -> Vec<u8> {
    let sectors = recipe.medium.len().div_ceil(512) as u64;
    let cid = |id: [u8; 16]| id.iter().take(4).map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut text = format!("# Disk DescriptorFile\nversion=1\nCID={}\n", cid(recipe.id));
    match recipe.parent {
        Some((name, id)) => text += &format!("parentCID={}\nparentFileNameHint=\"{name}\"\n", cid(id)),
        None => text += "parentCID=ffffffff\n",
    }
    text += &format!("createType=\"monolithicSparse\"\nRW {sectors} SPARSE \"disk.vmdk\"\n");
    let mut header = b"KDMV".to_vec();
    header.extend(1_u32.to_le_bytes());
    header.extend(1_u32.to_le_bytes());
    [sectors, 8, 1, 4].iter().for_each(|value: &u64| header.extend(value.to_le_bytes()));
    header.extend(512_u32.to_le_bytes());
    [0, 5, 16].iter().for_each(|value: &u64| header.extend(value.to_le_bytes()));
    header.extend(b"\0\n \r\n\0\0");
    header.resize(512, 0);
    let mut file = File::default();
    file.put(0, header);
    file.put(512, text);
    let tables = recipe.medium.len().div_ceil(UNIT_BYTES * 512).max(1);
    file.put(5 * 512, (0..tables).flat_map(|index| (6 + 4 * index as u32).to_le_bytes()).collect::<Vec<u8>>());
    let (mut entries, mut data) = (Vec::new(), 512 * (6 + 4 * tables));
    for (_, unit) in recipe.units(UNIT_BYTES) {
        let entry = unit.map_or(0, |unit| {
            file.put(data, unit);
            data += UNIT_BYTES;
            ((data - UNIT_BYTES) / 512) as u32
        });
        entries.extend(entry.to_le_bytes());
    }
    entries.resize(tables * 2048, 0);
    file.put(512 * 6, entries);
    file.bytes()
}

/// VHDX with blocks of 1 MiB. In a differencing one every second sector of each block that is here is the parent's.
#[must_use]
pub fn vhdx(recipe: &Recipe<'_>) -> Vec<u8> {
    const KIB: usize = 1 << 10;
    const MIB: usize = 1 << 20;
    let mut file = File::default();
    file.put(0, *b"vhdxfile");
    for (number, at) in [(1_u64, 64 * KIB), (2, 128 * KIB)] {
        let mut header = b"head\0\0\0\0".to_vec();
        header.extend(number.to_le_bytes());
        header.extend([recipe.id, recipe.id, [0; 16]].concat());
        header.extend([0, 0, 1, 0]);
        header.extend((MIB as u32).to_le_bytes());
        header.extend((MIB as u64).to_le_bytes());
        header.resize(4096, 0);
        crc(&mut header);
        file.put(at, header);
    }
    let mut regions = b"regi\0\0\0\0\x02\0\0\0\0\0\0\0".to_vec();
    for (guid, at) in [(GUID_BAT, 3 * MIB), (GUID_METADATA, 2 * MIB)] {
        regions.extend(guid.to_be_bytes());
        regions.extend((at as u64).to_le_bytes());
        regions.extend((MIB as u32).to_le_bytes());
        regions.extend(1_u32.to_le_bytes());
    }
    regions.resize(64 * KIB, 0);
    crc(&mut regions);
    [192 * KIB, 256 * KIB].iter().for_each(|&at| file.put(at, regions.clone()));
    let mut items = vec![
        (
            0x3767_a1ca_36fa_434d_b3b6_33f0_aa44_e76b_u128,
            [MIB as u32, if recipe.parent.is_some() { 2 } else { 0 }].map(u32::to_le_bytes).concat(),
        ),
        (0x2442_a52f_1bcd_7648_b211_5dbe_d83b_f4b8, (recipe.medium.len() as u64).to_le_bytes().to_vec()),
        (0x1dbf_4181_6fa9_0947_ba47_f233_a8fa_ab5f, 512_u32.to_le_bytes().to_vec()),
    ];
    items.extend(recipe.parent.map(|(name, id)| (0x2d5f_d3a8_0bb3_4d45_abf7_d3d8_4834_ab0c, locator(name, id))));
    let mut table = b"metadata\0\0".to_vec();
    table.extend((items.len() as u16).to_le_bytes());
    table.resize(32, 0);
    let mut at = 64 * KIB;
    for (guid, value) in items {
        table.extend(guid.to_be_bytes());
        [at as u32, value.len() as u32, 4, 0].iter().for_each(|field| table.extend(field.to_le_bytes()));
        file.put(2 * MIB + at, value.clone());
        at += value.len();
    }
    file.put(2 * MIB, table);
    let ratio = 4096; // 2^23 sectors of 512 bytes under each bitmap
    let (mut entries, mut data) = (vec![0_u64; ratio + 1], 5 * MIB);
    for (index, unit) in recipe.units(MIB) {
        let Some(unit) = unit else { continue };
        let state = if recipe.parent.is_some() { 7 } else { 6 };
        entries.splice(index..=index, [data as u64 | state]);
        file.put(data, unit);
        data += MIB;
    }
    if recipe.parent.is_some() {
        entries.splice(ratio..=ratio, [(4 * MIB as u64) | 6]);
        file.put(4 * MIB, vec![0x55; MIB]);
    }
    file.put(3 * MIB, entries.iter().flat_map(|entry| entry.to_le_bytes()).collect::<Vec<u8>>());
    file.put(data.max(4 * MIB), Vec::new());
    file.bytes()
}

/// `disk`, a sound VHDX that was closed, as it would be if the machine had died while it was written: the first two sectors of
/// its block table are ruined, and what belongs there is in the log.
///
/// The log is a ring of 4096-byte sectors, in which lie: an old entry that must not be applied any more; then, around the end
/// of the ring, the row that must: an entry whose change the next one takes back, one with the right first sector, and one
/// that makes the second sector zero.
#[must_use]
pub fn vhdx_left_open(disk: &[u8]) -> Vec<u8> {
    let mut disk = disk.to_vec();
    let headers = [64 << 10, 128 << 10];
    let newest = headers.into_iter().max_by_key(|at| number(&disk, at + 8, 8)).unwrap_or_default();
    let (log_bytes, log) = (number(&disk, newest + 68, 4), number(&disk, newest + 72, 8));
    let regions = disk.get(192 << 10..256 << 10).unwrap_or_default();
    let of_table =
        regions.get(16..).unwrap_or_default().chunks(32).find(|entry| entry.starts_with(&GUID_BAT.to_be_bytes()));
    let table = of_table.map_or(0, |entry| number(entry, 16, 8));
    let right = disk.get(table..table + 4096).unwrap_or_default().to_vec();
    put(&mut disk, table, &[0xa5; 8192]);
    let size = disk.len() as u64;
    let entry = |number, tail, changes: &[Change<'_>]| log_entry(number, tail as u32, size, changes);
    let (wrong, place, end) = (vec![0x5a; 4096], table as u64, log_bytes - 4096);
    let old = entry(6, 64 << 10, &[Change::Data(place, &wrong)]);
    let row = [
        // The header in the last sector of the ring, its data in the first.
        (end, entry(7, end, &[Change::Data(place, &wrong)])),
        (4096, entry(8, end, &[Change::Data(place, &right)])),
        (3 * 4096, entry(9, end, &[Change::Zero(place + 4096, 4096)])),
    ];
    put(&mut disk, log + (64 << 10), &old);
    for (at, entry) in row {
        for (index, sector) in entry.chunks(4096).enumerate() {
            put(&mut disk, log + (at + 4096 * index) % log_bytes, sector);
        }
    }
    for at in headers {
        put(&mut disk, at + 48, &LOG_GUID);
        let mut header = disk.get(at..at + 4096).unwrap_or_default().to_vec();
        put(&mut header, 4, &[0; 4]);
        crc(&mut header);
        put(&mut disk, at, &header);
    }
    disk
}

/// `disk`, as [`vhdx_left_open`] makes it, with another log: every entry in it gets the right checksum, so that whoever reads it
/// looks at what is in the entries.
#[must_use]
pub fn vhdx_with_log(disk: &[u8], log: &[u8]) -> Vec<u8> {
    let mut disk = disk.to_vec();
    let (bytes, at) = (number(&disk, (64 << 10) + 68, 4), number(&disk, (64 << 10) + 72, 8));
    let mut log = log.to_vec();
    log.resize(bytes, 0);
    for start in (0..bytes).step_by(4096) {
        let length = number(&log, start + 8, 4);
        let there = log.get(start..).filter(|rest| rest.starts_with(b"loge")).and_then(|rest| rest.get(..length));
        // Longer ones take too long, and say nothing that shorter ones do not.
        let Some(mut entry) = there.filter(|entry| (64..=1 << 16).contains(&entry.len())).map(<[u8]>::to_vec) else {
            continue;
        };
        put(&mut entry, 4, &[0; 4]);
        crc(&mut entry);
        put(&mut log, start, &entry);
    }
    put(&mut disk, at, &log);
    disk
}

/// Identifier of the log that [`vhdx_left_open`] makes.
const LOG_GUID: [u8; 16] = *b"a log of a test!";

/// A change in a log of VHDX.
enum Change<'a> {
    /// A sector of the file, and what it becomes.
    Data(u64, &'a [u8]),
    /// Where so many bytes become zero.
    Zero(u64, u64),
}

/// An entry of a log with its descriptors in one sector.
fn log_entry(number: u64, tail: u32, file_bytes: u64, changes: &[Change<'_>]) -> Vec<u8> {
    let (mut descriptors, mut data) = (Vec::new(), Vec::new());
    for change in changes {
        match change {
            Change::Data(offset, bytes) => {
                descriptors.extend(b"desc");
                descriptors.extend(bytes.iter().skip(4092));
                descriptors.extend(bytes.iter().take(8));
                descriptors.extend(offset.to_le_bytes());
                data.extend(b"data");
                data.extend(((number >> 32) as u32).to_le_bytes());
                data.extend(bytes.iter().skip(8).take(4084));
                data.extend((number as u32).to_le_bytes());
            }
            Change::Zero(offset, length) => {
                descriptors.extend(b"zero\0\0\0\0");
                descriptors.extend(length.to_le_bytes());
                descriptors.extend(offset.to_le_bytes());
            }
        }
        descriptors.extend(number.to_le_bytes());
    }
    let mut entry = b"loge\0\0\0\0".to_vec();
    entry.extend((4096 + data.len() as u32).to_le_bytes());
    entry.extend(tail.to_le_bytes());
    entry.extend(number.to_le_bytes());
    entry.extend((changes.len() as u32).to_le_bytes());
    entry.extend([0; 4]);
    entry.extend(LOG_GUID);
    entry.extend([file_bytes, file_bytes].map(u64::to_le_bytes).concat());
    entry.extend(descriptors);
    entry.resize(4096, 0);
    entry.extend(data);
    crc(&mut entry);
    entry
}

/// The little-endian number of `length` bytes at `at`.
fn number(bytes: &[u8], at: usize, length: usize) -> usize {
    bytes.iter().skip(at).take(length).rev().fold(0, |number, &byte| number << 8 | usize::from(byte))
}

/// Writes `what` over the bytes at `at`.
fn put(bytes: &mut [u8], at: usize, what: &[u8]) {
    bytes.iter_mut().skip(at).zip(what).for_each(|(to, from)| *to = *from);
}

const GUID_BAT: u128 = 0x6677_c22d_23f6_0042_9d64_115e_9bfd_4a08;
const GUID_METADATA: u128 = 0x06a2_7c8b_9047_9a4b_b8fe_575f_050f_886e;

/// A parent locator with linkage and relative path.
fn locator(name: &str, id: [u8; 16]) -> Vec<u8> {
    let hex = |range: &[usize]| range.iter().filter_map(|&n| id.get(n)).map(|b| format!("{b:02x}")).collect::<String>();
    let parts: [&[usize]; 5] = [&[3, 2, 1, 0], &[5, 4], &[7, 6], &[8, 9], &[10, 11, 12, 13, 14, 15]];
    let linkage = format!("{{{}}}", parts.map(hex).join("-"));
    let texts = ["parent_linkage", &linkage, "relative_path", name];
    let texts = texts.map(|text| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    let mut bytes = 0xb7ef_4ab0_9ed1_814a_b789_25b8_e944_5913_u128.to_be_bytes().to_vec();
    bytes.extend([0, 0, 2, 0]);
    let mut at = 20 + 2 * 12;
    for pair in texts.chunks(2) {
        pair.iter()
            .scan(at, |at, text| Some(std::mem::replace(at, *at + text.len())))
            .for_each(|at| bytes.extend((at as u32).to_le_bytes()));
        pair.iter().for_each(|text| bytes.extend((text.len() as u16).to_le_bytes()));
        at += pair.iter().map(Vec::len).sum::<usize>();
    }
    texts.iter().for_each(|text| bytes.extend(text));
    bytes
}

/// CRC-32C at offset 4, bit by bit.
fn crc(bytes: &mut Vec<u8>) {
    let bit = |crc: u32, _| (crc >> 1) ^ (0x82f6_3b78 & 0_u32.wrapping_sub(crc & 1));
    let crc = !bytes.iter().fold(u32::MAX, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), bit));
    bytes.splice(4..8, crc.to_le_bytes());
}
