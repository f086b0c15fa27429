//! Linear digests on threads of their own, all fed the same blocks in the same order.

use std::thread::JoinHandle;

use crossbeam_channel::Sender;
use exhibit_evidence::DigestSet;

use crate::merkle::Hash;
use crate::sha256::Sha256;
use crate::together::Together;
use crate::{Algorithm, Block, Digester, FileLane};

/// Running lanes. Their queues are unbounded because the block pool bounds them.
///
/// The SHA-256 of the medium shares its thread with that of the files of its image, see [`Lanes::files`], or with the MD5
/// of the medium, see [`Threads::Few`].
pub struct Lanes {
    lanes: Vec<Lane>,
    files: FileLane,
    /// Whether the SHA-256 of the medium is computed beside that of the files.
    sha256_beside_files: bool,
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
    thread: JoinHandle<InLane>,
}

/// What a lane computes.
enum InLane {
    One(Box<dyn Digester>),
    Md5AndSha256(Together),
}

impl InLane {
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::One(digester) => digester.update(bytes),
            Self::Md5AndSha256(both) => both.update(bytes),
        }
    }

    fn put_into(&self, digests: &mut DigestSet) {
        match self {
            Self::One(digester) => digests.insert(&digester.digest()),
            Self::Md5AndSha256(both) => both.digests().iter().for_each(|digest| digests.insert(digest)),
        }
    }
}

impl Lane {
    fn start(mut work: InLane) -> Self {
        let (queue, receiver) = crossbeam_channel::unbounded::<Block>();
        let thread = std::thread::spawn(move || {
            receiver.iter().for_each(|block| work.update(&block));
            work
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
        let may_share = threads == Threads::Few && wanted("md5") && wanted("sha256");
        let together = may_share.then(Together::start).flatten();
        let sha256_beside_files = wanted("sha256") && together.is_none();
        let elsewhere = |id| id == "sha256" || (together.is_some() && id == "md5");
        let alone = algorithms.iter().filter(|algorithm| !elsewhere(algorithm.id()));
        let mut lanes: Vec<Lane> = alone.map(|algorithm| Lane::start(InLane::One(algorithm.start()))).collect();
        lanes.extend(together.map(|both| Lane::start(InLane::Md5AndSha256(both))));
        if !sha256_beside_files {
            files.no_more_medium();
        }
        Self { lanes, files, sha256_beside_files }
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

    /// Hands the next block to every lane.
    pub fn update(&self, block: &Block) {
        self.hand_on(block, None);
    }

    /// The same, and `node` is told the block's node of the hash tree, which is computed beside the SHA-256. Only if
    /// [`Lanes::has_sha256_beside_files`]; otherwise `node` is never called.
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
        let mut take = |mut work: InLane| {
            work.put_into(&mut plain);
            work.update(padding);
            work.put_into(&mut padded);
        };
        for Lane { queue, thread } in self.lanes {
            drop(queue);
            take(thread.join().map_err(|_| LaneDied)?);
        }
        let sha256: Sha256 = self.files.medium_end().ok_or(LaneDied)?;
        if self.sha256_beside_files {
            take(InLane::One(Box::new(sha256)));
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
