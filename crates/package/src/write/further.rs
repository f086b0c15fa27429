//! Signatures besides the SSHSIG: by certificate (CMS), and time stamps of a third party.

use std::fmt::Write as _;

use super::error::PackageError;
use super::plan::SignError;
use crate::layout::{SIGNATURE_CMS, STAMP, UNLISTED_FURTHER, VALIDATION_CERTIFICATES, VALIDATION_LISTS};

/// What is signed: the SHA-512 tag manifest, and the SSHSIG over it. Gives the further members with their bytes.
pub type Make<'a> = dyn Fn(&[u8], &[u8]) -> Result<Vec<(&'static str, Vec<u8>)>, SignError> + 'a;

/// Further signatures. They are announced in a tag file before they are made, so that none can be taken away unnoticed.
pub struct Further<'a> {
    /// The members that will be made: of [`UNLISTED_FURTHER`], each once.
    pub members: Vec<&'static str>,
    /// Makes them.
    pub make: &'a Make<'a>,
}

impl Further<'_> {
    /// The members in the order of the layout, without repetitions.
    pub(super) fn announced(&self) -> Vec<&'static str> {
        UNLISTED_FURTHER.into_iter().filter(|path| self.members.contains(path)).collect()
    }

    /// The text of `exhibit/signatures.json`, in the canonical form of RFC 8785: names of fixed ASCII need no escapes.
    pub(super) fn announcement(&self) -> String {
        let names: Vec<String> = self.announced().iter().map(|path| format!("\"{path}\"")).collect();
        format!("{{\"format\":\"exhibit-signatures/1\",\"members\":[{}]}}", names.join(","))
    }

    /// Makes them, and holds them to what was announced.
    pub(super) fn made(&self, manifest: &[u8], signature: &[u8]) -> Result<Vec<(&'static str, Vec<u8>)>, PackageError> {
        let mut made =
            (self.make)(manifest, signature).map_err(|error| PackageError::signing("further signatures", error))?;
        made.sort_by_key(|(path, _)| *path);
        let mut expected = self.announced();
        expected.sort_unstable();
        if made.iter().map(|(path, _)| *path).ne(expected) {
            return Err(PackageError::signing("further signatures", "they are not those that were announced".into()));
        }
        Ok(made)
    }
}

/// The step of `VERIFY.txt` about them. A test runs its commands as they stand.
pub(super) fn instructions(announced: &[&str]) -> String {
    let has = |path: &str| announced.contains(&path);
    if announced.is_empty() {
        return String::new();
    }
    let mut text = String::from("\n8. WHO AND WHEN, BY CERTIFICATES\n-------------------------------\n\n");
    text += "This step needs openssl (3.0 or later), and the certificates of the authorities\n\
             at the end of the chains, which you must get by another way than this package:\n\
             from the authority itself. Save them (PEM) beside the folder of the package, in\n\
             the file roots.pem; there may be several in it.\n";
    let untrusted = if has(VALIDATION_CERTIFICATES) { VALIDATION_CERTIFICATES } else { "" };
    if has(SIGNATURE_CMS) {
        let more = if untrusted.is_empty() { String::new() } else { format!(" -certfile {untrusted}") };
        let _ = write!(
            text,
            "\nThe list of all records is signed with a certificate, too:\n\n    $ openssl cms -verify -binary -inform DER -in \
             {SIGNATURE_CMS} -content tagmanifest-sha512.txt -CAfile ../roots.pem{more} -purpose any -out /dev/null\n\nExpected: \
             \"CMS Verification successful\". Whose certificate it is:\n\n    $ openssl cms -cmsout -inform DER -in \
             {SIGNATURE_CMS} -print | grep -m 1 -A 3 issuerAndSerialNumber\n"
        );
    }
    if has(STAMP) {
        let more = if untrusted.is_empty() { String::new() } else { format!(" -untrusted {untrusted}") };
        let _ = write!(
            text,
            "\nAn authority for time stamps has confirmed that the signature of step 6 existed\nat a certain time:\n\n    \
             $ openssl ts -verify -data signatures/tagmanifest-sha512.txt.sig -token_in -in {STAMP} -CAfile \
             ../roots.pem{more}\n\nExpected: \"Verification: OK\". The time:\n\n    $ openssl ts -reply -token_in -in \
             {STAMP} -token_out -text | grep -a \"Time stamp:\"\n"
        );
    }
    text += "\nopenssl judges certificates by today's date. Where one has expired since, add\n\
             -attime and the second of that time (date -d '2026-11-29 12:00:00 UTC' +%s).\n";
    if has(VALIDATION_LISTS) {
        text += "Lists of revoked certificates, as they were then, are in\nsignatures/validation-lists.pem.\n";
    }
    text
}

/// The line of step 4 that names them.
pub(super) fn unlisted_line(announced: &[&str]) -> String {
    if announced.is_empty() {
        return String::new();
    }
    format!("    $ printf '%s\\n' {} >> ../listed.txt\n", announced.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_must_be_what_was_announced() {
        let make =
            |_: &[u8], _: &[u8]| -> Result<Vec<(&'static str, Vec<u8>)>, SignError> { Ok(vec![(STAMP, vec![1])]) };
        let further = |members: Vec<&'static str>| Further { members, make: &make };
        assert_eq!(further(vec![STAMP]).made(b"", b"").unwrap(), [(STAMP, vec![1])]);
        assert!(further(vec![STAMP, SIGNATURE_CMS]).made(b"", b"").is_err());
        assert!(further(vec![SIGNATURE_CMS]).made(b"", b"").is_err());
        let both = further(vec![STAMP, SIGNATURE_CMS]).announcement();
        assert_eq!(
            both,
            r#"{"format":"exhibit-signatures/1","members":["signatures/tagmanifest-sha512.txt.p7s","signatures/tagmanifest-sha512.txt.sig.tst"]}"#
        );
    }
}
