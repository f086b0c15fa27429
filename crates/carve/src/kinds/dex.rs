//! Programs of Android (DEX, source.android.com/docs/core/runtime/dex-format).
//!
//! ```text
//! 0    'dex' 0A, three digits, 0; u32LE Adler-32 @8 of everything from 12 on; SHA-1 @12 of everything from 32 on
//! 32   u32LE size of the file, u32LE size of the header (112), byte order 12345678
//! ```
//!
//! The checksums cover the file from the first byte behind them to the last, and the SHA-1 lies under the Adler-32: *proven*.

use exhibit_evidence::{ByteRange, ReadFault, Source};
use sha1::{Digest, Sha1};
use simd_adler32::Adler32;

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{follow, proven};

const DEX: FileType = FileType { id: "dex", extension: "dex" };
/// Versions there are, behind the first zero: they are under no checksum.
const VERSIONS: [&[u8]; 6] = [b"35\0", b"37\0", b"38\0", b"39\0", b"40\0", b"41\0"];
const HEADER_BYTES: u64 = 112;

/// Programs of Android.
pub(crate) struct Dex;

impl Kind for Dex {
    fn id(&self) -> &'static str {
        "dex"
    }

    fn types(&self) -> &'static [FileType] {
        &[DEX]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"dex\n0"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.get(5..8).is_none_or(|rest| VERSIONS.contains(&rest))
            && head.get(36..44).is_none_or(|fixed| fixed == [0x70, 0, 0, 0, 0x78, 0x56, 0x34, 0x12])
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(DEX, candidate, budget, |window, progress| {
            let head = window.array::<44>(0)?;
            if !head.starts_with(b"dex\n0") || !self.plausible(&head) {
                return Err(Stop::bad(0, "no program of Android"));
            }
            let size = u64::from(window.u32_le(32)?);
            if size < HEADER_BYTES {
                return Err(Stop::bad(32, "smaller than its header"));
            }
            progress.level = Level::Header;
            progress.good = 44;
            let mut adler = Adler32::new();
            adler.write(head.get(12..32).unwrap_or_default());
            let mut digest = Sha1::new();
            // To the end of the medium at most: what lies before it is good until the sums say otherwise.
            window.each(ByteRange::between(32, size), |bytes| {
                adler.write(bytes);
                digest.update(bytes);
            })?;
            if window.u32_le(8)? != adler.finish() {
                return Err(Stop::bad(size, "Adler-32 of the content does not match"));
            }
            if window.exact(12, 20)? != digest.finalize().as_slice() {
                return Err(Stop::bad(size, "SHA-1 of the content does not match"));
            }
            let reasons = ["Adler-32 and SHA-1 of the whole content match".to_owned()];
            Ok(proven(DEX, size, reasons))
        })
    }
}
