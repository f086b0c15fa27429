//! The way from a certificate to a trusted one.

use exhibit_evidence::{Finding, Instant, Severity};
use exhibit_pki::{Certificate, Oid, SignatureFault, oid, usage};

use super::Pool;
use super::revocation;
use crate::collect::Findings;

/// Certificates on a way, both ends included; real ways have three or four.
const PATH_MAX: usize = 8;
/// Signatures checked in search of a way: certificates that name each other could ask for more without end.
const SIGNATURES_MAX: u32 = 200;

/// Extended key usages of a certificate that may sign a package. A certificate that names none may, too.
const SIGNING_USAGES: [&[u8]; 4] =
    [oid::EMAIL_PROTECTION, oid::DOCUMENT_SIGNING, oid::DOCUMENT_SIGNING_OLD, oid::ANY_USAGE];

/// What the certificate at the beginning must be good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Signing time stamps.
    Stamping,
    /// Signing anything else.
    Signing,
}

/// What came out.
pub(crate) struct Judged {
    pub(crate) findings: Vec<Finding>,
    /// The way, for people; empty if there is none.
    pub(crate) way: String,
    /// Whether it ends at a trusted certificate and nothing is wrong with it.
    pub(crate) trusted: bool,
}

/// A way being looked for.
struct Search<'p, 'a> {
    pool: &'p Pool<'a>,
    at: Instant,
    left: u32,
    /// Findings of the first way that leads to a trusted certificate and is not good.
    bad: Option<Findings>,
    /// Where the longest way ended that leads nowhere.
    end: Option<&'p Certificate<'a>>,
    /// Why a signature on the way could not be checked.
    unsupported: Option<String>,
}

/// Judges `leaf` for `purpose`, at the moment `at`; `now` is for remarks only.
pub(crate) fn judge<'a>(
    leaf: &Certificate<'a>,
    pool: &Pool<'a>,
    at: Instant,
    now: Option<Instant>,
    purpose: Purpose,
    place: &str,
) -> Judged {
    let mut findings = Findings::default();
    leaf_usage(leaf, purpose, place, &mut findings);
    validity(leaf, at, now, place, &mut findings);
    let mut search = Search { pool, at, left: SIGNATURES_MAX, bad: None, end: None, unsupported: None };
    let mut path = vec![leaf];
    let found = search.extend(&mut path);
    if found {
        let way: Vec<String> = path.iter().map(|certificate| certificate.subject.to_string()).collect();
        revocation::check(&path, pool, at, purpose, place, &mut findings);
        return Judged { trusted: holds(&findings), findings: findings.into_list(), way: way.join(" < ") };
    }
    match search.bad.take() {
        Some(bad) => findings.extend(bad.into_list()),
        None => findings.push(Finding::new(Severity::Incomplete, "certificate-untrusted", place, search.nowhere())),
    }
    Judged { findings: findings.into_list(), way: String::new(), trusted: false }
}

fn holds(findings: &Findings) -> bool {
    findings.worst().is_none_or(|worst| worst == Severity::Note)
}

impl<'p, 'a> Search<'p, 'a> {
    /// Goes on from the last certificate; whether a good way was found, which `path` holds then.
    fn extend(&mut self, path: &mut Vec<&'p Certificate<'a>>) -> bool
    where
        'a: 'p,
    {
        let Some(&last) = path.last() else { return false };
        if self.pool.anchors.iter().any(|anchor| anchor.raw == last.raw) {
            return self.complete(path);
        }
        if self.end.is_none() || path.len() > 1 {
            self.end = Some(last);
        }
        if path.len() >= PATH_MAX {
            return false;
        }
        let pool = self.pool;
        for issuer in pool.anchors.iter().chain(&pool.others) {
            if issuer.subject != last.issuer
                || path.iter().any(|other| other.raw == issuer.raw)
                || !ids_agree(last, issuer)
            {
                continue;
            }
            if self.left == 0 {
                self.unsupported = Some(format!("more than {SIGNATURES_MAX} signatures would have to be checked"));
                return false;
            }
            self.left = self.left.saturating_sub(1);
            match last.signed_by(&issuer.key) {
                Ok(()) => {
                    path.push(issuer);
                    if self.extend(path) {
                        return true;
                    }
                    path.pop();
                }
                Err(SignatureFault::Unsupported(fault)) => self.unsupported = Some(fault.to_string()),
                Err(SignatureFault::Mismatch) => {}
            }
        }
        false
    }

    /// Judges a way that ends at a trusted certificate.
    fn complete(&mut self, path: &[&'p Certificate<'a>]) -> bool {
        let mut findings = Findings::default();
        for (below, certificate) in path.iter().enumerate().skip(1) {
            let place = certificate.title();
            let is_anchor = below.saturating_add(1) == path.len();
            authority(certificate, path.get(1..below).unwrap_or_default(), is_anchor, &place, &mut findings);
            validity(certificate, self.at, None, &place, &mut findings);
        }
        for certificate in path {
            if let Some(oid) = certificate.extensions.not_understood.first() {
                let text = format!("it has the critical extension {oid}, which is not understood here");
                findings.push(Finding::new(Severity::Incomplete, "certificate-extension", certificate.title(), text));
            }
        }
        let good = holds(&findings);
        if !good && self.bad.is_none() {
            self.bad = Some(findings);
        }
        good
    }

    /// Why there is no way, in words.
    fn nowhere(&self) -> String {
        if let Some(why) = &self.unsupported {
            return format!("no way to a certificate you trust could be checked: {why}");
        }
        let end = self.end.map(|end| end.issuer.to_string()).unwrap_or_default();
        if self.pool.has_anchors() {
            format!(
                "nobody you named vouches for it: the chain ends at {end}, whose certificate is not among those given"
            )
        } else {
            format!(
                "nobody vouches for it: name the certificate of an authority you trust with --trust (the chain ends at {end})"
            )
        }
    }
}

/// Ids of keys are hints; where both are there they must agree.
fn ids_agree(certificate: &Certificate<'_>, issuer: &Certificate<'_>) -> bool {
    match (certificate.extensions.authority_key_id, issuer.extensions.subject_key_id) {
        (Some(wanted), Some(found)) => wanted == found,
        _ => true,
    }
}

/// That a certificate on the way may issue the one below it. `between` are the authorities below it.
fn authority(
    certificate: &Certificate<'_>,
    between: &[&Certificate<'_>],
    is_anchor: bool,
    place: &str,
    findings: &mut Findings,
) {
    let extensions = &certificate.extensions;
    // A trusted certificate without extensions is one of the old version 1: the person who named it says that it is one.
    let may = extensions.authority == Some(true) || is_anchor && extensions.authority.is_none();
    if !may {
        findings.wrong(
            "certificate-authority",
            place,
            "it is no certificate of an authority, and has issued another one",
        );
    }
    if !extensions.allows(usage::CERTIFICATE_SIGN) {
        findings.wrong("certificate-authority", place, "its key may not sign certificates, and has signed one");
    }
    let below = between.iter().filter(|other| !other.is_self_issued()).count() as u64;
    if extensions.path_length.is_some_and(|most| below > most) {
        let text =
            format!("{below} authorities stand below it, and it allows {}", extensions.path_length.unwrap_or_default());
        findings.wrong("certificate-authority", place, text);
    }
}

/// That a certificate was valid at the moment that counts.
fn validity(certificate: &Certificate<'_>, at: Instant, now: Option<Instant>, place: &str, findings: &mut Findings) {
    let (from, to) = (certificate.not_before, certificate.not_after);
    let who = certificate.title();
    if at < from || at > to {
        let word = if at < from { "was not valid yet" } else { "had expired" };
        let text = format!("{who} {word} at the time that counts, {at}: it is valid from {from} to {to}");
        findings.wrong("certificate-validity", place, text);
    } else if now.is_some_and(|now| now > to) {
        let text = format!("{who} has expired since, on {to}; at the time that counts, {at}, it was valid");
        findings.note("certificate-expired-since", place, text);
    }
}

/// That the certificate at the beginning may do what it did.
fn leaf_usage(leaf: &Certificate<'_>, purpose: Purpose, place: &str, findings: &mut Findings) {
    let extensions = &leaf.extensions;
    let who = leaf.title();
    if !extensions.allows(usage::DIGITAL_SIGNATURE | usage::NON_REPUDIATION) {
        findings.wrong("certificate-usage", place, format!("the key of {who} may not sign (key usage)"));
    }
    if purpose == Purpose::Signing {
        // A certificate of a web server or of a program's maker says nothing about who seals evidence.
        let fits = |usage: &Oid<'_>| SIGNING_USAGES.iter().any(|known| usage.is(known));
        if extensions.extended_usage.as_deref().is_some_and(|usages| !usages.iter().any(fits)) {
            let text = format!(
                "{who} is not for signing documents (extended key usage); e-mail, documents or any usage would do"
            );
            findings.wrong("certificate-usage", place, text);
        }
        return;
    }
    // RFC 3161, section 2.3: this usage, no other, and critical.
    match extensions.extended_usage.as_deref() {
        Some([usage]) if usage.is(oid::TIME_STAMPING) && extensions.extended_usage_critical => {}
        Some([usage]) if usage.is(oid::TIME_STAMPING) => {
            let text = format!("{who} is for time stamps, but does not say so critically, as RFC 3161 demands");
            findings.wrong("certificate-usage", place, text);
        }
        Some(usages) if usages.iter().any(|usage| usage.is(oid::TIME_STAMPING)) => {
            let text = format!("{who} is for time stamps and for other things as well; RFC 3161 forbids that");
            findings.wrong("certificate-usage", place, text);
        }
        _ => {
            findings.wrong("certificate-usage", place, format!("{who} is not one for time stamps (extended key usage)"))
        }
    }
}
