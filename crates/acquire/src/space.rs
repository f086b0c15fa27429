//! How much room an image needs, before the first byte is read and while it grows.

use exhibit_hash::tree;

use crate::Job;

/// Room that is kept free on the destination: a full disk spoils more than one acquisition.
const RESERVE_BYTES_MAX: u64 = 64 << 20;
/// The least that is kept free, for the tables and headers at the end.
const RESERVE_BYTES_MIN: u64 = 1 << 20;

/// Room that an acquisition needs, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// So much in any case.
    pub least: u64,
    /// So much if nothing compresses.
    pub most: u64,
}

impl Space {
    /// What `job` needs: image and hash tree. A container adds checksums, tables and headers to what does not compress:
    /// 12 bytes to every 32 KiB and some KiB to every file in an E01; an eighth of a percent covers every format.
    #[must_use]
    pub fn needed(job: &Job) -> Self {
        let size = job.source.size();
        let tree = tree::node_count(size).saturating_mul(32).saturating_add(tree::HEADER_BYTES as u64);
        let plain = size.saturating_add(tree);
        let compresses = job.format.spec().id != "raw" && job.compression != exhibit_image::Compression::None;
        let least = if compresses { tree } else { plain };
        let most = if job.format.spec().id == "raw" { plain } else { beyond(plain) };
        Self { least, most }
    }
}

/// `bytes` of medium in a container, if nothing compresses.
fn beyond(bytes: u64) -> u64 {
    bytes.saturating_add(bytes / 800).saturating_add(64 << 10)
}

/// Whether it is time to stop: what is left of the medium may not fit, and hardly anything is free.
pub(crate) fn runs_out(free: u64, done: u64, size: u64) -> bool {
    let reserve = (size / 64).clamp(RESERVE_BYTES_MIN, RESERVE_BYTES_MAX);
    done < size && free < reserve && free < beyond(size.saturating_sub(done))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stops_before_the_disk_is_full_and_not_when_the_rest_fits() {
        let tib = 1 << 40;
        assert!(!runs_out(u64::MAX, 0, tib) && !runs_out(65 << 20, 5, tib));
        assert!(runs_out(63 << 20, 5, tib));
        assert!(!runs_out(63 << 20, tib - (32 << 20), tib), "the last 32 MiB fit");
        assert!(!runs_out(0, tib, tib), "it is through");
        assert!(!runs_out(1 << 20, 0, 5 << 20) && runs_out((1 << 20) - 1, 0, 5 << 20));
    }
}
