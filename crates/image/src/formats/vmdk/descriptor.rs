//! The text that describes a disk.

/// First line, in any case.
const TITLE: &[u8] = b"# disk descriptorfile";
/// Longest text that is read, in bytes; each extent costs some 50.
pub(super) const TEXT_BYTES_MAX: u64 = 1 << 20;
/// Most extents of a disk: one for each 2 GB of 8 TB.
const EXTENTS_MAX: usize = 4096;

/// Whether a file that begins with `head` is such a text.
pub(super) fn is_one(head: &[u8]) -> bool {
    head.get(..TITLE.len()).is_some_and(|title| title.eq_ignore_ascii_case(TITLE))
}

/// What the text says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Descriptor {
    /// Content identifier; `None` if there is none.
    pub(super) cid: Option<u32>,
    /// That of the parent; `None` if there is no parent.
    pub(super) parent_cid: Option<u32>,
    pub(super) create_type: String,
    pub(super) parent_hint: String,
    pub(super) encrypted: bool,
    pub(super) extents: Vec<Extent>,
    /// Lines that were not understood, for a finding.
    pub(super) odd_lines: Vec<String>,
}

/// An extent line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) access: String,
    pub(super) sectors: u64,
    pub(super) kind: String,
    pub(super) file: String,
    /// Where a flat extent begins in its file.
    pub(super) offset_sectors: u64,
}

impl Descriptor {
    /// Reads the text; what follows a zero byte is padding.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let text = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
        let text = String::from_utf8_lossy(text);
        let mut descriptor = Self::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match Extent::parse(line) {
                Some(extent) if descriptor.extents.len() < EXTENTS_MAX => descriptor.extents.push(extent),
                Some(_) => descriptor.odd(line),
                None => match line.split_once('=') {
                    Some((key, value)) => descriptor.key(key.trim(), value.trim().trim_matches('"')),
                    None => descriptor.odd(line),
                },
            }
        }
        descriptor
    }

    fn odd(&mut self, line: &str) {
        if self.odd_lines.len() < 16 {
            self.odd_lines.push(line.chars().take(200).collect());
        }
    }

    fn key(&mut self, key: &str, value: &str) {
        let identifier = || u32::from_str_radix(value, 16).ok();
        match key.to_ascii_lowercase().as_str() {
            "cid" => self.cid = identifier(),
            "parentcid" => self.parent_cid = identifier().filter(|&cid| cid != u32::MAX),
            "createtype" => self.create_type = value.to_owned(),
            "parentfilenamehint" => self.parent_hint = value.to_owned(),
            "encryption.keysafe" | "encryption.data" => self.encrypted = true,
            _ => {}
        }
    }
}

impl Extent {
    /// `RW 4192256 SPARSE "disk-s001.vmdk" 0`.
    fn parse(line: &str) -> Option<Self> {
        let (access, rest) = line.split_once(char::is_whitespace)?;
        if !["RW", "RDONLY", "NOACCESS"].contains(&access) {
            return None;
        }
        let (sectors, rest) = rest.trim_start().split_once(char::is_whitespace)?;
        let rest = rest.trim_start();
        let (kind, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let mut quoted = rest.trim_start().strip_prefix('"').unwrap_or_default().splitn(2, '"');
        let file = quoted.next().unwrap_or_default().to_owned();
        let offset = quoted.next().unwrap_or_default().split_whitespace().next();
        Some(Self {
            access: access.to_owned(),
            sectors: sectors.parse().ok()?,
            kind: kind.to_owned(),
            file,
            offset_sectors: offset.map_or(Some(0), |text| text.parse().ok())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Disk DescriptorFile\r\nversion=1\r\nCID=52db3b7\nparentCID=ffffffff\n\
                        createType=\"twoGbMaxExtentFlat\"\n\n# Extent description\n\
                        RW 4192256 FLAT \"a b-f001.vmdk\" 0\nRW 16 ZERO\nwhat is this\n\
                        #DDB\nddb.adapterType = \"ide\"\n\0\0RW 1 ZERO";

    #[test]
    fn lines_are_read_as_vmware_writes_them() {
        let descriptor = Descriptor::parse(TEXT.as_bytes());
        assert!(is_one(TEXT.as_bytes()) && !is_one(b"# disk"));
        assert_eq!((descriptor.cid, descriptor.parent_cid), (Some(0x052d_b3b7), None));
        assert_eq!(descriptor.create_type, "twoGbMaxExtentFlat");
        let [flat, zero] = descriptor.extents.as_slice() else { unreachable!("{descriptor:?}") };
        assert_eq!((flat.sectors, flat.kind.as_str(), flat.file.as_str()), (4_192_256, "FLAT", "a b-f001.vmdk"));
        assert_eq!((zero.sectors, zero.kind.as_str(), zero.file.as_str()), (16, "ZERO", ""));
        assert_eq!(descriptor.odd_lines, ["what is this"]);
    }

    #[test]
    fn every_cut_of_the_text_is_read_without_an_accident() {
        for end in 0..TEXT.len() {
            let _ = Descriptor::parse(&TEXT.as_bytes()[..end]);
        }
    }
}
