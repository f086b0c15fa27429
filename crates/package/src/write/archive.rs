//! The ZIP64 archive: every choice that would make two archives of the same package differ is made here, once.

use std::io::Write as _;

use exhibit_evidence::Segment;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::error::PackageError;
use super::segment_writer::{Abandon, SegmentWriter};
use crate::layout::BAGIT;
use crate::manifest::Role;

/// Fixed, because other levels make other bytes.
const DEFLATE_LEVEL: i64 = 6;

/// The compressor is handed a member in pieces of 1 MiB from its start: where its input ends it forgets the match that it was
/// about to make, so other pieces make other bytes. A checker that deflates again does the same (`docs/spec/verification.md`).
const PIECE_BYTES: usize = 1 << 20;

/// From this size in bytes on, a member's sizes are written in their 64-bit form. Below 4 GiB, since a deflated member can
/// be a little larger than what it holds.
const LARGE_FROM: u64 = 0xF000_0000;

/// Endings of files that are text, and so are deflated. Everything else is stored: images and pictures are compressed
/// already, and stored bytes can be carved out of a damaged archive.
const TEXT_ENDINGS: [&str; 14] =
    ["csv", "css", "dfxml", "html", "json", "jsonl", "jsonld", "log", "md", "sig", "svg", "tsv", "txt", "xml"];

/// An archive being written. All members lie in one folder, as RFC 8493 (section 4) asks of a serialised bag.
pub(super) struct Archive {
    zip: ZipWriter<SegmentWriter>,
    folder: String,
    abandon: Abandon,
}

impl Archive {
    pub(super) fn begin(segment: Box<dyn Segment>, folder: &str) -> Self {
        let abandon = Abandon::default();
        let zip = ZipWriter::new(SegmentWriter::new(segment, abandon.clone()));
        Self { zip, folder: folder.to_owned(), abandon }
    }

    /// Begins a member of `size` bytes; [`Archive::write`] follows.
    pub(super) fn start(&mut self, path: &str, size: u64, role: Option<Role>) -> Result<(), PackageError> {
        let method = method(path, role);
        let level = (method == CompressionMethod::Deflated).then_some(DEFLATE_LEVEL);
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .compression_level(level)
            .last_modified_time(DateTime::DEFAULT) // 1980-01-01 00:00:00, the first moment a ZIP can name
            .unix_permissions(0o644)
            .system(System::Unix)
            .large_file(size >= LARGE_FROM);
        let name = format!("{}/{path}", self.folder);
        self.zip.start_file(name, options).map_err(|error| PackageError::archive(path, error))
    }

    /// Adds bytes to the member begun last: all of them, or every time but the last a multiple of 1 MiB.
    pub(super) fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), PackageError> {
        let mut pieces = bytes.chunks(PIECE_BYTES);
        pieces
            .try_for_each(|piece| self.zip.write_all(piece))
            .map_err(|error| PackageError::archive(path, error.into()))
    }

    /// A small member at once.
    pub(super) fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), PackageError> {
        self.start(path, bytes.len() as u64, None)?;
        self.write(path, bytes)
    }

    /// The work has failed: what was written keeps its unfinished name and gets no directory.
    pub(super) fn abandon(&self) {
        self.abandon.now();
    }

    /// Writes the directory and gives the archive its final name. Returns its size in bytes.
    pub(super) fn finish(self) -> Result<u64, PackageError> {
        let abandon = self.abandon.clone();
        let finished = self.zip.finish().map_err(|error| PackageError::archive("the archive's directory", error));
        let writer = finished.inspect_err(|_| abandon.now())?;
        writer.seal().map_err(PackageError::store)
    }
}

fn method(path: &str, role: Option<Role>) -> CompressionMethod {
    let ending = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending);
    let text = ending.is_some_and(|ending| TEXT_ENDINGS.contains(&ending.to_ascii_lowercase().as_str()));
    let image = matches!(role, Some(Role::ImageSegment | Role::HashTree));
    if text && !image && path != BAGIT { CompressionMethod::Deflated } else { CompressionMethod::Stored }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_deflated_and_images_never_are_whatever_they_are_called() {
        assert_eq!(method("exhibit/report.html", None), CompressionMethod::Deflated);
        assert_eq!(method("data/items/1/a.JSON", Some(Role::Other)), CompressionMethod::Deflated);
        assert_eq!(method("data/items/1/disk.txt", Some(Role::ImageSegment)), CompressionMethod::Stored);
        for path in [BAGIT, "data/items/1/disk.E01", "data/items/1/a.jpg", "data/items/x.txt/noending"] {
            assert_eq!(method(path, None), CompressionMethod::Stored, "{path}");
        }
    }
}
