//! Reading the bytes of the medium from the file that holds them.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Finding, Known, Outcome, ReadFault, Severity, Source};

use super::{SPEC, naming, split};
use crate::{Description, Image, ImageError, Part, SegmentInfo};

pub(super) fn open(parts: Vec<Part>) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
    let names: Vec<String> = parts.iter().map(|part| part.name.clone()).collect();
    let numbered = names.first().and_then(|first| naming::parts(first, &names));
    if let Some(numbered) = numbered {
        let part = |(number, name)| Some((number, parts.iter().find(|part| part.name == name)?.clone()));
        let parts: Vec<(u64, Part)> = numbered.into_iter().filter_map(part).collect();
        let lookalike = parts.first().and_then(|(_, part)| lookalike(part));
        let mut outcome = split::open(parts);
        outcome.findings.extend(lookalike);
        return Ok(outcome);
    }
    let Some(part) = parts.into_iter().next() else {
        return Err(ImageError::Usage("an image needs at least one file".to_owned()));
    };
    let size_bytes = part.source.size();
    let mut findings: Vec<Finding> = lookalike(&part).into_iter().collect();
    if naming::is_later_part(&part.name) {
        let text = "named like a later file of a split image, but no other is beside it; its own bytes are taken for the medium";
        findings.push(Finding::new(Severity::Incomplete, "raw-part-alone", part.name.clone(), text));
    }
    let description = Description {
        format: "raw",
        title: SPEC.title.to_owned(),
        size_bytes,
        sector_bytes: 512,
        segments: vec![SegmentInfo { name: part.name, size_bytes }],
        ..Description::default()
    };
    Ok(Outcome { value: Arc::new(RawImage { source: part.source, description }), findings })
}

/// Containers that this version does not open, by the bytes they begin with. Taken for raw they would be hashed and carved
/// as if they were the medium, so whoever does that is told.
const LOOKALIKES: &[Lookalike] = &[
    Lookalike {
        signature: b"ADSEGMENTEDFILE",
        what: "an AD1 logical image (AccessData)",
        advice: "open it in FTK Imager and export its files, or make an L01 or an E01 of what it was made from",
        weight: Severity::Incomplete,
    },
    Lookalike {
        signature: b"AFF10",
        what: "an AFF image, version 1",
        advice: "convert it with affconvert -r",
        weight: Severity::Incomplete,
    },
    Lookalike::plain(b"PK\x03\x04", "a ZIP archive (an AFF4 image, a package, a document)", ""),
    Lookalike::plain(b"QED\0", "a QED virtual disk", "convert a copy with qemu-img convert -O raw"),
    Lookalike::plain(b"WithoutFreeSpace", "a Parallels virtual disk", "convert a copy with qemu-img convert -O raw"),
    Lookalike::plain(b"WithouFreSpacExt", "a Parallels virtual disk", "convert a copy with qemu-img convert -O raw"),
    Lookalike::plain(b"\x1f\x8b", "a gzip file", UNPACK),
    Lookalike::plain(b"\x28\xb5\x2f\xfd", "a zstd file", UNPACK),
    Lookalike::plain(b"\xfd7zXZ", "an xz file", UNPACK),
    Lookalike::plain(b"BZh", "a bzip2 file", UNPACK),
];

/// Known by the block at its end.
const DMG: Lookalike = Lookalike {
    signature: b"",
    what: "an Apple disk image (DMG)",
    advice: "convert a copy with qemu-img convert -O raw, or on a Mac with hdiutil convert -format UDTO",
    weight: Severity::Incomplete,
};

const UNPACK: &str = "if it holds an image, unpack it first";

/// A container that is not opened here.
struct Lookalike {
    signature: &'static [u8],
    what: &'static str,
    /// What to do instead; empty where there is nothing to say.
    advice: &'static str,
    weight: Severity,
}

impl Lookalike {
    /// One that may as well be what somebody wants to look at as it is.
    const fn plain(signature: &'static [u8], what: &'static str, advice: &'static str) -> Self {
        Self { signature, what, advice, weight: Severity::Note }
    }
}

/// A note, if the file begins like a container that is not opened here.
fn lookalike(part: &Part) -> Option<Finding> {
    // Only wording and weight hang on the name: whoever calls a file so says that it is a container.
    let extension = part.name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    if matches!(extension.as_str(), "e01" | "s01" | "l01" | "ex01" | "lx01") {
        let text = format!(
            "the name ends in .{extension}, but the file does not begin as such a container does: it is damaged, \
             or none; its own bytes are taken for the medium"
        );
        return Some(Finding::new(Severity::Incomplete, "raw-not-a-container", part.name.clone(), text));
    }
    let mut head = [0; 32];
    let length = usize::try_from(part.source.size().min(32)).ok()?;
    part.source.read_at(0, head.get_mut(..length)?).ok()?;
    let found = LOOKALIKES.iter().find(|known| head.starts_with(known.signature)).or_else(|| {
        let mut tail = [0; 4];
        part.source.read_at(part.source.size().checked_sub(512)?, &mut tail).ok()?;
        (tail == *b"koly").then_some(&DMG)
    })?;
    let advice = if found.advice.is_empty() { String::new() } else { format!(" ({})", found.advice) };
    let text = format!(
        "begins like {}, which this version does not open: its own bytes are taken for the medium{advice}",
        found.what
    );
    Some(Finding::new(found.weight, "raw-lookalike", part.name.clone(), text))
}

struct RawImage {
    source: Arc<dyn Source>,
    description: Description,
}

impl Source for RawImage {
    fn size(&self) -> u64 {
        self.source.size()
    }
    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        self.source.read_at(at, buf)
    }
    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        self.source.known(range)
    }
}

impl Image for RawImage {
    fn description(&self) -> &Description {
        &self.description
    }
    fn check_structure(&self, _tell: &mut dyn FnMut(Finding)) {}
    fn unit_bytes(&self) -> u64 {
        4096
    }
}
