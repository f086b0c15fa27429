//! The page and the reports for people who cannot see them, or use no mouse: axe-core finds nothing, the keyboard reaches everything.

use std::path::PathBuf;

use exhibit_tests::foreign::{present, required};
use exhibit_tests::places::skipped;
use serde_json::{Value, json};

use crate::disclosure::part;
use crate::verdicts::{check, desk, key_in, page, public_key};
use crate::webdriver::Browser;

/// The rules of WCAG 2.2 at levels A and AA, and what axe calls good practice.
const RULES: &str = "
    return axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] })
        .then(({ violations, passes }) => ({ rules: passes.length,
            wrong: violations.flatMap(({ id, nodes }) => nodes.map((node) => id + ': ' + node.target.join(' ') + ': ' + node.failureSummary)) }));";

/// The script, from the Python package that carries it.
fn axe() -> Option<String> {
    if !present("python3") {
        return None;
    }
    let place = "import importlib.util as u; s = u.find_spec('axe_playwright_python'); print(s.submodule_search_locations[0] if s else '')";
    let said = std::process::Command::new("python3").args(["-c", place]).output().unwrap();
    let folder = String::from_utf8(said.stdout).unwrap().trim().to_owned();
    if folder.is_empty() {
        assert!(!required(), "axe_playwright_python is not installed, and EXHIBIT_REQUIRE_ORACLES=1");
        skipped("axe-core is not there: python3 -m pip install --no-deps axe-playwright-python");
        return None;
    }
    Some(std::fs::read_to_string(PathBuf::from(folder).join("axe.min.js")).unwrap())
}

/// What axe finds in the page as it is, light and dark.
fn judge(browser: &Browser, axe: &str, what: &str) {
    for scheme in ["light", "dark"] {
        browser.scheme(scheme);
        browser.run(axe);
        let found = browser.run(RULES);
        assert!(found["rules"].as_u64().unwrap() > 5, "{what}: {found}");
        assert_eq!(found["wrong"], Value::Array(Vec::new()), "{what}, {scheme}: {found:#}");
        browser.picture(&format!("{what}-{scheme}.png"));
    }
    browser.scheme("light");
}

const UNFOLD: &str = "document.querySelectorAll('details').forEach((element) => { element.open = true; });";

#[test]
fn axe_finds_nothing_in_the_page() {
    let (Some(browser), Some(axe)) = (Browser::start(), axe()) else { return };
    browser.open(&page());
    browser.run(UNFOLD);
    for language in ["en", "ar"] {
        browser.run(&format!("speak('{language}');"));
        judge(&browser, &axe, &format!("start-{language}"));
    }
    browser.run("find('trouble-words').textContent = 'for a test'; show('trouble');");
    judge(&browser, &axe, "trouble");
    browser.run("show('work');");
    judge(&browser, &axe, "work");
    let (desk, disclosed) = (desk(), part());
    let whole = desk.read("p.zip");
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    desk.write("changed.zip", &changed);
    for (name, path, key) in [
        ("holds", desk.path("p.zip"), public_key(&desk)),
        ("incomplete", desk.path("p.zip"), String::new()),
        ("does-not-match", desk.path("changed.zip"), public_key(&desk)),
        ("disclosure", disclosed.path("part.zip"), key_in(&disclosed, "part.zip")),
    ] {
        let answer = check(&browser, "file", &path, &key);
        let outcome = answer["verdict"]["outcome"].as_str().unwrap();
        assert!(outcome == name || name == "disclosure", "{name}: {outcome}");
        for language in ["en", "ar", "zh"] {
            browser.run(&format!("speak('{language}'); {UNFOLD}"));
            judge(&browser, &axe, &format!("axe-{name}-{language}"));
        }
    }
}

#[test]
fn axe_finds_nothing_in_reports() {
    let (Some(browser), Some(axe)) = (Browser::start(), axe()) else { return };
    let desk = desk();
    for reader in ["court", "examiner", "person-searched"] {
        for language in ["en", "ar", "fr,ar"] {
            let name = format!("{reader}-{}.html", language.replace(',', "-"));
            desk.exhibit(&format!("report case --for {reader} --lang {language} --to {name}")).ends(0);
            browser.open(&desk.path(&name));
            judge(&browser, &axe, &format!("axe-{name}"));
        }
    }
}

#[test]
fn the_keyboard_alone_reaches_everything_and_shows_where_it_is() {
    let Some(browser) = Browser::start() else { return };
    browser.open(&page());
    let press = |key: &str, code: u32| {
        for kind in ["rawKeyDown", "keyUp"] {
            let event = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            browser.devtools("Input.dispatchKeyEvent", &event);
        }
    };
    browser.run("document.getElementById('keys').open = true; document.body.focus();");
    let mut reached = Vec::new();
    for _ in 0..8 {
        press("Tab", 9);
        let (id, outlined) = {
            let seen = browser.run(
                "const e = document.activeElement, shown = e.type === 'file' ? e.closest('.button') : e;
                 const style = getComputedStyle(shown);
                 return [e.id || e.tagName, style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2];",
            );
            (seen[0].as_str().unwrap().to_owned(), seen[1].as_bool().unwrap())
        };
        assert!(outlined, "{id} has the focus, and nothing shows it");
        reached.push(id);
    }
    let order = ["language", "file", "folder", "SUMMARY", "key", "key-file", "authority-file", "stamp-file"];
    assert_eq!(reached, order);
    // After the verdict the focus is on it, so that a screen reader reads it first.
    let desk = desk();
    check(&browser, "file", &desk.path("p.zip"), "");
    assert_eq!(browser.run("return document.activeElement === document.querySelector('#result h2');"), true);
    let mut names = Vec::new();
    for _ in 0..40 {
        press("Tab", 9);
        let name = browser.run("return document.activeElement.textContent.slice(0, 40);");
        names.push(name.as_str().unwrap().to_owned());
    }
    for key in ["again", "print"] {
        let words = crate::words::words("en");
        let wanted = words["words"][key].as_str().unwrap();
        assert!(names.iter().any(|name| name == wanted), "{wanted}: {names:?}");
    }
}
