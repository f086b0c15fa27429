//! One thread for each linear digest, all fed the same blocks in the same order.

use std::thread::JoinHandle;

use crossbeam_channel::Sender;
use exhibit_evidence::{Digest, DigestSet};

use crate::{Algorithm, Block, Digester};

/// Running lanes. Their queues are unbounded because the block pool bounds them.
pub struct Lanes {
    lanes: Vec<Lane>,
}

struct Lane {
    queue: Sender<Block>,
    thread: JoinHandle<Box<dyn Digester>>,
}

impl Lanes {
    /// Starts one thread for each algorithm.
    #[must_use]
    pub fn start(algorithms: &[&'static dyn Algorithm]) -> Self {
        let lane = |algorithm: &&'static dyn Algorithm| {
            let mut digester = algorithm.start();
            let (queue, receiver) = crossbeam_channel::unbounded::<Block>();
            let thread = std::thread::spawn(move || {
                receiver.iter().for_each(|block| digester.update(&block));
                digester
            });
            Lane { queue, thread }
        };
        Self { lanes: algorithms.iter().map(lane).collect() }
    }

    /// Hands the next block to every lane.
    pub fn update(&self, block: &Block) {
        for lane in &self.lanes {
            // A lane ends only when its sender does; if its thread died, `finish` reports it.
            let _ = lane.queue.send(block.clone());
        }
    }

    /// The digests of all blocks, and those of all blocks followed by `padding`.
    ///
    /// # Errors
    /// If a lane's thread died; the digests would then be of something else.
    pub fn finish(self, padding: &[u8]) -> Result<(DigestSet, DigestSet), LaneDied> {
        let (mut plain, mut padded) = (DigestSet::new(), DigestSet::new());
        for Lane { queue, thread } in self.lanes {
            drop(queue);
            let mut digester = thread.join().map_err(|_| LaneDied)?;
            let digest: Digest = digester.digest();
            plain.insert(&digest);
            digester.update(padding);
            padded.insert(&digester.digest());
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
