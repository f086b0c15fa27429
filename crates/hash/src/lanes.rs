//! One thread for each linear digest, all fed the same blocks in the same order.

use std::thread::JoinHandle;

use crossbeam_channel::Sender;
use exhibit_evidence::{Digest, DigestSet};

use crate::merkle::Hash;
use crate::sha256::Sha256;
use crate::{Algorithm, Block, Digester, FileLane};

/// Running lanes. Their queues are unbounded because the block pool bounds them.
///
/// The SHA-256 of the medium shares its thread with that of the files of its image, see [`Lanes::files`].
pub struct Lanes {
    lanes: Vec<Lane>,
    files: FileLane,
    /// Whether the SHA-256 of the medium is wanted.
    sha256: bool,
}

struct Lane {
    queue: Sender<Block>,
    thread: JoinHandle<Box<dyn Digester>>,
}

impl Lanes {
    /// Starts one thread for each algorithm.
    #[must_use]
    pub fn start(algorithms: &[&'static dyn Algorithm]) -> Self {
        let sha256 = algorithms.iter().any(|algorithm| algorithm.id() == "sha256");
        Self::start_beside(algorithms, FileLane::start(sha256))
    }

    /// Starts the other threads beside `files`, which takes the SHA-256 of the medium if that is wanted.
    #[must_use]
    pub fn start_beside(algorithms: &[&'static dyn Algorithm], files: FileLane) -> Self {
        let lane = |algorithm: &&'static dyn Algorithm| {
            let mut digester = algorithm.start();
            let (queue, receiver) = crossbeam_channel::unbounded::<Block>();
            let thread = std::thread::spawn(move || {
                receiver.iter().for_each(|block| digester.update(&block));
                digester
            });
            Lane { queue, thread }
        };
        let (shared, alone): (Vec<_>, Vec<_>) = algorithms.iter().partition(|algorithm| algorithm.id() == "sha256");
        let sha256 = !shared.is_empty();
        if !sha256 {
            files.no_more_medium();
        }
        Self { lanes: alone.into_iter().map(lane).collect(), files, sha256 }
    }

    /// Where the files of the image are hashed meanwhile.
    #[must_use]
    pub fn files(&self) -> FileLane {
        self.files.clone()
    }

    /// Whether the SHA-256 of the medium is among the digests.
    #[must_use]
    pub fn has_sha256(&self) -> bool {
        self.sha256
    }

    /// Hands the next block to every lane.
    pub fn update(&self, block: &Block) {
        self.hand_on(block, None);
    }

    /// The same, and `node` is told the block's node of the hash tree, which is computed beside the SHA-256. Only if that is
    /// wanted; otherwise `node` is never called.
    pub fn update_for_node(&self, block: &Block, node: impl FnOnce(Hash) + Send + 'static) {
        self.hand_on(block, Some(Box::new(node)));
    }

    fn hand_on(&self, block: &Block, node: Option<Box<dyn FnOnce(Hash) + Send>>) {
        for lane in &self.lanes {
            // A lane ends only when its sender does; if its thread died, `finish` reports it.
            let _ = lane.queue.send(block.clone());
        }
        if self.sha256 {
            self.files.medium(block, node);
        }
    }

    /// The digests of all blocks, and those of all blocks followed by `padding`.
    ///
    /// # Errors
    /// If a lane's thread died; the digests would then be of something else.
    pub fn finish(self, padding: &[u8]) -> Result<(DigestSet, DigestSet), LaneDied> {
        let (mut plain, mut padded) = (DigestSet::new(), DigestSet::new());
        let mut take = |digester: &mut dyn Digester| {
            let digest: Digest = digester.digest();
            plain.insert(&digest);
            digester.update(padding);
            padded.insert(&digester.digest());
        };
        for Lane { queue, thread } in self.lanes {
            drop(queue);
            take(thread.join().map_err(|_| LaneDied)?.as_mut());
        }
        let mut sha256: Sha256 = self.files.medium_end().ok_or(LaneDied)?;
        if self.sha256 {
            take(&mut sha256);
        }
        Ok((plain, padded))
    }
}

/// A digest thread ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneDied;

impl std::fmt::Display for LaneDied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a digest thread died")
    }
}

impl std::error::Error for LaneDied {}
