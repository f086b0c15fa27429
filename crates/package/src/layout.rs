//! Where each member of a package lies, and which names are safe. Paths are relative to the bag's folder.

/// Declaration of the bag; the first member of the archive.
pub const BAGIT: &str = "bagit.txt";
/// The exact text of [`BAGIT`] (RFC 8493, section 2.1.1).
pub const BAGIT_TEXT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
/// About the bag, for people and archives.
pub const BAG_INFO: &str = "bag-info.txt";
/// SHA-256 of every payload file.
pub const PAYLOAD_SHA256: &str = "manifest-sha256.txt";
/// SHA-512 of every payload file.
pub const PAYLOAD_SHA512: &str = "manifest-sha512.txt";
/// SHA-256 of every tag file; this is what is signed.
pub const TAGS_SHA256: &str = "tagmanifest-sha256.txt";
/// SHA-512 of every tag file; this is signed as well.
pub const TAGS_SHA512: &str = "tagmanifest-sha512.txt";
/// Folder that holds a folder for each item; all payload lies in it.
pub const ITEMS: &str = "data/items";
/// Folder of the records about the payload.
pub const EXHIBIT: &str = "exhibit";
/// What belongs together: see [`crate::manifest::Manifest`].
pub const MANIFEST: &str = "exhibit/manifest.json";
/// What is shown and what is withheld: see [`crate::disclosure::Disclosure`].
pub const DISCLOSURE: &str = "exhibit/disclosure.json";
/// For whom the package was made: see [`crate::disclosure::Recipients`].
pub const RECIPIENTS: &str = "exhibit/recipients.json";
/// The case as its folder describes it.
pub const CASE: &str = "exhibit/case.json";
/// Folder of the custody log's segments and checkpoints.
pub const CUSTODY: &str = "exhibit/custody";
/// The report for people.
pub const REPORT: &str = "exhibit/report.html";
/// The checker as a page for a browser.
pub const PAGE: &str = "verify.html";
/// How to check the package with general tools alone.
pub const INSTRUCTIONS: &str = "exhibit/VERIFY.txt";
/// Folder of the signatures; its members come last in the archive.
pub const SIGNATURES: &str = "signatures";
/// SSHSIG over [`TAGS_SHA256`].
pub const SIGNATURE_SHA256: &str = "signatures/tagmanifest-sha256.txt.sig";
/// SSHSIG over [`TAGS_SHA512`].
pub const SIGNATURE_SHA512: &str = "signatures/tagmanifest-sha512.txt.sig";
/// Who may sign, in the form `ssh-keygen -Y verify` reads.
pub const ALLOWED_SIGNERS: &str = "signatures/allowed_signers";
/// The signer's public key in OpenSSH's form.
pub const SIGNER: &str = "signatures/signer.pub";

/// CMS signature (CAdES) over [`TAGS_SHA512`], where the signer has a certificate.
pub const SIGNATURE_CMS: &str = "signatures/tagmanifest-sha512.txt.p7s";
/// RFC 3161 time stamp over [`SIGNATURE_SHA512`]: the token alone, in DER.
pub const STAMP: &str = "signatures/tagmanifest-sha512.txt.sig.tst";
/// Certificates between the two above and the authorities they end at, in PEM.
pub const VALIDATION_CERTIFICATES: &str = "signatures/validation-certificates.pem";
/// Lists of revoked certificates for the same, in PEM.
pub const VALIDATION_LISTS: &str = "signatures/validation-lists.pem";
/// Which of these four were made when the package was sealed: a tag file, so that none can be taken away unnoticed.
pub const FURTHER_SIGNATURES: &str = "exhibit/signatures.json";

/// SSHSIG namespace: a signature made for anything else is not a signature over a package.
pub const SIGNATURE_NAMESPACE: &str = "exhibit-package";

/// Longest part of a path, in characters: leaves room for the folder a package is unpacked into.
pub const COMPONENT_MAX: usize = 100;
/// Longest path, in characters: Windows programs still stop at 260 for the whole.
pub const PATH_MAX: usize = 200;

/// The members that the tag manifests do not list, because they sign or are the tag manifests themselves. Anything else
/// that is neither payload nor listed does not belong to the package.
pub const UNLISTED: [&str; 4] = [TAGS_SHA256, TAGS_SHA512, SIGNATURE_SHA256, SIGNATURE_SHA512];

/// Members that may be there besides and are not listed either: they are made from the signatures, or after them.
pub const UNLISTED_FURTHER: [&str; 4] = [SIGNATURE_CMS, STAMP, VALIDATION_CERTIFICATES, VALIDATION_LISTS];

/// Order of the members in the archive: [`BAGIT`], then by bytes, [`SIGNATURES`] last.
#[must_use]
pub fn member_order(path: &str) -> (u8, &str) {
    let group = match path {
        BAGIT => 0,
        _ if path.starts_with("signatures/") => 2,
        _ => 1,
    };
    (group, path)
}

/// Whether one part of a path means the same file to every system: `[A-Za-z0-9._-]`, at most [`COMPONENT_MAX`]
/// characters, no dot at either end, no name that Windows keeps for a device.
#[must_use]
pub fn is_safe_component(part: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-');
    !part.is_empty()
        && part.len() <= COMPONENT_MAX
        && part.bytes().all(allowed)
        && !part.starts_with('.')
        && !part.ends_with('.')
        && !is_device_name(part)
}

/// Whether every part of a path is safe, and the path not longer than [`PATH_MAX`].
#[must_use]
pub fn is_safe_path(path: &str) -> bool {
    path.len() <= PATH_MAX && path.split('/').all(is_safe_component)
}

/// Windows opens a device for these names, whatever follows the first dot.
fn is_device_name(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).to_ascii_lowercase();
    match stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt")) {
        Some(number) => number.len() == 1 && number.bytes().all(|c| c.is_ascii_digit()),
        None => matches!(stem.as_str(), "con" | "prn" | "aux" | "nul"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fixed_member_has_a_safe_path() {
        let fixed = [BAGIT, BAG_INFO, PAYLOAD_SHA256, PAYLOAD_SHA512, MANIFEST, CASE, REPORT, INSTRUCTIONS];
        let signing = [ALLOWED_SIGNERS, SIGNER];
        for path in fixed.iter().chain(&signing).chain(&UNLISTED).chain(&UNLISTED_FURTHER) {
            assert!(is_safe_path(path), "{path}");
        }
    }

    #[test]
    fn names_that_some_system_takes_for_something_else_are_not_safe() {
        let long = "a".repeat(COMPONENT_MAX + 1);
        let bad = [
            "", ".", "..", ".a", "a.", "a b", "a%b", "ä", "a\n", "a\\b", "a:b", "~", "NUL", "nul.txt", "Com1.E01",
            &long,
        ];
        for part in bad {
            assert!(!is_safe_component(part), "{part:?}");
        }
        for part in ["disk.E01", "NULL", "com10", "command.com", "a-b_c.d", "-", "0"] {
            assert!(is_safe_component(part), "{part:?}");
        }
        assert!(!is_safe_path("a//b") && !is_safe_path("/a") && !is_safe_path("a/"));
        assert!(!is_safe_path(&vec!["abcdefghi"; 21].join("/")));
    }

    #[test]
    fn the_declaration_comes_first_and_the_signatures_last() {
        let mut paths = [TAGS_SHA256, SIGNER, MANIFEST, "data/items/1/a", BAG_INFO, BAGIT];
        paths.sort_by_key(|path| member_order(path));
        assert_eq!(paths, [BAGIT, BAG_INFO, "data/items/1/a", MANIFEST, TAGS_SHA256, SIGNER]);
    }
}
