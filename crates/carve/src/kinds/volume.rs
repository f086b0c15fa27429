//! Encrypted volumes: LUKS and `BitLocker`. What they hold cannot be told from noise, so they are reported and not cut out:
//! *header-only*, with the extent that the header tells among the reasons.
//!
//! ```text
//! LUKS1      'LUKS' BA BE 00 01, cipher …, 104 u32BE first sector of the data
//! LUKS2      'LUKS' BA BE 00 02, u64BE size of the header, …, 448 SHA-256 or another digest of header and JSON text
//! BitLocker  3 '-FVE-FS-'; 176 u64LE places of three blocks of metadata; each: '-FVE-FS-', …, 16 u64LE size of the volume
//! ```

use exhibit_evidence::{ReadFault, Source};
use sha2::{Digest, Sha256};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::{Progress, Stop};
use crate::verdict::{FileType, Level, Verdict, Whole};
use crate::walk::follow;
use crate::window::Window;

/// Largest header of LUKS2 with its text, in bytes.
const LUKS2_MOST: u64 = 4 << 20;

/// Follows a header; it always ends with why there is no more.
type Walk = fn(&mut Window<'_>, &mut Progress) -> Result<Whole, Stop>;

/// An encrypted volume.
pub(crate) struct Volume {
    types: &'static [FileType],
    signatures: &'static [&'static [u8]],
    signature_at: usize,
    walk: Walk,
}

/// LUKS of both versions.
pub(crate) static LUKS: Volume = Volume {
    types: &[FileType { id: "luks", extension: "luks" }],
    signatures: &[b"LUKS\xba\xbe\0\x01", b"LUKS\xba\xbe\0\x02"],
    signature_at: 0,
    walk: luks,
};
/// `BitLocker` of Windows 7 and later, and of Vista.
pub(crate) static BITLOCKER: Volume = Volume {
    types: &[FileType { id: "bitlocker", extension: "bitlocker" }],
    signatures: &[b"-FVE-FS-"],
    signature_at: 3,
    walk: bitlocker,
};

impl Kind for Volume {
    fn id(&self) -> &'static str {
        self.types.first().map_or("luks", |file_type| file_type.id)
    }

    fn types(&self) -> &'static [FileType] {
        self.types
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        self.signatures
    }

    fn signature_at(&self) -> usize {
        self.signature_at
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        let file_type = self.types.first().copied().unwrap_or(FileType { id: "luks", extension: "luks" });
        follow(file_type, candidate, budget, self.walk)
    }
}

fn luks(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    match window.array::<8>(0)? {
        [b'L', b'U', b'K', b'S', 0xba, 0xbe, 0, 1] => luks1(window, progress),
        [b'L', b'U', b'K', b'S', 0xba, 0xbe, 0, 2] => luks2(window, progress),
        _ => Err(Stop::bad(0, "no LUKS header")),
    }
}

fn luks1(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    let payload = u64::from(window.u32_be(104)?);
    let is_name = |field: &[u8]| {
        let text = field.split(|byte| *byte == 0).next().unwrap_or_default();
        !text.is_empty() && text.iter().all(|byte| (0x20..0x7f).contains(byte))
    };
    for at in [8, 40, 72] {
        if !is_name(window.exact(at, 32)?) {
            return Err(Stop::bad(at, "no names of a cipher"));
        }
    }
    for slot in 0..8_u64 {
        let state = window.u32_be(208_u64.saturating_add(slot.saturating_mul(48)))?;
        if !matches!(state, 0xdead | 0x00ac_71f3) {
            return Err(Stop::bad(208, "a key slot that is neither used nor free"));
        }
    }
    progress.level = Level::Header;
    progress.good = 592;
    let begins = payload.saturating_mul(512);
    progress.reasons.push(format!("LUKS version 1: eight key slots, encrypted data from byte {begins} of the volume"));
    Err(Stop::bad(592, "how long the volume is only its partition tells"))
}

fn luks2(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    let size = u64::from_be_bytes(window.array::<8>(8)?);
    if !size.is_multiple_of(4096) || !(16_384..=LUKS2_MOST).contains(&size) {
        return Err(Stop::bad(8, "a header size that LUKS2 does not have"));
    }
    let name = window.array::<32>(72)?;
    if !name.starts_with(b"sha256\0") {
        progress.level = Level::Header;
        progress.good = 4096;
        progress.reasons.push("LUKS version 2, its header under a digest that is not computed here".to_owned());
        return Err(Stop::bad(4096, "how long the volume is only its partition tells"));
    }
    let stored = window.array::<32>(448)?;
    let mut digest = Sha256::new();
    digest.update(window.exact(0, 448)?);
    digest.update([0; 64]);
    let mut text = Vec::new();
    window.each(exhibit_evidence::ByteRange::between(512, size), |bytes| {
        digest.update(bytes);
        if text.len() < 64 * 1024 {
            text.extend_from_slice(bytes);
        }
    })?;
    if digest.finalize().as_slice() != stored {
        return Err(Stop::bad(448, "SHA-256 of the header does not match"));
    }
    progress.level = Level::Header;
    progress.sure(size);
    progress.reasons.push("LUKS version 2: SHA-256 of the header matches".to_owned());
    let text = text.get(3584..).unwrap_or_default();
    let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
    if let Some(extent) = segment(text) {
        progress.reasons.push(extent);
    }
    Err(Stop::bad(size, "how long the volume is its header does not vouch for"))
}

/// What the header's text says of the first encrypted segment.
fn segment(text: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(text).ok()?;
    let first = value.get("segments")?.as_object()?.values().next()?;
    let (offset, size) = (first.get("offset")?.as_str()?, first.get("size")?.as_str()?);
    let plain = |text: &str| text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let to = if size == "dynamic" { "to the end of the volume".to_owned() } else { format!("for {size} bytes") };
    (plain(offset) && plain(size)).then(|| format!("encrypted data from byte {offset} of the volume {to}"))
}

fn bitlocker(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    if window.exact(3, 8)? != b"-FVE-FS-" || window.u16_le(510)? != 0xaa55 {
        return Err(Stop::bad(0, "no boot sector of BitLocker"));
    }
    let bytes_per_sector = window.u16_le(11)?;
    if !matches!(bytes_per_sector, 512 | 1024 | 2048 | 4096) {
        return Err(Stop::bad(11, "sectors of a size that there is not"));
    }
    progress.level = Level::Header;
    progress.good = 512;
    let (mut blocks, mut volume) = (0, None);
    for field in [176, 184, 192] {
        let at = window.u64_le(field)?;
        if at < 512 || at.saturating_add(64) > window.size() {
            continue;
        }
        if window.exact(at, 8)? == b"-FVE-FS-" {
            blocks += 1;
            volume = Some(window.u64_le(at.saturating_add(16))?).filter(|size| *size > 0).or(volume);
        }
    }
    progress.reasons.push(format!("boot sector of BitLocker; {blocks} of three blocks of metadata are where it says"));
    if let Some(size) = volume {
        progress.reasons.push(format!("the metadata tells of {size} bytes of encrypted volume"));
    }
    Err(Stop::bad(512, "what is encrypted cannot be checked"))
}
