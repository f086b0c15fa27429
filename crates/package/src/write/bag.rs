//! The text files that make a folder a bag (RFC 8493).

use exhibit_evidence::Name;

use super::copy::Digests;
use super::plan::PackagePlan;

/// `bag-info.txt`. Values are one line each: what would break a line, or deceive its reader, is escaped.
pub(super) fn info(plan: &PackagePlan, payload_bytes: u64, payload_files: usize) -> String {
    let date: String = plan.created.to_string().chars().take_while(|&c| c != 'T').collect();
    let oxum = format!("{payload_bytes}.{payload_files}");
    let lines = [
        ("Source-Organization", plan.case.agency.as_str()),
        ("Contact-Name", &plan.case.examiner),
        ("External-Identifier", &plan.case.number),
        ("External-Description", &plan.case.title),
        ("Bagging-Date", &date),
        ("Payload-Oxum", &oxum),
        ("Bag-Software-Agent", &plan.tool),
    ];
    lines.iter().fold(String::new(), |text, (label, value)| match Name::from(value.trim()).to_string() {
        value if value.is_empty() => text, // a label without a value says nothing and some readers stumble over it
        value => text + label + ": " + &value + "\n",
    })
}

/// A pair of manifests over the same files: SHA-256 and SHA-512, a line each in the order given.
///
/// Paths are safe ASCII (see [`crate::layout::is_safe_path`]), so none needs RFC 8493's percent-encoding.
pub(super) fn manifests<'a>(files: impl IntoIterator<Item = (&'a str, &'a Digests)>) -> (String, String) {
    let (mut short, mut long) = (String::new(), String::new());
    for (path, digests) in files {
        for (text, digest) in [(&mut short, &digests.sha256), (&mut long, &digests.sha512)] {
            text.extend([digest.as_str(), "  ", path, "\n"]);
        }
    }
    (short, long)
}
