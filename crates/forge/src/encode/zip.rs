//! ZIP (PKWARE APPNOTE 6.3): local headers, members, central directory, end record.

use super::deflate::deflate;

/// How a member is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// As it is.
    Stored,
    /// Deflated, sizes in the local header.
    Deflated,
    /// Deflated, sizes zero in the local header and in a data descriptor behind the member, as when writing to a pipe.
    Described,
}

impl Method {
    const fn number(self) -> u16 {
        if matches!(self, Self::Stored) { 0 } else { 8 }
    }

    /// Bit 3: data descriptor. Bit 11: names are UTF-8.
    const fn flags(self) -> u16 {
        0x0800 | if matches!(self, Self::Described) { 0x0008 } else { 0 }
    }
}

/// An archive being written.
#[derive(Debug, Default)]
pub(crate) struct Zip {
    bytes: Vec<u8>,
    central: Vec<u8>,
    members: u16,
    /// MS-DOS time and date of every member.
    stamp: (u16, u16),
}

impl Zip {
    /// An empty archive whose members carry this MS-DOS time and date.
    pub(crate) fn new(stamp: (u16, u16)) -> Self {
        Self { stamp, ..Self::default() }
    }

    /// Adds a member and gives the place of its stored bytes in the archive: offset and length.
    pub(crate) fn add(&mut self, name: &str, data: &[u8], method: Method) -> (usize, usize) {
        let packed = if method == Method::Stored { data.to_vec() } else { deflate(data) };
        let header_at = self.bytes.len();
        let sizes = [crc32fast::hash(data), packed.len() as u32, data.len() as u32];
        let local_sizes = if method == Method::Described { [0; 3] } else { sizes };
        self.bytes.extend(b"PK\x03\x04");
        self.bytes.extend(self.shared(name, method, local_sizes));
        self.bytes.extend(name.as_bytes());
        let data_at = self.bytes.len();
        self.bytes.extend(&packed);
        if method == Method::Described {
            self.bytes.extend(b"PK\x07\x08");
            sizes.iter().for_each(|size| self.bytes.extend(size.to_le_bytes()));
        }
        self.central.extend(b"PK\x01\x02\x14\x00");
        self.central.extend(self.shared(name, method, sizes));
        // No comment, disk 0, internal and external attributes 0.
        self.central.extend([0; 10]);
        self.central.extend((header_at as u32).to_le_bytes());
        self.central.extend(name.as_bytes());
        self.members += 1;
        (data_at, packed.len())
    }

    /// The fields that local and central headers share, from "version needed" to "extra field length".
    fn shared(&self, name: &str, method: Method, sizes: [u32; 3]) -> Vec<u8> {
        let mut out = Vec::new();
        for field in [20, method.flags(), method.number(), self.stamp.0, self.stamp.1] {
            out.extend(field.to_le_bytes());
        }
        sizes.iter().for_each(|size| out.extend(size.to_le_bytes()));
        out.extend((name.len() as u16).to_le_bytes());
        out.extend([0, 0]);
        out
    }

    /// The whole archive.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let central_at = self.bytes.len() as u32;
        self.bytes.extend(&self.central);
        self.bytes.extend(b"PK\x05\x06\0\0\0\0");
        self.bytes.extend(self.members.to_le_bytes());
        self.bytes.extend(self.members.to_le_bytes());
        self.bytes.extend((self.central.len() as u32).to_le_bytes());
        self.bytes.extend(central_at.to_le_bytes());
        self.bytes.extend([0, 0]);
        self.bytes
    }
}
