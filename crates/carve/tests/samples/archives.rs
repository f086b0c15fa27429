//! Archives, pictures, disks and volumes that need no program of others.

use super::Noise;
use super::more::{le, put};

/// RAR 4: an archive header, a stored file, the end.
pub(crate) fn rar4(seed: u64) -> Vec<u8> {
    let block = |kind: u8, flags: u16, rest: &[u8]| {
        let mut fields = vec![kind];
        fields.extend(flags.to_le_bytes());
        fields.extend((rest.len() as u16 + 7).to_le_bytes());
        fields.extend(rest);
        [&(crc32fast::hash(&fields) as u16).to_le_bytes()[..], &fields].concat()
    };
    let data = Noise(seed).bytes(700);
    let mut file = le(&[data.len() as u32, data.len() as u32]);
    file.push(3);
    file.extend(crc32fast::hash(&data).to_le_bytes());
    file.extend([0; 4]);
    file.extend(*b"\x14\x30\x09\x00\xa4\x81\0\0notes.txt");
    let parts = [
        b"Rar!\x1a\x07\0".to_vec(),
        block(0x73, 0, &[0; 6]),
        block(0x74, 0x8000, &file),
        data,
        block(0x7b, 0x4000, &[]),
    ];
    parts.concat()
}

/// Fujifilm's raw picture around `jpeg`.
pub(crate) fn raf(jpeg: &[u8], seed: u64) -> Vec<u8> {
    let facts = [&2_u32.to_be_bytes()[..], &[1, 0, 0, 4, 0, 30, 0, 20], &[1, 0x21, 0, 2, 0, 9]].concat();
    let data = Noise(seed).bytes(900);
    let mut out = vec![0; 148];
    put(&mut out, 0, b"FUJIFILMCCD-RAW 0201FF383501Practice");
    let mut at = out.len();
    for (field, part) in [(84, jpeg), (92, &facts), (100, &data)] {
        put(&mut out, field, &(at as u32).to_be_bytes());
        put(&mut out, field + 4, &(part.len() as u32).to_be_bytes());
        out.extend_from_slice(part);
        at = out.len();
    }
    out
}

/// VirtualBox: four blocks, two of which are there.
pub(crate) fn vdi(seed: u64) -> Vec<u8> {
    let mut out = vec![0; 1024];
    put(&mut out, 0, b"<<< practice >>>\n");
    put(&mut out, 64, &le(&[0xbeda_107f, 0x0001_0001, 400, 1]));
    put(&mut out, 340, &le(&[512, 1024]));
    put(&mut out, 368, &le(&[16_384, 0, 4096, 0, 4, 2]));
    put(&mut out, 512, &le(&[1, u32::MAX, 0, u32::MAX - 1]));
    out.extend(Noise(seed).bytes(8192));
    out
}

/// VMware: one table, two grains of 4096 bytes.
pub(crate) fn vmdk(seed: u64) -> Vec<u8> {
    let mut out = vec![0; 512 * 8];
    put(&mut out, 0, &[&b"KDMV"[..], &le(&[1, 3, 64, 0, 8, 0, 0, 0, 0, 0, 512, 0, 0, 1, 0, 8, 0])].concat());
    put(&mut out, 73, b"\n \r\n");
    put(&mut out, 512, &le(&[2]));
    put(&mut out, 1024, &le(&[16, 0, 8]));
    out.extend(Noise(seed).bytes(8192));
    out
}

/// LUKS version 1: one key slot in use.
pub(crate) fn luks1() -> Vec<u8> {
    let mut out = vec![0; 4096];
    put(&mut out, 0, b"LUKS\xba\xbe\0\x01aes");
    put(&mut out, 40, b"xts-plain64");
    put(&mut out, 72, b"sha256");
    put(&mut out, 104, &4096_u32.to_be_bytes());
    for slot in 0..8 {
        let state: u32 = if slot == 0 { 0x00ac_71f3 } else { 0xdead };
        put(&mut out, 208 + slot * 48, &state.to_be_bytes());
    }
    out
}

/// LUKS version 2 with a segment of a fixed size.
pub(crate) fn luks2() -> Vec<u8> {
    use sha2::{Digest, Sha256};
    let mut out = vec![0; 16_384];
    put(&mut out, 0, b"LUKS\xba\xbe\0\x02");
    put(&mut out, 8, &16_384_u64.to_be_bytes());
    put(&mut out, 72, b"sha256");
    put(&mut out, 4096, br#"{"segments":{"0":{"type":"crypt","offset":"32768","size":"1048576"}}}"#);
    let digest = Sha256::digest(&out);
    put(&mut out, 448, &digest);
    out
}

/// The boot sector of a volume of BitLocker with one of its blocks of metadata.
pub(crate) fn bitlocker() -> Vec<u8> {
    let mut out = vec![0; 8192];
    put(&mut out, 0, b"\xeb\x58\x90-FVE-FS-\0\x02");
    put(&mut out, 176, &4096_u64.to_le_bytes());
    put(&mut out, 510, &[0x55, 0xaa]);
    put(&mut out, 4096, b"-FVE-FS-");
    put(&mut out, 4096 + 16, &67_108_864_u64.to_le_bytes());
    out
}

/// An image of a disc (ISO 9660) with a folder and a file in it.
pub(crate) fn iso(seed: u64) -> Vec<u8> {
    const BLOCK: usize = 2048;
    let both = |number: u32| [number.to_le_bytes(), number.to_be_bytes()].concat();
    let record = |block: u32, size: u32, flags: u8, name: &[u8]| -> Vec<u8> {
        let length = (33 + name.len()).next_multiple_of(2);
        let mut record = vec![length as u8, 0];
        record.extend(both(block));
        record.extend(both(size));
        record.extend([126, 11, 29, 10, 11, 12, 0, flags, 0, 0, 1, 0, 0, 1, name.len() as u8]);
        record.extend(name);
        record.resize(length, 0);
        record
    };
    let mut content = super::prose(3000, seed);
    content.push(b'.');
    let blocks = 23 + content.len().div_ceil(BLOCK) as u32;
    let root = record(19, BLOCK as u32, 2, &[0]);
    let mut image = vec![0_u8; 16 * BLOCK];
    let mut descriptor = b"\x01CD001\x01\0".to_vec();
    descriptor.resize(80, b' ');
    descriptor.extend(both(blocks));
    descriptor.resize(120, 0);
    descriptor.extend([1, 0, 0, 1, 1, 0, 0, 1, 0, 8, 8, 0]);
    descriptor.extend(both(22));
    descriptor.extend(18_u32.to_le_bytes());
    descriptor.resize(156, 0);
    descriptor.extend(&root);
    image.extend(descriptor);
    image.resize(17 * BLOCK, b' ');
    image.extend(b"\xffCD001\x01");
    image.resize(18 * BLOCK, 0);
    image.extend(b"\x01\0\x13\0\0\0\x01\0\0\0");
    image.extend(b"\x03\0\x14\0\0\0\x01\0SUB\0");
    image.resize(19 * BLOCK, 0);
    image.extend([root.clone(), record(19, BLOCK as u32, 2, &[1]), record(20, BLOCK as u32, 2, b"SUB")].concat());
    image.resize(20 * BLOCK, 0);
    let own = record(20, BLOCK as u32, 2, &[0]);
    let file = record(23, content.len() as u32, 0, b"PROSE.TXT;1");
    image.extend([own, record(19, BLOCK as u32, 2, &[1]), file].concat());
    image.resize(23 * BLOCK, 0);
    image.extend(content);
    image.resize(blocks as usize * BLOCK, 0);
    if let Some(last) = image.last_mut() {
        *last = b'!';
    }
    image
}
