//! DER, written. What is written here is short: tokens, signatures, requests.

use exhibit_evidence::Instant;

use super::tag;

/// A value of any tag.
#[must_use]
pub fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    let length = content.len();
    if let Ok(short) = u8::try_from(length)
        && short < 0x80
    {
        bytes.push(short);
    } else {
        let digits: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|digit| *digit == 0).collect();
        // A usize has at most eight bytes.
        bytes.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
        bytes.extend(digits);
    }
    bytes.extend_from_slice(content);
    bytes
}

/// A SEQUENCE of values that are written already.
#[must_use]
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    value(tag::SEQUENCE, &parts.concat())
}

/// A SET OF values, in the order that DER wants.
#[must_use]
pub fn set_of(parts: Vec<Vec<u8>>) -> Vec<u8> {
    tagged_set_of(tag::SET, parts)
}

/// A SET OF under another tag.
#[must_use]
pub fn tagged_set_of(tag: u8, mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    value(tag, &parts.concat())
}

/// An OBJECT IDENTIFIER from its content bytes.
#[must_use]
pub fn oid(content: &[u8]) -> Vec<u8> {
    value(tag::OID, content)
}

/// An INTEGER from the bytes of a number that is not negative.
#[must_use]
pub fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let digits = bytes.get(start..).unwrap_or_default();
    // An empty number is zero, and one whose first bit is set would be negative.
    let pad = digits.first().is_none_or(|first| *first >= 0x80);
    value(tag::INTEGER, &[if pad { &[0][..] } else { &[] }, digits].concat())
}

/// An OCTET STRING.
#[must_use]
pub fn octets(bytes: &[u8]) -> Vec<u8> {
    value(tag::OCTET_STRING, bytes)
}

/// An AlgorithmIdentifier, with parameters of NULL or without any.
#[must_use]
pub fn algorithm(oid_content: &[u8], null: bool) -> Vec<u8> {
    let parameters: &[u8] = if null { &[tag::NULL, 0] } else { &[] };
    sequence(&[&oid(oid_content), parameters])
}

/// A time as RFC 5652 (section 11.3) wants it: UTCTime from 1950 to 2049, GeneralizedTime otherwise.
#[must_use]
pub fn time(moment: Instant) -> Vec<u8> {
    let (year, month, day, hour, minute, second) = moment.civil();
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    if (1950..2050).contains(&year) {
        value(tag::UTC_TIME, format!("{:02}{rest}", year.rem_euclid(100)).as_bytes())
    } else {
        value(tag::GENERALIZED_TIME, format!("{year:04}{rest}").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::Reader;

    #[test]
    fn what_is_written_is_read_back() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![7; length];
            let bytes = octets(&content);
            assert_eq!(Reader::new("t", &bytes).octets("o").unwrap(), content, "{length}");
        }
        for number in [0_u64, 1, 127, 128, 255, 256, u64::MAX] {
            let bytes = unsigned(&number.to_be_bytes());
            assert_eq!(Reader::new("t", &bytes).number("n").unwrap(), number);
        }
        assert_eq!(unsigned(&[]), [2, 1, 0]);
        for text in ["1950-01-01T00:00:00Z", "2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z"] {
            let moment = Instant::parse(text).unwrap();
            assert_eq!(Reader::new("t", &time(moment)).time("t").unwrap(), moment);
        }
        assert_eq!(set_of(vec![vec![4, 1, 9], vec![2, 1, 1]]), [0x31, 6, 2, 1, 1, 4, 1, 9]);
    }
}
