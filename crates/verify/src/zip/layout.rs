//! ZIP structures as PKWARE's APPNOTE 6.3 prints them (sections 4.3.7 to 4.5.3). All numbers are little-endian.
//!
//! ```text
//! local header   PK 03 04, 30 bytes, name, extra      one before each member's data
//! descriptor     [PK 07 08], crc, sizes               after the data, if flag bit 3 is set
//! central header PK 01 02, 46 bytes, name, extra, comment
//! zip64 end      PK 06 06, 56 bytes                    only with its locator PK 06 07, 20 bytes
//! end            PK 05 06, 22 bytes, comment
//! ```

/// Signatures.
pub(crate) const LOCAL: u32 = 0x0403_4b50;
pub(crate) const DESCRIPTOR: u32 = 0x0807_4b50;
pub(crate) const CENTRAL: u32 = 0x0201_4b50;
pub(crate) const END64: u32 = 0x0606_4b50;
pub(crate) const LOCATOR64: u32 = 0x0706_4b50;
pub(crate) const END: u32 = 0x0605_4b50;

/// Sizes of the fixed parts in bytes.
pub(crate) const LOCAL_BYTES: u64 = 30;
pub(crate) const CENTRAL_BYTES: usize = 46;
pub(crate) const END64_BYTES: u64 = 56;
pub(crate) const LOCATOR64_BYTES: u64 = 20;
pub(crate) const END_BYTES: usize = 22;

/// Value of a 32-bit field whose real value is in the zip64 extra field, and the same for 16 bits.
pub(crate) const IN_ZIP64: u32 = u32::MAX;
pub(crate) const IN_ZIP64_SHORT: u16 = u16::MAX;

/// General purpose flag bits.
pub(crate) const FLAG_ENCRYPTED: u16 = 1;
pub(crate) const FLAG_DESCRIPTOR: u16 = 1 << 3;
pub(crate) const FLAG_UTF8: u16 = 1 << 11;

/// Ids of extra fields that matter here.
pub(crate) const EXTRA_ZIP64: u16 = 0x0001;
pub(crate) const EXTRA_UNICODE_PATH: u16 = 0x7075;

/// Reads little-endian numbers off the front of a slice.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn u16(&mut self) -> Option<u16> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_le_bytes(*head))
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*head))
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*head))
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }
}

/// The end of central directory record, without its comment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    pub(crate) disk: u16,
    pub(crate) directory_disk: u16,
    pub(crate) entries_here: u16,
    pub(crate) entries: u16,
    pub(crate) directory_bytes: u32,
    pub(crate) directory_at: u32,
    pub(crate) comment_bytes: u16,
}

impl End {
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        (fields.u32()? == END).then_some(())?;
        Some(Self {
            disk: fields.u16()?,
            directory_disk: fields.u16()?,
            entries_here: fields.u16()?,
            entries: fields.u16()?,
            directory_bytes: fields.u32()?,
            directory_at: fields.u32()?,
            comment_bytes: fields.u16()?,
        })
    }
}

/// The zip64 end of central directory record, version 1, without extensible data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End64 {
    /// Bytes that follow this field; 44 in version 1.
    pub(crate) record_bytes: u64,
    pub(crate) made_by: u16,
    pub(crate) needed: u16,
    pub(crate) disk: u32,
    pub(crate) directory_disk: u32,
    pub(crate) entries_here: u64,
    pub(crate) entries: u64,
    pub(crate) directory_bytes: u64,
    pub(crate) directory_at: u64,
}

impl End64 {
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        (fields.u32()? == END64).then_some(())?;
        Some(Self {
            record_bytes: fields.u64()?,
            made_by: fields.u16()?,
            needed: fields.u16()?,
            disk: fields.u32()?,
            directory_disk: fields.u32()?,
            entries_here: fields.u64()?,
            entries: fields.u64()?,
            directory_bytes: fields.u64()?,
            directory_at: fields.u64()?,
        })
    }
}

/// Where the zip64 end record is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Locator64 {
    pub(crate) end_disk: u32,
    pub(crate) end_at: u64,
    pub(crate) disks: u32,
}

impl Locator64 {
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        (fields.u32()? == LOCATOR64).then_some(())?;
        Some(Self { end_disk: fields.u32()?, end_at: fields.u64()?, disks: fields.u32()? })
    }
}

/// The fields that local and central headers share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Common {
    pub(crate) needed: u16,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) time: u16,
    pub(crate) date: u16,
    pub(crate) crc32: u32,
    pub(crate) compressed: u32,
    pub(crate) size: u32,
    pub(crate) name_bytes: u16,
    pub(crate) extra_bytes: u16,
}

impl Common {
    fn parse(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            needed: fields.u16()?,
            flags: fields.u16()?,
            method: fields.u16()?,
            time: fields.u16()?,
            date: fields.u16()?,
            crc32: fields.u32()?,
            compressed: fields.u32()?,
            size: fields.u32()?,
            name_bytes: fields.u16()?,
            extra_bytes: fields.u16()?,
        })
    }
}

/// A central directory header, without name, extra and comment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Central {
    pub(crate) made_by: u16,
    pub(crate) common: Common,
    pub(crate) comment_bytes: u16,
    pub(crate) disk: u16,
    pub(crate) internal: u16,
    pub(crate) external: u32,
    pub(crate) local_at: u32,
}

impl Central {
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        (fields.u32()? == CENTRAL).then_some(())?;
        Some(Self {
            made_by: fields.u16()?,
            common: Common::parse(&mut fields)?,
            comment_bytes: fields.u16()?,
            disk: fields.u16()?,
            internal: fields.u16()?,
            external: fields.u32()?,
            local_at: fields.u32()?,
        })
    }
}

/// The fixed part of a local header.
pub(crate) fn parse_local(bytes: &[u8]) -> Option<Common> {
    let mut fields = Fields(bytes);
    (fields.u32()? == LOCAL).then_some(())?;
    Common::parse(&mut fields)
}

/// Extra fields: what the zip64 one says, and which others there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Extras {
    /// Content of the zip64 field.
    pub(crate) zip64: Option<Vec<u8>>,
    /// Ids of all other fields.
    pub(crate) others: Vec<u16>,
}

impl Extras {
    /// `None` if the fields do not fill their space exactly, or the zip64 field is there twice.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut extras = Self::default();
        let mut fields = Fields(bytes);
        while !fields.0.is_empty() {
            let (id, length) = (fields.u16()?, fields.u16()?);
            let content = fields.bytes(usize::from(length))?;
            if id != EXTRA_ZIP64 {
                extras.others.push(id);
            } else if extras.zip64.replace(content.to_vec()).is_some() {
                return None;
            }
        }
        Some(extras)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structures_cut_short_are_not_structures() {
        let end = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
        assert!(End::parse(&end).is_some());
        assert!((0..end.len()).all(|n| End::parse(&end[..n]).is_none()));
        let central = [b"PK\x01\x02".as_slice(), &[0; 42]].concat();
        assert!(Central::parse(&central).is_some());
        assert!((0..central.len()).all(|n| Central::parse(&central[..n]).is_none()));
    }

    #[test]
    fn extra_fields_fill_their_space_exactly() {
        let zip64 = [1, 0, 2, 0, 7, 8];
        let both = [zip64.as_slice(), &[0x55, 0x54, 1, 0, 9]].concat();
        let extras = Extras::parse(&both).unwrap();
        assert_eq!((extras.zip64.as_deref(), extras.others.as_slice()), (Some([7, 8].as_slice()), [0x5455].as_slice()));
        assert_eq!(Extras::parse(&both[..both.len() - 1]), None);
        assert_eq!(Extras::parse(&[zip64, zip64].concat()), None);
    }
}
