//! An opened AFF4 image.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Finding, Known, ReadFault, Source};

use super::check;
use super::logical::Entry;
use super::map::Target;
use super::open::Assembly;
use super::stream::ImageStream;
use super::volume::Volume;
use crate::{Description, Image, ImageError, LogicalEntry};

/// An opened AFF4 image: a medium, or files, or both.
pub(super) struct Aff4Image {
    description: Description,
    medium: Arc<dyn Source>,
    first: Arc<Volume>,
    volumes: Vec<Arc<Volume>>,
    streams: Vec<Arc<ImageStream>>,
    listed: Vec<LogicalEntry>,
    urns: Vec<String>,
    binding: Option<String>,
}

impl Aff4Image {
    pub(super) fn new(
        description: Description,
        medium: Arc<dyn Source>,
        first: Arc<Volume>,
        volumes: Vec<Arc<Volume>>,
        streams: Vec<Arc<ImageStream>>,
        (entries, binding): (Vec<Entry>, Option<String>),
    ) -> Self {
        let (listed, urns) = entries.into_iter().map(|entry| (entry.listed, entry.urn)).unzip();
        Self { description, medium, first, volumes, streams, listed, urns, binding }
    }
}

impl Source for Aff4Image {
    fn size(&self) -> u64 {
        self.medium.size()
    }
    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        self.medium.read_at(at, buf)
    }
    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        self.medium.known(range)
    }
}

impl Image for Aff4Image {
    fn description(&self) -> &Description {
        &self.description
    }

    fn check_structure(&self, tell: &mut dyn FnMut(Finding)) {
        check::check(&self.volumes, &self.streams, tell);
    }

    fn binding(&self) -> Option<&str> {
        self.binding.as_deref()
    }

    fn unit_bytes(&self) -> u64 {
        u64::from(self.description.chunk_bytes.unwrap_or(32 * 1024))
    }

    fn entries(&self) -> &[LogicalEntry] {
        &self.listed
    }

    fn open_entry(&self, index: usize) -> Result<Arc<dyn Source>, ImageError> {
        let (Some(urn), Some(entry)) = (self.urns.get(index), self.listed.get(index)) else {
            return Err(ImageError::Usage(format!("there is no file number {index} in this image")));
        };
        if entry.folder {
            return Err(ImageError::Usage(format!("{} is a folder", entry.path)));
        }
        let mut assembly = Assembly::of(self.first.clone(), self.volumes.clone());
        let graph = &self.first.graph;
        let content: Arc<dyn Source> = match (graph.iri(urn, "dataStream"), graph.is_a(urn, "Map")) {
            (_, true) => Arc::new(assembly.map(None, urn)?),
            (data, false) => match assembly.target(data.unwrap_or(urn))? {
                Target::Source(source) => source,
                Target::Symbol(_) | Target::Missing(_) => {
                    let text = format!("{}: its contents are in no volume at hand", entry.path);
                    return Err(ImageError::Unsupported(text));
                }
            },
        };
        if content.size() != entry.size_bytes {
            return Err(ImageError::Corrupt {
                part: self.first.part_name().to_owned(),
                structure: "information.turtle",
                offset: 0,
                text: format!("{}: {} bytes are stored, {} are listed", entry.path, content.size(), entry.size_bytes),
            });
        }
        Ok(content)
    }
}
