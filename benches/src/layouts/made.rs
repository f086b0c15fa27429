//! Files that no plant makes, in the smallest form that a carver has to follow.

use std::io::Write as _;

use exhibit_forge::Random;

pub(super) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    // Memory takes all that is written.
    let _ = encoder.write_all(content);
    encoder.finish().unwrap_or_default()
}

/// One Ogg stream of pages (RFC 3533) with random content.
pub(super) fn ogg(random: &mut Random, size: usize) -> Vec<u8> {
    let mut file = Vec::new();
    let count = (size / 4096).max(2) as u32;
    let serial = random.next() as u32;
    for number in 0..count {
        let data = random.bytes(if number == 0 { 30 } else { 4096 - 27 - 17 });
        let flags = if number == 0 { 2 } else { u8::from(number + 1 == count) * 4 };
        let mut lengths = vec![255_u8; data.len() / 255];
        lengths.push((data.len() % 255) as u8);
        let mut page = vec![b'O', b'g', b'g', b'S', 0, flags];
        page.extend_from_slice(&u64::from(number).to_le_bytes());
        page.extend_from_slice(&serial.to_le_bytes());
        page.extend_from_slice(&number.to_le_bytes());
        page.extend_from_slice(&[0; 4]);
        page.push(lengths.len() as u8);
        page.extend_from_slice(&lengths);
        page.extend_from_slice(&data);
        let crc = page.iter().fold(0_u32, |crc, byte| {
            (0..8)
                .fold(crc ^ u32::from(*byte) << 24, |crc, _| (crc << 1) ^ if crc >> 31 == 1 { 0x04c1_1db7 } else { 0 })
        });
        if let Some(slot) = page.get_mut(22..26) {
            slot.copy_from_slice(&crc.to_le_bytes());
        }
        file.extend(page);
    }
    file
}

/// An archive (ZIP) that holds a file as it is, between two short texts.
pub(super) fn stored(kind: &str, file: &[u8]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    let name = format!("file.{kind}");
    let members: [(&str, &[u8]); 3] = [("first.txt", b"before"), (&name, file), ("last.txt", b"behind")];
    for (name, content) in members {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let mut fields = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x5a];
        fields.extend(crc.sum().to_le_bytes());
        fields.extend((content.len() as u32).to_le_bytes());
        fields.extend((content.len() as u32).to_le_bytes());
        fields.extend((name.len() as u16).to_le_bytes());
        fields.extend([0, 0]);
        directory.extend_from_slice(b"PK\x01\x02\x14\0");
        directory.extend_from_slice(&fields);
        directory.extend([0; 10]);
        directory.extend((archive.len() as u32).to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
        archive.extend_from_slice(b"PK\x03\x04");
        archive.extend_from_slice(&fields);
        archive.extend_from_slice(name.as_bytes());
        archive.extend_from_slice(content);
    }
    let (start, count) = (archive.len() as u32, members.len() as u16);
    archive.extend_from_slice(&directory);
    archive.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    archive.extend(count.to_le_bytes());
    archive.extend(count.to_le_bytes());
    archive.extend((directory.len() as u32).to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0, 0]);
    archive
}
