//! What goes into a package.

use std::error::Error;
use std::sync::Arc;

use exhibit_evidence::{Instant, Name, Source};
use serde_json::Value;

use super::list::Listing;
use crate::exports::History;
use crate::manifest::{Case, Custody, Medium, Role};

/// Everything a package is made of. The same plan makes the same bytes.
pub struct PackagePlan {
    /// Folder inside the archive that holds the bag; a safe name (see [`crate::layout::is_safe_component`]).
    pub bag_name: String,
    /// Name of the archive in the store. Not written into the package.
    pub archive: String,
    /// The case.
    pub case: Case,
    /// Text or object, `null` if not given.
    pub authority: Value,
    /// Text or object, `null` if not given.
    pub scope: Value,
    /// Marks of handling that hold now.
    pub handling: Vec<String>,
    /// The items, in order. At least one with a file: a bag without payload is no bag.
    pub items: Vec<Item>,
    /// The state of the custody log that is among `tag_files`.
    pub custody: Custody,
    /// Path below `exhibit/` and bytes of what travels as it is: `exhibit/case.json`, `exhibit/report.html`, the custody
    /// log's files in `exhibit/custody/`.
    pub tag_files: Vec<(String, Vec<u8>)>,
    /// Whether the files are listed under a signed root, or belong to such a list.
    pub listing: Listing,
    /// How the items came about, for the exports; without it none are written.
    pub history: Option<History>,
    /// When the package is made.
    pub created: Instant,
    /// Tool and version.
    pub tool: String,
    /// What is not in the package and what it cannot show, one sentence each.
    pub limits: Vec<String>,
}

/// One item of evidence.
pub struct Item {
    /// Item number; names its folder, made safe if it must be.
    pub id: String,
    /// What the files stand for, where there is a medium.
    pub medium: Option<Medium>,
    /// The files. Segments of an image must be in the image's order.
    pub files: Vec<PayloadFile>,
}

/// One file of the payload.
pub struct PayloadFile {
    /// What it is.
    pub role: Role,
    /// Its name in the case, with `/` between folders; made safe if it must be, kept exactly in the manifest.
    pub name: Name,
    /// Its bytes.
    pub source: Arc<dyn Source>,
    /// The SHA-256 on record, lower-case hexadecimal, where there is one: a file that has changed since is not sealed.
    pub expected_sha256: Option<String>,
}

/// Why a signature could not be made.
pub type SignError = Box<dyn Error + Send + Sync>;

/// Namespace and message to an armoured SSHSIG signature; or the name of a key and a text to a signed note.
pub type Sign<'a> = dyn Fn(&str, &[u8]) -> Result<String, SignError> + 'a;

/// Who signs. How keys work is not known here: texts, and one call.
pub struct Signer<'a> {
    /// Name of the signer in `allowed_signers`: `[A-Za-z0-9._@+-]`.
    pub principal: String,
    /// Fingerprint as `ssh-keygen -l` prints it: `SHA256:…`.
    pub fingerprint: String,
    /// The public key, one line in OpenSSH's form.
    pub public_key: String,
    /// Text of `signatures/allowed_signers`.
    pub allowed_signers: String,
    /// Makes the signatures.
    pub sign: &'a Sign<'a>,
    /// Makes a signed note of a text, under the name of a key.
    pub note: &'a Sign<'a>,
}
