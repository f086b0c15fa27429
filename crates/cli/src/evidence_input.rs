//! Opening what a person names: an image with all its files, or a device, or just a file.

use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;
use std::sync::Arc;

use exhibit_device::FileSource;
use exhibit_evidence::acquisition::{Acquisition, FORMAT};
use exhibit_evidence::{Finding, Name, Source};
use exhibit_image::{Format, Image, Part, identify};

use crate::outcome::{Failure, shown};
use crate::world::World;

/// Largest acquisition record read: a million gaps have room.
const RECORD_BYTES_MAX: u64 = 256 << 20;

/// An image with everything that belongs to it.
pub(crate) struct Evidence {
    pub(crate) image: Arc<dyn Image>,
    pub(crate) format: &'static dyn Format,
    /// What opening it showed.
    pub(crate) findings: Vec<Finding>,
    /// The acquisition record beside it, if there is one that can be read.
    pub(crate) record: Option<Acquisition>,
}

/// Whether `path` is a block device.
pub(crate) fn is_device(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_block_device())
}

/// Opens the image of which `path` is a file. A block device is opened as a raw image of itself: reading only, so no
/// write protection is asked for, but a device mounted read-write is refused as always.
pub(crate) fn open(world: &World, path: &Path) -> Result<Evidence, Failure> {
    let parts = open_parts(world, path)?;
    if let Some(problem) = &parts.record_problem {
        world.complain(&format!("warning: the acquisition record beside the image cannot be read: {problem}"));
    }
    let mut head = vec![0; usize::try_from(parts.first.size().min(512)).unwrap_or(0)];
    parts.first.read_at(0, &mut head).map_err(|fault| Failure::new(format!("{}: {fault}", shown(path))))?;
    let format = identify(&head);
    let part = |(name, source): &(String, Arc<dyn Source>)| Part { name: name.clone(), source: source.clone() };
    let opened = format.open(parts.files.iter().map(part).collect());
    let opened = opened.map_err(|error| Failure::of(error.class(), format!("{}: {error}", shown(path))))?;
    Ok(Evidence { image: opened.value, format, findings: opened.findings, record: parts.record })
}

/// The files of an image, not yet opened as one.
pub(crate) struct Parts {
    /// The file that was named.
    first: Arc<dyn Source>,
    /// All files of the image: name without folder, bytes.
    pub(crate) files: Vec<(String, Arc<dyn Source>)>,
    /// The acquisition record beside it, if there is one that can be read.
    pub(crate) record: Option<Acquisition>,
    /// Why a record that lies beside it could not be read.
    pub(crate) record_problem: Option<String>,
    /// The tree file that the record names, if it is there.
    pub(crate) tree: Option<Arc<dyn Source>>,
}

/// Opens the files that belong to the image of which `path` is one.
pub(crate) fn open_parts(world: &World, path: &Path) -> Result<Parts, Failure> {
    if is_device(path) {
        let opened = open_for_looking(path)?;
        let files = vec![(shown(path), opened.source.clone())];
        return Ok(Parts { first: opened.source, files, record: None, record_problem: None, tree: None });
    }
    let failed = |error: &std::io::Error| Failure::io("open", path, error);
    let first = FileSource::open(path, world.mapping()).map_err(|error| failed(&error))?;
    let mut head = vec![0; usize::try_from(first.size().min(512)).unwrap_or(0)];
    first.read_at(0, &mut head).map_err(|fault| Failure::new(format!("{}: {fault}", shown(path))))?;
    if path.file_name().is_some_and(|name| name.to_str().is_none()) {
        // Names of segments and records are text. A file whose name is not stands by itself.
        let first: Arc<dyn Source> = Arc::new(first);
        let files = vec![(shown(path), first.clone())];
        return Ok(Parts { first, files, record: None, record_problem: None, tree: None });
    }
    let (folder, name) = crate::store_paths::split(path)?;
    let Beside { record, problem, tree } = beside(&folder, &name);
    let siblings = exhibit_device::siblings(path).map_err(|error| failed(&error))?;
    let mut names = identify(&head).segments(&name, &siblings);
    if let Some(record) = &record {
        // What the record names belongs to the image as well, even if its first bytes were changed.
        let named = record.segments.iter().map(|segment| segment.name.clone());
        names.extend(named.filter(|name| siblings.contains(name)));
    }
    names.sort();
    names.dedup();
    let mut files = Vec::new();
    for sibling in names {
        let sibling_path = folder.join(&sibling);
        let source = FileSource::open(&sibling_path, world.mapping());
        let source = source.map_err(|error| Failure::io("open", &sibling_path, &error))?;
        files.push((sibling, Arc::new(source) as Arc<dyn Source>));
    }
    Ok(Parts { first: Arc::new(first), files, record, record_problem: problem, tree })
}

/// A device, opened only to look at it.
fn open_for_looking(path: &Path) -> Result<exhibit_device::Opened, Failure> {
    let opened = exhibit_device::open_source(path, Some("read only to look at it, nothing is acquired"));
    opened.map_err(|error| open_failure(path, &error))
}

/// A refused or failed opening, in words.
pub(crate) fn open_failure(path: &Path, error: &exhibit_device::OpenError) -> Failure {
    use crate::outcome::Exit;
    use exhibit_device::OpenError;
    let failure = match error {
        OpenError::Io(error) => return Failure::io("open", path, error),
        other => Failure::new(format!("{} is refused: {other}", shown(path))),
    };
    match error {
        OpenError::MountedWritable { .. } => failure.exit(Exit::Refused).hint("unmount it (umount), or remount it read-only, and try again"),
        OpenError::NotWriteProtected => failure.exit(Exit::Refused).hint(
            "attach it through a write blocker, or set it read-only (blockdev --setro DEVICE), or say why that is not needed \
             with --no-write-block REASON, which is recorded",
        ),
        OpenError::Io(_) | OpenError::Kind(_) => failure,
    }
}

/// What lies beside an image.
#[derive(Default)]
struct Beside {
    record: Option<Acquisition>,
    /// Why a record that is there could not be read.
    problem: Option<String>,
    tree: Option<Arc<dyn Source>>,
}

/// The acquisition record and tree that lie beside `name` in `folder`.
fn beside(folder: &Path, name: &str) -> Beside {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let path = folder.join(format!("{stem}.acquisition.json"));
    if path.symlink_metadata().is_err() {
        return Beside::default();
    }
    let problem = |text: String| Beside { problem: Some(format!("{}: {text}", shown(&path))), ..Beside::default() };
    let bytes = match exhibit_device::read_small(&path, RECORD_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(error) => return problem(error.to_string()),
    };
    let value = match exhibit_custody::strict_json::parse(&bytes, bytes.len()) {
        Ok(value) => value,
        Err(fault) => return problem(fault.to_string()),
    };
    let record: Acquisition = match serde_json::from_value(value) {
        Ok(record) => record,
        Err(error) => return problem(error.to_string()),
    };
    if record.tree.file == name {
        return Beside::default(); // the hash tree of an image was named: it is no image, and the record speaks of another file
    }
    if !record.segments.iter().any(|segment| segment.name == name) {
        return problem(format!("it is the record of other files, and does not name {}", Name::from(name)));
    }
    if record.format != FORMAT {
        return problem(format!("format {:?}, expected {FORMAT:?}", record.format));
    }
    // The name comes from a file: it must not lead anywhere else.
    let plain = !record.tree.file.contains(['/', '\\']) && record.tree.file != "..";
    let tree_path = folder.join(&record.tree.file);
    let tree = plain.then(|| FileSource::open(&tree_path, exhibit_device::Mapping::Never).ok()).flatten();
    Beside { record: Some(record), problem: None, tree: tree.map(|tree| Arc::new(tree) as Arc<dyn Source>) }
}
