//! PNG (W3C PNG, second edition): 8-bit RGB, one filter per row, image data in several chunks.

use super::deflate::zlib;
use crate::picture::Picture;

/// The whole file. Image data is cut into IDAT chunks of `chunk_bytes` bytes.
pub(crate) fn encode(picture: &Picture, comment: &str, chunk_bytes: usize) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1A\n".to_vec();
    let mut header = Vec::new();
    header.extend((picture.width as u32).to_be_bytes());
    header.extend((picture.height as u32).to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    chunk(&mut out, b"IHDR", &header);
    chunk(&mut out, b"pHYs", &[0, 0, 0x0B, 0x13, 0, 0, 0x0B, 0x13, 1]);
    chunk(&mut out, b"tEXt", &[b"Comment\0", comment.as_bytes()].concat());
    for piece in zlib(&filtered(picture)).chunks(chunk_bytes.max(1)) {
        chunk(&mut out, b"IDAT", piece);
    }
    chunk(&mut out, b"IEND", &[]);
    out
}

/// Length, type, data, CRC-32 of type and data.
fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend((data.len() as u32).to_be_bytes());
    let mut crc = crc32fast::Hasher::new();
    crc.update(kind);
    crc.update(data);
    out.extend(kind);
    out.extend(data);
    out.extend(crc.finalize().to_be_bytes());
}

/// Rows with their filter byte: Sub and Up by turns, which suits gradients.
fn filtered(picture: &Picture) -> Vec<u8> {
    let mut out = Vec::with_capacity(picture.rgb.len() * 3 + picture.height);
    let mut above: Vec<u8> = vec![0; picture.width * 3];
    for (number, row) in picture.rows().enumerate() {
        let row = row.concat();
        if number % 2 == 0 {
            out.push(1);
            let left = [0; 3].into_iter().chain(row.iter().copied());
            out.extend(row.iter().zip(left).map(|(now, left)| now.wrapping_sub(left)));
        } else {
            out.push(2);
            out.extend(row.iter().zip(&above).map(|(now, above)| now.wrapping_sub(*above)));
        }
        above = row;
    }
    out
}
