//! One HTML page: no script, nothing fetched, light and dark, readable on paper without colour.

mod figure;
mod writer;

use std::collections::BTreeSet;

use crate::document::{Basis, Block, Cell, Document, Mood, Row, Sentence, Table, Tone, record_anchor};
use crate::outputs::Output;
use crate::text::{Nature, Run, Text};
use writer::Html;

pub(super) const OUTPUT: Output = Output {
    id: "html",
    title: "One HTML page for browsers and printers",
    extension: "html",
    needs_fonts: false,
    render: |document, _| Ok(html(document).into_bytes()),
};

/// What a page may do: show itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The document as one self-contained page.
#[must_use]
pub fn html(document: &Document) -> String {
    let mut page =
        Page { out: Html::default(), document, printed: printed_records(document), both: document.languages.len() > 1 };
    page.write();
    page.out.finish()
}

struct Page<'a> {
    out: Html,
    document: &'a Document,
    /// Records of the log that have a row to point to.
    printed: BTreeSet<u64>,
    /// Whether there are two languages.
    both: bool,
}

fn printed_records(document: &Document) -> BTreeSet<u64> {
    let tables = document.blocks.iter().filter_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    });
    let anchors = tables.flat_map(|table| &table.rows).filter_map(|row| row.anchor.as_deref());
    anchors.filter_map(|anchor| anchor.strip_prefix("record-")?.parse().ok()).collect()
}

impl Page<'_> {
    fn write(&mut self) {
        let document = self.document;
        self.out.raw("<!doctype html>\n<html");
        if let Some(language) = document.languages.first() {
            self.out.attribute("lang", language.tag);
            self.out.attribute("dir", language.direction.id());
        }
        self.out.raw(">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        self.out.raw("<meta name=\"referrer\" content=\"no-referrer\">\n<meta http-equiv=\"Content-Security-Policy\"");
        self.out.attribute("content", POLICY);
        self.out.raw(">\n<title>");
        self.out.text(&format!("{} {}", document.kind.plain(0), document.number.plain(0)));
        self.out.raw("</title>\n<style>\n");
        self.out.raw(include_str!("../../templates/style.css"));
        self.out.raw("</style>\n</head>\n<body");
        self.out.attribute("class", if self.both { "both" } else { document.reader });
        self.out.raw(">\n");
        self.head();
        self.out.raw("<main>\n");
        let mut open = false;
        for block in &document.blocks {
            self.block(block, &mut open);
        }
        if open {
            self.out.raw("</section>\n");
        }
        self.out.raw("</main>\n<footer>");
        for text in &document.colophon {
            self.each("p", "", |page, language| page.line(text, language));
        }
        self.out.raw("</footer>\n</body>\n</html>\n");
    }

    fn head(&mut self) {
        let document = self.document;
        self.out.raw("<header>\n");
        for mark in &document.marks {
            self.out.raw("<p class=\"marks\">");
            self.line(mark, 0);
            self.out.raw("</p>\n");
        }
        self.each("p", "kicker", |page, language| page.line(&document.kind, language));
        self.out.raw("<h1>");
        self.said(&document.title);
        self.out.raw("</h1>\n");
        if document.chapters().count() > 7 {
            self.out.raw("<nav");
            self.out.attribute("aria-label", &document.page_words.contents.plain(0));
            self.out.raw("><ol>\n");
            for (_, anchor, text) in document.chapters() {
                self.out.raw("<li><a");
                self.out.attribute("href", &format!("#{anchor}"));
                self.out.raw(">");
                self.said(text);
                self.out.raw("</a></li>\n");
            }
            self.out.raw("</ol></nav>\n");
        }
        self.out.raw("</header>\n");
    }

    fn block(&mut self, block: &Block, open: &mut bool) {
        match block {
            Block::Heading { level, number, anchor, text } => self.heading(*level, number, anchor, text, open),
            Block::Paragraph { tone, sentences } => {
                let class = match tone {
                    Tone::Plain => "",
                    Tone::Soft => "soft",
                    Tone::Lead => "lead",
                };
                self.each("p", class, |page, language| page.sentences(sentences, language));
            }
            Block::List { ordered, items } => self.list(*ordered, items),
            Block::Panel { mood, title, sentences } => self.panel(*mood, title, sentences),
            Block::Table(table) => self.table(table),
            Block::Figure { drawing, alt, caption, basis } => {
                self.out.raw("<figure>\n");
                figure::svg(&mut self.out, drawing, &alt.plain(0));
                self.out.raw("<figcaption>");
                self.each("p", "", |page, language| {
                    page.line(caption, language);
                    page.basis(basis);
                });
                self.out.raw("</figcaption></figure>\n");
            }
            Block::Terms(terms) => {
                self.out.raw("<dl class=\"glossary\">\n");
                for (term, means) in terms {
                    self.each("dt", "", |page, language| page.line(term, language));
                    self.each("dd", "", |page, language| page.line(means, language));
                }
                self.out.raw("</dl>\n");
            }
            Block::Sign(lines) => {
                let label = self.document.page_words.to_sign.plain(0);
                self.out.raw("<section class=\"tosign\"");
                self.out.attribute("aria-label", &label);
                self.out.raw(">\n");
                for line in lines {
                    self.out.raw("<div>");
                    self.said(line);
                    self.out.raw("</div>\n");
                }
                self.out.raw("</section>\n");
            }
        }
    }

    fn heading(&mut self, level: u8, number: &[u32], anchor: &str, text: &Text, open: &mut bool) {
        if level == 2 {
            if *open {
                self.out.raw("</section>\n");
            }
            self.out.raw("<section");
            self.out.attribute("aria-labelledby", anchor);
            self.out.raw(">\n");
            *open = true;
        }
        let (begin, end) = match level {
            2 => ("<h2", "</h2>\n"),
            3 => ("<h3", "</h3>\n"),
            _ => ("<h4", "</h4>\n"),
        };
        self.out.raw(begin);
        self.out.attribute("id", anchor);
        self.out.raw(">");
        let number: Vec<String> = number.iter().map(u32::to_string).collect();
        self.beside(|page, language| {
            if !number.is_empty() {
                page.wrapped("<bdi class=\"number\">", &number.join("."), "</bdi> ");
            }
            page.line(text, language);
        });
        self.out.raw(end);
    }

    fn list(&mut self, ordered: bool, items: &[(Sentence, Option<String>)]) {
        self.out.raw(if ordered { "<ol class=\"steps\">\n" } else { "<ul>\n" });
        for (sentence, command) in items {
            self.out.raw("<li>");
            self.beside(|page, language| page.sentences(std::slice::from_ref(sentence), language));
            if let Some(command) = command {
                self.out.raw("<pre dir=\"ltr\"><code>");
                self.out.text(command);
                self.out.raw("</code></pre>");
            }
            self.out.raw("</li>\n");
        }
        self.out.raw(if ordered { "</ol>\n" } else { "</ul>\n" });
    }

    fn panel(&mut self, mood: Mood, title: &Text, sentences: &[Sentence]) {
        self.out.raw("<div");
        self.out.attribute(
            "class",
            match mood {
                Mood::Plain => "box",
                Mood::Alarm => "box alarm",
                Mood::Open => "box open",
            },
        );
        self.out.raw(">\n");
        self.each("p", "label", |page, language| page.line(title, language));
        self.each("p", "", |page, language| page.sentences(sentences, language));
        self.out.raw("</div>\n");
    }

    fn table(&mut self, table: &Table) {
        let facts = table.head.is_empty();
        self.out.raw(if facts { "<table class=\"facts\">\n" } else { "<div class=\"wide\"><table class=\"grid\">\n" });
        self.out.raw("<caption>");
        self.said(&table.caption);
        self.basis(&table.basis);
        self.out.raw("</caption>\n<colgroup>");
        for width in table.widths {
            self.out.raw("<col");
            self.out.attribute("style", &format!("width:{width}%"));
            self.out.raw(">");
        }
        self.out.raw("</colgroup>\n");
        if !facts {
            self.out.raw("<thead><tr>");
            for (column, text) in table.head.iter().enumerate() {
                self.out.raw("<th scope=\"col\"");
                self.number_class(table, column);
                self.out.raw(">");
                self.said(text);
                self.out.raw("</th>");
            }
            self.out.raw("</tr></thead>\n");
        }
        self.out.raw("<tbody>\n");
        for row in &table.rows {
            self.row(table, row);
        }
        self.out.raw(if facts { "</tbody>\n</table>\n" } else { "</tbody>\n</table></div>\n" });
    }

    fn number_class(&mut self, table: &Table, column: usize) {
        if table.numbers_from.is_some_and(|first| column >= first) {
            self.out.attribute("class", "count");
        }
    }

    fn row(&mut self, table: &Table, row: &Row) {
        self.out.raw("<tr");
        if let Some(anchor) = &row.anchor {
            self.out.attribute("id", anchor);
        }
        self.out.raw(">");
        for (column, cell) in row.cells.iter().enumerate() {
            let first = column == 0;
            self.out.raw(if first { "<th scope=\"row\"" } else { "<td" });
            self.number_class(table, column);
            self.out.raw(">");
            self.cell(cell);
            if column.saturating_add(1) == row.cells.len() {
                self.basis(&row.basis);
            }
            self.out.raw(if first { "</th>" } else { "</td>" });
        }
        self.out.raw("</tr>\n");
    }

    fn cell(&mut self, cell: &Cell) {
        for (number, part) in cell.parts.iter().enumerate() {
            if number > 0 {
                self.out.raw("<br>");
            }
            self.said(part);
        }
    }

    /// An element for each language, beside each other if there are two.
    fn each(&mut self, element: &'static str, class: &'static str, write: impl Fn(&mut Self, usize)) {
        let beside = self.both && element == "p";
        if beside {
            self.out.raw("<div class=\"pair\">");
        }
        for (number, language) in self.document.languages.iter().enumerate() {
            self.out.raw("<");
            self.out.raw(element);
            if self.both {
                self.out.attribute("lang", language.tag);
                self.out.attribute("dir", language.direction.id());
            }
            if !class.is_empty() {
                self.out.attribute("class", class);
            }
            self.out.raw(">");
            write(self, number);
            self.out.raw("</");
            self.out.raw(element);
            self.out.raw(">");
        }
        self.out.raw(if beside { "</div>\n" } else { "\n" });
    }

    /// The same inside an element: languages below each other.
    fn inside(&mut self, write: impl Fn(&mut Self, usize)) {
        if !self.both {
            return write(self, 0);
        }
        for (number, language) in self.document.languages.iter().enumerate() {
            self.out.raw("<span class=\"said\"");
            self.out.attribute("lang", language.tag);
            self.out.attribute("dir", language.direction.id());
            self.out.raw(">");
            write(self, number);
            self.out.raw("</span>");
        }
    }

    /// The same inside an element that takes the whole width: languages beside each other.
    fn beside(&mut self, write: impl Fn(&mut Self, usize)) {
        if !self.both {
            return write(self, 0);
        }
        self.out.raw("<span class=\"pair\">");
        self.inside(write);
        self.out.raw("</span>");
    }

    /// A text inside an element; once, if all languages say it alike.
    fn said(&mut self, text: &Text) {
        if text.is_same_in_all() {
            self.line(text, 0);
        } else {
            self.inside(|page, language| page.line(text, language));
        }
    }

    fn sentences(&mut self, sentences: &[Sentence], language: usize) {
        for (number, sentence) in sentences.iter().enumerate() {
            if number > 0 {
                self.out.raw(" ");
            }
            self.line(&sentence.text, language);
            // Sentences in a row that rest on the same are marked once, after the last of them.
            if sentences.get(number.saturating_add(1)).is_none_or(|next| next.basis != sentence.basis) {
                self.basis(&sentence.basis);
            }
        }
    }

    fn basis(&mut self, basis: &[Basis]) {
        if basis.is_empty() {
            return;
        }
        self.out.raw(" <span class=\"basis\" dir=\"ltr\">[");
        for (number, one) in self.document.shown_basis(basis).into_iter().enumerate() {
            if number > 0 {
                self.out.raw(", ");
            }
            match one {
                Basis::Record(record) if self.printed.contains(record) => {
                    self.out.raw("<a");
                    self.out.attribute("href", &format!("#{}", record_anchor(*record)));
                    self.out.raw(">");
                    self.out.text(&record.to_string());
                    self.out.raw("</a>");
                }
                Basis::Record(record) => self.out.text(&record.to_string()),
                Basis::File(name) => self.out.text(&crate::words::text(name)),
                Basis::Check => self.out.text("exhibit verify"),
            }
        }
        self.out.raw("]</span>");
    }

    fn line(&mut self, text: &Text, language: usize) {
        for run in text.line(language) {
            self.run(run);
        }
    }

    fn run(&mut self, run: &Run) {
        match run.nature {
            Nature::Words => self.out.text(&run.text),
            Nature::Recorded => self.wrapped("<bdi class=\"prose\">", &run.text, "</bdi>"),
            Nature::Number => self.wrapped("<bdi dir=\"ltr\" class=\"number\">", &run.text, "</bdi>"),
            Nature::Exact => self.wrapped("<bdi dir=\"ltr\"><code>", &run.text, "</code></bdi>"),
            Nature::Missing => self.wrapped("<span class=\"unknown\">", &run.text, "</span>"),
            Nature::Digest => {
                self.out.raw("<bdi dir=\"ltr\" class=\"digest\">");
                for group in run.groups() {
                    self.wrapped("<span>", &group, "</span>");
                }
                self.out.raw("</bdi>");
            }
        }
    }

    fn wrapped(&mut self, begin: &'static str, text: &str, end: &'static str) {
        self.out.raw(begin);
        self.out.text(text);
        self.out.raw(end);
    }
}
