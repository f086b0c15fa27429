//! Ranges of media: their bytes and their proofs, against the root of the medium's hash tree.

use std::collections::BTreeSet;

use exhibit_evidence::{Cause, ReadFault, Source, from_hex, to_hex};
use exhibit_hash::merkle::{self, Hash};
use exhibit_hash::tree::{self, LEAF_BYTES};
use exhibit_package::disclosure::{Disclosure, Range, ShownMedium};
use exhibit_package::layout::DISCLOSURE;
use exhibit_package::manifest::Role;

use super::Context;
use crate::collect::Findings;
use crate::members::unreadable;
use crate::verdict::{Check, Level};

/// Leaves computed at a time: 1 MiB.
const BATCH_LEAVES: u64 = 256;

pub(super) fn check(context: &Context<'_>, disclosure: &Disclosure) -> Check {
    let (id, title) = ("disclosure-ranges", "The ranges that are shown lie in the media whose roots were signed");
    if context.level == Level::Structure {
        return Check::not_done(id, title, "their bytes are not read at this level");
    }
    let mut findings = Findings::default();
    let mut proven: BTreeSet<&str> = BTreeSet::new();
    let mut bytes = 0_u64;
    for range in &disclosure.ranges {
        if !proven.insert(&range.path) {
            findings.wrong("range-place", range.path.as_str(), "two ranges name this file");
        }
        bytes = bytes.saturating_add(range.length);
        match one(context, disclosure, range) {
            Ok(()) => {}
            Err(Fault::Wrong(text)) => findings.wrong("range-proof", range.path.as_str(), text),
            Err(Fault::Read(fault)) => findings.push(unreadable(&range.path, &fault)),
        }
    }
    let files = context.manifest.items.iter().flat_map(|item| &item.files);
    for file in files.filter(|file| file.role == Role::MediumRange && !proven.contains(file.path.as_str())) {
        findings.wrong(
            "range-place",
            file.path.as_str(),
            format!("it is called a range, and {DISCLOSURE} has no proof of it"),
        );
    }
    let passed = format!("{} ranges, {bytes} bytes, each proven", disclosure.ranges.len());
    Check::from_findings(id, title, passed, findings.into_list())
}

/// Why a range is not proven.
enum Fault {
    Wrong(String),
    Read(ReadFault),
}

impl From<ReadFault> for Fault {
    fn from(fault: ReadFault) -> Self {
        Self::Read(fault)
    }
}

fn wrong(text: impl Into<String>) -> Fault {
    Fault::Wrong(text.into())
}

fn one(context: &Context<'_>, disclosure: &Disclosure, range: &Range) -> Result<(), Fault> {
    let medium = usize::try_from(range.medium).ok().and_then(|at| disclosure.media.get(at));
    let medium = medium.ok_or_else(|| wrong("it names no medium that is shown"))?;
    let item = context.manifest.items.iter().find(|item| item.id == medium.item);
    let file = item.and_then(|item| item.files.iter().find(|file| file.path == range.path));
    let file = file.filter(|file| file.role == Role::MediumRange);
    let file = file.ok_or_else(|| wrong("no range of that item in the manifest has this path"))?;
    let leaf = LEAF_BYTES as u64;
    let end = range.offset.checked_add(range.length).filter(|end| *end <= medium.size_bytes);
    let end = end.ok_or_else(|| wrong("it reaches beyond the end of its medium"))?;
    let on_borders =
        range.length > 0 && range.offset.is_multiple_of(leaf) && (end.is_multiple_of(leaf) || end == medium.size_bytes);
    if !on_borders {
        return Err(wrong(format!("it does not begin and end at multiples of {leaf} bytes, or with the medium")));
    }
    if file.size != range.length || context.ledger.get(&range.path).is_none_or(|real| real.size != range.length) {
        return Err(wrong(format!("it has not the {} bytes of its range", range.length)));
    }
    let proof: Option<Vec<Hash>> =
        range.proof.iter().map(|hex| from_hex(hex).and_then(|bytes| Hash::try_from(bytes).ok())).collect();
    let proof = proof.ok_or_else(|| wrong("its proof is not made of SHA-256 values"))?;
    let source = context.members.open(&range.path)?;
    root_is(&*source, medium, range, &proof)
}

/// Computes the root from the bytes and the proof, and compares.
fn root_is(source: &dyn Source, medium: &ShownMedium, range: &Range, proof: &[Hash]) -> Result<(), Fault> {
    let leaf = LEAF_BYTES as u64;
    let mut walk = Walk {
        source,
        offset: range.offset,
        size: medium.size_bytes,
        first: range.offset.div_ceil(leaf),
        end: range.offset.saturating_add(range.length).div_ceil(leaf),
        proof: proof.iter(),
    };
    let root = walk.subtree(0, medium.size_bytes.div_ceil(leaf))?;
    if walk.proof.next().is_some() {
        return Err(wrong("its proof has more values than belong to it"));
    }
    let expected = &medium.tree_root;
    if to_hex(&root) != *expected {
        let text = format!("its bytes and proof give the root {}, that of the medium is {expected}", to_hex(&root));
        return Err(wrong(text));
    }
    Ok(())
}

/// The tree, walked from left to right: what is outside of the range comes from the proof, the rest from the bytes.
struct Walk<'a> {
    source: &'a dyn Source,
    offset: u64,
    size: u64,
    first: u64,
    end: u64,
    proof: std::slice::Iter<'a, Hash>,
}

impl Walk<'_> {
    /// The value over the leaves from `low` to `high`. Half as many at each step, so at most 52 deep.
    fn subtree(&mut self, low: u64, high: u64) -> Result<Hash, Fault> {
        if high <= self.first || self.end <= low {
            return self.proof.next().copied().ok_or_else(|| wrong("its proof has too few values"));
        }
        let leaves = high.saturating_sub(low);
        if self.first <= low && high <= self.end && leaves <= BATCH_LEAVES {
            return self.read(low, high);
        }
        let middle = low.saturating_add(leaves.next_power_of_two() / 2);
        let left = self.subtree(low, middle)?;
        Ok(merkle::node(&left, &self.subtree(middle, high)?))
    }

    fn read(&self, low: u64, high: u64) -> Result<Hash, Fault> {
        let leaf = LEAF_BYTES as u64;
        let (start, end) = (low.saturating_mul(leaf), high.saturating_mul(leaf).min(self.size));
        let mut bytes = vec![0; usize::try_from(end.saturating_sub(start)).unwrap_or(0)];
        let at = start.checked_sub(self.offset).ok_or_else(|| Fault::Read(ReadFault::new(0, Cause::PastEnd)))?;
        self.source.read_at(at, &mut bytes)?;
        Ok(tree::node(&bytes))
    }
}
