//! Streams that are not stored anywhere: one byte, or a text over and over.

use super::layout::{SCHEMA, TILE_BYTES};

/// A stream without stored bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    /// The same byte everywhere.
    Byte(u8),
    /// Was not acquired, on purpose.
    Unknown,
    /// Could not be read.
    Unreadable,
}

impl Symbol {
    /// By its name; `None` if it is no symbolic stream.
    pub(super) fn of(iri: &str) -> Option<Self> {
        match iri.strip_prefix(SCHEMA)? {
            "Zero" => Some(Self::Byte(0)),
            "FF" => Some(Self::Byte(0xff)),
            "UnknownData" => Some(Self::Unknown),
            "UnreadableData" => Some(Self::Unreadable),
            other => {
                let hex = other.strip_prefix("SymbolicStream")?;
                let byte = exhibit_evidence::from_hex(hex)?;
                if let [byte] = *byte { Some(Self::Byte(byte)) } else { None }
            }
        }
    }

    /// The name as we write it.
    pub(super) fn iri(self) -> String {
        match self {
            Self::Byte(0) => format!("{SCHEMA}Zero"),
            Self::Byte(byte) => format!("{SCHEMA}SymbolicStream{byte:02X}"),
            Self::Unknown => format!("{SCHEMA}UnknownData"),
            Self::Unreadable => format!("{SCHEMA}UnreadableData"),
        }
    }

    /// Fills `buf` with what the stream has from byte `at`.
    pub(super) fn fill(self, at: u64, buf: &mut [u8]) {
        match self {
            Self::Byte(byte) => buf.fill(byte),
            Self::Unknown => tile(b"UNKNOWN", at, buf),
            Self::Unreadable => tile(b"UNREADABLEDATA", at, buf),
        }
    }

    /// Whether its bytes are not those of the medium.
    pub(super) const fn is_absent(self) -> bool {
        matches!(self, Self::Unknown | Self::Unreadable)
    }
}

/// `text` over and over, begun anew at each multiple of [`TILE_BYTES`].
fn tile(text: &[u8], at: u64, buf: &mut [u8]) {
    let mut place = at % TILE_BYTES;
    let mut rest = buf;
    while !rest.is_empty() {
        let length = rest.len().min(usize::try_from(TILE_BYTES.saturating_sub(place)).unwrap_or(usize::MAX));
        let (here, behind) = rest.split_at_mut_checked(length).unwrap_or_default();
        let skip = usize::try_from(place % text.len() as u64).unwrap_or(0);
        for (to, from) in here.iter_mut().zip(text.iter().cycle().skip(skip)) {
            *to = *from;
        }
        rest = behind;
        place = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fill;

    #[test]
    fn texts_begin_anew_at_each_mebibyte_and_are_what_the_reader_of_a_disk_fills_in() {
        let mut all = vec![0; (TILE_BYTES as usize) + 100];
        Symbol::Unreadable.fill(0, &mut all);
        assert!(all.starts_with(b"UNREADABLEDATAUNREADABLE"));
        assert!(all[TILE_BYTES as usize..].starts_with(b"UNREADABLEDATA"));
        for at in [0, 1, 13, 14, 5000, TILE_BYTES - 3, TILE_BYTES] {
            let (mut part, mut filled) = ([0; 40], [0; 40]);
            Symbol::Unreadable.fill(at, &mut part);
            Fill::UnreadableData.put(at, &mut filled);
            assert_eq!((part, &part[..]), (filled, &all[at as usize..at as usize + 40]), "{at}");
        }
    }

    #[test]
    fn names_of_symbolic_streams() {
        for byte in 0..=255 {
            assert_eq!(Symbol::of(&format!("{SCHEMA}SymbolicStream{byte:02x}")), Some(Symbol::Byte(byte)));
        }
        for symbol in [Symbol::Byte(0), Symbol::Byte(0xff), Symbol::Byte(0x61), Symbol::Unknown, Symbol::Unreadable] {
            assert_eq!(Symbol::of(&symbol.iri()), Some(symbol));
        }
        for other in ["aff4://x", "http://aff4.org/Schema#SymbolicStream1", "http://aff4.org/Schema#SymbolicStream0102"]
        {
            assert_eq!(Symbol::of(other), None, "{other}");
        }
    }
}
