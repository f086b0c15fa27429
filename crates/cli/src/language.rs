//! Which language a command speaks: `--lang`, or what the environment says, or English.

use exhibit_report::{LANGUAGES, Language, english, find_language};

/// One language, or two beside each other in documents; messages are in the first.
#[derive(Debug, Clone)]
pub(crate) struct Languages(Vec<&'static Language>);

impl Languages {
    pub(crate) fn all(&self) -> &[&'static Language] {
        &self.0
    }

    /// The language of messages.
    pub(crate) fn first(&self) -> &'static Language {
        self.0.first().copied().unwrap_or_else(english)
    }

    /// That of the environment: the variables in the order in which the system looks at them. A language that this program does not
    /// speak is no error there.
    pub(crate) fn of_environment() -> Self {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set).unwrap_or_default();
        Self(vec![find_language(&locale).unwrap_or_else(english)])
    }
}

/// Reads `fr` or `fr,ar`.
pub(crate) fn parse(text: &str) -> Result<Languages, String> {
    let known = || LANGUAGES.iter().map(|language| language.tag).collect::<Vec<_>>().join(", ");
    let find = |tag: &str| {
        find_language(tag.trim())
            .ok_or_else(|| format!("{tag:?} is not a language of this program; known: {}", known()))
    };
    let languages = text.split(',').map(find).collect::<Result<Vec<_>, _>>()?;
    match languages.as_slice() {
        [_] => Ok(Languages(languages)),
        [a, b] if a.tag != b.tag => Ok(Languages(languages)),
        _ => Err("one language, or two different ones with a comma between them".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_or_two_languages_are_taken_and_nothing_else() {
        let tags = |text: &str| parse(text).map(|found| found.all().iter().map(|one| one.tag).collect::<Vec<_>>());
        assert_eq!(tags("fr").unwrap(), ["fr"]);
        assert_eq!(tags("ar, fr-CA").unwrap(), ["ar", "fr"]);
        for bad in ["", "de", "fr,fr", "en,fr,ar", ",", "fr,"] {
            assert!(tags(bad).is_err(), "{bad}");
        }
    }
}
