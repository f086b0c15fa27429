//! Structures and constants as the format's document names them. All integers are little-endian; sizes in bytes.

/// Signature of Ex01 files.
pub(super) const EVF2: &[u8; 8] = b"EVF2\x0d\x0a\x81\x00";
/// Signature of Lx01 files (logical evidence).
pub(super) const LEF2: &[u8; 8] = b"LEF2\x0d\x0a\x81\x00";

/// File header: signature 8, major version, minor version, compression u16, segment number u32, set identifier 16.
pub(super) const FILE_HEADER_BYTES: usize = 32;
/// Section descriptor: type u32, flags u32, previous descriptor u64, data size u64 (with padding), descriptor size u32,
/// padding size u32, MD5 of the data 16, zero 12, Adler-32 of the 60 bytes before it.
pub(super) const DESCRIPTOR_BYTES: usize = 64;
/// Header of a sector table: first chunk u64, entries u32, zero 4, Adler-32 of the 16 before it, padding 12. The other
/// tables begin with entries u32, zero 12.
pub(super) const TABLE_HEADER_BYTES: usize = 32;
/// Entry of a sector table: offset u64 (or fill pattern 8), size u32, flags u32.
pub(super) const TABLE_ENTRY_BYTES: usize = 16;
/// Entry of the error table: first sector u64, sectors u32, zero 4.
pub(super) const ERROR_ENTRY_BYTES: usize = 16;
/// Entry of the session table: first sector u64, flags u32, zero 20.
pub(super) const SESSION_ENTRY_BYTES: usize = 32;

/// Section types.
pub(super) mod kind {
    pub(in super::super) const DEVICE: u32 = 0x01;
    pub(in super::super) const CASE: u32 = 0x02;
    pub(in super::super) const SECTORS: u32 = 0x03;
    pub(in super::super) const TABLE: u32 = 0x04;
    pub(in super::super) const ERRORS: u32 = 0x05;
    pub(in super::super) const SESSIONS: u32 = 0x06;
    pub(in super::super) const MD5: u32 = 0x08;
    pub(in super::super) const SHA1: u32 = 0x09;
    pub(in super::super) const KEYS: u32 = 0x0b;
    pub(in super::super) const NEXT: u32 = 0x0d;
    pub(in super::super) const DONE: u32 = 0x0f;
    pub(in super::super) const FILES: u32 = 0x20;
}

/// Section flag: the MD5 in the descriptor is set.
pub(super) const SECTION_HASHED: u32 = 1;
/// Section flag: the data is encrypted, in a way that its makers do not disclose.
pub(super) const SECTION_ENCRYPTED: u32 = 2;

/// Chunk flag: compressed.
pub(super) const CHUNK_COMPRESSED: u32 = 1;
/// Chunk flag: an Adler-32 follows the bytes.
pub(super) const CHUNK_CHECKSUM: u32 = 2;
/// Chunk flag, only with [`CHUNK_COMPRESSED`]: nothing is stored, the offset field is a pattern that fills the chunk.
pub(super) const CHUNK_PATTERN: u32 = 4;

/// Compression methods of the file header.
pub(super) const COMPRESSION_NONE: u16 = 0;
pub(super) const COMPRESSION_ZLIB: u16 = 1;
pub(super) const COMPRESSION_BZIP2: u16 = 2;

/// Name of a section type, for people.
pub(super) fn title(kind: u32) -> String {
    let known = match kind {
        kind::DEVICE => "device information",
        kind::CASE => "case data",
        kind::SECTORS => "sector data",
        kind::TABLE => "sector table",
        kind::ERRORS => "error table",
        kind::SESSIONS => "session table",
        0x07 => "increment data",
        kind::MD5 => "MD5 hash",
        kind::SHA1 => "SHA-1 hash",
        0x0a => "restart data",
        kind::KEYS => "encryption keys",
        0x0c => "memory extents",
        kind::NEXT => "next",
        0x0e => "final information",
        kind::DONE => "done",
        0x10 => "analytical data",
        kind::FILES => "single files data",
        0x21..=0x23 => "single files table",
        other => return format!("section of unknown type 0x{other:x}"),
    };
    known.to_owned()
}
