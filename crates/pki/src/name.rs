//! Distinguished names: compared by their bytes, shown in the manner of RFC 4514.

use std::fmt;

use exhibit_evidence::Name as Escaped;

use crate::der::{Reader, Value, tag};
use crate::fault::Fault;
use crate::oid::Oid;

/// Attributes with a short name of their own (RFC 4514, section 3, and X.520).
const SHORT: [(&[u8], &str); 10] = [
    (&[0x55, 4, 3], "CN"),
    (&[0x55, 4, 5], "serialNumber"),
    (&[0x55, 4, 6], "C"),
    (&[0x55, 4, 7], "L"),
    (&[0x55, 4, 8], "ST"),
    (&[0x55, 4, 10], "O"),
    (&[0x55, 4, 11], "OU"),
    (&[0x55, 4, 12], "title"),
    (&[0x55, 4, 97], "organizationIdentifier"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1], "emailAddress"),
];

/// Attributes of a name that are shown; real ones have fewer.
const SHOWN_MAX: usize = 32;

/// A distinguished name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name<'a>(&'a [u8]);

impl<'a> Name<'a> {
    /// Reads one.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(reader: &mut Reader<'a>, what: &str) -> Result<Self, Fault> {
        Ok(Self(reader.expect(tag::SEQUENCE, what)?.raw))
    }

    /// Its DER form. Two names are the same if these bytes are: what RFC 5280 (section 7.1) would also call equal, with
    /// other spaces or letters, does not occur between a certificate and its issuer's own certificate.
    #[must_use]
    pub const fn raw(self) -> &'a [u8] {
        self.0
    }

    /// Every attribute with its value, in the order of the name.
    fn parts(self) -> Result<Vec<(Oid<'a>, Value<'a>)>, Fault> {
        let mut parts = Vec::new();
        let mut sets = Reader::sequence_of("name", self.0)?;
        while !sets.is_empty() {
            let mut set = sets.expect(tag::SET, "a part of a name")?.inside();
            while !set.is_empty() && parts.len() < SHOWN_MAX {
                let mut pair = set.sequence("an attribute of a name")?;
                parts.push((pair.oid("the kind of an attribute")?, pair.any()?));
            }
        }
        Ok(parts)
    }
}

impl fmt::Display for Name<'_> {
    /// `CN=…, O=…, C=…`; whatever a terminal would obey is escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(parts) = self.parts() else { return f.write_str("(a name that cannot be read)") };
        if parts.is_empty() {
            return f.write_str("(an empty name)");
        }
        let short = |oid: Oid<'_>| SHORT.iter().find(|(id, _)| oid.is(id)).map(|(_, name)| (*name).to_owned());
        for (number, (oid, value)) in parts.iter().rev().enumerate() {
            let separator = if number == 0 { "" } else { ", " };
            let kind = short(*oid).unwrap_or_else(|| oid.to_string());
            write!(f, "{separator}{kind}={}", text_of(value))?;
        }
        Ok(())
    }
}

/// A value as text: BMPString is UTF-16, all others of practice are UTF-8 or a part of it.
fn text_of(value: &Value<'_>) -> String {
    const BMP_STRING: u8 = 0x1e;
    let content = value.content.get(..256).unwrap_or(value.content);
    if value.tag == BMP_STRING {
        let units = content.chunks_exact(2).map(|pair| match pair {
            [high, low] => u16::from_be_bytes([*high, *low]),
            _ => 0,
        });
        let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        return Escaped::from(text.as_str()).to_string();
    }
    Escaped::new(content).to_string()
}
