//! The body of an EXIF APP1 segment: a little TIFF with a thumbnail behind it.

/// Where the thumbnail begins within the body that [`body`] makes.
pub(crate) struct Exif {
    pub(crate) body: Vec<u8>,
    pub(crate) thumbnail_at: usize,
}

/// One 12-byte entry: tag, type, count, value or offset of the value.
fn entry(tag: u16, kind: u16, count: u32, value: u32) -> [u8; 12] {
    let mut bytes = [0; 12];
    let parts = tag.to_le_bytes().into_iter().chain(kind.to_le_bytes());
    let parts = parts.chain(count.to_le_bytes()).chain(value.to_le_bytes());
    bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
    bytes
}

const ASCII: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;
/// Two bytes of order, magic, offset of the first directory.
const TIFF_HEADER: usize = 8;

/// Make, model, time (`2025:06:01 12:00:00`) and a thumbnail in the second directory. The thumbnail must fit a segment.
pub(crate) fn exif(model: &str, time: &str, thumbnail: &[u8]) -> Exif {
    let texts = [("Forge", 0x010F_u16), (model, 0x0110), (time, 0x0132)];
    let first_length = 2 + 12 * (texts.len() + 1) + 4;
    let second_length = 2 + 12 * 3 + 4;
    let texts_at = TIFF_HEADER + first_length + second_length;
    let stored: Vec<Vec<u8>> = texts.iter().map(|(text, _)| [text.as_bytes(), b"\0"].concat()).collect();
    let thumbnail_at = texts_at + stored.iter().map(Vec::len).sum::<usize>();

    let mut tiff = b"II\x2A\0\x08\0\0\0".to_vec();
    tiff.extend((texts.len() as u16 + 1).to_le_bytes());
    let mut at = texts_at;
    for ((_, tag), bytes) in texts.iter().zip(&stored) {
        // Every text here is longer than four bytes, so that its place is outside the entry.
        tiff.extend(entry(*tag, ASCII, bytes.len() as u32, at as u32));
        at += bytes.len();
    }
    // Tags must ascend: 0x0112 (orientation) belongs before 0x0132 (time).
    let time_entry = tiff.split_off(tiff.len() - 12);
    tiff.extend(entry(0x0112, SHORT, 1, 1));
    tiff.extend(time_entry);
    tiff.extend(((TIFF_HEADER + first_length) as u32).to_le_bytes());
    tiff.extend(3_u16.to_le_bytes());
    tiff.extend(entry(0x0103, SHORT, 1, 6));
    tiff.extend(entry(0x0201, LONG, 1, thumbnail_at as u32));
    tiff.extend(entry(0x0202, LONG, 1, thumbnail.len() as u32));
    tiff.extend(0_u32.to_le_bytes());
    tiff.extend(stored.concat());
    tiff.extend(thumbnail);
    Exif { body: [b"Exif\0\0", tiff.as_slice()].concat(), thumbnail_at: thumbnail_at + 6 }
}
