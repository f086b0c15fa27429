//! Paths given for outputs.

use std::path::{Path, PathBuf};

use crate::outcome::{Failure, shown};

/// Folder and file name of an output path.
pub(crate) fn split(path: &Path) -> Result<(PathBuf, String), Failure> {
    let name = path.file_name().and_then(|name| name.to_str());
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return Err(Failure::misused("err-not-a-file-name", &[("path", &shown(path))]));
    };
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    };
    Ok((folder, name.to_owned()))
}
