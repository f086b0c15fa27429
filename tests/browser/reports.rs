//! Reports in every language, as a browser shows and prints them.

use exhibit_tests::foreign::present;
use serde_json::Value;

use crate::harness::Desk;
use crate::webdriver::Browser;

const LANGUAGES: [&str; 6] = ["ar", "en", "es", "fr", "ru", "zh"];
const READERS: [&str; 3] = ["court", "examiner", "person-searched"];

/// A case with an item, a recovered file, people, a seal, and names that try to turn lines around or to write HTML.
fn desk() -> Desk {
    let desk = Desk::new();
    let mut disk = vec![0_u8; 2_000_000];
    disk[4096..4106].copy_from_slice(b"not a file");
    desk.write("authority.toml", "legal_basis = \"order <b>12/26</b>\"\nreference = \"\u{202e}21\"\n".as_bytes());
    desk.write("disk.img", &disk);
    desk.exhibit("new case --number 2026-117 --agency Lab --examiner Ex --authority authority.toml --title")
        .arg("Harbour \u{202e}<script>alert(1)</script>")
        .ends(0);
    desk.exhibit("acquire disk.img --case case --item 001 --description")
        .arg("a disk, \u{627}\u{644}\u{642}\u{631}\u{635}, \u{78c1}\u{76d8}")
        .ends(0);
    desk.exhibit("carve case/items/001/001.E01 --to case/items/001/carved").ends(0);
    for words in ["seized --item 001 --reason search", "sealed --item 001 --seal 4711"] {
        desk.exhibit(&format!("custody add --case case --action {words}")).ends(0);
    }
    desk
}

/// What does not fit where it stands, or is drawn outside of its picture; and what the page says of itself.
const LOOK: &str = "
    const boxes = [...document.querySelectorAll('h1, h2, h3, h4, p, li, td, th, caption, dt, dd, figcaption, pre, .box, bdi, span')];
    const wide = boxes.filter((e) => e.scrollWidth > e.clientWidth + 2 && e.clientWidth > 0 && getComputedStyle(e).display !== 'inline');
    const outside = [];
    for (const svg of document.querySelectorAll('svg')) {
        const frame = svg.viewBox.baseVal;
        for (const text of svg.querySelectorAll('text')) {
            const box = text.getBBox();
            if (box.x < -1 || box.x + box.width > frame.width + 1 || box.y + box.height > frame.height + 60) outside.push(text.textContent);
        }
    }
    const fonts = document.documentElement.lang;
    return {lang: fonts, direction: getComputedStyle(document.body).direction, page: document.documentElement.scrollWidth <= innerWidth,
        wide: wide.map((e) => e.tagName + ': ' + e.textContent.slice(0, 60)), outside, scripts: document.scripts.length,
        text: document.body.innerText};";

#[test]
fn reports_are_shown_whole_and_in_their_direction_in_every_language() {
    let Some(browser) = Browser::start() else { return };
    let desk = desk();
    for language in LANGUAGES {
        for reader in READERS {
            let name = format!("{reader}-{language}.html");
            desk.exhibit(&format!("report case --for {reader} --lang {language} --to {name}")).ends(0);
            browser.open(&desk.path(&name));
            let seen = browser.run(LOOK);
            let direction = if language == "ar" { "rtl" } else { "ltr" };
            assert_eq!((&seen["lang"], &seen["direction"]), (&language.into(), &direction.into()), "{name}");
            assert_eq!(seen["page"], true, "{name}: the page is wider than the window");
            for key in ["wide", "outside"] {
                assert_eq!(seen[key], Value::Array(Vec::new()), "{name}: {key}");
            }
            assert_eq!(seen["scripts"], 0, "{name}");
            let text = seen["text"].as_str().unwrap();
            assert!(text.contains("<script>alert(1)</script>") && text.contains("\\u{202e}"), "{name}: {text}");
            assert!(!text.contains('\u{202e}'), "{name}");
            browser.picture(&format!("report-{reader}-{language}.png"));
        }
    }
    assert_eq!(browser.requests(), Vec::<String>::new(), "nothing is asked of any network");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn two_languages_stand_beside_each_other_each_in_its_direction() {
    let Some(browser) = Browser::start() else { return };
    let desk = desk();
    desk.exhibit("report case --lang fr,ar --to both.html").ends(0);
    browser.open(&desk.path("both.html"));
    let seen = browser.run(LOOK);
    for key in ["wide", "outside"] {
        assert_eq!(seen[key], Value::Array(Vec::new()), "{key}");
    }
    let beside = browser.run(
        "const pair = document.querySelector('main .pair'); const [a, b] = pair.children;
         const [x, y] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
         return [a.lang, getComputedStyle(a).direction, b.lang, getComputedStyle(b).direction, x.right <= y.left, x.top === y.top];",
    );
    assert_eq!(beside, serde_json::json!(["fr", "ltr", "ar", "rtl", true, true]));
    browser.picture("report-both.png");
}

#[test]
fn the_statement_for_a_court_is_two_pages_in_every_language() {
    if !present("pdfinfo") {
        return;
    }
    let Some(browser) = Browser::start() else { return };
    let desk = desk();
    for language in LANGUAGES {
        let name = format!("print-{language}");
        desk.exhibit(&format!("report case --for court --lang {language} --to {name}.html")).ends(0);
        browser.open(&desk.path(format!("{name}.html")));
        let pdf = browser.print(&format!("report-court-{language}.pdf"));
        let said = std::process::Command::new("pdfinfo").arg(&pdf).output().unwrap();
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let pages = said.lines().find_map(|line| line.strip_prefix("Pages:")?.trim().parse::<u32>().ok()).unwrap();
        assert!(pages <= 2, "{language}: {pages} pages");
    }
}
