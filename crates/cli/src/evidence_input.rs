//! Opening what a person names: an image with all its files, or a device, or just a file.

use std::cell::RefCell;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;
use std::sync::Arc;

use exhibit_device::FileSource;
use exhibit_evidence::acquisition::{Acquisition, FORMAT};
use exhibit_evidence::{Finding, Name, Source};
use exhibit_image::{Beside, Format, Image, Part, identify};

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
    let format = identify(&*parts.first);
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
    let About { record, problem, tree } = about(&folder, &name);
    let siblings = exhibit_device::siblings(path).map_err(|error| failed(&error))?;
    let first: Arc<dyn Source> = Arc::new(first);
    let beside = Siblings { folder: &folder, names: siblings, mapping: world.mapping(), failed: RefCell::default() };
    let gathered = identify(&*first).gather(Part { name, source: first.clone() }, &beside);
    let mut files: Vec<(String, Arc<dyn Source>)> = gathered.into_iter().map(|part| (part.name, part.source)).collect();
    // What the record names belongs to the image as well, even if its first bytes were changed.
    let named = record.iter().flat_map(|record| &record.segments).map(|segment| segment.name.clone());
    for name in named.filter(|name| beside.names.contains(name)) {
        if files.iter().all(|(have, _)| *have != name)
            && let Some(source) = beside.open(&name)
        {
            files.push((name, source));
        }
    }
    if let Some(failure) = beside.failed.into_inner() {
        return Err(failure);
    }
    Ok(Parts { first, files, record, record_problem: problem, tree })
}

/// The files in the folder of an image.
struct Siblings<'a> {
    folder: &'a Path,
    names: Vec<String>,
    mapping: exhibit_device::Mapping,
    /// The first file that is there and cannot be opened: that is an error of the work, not a missing segment.
    failed: RefCell<Option<Failure>>,
}

impl Beside for Siblings<'_> {
    fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    fn open(&self, name: &str) -> Option<Arc<dyn Source>> {
        // Containers name their files in their contents: never follow such a name out of the folder.
        if !self.names.iter().any(|have| have == name) {
            return None;
        }
        let path = self.folder.join(name);
        match FileSource::open(&path, self.mapping) {
            Ok(source) => Some(Arc::new(source)),
            Err(error) => {
                self.failed.borrow_mut().get_or_insert_with(|| Failure::io("open", &path, &error));
                None
            }
        }
    }
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

/// What lies beside an image and is about it.
#[derive(Default)]
struct About {
    record: Option<Acquisition>,
    /// Why a record that is there could not be read.
    problem: Option<String>,
    tree: Option<Arc<dyn Source>>,
}

/// The acquisition record and tree that lie beside `name` in `folder`.
fn about(folder: &Path, name: &str) -> About {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let path = folder.join(format!("{stem}.acquisition.json"));
    if path.symlink_metadata().is_err() {
        return About::default();
    }
    let problem = |text: String| About { problem: Some(format!("{}: {text}", shown(&path))), ..About::default() };
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
        return About::default(); // the hash tree of an image was named: it is no image, and the record speaks of another file
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
    About { record: Some(record), problem: None, tree: tree.map(|tree| Arc::new(tree) as Arc<dyn Source>) }
}
