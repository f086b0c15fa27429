//! Linear digests on threads of their own, all fed the same blocks in the same order.

use std::thread::JoinHandle;

use crossbeam_channel::Sender;
use exhibit_evidence::DigestSet;

use crate::merkle::Hash;
use crate::together::Together;
use crate::{Algorithm, Block, Digester, FileLane};

/// Running lanes. Their queues are unbounded because the block pool bounds them.
///
/// The SHA-256 of the medium shares its thread with that of the files of its image, see [`Lanes::files`], and with the MD5
/// of the medium where cores are few, see [`Threads::Few`].
pub struct Lanes {
    lanes: Vec<Lane>,
    files: FileLane,
    /// Whether the SHA-256 of the medium is computed beside that of the files.
    sha256_beside_files: bool,
    /// Whether its MD5 is, too.
    md5_beside_files: bool,
}

/// How many threads lanes may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threads {
    /// One for each lane: the slowest one decides how long all takes.
    Each,
    /// Other work needs the cores as well, and they are few: what counts is the work of all lanes together. MD5 and SHA-256
    /// share a thread where they gain from that.
    Few,
}

struct Lane {
    queue: Sender<Block>,
    thread: JoinHandle<Box<dyn Digester>>,
}

impl Lane {
    fn start(mut digester: Box<dyn Digester>) -> Self {
        let (queue, receiver) = crossbeam_channel::unbounded::<Block>();
        let thread = std::thread::spawn(move || {
            receiver.iter().for_each(|block| digester.update(&block));
            digester
        });
        Self { queue, thread }
    }
}

impl Lanes {
    /// Starts the lanes.
    #[must_use]
    pub fn start(algorithms: &[&'static dyn Algorithm], threads: Threads) -> Self {
        let sha256 = algorithms.iter().any(|algorithm| algorithm.id() == "sha256");
        Self::start_beside(algorithms, threads, FileLane::start(sha256))
    }

    /// Starts the other lanes beside `files`, which may take the SHA-256 of the medium as well.
    #[must_use]
    pub fn start_beside(algorithms: &[&'static dyn Algorithm], threads: Threads, files: FileLane) -> Self {
        let wanted = |id: &str| algorithms.iter().any(|algorithm| algorithm.id() == id);
        let (md5, sha256_beside_files) = (wanted("md5"), wanted("sha256"));
        let md5_beside_files = threads == Threads::Few && md5 && sha256_beside_files && Together::gains();
        let elsewhere = |id| id == "sha256" || (md5_beside_files && id == "md5");
        let alone = algorithms.iter().filter(|algorithm| !elsewhere(algorithm.id()));
        let lanes = alone.map(|algorithm| Lane::start(algorithm.start())).collect();
        if !sha256_beside_files {
            files.no_more_medium();
        } else if md5_beside_files {
            files.with_md5();
        }
        Self { lanes, files, sha256_beside_files, md5_beside_files }
    }

    /// Where the files of the image are hashed meanwhile.
    #[must_use]
    pub fn files(&self) -> FileLane {
        self.files.clone()
    }

    /// Whether the SHA-256 of the medium is computed beside that of the files.
    #[must_use]
    pub fn has_sha256_beside_files(&self) -> bool {
        self.sha256_beside_files
    }

    /// Whether the hash tree of a raw image may be computed beside the SHA-256 of the medium: not if the MD5 is there.
    #[must_use]
    pub fn has_room_for_tree(&self) -> bool {
        self.sha256_beside_files && !self.md5_beside_files
    }

    /// Hands the next block to every lane.
    pub fn update(&self, block: &Block) {
        self.hand_on(block, None);
    }

    /// The same, and `node` is told the block's node of the hash tree, which is computed beside the SHA-256. Only if
    /// [`Lanes::has_room_for_tree`]; otherwise `node` is never called.
    pub fn update_for_node(&self, block: &Block, node: impl FnOnce(Hash) + Send + 'static) {
        self.hand_on(block, Some(Box::new(node)));
    }

    fn hand_on(&self, block: &Block, node: Option<Box<dyn FnOnce(Hash) + Send>>) {
        for lane in &self.lanes {
            // A lane ends only when its sender does; if its thread died, `finish` reports it.
            let _ = lane.queue.send(block.clone());
        }
        if self.sha256_beside_files {
            self.files.medium(block, node);
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
            plain.insert(&digester.digest());
            digester.update(padding);
            padded.insert(&digester.digest());
        }
        let mut together = self.files.medium_end().ok_or(LaneDied)?;
        if self.sha256_beside_files {
            together.digests().for_each(|digest| plain.insert(&digest));
            together.update(padding);
            together.digests().for_each(|digest| padded.insert(&digest));
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
