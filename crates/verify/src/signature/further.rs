//! Signatures of a package besides the SSHSIG: by certificate (CMS, CAdES-B and CAdES-T), and time stamps.

use exhibit_custody::strict_json;
use exhibit_evidence::{Finding, Instant, Severity};
use exhibit_package::layout::{
    FURTHER_SIGNATURES, SIGNATURE_CMS, SIGNATURE_SHA512, STAMP, TAGS_SHA512, UNLISTED_FURTHER, VALIDATION_CERTIFICATES,
    VALIDATION_LISTS,
};
use exhibit_pki::cms::{SignedData, SignerInfo};
use exhibit_pki::{Certificate, Hash, SignatureFault, oid};
use serde_json::Value;

use super::validation;
use crate::certificates::{self, Pool, Purpose};
use crate::collect::Findings;
use crate::ledger::Ledger;
use crate::members::{Members, read_small};
use crate::stamp::{self, StampFacts, StampQuestion};
use crate::trust::Trust;
use crate::verdict::Check;

/// Largest tag manifest that is read for its digest, in bytes: some 400,000 files.
const TAGS_BYTES_MAX: u64 = 64 << 20;
/// Largest CMS signature or time stamp that is read, in bytes.
const SIGNATURE_BYTES_MAX: u64 = 1 << 20;

/// What they came to.
pub(super) struct Further {
    pub(super) checks: Vec<Check>,
    /// The subject of a certificate that is trusted and signed the package.
    pub(super) trusted_signer: Option<String>,
}

/// The package while its further signatures are checked.
struct Context<'a> {
    members: &'a dyn Members,
    ledger: &'a Ledger,
    trust: Trust<'a>,
}

/// Checks those that are there. Without any there is nothing to check, and nothing is said.
pub(super) fn check(members: &dyn Members, ledger: &Ledger, trust: &Trust<'_>) -> Further {
    let mut checks: Vec<Check> = announced(members, ledger).into_iter().collect();
    let mut findings = Findings::default();
    let mut read = |name: &str, label: &str| match validation::pem(members, trust, name, ledger.contains(name), label) {
        Ok(all) => all,
        Err(finding) => {
            findings.push(finding);
            Vec::new()
        }
    };
    let mut certificates = read(VALIDATION_CERTIFICATES, "CERTIFICATE");
    let mut lists = read(VALIDATION_LISTS, "X509 CRL");
    certificates.extend(trust.certificates.iter().cloned());
    lists.extend(trust.revocation_lists.iter().cloned());
    let trust = Trust { certificates: &certificates, revocation_lists: &lists, ..*trust };
    if !findings.is_empty() {
        let title = "The certificates that travel with the package can be read";
        checks.push(Check::from_findings("package-certificates", title, "", findings.into_list()));
    }
    let context = Context { members, ledger, trust };
    checks.extend(context.stamp());
    let mut trusted_signer = None;
    if let Some((check, signer)) = context.cms() {
        checks.push(check);
        trusted_signer = signer;
    }
    Further { checks, trusted_signer }
}

/// That every signature that was announced when the package was sealed is still there.
fn announced(members: &dyn Members, ledger: &Ledger) -> Option<Check> {
    if !ledger.contains(FURTHER_SIGNATURES) {
        return None;
    }
    let title = "Every signature that was made when the package was sealed is there";
    let wrong = |text: String| Finding::new(Severity::Mismatch, "signatures-announced", FURTHER_SIGNATURES, text);
    let read = read_small(members, FURTHER_SIGNATURES, SIGNATURE_BYTES_MAX).and_then(|bytes| {
        let value = strict_json::parse_canonical(&bytes, bytes.len()).map_err(|fault| wrong(fault.to_string()))?;
        let format = value.get("format").and_then(Value::as_str) == Some("exhibit-signatures/1");
        let names = value.get("members").and_then(Value::as_array).filter(|_| format);
        let names =
            names.map(|names| names.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>());
        names.flatten().ok_or_else(|| wrong("not in the format exhibit-signatures/1".to_owned()))
    });
    let findings = match read {
        Err(finding) => vec![finding],
        Ok(names) => {
            let gone = names.iter().filter(|name| !UNLISTED_FURTHER.contains(&name.as_str()) || !ledger.contains(name));
            gone.map(|name| wrong(format!("{name} was made and is missing: it was taken away"))).collect()
        }
    };
    Some(Check::from_findings("package-signatures-announced", title, "none is missing", findings))
}

impl Context<'_> {
    fn file(&self, name: &str) -> Option<Result<Vec<u8>, Finding>> {
        validation::file(self.members, &self.trust, name, self.ledger.contains(name), SIGNATURE_BYTES_MAX)
    }

    /// The time stamp over the signature of the SHA-512 tag manifest.
    fn stamp(&self) -> Option<Check> {
        let (id, title) = ("package-timestamp", "A time stamp says when the package was signed at the latest");
        let token = match self.file(STAMP)? {
            Ok(token) => token,
            Err(finding) => return Some(Check::from_findings(id, title, "", vec![finding])),
        };
        let signature = read_small(self.members, SIGNATURE_SHA512, SIGNATURE_BYTES_MAX).ok();
        let digest = |hash: Hash| signature.as_ref().map(|bytes| hash.digest(bytes));
        let question =
            StampQuestion { place: STAMP, what: SIGNATURE_SHA512, digest: &digest, nonce: None, policy: None };
        let stamped = stamp::check(&token, &question, &self.trust);
        let passed = stamped.facts.as_ref().map(StampFacts::in_words).unwrap_or_default();
        Some(Check::from_findings(id, title, passed, stamped.into_findings()))
    }

    /// The signature by certificate, and whose it is if that person is trusted.
    fn cms(&self) -> Option<(Check, Option<String>)> {
        let (id, title) = ("package-certificate", "A signature by certificate belongs to the package, and is trusted");
        let bytes = match self.file(SIGNATURE_CMS)? {
            Ok(bytes) => bytes,
            Err(finding) => return Some((Check::from_findings(id, title, "", vec![finding]), None)),
        };
        let mut findings = Findings::default();
        let judged = self.cms_findings(&bytes, &mut findings);
        let holds = findings.worst().is_none_or(|worst| worst == Severity::Note);
        let (subject, passed) = judged.unwrap_or_default();
        Some((Check::from_findings(id, title, passed, findings.into_list()), holds.then_some(subject)))
    }

    /// Subject of the certificate and what to say about it, if the signature holds.
    fn cms_findings(&self, bytes: &[u8], findings: &mut Findings) -> Option<(String, String)> {
        let wrong = |text: String| Finding::new(Severity::Mismatch, "cms-signature", SIGNATURE_CMS, text);
        let data = match SignedData::parse(bytes) {
            Ok(data) => data,
            Err(fault) => {
                findings.push(wrong(fault.to_string()));
                return None;
            }
        };
        let (certificates, lists) = (&data.certificates, &data.revocation_lists);
        let pool = Pool::new(&self.trust, certificates, lists, Purpose::Signing, SIGNATURE_CMS, findings);
        let (signer, certificate) = match self.cms_signature(&data, &pool) {
            Ok(found) => found,
            Err(finding) => {
                findings.push(finding);
                return None;
            }
        };
        let stamped = self.cms_stamp(signer, findings);
        let (at, from) = self.moment(signer, certificate, stamped.as_ref(), findings)?;
        let judged = certificates::judge(certificate, &pool, at, self.trust.now, Purpose::Signing, SIGNATURE_CMS);
        findings.extend(judged.findings);
        let subject = certificate.subject.to_string();
        Some((subject, format!("by {}, {from}", judged.way)))
    }

    /// The signer and its certificate, if the signature is good over the tag manifest.
    fn cms_signature<'d, 'p, 'b>(
        &self,
        data: &'d SignedData<'b>,
        pool: &'p Pool<'b>,
    ) -> Result<(&'d SignerInfo<'b>, &'p Certificate<'b>), Finding> {
        let wrong = |text: String| Finding::new(Severity::Mismatch, "cms-signature", SIGNATURE_CMS, text);
        let open = |text: String| Finding::new(Severity::Incomplete, "cms-signature", SIGNATURE_CMS, text);
        if data.content.is_some() || !data.content_type.is(oid::DATA) {
            return Err(wrong("it holds a content of its own; a signature over the package has none".to_owned()));
        }
        let signer = data.signer().map_err(|fault| wrong(fault.to_string()))?;
        let tags = read_small(self.members, TAGS_SHA512, TAGS_BYTES_MAX)?;
        stamp::same_content(signer, oid::DATA, &tags).map_err(|text| wrong(format!("over {TAGS_SHA512}: {text}")))?;
        let certificate = pool.signer(signer);
        let certificate = certificate
            .ok_or_else(|| open("the certificate that signed is neither in it nor among those given".to_owned()))?;
        stamp::names_certificate(signer, certificate).map_err(wrong)?;
        match signer.signed_by(&certificate.key) {
            Ok(()) => Ok((signer, certificate)),
            Err(SignatureFault::Mismatch) => {
                Err(wrong("the signature does not match: it was changed, or made with another key".to_owned()))
            }
            Err(SignatureFault::Unsupported(fault)) => Err(open(fault.to_string())),
        }
    }

    /// The time stamp over the signature value (CAdES-T), if there is one.
    fn cms_stamp(&self, signer: &SignerInfo<'_>, findings: &mut Findings) -> Option<StampFacts> {
        let token = match signer.unsigned_attribute(oid::SIGNATURE_TIME_STAMP) {
            Ok(token) => token?,
            Err(fault) => {
                findings.wrong("cms-timestamp", SIGNATURE_CMS, fault.to_string());
                return None;
            }
        };
        let digest = |hash: Hash| Some(hash.digest(signer.signature));
        let question = StampQuestion {
            place: "the time stamp in signatures/tagmanifest-sha512.txt.p7s",
            what: "the signature by certificate",
            digest: &digest,
            nonce: None,
            policy: None,
        };
        let stamped = stamp::check(token.raw, &question, &self.trust);
        let facts = stamped.facts.clone();
        findings.extend(stamped.into_findings());
        facts
    }

    /// The time at which the certificate must have been valid, and where it is known from.
    ///
    /// Without a good time stamp there is the present; a certificate that has expired by now and was valid when its owner
    /// says that he signed leaves the question open, since nobody else says so.
    fn moment(
        &self,
        signer: &SignerInfo<'_>,
        certificate: &Certificate<'_>,
        stamped: Option<&StampFacts>,
        findings: &mut Findings,
    ) -> Option<(Instant, String)> {
        if let Some(facts) = stamped.filter(|facts| facts.good) {
            return Some((facts.time, format!("before {}", facts.in_words())));
        }
        let claimed = match signer.signing_time() {
            Ok(claimed) => claimed,
            Err(fault) => {
                findings.wrong("cms-signature", SIGNATURE_CMS, fault.to_string());
                return None;
            }
        };
        let said =
            claimed.map_or_else(|| "at a time it does not say".to_owned(), |time| format!("at {time} by its own word"));
        let now = self.trust.now.or(claimed)?;
        let claims_validity =
            claimed.is_some_and(|time| certificate.not_before <= time && time <= certificate.not_after);
        if now > certificate.not_after && claims_validity {
            let text = format!(
                "the certificate expired on {}; that the signature was made before, {said}, nobody else confirms: a time \
                 stamp would",
                certificate.not_after
            );
            findings.push(Finding::new(Severity::Incomplete, "cms-time", SIGNATURE_CMS, text));
            return claimed.map(|time| (time, said));
        }
        Some((now, said))
    }
}
