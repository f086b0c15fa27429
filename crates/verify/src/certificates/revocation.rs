//! Whether a certificate on the way was revoked, and what that means at the time that counts.

use exhibit_evidence::{Finding, Instant, Severity};
use exhibit_pki::{Certificate, RevocationList, Revoked, usage};

use super::Pool;
use super::chain::Purpose;
use crate::collect::Findings;

/// Looks for every certificate of the way but the trusted one in the lists at hand.
pub(super) fn check(
    path: &[&Certificate<'_>],
    pool: &Pool<'_>,
    at: Instant,
    purpose: Purpose,
    place: &str,
    findings: &mut Findings,
) {
    for (number, pair) in path.windows(2).enumerate() {
        let [certificate, issuer] = pair else { continue };
        let stamping = number == 0 && purpose == Purpose::Stamping;
        let mut newest: Option<Instant> = None;
        let mut found = None;
        for list in pool.lists.iter().filter(|list| list.issuer == certificate.issuer) {
            match usable(list, issuer) {
                Ok(()) => {}
                Err(why) => {
                    findings.note(
                        "revocation-list-unused",
                        place,
                        format!("a list of {} is not used: {why}", list.issuer),
                    );
                    continue;
                }
            }
            match list.find(certificate.serial) {
                Ok(entry) => found = found.or(entry),
                Err(fault) => {
                    findings.wrong(
                        "revocation-list",
                        place,
                        format!("the list of {} is damaged: {fault}", list.issuer),
                    );
                    continue;
                }
            }
            newest = newest.max(Some(list.this_update));
        }
        match (found, newest) {
            (Some(entry), _) => revoked(certificate, entry, at, stamping, place, findings),
            (None, Some(made)) if made < at => {
                let text = format!(
                    "{}: the newest list of its authority is of {made}, before {at}; a later one may name it",
                    certificate.title()
                );
                findings.note("revocation-list-old", place, text);
            }
            (None, Some(_)) => {}
            (None, None) => {
                let text = format!(
                    "{}: no list of its authority is at hand, so whether it was revoked is not known",
                    certificate.title()
                );
                findings.note("revocation-unknown", place, text);
            }
        }
    }
}

/// Whether a list may be relied upon.
fn usable(list: &RevocationList<'_>, issuer: &Certificate<'_>) -> Result<(), String> {
    if let Some(oid) = list.not_understood.first() {
        return Err(format!("it has the critical extension {oid}, which is not understood here"));
    }
    if !issuer.extensions.allows(usage::CRL_SIGN) {
        return Err("the authority's key may not sign lists".to_owned());
    }
    list.signed_by(&issuer.key).map_err(|fault| fault.to_string())
}

/// A revocation after the time that counts does not matter, unless it means that the key was never safe (RFC 3161,
/// section 4: for the key of a time stamp authority every reason but four, and no reason at all, means that).
fn revoked(
    certificate: &Certificate<'_>,
    entry: Revoked,
    at: Instant,
    stamping: bool,
    place: &str,
    findings: &mut Findings,
) {
    let (who, why) = (certificate.title(), entry.reason_in_words());
    let when = entry.when;
    if when <= at {
        let text = format!("{who} was revoked on {when} ({why}), before the time that counts, {at}");
        findings.wrong("certificate-revoked", place, text);
    } else if stamping && !matches!(entry.reason, Some(0 | 3 | 4 | 5)) {
        let text = format!(
            "{who} was revoked on {when} ({why}); by RFC 3161, section 4, its earlier time stamps count no longer either, \
             since its key may have been in other hands"
        );
        findings.wrong("certificate-revoked", place, text);
    } else {
        let text = format!("{who} was revoked on {when} ({why}), after the time that counts, {at}; it was good then");
        findings.push(Finding::new(Severity::Note, "certificate-revoked-later", place, text));
    }
}
