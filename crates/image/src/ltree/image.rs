//! A logical image: a stream of bytes, and the tree of the files in it.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Finding, Known, ReadFault, Source};

use super::Tree;
use super::contents::Contents;
use crate::{Description, Image, ImageError, LogicalEntry};

/// The medium is the stream that holds the contents of all files, one after another.
pub(crate) struct LogicalImage {
    stream: Arc<dyn Image>,
    entries: Vec<LogicalEntry>,
    contents: Vec<Contents>,
}

impl LogicalImage {
    pub(crate) fn new(stream: Arc<dyn Image>, tree: Tree) -> Self {
        Self { stream, entries: tree.entries, contents: tree.contents }
    }
}

impl Source for LogicalImage {
    fn size(&self) -> u64 {
        self.stream.size()
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        self.stream.read_at(at, buf)
    }

    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        self.stream.known(range)
    }
}

impl Image for LogicalImage {
    fn description(&self) -> &Description {
        self.stream.description()
    }

    fn check_structure(&self, tell: &mut dyn FnMut(Finding)) {
        self.stream.check_structure(tell);
    }

    fn unit_bytes(&self) -> u64 {
        self.stream.unit_bytes()
    }

    fn entries(&self) -> &[LogicalEntry] {
        &self.entries
    }

    fn open_entry(&self, index: usize) -> Result<Arc<dyn Source>, ImageError> {
        match (self.entries.get(index), self.contents.get(index)) {
            (Some(entry), Some(_)) if entry.folder => Err(ImageError::Usage(format!("{} is a folder", entry.path))),
            (Some(_), Some(contents)) => {
                let stream = self.stream.clone();
                Ok(Arc::new(contents.open(Arc::new(stream))))
            }
            _ => Err(ImageError::Usage(format!("there is no file number {index} in this image"))),
        }
    }
}
