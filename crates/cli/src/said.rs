//! What a command says in the language of its user, from `lang/*.ftl` and the messages of reports.

use exhibit_report::{Direction, Language, Messages, Text, Value, english};

/// The messages of commands in a language; one file for each is checked by a test against the English one.
fn source(language: &Language) -> Option<&'static str> {
    Some(match language.tag {
        "ar" => include_str!("../lang/ar.ftl"),
        "en" => include_str!("../lang/en.ftl"),
        "es" => include_str!("../lang/es.ftl"),
        "fr" => include_str!("../lang/fr.ftl"),
        "ru" => include_str!("../lang/ru.ftl"),
        "zh" => include_str!("../lang/zh.ftl"),
        _ => return None,
    })
}

/// Messages of commands and of reports in one language.
pub(crate) fn messages(language: &'static Language) -> Messages {
    Messages::with(&[language], source)
}

/// A message with its values, before anybody knows in which language it will be said.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    /// `err-…` or `hint-…`.
    pub(crate) key: &'static str,
    values: Vec<(&'static str, String)>,
}

impl Said {
    pub(crate) fn new(key: &'static str, values: &[(&'static str, &str)]) -> Self {
        Self { key, values: values.iter().map(|&(name, value)| (name, value.to_owned())).collect() }
    }

    fn text(&self, messages: &Messages) -> Text {
        // Values are escaped where they come from, and some of them are sentences with line breaks and backslashes.
        let value = |(name, text): &(&'static str, String)| (*name, Value::from(Text::shown(text)));
        let values: Vec<(&str, Value)> = self.values.iter().map(value).collect();
        messages.say(self.key, &values)
    }

    /// In English: for programs.
    pub(crate) fn in_english(&self) -> String {
        self.text(&messages(english())).plain(0)
    }

    /// For the user's eyes.
    pub(crate) fn in_language(&self, language: &'static Language) -> String {
        self.text(&messages(language)).isolated(0, language.direction)
    }
}

/// A line made of a message and one text in it: `error: …`.
pub(crate) fn line(language: &'static Language, key: &str, name: &str, text: &str) -> String {
    let value = Text::shown(text);
    let said = messages(language).say(key, &[(name, value.into())]);
    // The text in it has marks of its own where it needs them.
    if language.direction == Direction::LeftToRight { said.plain(0) } else { said.isolated(0, language.direction) }
}

#[cfg(test)]
mod tests {
    use exhibit_report::LANGUAGES;
    use std::collections::BTreeSet;

    use super::*;

    fn keys(source: &str) -> BTreeSet<(String, BTreeSet<String>)> {
        let message = |line: &str| {
            let (key, said) = line.split_once(" = ")?;
            let values = said.split("{ $").skip(1).filter_map(|rest| Some(rest.split_once(" }")?.0.to_owned()));
            Some((key.to_owned(), values.collect()))
        };
        source.lines().filter(|line| !line.starts_with('#')).filter_map(message).collect()
    }

    #[test]
    fn every_language_has_the_same_messages_with_the_same_values() {
        let own = keys(source(english()).unwrap());
        assert!(own.len() > 30);
        for language in LANGUAGES {
            let other = keys(source(language).unwrap());
            assert_eq!(own, other, "{}", language.tag);
            for (key, _) in &own {
                assert!(messages(language).has(key), "{}: {key}", language.tag);
            }
        }
    }

    #[test]
    fn a_value_is_said_as_it_is_in_every_language() {
        let said = Said::new("err-not-a-case", &[("path", "/x/\u{627}\\u{202e}")]);
        assert_eq!(said.in_english(), "/x/\u{627}\\u{202e} is not a case folder");
        for language in LANGUAGES {
            assert!(said.in_language(language).contains("/x/\u{627}\\u{202e}"), "{}", language.tag);
        }
        let arabic = LANGUAGES.iter().find(|language| language.tag == "ar").unwrap();
        assert!(said.in_language(arabic).contains("\u{2068}/x/"));
    }
}
