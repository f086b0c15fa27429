//! Certificates: from one that signed to one that is trusted, judged at the time that counts.
//!
//! What RFC 5280 (section 6) demands of a path, without policies and names, which nobody here asks for; and what RFC 3161
//! (section 2.3) demands of the certificate of a time stamp authority. Everything is decided at a given time: a certificate
//! that has expired since then was good then.

mod chain;
mod revocation;

use exhibit_evidence::{Finding, Severity};
use exhibit_pki::{Certificate, RevocationList, cms::SignerInfo};

pub(crate) use chain::{Purpose, judge};

use crate::collect::Findings;
use crate::trust::Trust;

/// Certificates that are looked at for one signature.
const CERTIFICATES_MAX: usize = 512;
/// Revocation lists that are looked at for one signature.
const LISTS_MAX: usize = 64;

/// Everything at hand for finding a way.
pub(crate) struct Pool<'a> {
    anchors: Vec<Certificate<'a>>,
    others: Vec<Certificate<'a>>,
    lists: Vec<RevocationList<'a>>,
}

impl<'a> Pool<'a> {
    /// What the person named, and what came along with the signature. What cannot be read of a time stamp's is a note: it would
    /// be missed only if it were needed, and that is said then.
    pub(crate) fn new(
        trust: &Trust<'a>,
        certificates: &[&'a [u8]],
        lists: &[&'a [u8]],
        purpose: Purpose,
        place: &str,
        findings: &mut Findings,
    ) -> Self {
        let mut pool = Self { anchors: Vec::new(), others: Vec::new(), lists: Vec::new() };
        let given = trust.certificates.iter().map(Vec::as_slice);
        // Who signs a package puts in what he has read himself; what an authority adds to its stamps is its own business.
        let damaged = if purpose == Purpose::Signing { Severity::Mismatch } else { Severity::Note };
        let for_stamps = if purpose == Purpose::Stamping { trust.stamp_anchors } else { &[] };
        for bytes in trust.anchors.iter().chain(for_stamps).take(CERTIFICATES_MAX) {
            match Certificate::parse(bytes) {
                Ok(certificate) => pool.anchors.push(certificate),
                Err(fault) => {
                    findings.push(unread("one of the trusted certificates", &fault.to_string(), Severity::Incomplete))
                }
            }
        }
        for bytes in certificates.iter().copied().chain(given).take(CERTIFICATES_MAX) {
            match Certificate::parse(bytes) {
                Ok(certificate) if !pool.others.contains(&certificate) => pool.others.push(certificate),
                Ok(_) => {}
                Err(fault) => findings.push(unread(place, &format!("a certificate: {fault}"), damaged)),
            }
        }
        let given = trust.revocation_lists.iter().map(Vec::as_slice);
        for bytes in lists.iter().copied().chain(given).take(LISTS_MAX) {
            match RevocationList::parse(bytes) {
                Ok(list) => pool.lists.push(list),
                Err(fault) => findings.push(unread(place, &fault.to_string(), Severity::Note)),
            }
        }
        pool
    }

    /// The certificate that a signature names.
    pub(crate) fn signer(&self, signer: &SignerInfo<'_>) -> Option<&Certificate<'a>> {
        self.others.iter().chain(&self.anchors).find(|certificate| signer.names(certificate))
    }

    /// Whether the person named any certificate at all.
    pub(crate) fn has_anchors(&self) -> bool {
        !self.anchors.is_empty()
    }
}

fn unread(place: &str, text: &str, severity: Severity) -> Finding {
    Finding::new(severity, "certificate-unread", place, format!("cannot be read: {text}"))
}
