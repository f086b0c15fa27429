//! The six languages: the same messages with the same values everywhere, none missing, none surplus, none nowhere asked for.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]
#![allow(clippy::disallowed_methods, reason = "tests read sources")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use exhibit_report::{LANGUAGES, READERS};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use support::{facts, made};

fn source(tag: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("lang/{tag}.ftl"))).unwrap()
}

/// Each message with the values it uses.
fn messages(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let resource = fluent_syntax::parser::parse(source).unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
    let mut found = BTreeMap::new();
    for entry in &resource.body {
        match entry {
            Entry::Message(message) => {
                let mut values = BTreeSet::new();
                collect(message.value.as_ref().unwrap(), &mut values);
                let before = found.insert(message.id.name.to_owned(), values);
                assert!(before.is_none(), "{} stands twice", message.id.name);
            }
            Entry::Junk { content } => panic!("not a message: {content}"),
            _ => {}
        }
    }
    found
}

fn collect(pattern: &Pattern<&str>, values: &mut BTreeSet<String>) {
    let mut inline = |expression: &InlineExpression<&str>| {
        if let InlineExpression::VariableReference { id } = expression {
            values.insert(id.name.to_owned());
        }
    };
    let mut variants = Vec::new();
    for element in &pattern.elements {
        match element {
            PatternElement::Placeable { expression: Expression::Inline(one) } => inline(one),
            PatternElement::Placeable { expression: Expression::Select { selector, variants: all } } => {
                inline(selector);
                variants.extend(all);
            }
            PatternElement::TextElement { .. } => {}
        }
    }
    for variant in variants {
        collect(&variant.value, values);
    }
}

#[test]
fn every_language_has_the_same_messages_with_the_same_values() {
    let english = messages(&source("en"));
    assert!(english.len() > 300, "{}", english.len());
    for language in LANGUAGES {
        let own = messages(&source(language.tag));
        let missing: Vec<_> = english.keys().filter(|key| !own.contains_key(*key)).collect();
        let surplus: Vec<_> = own.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(missing.is_empty() && surplus.is_empty(), "{}: {missing:?} {surplus:?}", language.tag);
        for (key, values) in &english {
            // A number may only choose the form (Arabic says "two ranges" without a 2); everything else must be printed.
            let needed = |name: &&String| !matches!(name.as_str(), "n" | "failed" | "open");
            let (here, there): (BTreeSet<_>, BTreeSet<_>) =
                (own[key].iter().filter(needed).collect(), values.iter().filter(needed).collect());
            assert_eq!(here, there, "{}: {key}", language.tag);
            assert!(own[key].iter().all(|name| values.contains(name)), "{}: {key}", language.tag);
        }
    }
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("lang")).unwrap().count();
    assert_eq!(files, LANGUAGES.len(), "a file of a language that is in no table");
}

#[test]
fn the_word_for_a_full_check_stands_in_its_own_messages_alone() {
    let stems =
        [("ar", "تحقق"), ("en", "erified"), ("es", "erific"), ("fr", "érifi"), ("ru", "одтвержд"), ("zh", "验证")];
    for (tag, stem) in stems {
        let source = source(tag);
        let mut inside = String::new();
        let mut claims = 0;
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            if let Some((key, _)) = line.split_once(" =").filter(|(key, _)| !key.starts_with([' ', '}'])) {
                inside = key.to_owned();
            }
            let said = line.split_once(" = ").map_or(line, |(_, said)| said);
            if said.contains(stem) {
                assert!(inside.starts_with("verified-"), "{tag}: {line}");
                claims += 1;
            }
        }
        assert!(claims > 0, "{tag}");
    }
}

#[test]
fn every_message_is_asked_for_and_every_message_asked_for_is_there() {
    let english = messages(&source("en"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut code = String::new();
    let mut open = vec![folder];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                code += &std::fs::read_to_string(path).unwrap();
            }
        }
    }
    // These are put together from ids of checks, actions, fields, terms and classes.
    let built = ["check-", "action-", "field-", "term-", "class-", "protection-", "read-back-"];
    for key in english.keys() {
        let asked = code.contains(&format!("\"{key}\"")) || built.iter().any(|start| key.starts_with(start));
        assert!(asked, "{key} is nowhere asked for");
    }
    for call in ["messages.word(\"", "messages.say(\"", ".claim(mark, \""] {
        for key in code.split(call).skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(english.contains_key(key), "{key} is asked for and is not there");
        }
    }
}

#[test]
fn actions_of_the_log_are_all_translated() {
    let english = messages(&source("en"));
    let actions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../custody/src/actions.rs");
    let source = std::fs::read_to_string(actions).unwrap();
    let ids: Vec<&str> = source.split("    action(\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(ids.len() > 25, "{ids:?}");
    for id in ids {
        assert!(english.contains_key(&format!("action-{id}")), "{id}");
    }
}

#[test]
fn no_document_shows_a_key_or_an_empty_place() {
    let english = messages(&source("en"));
    for language in LANGUAGES {
        for reader in READERS {
            let page = exhibit_report::html(&made(&facts(), reader.id, &[language.tag]));
            let (_, body) = page.split_once("<body").unwrap();
            assert!(!body.contains("{$") && !body.contains("{ $") && !body.contains('\u{2}'), "{}", language.tag);
            let shown: BTreeSet<&str> = body.split(['<', '>']).map(str::trim).collect();
            for key in english.keys().filter(|key| key.contains('-')) {
                assert!(!shown.contains(key.as_str()), "{} {}: {key}", language.tag, reader.id);
            }
        }
    }
}
