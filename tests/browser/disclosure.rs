//! A part of a package: what is shown, what is withheld and why stand in words right after the verdict, in every language.

use serde_json::Value;

use crate::harness::Desk;
use crate::verdicts::{check, key_in, noise};
use crate::webdriver::Browser;
use crate::words::{LANGUAGES, words};

/// A part `part.zip` of a sealed package: two of three files, one range of the medium, and a log of which records are withheld.
pub(crate) fn part() -> Desk {
    let desk = Desk::new();
    desk.case_with_item(&noise(1_070_001, 4));
    for name in ["a.txt", "secret.txt", "c.txt"] {
        desk.write(format!("case/items/001/found/{name}"), name.as_bytes());
    }
    desk.exhibit("package case --to whole.zip").ends(0);
    let call = desk.exhibit("package case --to part.zip --disclose 001/found/*,!001/found/secret.txt,001@8192:4096");
    call.arg("--withheld-because").arg("letter to <b>counsel</b>").arg("--withheld-by").arg("Order \u{202e}12").ends(0);
    desk
}

#[test]
fn what_is_shown_and_withheld_stands_in_words_after_the_verdict() {
    let Some(browser) = Browser::start() else { return };
    let desk = part();
    let key = key_in(&desk, "part.zip");
    desk.write("key.pub", key.as_bytes());
    let answer = check(&browser, "file", &desk.path("part.zip"), &key);
    let native = desk.exhibit("verify part.zip --key key.pub").outcome(0)["verdict"].clone();
    assert_eq!(answer["verdict"], native);
    let it = &answer["disclosure"];
    assert_eq!(
        [&it["files"], &it["media"], &it["range_count"], &it["range_bytes"]],
        [2, 1, 1, 4096].map(Value::from).each_ref()
    );
    assert!(it["withheld_count"].as_u64().unwrap() >= 2, "{it}");
    let counted: u64 = it["kinds"].as_array().unwrap().iter().map(|kind| kind["count"].as_u64().unwrap()).sum();
    assert_eq!(Value::from(counted), it["withheld_count"]);
    let records = answer["story"]["records"].as_array().unwrap();
    let hidden: u64 = records.iter().filter_map(|record| record["withheld"].as_u64()).sum();
    assert_eq!(Value::from(hidden), it["log"]["withheld"]);
    for language in LANGUAGES {
        browser.run(&format!("speak('{language}');"));
        let own = words(language)["words"].clone();
        let sections = browser
            .run("return [...document.querySelectorAll('#result > section')].slice(0, 2).map((s) => s.innerText);");
        let (banner, section) = (sections[0].as_str().unwrap(), sections[1].as_str().unwrap());
        assert!(banner.contains(own["verdict-holds"].as_str().unwrap()), "{language}: {banner}");
        for key in
            ["part-disclosure", "disclosure-proven", "disclosure-unjudged", "disclosure-shown", "disclosure-withheld"]
        {
            assert!(section.contains(own[key].as_str().unwrap()), "{language}: {key}: {section}");
        }
        assert!(section.contains("letter to <b>counsel</b>") && section.contains("Order \\u{202e}12"), "{section}");
        let wide = browser.run(
            "return [...document.querySelectorAll('h1, h2, p, li, td, th')].filter((e) => e.scrollWidth > e.clientWidth + 2 && e.clientWidth > 0).length;",
        );
        assert_eq!(wide, 0, "{language}: something does not fit its box");
        browser.picture(&format!("disclosure-{language}.png"));
    }
    let text = browser.run("speak('en'); return document.body.innerText;");
    let text = text.as_str().unwrap();
    assert!(!text.contains("secret.txt"), "a name that is withheld");
    assert!(!text.contains('\u{202e}'));
    // The meaning is that of a part, not of a whole.
    let own = words("en")["words"].clone();
    assert!(
        text.contains(own["means-holds-part"].as_str().unwrap()) && text.contains(own["not-part"].as_str().unwrap())
    );
}

#[test]
fn a_part_that_was_changed_is_not_called_proven() {
    let Some(browser) = Browser::start() else { return };
    let desk = part();
    let key = key_in(&desk, "part.zip");
    desk.write("key.pub", key.as_bytes());
    exhibit_tests::foreign::run("unzip", &["-q".as_ref(), &desk.path("part.zip"), "-d".as_ref(), &desk.path("u")])
        .unwrap();
    let bag = format!("u/{}", desk.list("u").remove(0));
    let name = format!("{bag}/exhibit/disclosure.json");
    // The class of size of an entry that is withheld: somebody makes it smaller than it was when it was sealed.
    let told = desk.text(&name);
    let changed = told.replacen("\"size_class\":\"4KiB\"", "\"size_class\":\"empty\"", 1);
    assert_ne!(told, changed);
    desk.write(&name, changed.as_bytes());
    let answer = check(&browser, "folder", &desk.path(&bag), &key);
    let native = desk.exhibit("verify --json").arg(desk.path(&bag)).arg("--key").arg("key.pub").ends(4);
    assert_eq!(answer["verdict"], native.outcome()["verdict"]);
    let section = browser.run("return document.querySelectorAll('#result > section')[1].innerText;");
    let (section, own) = (section.as_str().unwrap(), words("en")["words"].clone());
    assert!(section.contains(own["disclosure-wrong"].as_str().unwrap()), "{section}");
    assert!(!section.contains(own["disclosure-proven"].as_str().unwrap()), "{section}");
    browser.picture("disclosure-changed.png");
}
