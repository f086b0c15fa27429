//! Plain text of 100 columns, for terminals and mail. Two languages stand below each other.

use crate::document::{Basis, Block, Document, Row, Sentence, Table};
use crate::language::Direction;
use crate::outputs::Output;
use crate::text::Text;
use crate::words::text as escaped;

pub(super) const OUTPUT: Output = Output {
    id: "text",
    title: "Plain text",
    extension: "txt",
    needs_fonts: false,
    render: |document, _| Ok(text(document).into_bytes()),
};

/// Longest line, in characters.
const COLUMNS: usize = 100;

/// The document as plain text.
fn text(document: &Document) -> String {
    let mut page = Page { out: String::new(), document };
    for mark in &document.marks {
        page.each("", |language| shown(mark, language));
    }
    page.each("", |language| shown(&document.kind, language));
    page.each("", |language| shown(&document.title, language));
    for block in &document.blocks {
        page.block(block);
    }
    page.blank();
    for line in document.colophon.iter().take(1) {
        page.each("", |language| shown(line, language));
    }
    page.out
}

struct Page<'a> {
    out: String,
    document: &'a Document,
}

impl Page<'_> {
    fn blank(&mut self) {
        self.out.push('\n');
    }

    /// A paragraph in each language; once, if all say it alike.
    fn each(&mut self, indent: &str, text: impl Fn(Speaker) -> String) {
        let mut before = None;
        for (number, language) in self.document.languages.iter().enumerate() {
            let paragraph = text(Speaker { number, direction: language.direction });
            if before.as_ref() != Some(&paragraph) {
                wrap(&mut self.out, indent, &paragraph);
            }
            before = Some(paragraph);
        }
    }

    fn block(&mut self, block: &Block) {
        let document = self.document;
        match block {
            Block::Heading { number, text, .. } => {
                self.blank();
                let number: Vec<String> = number.iter().map(u32::to_string).collect();
                let number = if number.is_empty() { String::new() } else { format!("{}. ", number.join(".")) };
                self.each("", |language| format!("{number}{}", shown(text, language)));
                self.blank();
            }
            Block::Paragraph { sentences, .. } => self.each("", |language| joined(document, sentences, language)),
            Block::List { ordered, items } => {
                for (number, (sentence, command)) in items.iter().enumerate() {
                    let mark = if *ordered { format!("{}. ", number.saturating_add(1)) } else { "- ".to_owned() };
                    self.each("  ", |language| {
                        format!("{mark}{}", joined(document, std::slice::from_ref(sentence), language))
                    });
                    for line in command.iter().flat_map(|command| command.lines()) {
                        self.out.push_str("      ");
                        self.out.push_str(line);
                        self.blank();
                    }
                }
            }
            Block::Panel { title, sentences, .. } => {
                self.each("| ", |language| shown(title, language));
                self.each("| ", |language| joined(document, sentences, language));
            }
            Block::Table(table) => self.table(table),
            Block::Figure { alt, basis, .. } => {
                self.each("", |language| format!("({}){}", shown(alt, language), basis_of(document, basis)));
            }
            Block::Terms(terms) => {
                for (term, means) in terms {
                    self.each("", |language| format!("{}: {}", shown(term, language), shown(means, language)));
                }
            }
            Block::Sign(lines) => {
                for line in lines {
                    self.each("", |language| format!("{}: ________________________________", shown(line, language)));
                }
            }
        }
    }

    fn table(&mut self, table: &Table) {
        let document = self.document;
        self.blank();
        self.each("", |language| format!("{}{}", shown(&table.caption, language), basis_of(document, &table.basis)));
        for row in &table.rows {
            self.each("  ", |language| row_of(document, table, row, language));
        }
    }
}

/// The cells of a row, each with the title of its column.
fn row_of(document: &Document, table: &Table, row: &Row, language: Speaker) -> String {
    let cell = |(column, cell): (usize, &crate::document::Cell)| {
        let parts: Vec<String> = cell.parts.iter().map(|part| shown(part, language)).collect();
        let title = table.head.get(column).map(|title| format!("{}: ", shown(title, language))).unwrap_or_default();
        format!("{title}{}", parts.join(", "))
    };
    let cells: Vec<String> = row.cells.iter().enumerate().map(cell).collect();
    let between = if table.head.is_empty() { ": " } else { "; " };
    format!("{}{}", cells.join(between), basis_of(document, &row.basis))
}

/// A language of the document, by its place.
#[derive(Debug, Clone, Copy)]
struct Speaker {
    number: usize,
    direction: Direction,
}

fn shown(text: &Text, language: Speaker) -> String {
    text.isolated(language.number, language.direction)
}

fn joined(document: &Document, sentences: &[Sentence], language: Speaker) -> String {
    let each = sentences
        .iter()
        .map(|sentence| format!("{}{}", shown(&sentence.text, language), basis_of(document, &sentence.basis)));
    each.collect::<Vec<_>>().join(" ")
}

fn basis_of(document: &Document, basis: &[Basis]) -> String {
    if basis.is_empty() {
        return String::new();
    }
    let one = |basis: &Basis| match basis {
        Basis::Record(number) => number.to_string(),
        Basis::File(name) => escaped(name),
        Basis::Check => "exhibit verify".to_owned(),
    };
    format!(" [{}]", document.shown_basis(basis).into_iter().map(one).collect::<Vec<_>>().join(", "))
}

/// Adds a paragraph, wrapped between words where there are any.
fn wrap(out: &mut String, indent: &str, paragraph: &str) {
    for line in paragraph.split('\n') {
        let mut column = 0_usize;
        for word in line.split(' ').filter(|word| !word.is_empty()) {
            let width = word.chars().count();
            if column > 0 && column.saturating_add(width) >= COLUMNS {
                out.push('\n');
                column = 0;
            }
            if column == 0 {
                out.push_str(indent);
                column = indent.len();
            } else {
                out.push(' ');
                column = column.saturating_add(1);
            }
            out.push_str(word);
            column = column.saturating_add(width);
        }
        out.push('\n');
    }
}
