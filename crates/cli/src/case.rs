//! A case folder: `case.json`, `custody/`, `items/`.

use std::path::{Path, PathBuf};

use exhibit_custody::strict_json;
use exhibit_store::Folder;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::outcome::{Failure, quoted, shown};

/// Name of the file that makes a folder a case.
pub(crate) const CASE_FILE: &str = "case.json";
/// Value of [`CaseFile::format`].
pub(crate) const FORMAT: &str = "exhibit-case/1";
/// Largest case file read, authority and scope included.
const CASE_FILE_BYTES_MAX: u64 = 4 << 20;

/// What `case.json` holds, in RFC 8785 form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CaseFile {
    pub(crate) format: String,
    pub(crate) number: String,
    pub(crate) title: String,
    pub(crate) examiner: String,
    pub(crate) agency: String,
    pub(crate) created: String,
    /// The authority as given: JSON, or text; `null` if none was given.
    pub(crate) authority: Value,
    /// The scope as given: JSON, or text; `null` if none was given.
    pub(crate) scope: Value,
    /// Marks of handling the case began with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) handling: Vec<String>,
}

/// An opened case.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) path: PathBuf,
    pub(crate) file: CaseFile,
    /// The exact bytes of `case.json`.
    pub(crate) file_bytes: Vec<u8>,
}

impl Case {
    /// Opens the case in `path`.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let file_path = path.join(CASE_FILE);
        let bytes = exhibit_device::read_small(&file_path, CASE_FILE_BYTES_MAX).map_err(|error| {
            let failure = Failure::io("read the case", &file_path, &error);
            match error.kind() {
                std::io::ErrorKind::NotFound => {
                    failure.hint("begin a case with: exhibit new CASE --number … --title … --examiner … --agency …")
                }
                _ => failure,
            }
        })?;
        let value = strict_json::parse(&bytes, bytes.len());
        let value = value.map_err(|fault| Failure::new(format!("{}: {fault}", shown(&file_path))))?;
        let file: CaseFile = serde_json::from_value(value)
            .map_err(|error| Failure::new(format!("{} is not a case file: {error}", shown(&file_path))))?;
        if file.format != FORMAT {
            return Err(Failure::new(format!("{}: format {:?}, expected {FORMAT:?}", shown(&file_path), file.format)));
        }
        Ok(Self { path: path.to_path_buf(), file, file_bytes: bytes })
    }

    /// The case that `path` lies in, if any: the nearest folder above it with a case file.
    pub(crate) fn around(path: &Path) -> Option<Self> {
        let full = std::path::absolute(path).ok()?;
        full.ancestors()
            .take(16)
            .find(|folder| folder.join(CASE_FILE).is_file())
            .and_then(|folder| Self::open(folder).ok())
    }

    /// The marks of handling that hold now: the last ones of the log, otherwise those the case began with.
    pub(crate) fn handling(&self, log: &exhibit_custody::Log) -> Vec<String> {
        log.handling().unwrap_or_else(|| self.file.handling.clone())
    }

    /// The case folder as a place for results.
    pub(crate) fn folder(&self) -> Result<Folder, Failure> {
        Ok(Folder::at(&self.path)?)
    }

    /// `path` relative to the case, with `/`, if it lies in it.
    pub(crate) fn relative(&self, path: &Path) -> Option<String> {
        let full = std::path::absolute(path).ok()?;
        let root = std::path::absolute(&self.path).ok()?;
        let parts: Option<Vec<&str>> = full.strip_prefix(root).ok()?.iter().map(|part| part.to_str()).collect();
        parts.map(|parts| parts.join("/"))
    }
}

/// Whether `id` can name an item: it becomes a folder and part of file names.
pub(crate) fn check_item_id(id: &str) -> Result<(), Failure> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !id.is_empty() && id.len() <= 64 && id.chars().all(allowed) && !id.starts_with('.') && !id.ends_with('.') {
        return Ok(());
    }
    Err(Failure::misused("err-item-name", &[("id", &quoted(id))]).advise("hint-item-name", &[]))
}
