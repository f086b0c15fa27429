//! Documents as PDF/A: judged by other people's programs, and read again.

#![cfg(feature = "pdf")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "tests read fonts, call judges and say what they skip"
)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use exhibit_report::{FONT_FILES, Facts, FontFile, LANGUAGES, READERS, RenderError, find_output};
use support::{facts, made};

/// The fonts of the system; `None`, after saying so, where they are not installed.
fn fonts() -> Option<Vec<FontFile>> {
    let mut open = vec![PathBuf::from("/usr/share/fonts")];
    let mut fonts: Vec<Option<FontFile>> = vec![None; FONT_FILES.len()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if let Some(at) = FONT_FILES.iter().position(|name| path.ends_with(name)) {
                let name = path.display().to_string();
                fonts[at] = Some(FontFile { name, bytes: std::fs::read(path).unwrap() });
            }
        }
    }
    let found: Vec<FontFile> = fonts.into_iter().flatten().collect();
    let complete = ["NotoSans-Regular", "NotoSansArabic-Regular", "NotoSansCJK-Regular", "DejaVuSansMono.ttf"];
    if complete.iter().all(|name| found.iter().any(|font| font.name.contains(name))) {
        return Some(found);
    }
    assert!(
        std::env::var_os("EXHIBIT_REQUIRE_ORACLES").is_none(),
        "fonts-noto-core, fonts-noto-cjk and fonts-dejavu are missing"
    );
    eprintln!("skipped: no fonts");
    None
}

fn pdf(facts: &Facts, reader: &str, languages: &[&str], fonts: &[FontFile]) -> Vec<u8> {
    let document = made(facts, reader, languages);
    (find_output("pdf").unwrap().render)(&document, fonts)
        .unwrap_or_else(|error| panic!("{reader} {languages:?}: {error}"))
}

/// What a program says of a file; `None` where it is not installed.
fn judged(program: &str, arguments: &[&str], file: &Path) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).arg(file);
    if program == "pdftotext" {
        command.arg("-");
    }
    match command.output() {
        Ok(output) => {
            assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Err(_) => {
            assert!(std::env::var_os("EXHIBIT_REQUIRE_ORACLES").is_none(), "{program} is missing");
            eprintln!("skipped: no {program}");
            None
        }
    }
}

fn kept(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pdf");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), bytes).unwrap();
    folder.join(name)
}

#[test]
fn every_document_is_tagged_pdf_a_with_its_fonts_inside() {
    let Some(fonts) = fonts() else { return };
    let pairs = [vec!["fr", "ar"], vec!["ar", "zh"]];
    let languages: Vec<Vec<&str>> = LANGUAGES.iter().map(|language| vec![language.tag]).chain(pairs).collect();
    for reader in READERS {
        for tags in &languages {
            let file = kept(&format!("{}-{}.pdf", reader.id, tags.join("-")), &pdf(&facts(), reader.id, tags, &fonts));
            let Some(info) = judged("pdfinfo", &[], &file) else { return };
            assert!(info.contains("Tagged:          yes"), "{info}");
            let bytes = std::fs::read(&file).unwrap();
            let says = |what: &str| bytes.windows(what.len()).any(|window| window == what.as_bytes());
            assert!(says("<pdfaid:part>2<") && says("<pdfaid:conformance>A<") && says("<pdfuaid:part>1<"), "{tags:?}");
            let pages: u32 = info.lines().find_map(|line| line.strip_prefix("Pages:")?.trim().parse().ok()).unwrap();
            assert!(reader.id != "court" || tags.len() > 1 || pages <= 2, "{tags:?}: {pages} pages");
            let Some(list) = judged("pdffonts", &[], &file) else { return };
            for font in list.lines().skip(2) {
                let marks: Vec<&str> = font.split_whitespace().rev().collect();
                // … emb sub uni object ID
                assert_eq!(&marks[2..5], ["yes", "yes", "yes"], "{tags:?}: {font}");
            }
        }
    }
}

#[test]
fn the_same_facts_make_the_same_bytes() {
    let Some(fonts) = fonts() else { return };
    for tags in [vec!["en"], vec!["ar", "zh"]] {
        assert!(pdf(&facts(), "examiner", &tags, &fonts) == pdf(&facts(), "examiner", &tags, &fonts), "{tags:?}");
    }
}

#[test]
fn text_is_read_again_in_its_order() {
    let Some(fonts) = fonts() else { return };
    let sentences = [
        // Poppler puts the two letters of the ligature lam-alef, and vowel signs, in another order: docs/LIMITS.md.
        ("ar", "غير المقروء ليس"),
        ("en", "Unread is not zero."),
        ("es", "No leído no es cero."),
        ("fr", "Non lu ne veut pas dire zéro."),
        ("ru", "Непрочитанное — не нули."),
        ("zh", "未读取不等于零。"),
    ];
    let marks = ['\u{2066}', '\u{2068}', '\u{2069}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{200e}', '\u{200f}'];
    for (tag, sentence) in sentences {
        let file = kept(&format!("read-{tag}.pdf"), &pdf(&facts(), "court", &[tag], &fonts));
        let Some(text) = judged("pdftotext", &["-enc", "UTF-8"], &file) else { return };
        let text: String = text.chars().filter(|c| !marks.contains(c)).collect();
        assert!(text.contains(sentence), "{tag}: {text}");
        for exact in ["S3Z2NB0K912345", "2026-11-20 08:12:33", "TLP:AMBER"] {
            assert!(text.contains(exact), "{tag} misses {exact}: {text}");
        }
    }
    let file = kept("digests.pdf", &pdf(&facts(), "examiner", &["ar"], &fonts));
    let Some(text) = judged("pdftotext", &["-enc", "UTF-8", "-layout"], &file) else { return };
    assert!(text.contains("d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592"), "{text}");
}

#[test]
fn a_script_without_a_font_is_an_error_that_names_a_package_and_never_a_box() {
    let Some(fonts) = fonts() else { return };
    let latin: Vec<FontFile> =
        fonts.into_iter().filter(|font| font.name.contains("/NotoSans-") || font.name.contains("Mono")).collect();
    assert!(latin.len() >= 3);
    for (tag, package) in [("zh", "fonts-noto-cjk"), ("ar", "fonts-noto-core")] {
        let document = made(&facts(), "court", &[tag]);
        let error = (find_output("pdf").unwrap().render)(&document, &latin).unwrap_err();
        assert!(matches!(error, RenderError::NoFont { package: named, .. } if named == package), "{tag}: {error:?}");
    }
    assert!((find_output("pdf").unwrap().render)(&made(&facts(), "court", &["en"]), &[]).is_err());
    // A letter in a name from outside, which no font here has, is written as its number.
    let mut strange = facts();
    strange.case.title = Some("磁盘 \u{1f4be} ∎".to_owned());
    let file = kept("strange.pdf", &pdf(&strange, "court", &["en"], &latin));
    let Some(text) = judged("pdftotext", &["-enc", "UTF-8"], &file) else { return };
    assert!(text.contains("\\u{78c1}\\u{76d8}") && text.contains("\\u{1f4be}"), "{text}");
}

#[test]
fn long_and_hostile_facts_end_in_a_document() {
    let Some(fonts) = fonts() else { return };
    let mut facts = facts();
    let mut rows = facts.custody.clone();
    rows.iter_mut().for_each(|row| row.object = "x".repeat(3000));
    facts.custody = rows.iter().cloned().cycle().take(60).collect();
    facts.custody[3].reason = Some("\u{202e}<b>\n\n\u{1b}[2J\u{0}".repeat(40));
    facts.stated.push(("authority.text".to_owned(), "word ".repeat(9000)));
    for tags in [vec!["en"], vec!["ar", "fr"]] {
        let file = kept(&format!("long-{}.pdf", tags.join("-")), &pdf(&facts, "examiner", &tags, &fonts));
        let Some(text) = judged("pdftotext", &["-enc", "UTF-8"], &file) else { return };
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{tags:?}");
    }
    pdf(&Facts::default(), "examiner", &["zh"], &fonts);
}
