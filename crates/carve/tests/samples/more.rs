//! The smallest files of the kinds that need no writer of their own.

use super::{Noise, deflate, prose};

pub(super) fn le(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// `bytes` with `patch` at `at`.
pub(super) fn put(bytes: &mut [u8], at: usize, patch: &[u8]) {
    bytes[at..at + patch.len()].copy_from_slice(patch);
}

pub(crate) fn gzip(seed: u64) -> Vec<u8> {
    let content = prose(4000, seed);
    let mut out = b"\x1f\x8b\x08\x08\x01\x02\x03\x04\0\x03notes.txt\0".to_vec();
    out.extend(deflate(&content));
    out.extend(crc32fast::hash(&content).to_le_bytes());
    out.extend((content.len() as u32).to_le_bytes());
    out
}

pub(crate) fn bmp(width: u32, height: u32, seed: u64) -> Vec<u8> {
    let pixels = Noise(seed).bytes((width as usize * 3).next_multiple_of(4) * height as usize);
    let mut out = b"BM".to_vec();
    out.extend(le(&[
        54 + pixels.len() as u32,
        0,
        54,
        40,
        width,
        height,
        1 | 24 << 16,
        0,
        pixels.len() as u32,
        0,
        0,
        0,
        0,
    ]));
    out.extend(pixels);
    out
}

fn chunk(id: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [&id[..], &(data.len() as u32).to_le_bytes(), data].concat()
}

fn riff(form: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"RIFF", &[&form[..], &chunks.concat()].concat())
}

pub(crate) fn wav(seed: u64) -> Vec<u8> {
    let format = le(&[1 | 1 << 16, 8000, 8000, 1 | 8 << 16]);
    riff(b"WAVE", &[chunk(b"fmt ", &format), chunk(b"data", &Noise(seed).bytes(1500))])
}

pub(crate) fn webp(seed: u64) -> Vec<u8> {
    riff(b"WEBP", &[chunk(b"VP8 ", &Noise(seed).bytes(900))])
}

pub(crate) fn avi(seed: u64) -> Vec<u8> {
    let list = |name: &[u8; 4], data: &[u8]| chunk(b"LIST", &[&name[..], data].concat());
    riff(b"AVI ", &[list(b"hdrl", &[0; 64]), list(b"movi", &Noise(seed).bytes(1000))])
}

pub(crate) fn tar(seed: u64) -> Vec<u8> {
    let mut out = Vec::new();
    for (number, size) in [700_usize, 0, 1024].into_iter().enumerate() {
        let mut header = vec![0; 512];
        put(&mut header, 0, format!("file{number}.txt").as_bytes());
        put(&mut header, 124, format!("{size:011o}\0").as_bytes());
        put(&mut header, 148, &[b' '; 8]);
        put(&mut header, 156, b"0ustar\x0000");
        header[156] = b'0';
        put(&mut header, 257, b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        put(&mut header, 148, format!("{sum:06o}\0 ").as_bytes());
        out.extend(header);
        out.extend(prose(size, seed));
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

pub(crate) fn seven_zip(seed: u64) -> Vec<u8> {
    let (packed, last) = (Noise(seed).bytes(800), Noise(seed + 1).bytes(60));
    let mut fields = (packed.len() as u64).to_le_bytes().to_vec();
    fields.extend((last.len() as u64).to_le_bytes());
    fields.extend(crc32fast::hash(&last).to_le_bytes());
    let crc = crc32fast::hash(&fields).to_le_bytes();
    [b"7z\xbc\xaf\x27\x1c\0\x04", &crc[..], &fields, &packed, &last].concat()
}

pub(crate) fn rar(seed: u64) -> Vec<u8> {
    let block = |fields: &[u8]| {
        let header = [&[fields.len() as u8], fields].concat();
        [&crc32fast::hash(&header).to_le_bytes()[..], &header].concat()
    };
    // Type 2 (a file) with 500 bytes of data, then the end of the archive.
    let file = block(&[2, 2, 0xf4, 3, 0, 0, 0, 0]);
    [b"Rar!\x1a\x07\x01\0", &block(&[1, 0, 0])[..], &file, &Noise(seed).bytes(500), &block(&[5, 0, 0])].concat()
}

pub(crate) fn ogg(seed: u64) -> Vec<u8> {
    let page = |flags: u8, number: u32, data: &[u8]| {
        let mut page =
            [b"OggS\0", &[flags][..], &[0; 8], &7_u32.to_le_bytes(), &number.to_le_bytes(), &[0; 4]].concat();
        page.push(data.len().div_ceil(255) as u8);
        page.extend(data.chunks(255).map(|piece| piece.len() as u8));
        page.extend(data);
        let crc = page.iter().fold(0_u32, |crc, byte| {
            (0..8).fold(
                crc ^ u32::from(*byte) << 24,
                |crc, _| if crc >> 31 == 1 { crc << 1 ^ 0x04c1_1db7 } else { crc << 1 },
            )
        });
        put(&mut page, 22, &crc.to_le_bytes());
        page
    };
    let mut noise = Noise(seed);
    [page(2, 0, &noise.bytes(30)), page(0, 1, &noise.bytes(900)), page(4, 2, &noise.bytes(300))].concat()
}

pub(crate) fn tiff(seed: u64) -> Vec<u8> {
    let entry = |tag: u32, kind: u32, value: u32| le(&[tag | kind << 16, 1, value]);
    let pixels = Noise(seed).bytes(600);
    let mut out = b"II\x2a\0".to_vec();
    out.extend(le(&[8]));
    out.extend([6, 0]);
    let entries = [(256, 30), (257, 20), (258, 8), (262, 1), (273, 8 + 2 + 72 + 4), (279, 600)];
    out.extend(entries.into_iter().flat_map(|(tag, value)| entry(tag, 4, value)));
    out.extend(le(&[0]));
    out.extend(pixels);
    out
}

fn media_box(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [&(data.len() as u32 + 8).to_be_bytes()[..], name, data].concat()
}

pub(crate) fn mp4(seed: u64) -> Vec<u8> {
    let kind = media_box(b"ftyp", b"isom\0\0\x02\0isommp41");
    let film = |place: u32| {
        let table = [&[0; 4][..], &1_u32.to_be_bytes(), &place.to_be_bytes()].concat();
        let inner = [b"stbl", b"minf", b"mdia", b"trak", b"moov"];
        inner.into_iter().fold(media_box(b"stco", &table), |inside, name| media_box(name, &inside))
    };
    let place = (kind.len() + film(0).len() + 8) as u32;
    [kind, film(place), media_box(b"mdat", &Noise(seed).bytes(700))].concat()
}

pub(crate) fn heic(seed: u64) -> Vec<u8> {
    let kind = media_box(b"ftyp", b"heic\0\0\0\0mif1heic");
    let pictures = |place: u32| {
        // Version 0: offsets and lengths of 4 bytes, one item of one extent.
        let table = [&[0, 0, 0, 0, 0x44, 0, 0, 1, 0, 1, 0, 0, 0, 1][..], &place.to_be_bytes(), &600_u32.to_be_bytes()];
        media_box(b"meta", &[&[0; 4][..], &media_box(b"iloc", &table.concat())].concat())
    };
    let place = (kind.len() + pictures(0).len() + 8) as u32;
    [kind, pictures(place), media_box(b"mdat", &Noise(seed).bytes(600))].concat()
}

pub(crate) fn matroska(seed: u64) -> Vec<u8> {
    let element = |id: &[u8], data: &[u8]| [id, &(0x1000_0000 | data.len() as u32).to_be_bytes()[..], data].concat();
    let head = element(b"\x1a\x45\xdf\xa3", &element(b"\x42\x82", b"webm"));
    let segment =
        [element(b"\x16\x54\xae\x6b", &[0; 20]), element(b"\x1f\x43\xb6\x75", &Noise(seed).bytes(800))].concat();
    [head, element(b"\x18\x53\x80\x67", &segment)].concat()
}

pub(crate) fn rtf(seed: u64) -> Vec<u8> {
    let text = prose(900, seed);
    [b"{\\rtf1\\ansi{\\fonttbl{\\f0 Times;}}\\pard a brace: \\} \\bin4 }}}}", text.as_slice(), b"\\par}"].concat()
}

pub(crate) fn elf(seed: u64) -> Vec<u8> {
    let mut out = vec![0; 64 + 56];
    put(&mut out, 0, b"\x7fELF\x02\x01\x01");
    put(&mut out, 32, &64_u64.to_le_bytes());
    put(&mut out, 52, &[64, 0, 56, 0, 1, 0, 64, 0, 0, 0]);
    put(&mut out, 64 + 8, &0_u64.to_le_bytes());
    put(&mut out, 64 + 32, &1000_u64.to_le_bytes());
    out.extend(Noise(seed).bytes(1000 - 120));
    out
}

pub(crate) fn pe(seed: u64) -> Vec<u8> {
    let mut out = vec![0; 1024];
    put(&mut out, 0, b"MZ");
    put(&mut out, 60, &[64]);
    put(&mut out, 64, b"PE\0\0\x64\x86\x01\0");
    put(&mut out, 64 + 20, &[240, 0]);
    put(&mut out, 64 + 24, &[0x0b, 0x02]);
    put(&mut out, 64 + 24 + 60, &1024_u32.to_le_bytes());
    let section = 64 + 24 + 240;
    put(&mut out, section, b".text\0\0\0");
    put(&mut out, section + 16, &le(&[512, 1024]));
    out.extend(Noise(seed).bytes(512));
    out
}

pub(crate) fn hive(seed: u64) -> Vec<u8> {
    let mut out = vec![0; 4096];
    put(&mut out, 0, b"regf");
    put(&mut out, 20, &le(&[1, 5, 0, 1, 32, 4096]));
    let sum = out.chunks(4).take(127).fold(0, |sum, four| sum ^ u32::from_le_bytes(four.try_into().unwrap()));
    put(&mut out, 508, &sum.to_le_bytes());
    let mut bin = Noise(seed).bytes(4096);
    put(&mut bin, 0, b"hbin");
    put(&mut bin, 4, &le(&[0, 4096, 0, 0, 0, 0, 0]));
    put(&mut bin, 32, &(-2000_i32).to_le_bytes());
    put(&mut bin, 2032, &2064_u32.to_le_bytes());
    [out, bin].concat()
}

pub(crate) fn lnk() -> Vec<u8> {
    let mut out = vec![0; 76];
    put(&mut out, 0, b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46");
    // An item list, a name of 16-bit characters; one extra block.
    put(&mut out, 20, &[0x85]);
    out.extend(b"\x06\0\x04\0ab\0\0\x03\0a\0b\0c\0");
    out.extend(le(&[12, 0xa000_0001, 7, 0]));
    out
}

pub(crate) fn prefetch(seed: u64) -> Vec<u8> {
    let mut out = Noise(seed).bytes(900);
    put(&mut out, 0, &[23, 0, 0, 0]);
    put(&mut out, 4, b"SCCA");
    put(&mut out, 12, &900_u32.to_le_bytes());
    put(&mut out, 84, &le(&[240, 4, 400, 10, 600, 100, 750, 1, 150]));
    out
}

/// A compound file of version 3: FAT, directory, and a stream of 4096 bytes in eight sectors.
pub(crate) fn ole2(seed: u64) -> Vec<u8> {
    let mut out = vec![0xff; 512];
    put(&mut out, 0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    put(&mut out, 24, &[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    put(&mut out, 34, &[0; 6]);
    put(&mut out, 40, &le(&[0, 1, 1, 0, 4096, 0xffff_fffe, 0, 0xffff_fffe, 0, 0]));
    let mut fat = vec![0xffff_fffd_u32, 0xffff_fffe];
    fat.extend((3..10).chain([0xffff_fffe]));
    fat.resize(128, 0xffff_ffff);
    out.extend(le(&fat));
    let entry = |name: &str, kind: u8, first: u32, size: u32| {
        let mut entry = vec![0; 128];
        for (index, unit) in name.encode_utf16().enumerate() {
            put(&mut entry, index * 2, &unit.to_le_bytes());
        }
        put(&mut entry, 66, &[kind]);
        put(&mut entry, 116, &le(&[first, size, 0]));
        entry
    };
    out.extend(entry("Root Entry", 5, 0xffff_fffe, 0));
    out.extend(entry("WordDocument", 2, 2, 4096));
    out.extend([0; 256]);
    out.extend(Noise(seed).bytes(4096));
    out
}

/// An event log with one chunk; too large for tests that cut it at every byte.
pub(crate) fn evtx(seed: u64) -> Vec<u8> {
    let mut out = vec![0; 4096];
    put(&mut out, 0, b"ElfFile\0");
    out[42] = 1;
    let crc = crc32fast::hash(&out[..120]);
    put(&mut out, 124, &crc.to_le_bytes());
    let mut chunk = vec![0; 65_536];
    put(&mut chunk, 0, b"ElfChnk\0");
    put(&mut chunk, 48, &2000_u32.to_le_bytes());
    put(&mut chunk, 512, &Noise(seed).bytes(2000 - 512));
    let crc = crc32fast::hash(&chunk[512..2000]);
    put(&mut chunk, 52, &crc.to_le_bytes());
    let crc = crc32fast::hash(&[&chunk[..120], &chunk[128..512]].concat());
    put(&mut chunk, 124, &crc.to_le_bytes());
    [out, chunk].concat()
}
