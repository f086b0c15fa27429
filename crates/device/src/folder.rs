//! Folders and small files: cases, packages, image segments beside each other.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// A regular file found in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderEntry {
    /// Path relative to the folder that was walked.
    pub relative: PathBuf,
    /// Full path.
    pub path: PathBuf,
    /// Size in bytes.
    pub size: u64,
    /// What it is instead, if it is not a regular file: `symbolic link`, `pipe`, … Folders are not listed.
    pub special: Option<&'static str>,
}

/// Everything below `root`, sorted by path, symbolic links not followed.
///
/// # Errors
/// If a folder cannot be read: what cannot be listed is not silently left out.
pub fn walk(root: &Path) -> io::Result<Vec<FolderEntry>> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(root).follow_links(false).sort_by_file_name() {
        let entry = entry.map_err(io::Error::other)?;
        let kind = entry.file_type();
        if kind.is_dir() {
            continue;
        }
        let special = match (kind.is_file(), kind.is_symlink()) {
            (true, _) => None,
            (false, true) => Some("symbolic link"),
            (false, false) => Some("special file"),
        };
        let size = if special.is_none() { entry.metadata().map_err(io::Error::other)?.len() } else { 0 };
        let relative = entry.path().strip_prefix(root).unwrap_or(entry.path()).to_path_buf();
        found.push(FolderEntry { relative, path: entry.into_path(), size, special });
    }
    Ok(found)
}

/// The names of the regular files in the folder of `path`, sorted: where the other segments of an image would be.
///
/// # Errors
/// If the folder cannot be read.
pub fn siblings(path: &Path) -> io::Result<Vec<String>> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut names: Vec<String> = std::fs::read_dir(folder)?
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}

/// The bytes of a file of at most `limit` bytes.
///
/// # Errors
/// If it cannot be read, is larger, or is not a regular file.
pub fn read_small(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    crate::file::open_regular(path)?.0.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than the limit of {limit} bytes")));
    }
    Ok(bytes)
}
