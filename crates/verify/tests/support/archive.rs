//! A small ZIP writer that follows the profile of packages and can be told to do single things wrong.

use std::io::Write as _;

/// One member, with every field that a test may want to falsify.
#[derive(Clone)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) data: Vec<u8>,
    pub(crate) deflate: bool,
    pub(crate) zip64: bool,
    pub(crate) descriptor: bool,
    pub(crate) external: u32,
    pub(crate) time: u16,
    /// Size in both headers, if it is to be a lie.
    pub(crate) declared_size: Option<u64>,
    /// Name in the local header, if it is to differ.
    pub(crate) local_name: Option<String>,
    /// Offset of the local header in the directory, if it is to differ.
    pub(crate) local_at: Option<u64>,
    pub(crate) extra: Vec<u8>,
}

impl Part {
    pub(crate) fn new(name: &str, data: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            data: data.to_vec(),
            deflate: false,
            zip64: false,
            descriptor: false,
            external: 0o100_644 << 16,
            time: 0,
            declared_size: None,
            local_name: None,
            local_at: None,
            extra: Vec::new(),
        }
    }

    pub(crate) fn deflated(name: &str, data: &[u8]) -> Self {
        Self { deflate: true, ..Self::new(name, data) }
    }
}

/// How the archive as a whole is put together.
#[derive(Default, Clone)]
pub(crate) struct Shape {
    pub(crate) before: Vec<u8>,
    pub(crate) between: Vec<u8>,
    pub(crate) comment: Vec<u8>,
    pub(crate) zip64_end: bool,
}

fn put16(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&u16::try_from(value & 0xffff).unwrap().to_le_bytes());
}

fn put32(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&u32::try_from(value & 0xffff_ffff).unwrap().to_le_bytes());
}

fn put64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn packed(part: &Part) -> Vec<u8> {
    if !part.deflate {
        return part.data.clone();
    }
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(&part.data).unwrap();
    encoder.finish().unwrap()
}

/// The fields that both headers share.
fn common(out: &mut Vec<u8>, part: &Part, name: &str, crc: u32, compressed: u64, size: u64, extra: usize) {
    let needed = if part.zip64 {
        45
    } else if part.deflate {
        20
    } else {
        10
    };
    put16(out, needed);
    put16(out, if part.descriptor { 8 } else { 0 } | if name.is_ascii() { 0 } else { 0x800 });
    put16(out, if part.deflate { 8 } else { 0 });
    put16(out, part.time.into());
    put16(out, 0x21);
    put32(out, crc.into());
    put32(out, if part.zip64 { u64::MAX } else { compressed });
    put32(out, if part.zip64 { u64::MAX } else { size });
    put16(out, name.len() as u64);
    put16(out, extra as u64);
}

fn zip64_extra(part: &Part, compressed: u64, size: u64) -> Vec<u8> {
    let mut extra = Vec::new();
    if part.zip64 {
        put16(&mut extra, 1);
        put16(&mut extra, 16);
        put64(&mut extra, size);
        put64(&mut extra, compressed);
    }
    extra.extend_from_slice(&part.extra);
    extra
}

/// The bytes of an archive.
pub(crate) fn zip(parts: &[Part], shape: &Shape) -> Vec<u8> {
    let mut out = shape.before.clone();
    let mut directory = Vec::new();
    for part in parts {
        let (at, data) = (out.len() as u64, packed(part));
        let (crc, compressed) = (crc32fast::hash(&part.data), data.len() as u64);
        let size = part.declared_size.unwrap_or(part.data.len() as u64);
        let extra = zip64_extra(part, compressed, size);
        let local_name = part.local_name.as_ref().unwrap_or(&part.name);
        put32(&mut out, 0x0403_4b50);
        let late = part.descriptor;
        let zero = |value: u64| if late { 0 } else { value };
        let shown = Part { zip64: part.zip64 && !late, ..part.clone() };
        let local_extra = if late { part.extra.clone() } else { extra.clone() };
        let local_crc = if late { 0 } else { crc };
        common(&mut out, &shown, local_name, local_crc, zero(compressed), zero(size), local_extra.len());
        out.extend_from_slice(local_name.as_bytes());
        out.extend_from_slice(&local_extra);
        out.extend_from_slice(&data);
        if late {
            put32(&mut out, 0x0807_4b50);
            put32(&mut out, crc.into());
            put32(&mut out, compressed);
            put32(&mut out, size);
        }
        put32(&mut directory, 0x0201_4b50);
        let needed = if part.zip64 {
            45
        } else if part.deflate {
            20
        } else {
            10
        };
        put16(&mut directory, 3 << 8 | needed);
        common(&mut directory, part, &part.name, crc, compressed, size, extra.len());
        put16(&mut directory, 0);
        put16(&mut directory, 0);
        put16(&mut directory, 0);
        put32(&mut directory, part.external.into());
        put32(&mut directory, part.local_at.unwrap_or(at));
        directory.extend_from_slice(part.name.as_bytes());
        directory.extend_from_slice(&extra);
    }
    out.extend_from_slice(&shape.between);
    end(out, &directory, parts, shape)
}

fn end(mut out: Vec<u8>, directory: &[u8], parts: &[Part], shape: &Shape) -> Vec<u8> {
    let (at, count) = (out.len() as u64, parts.len() as u64);
    out.extend_from_slice(directory);
    let zip64 = shape.zip64_end || count > 0xffff;
    if zip64 {
        let end64_at = out.len() as u64;
        let version = if parts.iter().any(|part| part.zip64) {
            45
        } else if parts.iter().any(|part| part.deflate) {
            20
        } else {
            10
        };
        put32(&mut out, 0x0606_4b50);
        put64(&mut out, 44);
        put16(&mut out, version);
        put16(&mut out, version);
        put32(&mut out, 0);
        put32(&mut out, 0);
        put64(&mut out, count);
        put64(&mut out, count);
        put64(&mut out, directory.len() as u64);
        put64(&mut out, at);
        put32(&mut out, 0x0706_4b50);
        put32(&mut out, 0);
        put64(&mut out, end64_at);
        put32(&mut out, 1);
    }
    put32(&mut out, 0x0605_4b50);
    put16(&mut out, 0);
    put16(&mut out, 0);
    put16(&mut out, count.min(0xffff));
    put16(&mut out, count.min(0xffff));
    put32(&mut out, if zip64 { u64::MAX } else { directory.len() as u64 });
    put32(&mut out, at);
    put16(&mut out, shape.comment.len() as u64);
    out.extend_from_slice(&shape.comment);
    out
}
