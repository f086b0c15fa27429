//! What `volume`, `disk` and `data` tell: how large the medium is, and how it is cut.

use exhibit_evidence::to_hex;

use super::layout::{CHUNK_BYTES_MAX, MEDIA_FLAG_PHYSICAL, VOLUME_SMART_BYTES, u32_at, u64_at};

/// Geometry from `volume`, `disk` or `data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Geometry {
    pub(super) chunks: u32,
    pub(super) chunk_bytes: u64,
    pub(super) sector_bytes: u32,
    pub(super) sectors: u64,
    media_type: u8,
    media_flags: u8,
    compression: u8,
    set_id: [u8; 16],
    pub(super) smart: bool,
}

impl Geometry {
    /// What it tells about medium and set.
    pub(super) fn metadata(&self) -> Vec<(&'static str, String)> {
        let media = match self.media_type {
            0x00 => "removable disk".to_owned(),
            0x01 => "fixed disk".to_owned(),
            0x03 => "optical disc".to_owned(),
            0x0e => "single files".to_owned(),
            0x10 => "memory".to_owned(),
            other => format!("unknown (0x{other:02x})"),
        };
        let kind = if self.media_flags & MEDIA_FLAG_PHYSICAL != 0 { "physical" } else { "logical" };
        let compression = match self.compression {
            0 => "none".to_owned(),
            1 => "fast".to_owned(),
            2 => "best".to_owned(),
            other => format!("unknown ({other})"),
        };
        let mut all = vec![("media_type", media), ("media_kind", kind.to_owned()), ("compression", compression)];
        if self.set_id != [0; 16] {
            all.push(("set_identifier", to_hex(&self.set_id)));
        }
        all
    }
}

/// Reads the 1052- or 94-byte structure.
pub(super) fn geometry(bytes: &[u8]) -> Result<Geometry, String> {
    let smart = bytes.len() == VOLUME_SMART_BYTES;
    let (sectors_per_chunk, sector_bytes) = (u32_at(bytes, 8), u32_at(bytes, 12));
    let sectors = if smart { u64::from(u32_at(bytes, 16)) } else { u64_at(bytes, 16) };
    let chunk_bytes = u64::from(sectors_per_chunk).saturating_mul(u64::from(sector_bytes));
    if chunk_bytes == 0 || chunk_bytes > CHUNK_BYTES_MAX {
        return Err(format!("chunks of {sectors_per_chunk} sectors of {sector_bytes} bytes are not possible"));
    }
    if sectors.checked_mul(u64::from(sector_bytes)).is_none() {
        return Err(format!("{sectors} sectors of {sector_bytes} bytes are not possible"));
    }
    let byte = |offset: usize| if smart { 0 } else { bytes.get(offset).copied().unwrap_or(0) };
    let set_id = bytes.get(64..80).filter(|_| !smart).and_then(|id| id.first_chunk()).copied().unwrap_or_default();
    let media_type = bytes.first().copied().filter(|_| !smart).unwrap_or(1);
    Ok(Geometry {
        chunks: u32_at(bytes, 4),
        chunk_bytes,
        sector_bytes,
        sectors,
        media_type,
        media_flags: byte(36),
        compression: byte(52),
        set_id,
        smart,
    })
}
