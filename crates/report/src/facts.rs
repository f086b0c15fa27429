//! What a report is made of. Every text may come from outside and is escaped when it is printed, not before.

use exhibit_evidence::acquisition::Acquisition;
use exhibit_evidence::{ByteRange, Instant, Name};
use serde::{Deserialize, Serialize};

use crate::Verdict;

/// Everything a report says.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Tool and version that writes the report.
    pub tool: String,
    /// When the report is written.
    pub created: Option<Instant>,
    /// The case.
    pub case: CaseFacts,
    /// The items, in the order of the case.
    pub items: Vec<ItemFacts>,
    /// The custody log, in its order.
    pub custody: Vec<CustodyRow>,
    /// The checks that were made before the report was written; `None` if none were.
    pub verdict: Option<Verdict>,
    /// Who signs the package, if it is known already.
    pub signer: Option<SignerFacts>,
    /// Folder of the package the report lies in, so that commands can name it; `None` outside a package.
    pub bag_name: Option<String>,
    /// How the material must be handled: confidentiality, privilege, dangerous content. One sentence each.
    pub handling: Vec<String>,
    /// What the report and the package cannot show. One sentence each, printed after those that always hold.
    pub limits: Vec<String>,
    /// What `case.json` says of authority and scope: path of the field (`authority.offence.description`) and text.
    pub stated: Vec<(String, String)>,
    /// The last signed head of the log.
    pub head: Option<LogHead>,
}

/// The signed head of the log.
#[derive(Debug, Clone, Default)]
pub struct LogHead {
    /// Records covered.
    pub records: u64,
    /// RFC 6962 root, lower-case hexadecimal.
    pub root: String,
    /// Fingerprint of the key: `SHA256:…`.
    pub fingerprint: String,
}

/// The case. `None` means that it was not recorded, and is printed as such.
#[derive(Debug, Clone, Default)]
pub struct CaseFacts {
    /// Case number.
    pub number: Option<String>,
    /// Title in plain words.
    pub title: Option<String>,
    /// Responsible examiner.
    pub examiner: Option<String>,
    /// The examiner's office.
    pub agency: Option<String>,
    /// When the case was begun: RFC 3339, UTC.
    pub created: Option<String>,
    /// Number of the record of the log that says so.
    pub record: Option<u64>,
}

/// One item of evidence.
#[derive(Debug, Clone, Default)]
pub struct ItemFacts {
    /// Item number.
    pub id: String,
    /// What it is, in plain words.
    pub description: Option<String>,
    /// The record of its acquisition; `None` if it was not imaged here.
    pub acquisition: Option<Acquisition>,
    /// The file that record is in, as a path in the case.
    pub acquisition_file: Option<String>,
    /// Number of the record of the log that says that it was acquired.
    pub acquired: Option<u64>,
    /// Number of the record of the log that says that files were recovered from it.
    pub derived: Option<u64>,
    /// What was recovered from it by content; `None` if that was not tried.
    pub carve: Option<CarveFacts>,
}

/// What carving an image gave.
#[derive(Debug, Clone, Default)]
pub struct CarveFacts {
    /// Bytes of the medium that were searched; `None` if the carver's summary could not be read.
    pub scanned_bytes: Option<u64>,
    /// Types that were searched for.
    pub types: Vec<String>,
    /// What was not searched, and why. One sentence each.
    pub skipped: Vec<String>,
    /// The candidates, in the order of the medium.
    pub files: Vec<CarvedFile>,
    /// Where the complete list lies, for example `carve/carved.jsonl`.
    pub list_file: Option<String>,
}

/// One recovered file; reads a line of `carved.jsonl` (fields a report does not print are passed over).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarvedFile {
    /// Path in the results; `None` if the file was listed and not written.
    #[serde(default)]
    pub path: Option<Name>,
    /// Type id, for example `jpeg`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256, lower-case hexadecimal.
    #[serde(default)]
    pub sha256: Option<String>,
    /// The bytes of the medium it was made of, in the file's order.
    #[serde(default)]
    pub extents: Vec<ByteRange>,
    /// How sure the recovery is.
    pub class: Certainty,
    /// What was checked, or what is missing.
    #[serde(default)]
    pub reasons: Vec<String>,
}

/// How sure a recovery is, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Checksums or a complete decode vouch for the bytes.
    Proven,
    /// The structure holds from the first byte to the last.
    Consistent,
    /// Good up to a byte.
    Partial,
    /// A believable beginning.
    HeaderOnly,
}

/// One record of the custody log.
#[derive(Debug, Clone, Default)]
pub struct CustodyRow {
    /// Its number in the log.
    pub seq: u64,
    /// RFC 3339, UTC.
    pub time: String,
    /// Who did it.
    pub actor: String,
    /// In which role.
    pub role: String,
    /// The action's id: `handed-over`.
    pub action: String,
    /// To what.
    pub object: String,
    /// Object and details one by one: name and text, in their order.
    pub says: Vec<(String, String)>,
    /// Why, in the actor's words.
    pub reason: Option<String>,
}

/// Who signs.
#[derive(Debug, Clone, Default)]
pub struct SignerFacts {
    /// Name of the signer, as `ssh-keygen -Y verify -I` takes it.
    pub principal: String,
    /// Fingerprint of the key: `SHA256:…`.
    pub fingerprint: String,
}
