//! The six languages of the page.

use std::collections::BTreeSet;

use exhibit_tests::places::text;
use serde_json::Value;

use crate::verdicts::{check, desk, page};
use crate::webdriver::Browser;

pub(crate) const LANGUAGES: [&str; 6] = ["ar", "en", "es", "fr", "ru", "zh"];

pub(crate) fn words(language: &str) -> Value {
    serde_json::from_str(&text(format!("crates/verify-web/page/words/{language}.json"))).unwrap()
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}

#[test]
fn every_language_has_the_same_sentences_with_the_same_places_for_values() {
    let english = words("en")["words"].as_object().unwrap().clone();
    assert!(english.len() > 100);
    for language in LANGUAGES {
        let other = words(language)["words"].as_object().unwrap().clone();
        assert_eq!(english.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>(), "{language}");
        for (key, text) in &english {
            let (here, there) = (text.as_str().unwrap(), other[key].as_str().unwrap());
            assert_eq!(placeholders(here), placeholders(there), "{language}: {key}");
            assert!(!there.trim().is_empty(), "{language}: {key}");
        }
    }
}

/// The page says "checked", whatever comes out: the word for a full check in which everything held stands nowhere in it.
#[test]
fn no_sentence_uses_the_word_for_a_full_check() {
    let stems =
        [("ar", "تحق"), ("en", "erified"), ("es", "erific"), ("fr", "érifi"), ("ru", "одтвержд"), ("zh", "验证")];
    for (language, stem) in stems {
        for (key, text) in words(language)["words"].as_object().unwrap() {
            assert!(!text.as_str().unwrap().contains(stem), "{language}: {key}: {text}");
        }
    }
}

#[test]
fn every_sentence_that_the_page_asks_for_is_there_and_none_is_surplus() {
    let english = words("en")["words"].as_object().unwrap().clone();
    let sources = text("crates/verify-web/page/page.js") + &text("crates/verify-web/page/page.html");
    for key in english.keys() {
        let built = ["check-", "action-", "verdict-", "means-", "part-", "field-", "event-", "disclosure-"]
            .iter()
            .any(|start| key.starts_with(start));
        let quoted = [format!("'{key}'"), format!("\"{key}\""), format!("{key}:")];
        assert!(built || quoted.iter().any(|form| sources.contains(form)), "{key} is nowhere asked for");
    }
    for asked in sources.split("word('").skip(1).filter_map(|rest| Some(rest.split_once('\'')?.0)) {
        assert!(english.contains_key(asked), "{asked} is asked for and is not there");
    }
}

#[test]
fn the_verdict_is_shown_in_every_language_in_its_direction_and_nothing_is_cut_off() {
    let Some(browser) = Browser::start() else { return };
    let desk = desk();
    check(&browser, "file", &desk.path("p.zip"), "");
    for language in LANGUAGES {
        browser.run(&format!("speak('{language}');"));
        let shown = browser.run(
            "return {direction: getComputedStyle(document.body).direction, text: document.getElementById('result').innerText,
               wide: [...document.querySelectorAll('h1, h2, p, li, td, th')].filter((e) => e.scrollWidth > e.clientWidth + 2 && e.clientWidth > 0).length};",
        );
        let expected = words(language);
        assert_eq!(shown["direction"], expected["direction"], "{language}");
        assert_eq!(shown["wide"], 0, "{language}: something does not fit its box");
        let text = shown["text"].as_str().unwrap();
        for key in ["verdict-incomplete", "means-incomplete", "part-holders", "not-1", "check-bag"] {
            let sentence = expected["words"][key].as_str().unwrap();
            assert!(text.contains(sentence), "{language}: {key}");
        }
        browser.picture(&format!("incomplete-{language}.png"));
    }
    browser.open(&page());
    browser.picture("start.png");
}
