//! Tables against folders: a file that nobody named in its table would be dead, and nobody would notice.

use exhibit_tests::places::{files_below, project, text};

/// Folder of the entries, and the file with their table.
const TABLES: [(&str, &str); 9] = [
    ("crates/image/src/formats", "crates/image/src/formats.rs"),
    ("crates/hash/src/algorithms", "crates/hash/src/algorithms.rs"),
    ("crates/carve/src/kinds", "crates/carve/src/kinds.rs"),
    ("crates/filesystem/src/kinds", "crates/filesystem/src/kinds.rs"),
    ("crates/acquire/src/policy", "crates/acquire/src/policy.rs"),
    ("crates/forge/src/plants", "crates/forge/src/plants.rs"),
    ("crates/package/src/exports", "crates/package/src/exports.rs"),
    ("crates/report/src/outputs", "crates/report/src/outputs.rs"),
    ("crates/cli/src/commands", "crates/cli/src/commands.rs"),
];

#[test]
fn every_file_of_a_folder_is_in_its_table() {
    for (folder, table) in TABLES {
        let table_text = text(table);
        // Folders below belong to the entry of the same name.
        let entries = files_below(&project().join(folder), ".rs");
        let entries: Vec<_> = entries.iter().filter(|file| file.components().count() == 1).collect();
        assert!(!entries.is_empty(), "{folder}");
        for entry in entries {
            let stem = entry.file_stem().unwrap().to_string_lossy().into_owned();
            assert!(table_text.contains(&format!("mod {stem};\n")), "{table} does not declare {stem}");
            assert!(table_text.contains(&format!("{stem}::")), "{table} has no line for {stem}");
        }
    }
}

#[test]
fn every_table_has_a_page_that_says_how_to_add_to_it() {
    let index = text("docs/adding/README.md");
    for (folder, table) in TABLES {
        assert!(index.contains(folder.trim_start_matches("crates/")), "docs/adding/README.md does not name {folder}");
        assert!(index.contains(table.trim_start_matches("crates/")), "docs/adding/README.md does not name {table}");
    }
    for page in index.split(['(', ')']).filter(|word| word.ends_with(".md")) {
        assert!(!text(format!("docs/adding/{page}")).is_empty(), "docs/adding/README.md points to {page}");
    }
}
