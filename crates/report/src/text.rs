//! Text in runs of one nature, so that each form of a document can set apart what people wrote, what was recorded and what
//! must be read digit by digit; and the same text in each language of a document.

use exhibit_evidence::Name;

use crate::language::Direction;
use crate::words;

/// What a run of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nature {
    /// Words of the document, in its language.
    Words,
    /// As it was recorded, in whatever language and direction.
    Recorded,
    /// A number, a size or a time: always from left to right.
    Number,
    /// Read or typed character by character: always from left to right, in letters of one width.
    Exact,
    /// A digest: as [`Nature::Exact`], in groups of eight.
    Digest,
    /// Says that something is not known.
    Missing,
}

/// Characters of one nature. What deceives a reader is escaped already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What it is.
    pub nature: Nature,
    /// The characters.
    pub text: String,
}

impl Run {
    fn new(nature: Nature, text: String) -> Self {
        Self { nature, text }
    }

    /// A digest in groups of eight digits: an eye keeps its place, and what is copied has no gaps.
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        let digits: Vec<char> = self.text.chars().collect();
        digits.chunks(8).map(|group| group.iter().collect()).collect()
    }
}

/// A line or paragraph of one language.
pub type Line = Vec<Run>;

/// The same in each language of a document, in the order of its languages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    lines: Vec<Line>,
    /// Whether the lines are one and the same, in no language.
    neutral: bool,
}

impl Text {
    /// In each language.
    #[must_use]
    pub(crate) const fn of(lines: Vec<Line>) -> Self {
        Self { lines, neutral: false }
    }

    /// The same in every language.
    fn neutral(run: Run) -> Self {
        Self { lines: vec![vec![run]], neutral: true }
    }

    /// Text from outside, as it was recorded.
    #[must_use]
    pub fn recorded(outside: &str) -> Self {
        Self::neutral(Run::new(Nature::Recorded, words::text(outside)))
    }

    /// Text from outside that is escaped already.
    #[must_use]
    pub fn shown(escaped: &str) -> Self {
        Self::neutral(Run::new(Nature::Recorded, escaped.to_owned()))
    }

    /// A name from evidence.
    #[must_use]
    pub fn name(name: &Name) -> Self {
        Self::neutral(Run::new(Nature::Recorded, words::name(name)))
    }

    /// Something to be read or typed character by character.
    #[must_use]
    pub fn exact(text: &str) -> Self {
        Self::neutral(Run::new(Nature::Exact, words::text(text)))
    }

    /// A digest in hexadecimal.
    #[must_use]
    pub fn digest(hex: &str) -> Self {
        Self::neutral(Run::new(Nature::Digest, words::text(hex)))
    }

    /// A number or a time.
    #[must_use]
    pub fn number(text: impl Into<String>) -> Self {
        Self::neutral(Run::new(Nature::Number, text.into()))
    }

    /// Marks as missing what says that something is not known.
    #[must_use]
    pub(crate) fn missing(mut self) -> Self {
        for run in self.lines.iter_mut().flatten() {
            run.nature = Nature::Missing;
        }
        self
    }

    /// The line of the language at that place in the document; a text that is the same in all has one.
    #[must_use]
    pub fn line(&self, language: usize) -> &[Run] {
        let at = if self.neutral { 0 } else { language };
        self.lines.get(at).map_or(&[], Vec::as_slice)
    }

    /// Whether every language says it in the same characters.
    #[must_use]
    pub fn is_same_in_all(&self) -> bool {
        self.neutral || self.lines.windows(2).all(|pair| matches!(pair, [a, b] if a == b))
    }

    /// The characters in one language.
    #[must_use]
    pub fn plain(&self, language: usize) -> String {
        self.line(language).iter().map(|run| run.text.as_str()).collect()
    }

    /// The characters in one language, with marks of direction around what runs its own way (U+2066, U+2068, U+2069): for
    /// terminals and plain text, where nothing else tells. Nothing is marked where all of it runs from left to right.
    #[must_use]
    pub fn isolated(&self, language: usize, direction: Direction) -> String {
        let mut out = String::new();
        for run in self.line(language) {
            let mark = match run.nature {
                Nature::Words | Nature::Missing => None,
                Nature::Recorded if run.text.is_ascii() && direction == Direction::LeftToRight => None,
                Nature::Recorded => Some('\u{2068}'),
                _ if direction == Direction::LeftToRight => None,
                Nature::Number | Nature::Exact | Nature::Digest => Some('\u{2066}'),
            };
            out.extend(mark);
            out.push_str(&run.text);
            out.extend(mark.map(|_| '\u{2069}'));
        }
        out
    }

    /// Whether there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.iter().flatten().all(|run| run.text.is_empty())
    }
}
