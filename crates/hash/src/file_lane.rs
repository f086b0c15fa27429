//! The SHA-256 of the medium and that of the files of its image on one thread, in turns.
//!
//! An image is hashed twice: the medium as it was read, its files as they were written. Two streams of SHA-256 in turns
//! take little longer than one ([`crate::sha256`]), so the second is nearly free. The files wait for the medium: they are
//! taken beside its next blocks, and alone only when there is no medium (any more), or when too much waits. Where cores are
//! few the MD5 of the medium is computed here as well ([`crate::together`]).

use std::collections::VecDeque;
use std::ops::Deref;

use crossbeam_channel::{Receiver, Sender};

use crate::merkle::Hash;
use crate::sha256::Sha256;
use crate::together::Together;
use crate::{Block, tree};

/// Bytes of files that may wait for the medium: what an E01 puts out in one go.
const WAITING_BYTES_MAX: usize = 32 << 20;
/// Bytes of one stream that are hashed before new work is looked for.
const TURN_BYTES: usize = 256 << 10;

/// Bytes of a file, shared or given away.
pub(crate) type Piece = Box<dyn Deref<Target = [u8]> + Send>;

type WantsNode = Box<dyn FnOnce(Hash) + Send>;

enum Message {
    /// A block, and who wants its node of the hash tree.
    Medium(Block, Option<WantsNode>),
    /// The MD5 of the medium is wanted, too.
    WithMd5,
    /// The medium ends: its digests are wanted.
    MediumEnd(Sender<Together>),
    /// A file begins, or goes on from what was hashed elsewhere.
    Begin(u64, Sha256),
    File(u64, Piece),
    End(u64, Sender<[u8; 32]>),
    /// Nobody wants that file's digest any more.
    Forget(u64),
}

/// The way to the thread. It ends when every way to it is gone.
#[derive(Clone)]
pub struct FileLane {
    queue: Sender<Message>,
    next: std::sync::Arc<std::sync::atomic::AtomicU64>,
}

impl FileLane {
    /// Starts the thread. Files wait for a medium only if there is one to come `with_medium`: then somebody must hand it
    /// to [`crate::Lanes`] or say [`FileLane::no_more_medium`].
    #[must_use]
    pub fn start(with_medium: bool) -> Self {
        let (queue, receiver) = crossbeam_channel::unbounded();
        let lane = Lane { ended: (!with_medium).then(Vec::new), ..Lane::default() };
        std::thread::spawn(move || lane.run(&receiver));
        Self { queue, next: std::sync::Arc::default() }
    }

    pub(crate) fn medium(&self, block: &Block, node: Option<WantsNode>) {
        // If the thread died, `medium_end` reports it.
        let _ = self.queue.send(Message::Medium(block.clone(), node));
    }

    /// There is no medium, or no more of it: files need not wait. May be said more than once.
    pub fn no_more_medium(&self) {
        let _ = self.queue.send(Message::MediumEnd(crossbeam_channel::bounded(1).0));
    }

    /// Computes the MD5 of the medium, too. Before the first block of it.
    pub(crate) fn with_md5(&self) {
        let _ = self.queue.send(Message::WithMd5);
    }

    /// The digests of all blocks; `None` if the thread died.
    pub(crate) fn medium_end(&self) -> Option<Together> {
        let (sender, receiver) = crossbeam_channel::bounded(1);
        let _ = self.queue.send(Message::MediumEnd(sender));
        receiver.recv().ok()
    }

    /// A file of which `so_far` was hashed already.
    #[must_use]
    pub fn begin(&self, so_far: Sha256) -> FileDigest {
        let number = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let _ = self.queue.send(Message::Begin(number, so_far));
        FileDigest { queue: self.queue.clone(), number }
    }
}

/// The digest of one file in the making.
pub struct FileDigest {
    queue: Sender<Message>,
    number: u64,
}

impl FileDigest {
    /// The next bytes of the file. They may be kept until the medium comes to where they can be taken beside it.
    pub fn update(&self, piece: Box<dyn Deref<Target = [u8]> + Send>) {
        let _ = self.queue.send(Message::File(self.number, piece));
    }

    /// The file ends.
    #[must_use]
    pub fn end(self) -> Pending {
        let (sender, receiver) = crossbeam_channel::bounded(1);
        let _ = self.queue.send(Message::End(self.number, sender));
        Pending(receiver)
    }
}

impl Drop for FileDigest {
    fn drop(&mut self) {
        let _ = self.queue.send(Message::Forget(self.number));
    }
}

/// A digest that is on its way.
pub struct Pending(Receiver<[u8; 32]>);

impl Pending {
    /// Waits for it; `None` if the thread died.
    #[must_use]
    pub fn wait(self) -> Option<[u8; 32]> {
        self.0.recv().ok()
    }
}

/// What the thread knows.
#[derive(Default)]
struct Lane {
    medium: VecDeque<(Block, Option<WantsNode>)>,
    /// Bytes of the first block that are hashed.
    medium_at: usize,
    medium_digests: Together,
    /// Who wants the digests of the medium; `None` while it goes on.
    ended: Option<Vec<Sender<Together>>>,
    files: VecDeque<Message>,
    /// Bytes of the first piece that are hashed.
    file_at: usize,
    waiting_bytes: usize,
    /// Whether somebody waits for the digest of a file.
    hurry: usize,
    digests: Vec<(u64, Sha256)>,
}

impl Lane {
    fn run(mut self, receiver: &Receiver<Message>) {
        loop {
            receiver.try_iter().for_each(|message| self.take(message));
            if !self.step() {
                match receiver.recv() {
                    Ok(message) => self.take(message),
                    Err(_) => return,
                }
            }
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Medium(block, node) => self.medium.push_back((block, node)),
            Message::WithMd5 => self.medium_digests.with_md5(),
            Message::MediumEnd(sender) => self.ended.get_or_insert_default().push(sender),
            Message::File(number, piece) => {
                self.waiting_bytes = self.waiting_bytes.saturating_add(piece.len());
                self.files.push_back(Message::File(number, piece));
            }
            Message::End(number, sender) => {
                self.hurry = self.hurry.saturating_add(1);
                self.files.push_back(Message::End(number, sender));
            }
            other => self.files.push_back(other),
        }
    }

    /// Does a turn of what there is to do; `false` if that was nothing.
    fn step(&mut self) -> bool {
        self.answer();
        if let Some((block, node)) = self.medium.front_mut()
            && let Some(wanted) = node.take()
        {
            // The tree takes the place of the files beside the medium.
            wanted(tree::node_beside(&mut self.medium_digests.sha256, block));
            self.medium.pop_front();
            return true;
        }
        let alone = self.ended.is_some() || self.hurry > 0 || self.waiting_bytes > WAITING_BYTES_MAX;
        let mut x = rest(self.medium.front().map(|(block, _)| &**block), self.medium_at);
        let (file, mut y) = match self.files.front() {
            Some(Message::File(number, piece)) => (Some(*number), rest(Some(&**piece), self.file_at)),
            _ => (None, &[] as &[u8]),
        };
        let (before_x, before_y) = (x.len(), y.len());
        let digest = self.digests.iter_mut().find(|(known, _)| Some(*known) == file).map(|(_, digest)| digest);
        match digest {
            Some(digest) if !x.is_empty() => self.medium_digests.update_beside(&mut x, digest, &mut y),
            Some(digest) if alone => digest.update(turn(&mut y)),
            _ if !x.is_empty() => self.medium_digests.update(turn(&mut x)),
            _ => return false,
        }
        let (left_x, left_y) = (x.len(), y.len());
        let (done_x, done_y) = (before_x.saturating_sub(left_x), before_y.saturating_sub(left_y));
        self.medium_at = self.medium_at.saturating_add(done_x);
        if before_x > 0 && left_x == 0 {
            self.medium.pop_front();
            self.medium_at = 0;
        }
        self.file_at = self.file_at.saturating_add(done_y);
        self.waiting_bytes = self.waiting_bytes.saturating_sub(done_y);
        if before_y > 0 && left_y == 0 {
            self.files.pop_front();
            self.file_at = 0;
        }
        true
    }

    /// Begins and ends files, and gives the digests that are ready.
    fn answer(&mut self) {
        loop {
            match self.files.pop_front() {
                Some(Message::Begin(number, so_far)) => self.digests.push((number, so_far)),
                Some(Message::End(number, sender)) => {
                    self.hurry = self.hurry.saturating_sub(1);
                    if let Some((_, digest)) = self.digests.iter().find(|(known, _)| *known == number) {
                        // Who asked may have gone.
                        let _ = sender.send(digest.finish());
                    }
                }
                Some(Message::Forget(number)) => self.digests.retain(|(known, _)| *known != number),
                Some(Message::File(_, piece)) if piece.is_empty() => {}
                Some(other) => {
                    self.files.push_front(other);
                    break;
                }
                None => break,
            }
        }
        if self.medium.is_empty() {
            let digests = &self.medium_digests;
            self.ended.iter_mut().flat_map(|waiting| waiting.drain(..)).for_each(|sender| {
                let _ = sender.send(digests.clone());
            });
        }
    }
}

/// What is left of `bytes` from `at`.
fn rest(bytes: Option<&[u8]>, at: usize) -> &[u8] {
    bytes.and_then(|bytes| bytes.get(at..)).unwrap_or_default()
}

/// The next bytes of one stream alone.
fn turn<'a>(bytes: &mut &'a [u8]) -> &'a [u8] {
    let (now, later) = bytes.split_at_checked(TURN_BYTES).unwrap_or((bytes, &[]));
    *bytes = later;
    now
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BLOCK_BYTES, Pool};

    fn bytes(length: usize, seed: usize) -> Vec<u8> {
        (0..length).map(|n| (n.wrapping_mul(seed) >> 3) as u8).collect()
    }

    #[test]
    fn nodes_made_beside_the_medium_are_those_made_alone() {
        let medium = bytes(3 * BLOCK_BYTES + 4097, 7);
        let (lane, pool) = (FileLane::start(true), Pool::new(2));
        let (sender, receiver) = crossbeam_channel::unbounded();
        for block in medium.chunks(BLOCK_BYTES) {
            let mut buffer = pool.take(block.len());
            buffer.copy_from_slice(block);
            let sender = sender.clone();
            lane.medium(&buffer.share(), Some(Box::new(move |node| sender.send(node).unwrap())));
        }
        drop(sender);
        assert_eq!(lane.medium_end().map(|digests| digests.sha256.finish()), Some(Sha256::digest(&medium)));
        assert!(receiver.iter().eq(medium.chunks(BLOCK_BYTES).map(tree::node)));
    }

    #[test]
    fn files_and_medium_have_the_digests_they_have_alone() {
        for with_medium in [true, false] {
            let lane = FileLane::start(with_medium);
            let medium = bytes(if with_medium { 3 * BLOCK_BYTES + 5 } else { 0 }, 7);
            let pool = Pool::new(1);
            let (one, two) = (bytes(2_000_003, 11), bytes(77, 13));
            let mut so_far = Sha256::new();
            so_far.update(&one[..1000]);
            let first = lane.begin(so_far);
            let second = lane.begin(Sha256::new());
            let mut pieces = one[1000..].chunks(300_001);
            for block in medium.chunks(BLOCK_BYTES) {
                let mut buffer = pool.take(block.len());
                buffer.copy_from_slice(block);
                lane.medium(&buffer.share(), None);
                pieces.next().into_iter().for_each(|piece| first.update(Box::new(piece.to_vec())));
            }
            pieces.for_each(|piece| first.update(Box::new(piece.to_vec())));
            second.update(Box::new(Vec::new()));
            second.update(Box::new(two.clone()));
            // Asked for while the medium goes on.
            assert_eq!(second.end().wait(), Some(Sha256::digest(&two)));
            assert_eq!(lane.medium_end().map(|digests| digests.sha256.finish()), Some(Sha256::digest(&medium)));
            assert_eq!(first.end().wait(), Some(Sha256::digest(&one)));
            assert_eq!(lane.begin(Sha256::new()).end().wait(), Some(Sha256::digest(&[])));
        }
    }
}
