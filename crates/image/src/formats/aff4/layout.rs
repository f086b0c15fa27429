//! The words and numbers of AFF4 Standard v1.0, under the names that its document gives them, and our limits on them.

/// Namespace of everything that the standard names.
pub(super) const SCHEMA: &str = "http://aff4.org/Schema#";
/// Namespace before the standard: Evimetry 1 and 2.1, Rekall's first writer.
pub(super) const SCHEMA_LEGACY: &str = "http://afflib.org/2009/aff4#";
/// `a` in Turtle.
pub(super) const RDF_TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
/// Namespace of numbers, times and texts.
pub(super) const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

/// Every AFF4 name begins so.
pub(super) const URN: &str = "aff4://";
/// Member with the name of the volume.
pub(super) const DESCRIPTION: &str = "container.description";
/// Member with the version of the format and of the tool.
pub(super) const VERSION: &str = "version.txt";
/// Member with all metadata.
pub(super) const TURTLE: &str = "information.turtle";

/// Largest `information.turtle`, in bytes (32 MiB): a logical image has some 400 bytes there for each file.
pub(super) const TURTLE_BYTES_MAX: u64 = 32 << 20;
/// Most statements in it; each needs about 100 bytes of memory.
pub(super) const STATEMENTS_MAX: usize = 1_000_000;
/// Nested brackets in it.
pub(super) const NESTING_MAX: u32 = 16;
/// Most members in a volume: bevies of 64 MiB with two companions each reach 40 TiB.
pub(super) const MEMBERS_MAX: u64 = 2_000_000;
/// Bytes of different member names kept, numbers of bevies not counted (64 MiB).
pub(super) const NAMES_BYTES_MAX: usize = 64 << 20;
/// Largest member that is unpacked or kept whole, in bytes (128 MiB).
pub(super) const MEMBER_BYTES_MAX: u64 = 128 << 20;
/// Most points in a map; each needs 40 bytes of memory.
pub(super) const POINTS_MAX: u64 = 2_000_000;
/// Most targets in a map's `idx`.
pub(super) const TARGETS_MAX: usize = 100_000;
/// Largest chunk, in bytes (16 MiB); writers use 32 KiB to 1 MiB.
pub(super) const CHUNK_BYTES_MAX: u64 = 16 << 20;
/// Most chunks in a bevy; writers use 1024 or 2048.
pub(super) const CHUNKS_IN_BEVY_MAX: u64 = 1 << 20;
/// Volumes of one image, and files beside it that are looked at for them.
pub(super) const VOLUMES_MAX: usize = 256;
/// Findings kept when an image is opened or checked; the rest is counted.
pub(super) const FINDINGS_MAX: usize = 10_000;
/// Streams up to this size are digested as a whole when the structure is checked (256 MiB); beyond it their block hashes must do.
pub(super) const STREAM_HASHED_MAX: u64 = 256 << 20;

/// Bytes of a point in `map`.
pub(super) const POINT_BYTES: usize = 28;
/// Bytes of an entry in a bevy's index.
pub(super) const INDEX_ENTRY_BYTES: usize = 12;
/// Symbolic texts begin anew at each multiple of this many bytes.
pub(super) const TILE_BYTES: u64 = 1 << 20;

/// Chunks that we write, in bytes.
pub(super) const CHUNK_BYTES: usize = 32 * 1024;
/// Chunks in a bevy that we write: 32 MiB, at most so much waits in memory and is done again after an interruption.
pub(super) const CHUNKS_IN_BEVY: usize = 1024;
/// Points that we write while imaging, 40 bytes each; chunks of one byte are stored like others from then on.
pub(super) const POINTS_MADE_MAX: usize = 1 << 20;
/// A packed chunk is stored only if it saves more than this; a reader takes a stored length of a whole chunk for raw.
pub(super) const SAVING_MIN: usize = 16;

/// The `u16` at `offset`; 0 where there is none.
pub(super) fn u16_at(bytes: &[u8], offset: usize) -> u16 {
    at(bytes, offset).map_or(0, u16::from_le_bytes)
}

/// The `u32` at `offset`; 0 where there is none.
pub(super) fn u32_at(bytes: &[u8], offset: usize) -> u32 {
    at(bytes, offset).map_or(0, u32::from_le_bytes)
}

/// The `u64` at `offset`; 0 where there is none.
pub(super) fn u64_at(bytes: &[u8], offset: usize) -> u64 {
    at(bytes, offset).map_or(0, u64::from_le_bytes)
}

fn at<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..)?.first_chunk().copied()
}
