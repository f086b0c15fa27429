//! The signatures over the tag manifests of a package, and who made them.

mod further;
mod validation;

use exhibit_custody::PublicKey;
use exhibit_custody::sshsig::{MessageHash, SshSignature};
use exhibit_evidence::{Finding, Severity};
use exhibit_package::layout::{
    ALLOWED_SIGNERS, SIGNATURE_NAMESPACE, SIGNATURE_SHA256, SIGNATURE_SHA512, SIGNER, TAGS_SHA256, TAGS_SHA512,
};

use crate::collect::Findings;
use crate::ledger::{Algorithm, Ledger};
use crate::members::{Members, read_small};
use crate::trust::Trust;
use crate::verdict::Check;

/// Largest signature or key file read, in bytes; real ones have some hundred.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// What the signatures of a package came to.
pub(crate) struct Signed {
    /// The key that made them, if they are good.
    pub(crate) signer: Option<PublicKey>,
    /// Whether that key is to be trusted: it was named, or a trusted certificate signed the list that names it.
    pub(crate) trusted: bool,
    pub(crate) checks: Vec<Check>,
}

/// Checks the signatures, by key, by certificate and in time.
pub(crate) fn check(members: &dyn Members, ledger: &Ledger, trusted: &[PublicKey], trust: &Trust<'_>) -> Signed {
    let mut findings = Findings::default();
    let mut signers: Vec<PublicKey> = Vec::new();
    for (path, signed) in [(SIGNATURE_SHA256, TAGS_SHA256), (SIGNATURE_SHA512, TAGS_SHA512)] {
        match one(members, ledger, path, signed) {
            Ok(key) => signers.push(key),
            Err(finding) => findings.push(finding),
        }
    }
    if let [first, second] = signers.as_slice()
        && first != second
    {
        findings.wrong("signature-keys", SIGNATURE_SHA512, "the two signatures were made with different keys");
    }
    let signer = signers.first().cloned();
    if let Some(key) = &signer {
        named(members, SIGNER, key, &mut findings);
        named(members, ALLOWED_SIGNERS, key, &mut findings);
    }
    let passed =
        format!("both are good, made with {}", signer.as_ref().map(PublicKey::fingerprint).unwrap_or_default());
    let title = "The package is signed, and the signatures belong to it";
    let sound = findings.is_empty();
    let good = Check::from_findings("package-signature", title, passed, findings.into_list());
    let further = further::check(members, ledger, trust);
    let by_certificate = further.trusted_signer.filter(|_| sound);
    let vouched_for = vouched(signer.as_ref(), trusted, by_certificate.as_deref());
    let trusted = signer.as_ref().is_some_and(|key| trusted.contains(key)) || by_certificate.is_some();
    let checks = [good, vouched_for].into_iter().chain(further.checks).collect();
    Signed { signer, trusted, checks }
}

/// One signature over one tag manifest, whose digest is in the ledger.
fn one(members: &dyn Members, ledger: &Ledger, path: &str, signed: &str) -> Result<PublicKey, Finding> {
    let wrong = |text: String| Finding::new(Severity::Mismatch, "signature", path, text);
    if !ledger.contains(path) {
        return Err(wrong("the signature is missing".to_owned()));
    }
    let bytes = read_small(members, path, FILE_BYTES_MAX)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong("not text".to_owned()))?;
    let signature = SshSignature::parse(text).map_err(|fault| wrong(fault.to_string()))?;
    let algorithm = match signature.hash() {
        MessageHash::Sha256 => Algorithm::Sha256,
        MessageHash::Sha512 => Algorithm::Sha512,
    };
    let digest = ledger.get(signed).and_then(|real| real.digest(algorithm));
    let digest = digest.ok_or_else(|| wrong(format!("what it signs, {signed}, is missing or could not be read")))?;
    match signature.verify_digest(SIGNATURE_NAMESPACE, digest) {
        Ok(()) => Ok(signature.key().clone()),
        Err(fault) => Err(wrong(format!("over {signed}: {fault}"))),
    }
}

/// The key files beside the signatures must name the key that signed, or people who use them are misled.
fn named(members: &dyn Members, path: &str, key: &PublicKey, findings: &mut Findings) {
    let keys = read_small(members, path, FILE_BYTES_MAX).and_then(|bytes| {
        let text = String::from_utf8(bytes).map_err(|_| "not text".to_owned());
        let keys = text.and_then(|text| PublicKey::parse_all(&text).map_err(|fault| fault.to_string()));
        keys.map_err(|text| Finding::new(Severity::Mismatch, "signature-key", path, text))
    });
    match keys {
        Ok(keys) if keys.contains(key) => {}
        Ok(_) => findings.wrong(
            "signature-key",
            path,
            format!("it does not name the key that signed, {}", key.fingerprint()),
        ),
        Err(finding) => findings.push(finding),
    }
}

fn vouched(signer: Option<&PublicKey>, trusted: &[PublicKey], by_certificate: Option<&str>) -> Check {
    let (id, title) = ("package-signer", "The key that signed the package is one you trust");
    let Some(key) = signer else {
        return Check::not_done(id, title, "there is no good signature to judge");
    };
    if trusted.contains(key) {
        return Check::from_findings(id, title, format!("you named the key {}", key.fingerprint()), Vec::new());
    }
    if let Some(who) = by_certificate {
        // The list that the certificate signed covers `signer.pub`.
        let text =
            format!("{who}, whose certificate you trust, signed the list that names the key {}", key.fingerprint());
        return Check::from_findings(id, title, text, Vec::new());
    }
    let text = format!("the signature is sound, but nobody vouches for the key {}", key.fingerprint());
    let finding = Finding::new(Severity::Incomplete, "key-unknown", SIGNER, text);
    Check::from_findings(id, title, "", vec![finding])
}
