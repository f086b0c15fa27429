//! A folder on disk as the checker wants it: files by name.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use exhibit_device::{FileSource, Mapping};
use exhibit_evidence::{Cause, Name, ReadFault, Source};
use exhibit_verify::{Entry, Members};

/// The files below a folder. Links are listed as oddities and never followed.
pub(crate) struct FolderMembers {
    root: PathBuf,
    mapping: Mapping,
    left_out: &'static [&'static str],
}

impl FolderMembers {
    /// The files below `root`, without those in `left_out` (lock files).
    pub(crate) fn new(root: &Path, mapping: Mapping, left_out: &'static [&'static str]) -> Self {
        Self { root: root.to_path_buf(), mapping, left_out }
    }
}

impl Members for FolderMembers {
    fn list(&self) -> Result<Vec<Entry>, ReadFault> {
        use std::os::unix::ffi::OsStrExt as _;
        let found = exhibit_device::walk(&self.root).map_err(|error| ReadFault::new(0, Cause::Io(error)))?;
        let entry = |found: exhibit_device::FolderEntry| match found.relative.to_str() {
            Some(name) => Entry { name: name.to_owned(), size: found.size, oddity: found.special.map(str::to_owned) },
            None => Entry {
                name: Name::new(found.relative.as_os_str().as_bytes()).to_string(),
                size: found.size,
                oddity: Some("its name is not UTF-8".to_owned()),
            },
        };
        let wanted = |entry: &Entry| !self.left_out.contains(&entry.name.as_str());
        Ok(found.into_iter().map(entry).filter(wanted).collect())
    }

    fn open(&self, name: &str) -> Result<Arc<dyn Source>, ReadFault> {
        let bad =
            |text: &str| ReadFault::new(0, Cause::Io(io::Error::new(io::ErrorKind::InvalidInput, text.to_owned())));
        if name.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
            return Err(bad("not a plain relative name"));
        }
        let path = self.root.join(name);
        // A link could lead anywhere: whoever made the folder must not decide what else is read.
        let linked = path.ancestors().take_while(|part| *part != self.root).any(Path::is_symlink);
        if linked {
            return Err(bad("a symbolic link is not followed"));
        }
        let source = FileSource::open(&path, self.mapping).map_err(|error| ReadFault::new(0, Cause::Io(error)))?;
        Ok(Arc::new(source))
    }
}
