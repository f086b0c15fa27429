//! Going on from every checkpoint gives the files of a run that was never stopped, byte for byte.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop there")]

use std::collections::BTreeMap;
use std::sync::Arc;

use exhibit_evidence::{Digest, DigestSet, Instant, MemorySource, Source};
use exhibit_hash::BLOCK_BYTES;
use exhibit_image::{Checkpoint, Compression, Create, FORMATS, Format, ImageWriter, Metadata};
use exhibit_testkit::{Death, MemoryStore};

fn how(size: usize, compression: Compression, segment_size_bytes: Option<u64>) -> Create {
    Create {
        base: "disk".to_owned(),
        size_bytes: size as u64,
        sector_bytes: 512,
        compression,
        segment_size_bytes,
        physical: true,
        metadata: Metadata::default(),
        set_id: [7; 16],
        started: Instant::from_unix_seconds(1_700_000_000),
    }
}

/// Noise and text by turns, so that blocks differ in what they compress to.
fn medium(size: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut byte = move |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        if (n / 300_000).is_multiple_of(3) { (state >> 56) as u8 } else { (n / 64) as u8 }
    };
    (0..size).map(&mut byte).collect()
}

/// Writes `medium` from byte `at`; a checkpoint after every block.
fn write(mut writer: Box<dyn ImageWriter>, medium: &[u8], at: u64) -> Vec<Checkpoint> {
    let encoder = writer.encoder();
    let mut checkpoints = Vec::new();
    for block in medium[at as usize..].chunks(BLOCK_BYTES) {
        writer.write(block, encoder.encode(block)).unwrap();
        checkpoints.extend(writer.checkpoint().unwrap());
    }
    let stored: DigestSet = [Digest::new("md5", [1; 16]), Digest::new("sha1", [2; 20])].into_iter().collect();
    for file in writer.finish(&stored, &[]).unwrap().segments {
        file.segment.seal().unwrap();
    }
    checkpoints
}

fn reopen(store: &MemoryStore, name: &str) -> std::io::Result<Arc<dyn Source>> {
    let bytes = store.get(&format!("{name}.partial")).ok_or(std::io::ErrorKind::NotFound)?;
    Ok(Arc::new(MemorySource::new(bytes)))
}

/// The state of the store at the moment of `checkpoint`, with more behind it, as a crash leaves it: files that came later
/// are there too and are in the way of nobody.
fn unfinished(files: &BTreeMap<String, Vec<u8>>, checkpoint: &Checkpoint) -> MemoryStore {
    let store = MemoryStore::new();
    for (name, length) in &checkpoint.files {
        let mut bytes = files[name][..*length as usize].to_vec();
        bytes.extend_from_slice(b"what came after the checkpoint");
        store.tamper(&format!("{name}.partial"), bytes);
    }
    store.revived(Death::Killed, u64::MAX)
}

fn resumes(format: &'static dyn Format, how: &Create, medium: &[u8]) -> usize {
    let store = Arc::new(MemoryStore::new());
    let mut checkpoints = write(format.create(store.clone(), how).unwrap(), medium, 0);
    let files = store.files();
    checkpoints.dedup();
    for checkpoint in &checkpoints {
        let what = format!("{} {:?} {checkpoint:?}", format.spec().id, how.segment_size_bytes);
        let at = checkpoint.medium_bytes;
        assert!(at == how.size_bytes || at.is_multiple_of(BLOCK_BYTES as u64), "{what}");
        let store = Arc::new(unfinished(&files, checkpoint));
        let again = store.clone();
        let resumed = format.resume(store.clone(), how, checkpoint, &move |name| reopen(&again, name)).unwrap();
        assert_eq!(resumed.medium.size(), at, "{what}");
        let mut sealed = vec![0; at as usize];
        resumed.medium.read_at(0, &mut sealed).unwrap();
        assert!(sealed == medium[..at as usize], "{what}: the sealed medium");
        drop(resumed.medium);
        let mut writer = resumed.writer;
        assert_eq!(writer.checkpoint().unwrap().as_ref(), Some(checkpoint), "{what}: the place is still known");
        write(writer, medium, at);
        assert!(store.files() == files, "{what}: {:?}", store.names());
    }
    checkpoints.len()
}

#[test]
fn from_every_checkpoint_the_same_files_come_out() {
    for format in FORMATS.iter().filter(|format| format.spec().abilities.write) {
        let id = format.spec().id;
        for size in [BLOCK_BYTES, 9 * BLOCK_BYTES + 1000, 37 * BLOCK_BYTES + 512] {
            let medium = medium(size);
            for (compression, limit) in
                [(Compression::Fast, None), (Compression::None, Some(5 << 20)), (Compression::Fast, Some(3 << 20))]
            {
                if id == "raw" && limit.is_some() || id == "aff4" && limit.is_some() {
                    continue;
                }
                let count = resumes(*format, &how(size, compression, limit), &medium);
                assert!(count > 0 || size < 33 * BLOCK_BYTES, "{id} {size} {limit:?}: no checkpoint at all");
            }
        }
    }
}

#[test]
fn a_checkpoint_of_another_image_is_refused() {
    for format in FORMATS.iter().filter(|format| format.spec().abilities.write) {
        let how = how(3 * BLOCK_BYTES, Compression::Fast, None);
        let store = MemoryStore::new();
        store.tamper("other.partial", vec![0; 2 * BLOCK_BYTES]);
        for (name, length, medium_bytes) in [("other", 5, 5), ("disk.raw", 9, 1 << 20), ("disk.E01", 9, 1 << 20)] {
            let files = vec![(name.to_owned(), length)];
            let at = Checkpoint { medium_bytes, files, state: String::new() };
            let again = store.clone();
            let resumed = format.resume(Arc::new(store.clone()), &how, &at, &move |name| reopen(&again, name));
            assert!(resumed.is_err(), "{} {at:?}", format.spec().id);
        }
    }
}
