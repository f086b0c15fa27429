//! The media inside images. Opening containers is another matter; here is only what a checker of media is handed and owes.

use std::sync::Arc;

use exhibit_evidence::Source;
use exhibit_evidence::acquisition::Acquisition;

use crate::verdict::{Check, Level};
use crate::watch::{Interrupted, Watch};

/// An image with all that was recorded about it. The files' own digests were compared before.
pub struct ImageFiles<'a> {
    /// Item number.
    pub item: &'a str,
    /// Name of the acquisition record, for messages.
    pub place: &'a str,
    /// The record.
    pub record: &'a Acquisition,
    /// The segments in the order of the record, by file name without folder.
    pub segments: Vec<(String, Arc<dyn Source>)>,
    /// The stored hash tree; `None` if its file is missing, which is a finding already.
    pub tree: Option<Arc<dyn Source>>,
    /// [`Level::Tree`] or [`Level::Full`]; at the latter, linear digests are recomputed as well.
    pub level: Level,
}

/// Reads media out of images and compares them with what was recorded: digests, size, hash tree, gaps.
///
/// At least one check comes back for each image, and one that could not be made is [`crate::CheckResult::NotChecked`].
/// Progress is told with a `Started` and a `Finished` of its own for each image.
pub trait MediaChecker: Send + Sync {
    /// Checks one image.
    ///
    /// # Errors
    /// If somebody wished to stop.
    fn check(&self, image: &ImageFiles<'_>, watch: Watch<'_>) -> Result<Vec<Check>, Interrupted>;
}
