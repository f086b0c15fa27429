//! A look ahead: encrypted, compressed and random blocks are stored, and the sooner that is known the better.

/// Places looked at.
const PLACES: usize = 16;
/// Bytes looked at in each. They are the last of a sixteenth of the block (2 KiB), where the slack of a cluster is.
const PLACE_BYTES: usize = 128;
/// What the squares of the 256 counts add up to when 2048 bytes are random is 18 424 on average, with a standard deviation
/// of 181. At this limit, six deviations above, a code for single bytes would save 0.6 %.
const SQUARES_MAX: u32 = 19_500;

/// Whether byte values of `block` are as frequent as each other. Whether anything occurs twice is another question.
pub(crate) fn looks_random(block: &[u8]) -> bool {
    let part = (block.len() / PLACES).max(PLACE_BYTES);
    let mut counts = [0_u32; 256];
    let (mut places, mut squares) = (0, 0_u32);
    for place in block.chunks_exact(part).filter_map(<[u8]>::last_chunk::<PLACE_BYTES>) {
        for &byte in place {
            if let Some(count) = counts.get_mut(usize::from(byte)) {
                // (n + 1)² is n² + 2n + 1.
                squares = squares.wrapping_add(*count * 2 + 1);
                *count += 1;
            }
        }
        // Anything but noise is known after a few places.
        if squares > SQUARES_MAX {
            return false;
        }
        places += 1;
    }
    places >= PLACES
}

#[cfg(test)]
mod tests {
    use super::*;

    /// xorshift64*, enough of a random source to have flat counts.
    fn random(length: usize) -> Vec<u8> {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 56) as u8
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn random_bytes_look_random_and_text_does_not() {
        assert!(looks_random(&random(32_768)));
        assert!(looks_random(&random(33_000)));
        assert!(!looks_random(&random(1000)), "too little to say so");
        assert!(!looks_random(&b"All work and no play makes Jack a dull boy.\n".repeat(800)));
        let mut slack = random(32_768);
        slack[16_384..18_432].fill(0);
        assert!(!looks_random(&slack), "2 KiB of slack after a file");
        // 64 values of 256: a code would save a quarter.
        let base64: Vec<u8> = random(32_768).iter().map(|byte| 48 + byte % 64).collect();
        assert!(!looks_random(&base64));
    }
}
