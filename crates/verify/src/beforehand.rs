//! The large parts of a check, done one by one by whoever has hands for them, before the check itself.
//!
//! Natively the checker reads and digests on all cores by itself. In a browser a thread is a worker of its own with a copy
//! of this program, and nothing but messages between them. So the work is cut into [`Piece`]s: [`pieces`] names them,
//! [`work`] does one of them, wherever, [`Beforehand`] collects what came out, and [`crate::check_package_after`] takes
//! from there what it would otherwise have read itself. Whatever is missing there it reads itself; so a piece that was not
//! done is slower and never a gap, and the verdict is the same to the letter.
//!
//! ```text
//! pieces(source) ─┬─► work(piece) ─► Done ─┐
//!                 ├─► work(piece) ─► Done ─┼─► Beforehand ─► check_package_after(source) ─► Verdict
//!                 └─► work(piece) ─► Done ─┘
//! ```
//!
//! Whoever carries a [`Done`] from one place to another is trusted as a thread pool is: it could as well change the checker.

use std::collections::BTreeMap;
use std::sync::Arc;

use exhibit_evidence::{Finding, Source};
use exhibit_package::manifest::Role;
use serde::{Deserialize, Serialize};

use crate::acquisitions;
use crate::collect::Findings;
use crate::holdings::Holding;
use crate::image::ImageReader;
use crate::ledger::{self, Algorithm, Real};
use crate::media::{ImageFiles, MediaChecker};
use crate::members::{Below, Entry, Members};
use crate::package::{manifest, top_folder, unpacked_folder};
use crate::request::Request;
use crate::verdict::{Check, Level};
use crate::watch::{Interrupted, Progress, Watch};
use crate::zip::Archive;

/// Files below this size are best left to the check itself: handing them over takes longer than reading them.
pub const PIECE_BYTES_MIN: u64 = 1 << 20;

/// Something that can be done by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Piece {
    /// A file is read to its end and digested.
    File {
        /// Its name in the package.
        name: String,
        /// Its size in bytes.
        size: u64,
    },
    /// The medium inside an image is read to its end and compared with all that was recorded of it.
    Medium {
        /// The acquisition record of it.
        record: String,
        /// About how many bytes will be read: the size of the image's files.
        size: u64,
    },
}

/// A piece that was done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Done {
    piece: Piece,
    #[serde(skip_serializing_if = "Option::is_none")]
    real: Option<(Real, Vec<Finding>)>,
    checks: Vec<Check>,
}

/// All that was done beforehand.
#[derive(Debug, Clone, Default)]
pub struct Beforehand {
    files: BTreeMap<String, (Real, Vec<Finding>)>,
    media: BTreeMap<String, Vec<Check>>,
}

impl Beforehand {
    /// Takes a piece in.
    pub fn add(&mut self, done: Done) {
        match (done.piece, done.real) {
            (Piece::File { name, .. }, Some(real)) => drop(self.files.insert(name, real)),
            (Piece::Medium { record, .. }, _) => drop(self.media.insert(record, done.checks)),
            (Piece::File { .. }, None) => {}
        }
    }

    /// What a file really is, if it was read and all these digests were computed.
    pub(crate) fn file(&self, entry: &Entry, algorithms: &[Algorithm]) -> Option<(&Real, &[Finding])> {
        let (real, findings) = self.files.get(&entry.name)?;
        real.has(algorithms).then_some((real, findings.as_slice()))
    }
}

/// Media that were read beforehand, and the others read now on the calling thread.
impl MediaChecker for Beforehand {
    fn check(&self, image: &ImageFiles<'_>, watch: Watch<'_>) -> Result<Vec<Check>, Interrupted> {
        match self.media.get(image.place).filter(|checks| !checks.is_empty()) {
            Some(checks) => Ok(checks.clone()),
            None => ImageReader { jobs: 0 }.check(image, watch),
        }
    }
}

/// The pieces of a package in its archive, largest first; files below `at_least` bytes ([`PIECE_BYTES_MIN`]) are none.
///
/// Deflated members are not among them: what their compressed form tells is put together by the check.
#[must_use]
pub fn pieces(source: Arc<dyn Source>, request: &Request<'_>, at_least: u64) -> Vec<Piece> {
    let archive = Archive::open(source, &request.limits);
    let inside = Below::new(&archive, &top_folder(&archive, &mut Findings::default()));
    pieces_of(&inside, request, &|entry| entry.size >= at_least && archive.is_stored(&inside.full(&entry.name)))
}

/// The pieces of a package that was unpacked into a folder.
#[must_use]
pub fn pieces_unpacked(members: &dyn Members, request: &Request<'_>, at_least: u64) -> Vec<Piece> {
    let inside = Below::new(members, &unpacked_folder(members, &mut Findings::default()));
    pieces_of(&inside, request, &|entry| entry.size >= at_least)
}

fn pieces_of(inside: &Below<'_>, request: &Request<'_>, is_piece: &dyn Fn(&Entry) -> bool) -> Vec<Piece> {
    if request.level == Level::Structure {
        return Vec::new();
    }
    let entries = inside.list().unwrap_or_default();
    let files = entries.iter().filter(|entry| entry.oddity.is_none() && is_piece(entry));
    let mut pieces: Vec<Piece> =
        files.map(|entry| Piece::File { name: entry.name.clone(), size: entry.size }).collect();
    let sizes: BTreeMap<&str, u64> = entries.iter().map(|entry| (entry.name.as_str(), entry.size)).collect();
    let manifest = manifest::read(inside).ok();
    for holding in manifest.iter().flat_map(manifest::holdings) {
        for record in holding.files.iter().filter(|file| file.role == Role::AcquisitionRecord) {
            let beside = holding.files.iter().filter(|file| file.folder() == record.folder());
            let size =
                beside.filter_map(|file| sizes.get(file.place.as_str())).fold(0_u64, |sum, &n| sum.saturating_add(n));
            pieces.push(Piece::Medium { record: record.place.clone(), size });
        }
    }
    pieces.sort_by_key(|piece| std::cmp::Reverse(piece.size()));
    pieces
}

impl Piece {
    /// About how many bytes it reads.
    #[must_use]
    pub const fn size(&self) -> u64 {
        match self {
            Self::File { size, .. } | Self::Medium { size, .. } => *size,
        }
    }
}

/// Does one piece of the package in that archive, on the calling thread.
///
/// # Errors
/// If somebody wished to stop.
pub fn work(source: Arc<dyn Source>, piece: &Piece, request: &Request<'_>) -> Result<Done, Interrupted> {
    let archive = Archive::open(source, &request.limits);
    work_in(&Below::new(&archive, &top_folder(&archive, &mut Findings::default())), piece, request)
}

/// Does one piece of a package that was unpacked into a folder, on the calling thread.
///
/// # Errors
/// If somebody wished to stop.
pub fn work_unpacked(members: &dyn Members, piece: &Piece, request: &Request<'_>) -> Result<Done, Interrupted> {
    work_in(&Below::new(members, &unpacked_folder(members, &mut Findings::default())), piece, request)
}

fn work_in(inside: &Below<'_>, piece: &Piece, request: &Request<'_>) -> Result<Done, Interrupted> {
    let mut done = Done { piece: piece.clone(), real: None, checks: Vec::new() };
    match piece {
        Piece::File { name, size } => {
            let entry = Entry { name: name.clone(), size: *size, oddity: None };
            let progress = Progress::start(request.watch, *size);
            let read = ledger::read(inside, &entry, &Algorithm::OF_PACKAGES, &progress);
            progress.check()?;
            done.real = Some(read);
        }
        Piece::Medium { record, .. } => {
            let holdings = manifest::read(inside).map_or_else(|_| Vec::new(), |read| manifest::holdings(&read));
            let find = |holding: &Holding| holding.files.iter().find(|file| file.place == *record).cloned();
            if let Some((holding, file)) = holdings.iter().find_map(|holding| Some((holding, find(holding)?))) {
                let how = (request.level, request.watch);
                done.checks = acquisitions::medium_alone(inside, holding, &file, &ImageReader { jobs: 0 }, how)?;
            }
        }
    }
    Ok(done)
}
