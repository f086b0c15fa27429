//! Opening images from the disk through the doors, and digesting their media.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use exhibit_device::{FileSource, Mapping, siblings};
use exhibit_evidence::{Cancel, DigestSet, Outcome, Silent, Source};
use exhibit_hash::{ALGORITHMS, Want, media_digests};
use exhibit_image::{Beside, Format, Image, ImageError, Part, identify};

pub(crate) fn source(path: &Path) -> Arc<dyn Source> {
    Arc::new(FileSource::open(path, Mapping::Never).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// The format of the file at `path`, and its parts with all that belong to it.
pub(crate) fn parts(path: &Path) -> (&'static dyn Format, Vec<Part>) {
    let format = identify(&*source(path));
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let folder = path.parent().unwrap();
    let first = Part { source: source(path), name };
    (format, format.gather(first, &Folder { path: folder, names: siblings(path).unwrap() }))
}

/// The files beside an image.
struct Folder<'a> {
    path: &'a Path,
    names: Vec<String>,
}

impl Beside for Folder<'_> {
    fn names(&self) -> Vec<String> {
        self.names.clone()
    }
    fn open(&self, name: &str) -> Option<Arc<dyn Source>> {
        self.names.iter().any(|have| have == name).then(|| source(&self.path.join(name)))
    }
}

/// Opens the image of which `path` is a file, as the command line does it.
pub(crate) fn open(path: &Path) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
    let (format, parts) = parts(path);
    format.open(parts)
}

/// Opens the image at `path`, which must have nothing wrong with it, and digests its medium.
pub(crate) fn clean(path: &Path) -> (Arc<dyn Image>, DigestSet) {
    let opened = open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut findings = opened.findings;
    opened.value.check_structure(&mut |finding| findings.push(finding));
    assert!(findings.is_empty(), "{}: {findings:#?}", path.display());
    let digests = digests(&*opened.value);
    (opened.value, digests)
}

/// All digests of a medium that can be read to its end.
pub(crate) fn digests(medium: &dyn Source) -> DigestSet {
    let want = Want { algorithms: ALGORITHMS, tree: false, padding: 0, jobs: 2, files: None, phase: None };
    let media = media_digests(medium, &want, &Silent, &Cancel::new(), &mut |_, _| ()).unwrap();
    assert!(media.faults.is_empty(), "{:?}", media.faults);
    media.digests.unwrap()
}

/// The largest file that comes out of a packed file of the test data.
pub(crate) fn unpacked(name: &str, folder: &Path) -> Option<PathBuf> {
    let packed = exhibit_tests::places::data_file(name)?;
    exhibit_tests::foreign::unpack(&packed, folder)?.into_iter().next()
}
