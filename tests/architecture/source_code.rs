//! Source files as the tests look at them.

use std::path::PathBuf;

use exhibit_tests::places::{files_below, project, text};

/// A source file of the project.
pub(crate) struct Source {
    /// Path from the top of the project.
    pub(crate) path: PathBuf,
    /// All of it.
    pub(crate) text: String,
}

impl Source {
    /// The code that goes into the product: no comments, no unit tests at the foot of the file.
    pub(crate) fn product(&self) -> String {
        let code = self.text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
        code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }
}

/// All Rust files below `folder`, which is relative to the top.
pub(crate) fn sources(folder: &str) -> Vec<Source> {
    let paths = files_below(&project().join(folder), ".rs").into_iter().map(|path| PathBuf::from(folder).join(path));
    paths.filter(|path| !is_made(path)).map(|path| Source { text: text(&path), path }).collect()
}

/// Whether something is made by building and not written by anybody.
pub(crate) fn is_made(path: &std::path::Path) -> bool {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    let first = parts.first().map(String::as_str);
    matches!(first, Some("target" | ".git" | "exhibit-demo"))
        || first == Some("fuzz") && matches!(parts.get(1).map(String::as_str), Some("target" | "corpus" | "coverage"))
}
