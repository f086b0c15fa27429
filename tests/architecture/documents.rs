//! Documents that repeat what the program says, compared with the program.

use exhibit_tests::places::{files_below, project, text};

/// Exit codes as `outcome.rs` numbers them.
fn codes_of_the_program() -> Vec<u8> {
    let source = text("crates/cli/src/outcome.rs");
    let body = source.split_once("enum Exit {").and_then(|(_, rest)| rest.split_once("\n}")).unwrap().0.to_owned();
    let code = |line: &str| line.trim().strip_suffix(',')?.split_once(" = ")?.1.parse().ok();
    body.lines().filter_map(code).collect()
}

/// The numbers in the first column of the table whose title row begins with `exit code`; empty if there is none.
fn codes_of_a_page(page: &str) -> Vec<u8> {
    let text = text(page);
    let rows = text.lines().skip_while(|line| !line.to_lowercase().starts_with("| exit code"));
    let rows = rows.skip(2).take_while(|line| line.starts_with('|'));
    rows.filter_map(|row| row.trim_matches('|').split('|').next()?.trim().trim_matches('`').parse().ok()).collect()
}

#[test]
fn documented_exit_codes_are_those_of_the_program() {
    let program = codes_of_the_program();
    assert_eq!(program, [0, 1, 2, 3, 4, 5, 6, 7], "frozen: scripts depend on them");
    assert_eq!(codes_of_a_page("docs/ARCHITECTURE.md"), program, "docs/ARCHITECTURE.md");
    for page in files_below(&project().join("docs"), ".md") {
        let codes = codes_of_a_page(&format!("docs/{}", page.display()));
        assert!(codes.is_empty() || codes == program, "{}: {codes:?}", page.display());
    }
    let readme = codes_of_a_page("README.md");
    assert!(readme.is_empty() || readme == program, "README.md: {readme:?}");
}

/// Targets of `[text](target)`, without those in code.
fn links(page: &str) -> Vec<String> {
    let prose: Vec<&str> = page.split("```").step_by(2).collect();
    let prose = prose.join("");
    prose.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())).collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    let top = project();
    let pages = files_below(&top, ".md").into_iter().filter(|path| !crate::source_code::is_made(path));
    for page in pages {
        for link in links(&text(&page)) {
            let target = link.split('#').next().unwrap();
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let path = top.join(&page).parent().unwrap().join(target);
            assert!(path.exists(), "{}: {link}", page.display());
        }
    }
}

/// Tests named in VALIDATION.md as `file.rs: name` exist.
#[test]
fn tests_named_as_evidence_exist() {
    let page = text("docs/VALIDATION.md");
    let mut named = 0;
    for word in page.split('`').skip(1).step_by(2) {
        let Some((file, name)) = word.split_once(".rs::") else { continue };
        let source = text(format!("{file}.rs"));
        assert!(source.contains(&format!("fn {name}(")), "VALIDATION.md names {word}");
        named += 1;
    }
    assert!(named >= 20, "{named} tests are named");
}

/// Constants named in LIMITS.md as `NAME = value` in `file` have that value in that file.
#[test]
fn limits_named_in_the_document_are_those_of_the_code() {
    let page = text("docs/LIMITS.md");
    let mut compared = 0;
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(|cell| cell.trim()).collect();
        let [name, value, file, ..] = cells.as_slice() else { continue };
        let (name, value, file) = (name.trim_matches('`'), value.trim_matches('`'), file.trim_matches('`'));
        if !file.ends_with(".rs") {
            continue;
        }
        let source = text(format!("crates/{file}"));
        let line = source.lines().find(|line| {
            let line = line.trim_start();
            line.contains(&format!("const {name}:")) || line.starts_with(&format!("{name}: "))
        });
        let line = line.unwrap_or_else(|| panic!("LIMITS.md: no {name} in crates/{file}"));
        let own = line.rsplit_once(" = ").or(line.rsplit_once(": ")).unwrap().1;
        assert_eq!(own.trim_end_matches([';', ',']), value, "LIMITS.md: {name} in crates/{file}");
        compared += 1;
    }
    assert!(compared >= 20, "{compared} limits are compared");
}
