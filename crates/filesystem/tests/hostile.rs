//! Media that lie: whatever stands where structures are expected, the summary ends, soon, and within its limits.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use exhibit_evidence::{ByteRange, Cause, Known, MemorySource, ReadFault, Source};
use exhibit_filesystem::layout;

/// A generator of bytes that is the same on every machine (xorshift).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// Every signature that sets a parser going, where it is looked for.
const SIGNATURES: [(usize, &[u8]); 14] = [
    (32, b"NXSB"),
    (510, &[0x55, 0xaa]),
    (512, b"EFI PART"),
    (1024 + 56, &[0x53, 0xef]),
    (4096, &[0xfc, 0x4e, 0x2b, 0xa9, 1, 0, 0, 0]),
    (424, &[0x3b, 0xd6, 0x67, 0x49, 0x29, 0x2e, 0xd8, 0x4a, 0x83, 0x99, 0xf6, 0xa3, 0x39, 0xe3, 0xd0, 0x01]),
    (88, b"CS"),
    (32_769, b"CD001"),
    (34_817, b"NSR03"),
    (65_600, b"_BHRfS_M"),
    (4086, b"SWAPSPACE2"),
    (131_072, &[0x0c, 0xb1, 0xba, 0, 0, 0, 0, 0]),
    (0, b"ER"),
    (1024, b"H+"),
];

#[test]
fn noise_with_signatures_in_it_is_summed_up_in_bounded_time() {
    let mut noise = Noise(0x1234_5678_9abc_def1);
    let started = Instant::now();
    for round in 0..300_u64 {
        let mut bytes: Vec<u8> = (0..256 * 1024 / 8).flat_map(|_| noise.next().to_le_bytes()).collect();
        for (index, (at, signature)) in SIGNATURES.iter().enumerate() {
            if (round >> (index % 9)) & 1 == 1 {
                bytes[*at..at + signature.len()].copy_from_slice(signature);
            }
        }
        // Small numbers lead further into a structure than large ones.
        for _ in 0..noise.next() % 2000 {
            let at = (noise.next() % bytes.len() as u64) as usize;
            bytes[at] = (noise.next() % 3) as u8;
        }
        let layout = layout(&MemorySource::new(bytes), None);
        assert!(layout.volumes.len() <= 129, "{}", layout.volumes.len());
    }
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

/// A medium of which nothing, or only the first sector, can be read; it counts how often somebody tries.
struct Dead {
    good: usize,
    tried: AtomicUsize,
}

impl Source for Dead {
    fn size(&self) -> u64 {
        1 << 40
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        self.tried.fetch_add(1, Ordering::Relaxed);
        let good = if at == 0 { self.good.min(buf.len()) } else { 0 };
        Err(ReadFault { at, good, cause: Cause::Medium(std::io::Error::from_raw_os_error(5)) })
    }

    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        (range, Known::Data)
    }
}

#[test]
fn what_cannot_be_read_is_called_unread_and_not_empty() {
    for good in [0, 512] {
        let dead = Dead { good, tried: AtomicUsize::new(0) };
        let layout = layout(&dead, Some(512));
        assert!(dead.tried.load(Ordering::Relaxed) <= 4, "a dying disk is left alone");
        assert_eq!(layout.volumes[0].unrecognised.as_deref(), Some("unread"), "{layout:?}");
        assert!(layout.remarks.iter().any(|remark| remark.contains("could be read")), "{layout:?}");
        assert!(layout.encrypted().next().is_none());
    }
}
