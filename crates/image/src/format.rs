//! What an image format is, and what it makes.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, DigestSet, Finding, Instant, Outcome, Segment, Source, Store};

use crate::{ImageError, LogicalEntry};

/// A container format, as a value in the table [`crate::FORMATS`].
pub trait Format: Sync {
    /// What there is to say about the format.
    fn spec(&self) -> &'static Spec;

    /// Whether a file with these ends is of this format. Never looks at names.
    fn probe(&self, ends: &Ends) -> Match;

    /// The files that belong to the image of which `first` is one, out of `names` (all files beside it), in order.
    fn segments(&self, first: &str, names: &[String]) -> Vec<String> {
        let _ = names;
        vec![first.to_owned()]
    }

    /// The files of the image of which `first` is one: as [`Format::segments`] names them, unless the format names its
    /// files (extents, parents) in their contents. Names that lead out of the folder are not followed.
    fn gather(&self, first: Part, beside: &dyn Beside) -> Vec<Part> {
        let names = self.segments(&first.name, &beside.names());
        let found = |name: String| {
            if name == first.name {
                return Some(first.clone());
            }
            beside.open(&name).map(|source| Part { name, source })
        };
        names.into_iter().filter_map(found).collect()
    }

    /// Opens an image from its files: as [`Format::gather`] gives them, or in any order where the files themselves say how
    /// they belong together.
    ///
    /// # Errors
    /// Only if there is nothing to open; lesser damage is in the findings.
    fn open(&self, parts: Vec<Part>) -> Result<Outcome<Arc<dyn Image>>, ImageError>;

    /// Begins a new image.
    ///
    /// # Errors
    /// [`ImageError::Unsupported`] for formats that are only read; otherwise if the first file cannot be made.
    fn create(&self, store: Arc<dyn Store>, how: &Create) -> Result<Box<dyn ImageWriter>, ImageError> {
        let _ = (store, how);
        Err(ImageError::Unsupported(format!("{} is read, not written", self.spec().title)))
    }

    /// Goes on with an image whose files are unfinished: cuts them to `at`, opens what is sealed for reading again, and
    /// makes a writer that goes on behind it. `how` is what the image was begun with; `reopen` opens an unfinished file of
    /// ours by its final name. The caller reads the sealed medium again and believes only what it then finds.
    ///
    /// # Errors
    /// [`ImageError::Unsupported`] for formats that cannot; otherwise if the files are not what `at` says.
    fn resume(
        &self,
        store: Arc<dyn Store>,
        how: &Create,
        at: &Checkpoint,
        reopen: &dyn Fn(&str) -> std::io::Result<Arc<dyn Source>>,
    ) -> Result<Resumed, ImageError> {
        let _ = (store, how, at, reopen);
        Err(ImageError::Unsupported(format!("{} cannot be resumed", self.spec().title)))
    }
}

/// The bytes by which a file is recognised.
#[derive(Debug, Clone, Default)]
pub struct Ends {
    /// Size of the file in bytes.
    pub size_bytes: u64,
    /// The first bytes, up to [`Ends::HEAD_BYTES`].
    pub head: Vec<u8>,
    /// The last bytes, up to [`Ends::TAIL_BYTES`]; they overlap `head` in a small file.
    pub tail: Vec<u8>,
}

impl Ends {
    /// Most bytes in `head`.
    pub const HEAD_BYTES: u64 = 4096;
    /// Most bytes in `tail`: a fixed VHD has its only signature in the last 512.
    pub const TAIL_BYTES: u64 = 512;

    /// The ends of `source`; what cannot be read is left out.
    #[must_use]
    pub fn of(source: &dyn Source) -> Self {
        let read = |at: u64, length: u64| {
            let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
            match source.read_at(at, &mut bytes) {
                Ok(()) => bytes,
                Err(fault) => {
                    bytes.truncate(fault.good);
                    bytes
                }
            }
        };
        let size = source.size();
        let tail = size.min(Self::TAIL_BYTES);
        Self {
            size_bytes: size,
            head: read(0, size.min(Self::HEAD_BYTES)),
            tail: read(size.saturating_sub(tail), tail),
        }
    }
}

/// The files beside an image: those its container may name.
pub trait Beside {
    /// Their names, without folder.
    fn names(&self) -> Vec<String>;
    /// One of them, opened; `None` if it is not there or cannot be opened.
    fn open(&self, name: &str) -> Option<Arc<dyn Source>>;
}

/// A place from which an unfinished image can be gone on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Bytes of the medium that the files hold for good: a multiple of [`exhibit_hash::BLOCK_BYTES`], or all.
    pub medium_bytes: u64,
    /// Name and length of each file that holds them; what lies beyond the length is cut off when resuming.
    pub files: Vec<(String, u64)>,
    /// What the format itself needs in order to go on, as it likes; plain text.
    pub state: String,
}

/// An unfinished image, opened again.
pub struct Resumed {
    /// Goes on behind what is sealed.
    pub writer: Box<dyn ImageWriter>,
    /// The sealed part of the medium, exactly [`Checkpoint::medium_bytes`] long.
    pub medium: Arc<dyn Source>,
}

/// How sure a probe is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// Not this format.
    No,
    /// Could be anything, this as well.
    Weak,
    /// The signature of this format.
    Sure,
}

/// What there is to say about a format.
#[derive(Debug)]
pub struct Spec {
    /// Lower-case id, as `--format` takes it.
    pub id: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Extension of the first file, without dot.
    pub extension: &'static str,
    /// The document or fact sheet it follows.
    pub reference: &'static str,
    /// What can be done with it.
    pub abilities: Abilities,
}

/// What can be done with a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// Whether it can be written.
    pub write: bool,
    /// Whether the container itself guards its contents with checksums.
    pub checksums: bool,
}

/// One file of an image.
#[derive(Clone)]
pub struct Part {
    /// File name without folder.
    pub name: String,
    /// Its bytes.
    pub source: Arc<dyn Source>,
}

/// An opened image.
pub trait Image: Source {
    /// What the container says about itself.
    fn description(&self) -> &Description;

    /// Checks every structure that opening did not need to read (chunk tables, for example), telling each finding.
    fn check_structure(&self, tell: &mut dyn FnMut(Finding));

    /// The name of what binds all of the medium where it is no digest of the medium itself ([`Description::stored`]): a digest
    /// over those of all chunks and the map, which [`Image::check_structure`] compares, as reading compares every chunk.
    fn binding(&self) -> Option<&str> {
        None
    }

    /// Bytes that are stored and checked together, so that damage can be placed: the chunk size of an E01.
    fn unit_bytes(&self) -> u64;

    /// The files that a logical image lists; none in an image of a medium.
    fn entries(&self) -> &[LogicalEntry] {
        &[]
    }

    /// The contents of one of [`Image::entries`], by its index.
    ///
    /// # Errors
    /// If there is no such file, or the image is too damaged to read it.
    fn open_entry(&self, index: usize) -> Result<Arc<dyn Source>, ImageError> {
        Err(ImageError::Usage(format!("there is no file number {index} in this image")))
    }
}

/// What a container says about itself.
#[derive(Debug, Clone, Default)]
pub struct Description {
    /// Id of the format.
    pub format: &'static str,
    /// The dialect, in words.
    pub title: String,
    /// Size of the medium in bytes.
    pub size_bytes: u64,
    /// Sector size the container states; 512 where it states none.
    pub sector_bytes: u32,
    /// Bytes in a chunk, where there are chunks.
    pub chunk_bytes: Option<u32>,
    /// Zero bytes that the container stores after the medium, to fill its last sector.
    pub padding_bytes: u32,
    /// Case number, examiner, notes, …: key and value, in the container's order, times as written.
    pub metadata: Vec<(&'static str, String)>,
    /// Digests stored in the container; they cover medium and padding.
    pub stored: DigestSet,
    /// Ranges the container marks as unreadable.
    pub gaps: Vec<ByteRange>,
    /// Its files.
    pub segments: Vec<SegmentInfo>,
}

/// A file of an image, as found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentInfo {
    /// File name without folder.
    pub name: String,
    /// Size in bytes.
    pub size_bytes: u64,
}

/// How hard to compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Stored.
    None,
    /// As fast as deflate goes with useful results.
    Fast,
    /// As small as deflate goes.
    Best,
}

impl Compression {
    /// Id as `--compression` takes it.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Fast => "fast",
            Self::Best => "best",
        }
    }
}

/// Facts about the case that containers have room for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Case number.
    pub case_number: String,
    /// Evidence number.
    pub evidence_number: String,
    /// Unique description.
    pub description: String,
    /// Examiner.
    pub examiner: String,
    /// Notes.
    pub notes: String,
    /// Model of the source.
    pub model: String,
    /// Serial number of the source.
    pub serial: String,
    /// Tool version, at most 11 characters in an E01.
    pub tool_version: String,
    /// Operating system, at most 23 characters in an E01.
    pub system: String,
}

/// How to write an image.
#[derive(Debug, Clone)]
pub struct Create {
    /// Name without extension.
    pub base: String,
    /// Size of the medium in bytes; exactly so many will be written.
    pub size_bytes: u64,
    /// Logical sector size of the medium.
    pub sector_bytes: u32,
    /// How hard to compress.
    pub compression: Compression,
    /// Largest file, in bytes; `None` for the format's default.
    pub segment_size_bytes: Option<u64>,
    /// Whether the medium is a physical device (not a file or volume).
    pub physical: bool,
    /// Facts about the case.
    pub metadata: Metadata,
    /// Identifier shared by all files of the image.
    pub set_id: [u8; 16],
    /// When the acquisition began.
    pub started: Instant,
}

/// A block, made ready for the container on any thread.
#[derive(Debug, Default)]
pub struct Encoded {
    /// Container bytes; empty if the block itself is what is stored.
    pub bytes: Vec<u8>,
    /// For chunked containers: the end of each chunk in `bytes`, and whether it is compressed.
    pub chunks: Vec<(u32, bool)>,
}

/// The part of writing that needs no order: compressing and check-summing. Pure.
pub trait Encoder: Send + Sync {
    /// Makes `block` ready. Blocks start at multiples of [`exhibit_hash::BLOCK_BYTES`].
    fn encode(&self, block: &[u8]) -> Encoded;
}

/// What stands in an image where the medium could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// Zero bytes.
    Zero,
    /// The text `UNREADABLEDATA` over and over, begun anew at each MiB of the medium: what every reader of an AFF4 image
    /// sees there.
    UnreadableData,
}

impl Fill {
    /// The word for it in an acquisition record.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::UnreadableData => "UNREADABLEDATA",
        }
    }

    /// Puts it into `buf`, which lies at byte `at` of the medium.
    pub fn put(self, at: u64, buf: &mut [u8]) {
        const TEXT: &[u8] = b"UNREADABLEDATA";
        match self {
            Self::Zero => buf.fill(0),
            Self::UnreadableData => {
                let mut place = at % (1 << 20);
                for byte in buf {
                    let letter = usize::try_from(place % TEXT.len() as u64).unwrap_or(0);
                    *byte = TEXT.get(letter).copied().unwrap_or(0);
                    place = place.wrapping_add(1) % (1 << 20);
                }
            }
        }
    }
}

/// The part of writing that needs order.
pub trait ImageWriter: Send {
    /// The encoder for this image.
    fn encoder(&self) -> Arc<dyn Encoder>;

    /// What whoever reads the medium puts into a block where it could not be read. Digests cover it.
    fn fill(&self) -> Fill {
        Fill::Zero
    }

    /// Whether the one file of the image is the medium itself, and its encoder does nothing.
    fn is_medium(&self) -> bool {
        false
    }

    /// From here on the SHA-256 of the files is computed by `lane`. With `covers_medium` the caller computes that of the
    /// medium as well and gives it to [`ImageWriter::finish`].
    fn hash_files_on(&mut self, lane: &exhibit_hash::FileLane, covers_medium: bool) {
        let _ = (lane, covers_medium);
    }

    /// Adds the next block, as encoded by this image's encoder.
    ///
    /// # Errors
    /// If it cannot be written, or more comes than was announced.
    fn write(&mut self, block: &[u8], encoded: Encoded) -> Result<(), ImageError>;

    /// Makes what the files hold for good durable and says how much of the medium that is; `None` if the format cannot go
    /// on from a checkpoint. May lag behind what was written, never runs ahead of it, changes nothing of the output.
    ///
    /// # Errors
    /// If it could not be made durable.
    fn checkpoint(&mut self) -> Result<Option<Checkpoint>, ImageError> {
        Ok(None)
    }

    /// Ends the image. `stored` are the digests of the medium as stored (with padding), `gaps` what is fill.
    /// All files are complete, synced, and still unfinished by name: the caller seals them when it has checked them.
    ///
    /// # Errors
    /// If it cannot be written, or less came than was announced.
    fn finish(self: Box<Self>, stored: &DigestSet, gaps: &[ByteRange]) -> Result<Written, ImageError>;
}

/// A written image.
pub struct Written {
    /// Its files, in order.
    pub segments: Vec<UnsealedSegment>,
    /// What there is to say, for example gaps that the format has no room for.
    pub findings: Vec<Finding>,
}

/// A complete file under its unfinished name.
pub struct UnsealedSegment {
    /// Final name.
    pub name: String,
    /// The file.
    pub segment: Box<dyn Segment>,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
}
