//! DER (ITU-T X.690), read strictly: one spelling of each value, every length checked against what is there.
//!
//! BER, of which DER is the strict part, is refused and named: what is signed must have one reading. Nothing is copied;
//! every value knows where it stands, so that a fault can say so, and keeps its exact bytes, so that a signature is
//! checked over what was sent and not over what somebody would have written instead.

mod time;
pub mod write;

use exhibit_evidence::Instant;

use crate::fault::Fault;
use crate::oid::Oid;

/// Tags of the values that are read here.
pub mod tag {
    /// BOOLEAN.
    pub const BOOLEAN: u8 = 0x01;
    /// INTEGER.
    pub const INTEGER: u8 = 0x02;
    /// BIT STRING.
    pub const BIT_STRING: u8 = 0x03;
    /// OCTET STRING.
    pub const OCTET_STRING: u8 = 0x04;
    /// NULL.
    pub const NULL: u8 = 0x05;
    /// OBJECT IDENTIFIER.
    pub const OID: u8 = 0x06;
    /// ENUMERATED.
    pub const ENUMERATED: u8 = 0x0a;
    /// UTF8String.
    pub const UTF8_STRING: u8 = 0x0c;
    /// SEQUENCE and SEQUENCE OF.
    pub const SEQUENCE: u8 = 0x30;
    /// SET and SET OF.
    pub const SET: u8 = 0x31;
    /// UTCTime.
    pub const UTC_TIME: u8 = 0x17;
    /// GeneralizedTime.
    pub const GENERALIZED_TIME: u8 = 0x18;

    /// `[n]` around a whole value, or in the place of a constructed one.
    #[must_use]
    pub const fn context(number: u8) -> u8 {
        0xa0 | number
    }

    /// `[n]` in the place of the tag of a value that has no parts.
    #[must_use]
    pub const fn context_primitive(number: u8) -> u8 {
        0x80 | number
    }
}

/// Largest content of one value, in bytes: real tokens and lists of revoked certificates are far below.
pub const VALUE_BYTES_MAX: usize = 64 << 20;

/// One value: tag, length, content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    /// The tag.
    pub tag: u8,
    /// Tag, length and content, as they stand.
    pub raw: &'a [u8],
    /// The content alone.
    pub content: &'a [u8],
    /// Where the content begins, counted from the start of what was handed in first.
    at: usize,
    structure: &'static str,
}

/// Reads values one after another.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
    structure: &'static str,
}

impl<'a> Reader<'a> {
    /// A reader of `bytes`; `structure` names them in faults.
    #[must_use]
    pub const fn new(structure: &'static str, bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0, structure }
    }

    /// The one SEQUENCE that `bytes` are, opened; nothing may follow it.
    ///
    /// # Errors
    /// If they are anything else.
    pub fn sequence_of(structure: &'static str, bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut reader = Self::new(structure, bytes);
        let value = reader.expect(tag::SEQUENCE, "a SEQUENCE")?;
        reader.end()?;
        Ok(value.inside())
    }

    /// A fault at the present place.
    pub(crate) fn fault(&self, text: impl Into<String>) -> Fault {
        Fault::corrupt(self.structure, self.at, text)
    }

    /// Whether there is nothing left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The tag of the next value, if there is one.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next value, whatever it is.
    ///
    /// # Errors
    /// If there is none, or it is not DER.
    pub fn any(&mut self) -> Result<Value<'a>, Fault> {
        let (tag, after_tag) = self.rest.split_first().ok_or_else(|| self.fault("cut short: a value is missing"))?;
        if tag & 0x1f == 0x1f {
            return Err(self.fault("a tag of more than one byte"));
        }
        let (length, content_on) = self.length(after_tag)?;
        let header = self.rest.len().saturating_sub(content_on.len());
        let Some((content, rest)) = content_on.split_at_checked(length) else {
            let text = format!("cut short: {length} bytes announced, {} are there", content_on.len());
            return Err(self.fault(text));
        };
        let raw = self.rest.get(..header.saturating_add(length)).unwrap_or_default();
        let value = Value { tag: *tag, raw, content, at: self.at.saturating_add(header), structure: self.structure };
        self.at = self.at.saturating_add(raw.len());
        self.rest = rest;
        Ok(value)
    }

    /// A length in its only spelling, and what follows it.
    fn length(&self, bytes: &'a [u8]) -> Result<(usize, &'a [u8]), Fault> {
        let (&first, rest) = bytes.split_first().ok_or_else(|| self.fault("cut short: a length is missing"))?;
        match first {
            0..=0x7f => Ok((usize::from(first), rest)),
            0x80 => Err(self.fault(
                "an indefinite length: this is BER, and only DER is read (openssl can rewrite it: openssl cms -cmsout -outform DER)",
            )),
            0x81..=0x84 => {
                let count = usize::from(first & 0x7f);
                let (digits, rest) =
                    rest.split_at_checked(count).ok_or_else(|| self.fault("cut short: a length is missing"))?;
                let length = digits.iter().fold(0_usize, |length, digit| (length << 8) | usize::from(*digit));
                if digits.first() == Some(&0) || length < 0x80 {
                    return Err(self.fault("a length that is longer than it needs to be: this is BER, not DER"));
                }
                if length > VALUE_BYTES_MAX {
                    return Err(Fault::limit(self.structure, format!("a value of {length} bytes; the limit is {VALUE_BYTES_MAX}")));
                }
                Ok((length, rest))
            }
            _ => Err(self.fault("a length of more than four bytes")),
        }
    }

    /// The next value, which must have this tag; `what` names it in the fault.
    ///
    /// # Errors
    /// If it has not.
    pub fn expect(&mut self, tag: u8, what: &str) -> Result<Value<'a>, Fault> {
        let before = self.clone();
        let value = self.any()?;
        if value.tag == tag {
            return Ok(value);
        }
        let hint = if value.tag == tag | 0x20 { "; in pieces, as only BER has it" } else { "" };
        Err(before.fault(format!("{what} expected (tag {tag:02x}), found tag {:02x}{hint}", value.tag)))
    }

    /// The next value, if it has this tag.
    ///
    /// # Errors
    /// If it has, and is not DER.
    pub fn optional(&mut self, tag: u8) -> Result<Option<Value<'a>>, Fault> {
        if self.peek() == Some(tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// A SEQUENCE, opened.
    ///
    /// # Errors
    /// If it is not one.
    pub fn sequence(&mut self, what: &str) -> Result<Self, Fault> {
        Ok(self.expect(tag::SEQUENCE, what)?.inside())
    }

    /// An OBJECT IDENTIFIER.
    ///
    /// # Errors
    /// If it is not one.
    pub fn oid(&mut self, what: &str) -> Result<Oid<'a>, Fault> {
        self.expect(tag::OID, what)?.oid()
    }

    /// An INTEGER that fits 64 bits and is not negative.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn number(&mut self, what: &str) -> Result<u64, Fault> {
        self.expect(tag::INTEGER, what)?.number()
    }

    /// The content of an OCTET STRING.
    ///
    /// # Errors
    /// If it is not one.
    pub fn octets(&mut self, what: &str) -> Result<&'a [u8], Fault> {
        Ok(self.expect(tag::OCTET_STRING, what)?.content)
    }

    /// The bytes of a BIT STRING of whole bytes.
    ///
    /// # Errors
    /// If it is not one.
    pub fn bits(&mut self, what: &str) -> Result<&'a [u8], Fault> {
        let value = self.expect(tag::BIT_STRING, what)?;
        match value.content.split_first() {
            Some((0, bytes)) => Ok(bytes),
            _ => Err(value.fault("a BIT STRING that is not of whole bytes")),
        }
    }

    /// A time of either kind.
    ///
    /// # Errors
    /// If it is not one, or not in UTC.
    pub fn time(&mut self, what: &str) -> Result<Instant, Fault> {
        let value = self.any()?;
        let read = match value.tag {
            tag::UTC_TIME => time::utc(value.content),
            tag::GENERALIZED_TIME => time::generalized(value.content),
            _ => None,
        };
        read.ok_or_else(|| value.fault(format!("{what} is not a time in UTC")))
    }

    /// That nothing is left.
    ///
    /// # Errors
    /// If something is.
    pub fn end(&self) -> Result<(), Fault> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.fault(format!("{} bytes too many", self.rest.len()))) }
    }
}

impl<'a> Value<'a> {
    /// A reader of the values inside.
    #[must_use]
    pub const fn inside(&self) -> Reader<'a> {
        Reader { rest: self.content, at: self.at, structure: self.structure }
    }

    /// A fault at the content of this value.
    pub(crate) fn fault(&self, text: impl Into<String>) -> Fault {
        Fault::corrupt(self.structure, self.at, text)
    }

    /// As an OBJECT IDENTIFIER.
    pub(crate) fn oid(&self) -> Result<Oid<'a>, Fault> {
        Oid::new(self.content).ok_or_else(|| self.fault("an object identifier in no valid form"))
    }

    /// As an INTEGER: its bytes in two's complement, in their only spelling.
    ///
    /// # Errors
    /// If it is empty or padded.
    pub fn integer(&self) -> Result<&'a [u8], Fault> {
        match self.content {
            [] => Err(self.fault("an integer without bytes")),
            [0, second, ..] if *second < 0x80 => Err(self.fault("a padded integer: this is BER, not DER")),
            [0xff, second, ..] if *second >= 0x80 => Err(self.fault("a padded integer: this is BER, not DER")),
            bytes => Ok(bytes),
        }
    }

    /// As a number that is not negative and fits 64 bits.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn number(&self) -> Result<u64, Fault> {
        let bytes = self.integer()?;
        let digits = bytes.strip_prefix(&[0]).unwrap_or(bytes);
        if bytes.first().is_some_and(|first| *first >= 0x80) || digits.len() > 8 {
            return Err(self.fault("a number that is negative or larger than 64 bits"));
        }
        Ok(digits.iter().fold(0, |number, digit| (number << 8) | u64::from(*digit)))
    }

    /// As a BOOLEAN.
    ///
    /// # Errors
    /// If its content is neither 00 nor FF.
    pub fn boolean(&self) -> Result<bool, Fault> {
        match self.content {
            [0] => Ok(false),
            [0xff] => Ok(true),
            _ => Err(self.fault("a BOOLEAN that is neither 00 nor FF: this is BER, not DER")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_smallest_values_are_read_and_every_truncation_is_refused() {
        let bytes = [0x30, 0x08, 0x02, 0x01, 0x05, 0x06, 0x03, 0x2a, 0x03, 0x04];
        let mut reader = Reader::sequence_of("test", &bytes).unwrap();
        assert_eq!(reader.number("a number").unwrap(), 5);
        assert_eq!(reader.oid("an id").unwrap().to_string(), "1.2.3.4");
        reader.end().unwrap();
        for end in 0..bytes.len() {
            assert!(Reader::sequence_of("test", &bytes[..end]).is_err(), "{end}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(Reader::sequence_of("test", &longer).unwrap_err().to_string(), "test, byte 10: 1 bytes too many");
    }

    #[test]
    fn spellings_that_only_ber_allows_are_refused_by_name() {
        let refused = |bytes: &[u8]| Reader::new("t", bytes).any().unwrap_err().to_string();
        assert!(refused(&[0x30, 0x80, 0, 0]).contains("BER"));
        assert!(refused(&[0x04, 0x81, 0x01, 0]).contains("BER"));
        assert!(refused(&[0x04, 0x82, 0x00, 0x80]).contains("BER"));
        assert!(refused(&[0x1f, 0x81, 0x01, 0]).contains("more than one byte"));
        assert!(refused(&[0x04, 0x85, 1, 1, 1, 1, 1]).contains("four bytes"));
        assert!(refused(&[0x04, 0x84, 0xff, 0xff, 0xff, 0xff]).contains("limit"));
        assert!(Reader::new("t", &[0x24, 0]).octets("bytes").unwrap_err().to_string().contains("only BER"));
        for padded in [&[2, 2, 0, 1][..], &[2, 2, 0xff, 0x80], &[2, 0]] {
            assert!(Reader::new("t", padded).number("n").is_err(), "{padded:?}");
        }
        assert!(Reader::new("t", &[1, 1, 1]).any().unwrap().boolean().is_err());
    }

    #[test]
    fn numbers_reach_sixty_four_bits_and_no_further() {
        let number = |bytes: &[u8]| Reader::new("t", bytes).number("n");
        assert_eq!(number(&[2, 1, 0]).unwrap(), 0);
        assert_eq!(number(&[2, 2, 0, 0x80]).unwrap(), 128);
        assert_eq!(number(&[2, 9, 0, 255, 255, 255, 255, 255, 255, 255, 255]).unwrap(), u64::MAX);
        assert!(number(&[2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0]).is_err());
        assert!(number(&[2, 1, 0x80]).is_err(), "negative");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let mut reader = Reader::new("t", &bytes);
            let mut length = 0;
            while let Ok(value) = reader.any() {
                length += value.raw.len();
                let _ = (value.integer(), value.number(), value.boolean(), value.oid(), value.inside().time("t"));
            }
            prop_assert!(length <= bytes.len());
        }
    }
}
