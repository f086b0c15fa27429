//! How a package leaves: as it is, encrypted, in parts.
//!
//! A ZIP is patched while it is written, and neither an encrypted file nor a part that is full can be. So the package is made in
//! the case folder under an unfinished name first, and goes from there, encrypted and cut, to where it is wanted. The plain bytes
//! never touch the folder they are sent from.

use std::io::{self, Write};

use exhibit_device::FileSource;
use exhibit_encryption::Recipient;
use exhibit_evidence::{Segment, Source, Store, StoreError, to_hex};
use exhibit_hash::sha256::Sha256;
use exhibit_package::parts::{self, PARTS_MAX, PartFile, PartsManifest};
use exhibit_package::write::Sign;
use exhibit_store::{Folder, PARTIAL_SUFFIX};

use crate::case::Case;
use crate::outcome::{Failure, shown};
use crate::sizes;
use crate::world::{TOOL, World};

/// Bytes moved at a time.
const BLOCK_BYTES: usize = 1 << 20;
/// Smallest part that is cut: below, a package would be mostly names.
pub(crate) const PART_BYTES_MIN: u64 = 64 << 10;

/// What is wanted beyond a plain file.
#[derive(Default)]
pub(crate) struct Wanted {
    /// Public keys to encrypt to.
    pub(crate) recipients: Vec<Recipient>,
    /// Size of a part in bytes.
    pub(crate) split: Option<u64>,
}

impl Wanted {
    /// Whether the package is written as it is.
    pub(crate) fn is_plain(&self) -> bool {
        self.recipients.is_empty() && self.split.is_none()
    }
}

/// A folder in the case where a package lies until it has left. What is in it goes when this is dropped.
pub(crate) struct Outbox {
    folder: Folder,
    name: String,
}

impl Outbox {
    pub(crate) fn new(case: &Case, name: &str) -> Result<Self, Failure> {
        let folder = Folder::at(case.path.join("outbox"))?;
        folder.discard(name)?;
        Ok(Self { folder, name: name.to_owned() })
    }

    /// The finished package, still under its unfinished name.
    fn open(&self, world: &World) -> Result<FileSource, Failure> {
        let path = self.folder.path().join(format!("{}{PARTIAL_SUFFIX}", self.name));
        FileSource::open(&path, world.mapping()).map_err(|error| Failure::io("read back", &path, &error))
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        let _ = self.folder.discard(&self.name);
    }
}

impl Store for Outbox {
    fn create(&self, name: &str) -> Result<Box<dyn Segment>, StoreError> {
        Ok(Box::new(Unnamed(self.folder.create(name)?)))
    }

    fn exists(&self, name: &str) -> bool {
        self.folder.exists(name)
    }
}

/// A segment that is never given its final name.
struct Unnamed(Box<dyn Segment>);

impl Segment for Unnamed {
    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.append(bytes)
    }

    fn patch(&mut self, at: u64, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.patch(at, bytes)
    }

    fn len(&self) -> u64 {
        self.0.len()
    }

    fn seal(mut self: Box<Self>) -> Result<(), StoreError> {
        self.0.rest()?;
        self.0.sync()
    }
}

/// What left.
pub(crate) struct Sent {
    /// The whole, as its parts make it.
    pub(crate) archive: PartFile,
    /// The parts; empty if it was not cut.
    pub(crate) parts: Vec<PartFile>,
}

/// Sends what lies in the outbox to `name` in `folder`.
pub(crate) fn send(
    world: &World,
    outbox: &Outbox,
    folder: &Folder,
    name: &str,
    wanted: &Wanted,
) -> Result<Sent, Failure> {
    let plain = outbox.open(world)?;
    if let Some(split) = wanted.split {
        let parts = plain.size().div_ceil(split.max(1));
        if parts > PARTS_MAX {
            let least = sizes::short(plain.size().div_ceil(PARTS_MAX));
            return Err(Failure::usage(format!("{parts} parts are too many; there may be {PARTS_MAX}"))
                .hint(format!("use parts of at least {least}")));
        }
        exhibit_store::allow_many_files();
    }
    let mut cutter = Cutter { folder, name, split: wanted.split, whole: Sha256::new(), size: 0, parts: Vec::new() };
    if wanted.recipients.is_empty() {
        pour(world, &plain, &mut cutter)?;
    } else {
        let failed = |error: io::Error| Failure::new(format!("encrypting {name}: {error}"));
        let mut random = |bytes: &mut [u8]| getrandom::fill(bytes).map_err(io::Error::other);
        let mut writer = exhibit_encryption::encrypt(&mut cutter, &wanted.recipients, &mut random).map_err(failed)?;
        pour(world, &plain, &mut writer)?;
        writer.finish().map_err(failed)?;
    }
    cutter.seal()
}

fn pour(world: &World, from: &dyn Source, to: &mut dyn Write) -> Result<(), Failure> {
    let mut block = vec![0; BLOCK_BYTES];
    let mut at = 0_u64;
    while at < from.size() {
        if world.cancel.is_cancelled() {
            let text = "stopped on request; nothing has a final name";
            return Err(Failure::of(exhibit_evidence::Class::Interrupted, text));
        }
        let length = usize::try_from(from.size().saturating_sub(at)).unwrap_or(BLOCK_BYTES).min(BLOCK_BYTES);
        let part = block.get_mut(..length).unwrap_or_default();
        from.read_at(at, part).map_err(|fault| Failure::new(format!("the package in the case: {fault}")))?;
        to.write_all(part).map_err(|error| Failure::new(format!("writing the package: {error}")))?;
        at = at.saturating_add(length as u64);
    }
    Ok(())
}

/// A part being made.
struct Open {
    name: String,
    segment: Box<dyn Segment>,
    digest: Sha256,
}

/// Writes one file, or parts of equal size. None has its final name before all are whole.
struct Cutter<'a> {
    folder: &'a Folder,
    name: &'a str,
    split: Option<u64>,
    whole: Sha256,
    size: u64,
    parts: Vec<Open>,
}

impl Cutter<'_> {
    /// Room in the part being made; begins the next one if there is none.
    fn room(&mut self) -> Result<u64, StoreError> {
        let limit = self.split.unwrap_or(u64::MAX);
        let room = self.parts.last().map_or(0, |part| limit.saturating_sub(part.segment.len()));
        if room > 0 {
            return Ok(room);
        }
        let number = (self.parts.len() as u64).saturating_add(1);
        let name = if self.split.is_some() { parts::part_name(self.name, number) } else { self.name.to_owned() };
        if let Some(full) = self.parts.last_mut() {
            full.segment.rest()?;
        }
        let segment = self.folder.create(&name)?;
        self.parts.push(Open { name, segment, digest: Sha256::new() });
        Ok(limit)
    }

    fn seal(self) -> Result<Sent, Failure> {
        let archive = PartFile { name: self.name.to_owned(), size: self.size, sha256: to_hex(&self.whole.finish()) };
        let mut done = Vec::with_capacity(self.parts.len());
        for part in self.parts {
            let (size, sha256) = (part.segment.len(), to_hex(&part.digest.finish()));
            part.segment.seal()?;
            done.push(PartFile { name: part.name, size, sha256 });
        }
        let parts = if self.split.is_some() { done } else { Vec::new() };
        Ok(Sent { archive, parts })
    }
}

impl Write for Cutter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let room = usize::try_from(self.room().map_err(io::Error::other)?).unwrap_or(usize::MAX);
        let piece = bytes.get(..room).unwrap_or(bytes);
        if let Some(part) = self.parts.last_mut() {
            part.segment.append(piece).map_err(io::Error::other)?;
            part.digest.update(piece);
        }
        self.whole.update(piece);
        self.size = self.size.saturating_add(piece.len() as u64);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the list of the parts says besides them.
pub(crate) struct About<'a> {
    pub(crate) case: &'a str,
    pub(crate) created: String,
    pub(crate) recipients: Vec<String>,
    pub(crate) tagmanifest_sha256: &'a str,
}

/// Writes the list of the parts and the signature over it; the list is what can go ahead.
pub(crate) fn announce(folder: &Folder, sent: &Sent, about: About<'_>, sign: &Sign<'_>) -> Result<String, Failure> {
    let manifest = PartsManifest {
        format: parts::FORMAT.to_owned(),
        created: about.created,
        tool: TOOL.to_owned(),
        case: about.case.to_owned(),
        archive: sent.archive.clone(),
        encrypted: !about.recipients.is_empty(),
        recipients: about.recipients,
        tagmanifest_sha256: about.tagmanifest_sha256.to_owned(),
        parts: sent.parts.clone(),
    };
    let bytes = serde_json_canonicalizer::to_vec(&manifest).map_err(|error| Failure::new(error.to_string()))?;
    if bytes.len() as u64 > parts::FILE_BYTES_MAX {
        return Err(
            Failure::usage("the list of the parts is larger than 1 MiB").hint("use larger parts or a shorter name")
        );
    }
    let name = format!("{}{}", sent.archive.name, parts::ENDING);
    let signature =
        sign(parts::SIGNATURE_NAMESPACE, &bytes).map_err(|error| Failure::new(format!("signing {name}: {error}")))?;
    folder.publish(&name, &bytes)?;
    folder.publish(&format!("{name}.sig"), signature.as_bytes())?;
    Ok(shown(&folder.path().join(&name)))
}
