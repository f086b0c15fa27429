//! An image, and what somebody who opens a changed copy of it gets to see.

use std::sync::Arc;

use exhibit_evidence::{Digest, DigestSet, Instant, MemorySource, Severity};
use exhibit_hash::{ALGORITHMS, BLOCK_BYTES};
use exhibit_image::{Compression, Create, Metadata, Part, format};
use exhibit_testkit::MemoryStore;
use exhibit_tests::places::data;

/// An E01 and its medium.
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) medium: Vec<u8>,
    metadata: Vec<(&'static str, String)>,
}

/// What opening, checking and reading a changed copy came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// An error, a finding that is more than a note, a read fault, or a stored digest that differs.
    Noticed,
    /// Nothing was said, and medium and metadata are as they were.
    Harmless,
    /// Nothing was said, and the medium is another.
    MediumChanged,
    /// Nothing was said, and the metadata are others.
    MetadataChanged,
}

impl Subject {
    pub(crate) fn new(name: &str, bytes: Vec<u8>) -> Self {
        let parts = vec![Part { name: name.to_owned(), source: Arc::new(MemorySource::new(bytes.clone())) }];
        let opened = format("e01").unwrap().open(parts).unwrap();
        let mut medium = vec![0; usize::try_from(opened.value.size()).unwrap()];
        opened.value.read_at(0, &mut medium).unwrap();
        let metadata = opened.value.description().metadata.clone();
        let subject = Self { name: name.to_owned(), bytes, medium, metadata };
        assert_eq!(subject.judge(subject.bytes.clone()), Seen::Harmless, "{name} itself has nothing wrong with it");
        subject
    }

    /// From the test data, if that is at hand.
    pub(crate) fn foreign(name: &str) -> Option<Self> {
        Some(Self::new(name, data(name)?))
    }

    /// Written by ourselves: odd size, zeros, text and noise.
    pub(crate) fn ours(size: usize, compression: Compression) -> Self {
        let medium: Vec<u8> = (0..size)
            .map(|n| match n / 9_000 % 3 {
                0 => 0,
                1 => (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17) as u8,
                _ => b"exhibit "[n % 8],
            })
            .collect();
        let store = Arc::new(MemoryStore::new());
        let how = Create {
            base: "ours".to_owned(),
            size_bytes: size as u64,
            sector_bytes: 512,
            compression,
            segment_size_bytes: None,
            physical: false,
            metadata: Metadata { notes: "seen".to_owned(), ..Metadata::default() },
            set_id: [7; 16],
            started: Instant::from_unix_seconds(1_700_000_000),
        };
        let mut writer = format("e01").unwrap().create(store.clone(), &how).unwrap();
        let encoder = writer.encoder();
        for block in medium.chunks(BLOCK_BYTES) {
            writer.write(block, encoder.encode(block)).unwrap();
        }
        let mut padded = medium;
        padded.resize(size.next_multiple_of(512), 0);
        let stored: DigestSet = digests(&padded).into_iter().filter(|d| d.algorithm() != "sha256").collect();
        for segment in writer.finish(&stored, &[]).unwrap().segments {
            segment.segment.seal().unwrap();
        }
        Self::new("ours.E01", store.get("ours.E01").unwrap())
    }

    /// Opens `bytes` in place of the image, checks the structure, and reads all of the medium.
    pub(crate) fn judge(&self, bytes: Vec<u8>) -> Seen {
        let parts = vec![Part { name: self.name.clone(), source: Arc::new(MemorySource::new(bytes)) }];
        let Ok(opened) = format("e01").unwrap().open(parts) else { return Seen::Noticed };
        let image = opened.value;
        let mut worst = opened.findings.iter().map(|finding| finding.severity).max();
        image.check_structure(&mut |finding| worst = worst.max(Some(finding.severity)));
        let description = image.description();
        if image.size() != self.medium.len() as u64 {
            // Sizes out of a hostile header must not become memory: read in steps, at the beginning and at the end.
            let mut step = vec![0; 64 * 1024];
            for at in [0, image.size() / 2, image.size().saturating_sub(step.len() as u64)] {
                let _ = image.read_at(at, &mut step);
            }
            return if worst >= Some(Severity::Incomplete) { Seen::Noticed } else { Seen::MediumChanged };
        }
        let mut medium = vec![0xee; self.medium.len()];
        let fault = image.read_at(0, &mut medium).is_err();
        if fault || worst >= Some(Severity::Incomplete) {
            return Seen::Noticed;
        }
        if medium == self.medium {
            let same = description.metadata == self.metadata;
            return if same { Seen::Harmless } else { Seen::MetadataChanged };
        }
        medium.resize(medium.len().saturating_add(description.padding_bytes as usize), 0);
        let differs =
            |digest: &Digest| description.stored.get(digest.algorithm()).is_some_and(|stored| stored != digest.hex());
        if digests(&medium).iter().any(differs) { Seen::Noticed } else { Seen::MediumChanged }
    }
}

fn digests(bytes: &[u8]) -> Vec<Digest> {
    let start = ALGORITHMS.iter().filter(|algorithm| ["md5", "sha1", "sha256"].contains(&algorithm.id()));
    start
        .map(|algorithm| {
            let mut digester = algorithm.start();
            digester.update(bytes);
            digester.digest()
        })
        .collect()
}
