//! What may stand in source files, and how long they may be.

use exhibit_tests::places::text;

use crate::manifest::{crates, section};
use crate::source_code::{is_made, sources};

/// The first file of a crate.
fn root(name: &str) -> String {
    let file = if name == "cli" { "main" } else { "lib" };
    text(format!("crates/{name}/src/{file}.rs"))
}

#[test]
fn every_crate_has_a_readme_and_a_first_page() {
    for name in crates() {
        let readme = text(format!("crates/{name}/README.md"));
        assert!(readme.lines().count() >= 8, "crates/{name}/README.md");
        let page = root(&name).lines().take_while(|line| line.starts_with("//!")).count();
        assert!(page >= 4, "crates/{name}: the page at the top of its root has {page} lines");
    }
}

#[test]
fn unsafe_code_is_forbidden_everywhere_but_behind_the_door_where_it_is_explained() {
    for name in crates().iter().filter(|name| !["device", "hash", "verify-web"].contains(&name.as_str())) {
        assert!(root(name).contains("\n#![forbid(unsafe_code)]\n"), "{name} does not forbid unsafe code");
    }
    // `hash` reaches instructions that not every processor has, in one call of each of four files.
    assert!(root("hash").contains("\n#![deny(unsafe_code)]\n"), "hash does not deny unsafe code");
    for source in sources("crates/hash/src") {
        let kernels = ["sha256/pair.rs", "sixteen.rs", "md5/vector.rs", "md5/beside_sha256.rs"];
        let kernel = kernels.iter().any(|name| source.path.ends_with(name));
        let allowed = usize::from(kernel);
        assert!(source.text.matches("unsafe {").count() <= allowed, "{}: unsafe", source.path.display());
    }
    // The border between a browser's page and the module in it is crossed in one file.
    assert!(root("verify-web").contains("\n#![deny(unsafe_code)]\n"), "verify-web does not deny unsafe code");
    for source in sources("crates/verify-web/src") {
        assert!(source.path.ends_with("boundary.rs") || !source.text.contains("unsafe {"), "{}", source.path.display());
    }
    let explained = ["crates/device/src", "crates/hash/src", "crates/verify-web/src"];
    for source in explained.into_iter().flat_map(sources) {
        let lines: Vec<&str> = source.text.lines().collect();
        let uses = lines.iter().enumerate().filter(|(_, line)| line.contains("unsafe {"));
        for (number, _) in uses {
            let explained = lines[..number].iter().rev().take(8).any(|line| line.contains("SAFETY"));
            assert!(explained, "{}:{}: unsafe without SAFETY", source.path.display(), number + 1);
        }
    }
}

/// Only these may open, create, start, print or look at a clock; the lints in clippy.toml find it, and only these opt out.
#[test]
fn only_the_doors_and_the_command_line_opt_out_of_the_lints_that_guard_the_doors() {
    for name in crates().iter().filter(|name| !["device", "store", "cli"].contains(&name.as_str())) {
        for source in sources(&format!("crates/{name}/src")) {
            let product = source.product();
            for lint in ["disallowed_methods", "disallowed_macros", "disallowed_types"] {
                assert!(!product.contains(lint), "{} opts out of clippy::{lint}", source.path.display());
            }
            for world in ["std::fs::", "std::net::", "std::process::Command", "SystemTime::now", "std::env::var"] {
                assert!(!product.contains(world), "{} touches the world: {world}", source.path.display());
            }
        }
    }
}

/// What the checker shares with the writers are definitions; what decides or writes is not even named in its sources.
#[test]
fn the_checker_never_mentions_the_writers() {
    let writers = [
        "exhibit_package::write",
        "write::seal",
        "exhibit_acquire",
        "ImageWriter",
        "fn create(",
        "SigningKey",
        "sshsig::sign",
        "note::sign",
        "Session",
        "Log::new",
        ".append(",
        ".checkpoint(",
    ];
    for source in sources("crates/verify/src") {
        let product = source.product();
        for writer in writers {
            assert!(!product.contains(writer), "{} mentions {writer}", source.path.display());
        }
    }
}

#[test]
fn no_file_is_too_long_and_names_say_what_is_inside() {
    let mut lengths = Vec::new();
    for source in sources("crates") {
        let in_src = source.path.components().any(|part| part.as_os_str() == "src");
        let lines = source.text.lines().count();
        if in_src {
            lengths.push(lines);
        }
        assert!(!in_src || lines <= 800, "{}: {lines} lines", source.path.display());
        let stem = source.path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            !["utils", "util", "common", "helpers", "types", "misc"].contains(&stem.as_str()),
            "{}",
            source.path.display()
        );
    }
    lengths.sort_unstable();
    println!("{} files in crates/*/src, median length {} lines", lengths.len(), lengths[lengths.len() / 2]);
}

#[test]
fn nothing_is_marked_as_unfinished_and_no_test_is_switched_off() {
    // Written in two pieces, so that this file does not find itself.
    let marks = [
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("#[ign", "ore"),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
    ];
    for source in ["crates", "tests", "benches", "fuzz"].into_iter().flat_map(sources) {
        for mark in marks {
            assert!(!source.text.contains(mark), "{}: {mark}", source.path.display());
        }
    }
}

#[test]
fn no_file_knows_the_machine_of_a_developer() {
    let paths = [
        concat!("/wo", "rk/"),
        concat!("/fa", "rm/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/tmp/ba", "sh_jobs"),
    ];
    let project = exhibit_tests::places::project();
    for file in exhibit_tests::places::files_below(&project, "") {
        if is_made(&file) {
            continue;
        }
        let text = text(&file);
        for path in paths {
            for (at, _) in text.match_indices(path) {
                let before = text[..at].chars().next_back();
                let part_of_a_longer_path =
                    before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
                assert!(part_of_a_longer_path, "{}: {path}", file.display());
            }
        }
    }
}

#[test]
fn every_dependency_says_why_it_is_there() {
    for line in section("Cargo.toml", "workspace.dependencies") {
        let ours = line.starts_with("exhibit-");
        let reason = line.split_once(" # ").is_some_and(|(_, reason)| reason.len() >= 10);
        assert!(ours || reason, "no reason for {line}");
    }
}

#[test]
fn every_dependency_of_a_crate_comes_from_the_workspace() {
    for name in crates() {
        for kind in ["dependencies", "dev-dependencies"] {
            for line in section(&format!("crates/{name}/Cargo.toml"), kind) {
                let inherited = line.contains("workspace = true") || line.starts_with("exhibit-tests ");
                assert!(inherited, "{name}: {line}");
            }
        }
    }
}
