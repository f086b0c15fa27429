//! A document as blocks of sentences, before it is HTML, PDF or plain text. Every sentence about the case says what it rests on.

use exhibit_evidence::Instant;

use crate::drawing::Drawing;
use crate::language::Language;
use crate::text::Text;

/// What a sentence rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// A record of the custody log, by its number.
    Record(u64),
    /// A file of the case.
    File(String),
    /// The check that was made before the document was written.
    Check,
}

/// A sentence, and what it rests on. Without a basis it is about the document itself or about words, and not about the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// What it says.
    pub text: Text,
    /// What that rests on.
    pub basis: Vec<Basis>,
}

impl Sentence {
    /// About the case.
    #[must_use]
    pub fn resting_on(text: Text, basis: &[Basis]) -> Self {
        Self { text, basis: basis.to_vec() }
    }

    /// About the document or about words: true of every case.
    #[must_use]
    pub const fn general(text: Text) -> Self {
        Self { text, basis: Vec::new() }
    }
}

/// How a panel is meant. The borders differ in form, not only in colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Good or neutral news.
    Plain,
    /// Something is wrong or was lost.
    Alarm,
    /// Something is not known.
    Open,
}

/// How a paragraph is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As body text.
    Plain,
    /// Smaller: how to read something.
    Soft,
    /// Leads to what follows, and stays with it.
    Lead,
}

/// A cell of a table: paragraphs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// In their order.
    pub parts: Vec<Text>,
}

impl From<Text> for Cell {
    fn from(text: Text) -> Self {
        Self { parts: vec![text] }
    }
}

/// A row of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Name by which others point here.
    pub anchor: Option<String>,
    /// The first one is the row's title.
    pub cells: Vec<Cell>,
    /// What the row rests on, where that differs from the table.
    pub basis: Vec<Basis>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub caption: Text,
    /// What all rows rest on.
    pub basis: Vec<Basis>,
    /// Titles of columns; empty for two columns of label and value.
    pub head: Vec<Text>,
    /// Shares of the width, one for each column.
    pub widths: &'static [u16],
    /// Columns of numbers, which are set to the far end.
    pub numbers_from: Option<usize>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A heading.
    Heading {
        /// 2 for a chapter, 3 below it, 4 below that.
        level: u8,
        /// Number of the chapter, of the section in it.
        number: Vec<u32>,
        /// Name by which others point here.
        anchor: String,
        /// The words.
        text: Text,
    },
    /// Sentences in a row.
    Paragraph {
        /// How it is set.
        tone: Tone,
        /// The sentences.
        sentences: Vec<Sentence>,
    },
    /// A list.
    List {
        /// Whether the order matters.
        ordered: bool,
        /// Each item, with a command to type below it, if there is one.
        items: Vec<(Sentence, Option<String>)>,
    },
    /// Something that must not be overlooked.
    Panel {
        /// How it is meant.
        mood: Mood,
        /// In a few words.
        title: Text,
        /// In full.
        sentences: Vec<Sentence>,
    },
    /// A table.
    Table(Table),
    /// A picture.
    Figure {
        /// The picture; the same in every language.
        drawing: Drawing,
        /// For those who cannot see it.
        alt: Text,
        /// How to read it.
        caption: Text,
        /// What it rests on.
        basis: Vec<Basis>,
    },
    /// Terms, each with its meaning.
    Terms(Vec<(Text, Text)>),
    /// Lines to sign or to fill in by hand.
    Sign(Vec<Text>),
}

/// A document, ready to be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// One language, or two beside each other.
    pub languages: Vec<&'static Language>,
    /// For whom: the id of its reader.
    pub reader: &'static str,
    /// What kind of document it is.
    pub kind: Text,
    /// Its title.
    pub title: Text,
    /// Case number, for the title of the file.
    pub number: Text,
    /// Whether each basis is printed with its files, or with its records alone where there are any.
    pub names_files: bool,
    /// Marks of handling, printed on top.
    pub marks: Vec<Text>,
    /// What it says.
    pub blocks: Vec<Block>,
    /// Who wrote it and when.
    pub colophon: Vec<Text>,
    /// "Page … of …" and "Contents", for the forms that have them.
    pub page_words: PageWords,
    /// When it is written.
    pub created: Option<Instant>,
}

/// Words around the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageWords {
    /// Title of the table of contents.
    pub contents: Text,
    /// Title of the lines to sign.
    pub to_sign: Text,
    /// "Page", with the characters `#` and `##` for the number and the count.
    pub page: Text,
}

impl Document {
    /// Chapters with their numbers and anchors.
    pub fn chapters(&self) -> impl Iterator<Item = (u32, &str, &Text)> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Heading { level: 2, number, anchor, text } => {
                Some((number.first().copied().unwrap_or_default(), anchor.as_str(), text))
            }
            _ => None,
        })
    }

    /// What is printed of a basis: records of the log alone where there are any, unless the document names everything.
    #[must_use]
    pub fn shown_basis<'a>(&self, basis: &'a [Basis]) -> Vec<&'a Basis> {
        let records: Vec<&Basis> = basis.iter().filter(|basis| matches!(basis, Basis::Record(_))).collect();
        if self.names_files || records.is_empty() { basis.iter().collect() } else { records }
    }
}

/// The anchor of a record of the log.
pub(crate) fn record_anchor(number: u64) -> String {
    format!("record-{number}")
}

/// Blocks as they are written, with the numbers of headings.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    blocks: Vec<Block>,
    chapter: u32,
    section: u32,
}

impl Blocks {
    pub(crate) fn finish(self) -> Vec<Block> {
        self.blocks
    }

    pub(crate) fn push(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// Adds a block, if there is one.
    pub(crate) fn push_some(&mut self, block: Option<Block>) {
        self.blocks.extend(block);
    }

    pub(crate) fn chapter(&mut self, anchor: &str, text: Text) {
        self.chapter = self.chapter.saturating_add(1);
        self.section = 0;
        let (anchor, number) = (anchor.to_owned(), vec![self.chapter]);
        self.push(Block::Heading { level: 2, number, anchor, text });
    }

    pub(crate) fn section(&mut self, anchor: String, text: Text) {
        self.section = self.section.saturating_add(1);
        self.push(Block::Heading { level: 3, number: vec![self.chapter, self.section], anchor, text });
    }

    /// A heading below a section, without a number.
    pub(crate) fn subsection(&mut self, anchor: String, text: Text) {
        self.push(Block::Heading { level: 4, number: Vec::new(), anchor, text });
    }

    pub(crate) fn paragraph(&mut self, sentences: Vec<Sentence>) {
        self.push(Block::Paragraph { tone: Tone::Plain, sentences });
    }

    /// A paragraph of one sentence that is true of every case.
    pub(crate) fn general(&mut self, tone: Tone, text: Text) {
        self.push(Block::Paragraph { tone, sentences: vec![Sentence::general(text)] });
    }

    pub(crate) fn panel(&mut self, mood: Mood, title: Text, sentences: Vec<Sentence>) {
        self.push(Block::Panel { mood, title, sentences });
    }

    pub(crate) fn list(&mut self, items: Vec<Sentence>) {
        self.push(Block::List { ordered: false, items: items.into_iter().map(|item| (item, None)).collect() });
    }

    /// A table of labels and values.
    pub(crate) fn facts(&mut self, caption: Text, basis: &[Basis], rows: Vec<(Text, Text)>) {
        let row = |(label, value): (Text, Text)| Row { cells: vec![label.into(), value.into()], ..Row::default() };
        self.push(Block::Table(Table {
            caption,
            basis: basis.to_vec(),
            head: Vec::new(),
            widths: &[30, 70],
            numbers_from: None,
            rows: rows.into_iter().map(row).collect(),
        }));
    }
}
