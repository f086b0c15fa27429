//! The languages of documents and messages. Adding one: a file in `lang/` and a line in [`LANGUAGES`].

/// Which way a script runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From left to right.
    LeftToRight,
    /// From right to left.
    RightToLeft,
}

impl Direction {
    /// The word of HTML.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}

/// One language.
#[derive(Debug, PartialEq, Eq)]
pub struct Language {
    /// Tag of BCP 47: `fr`.
    pub tag: &'static str,
    /// What its readers call it.
    pub name: &'static str,
    /// Which way its script runs.
    pub direction: Direction,
    /// Between whole number and tenths. Thousands are set apart by a space in every language, so that neither mark can be
    /// taken for the other.
    pub decimal: char,
    /// Its messages, in Fluent.
    pub(crate) messages: &'static str,
}

const fn language(
    tag: &'static str,
    name: &'static str,
    direction: Direction,
    decimal: char,
    messages: &'static str,
) -> Language {
    Language { tag, name, direction, decimal, messages }
}

use Direction::{LeftToRight, RightToLeft};

/// The six languages of the United Nations. English is the one that every message has.
pub static LANGUAGES: &[Language] = &[
    language("ar", "العربية", RightToLeft, '.', include_str!("../lang/ar.ftl")),
    language("en", "English", LeftToRight, '.', include_str!("../lang/en.ftl")),
    language("es", "Español", LeftToRight, ',', include_str!("../lang/es.ftl")),
    language("fr", "Français", LeftToRight, ',', include_str!("../lang/fr.ftl")),
    language("ru", "Русский", LeftToRight, ',', include_str!("../lang/ru.ftl")),
    language("zh", "中文", LeftToRight, '.', include_str!("../lang/zh.ftl")),
];

/// The language of a tag or of a locale: `fr`, `fr-CA` and `fr_FR.UTF-8` are French.
#[must_use]
pub fn find_language(tag: &str) -> Option<&'static Language> {
    let main = tag.split(['-', '_', '.', '@']).next().unwrap_or_default().to_ascii_lowercase();
    LANGUAGES.iter().find(|language| language.tag == main)
}

/// English.
#[must_use]
pub fn english() -> &'static Language {
    const ENGLISH: &Language = &language("en", "English", LeftToRight, '.', include_str!("../lang/en.ftl"));
    find_language("en").unwrap_or(ENGLISH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_name_their_language() {
        for (tag, found) in [("fr", "fr"), ("FR-ca", "fr"), ("zh_CN.UTF-8", "zh"), ("ar@x", "ar"), ("en", "en")] {
            assert_eq!(find_language(tag).unwrap().tag, found);
        }
        for none in ["", "C", "POSIX", "de", "fra", "C.UTF-8"] {
            assert_eq!(find_language(none), None, "{none}");
        }
        assert_eq!(english().tag, "en");
    }
}
