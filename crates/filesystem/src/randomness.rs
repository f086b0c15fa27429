//! Whether bytes have structure.

use crate::Window;

/// What is looked at of a volume in which nothing was recognised: 16 KiB at each of these parts of 8 of its size.
const LOOKS: [u64; 4] = [0, 1, 4, 7];
const LOOK_BYTES: usize = 16 * 1024;

/// `empty`, `random`, `unknown` or `unread`, as [`exhibit_evidence::layout::Volume::unrecognised`] has it.
pub(crate) fn look(window: &Window<'_>) -> &'static str {
    let mut seen: Vec<Vec<u8>> = Vec::new();
    for part in LOOKS {
        let at = (window.size() / 8).saturating_mul(part) / 4096 * 4096;
        let left = window.size().saturating_sub(at);
        let length = LOOK_BYTES.min(usize::try_from(left).unwrap_or(LOOK_BYTES));
        seen.extend(window.bytes(at, length).filter(|bytes| !bytes.is_empty()));
    }
    if window.unread() || seen.is_empty() {
        return "unread";
    }
    if seen.iter().flatten().all(|byte| *byte == 0) {
        return "empty";
    }
    if seen.iter().all(|piece| piece.len() == LOOK_BYTES && is_even(piece)) {
        return "random";
    }
    "unknown"
}

/// Whether the bytes are spread as evenly as those of a cipher: Pearson's statistic over the 256 values has the mean 255 and
/// a standard deviation of 22.6 for random bytes; within six of these on either side once in some 10^8 looks fails.
fn is_even(bytes: &[u8]) -> bool {
    let mut counts = [0_i64; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count = count.saturating_add(1);
        }
    }
    let expected = (bytes.len() / 256).max(1) as f64;
    let statistic: f64 = counts.iter().map(|count| (*count as f64 - expected).powi(2) / expected).sum();
    (120.0..=391.0).contains(&statistic)
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::{ByteRange, MemorySource};

    use super::*;

    fn looked(bytes: Vec<u8>) -> &'static str {
        let source = MemorySource::new(bytes);
        look(&Window::new(&source, ByteRange::new(0, u64::MAX)))
    }

    fn noise(length: usize) -> Vec<u8> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let step = |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        };
        (0..length).map(step).collect()
    }

    #[test]
    fn noise_zeros_and_text_are_told_apart() {
        assert_eq!(looked(noise(1 << 20)), "random");
        assert_eq!(looked(vec![0; 1 << 20]), "empty");
        assert_eq!(looked(b"It was a dark and stormy night. ".repeat(10_000)), "unknown");
        assert_eq!(looked(Vec::new()), "unread");
        let mut half = noise(1 << 20);
        half[..1 << 19].fill(0);
        assert_eq!(looked(half), "unknown", "noise behind zeros is not called encrypted");
    }
}
