//! The floors: the table in `docs/ARCHITECTURE.md` against every manifest.

use std::collections::BTreeMap;

use exhibit_tests::places::text;

use crate::manifest::{crates, own_dependencies, section};

/// A row of the table.
#[derive(Debug)]
struct Row {
    floor: u32,
    imports: Vec<String>,
}

/// The floor on which things for tests stand: nothing of the product imports them.
const FOR_TESTS: &str = "dev";

/// The table: rows of four columns whose first cell is `F0`, `F1`, … or `dev`.
fn table() -> BTreeMap<String, Row> {
    let page = text("docs/ARCHITECTURE.md");
    let mut rows = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| F") || line.starts_with("| dev ")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let floor = if cells[0] == FOR_TESTS { u32::MAX } else { cells[0].trim_start_matches('F').parse().unwrap() };
        let named = cells[2].split(',').map(|name| name.trim().trim_matches('`').to_owned());
        let mut imports: Vec<String> = named.filter(|name| name != "—" && !name.is_empty()).collect();
        imports.sort();
        let name = cells[1].trim_matches('`').to_owned();
        assert!(rows.insert(name.clone(), Row { floor, imports }).is_none(), "{name} stands twice in the table");
        assert!(!cells[3].is_empty(), "{name} has no responsibility");
    }
    rows
}

#[test]
fn every_crate_stands_on_one_floor_of_the_table() {
    let table = table();
    let named: Vec<&String> = table.keys().collect();
    assert_eq!(named, crates().iter().collect::<Vec<_>>(), "docs/ARCHITECTURE.md against the folders in crates/");
}

#[test]
fn every_crate_imports_exactly_what_the_table_says_and_only_from_lower_floors() {
    let table = table();
    for (name, row) in &table {
        assert_eq!(own_dependencies(&format!("crates/{name}"), "dependencies"), row.imports, "imports of {name}");
        for import in &row.imports {
            let other = table.get(import).unwrap_or_else(|| panic!("{name} imports {import}, which is on no floor"));
            let lower = other.floor < row.floor || row.floor == u32::MAX && other.floor == 0;
            assert!(lower && other.floor != u32::MAX, "{name} imports {import}, which is not on a lower floor");
        }
    }
}

#[test]
fn tests_of_a_crate_import_nothing_from_above_but_the_testkit() {
    let table = table();
    for (name, row) in &table {
        let imports = own_dependencies(&format!("crates/{name}"), "dev-dependencies");
        // `tests` has what all tests share and stands on no floor: it imports nothing of the product.
        for import in imports.iter().filter(|import| *import != "tests") {
            let other = &table[import];
            assert!(import == "testkit" || other.floor < row.floor, "the tests of {name} import {import}");
        }
        assert!(section(&format!("crates/{name}/Cargo.toml"), "build-dependencies").is_empty(), "{name}");
    }
}

#[test]
fn what_tests_share_imports_nothing_of_the_product() {
    assert!(section("tests/Cargo.toml", "dependencies").is_empty());
    assert!(section("benches/Cargo.toml", "dependencies").iter().all(|line| line.contains("workspace = true")));
}

#[test]
fn nobody_but_the_command_line_imports_a_door() {
    for name in crates().iter().filter(|name| *name != "cli") {
        for kind in ["dependencies", "dev-dependencies"] {
            let imports = own_dependencies(&format!("crates/{name}"), kind);
            assert!(!imports.iter().any(|import| import == "device" || import == "store"), "{name}: {imports:?}");
        }
    }
}
