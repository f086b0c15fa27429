//! Structures and constants as the format's document names them. All integers are little-endian; sizes in bytes.

/// Signature of E01 and S01 files ("EVF").
pub(super) const EVF: &[u8; 8] = b"EVF\x09\x0d\x0a\xff\x00";
/// Signature of L01 files (logical evidence).
pub(super) const LVF: &[u8; 8] = b"LVF\x09\x0d\x0a\xff\x00";
/// Signature of files encrypted by AccessData tools, whatever their extension.
pub(super) const ADCRYPT: &[u8; 8] = b"ADCRYPT\x00";

/// File header: signature 8, fields start 0x01, segment number u16, fields end 0x0000.
pub(super) const FILE_HEADER_BYTES: usize = 13;
/// Section descriptor: type 16, next offset u64, size u64, padding 40, Adler-32 of the 72 bytes before it.
pub(super) const DESCRIPTOR_BYTES: usize = 76;
/// Payload of `volume`, `disk` and `data` sections since EnCase.
pub(super) const VOLUME_BYTES: usize = 1052;
/// Payload of `volume` in SMART and original files.
pub(super) const VOLUME_SMART_BYTES: usize = 94;
/// Header of `table` and `table2`: entries u32, padding 4, base offset u64, padding 4, Adler-32 of the 20 before it.
pub(super) const TABLE_HEADER_BYTES: usize = 24;
/// In a table entry: the chunk is a zlib stream.
pub(super) const COMPRESSED: u32 = 0x8000_0000;
/// An Adler-32 follows a stored chunk, a table's entries, and ends most structures.
pub(in crate::formats) const CHECKSUM_BYTES: usize = 4;
/// Payload of `hash`: MD5 16, unknown 16, Adler-32.
pub(super) const HASH_BYTES: usize = 36;
/// Payload of `digest`: MD5 16, SHA-1 20, zero 40, Adler-32.
pub(super) const DIGEST_BYTES: usize = 80;
/// Header of `error2`: entries u32, zero 512, Adler-32.
pub(super) const ERROR2_HEADER_BYTES: usize = 520;

/// Header of `ltree`: MD5 of the text 16, its length u64, Adler-32 of the header with this field zero, zero 20.
pub(in crate::formats) const LTREE_HEADER_BYTES: usize = 48;
/// Header of `session`: entries u32, zero 28, Adler-32.
pub(super) const SESSION_HEADER_BYTES: usize = 36;
/// Entry of `session`: flags u32, first sector u32, zero 24.
pub(super) const SESSION_ENTRY_BYTES: usize = 32;
/// Session flag: an audio track.
pub(super) const SESSION_AUDIO: u32 = 1;

/// Media flag: an image file; always set by EnCase, FTK and libewf.
pub(super) const MEDIA_FLAG_IMAGE: u8 = 0x01;
/// Media flag: a physical device, otherwise a logical volume.
pub(super) const MEDIA_FLAG_PHYSICAL: u8 = 0x02;

/// Sectors in a chunk of 512-byte sectors, as every tool writes by default: 32 KiB.
pub(super) const CHUNK_BYTES: usize = 32 * 1024;

/// Limits on hostile images: largest chunk, sections in a file, entries in a table, inflated header.
/// 32768 sectors of 512 bytes are the most that ewfacquire and EnCase offer; each reading thread may hold two chunks.
pub(in crate::formats) const CHUNK_BYTES_MAX: u64 = 16 << 20;
/// With 1024 chunks in each table, as we write them, so many sections of one file hold 40 TiB; each costs 32 bytes.
pub(super) const SECTIONS_MAX: usize = 4_000_000;
pub(in crate::formats) const TABLE_ENTRIES_MAX: u32 = 4_000_000;
pub(in crate::formats) const HEADER_TEXT_MAX: usize = 4 << 20;
/// Most bytes of compressed header read.
pub(in crate::formats) const HEADER_PAYLOAD_MAX: u64 = 4 << 20;
/// Findings kept when an image is opened; the rest is counted.
pub(super) const FINDINGS_MAX: usize = 10_000;
/// Sessions of an optical disc that are described.
pub(in crate::formats) const SESSIONS_MAX: usize = 1000;
/// Entries of error2 read.
pub(in crate::formats) const ERRORS_MAX: u32 = 4_000_000;

/// The sentence in the notes that tells the true length of a medium that does not end on a sector. E01 counts sectors;
/// this keeps the byte count inside the container, readable in every tool.
pub(super) const PADDING_NOTE: [&str; 2] = ["[Source length: ", " bytes; last sector filled up with zeros.]"];

/// u32 at `offset`, zero if the bytes end before; callers check lengths first.
pub(in crate::formats) fn u32_at(bytes: &[u8], offset: usize) -> u32 {
    bytes.get(offset..).and_then(|tail| tail.first_chunk()).map_or(0, |field| u32::from_le_bytes(*field))
}

/// u64 at `offset`, zero if the bytes end before; callers check lengths first.
pub(in crate::formats) fn u64_at(bytes: &[u8], offset: usize) -> u64 {
    bytes.get(offset..).and_then(|tail| tail.first_chunk()).map_or(0, |field| u64::from_le_bytes(*field))
}

/// Adler-32 seeded with 1, as everywhere in this format.
pub(in crate::formats) fn adler32(bytes: &[u8]) -> u32 {
    simd_adler32::adler32(&bytes)
}
