//! Time stamps (RFC 3161): is it of these bytes, who made it, when, and may that be believed.

use exhibit_evidence::{Finding, Instant, Severity, to_hex};
use exhibit_pki::cms::SignerInfo;
use exhibit_pki::der::{Reader, tag};
use exhibit_pki::timestamp::{Response, Token};
use exhibit_pki::{Certificate, Fault, Hash, SignatureFault, oid};
use sha1::Digest as _;

use crate::certificates::{self, Pool, Purpose};
use crate::collect::Findings;
use crate::trust::Trust;
use crate::verdict::{Check, Level, Verdict};

/// What a time stamp is compared with.
pub struct StampQuestion<'a> {
    /// Names the token in findings.
    pub place: &'a str,
    /// Names what it should be a stamp of.
    pub what: &'a str,
    /// The digest of that by each hash; `None` if it cannot be computed.
    pub digest: &'a dyn Fn(Hash) -> Option<Vec<u8>>,
    /// The number of the request, if the request is at hand.
    pub nonce: Option<&'a [u8]>,
    /// The policy that is demanded (content bytes of its identifier), if one is.
    pub policy: Option<&'a [u8]>,
}

/// What a time stamp says; only as good as the findings beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampFacts {
    /// When.
    pub time: Instant,
    /// How exactly, in microseconds to either side.
    pub accuracy_microseconds: Option<u64>,
    /// Who made it: the subject of its certificate, or nothing if that is not at hand.
    pub authority: String,
    /// The way to a trusted certificate; empty if there is none.
    pub way: String,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// Policy, dotted.
    pub policy: String,
    /// Whether everything about it was checked and holds.
    pub good: bool,
}

impl StampFacts {
    /// `2026-11-29T12:00:00Z, to 1.5 s, by CN=…`, for people.
    #[must_use]
    pub fn in_words(&self) -> String {
        let exact = self.accuracy_microseconds.map(|micros| {
            let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
            let fraction = format!("{rest:06}");
            let fraction = fraction.trim_end_matches('0');
            let point = if fraction.is_empty() { "" } else { "." };
            format!(", to {seconds}{point}{fraction} s")
        });
        let who =
            if self.authority.is_empty() { "an authority whose certificate is not here" } else { &self.authority };
        format!("{}{}, by {who}", self.time, exact.unwrap_or_default())
    }
}

/// What came out, by question.
#[derive(Debug, Default)]
pub(crate) struct Stamped {
    pub(crate) facts: Option<StampFacts>,
    form: Findings,
    imprint: Findings,
    request: Findings,
    signature: Findings,
    certificate: Findings,
}

impl Stamped {
    /// All findings in one list.
    pub(crate) fn into_findings(self) -> Vec<Finding> {
        let parts = [self.form, self.imprint, self.request, self.signature, self.certificate];
        parts.into_iter().flat_map(Findings::into_list).collect()
    }
}

/// Checks an answer of an authority, or a token alone, and gives a verdict with a check for each question.
#[must_use]
pub fn check_stamp(bytes: &[u8], question: &StampQuestion<'_>, trust: &Trust<'_>) -> (Option<StampFacts>, Verdict) {
    let stamped = check(bytes, question, trust);
    let facts = stamped.facts;
    let said = facts.as_ref().map(StampFacts::in_words).unwrap_or_default();
    let way = facts.as_ref().map(|facts| facts.way.clone()).unwrap_or_default();
    let made = |id: &str, title: &str, passed: String, findings: Findings| {
        Check::from_findings(id, title, passed, findings.into_list())
    };
    let undone = |id: &str, title: &str| Check::not_done(id, title, "the time stamp could not be read");
    let read = facts.is_some();
    let mut checks = vec![made("timestamp-form", "The time stamp can be read", said, stamped.form)];
    let rest = [
        ("timestamp-imprint", "It is of this data", question.what.to_owned(), stamped.imprint),
        ("timestamp-request", "It answers what was asked", "nothing else was asked for".to_owned(), stamped.request),
        (
            "timestamp-signature",
            "Its signature holds",
            "made with the certificate it names".to_owned(),
            stamped.signature,
        ),
        (
            "timestamp-certificate",
            "Its authority is trusted, and was allowed to at that time",
            way,
            stamped.certificate,
        ),
    ];
    for (id, title, passed, findings) in rest {
        checks.push(if read || !findings.is_empty() { made(id, title, passed, findings) } else { undone(id, title) });
    }
    let verdict = Verdict::from_checks("the time stamp", Level::Full, checks, Vec::new());
    (facts, verdict)
}

/// Checks an answer of an authority, or a token alone.
pub(crate) fn check(bytes: &[u8], question: &StampQuestion<'_>, trust: &Trust<'_>) -> Stamped {
    let mut stamped = Stamped::default();
    let place = question.place;
    let token = Response::parse(bytes).map_err(|fault| fault.to_string()).and_then(|response| response.granted());
    let token = token.and_then(|token| Token::parse(token).map_err(|fault| fault.to_string()));
    let token = match token {
        Ok(token) => token,
        Err(text) => {
            stamped.form.wrong("timestamp-form", place, text);
            return stamped;
        }
    };
    imprint(&token, question, &mut stamped.imprint);
    asked(&token, question, &mut stamped.request);
    let (certificates, lists) = (&token.signed.certificates, &token.signed.revocation_lists);
    let pool = Pool::new(trust, certificates, lists, Purpose::Stamping, place, &mut stamped.certificate);
    let mut facts = StampFacts {
        time: token.stamp.time,
        accuracy_microseconds: token.stamp.accuracy_microseconds,
        authority: String::new(),
        way: String::new(),
        serial: to_hex(token.stamp.serial),
        policy: token.stamp.policy.to_string(),
        good: false,
    };
    match signature(&token, &pool) {
        Ok(certificate) => {
            facts.authority = certificate.subject.to_string();
            let at = token.stamp.time;
            let judged = certificates::judge(certificate, &pool, at, trust.now, Purpose::Stamping, place);
            facts.way = judged.way;
            facts.good = judged.trusted && stamped.imprint.is_empty() && stamped.request.worst().is_none();
            stamped.certificate.extend(judged.findings);
        }
        Err((severity, text)) => {
            stamped.signature.push(Finding::new(severity, "timestamp-signature", place, text));
            let text = "whether its authority may be trusted was not checked: its signature was not, or does not hold";
            stamped.certificate.push(Finding::new(Severity::Incomplete, "timestamp-authority", place, text));
        }
    }
    stamped.facts = Some(facts);
    stamped
}

/// Whether it is of these bytes.
fn imprint(token: &Token<'_>, question: &StampQuestion<'_>, findings: &mut Findings) {
    let place = question.place;
    let incomplete = |text: String| Finding::new(Severity::Incomplete, "timestamp-imprint", place, text);
    let hash = match token.stamp.hash.hash() {
        Ok(hash) => hash,
        Err(fault) => return findings.push(incomplete(format!("its digest is not one that can be compared: {fault}"))),
    };
    match (question.digest)(hash) {
        None => findings.push(incomplete(format!("{} could not be read", question.what))),
        Some(digest) if digest == token.stamp.imprint => {}
        Some(digest) => {
            let text = format!(
                "it is of other bytes than {}: {} in the time stamp {}, of these bytes {}",
                question.what,
                hash.name(),
                to_hex(token.stamp.imprint),
                to_hex(&digest)
            );
            findings.wrong("timestamp-imprint", place, text);
        }
    }
}

/// Whether it answers the request.
fn asked(token: &Token<'_>, question: &StampQuestion<'_>, findings: &mut Findings) {
    if let Some(nonce) = question.nonce {
        match token.stamp.nonce {
            Some(found) if found == nonce => {}
            Some(found) => {
                let text = format!(
                    "it answers another request, perhaps an older one: nonce asked {}, found {}",
                    to_hex(nonce),
                    to_hex(found)
                );
                findings.wrong("timestamp-nonce", question.place, text);
            }
            None => findings.wrong("timestamp-nonce", question.place, "it does not repeat the nonce of the request"),
        }
    }
    if let Some(policy) = question.policy.filter(|policy| !token.stamp.policy.is(policy)) {
        let wanted = exhibit_pki::oid::shown(policy);
        let text = format!("it was made under the policy {}, and {wanted} is demanded", token.stamp.policy);
        findings.wrong("timestamp-policy", question.place, text);
    }
}

/// The certificate that signed, if the signature holds; otherwise how bad that is, and why.
fn signature<'p, 'a>(token: &Token<'a>, pool: &'p Pool<'a>) -> Result<&'p Certificate<'a>, (Severity, String)> {
    let wrong = |text: String| (Severity::Mismatch, text);
    let signer = token.signed.signer().map_err(|fault| wrong(fault.to_string()))?;
    let content = token.signed.content.unwrap_or_default();
    same_content(signer, oid::TST_INFO, content).map_err(wrong)?;
    let certificate = pool.signer(signer).ok_or_else(|| {
        let text = "the certificate that signed is neither in the time stamp nor among those given, so its signature was \
                    not checked: get it from the authority and give it with --certs";
        (Severity::Incomplete, text.to_owned())
    })?;
    names_certificate(signer, certificate).map_err(wrong)?;
    match signer.signed_by(&certificate.key) {
        Ok(()) => Ok(certificate),
        Err(SignatureFault::Mismatch) => Err(wrong(
            "the signature does not match: the time stamp was changed, or signed with another key".to_owned(),
        )),
        Err(SignatureFault::Unsupported(fault)) => Err((Severity::Incomplete, fault.to_string())),
    }
}

/// That what is signed is this content, of this type.
pub(crate) fn same_content(signer: &SignerInfo<'_>, kind: &[u8], content: &[u8]) -> Result<(), String> {
    let text = |fault: Fault| fault.to_string();
    same_type(signer, kind)?;
    let hash = signer.digest.hash().map_err(text)?;
    if signer.message_digest().map_err(text)? == hash.digest(content) {
        Ok(())
    } else {
        Err("the digest that is signed is not that of the content: the content was changed".to_owned())
    }
}

/// That the type that is signed is this one.
pub(crate) fn same_type(signer: &SignerInfo<'_>, kind: &[u8]) -> Result<(), String> {
    let signed = signer.signed_attribute(oid::CONTENT_TYPE).map_err(|fault| fault.to_string())?;
    if signed.is_some_and(|value| value.tag == tag::OID && value.content == kind) {
        Ok(())
    } else {
        Err("the type of the content is not signed, or is another one".to_owned())
    }
}

/// That the signature names its certificate by a digest: otherwise another certificate of the same key could be put in
/// its place. RFC 5035 names it by SHA-256 or better, RFC 2634 by SHA-1, which is enough to tell two certificates of one
/// authority apart, and accepted.
pub(crate) fn names_certificate(signer: &SignerInfo<'_>, certificate: &Certificate<'_>) -> Result<(), String> {
    let text = |fault: Fault| fault.to_string();
    let other = "the signature names another certificate than the one that is here";
    if let Some(value) = signer.signed_attribute(oid::SIGNING_CERTIFICATE_V2).map_err(text)? {
        let (hash, digest) = first_id_v2(value.raw).map_err(text)?;
        return if hash.digest(certificate.raw) == digest { Ok(()) } else { Err(other.to_owned()) };
    }
    match signer.signed_attribute(oid::SIGNING_CERTIFICATE).map_err(text)? {
        Some(value) => {
            let digest = first_id(value.raw).map_err(text)?;
            if sha1::Sha1::digest(certificate.raw).as_slice() == digest { Ok(()) } else { Err(other.to_owned()) }
        }
        None => Err("the signature does not say which certificate it was made with".to_owned()),
    }
}

/// The first ESSCertIDv2 of a SigningCertificateV2.
fn first_id_v2(bytes: &[u8]) -> Result<(Hash, &[u8]), Fault> {
    let mut outer = Reader::sequence_of("signing certificate", bytes)?;
    let mut id = outer.sequence("ids of certificates")?.sequence("an id")?;
    let hash = match id.optional(tag::SEQUENCE)? {
        Some(algorithm) => Hash::of(algorithm.inside().oid("hash of the id")?)?,
        None => Hash::Sha256,
    };
    Ok((hash, id.octets("digest of the certificate")?))
}

/// The first ESSCertID of a SigningCertificate.
fn first_id(bytes: &[u8]) -> Result<&[u8], Fault> {
    let mut outer = Reader::sequence_of("signing certificate", bytes)?;
    outer.sequence("ids of certificates")?.sequence("an id")?.octets("digest of the certificate")
}
