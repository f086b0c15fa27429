//! The hash tree of a medium against the one that was stored when it was read.

use std::sync::Arc;

use exhibit_evidence::acquisition::Acquisition;
use exhibit_evidence::{ByteRange, Finding, Severity, Source, to_hex};
use exhibit_hash::merkle::Hash;
use exhibit_hash::tree::{LEAF_BYTES, NODE_BYTES, node_count};
use exhibit_hash::{StoredTree, StoredTreeError};

use crate::collect::Findings;
use crate::verdict::Check;

/// Damaged ranges named one by one; damage beyond them is joined to the last one.
const DAMAGE_NAMED_MAX: usize = 1000;

/// A comparison that goes on while the medium is read, node by node.
pub(crate) struct TreeComparison<'a> {
    record: &'a Acquisition,
    /// What the medium is called in findings.
    place: &'a str,
    stored: Option<StoredTree<'a>>,
    findings: Findings,
    /// Ranges whose node differs, joined where they touch.
    wrong: Vec<ByteRange>,
}

impl<'a> TreeComparison<'a> {
    /// Opens the stored tree and compares it with the record; what is wrong with it is kept for [`Self::finish`].
    pub(crate) fn open(source: Option<&'a Arc<dyn Source>>, record: &'a Acquisition, place: &'a str) -> Self {
        let mut comparison = Self { record, place, stored: None, findings: Findings::default(), wrong: Vec::new() };
        let file = record.tree.file.as_str();
        let sizes = (record.tree.leaf_bytes, record.tree.node_bytes);
        if sizes != (LEAF_BYTES as u64, NODE_BYTES as u64) {
            let text = format!(
                "the record speaks of leaves of {} and nodes over {} bytes; there are no such trees",
                sizes.0, sizes.1
            );
            comparison.findings.wrong("tree-geometry", place, text);
        }
        let Some(source) = source else {
            let text = "the stored hash tree is not there, so damage could not be placed by it";
            comparison.findings.push(Finding::new(Severity::Incomplete, "tree-missing", file, text));
            return comparison;
        };
        let opened = StoredTree::open(source.as_ref()).and_then(|mut tree| tree.check_root().map(|()| tree));
        match opened {
            Ok(tree) => {
                let root = to_hex(&tree.root());
                if root != record.tree.root || tree.size() != record.size_bytes {
                    let (found, recorded) = (tree.size(), record.size_bytes);
                    let text =
                        format!("root {root} over {found} bytes, the record has {} over {recorded}", record.tree.root);
                    comparison.findings.wrong("tree-root", file, text);
                }
                comparison.stored = Some(tree);
            }
            Err(StoredTreeError::Fault(fault)) => {
                let finding = Finding::new(Severity::Mismatch, "tree-file", file, fault.text);
                comparison.findings.push(finding.at(fault.offset));
            }
            Err(StoredTreeError::Read(fault)) => comparison.findings.push(crate::members::unreadable(file, &fault)),
        }
        comparison
    }

    /// Compares the node over MiB number `index`; nothing can be said where the medium could not be read.
    pub(crate) fn node(&mut self, index: u64, computed: Option<Hash>) {
        let (Some(stored), Some(computed)) = (self.stored.as_mut(), computed) else { return };
        let size = stored.size();
        // The last node covers what is left: it cannot be compared if the medium has another size, which is found anyway.
        let expected = match stored.node(index) {
            Ok(Some(expected)) => expected,
            Ok(None) => return,
            Err(fault) => {
                self.findings.push(crate::members::unreadable(&self.record.tree.file, &fault));
                self.stored = None;
                return;
            }
        };
        if expected == computed {
            return;
        }
        let start = index.saturating_mul(NODE_BYTES as u64);
        let end = start.saturating_add(NODE_BYTES as u64).min(size);
        let full = self.wrong.len() >= DAMAGE_NAMED_MAX;
        match self.wrong.last_mut() {
            Some(last) if full || last.end() == start => *last = ByteRange::between(last.offset, end),
            _ => self.wrong.push(ByteRange::between(start, end)),
        }
    }

    /// The check, once all of the medium was read. `root` is that of the medium, if all of it could be.
    pub(crate) fn finish(mut self, title: &str, root: Option<Hash>) -> Check {
        for range in std::mem::take(&mut self.wrong) {
            let text = "the bytes of the medium are not those that were read from the source";
            self.findings.push(Finding::new(Severity::Mismatch, "tree-node", self.place, text).on(range));
        }
        let recorded = &self.record.tree.root;
        match root.map(|root| to_hex(&root)) {
            Some(root) if root != *recorded => {
                self.findings.wrong("tree-root", self.place, format!("root {recorded} recorded, {root} computed"));
            }
            Some(_) => {}
            None => {
                let text = "the root was not compared, because not all of the medium could be read";
                self.findings.push(Finding::new(Severity::Incomplete, "tree-root", self.place, text));
            }
        }
        let nodes = node_count(self.record.size_bytes);
        let passed = format!("root {recorded} recomputed over {} bytes, {nodes} nodes equal", self.record.size_bytes);
        Check::from_findings("tree", title, passed, self.findings.into_list())
    }
}
