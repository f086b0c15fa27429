//! Where the project and the test data lie.
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The top of the project.
#[must_use]
pub fn project() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Test data made by others: `EXHIBIT_TESTDATA`, or the folder `shared/testdata` beside the project.
#[must_use]
pub fn testdata() -> PathBuf {
    match std::env::var_os("EXHIBIT_TESTDATA") {
        Some(path) => path.into(),
        None => project().join("../shared/testdata"),
    }
}

/// A file of the test data; `None`, after saying so, if it is not there.
#[must_use]
pub fn data_file(name: &str) -> Option<PathBuf> {
    let path = testdata().join(name);
    if path.is_file() {
        return Some(path);
    }
    skipped(&format!("test data {name} is not here (EXHIBIT_TESTDATA)"));
    None
}

/// The bytes of a file of the test data; `None`, after saying so, if it is not there.
#[must_use]
pub fn data(name: &str) -> Option<Vec<u8>> {
    std::fs::read(data_file(name)?).ok()
}

/// Says visibly that something was not tested: past the test harness, which keeps what passing tests print to itself.
pub fn skipped(why: &str) {
    // Whoever closed standard error does not want to know.
    let _ = writeln!(std::io::stderr().lock(), "skipped: {why}");
}

/// All files below `folder` whose name ends with `suffix`, relative to it, in order.
#[must_use]
pub fn files_below(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(here) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&here) else { continue };
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            if path.is_dir() {
                open.push(path);
            } else if path.to_string_lossy().ends_with(suffix) {
                found.push(path.strip_prefix(folder).unwrap_or(&path).to_path_buf());
            }
        }
    }
    found.sort();
    found
}

/// The text of a file of the project; empty if there is none, which no test mistakes for a pass.
#[must_use]
pub fn text(relative: impl AsRef<Path>) -> String {
    std::fs::read_to_string(project().join(relative)).unwrap_or_default()
}
