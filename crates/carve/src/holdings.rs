//! Which stretches of the medium belong to files that are known already.

use std::collections::{BTreeMap, HashSet};

use exhibit_evidence::ByteRange;

use crate::scan::Candidate;

/// A whole file that may hold others.
pub(crate) struct Container {
    pub(crate) kind: usize,
    pub(crate) is_proven: bool,
    pub(crate) extents: Vec<ByteRange>,
    /// Its path, if it is written.
    pub(crate) path: Option<String>,
}

impl Container {
    /// Whether the byte at `offset` belongs to it.
    fn holds(&self, offset: u64) -> bool {
        self.extents.iter().any(|extent| extent.offset <= offset && offset < extent.end())
    }

    /// Whether it is proven, and the bytes of `range` lie behind one another in it.
    pub(crate) fn proves(&self, range: ByteRange) -> bool {
        self.is_proven && self.extents.iter().any(|extent| extent.offset <= range.offset && range.end() <= extent.end())
    }

    pub(crate) fn start(&self) -> Option<u64> {
        self.extents.first().map(|extent| extent.offset)
    }

    fn end(&self) -> u64 {
        self.extents.iter().map(|extent| extent.end()).max().unwrap_or(0)
    }
}

/// Whole files that reach into the present round, and parts of broken ones.
#[derive(Default)]
pub(crate) struct Holdings {
    containers: Vec<Container>,
    /// By kind and start: where the file in one piece ends. Such files of one kind never overlap, because who begins in
    /// another is a part of it.
    in_one_piece: BTreeMap<(usize, u64), u64>,
    /// Extents of files in several pieces, by kind.
    in_pieces: Vec<(usize, ByteRange)>,
    /// Offsets that are parts of broken files of kinds whose parts look alike.
    claimed: HashSet<u64>,
}

impl Holdings {
    pub(crate) fn add(&mut self, container: Container) {
        match container.extents.as_slice() {
            [single] => {
                self.in_one_piece.insert((container.kind, single.offset), single.end());
            }
            extents => self.in_pieces.extend(extents.iter().map(|extent| (container.kind, *extent))),
        }
        self.containers.push(container);
    }

    pub(crate) fn claim(&mut self, offsets: impl Iterator<Item = u64>) {
        self.claimed.extend(offsets);
    }

    /// Whether the candidate lies in a whole file of its own kind, or is a part of a broken one.
    pub(crate) fn is_part(&self, candidate: Candidate) -> bool {
        let Candidate { offset, kind } = candidate;
        let before = self.in_one_piece.range((kind, 0)..=(kind, offset)).next_back();
        before.is_some_and(|(_, end)| offset < *end)
            || self.claimed.contains(&offset)
            || self.in_pieces.iter().any(|(of, extent)| *of == kind && extent.offset <= offset && offset < extent.end())
    }

    /// The whole files around a file that begins at `offset`; a file does not lie in itself.
    pub(crate) fn around(&self, offset: u64) -> impl Iterator<Item = &Container> {
        self.containers.iter().filter(move |container| container.holds(offset) && container.start() != Some(offset))
    }

    /// All extents of whole files, and whether each is its file's first.
    pub(crate) fn extents(&self) -> impl Iterator<Item = (ByteRange, bool)> {
        self.containers
            .iter()
            .flat_map(|container| container.extents.iter().enumerate().map(|(index, extent)| (*extent, index == 0)))
    }

    /// Where the file in two pieces around `offset`, if there is one, is torn: how many bytes behind `offset`, and how long
    /// the gap is; `None` in that if it is not torn behind `offset`.
    pub(crate) fn tear_around(&self, offset: u64) -> Option<Option<(u64, u64)>> {
        let in_pieces = |extent: &&(usize, ByteRange)| extent.1.offset <= offset && offset < extent.1.end();
        self.in_pieces.iter().find(in_pieces)?;
        let container = self.containers.iter().find(|container| {
            container.extents.len() > 1 && container.holds(offset) && container.start() != Some(offset)
        })?;
        Some(match container.extents.as_slice() {
            [first, second] if offset < first.end() => {
                Some((first.end().saturating_sub(offset), second.offset.saturating_sub(first.end())))
            }
            _ => None,
        })
    }

    /// Forgets what does not reach beyond `end`.
    pub(crate) fn forget_before(&mut self, end: u64) {
        self.containers.retain(|container| container.end() > end);
        self.in_one_piece.retain(|_, to| *to > end);
        self.in_pieces.retain(|(_, extent)| extent.end() > end);
        self.claimed.retain(|offset| *offset >= end);
    }
}
