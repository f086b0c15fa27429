//! Messages of the language files, with values filled in. A value never passes through the message formatter: its place is
//! marked, and the value is put there afterwards, so that nothing from outside can become part of a message.

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use crate::language::{Language, english};
use crate::text::{Line, Nature, Run, Text};
use crate::verdict::Mark;
use crate::words;

/// Begins and ends the mark of a value; control characters, so they stand in no message.
const OPEN: char = '\u{2}';
const CLOSE: char = '\u{3}';

/// Messages that claim a full check begin so.
const CLAIM: &str = "verified-";

/// A value for a message.
#[derive(Debug, Clone)]
pub enum Value {
    /// A number that is printed, and that chooses between one and many.
    Count(u64),
    /// A word that chooses, and is not printed.
    Choice(&'static str),
    /// Text.
    Text(Text),
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Count(number)
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Count(number as u64)
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

/// The messages of the languages of a document.
pub struct Messages {
    spoken: Vec<Spoken>,
}

/// One language with its messages, and English behind it.
struct Spoken {
    language: &'static Language,
    bundles: Vec<FluentBundle<FluentResource>>,
}

impl Messages {
    /// Messages of reports in these languages; in English if there are none.
    #[must_use]
    pub fn new(languages: &[&'static Language]) -> Self {
        Self::with(languages, |_| None)
    }

    /// The same, with more messages for each language: those of a program around the reports.
    #[must_use]
    pub fn with(languages: &[&'static Language], more: impl Fn(&Language) -> Option<&'static str>) -> Self {
        let wanted = if languages.is_empty() { &[english()][..] } else { languages };
        let spoken = wanted.iter().map(|&language| {
            let mut spoken = Spoken { language, bundles: vec![bundle(language, more(language))] };
            if language.tag != english().tag {
                spoken.bundles.push(bundle(english(), more(english())));
            }
            spoken
        });
        Self { spoken: spoken.collect() }
    }

    /// The languages.
    #[must_use]
    pub fn languages(&self) -> Vec<&'static Language> {
        self.spoken.iter().map(|spoken| spoken.language).collect()
    }

    /// Whether there is such a message.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.spoken.first().is_some_and(|spoken| spoken.bundles.iter().any(|bundle| bundle.has_message(key)))
    }

    /// The message in each language. A message that claims a full check is not given out here.
    #[must_use]
    pub fn say(&self, key: &str, values: &[(&str, Value)]) -> Text {
        let key = if key.starts_with(CLAIM) { "check-incomplete" } else { key };
        self.format(key, values)
    }

    /// A message without values.
    #[must_use]
    pub fn word(&self, key: &str) -> Text {
        self.say(key, &[])
    }

    /// A message that claims a full check: only with the mark that the checker alone can give.
    pub(crate) fn claim(&self, _mark: Mark, key: &str, values: &[(&str, Value)]) -> Text {
        self.format(key, values)
    }

    fn format(&self, key: &str, values: &[(&str, Value)]) -> Text {
        Text::of(self.spoken.iter().enumerate().map(|(at, spoken)| spoken.line(key, values, at)).collect())
    }

    /// `1 234 bytes (1.2 KiB)`.
    #[must_use]
    pub fn bytes(&self, number: u64) -> Text {
        let key = if words::rounded(number, '.').is_some() { "bytes-rounded" } else { "bytes" };
        let line = |(at, spoken): (usize, &Spoken)| {
            let rounded = words::rounded(number, spoken.language.decimal).unwrap_or_default();
            let values = [
                ("n", Value::Count(number)),
                ("exact", Text::number(words::grouped(number)).into()),
                ("rounded", Text::number(rounded).into()),
            ];
            spoken.line(key, &values, at)
        };
        Text::of(self.spoken.iter().enumerate().map(line).collect())
    }

    /// A share of a whole in per cent, rounded up: a loss is never shown smaller than it is.
    #[must_use]
    pub fn share(&self, part: u64, whole: u64) -> Text {
        let hundredths = (u128::from(part).saturating_mul(10_000)).div_ceil(u128::from(whole.max(1)));
        if hundredths <= 1 {
            return self.word("share-least");
        }
        let line = |(at, spoken): (usize, &Spoken)| {
            let percent = format!("{}{}{:02}", hundredths / 100, spoken.language.decimal, hundredths % 100);
            spoken.line("share", &[("percent", Text::number(percent).into())], at)
        };
        Text::of(self.spoken.iter().enumerate().map(line).collect())
    }

    /// Text from outside that may be missing.
    #[must_use]
    pub fn known(&self, fact: Option<&str>) -> Text {
        match fact.map(str::trim).filter(|fact| !fact.is_empty()) {
            Some(fact) => Text::recorded(fact),
            None => self.unknown(),
        }
    }

    /// A text that may be missing.
    #[must_use]
    pub fn or_unknown(&self, text: Option<Text>) -> Text {
        text.filter(|text| !text.is_empty()).unwrap_or_else(|| self.unknown())
    }

    /// "Not known", set apart.
    #[must_use]
    pub fn unknown(&self) -> Text {
        self.word("not-known").missing()
    }
}

impl Spoken {
    fn line(&self, key: &str, values: &[(&str, Value)], at: usize) -> Line {
        let mut arguments = FluentArgs::with_capacity(values.len());
        for (index, (name, value)) in values.iter().enumerate() {
            let value = match value {
                Value::Count(number) => FluentValue::from(*number),
                Value::Choice(word) => FluentValue::from(*word),
                Value::Text(_) => FluentValue::from(format!("{OPEN}{index}{CLOSE}")),
            };
            arguments.set((*name).to_owned(), value);
        }
        let formatted = self.bundles.iter().find_map(|bundle| {
            let pattern = bundle.get_message(key)?.value()?;
            Some(bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned())
        });
        // A key that no language has: the tests look for that; a reader gets at least the key.
        filled(&formatted.unwrap_or_else(|| key.to_owned()), values, at)
    }
}

/// Puts values where their marks are.
fn filled(formatted: &str, values: &[(&str, Value)], at: usize) -> Line {
    let mut line = Line::new();
    let words = |text: &str, line: &mut Line| {
        if !text.is_empty() {
            line.push(Run { nature: Nature::Words, text: text.to_owned() });
        }
    };
    let mut rest = formatted;
    while let Some((before, marked)) = rest.split_once(OPEN) {
        words(before, &mut line);
        let (index, after) = marked.split_once(CLOSE).unwrap_or((marked, ""));
        let value = index.parse::<usize>().ok().and_then(|index| values.get(index));
        if let Some((_, Value::Text(text))) = value {
            line.extend(text.line(at).iter().cloned());
        }
        rest = after;
    }
    words(rest, &mut line);
    line
}

fn bundle(language: &Language, more: Option<&'static str>) -> FluentBundle<FluentResource> {
    let tag = language.tag.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Values are set apart by their runs, each form of a document in its own way.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) => Some(words::grouped(number.value as u64)),
        _ => None,
    }));
    for source in [Some(language.messages), more].into_iter().flatten() {
        // A file with an error in it gives what can be read; the tests parse every file and let none pass.
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::language::{LANGUAGES, find_language};

    #[test]
    fn values_take_their_places_and_cannot_become_part_of_a_message() {
        let messages = Messages::new(&[english()]);
        let attack = "{ $x }\u{2}0\u{3}<b>";
        let text = messages.say(
            "item-copied",
            &[
                ("id", Text::recorded(attack).into()),
                ("source", Text::exact("/dev/sdb").into()),
                ("size", messages.bytes(2048).into()),
            ],
        );
        let expected =
            "Item { $x }\\u{2}0\\u{3}<b> was copied from /dev/sdb, a medium of 2\u{202f}048 bytes (2.0\u{a0}KiB).";
        assert_eq!(text.plain(0), expected);
        assert_eq!(text.line(0).get(1).unwrap().nature, Nature::Recorded);
    }

    #[test]
    fn numbers_choose_their_form_as_each_language_does() {
        let forms = |tag: &str| {
            let messages = Messages::new(&[find_language(tag).unwrap()]);
            let form = |n: u64| {
                let text = messages.say("ranges", &[("n", n.into())]).plain(0);
                text.replace(char::is_numeric, "").trim().to_owned()
            };
            [1, 2, 5, 21].map(form).into_iter().collect::<BTreeSet<_>>().len()
        };
        assert_eq!(
            LANGUAGES.iter().map(|language| (language.tag, forms(language.tag))).collect::<Vec<_>>(),
            [("ar", 4), ("en", 2), ("es", 2), ("fr", 2), ("ru", 3), ("zh", 1)]
        );
    }

    #[test]
    fn a_claim_is_not_given_out_without_the_mark() {
        let messages = Messages::new(&[]);
        assert_eq!(messages.word("verified-sentence"), messages.word("check-incomplete"));
    }

    #[test]
    fn shares_and_sizes_are_rounded_to_the_side_of_caution() {
        let messages = Messages::new(&[find_language("fr").unwrap()]);
        assert!(messages.share(1, 3).plain(0).contains("33,34"));
        assert_eq!(messages.share(1, u64::MAX).plain(0), messages.word("share-least").plain(0));
        assert!(messages.bytes(2 * 1024 * 1024 - 1).plain(0).contains("1,9\u{a0}MiB"));
    }
}
