//! Certificates and lists that travel beside signatures, as PEM.

use exhibit_evidence::{Finding, Severity};

use crate::members::{Members, read_small};
use crate::trust::Trust;

/// Largest file of certificates or lists that is read, in bytes.
const FILE_BYTES_MAX: u64 = 32 << 20;

/// The bytes of a file that may lie in the package, or beside it.
///
/// `None` if it is in neither place.
pub(super) fn file(
    members: &dyn Members,
    trust: &Trust<'_>,
    name: &str,
    present: bool,
    limit: u64,
) -> Option<Result<Vec<u8>, Finding>> {
    if present {
        return Some(read_small(members, name, limit));
    }
    trust.beside(name).map(|bytes| Ok(bytes.to_vec()))
}

/// What stands under `label` in a PEM file; nothing if the file is not there.
pub(super) fn pem(
    members: &dyn Members,
    trust: &Trust<'_>,
    name: &str,
    present: bool,
    label: &str,
) -> Result<Vec<Vec<u8>>, Finding> {
    let Some(bytes) = file(members, trust, name, present, FILE_BYTES_MAX).transpose()? else { return Ok(Vec::new()) };
    exhibit_pki::pem::all_of(label, &bytes)
        .map_err(|fault| Finding::new(Severity::Mismatch, "validation-file", name, fault.to_string()))
}
