//! Just enough of Cargo's manifests: sections and the names in them.

use exhibit_tests::places::{project, text};

/// Names of the folders in `crates/`, in order.
pub(crate) fn crates() -> Vec<String> {
    let manifests = exhibit_tests::places::files_below(&project().join("crates"), "Cargo.toml");
    let folder = |path: &std::path::PathBuf| path.parent().map(|folder| folder.to_string_lossy().into_owned());
    manifests.iter().filter_map(folder).filter(|folder| !folder.contains('/')).collect()
}

/// The non-empty lines of `[section]` in a manifest, without comment lines.
pub(crate) fn section(manifest: &str, section: &str) -> Vec<String> {
    let title = format!("[{section}]");
    let lines = text(manifest);
    let lines = lines.lines().map(str::trim).skip_while(|line| *line != title).skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

/// Our own crates among the dependencies in `[section]` of the crate in `folder`, by folder name.
pub(crate) fn own_dependencies(folder: &str, kind: &str) -> Vec<String> {
    let lines = section(&format!("{folder}/Cargo.toml"), kind);
    let name = |line: &String| {
        let name = line.split(['.', ' ', '=']).next()?;
        name.strip_prefix("exhibit-").map(str::to_owned)
    };
    let mut names: Vec<String> = lines.iter().filter_map(name).collect();
    names.sort();
    names
}
