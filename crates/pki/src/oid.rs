//! Object identifiers: the bytes of their content, as DER has them.

use std::fmt;

/// Longest identifier that is looked at, in bytes.
const OID_BYTES_MAX: usize = 128;

/// An object identifier that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oid<'a>(&'a [u8]);

impl<'a> Oid<'a> {
    /// From content bytes; `None` if they are no identifier.
    pub(crate) fn new(content: &'a [u8]) -> Option<Self> {
        let ends = content.last().is_some_and(|last| *last < 0x80);
        // An arc never begins with 0x80: that would be a second spelling of it.
        let begins = std::iter::once(&0).chain(content).zip(content);
        let padded = begins.into_iter().any(|(before, byte)| *before < 0x80 && *byte == 0x80);
        (ends && !padded && content.len() <= OID_BYTES_MAX).then_some(Self(content))
    }

    /// The content bytes.
    #[must_use]
    pub const fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether it is this one of the constants of this module.
    #[must_use]
    pub fn is(self, content: &[u8]) -> bool {
        self.0 == content
    }
}

impl fmt::Display for Oid<'_> {
    /// `1.2.840.113549`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut arc = 0_u128;
        let mut first = true;
        for byte in self.0 {
            // Arcs beyond 128 bits do not occur; one that did would be shown wrong and compared by its bytes.
            arc = arc.wrapping_mul(128).wrapping_add(u128::from(byte & 0x7f));
            if *byte >= 0x80 {
                continue;
            }
            if first {
                let top = (arc / 40).min(2);
                write!(f, "{top}.{}", arc.saturating_sub(top * 40))?;
            } else {
                write!(f, ".{arc}")?;
            }
            (arc, first) = (0, false);
        }
        Ok(())
    }
}

/// The dotted form of content bytes; what is no identifier is shown in hexadecimal.
#[must_use]
pub fn shown(content: &[u8]) -> String {
    Oid::new(content).map_or_else(|| exhibit_evidence::to_hex(content), |oid| oid.to_string())
}

/// The content bytes of `1.2.3.…`; `None` if it is not an identifier.
#[must_use]
pub fn parse(text: &str) -> Option<Vec<u8>> {
    let arcs: Vec<u64> = text.split('.').map(|arc| arc.parse().ok()).collect::<Option<_>>()?;
    let (&first, &second, rest) = match arcs.as_slice() {
        [first, second, rest @ ..] if *first <= 1 && *second < 40 || *first == 2 => (first, second, rest),
        _ => return None,
    };
    let joined = first.checked_mul(40)?.checked_add(second)?;
    let mut bytes = Vec::new();
    for arc in std::iter::once(joined).chain(rest.iter().copied()) {
        let digits = (0..10).rev().map(|place| u8::try_from(arc >> (7 * place) & 0x7f).unwrap_or(0));
        let digits: Vec<u8> = digits.skip_while(|digit| *digit == 0).collect();
        let digits = if digits.is_empty() { vec![0] } else { digits };
        let last = digits.len().saturating_sub(1);
        bytes.extend(digits.iter().enumerate().map(|(at, digit)| if at == last { *digit } else { digit | 0x80 }));
    }
    (bytes.len() <= OID_BYTES_MAX).then_some(bytes)
}

macro_rules! oids {
    ($($(#[$doc:meta])* $name:ident = $text:literal, [$($byte:literal),*];)*) => {
        $($(#[$doc])* #[doc = concat!("`", $text, "`.")] pub const $name: &[u8] = &[$($byte),*];)*
        /// All of them with their dotted form, for the test that compares both.
        #[cfg(test)]
        const ALL: &[(&str, &[u8])] = &[$(($text, $name)),*];
    };
}

oids! {
    /// SHA-1; recognised and refused.
    SHA1 = "1.3.14.3.2.26", [0x2b, 0x0e, 0x03, 0x02, 0x1a];
    /// SHA-256.
    SHA256 = "2.16.840.1.101.3.4.2.1", [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
    /// SHA-384.
    SHA384 = "2.16.840.1.101.3.4.2.2", [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
    /// SHA-512.
    SHA512 = "2.16.840.1.101.3.4.2.3", [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03];
    /// An RSA key; also the name of PKCS #1 v1.5 signatures whose hash is named elsewhere.
    RSA = "1.2.840.113549.1.1.1", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    /// PKCS #1 v1.5 with SHA-1; recognised and refused.
    RSA_SHA1 = "1.2.840.113549.1.1.5", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05];
    /// RSASSA-PSS.
    RSA_PSS = "1.2.840.113549.1.1.10", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
    /// The mask generation function of RSASSA-PSS.
    MGF1 = "1.2.840.113549.1.1.8", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08];
    /// PKCS #1 v1.5 with SHA-256.
    RSA_SHA256 = "1.2.840.113549.1.1.11", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
    /// PKCS #1 v1.5 with SHA-384.
    RSA_SHA384 = "1.2.840.113549.1.1.12", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c];
    /// PKCS #1 v1.5 with SHA-512.
    RSA_SHA512 = "1.2.840.113549.1.1.13", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d];
    /// An elliptic-curve key.
    EC = "1.2.840.10045.2.1", [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    /// The curve P-256.
    P256 = "1.2.840.10045.3.1.7", [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    /// The curve P-384.
    P384 = "1.3.132.0.34", [0x2b, 0x81, 0x04, 0x00, 0x22];
    /// ECDSA with SHA-256.
    ECDSA_SHA256 = "1.2.840.10045.4.3.2", [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    /// ECDSA with SHA-384.
    ECDSA_SHA384 = "1.2.840.10045.4.3.3", [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
    /// ECDSA with SHA-512.
    ECDSA_SHA512 = "1.2.840.10045.4.3.4", [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04];
    /// Ed25519, key and signature.
    ED25519 = "1.3.101.112", [0x2b, 0x65, 0x70];
    /// CMS content: data.
    DATA = "1.2.840.113549.1.7.1", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
    /// CMS content: signed data.
    SIGNED_DATA = "1.2.840.113549.1.7.2", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    /// CMS content: what a time stamp says.
    TST_INFO = "1.2.840.113549.1.9.16.1.4", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];
    /// Attribute: type of the content.
    CONTENT_TYPE = "1.2.840.113549.1.9.3", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
    /// Attribute: digest of the content.
    MESSAGE_DIGEST = "1.2.840.113549.1.9.4", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
    /// Attribute: when the signer says that it signed.
    SIGNING_TIME = "1.2.840.113549.1.9.5", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05];
    /// Attribute: which certificate signed, by SHA-1 (RFC 2634).
    SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0c];
    /// Attribute: which certificate signed (RFC 5035).
    SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];
    /// Unsigned attribute: a time stamp over the signature (CAdES-T).
    SIGNATURE_TIME_STAMP = "1.2.840.113549.1.9.16.2.14", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0e];
    /// Extension: basic constraints.
    BASIC_CONSTRAINTS = "2.5.29.19", [0x55, 0x1d, 0x13];
    /// Extension: key usage.
    KEY_USAGE = "2.5.29.15", [0x55, 0x1d, 0x0f];
    /// Extension: extended key usage.
    EXTENDED_KEY_USAGE = "2.5.29.37", [0x55, 0x1d, 0x25];
    /// Extension: id of the subject's key.
    SUBJECT_KEY_ID = "2.5.29.14", [0x55, 0x1d, 0x0e];
    /// Extension: id of the issuer's key.
    AUTHORITY_KEY_ID = "2.5.29.35", [0x55, 0x1d, 0x23];
    /// Extension: other names of the subject.
    SUBJECT_ALT_NAME = "2.5.29.17", [0x55, 0x1d, 0x11];
    /// Extension: policies under which a certificate was issued.
    CERTIFICATE_POLICIES = "2.5.29.32", [0x55, 0x1d, 0x20];
    /// Extension of a revocation list: its number.
    CRL_NUMBER = "2.5.29.20", [0x55, 0x1d, 0x14];
    /// Extension of a revocation list: which certificates it is about.
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28", [0x55, 0x1d, 0x1c];
    /// Extension of an entry of a revocation list: why.
    REASON_CODE = "2.5.29.21", [0x55, 0x1d, 0x15];
    /// Extended key usage: signing time stamps.
    TIME_STAMPING = "1.3.6.1.5.5.7.3.8", [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];
    /// Extended key usage: e-mail, which is what persons' certificates are issued for.
    EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4", [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x04];
    /// Extended key usage: signing documents (RFC 9336).
    DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36", [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x24];
    /// Extended key usage: signing documents, by Microsoft's older name.
    DOCUMENT_SIGNING_OLD = "1.3.6.1.4.1.311.10.3.12", [0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x0a, 0x03, 0x0c];
    /// Extended key usage: anything.
    ANY_USAGE = "2.5.29.37.0", [0x55, 0x1d, 0x25, 0x00];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_constant_is_the_identifier_it_is_called() {
        for (text, bytes) in ALL {
            assert_eq!(Oid::new(bytes).unwrap().to_string(), *text);
            assert_eq!(parse(text).as_deref(), Some(*bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_identifier_is_refused() {
        for bad in [&[][..], &[0x80, 0x01], &[0x2a, 0x80, 0x01], &[0x2a, 0x86], &[1; OID_BYTES_MAX + 1]] {
            assert_eq!(Oid::new(bad), None, "{bad:?}");
        }
        for bad in ["", "1", "3.1", "1.40", "1.2.x", "1..2", "0.-1"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        assert_eq!(
            Oid::new(&parse("2.999.18446744073709551615").unwrap()).unwrap().to_string(),
            "2.999.18446744073709551615"
        );
    }
}
