//! Blocks into lines: sizes, columns, which side a script begins on.

use std::rc::Rc;

use crate::document::{Basis, Block, Cell, Document, Mood, Sentence, Table, Tone};
use crate::drawing::{Drawing, WIDTH};
use crate::language::Direction;
use crate::outputs::RenderError;
use crate::text::{Line, Nature, Run, Text};

use super::flow::{Column, Drawn, Flow, MARGIN, PAGE, Part, height};
use super::fonts::{ACCENT, ALARM, BLACK, Fonts, Ink, SOFT, Style};
use super::structure::{Kind, Node};

/// Pages that are set, and the chapters for the outline: title, page, height.
pub(super) struct Set {
    pub(super) flow: Flow,
    pub(super) chapters: Vec<(String, usize, f32)>,
}

/// Width of the text in points.
const MEASURE: f32 = PAGE.0 - 2.0 * MARGIN.0;
/// Between columns.
const GUTTER: f32 = 16.0;

struct Setter<'a> {
    document: &'a Document,
    fonts: &'a mut Fonts,
    flow: Flow,
    chapters: Vec<(String, usize, f32)>,
    /// Size of body text in points.
    body: f32,
    /// Everything between blocks, as a share of the usual.
    air: f32,
}

pub(super) fn set(document: &Document, fonts: &mut Fonts) -> Result<Set, RenderError> {
    // A statement for a court has two pages.
    let short = document.reader == "court";
    let (body, air) = if short { (8.1, 0.55) } else { (9.4, 1.0) };
    let mut setter = Setter { document, fonts, flow: Flow::new(), chapters: Vec::new(), body, air };
    setter.head()?;
    for block in &document.blocks {
        setter.block(block)?;
    }
    setter.colophon()?;
    Ok(Set { flow: setter.flow, chapters: setter.chapters })
}

impl Setter<'_> {
    const fn style(&self, width: f32) -> Style {
        Style { size: self.body, bold: false, ink: BLACK, width, to_the_end: false }
    }

    fn is_mirrored(&self) -> bool {
        self.document.languages.first().is_some_and(|language| language.direction == Direction::RightToLeft)
    }

    /// Where a column begins that is `from` points from the side where lines of the document begin.
    fn x(&self, from: f32, width: f32) -> f32 {
        if self.is_mirrored() { PAGE.0 - MARGIN.0 - from - width } else { MARGIN.0 + from }
    }

    fn space(&mut self, points: f32) {
        if self.flow.y > MARGIN.1 {
            self.flow.y += points * self.air;
        }
    }

    /// A paragraph of runs in one language.
    fn part(&mut self, runs: &[Run], language: usize, style: Style, node: Option<Node>) -> Result<Part, RenderError> {
        let spoken = self.document.languages.get(language).copied().unwrap_or_else(crate::language::english);
        let laid = Rc::new(self.fonts.lay(runs, spoken, style)?);
        Ok(Part { laid, node, above: 0.0 })
    }

    /// Columns of the same thing in each language: one as wide as the page, or two beside each other.
    fn beside(
        &mut self,
        (from, width): (f32, f32),
        style: Style,
        parent: Option<Node>,
        kind: impl Fn(usize) -> Kind,
        runs: impl Fn(usize) -> Line,
    ) -> Result<Vec<Column>, RenderError> {
        let count = self.document.languages.len().max(1);
        let share = if count > 1 { (width - GUTTER) / 2.0 } else { width };
        let mut columns = Vec::new();
        for language in 0..count {
            let at = if language == 0 { from } else { from + share + GUTTER };
            let tag = self.document.languages.get(language).map(|language| language.tag);
            let node = self.flow.structure.add(parent, kind(language), tag);
            let part = self.part(&runs(language), language, Style { width: share, ..style }, Some(node))?;
            columns.push(Column { x: self.x(at, share), parts: vec![part] });
        }
        Ok(columns)
    }

    fn head(&mut self) -> Result<(), RenderError> {
        let document = self.document;
        for mark in &document.marks {
            let style = Style { bold: true, ..self.style(MEASURE) };
            let node = self.flow.structure.add(None, Kind::Paragraph, None);
            let part = self.part(mark.line(0), 0, style, Some(node))?;
            let width = part.laid.layout.width();
            let x = self.x(6.0, MEASURE);
            let extent = self.flow.columns(&[Column { x, parts: vec![part] }], true);
            let start = if self.is_mirrored() { PAGE.0 - MARGIN.0 - width - 12.0 } else { MARGIN.0 };
            for (page, top, bottom) in extent.pieces {
                self.frame(page, (start, top - 2.0), (start + width + 12.0, bottom + 2.0));
            }
            self.space(8.0);
        }
        let style = Style { ink: SOFT, ..self.style(MEASURE) };
        let columns = self.beside(
            (0.0, MEASURE),
            style,
            None,
            |_| Kind::Paragraph,
            |language| document.kind.line(language).to_vec(),
        )?;
        self.flow.columns(&columns, true);
        let size = if self.air < 1.0 { 15.0 } else { 18.0 };
        let style = Style { size, bold: true, ..self.style(MEASURE) };
        let title = |_| Kind::Heading(1, document.title.plain(0));
        let node = self.flow.structure.add(None, title(0), document.languages.first().map(|language| language.tag));
        let part = self.part(document.title.line(0), 0, style, Some(node))?;
        self.flow.columns(&[Column { x: self.x(0.0, MEASURE), parts: vec![part] }], true);
        self.space(8.0);
        Ok(())
    }

    fn frame(&mut self, page: usize, (left, top): (f32, f32), (right, bottom): (f32, f32)) {
        for (from, to) in [
            ((left, top), (right, top)),
            ((right, top), (right, bottom)),
            ((right, bottom), (left, bottom)),
            ((left, bottom), (left, top)),
        ] {
            self.flow.rule_on(page, Drawn::Rule { from, to, width: 1.2, ink: BLACK, dashed: false });
        }
    }

    fn block(&mut self, block: &Block) -> Result<(), RenderError> {
        match block {
            Block::Heading { level, number, text, .. } => self.heading(*level, number, text),
            Block::Paragraph { tone, sentences } => {
                let (ink, bold, smaller) = match tone {
                    Tone::Plain => (BLACK, false, 1.0),
                    Tone::Soft => (SOFT, false, 0.9),
                    Tone::Lead => (BLACK, true, 1.0),
                };
                let style = Style { ink, bold, size: self.body * smaller, ..self.style(MEASURE) };
                let document = self.document;
                let columns = self.beside(
                    (0.0, MEASURE),
                    style,
                    None,
                    |_| Kind::Paragraph,
                    |language| joined(document, sentences, language),
                )?;
                if *tone == Tone::Lead {
                    self.flow.need(height(&columns) + 3.0 * self.body * 1.4);
                }
                self.flow.columns(&columns, false);
                self.space(if *tone == Tone::Lead { 2.0 } else { 7.0 });
                Ok(())
            }
            Block::List { ordered, items } => self.list(*ordered, items),
            Block::Panel { mood, title, sentences } => self.panel(*mood, title, sentences),
            Block::Table(table) => self.table(table),
            Block::Figure { drawing, alt, caption, basis } => self.figure(drawing, alt, caption, basis),
            Block::Terms(terms) => self.terms(terms),
            Block::Sign(lines) => self.sign(lines),
        }
    }

    fn heading(&mut self, level: u8, number: &[u32], text: &Text) -> Result<(), RenderError> {
        let (scale, ink, above) = match level {
            2 => (1.38, ACCENT, 14.0),
            3 => (1.18, BLACK, 11.0),
            _ => (1.04, BLACK, 9.0),
        };
        let number: Vec<String> = number.iter().map(u32::to_string).collect();
        let runs = |language: usize| {
            let mut runs = Line::new();
            if !number.is_empty() {
                runs.push(Run { nature: Nature::Number, text: number.join(".") });
                runs.push(Run { nature: Nature::Words, text: " ".to_owned() });
            }
            runs.extend(text.line(language).iter().cloned());
            runs
        };
        let title = |language| Kind::Heading(level, text.plain(language));
        let style = Style { size: self.body * scale, bold: true, ink, ..self.style(MEASURE) };
        let columns = self.beside((0.0, MEASURE), style, None, title, runs)?;
        self.space(above);
        // A heading does not stand alone at the foot of a page.
        self.flow.need(height(&columns) + 5.0 * self.body * 1.4);
        if level == 2 {
            let title = format!("{} {}", number.join("."), text.plain(0));
            self.chapters.push((title, self.flow.page(), self.flow.y));
            self.flow.rule_below(0.4, SOFT);
        }
        self.flow.columns(&columns, true);
        self.space(4.0);
        Ok(())
    }

    fn list(&mut self, ordered: bool, items: &[(Sentence, Option<String>)]) -> Result<(), RenderError> {
        const INDENT: f32 = 16.0;
        let list = self.flow.structure.add(None, Kind::List { ordered }, None);
        let document = self.document;
        for (number, (sentence, command)) in items.iter().enumerate() {
            let item = self.flow.structure.add(Some(list), Kind::ListItem, None);
            let label = if ordered { format!("{}.", number.saturating_add(1)) } else { "•".to_owned() };
            let node = self.flow.structure.add(Some(item), Kind::ListLabel, None);
            let run = Run { nature: Nature::Number, text: label };
            let mark = self.part(&[run], 0, self.style(INDENT), Some(node))?;
            let body = self.flow.structure.add(Some(item), Kind::ListBody, None);
            let runs = |language| joined(document, std::slice::from_ref(sentence), language);
            let space = (INDENT, MEASURE - INDENT);
            let mut columns = self.beside(space, self.style(MEASURE), Some(body), |_| Kind::Paragraph, runs)?;
            columns.insert(0, Column { x: self.x(0.0, INDENT), parts: vec![mark] });
            self.flow.columns(&columns, false);
            if let Some(command) = command {
                self.command(command, body, INDENT)?;
            }
            self.space(2.0);
        }
        self.space(5.0);
        Ok(())
    }

    /// A command to type: always from left to right.
    fn command(&mut self, command: &str, parent: Node, indent: f32) -> Result<(), RenderError> {
        for line in command.lines() {
            let node = self.flow.structure.add(Some(parent), Kind::Code, Some("en"));
            let style = self.style(MEASURE - 2.0 * indent);
            let run = Run { nature: Nature::Exact, text: line.to_owned() };
            let laid = Rc::new(self.fonts.lay(&[run], crate::language::english(), style)?);
            let part = Part { laid, node: Some(node), above: 1.0 };
            self.flow.columns(&[Column { x: MARGIN.0 + indent, parts: vec![part] }], true);
        }
        self.space(3.0);
        Ok(())
    }

    fn panel(&mut self, mood: Mood, title: &Text, sentences: &[Sentence]) -> Result<(), RenderError> {
        const INDENT: f32 = 13.0;
        let document = self.document;
        let group = self.flow.structure.add(None, Kind::Group, None);
        let space = (INDENT, MEASURE - INDENT);
        let ink = if mood == Mood::Alarm { ALARM } else { BLACK };
        let bold = Style { bold: true, ink, ..self.style(MEASURE) };
        let mut columns =
            self.beside(space, bold, Some(group), |_| Kind::Paragraph, |language| title.line(language).to_vec())?;
        let plain = self.style(MEASURE);
        let runs = |language| joined(document, sentences, language);
        let texts = self.beside(space, plain, Some(group), |_| Kind::Paragraph, runs)?;
        for (column, text) in columns.iter_mut().zip(texts) {
            column.parts.extend(text.parts.into_iter().map(|part| Part { above: 2.0, ..part }));
        }
        self.space(2.0);
        let extent = self.flow.columns(&columns, true);
        for (page, top, bottom) in extent.pieces {
            self.border(mood, page, top, bottom);
        }
        self.space(9.0);
        Ok(())
    }

    /// The border of a panel: thick, double or dashed, as it is meant.
    fn border(&mut self, mood: Mood, page: usize, top: f32, bottom: f32) {
        let side = |from: f32| if self.is_mirrored() { PAGE.0 - MARGIN.0 - from } else { MARGIN.0 + from };
        let rules: Vec<(f32, f32, Ink, bool)> = match mood {
            Mood::Plain => vec![(side(2.5), 4.0, ACCENT, false)],
            Mood::Alarm => vec![(side(1.2), 1.6, ALARM, false), (side(4.4), 1.6, ALARM, false)],
            Mood::Open => vec![(side(2.5), 3.5, ACCENT, true)],
        };
        for (x, width, ink, dashed) in rules {
            let (from, to) = ((x, top - 1.0), (x, bottom + 2.0));
            self.flow.rule_on(page, Drawn::Rule { from, to, width, ink, dashed });
        }
    }

    fn table(&mut self, table: &Table) -> Result<(), RenderError> {
        let node = self.flow.structure.add(None, Kind::Table, None);
        let caption = self.flow.structure.add(Some(node), Kind::Caption, None);
        let document = self.document;
        let runs = |language: usize| {
            let mut runs = table.caption.line(language).to_vec();
            runs.extend(basis(document, &table.basis));
            runs
        };
        let style = Style { bold: true, size: self.body * 0.95, ..self.style(MEASURE) };
        let columns = self.beside((0.0, MEASURE), style, Some(caption), |_| Kind::Paragraph, runs)?;
        self.space(3.0);
        self.flow.need(height(&columns) + 4.0 * self.body * 1.4);
        self.flow.columns(&columns, true);
        self.space(2.0);
        if !table.head.is_empty() {
            let row = self.flow.structure.add(Some(node), Kind::TableRow, None);
            let cells: Vec<Cell> = table.head.iter().map(|text| text.clone().into()).collect();
            let head = self.cells(table, &cells, row, |_| Kind::TitleCell { of_row: false }, true)?;
            self.flow.columns(&head, true);
            self.flow.rule_below(0.8, BLACK);
            self.flow.running_head = Some(head);
        }
        for row in &table.rows {
            let place = self.flow.structure.add(Some(node), Kind::TableRow, None);
            let kind = |column| if column == 0 { Kind::TitleCell { of_row: true } } else { Kind::Cell };
            let columns = self.cells(table, &row.cells, place, kind, false)?;
            self.flow.columns(&columns, true);
            self.flow.rule_below(0.3, SOFT);
        }
        self.flow.running_head = None;
        self.space(8.0);
        Ok(())
    }

    fn cells(
        &mut self,
        table: &Table,
        cells: &[Cell],
        row: Node,
        kind: impl Fn(usize) -> Kind,
        head: bool,
    ) -> Result<Vec<Column>, RenderError> {
        let mut columns = Vec::new();
        let mut from = 0.0;
        for (number, cell) in cells.iter().enumerate() {
            let percent = table.widths.get(number).copied().unwrap_or(10);
            let share = MEASURE * f32::from(percent) / 100.0;
            let width = (share - 8.0).max(10.0);
            let node = self.flow.structure.add(Some(row), kind(number), None);
            let label = table.head.is_empty() && number == 0;
            let style = Style {
                bold: head || label || number == 0,
                ink: if label { SOFT } else { BLACK },
                size: self.body * if head || label { 0.88 } else { 0.94 },
                to_the_end: table.numbers_from.is_some_and(|first| number >= first),
                ..self.style(width)
            };
            let mut column = Column { x: self.x(from, width), parts: Vec::new() };
            for text in &cell.parts {
                let languages = if text.is_same_in_all() { 1 } else { self.document.languages.len() };
                for language in 0..languages {
                    let tag = self.document.languages.get(language).map(|language| language.tag);
                    let below = self.flow.structure.add(Some(node), Kind::Paragraph, tag);
                    column.parts.push(self.part(text.line(language), language, style, Some(below))?);
                }
            }
            columns.push(column);
            from += share;
        }
        Ok(columns)
    }

    fn figure(&mut self, drawing: &Drawing, alt: &Text, caption: &Text, rests: &[Basis]) -> Result<(), RenderError> {
        let scale = MEASURE / f32::from(i16::try_from(WIDTH).unwrap_or(i16::MAX));
        let tall = units(drawing.height) * scale;
        let style = Style { size: self.body * 0.82, ink: SOFT, ..self.style(MEASURE) };
        let document = self.document;
        let group = self.flow.structure.add(None, Kind::Group, None);
        let tag = document.languages.first().map(|language| language.tag);
        let node = self.flow.structure.add(Some(group), Kind::Figure(alt.plain(0)), tag);
        let runs = |language: usize| {
            let mut runs = caption.line(language).to_vec();
            runs.extend(basis(document, rests));
            runs
        };
        let columns = self.beside((0.0, MEASURE), style, Some(group), |_| Kind::Paragraph, runs)?;
        self.flow.need(tall + height(&columns) + 6.0);
        let (y, shapes) = (self.flow.y, drawing.shapes.clone());
        self.flow.put(Some(node), Drawn::Shapes { shapes, x: MARGIN.0, y, scale });
        self.flow.y += tall + 3.0;
        self.flow.columns(&columns, true);
        self.space(8.0);
        Ok(())
    }

    fn terms(&mut self, terms: &[(Text, Text)]) -> Result<(), RenderError> {
        let list = self.flow.structure.add(None, Kind::List { ordered: false }, None);
        for (term, means) in terms {
            let item = self.flow.structure.add(Some(list), Kind::ListItem, None);
            let label = self.flow.structure.add(Some(item), Kind::ListLabel, None);
            let bold = Style { bold: true, ..self.style(MEASURE) };
            let space = (0.0, MEASURE);
            let columns =
                self.beside(space, bold, Some(label), |_| Kind::Paragraph, |language| term.line(language).to_vec())?;
            self.flow.need(height(&columns) + 2.0 * self.body * 1.4);
            self.flow.columns(&columns, true);
            let body = self.flow.structure.add(Some(item), Kind::ListBody, None);
            let plain = self.style(MEASURE);
            let columns =
                self.beside(space, plain, Some(body), |_| Kind::Paragraph, |language| means.line(language).to_vec())?;
            self.flow.columns(&columns, false);
            self.space(4.0);
        }
        Ok(())
    }

    fn sign(&mut self, lines: &[Text]) -> Result<(), RenderError> {
        for line in lines {
            let style = Style { size: self.body * 0.9, ..self.style(MEASURE) };
            let columns =
                self.beside((0.0, MEASURE), style, None, |_| Kind::Paragraph, |language| line.line(language).to_vec())?;
            self.flow.need(height(&columns) + 34.0);
            self.flow.columns(&columns, true);
            self.flow.y += 24.0;
            self.flow.rule_below(0.6, BLACK);
            self.flow.y += 6.0;
        }
        Ok(())
    }

    fn colophon(&mut self) -> Result<(), RenderError> {
        self.space(8.0);
        let document = self.document;
        // The second sentence of the colophon is about pages in a browser.
        for text in document.colophon.iter().take(1) {
            let style = Style { size: self.body * 0.82, ink: SOFT, ..self.style(MEASURE) };
            let runs = |language: usize| text.line(language).to_vec();
            let columns = self.beside((0.0, MEASURE), style, None, |_| Kind::Paragraph, runs)?;
            self.flow.columns(&columns, true);
        }
        Ok(())
    }
}

/// Units of a drawing as a number to reckon with; no drawing is as large as the largest.
pub(super) fn units(number: i32) -> f32 {
    f32::from(i16::try_from(number).unwrap_or(i16::MAX))
}

/// Sentences in a row; those that rest on the same are marked once, after the last of them.
fn joined(document: &Document, sentences: &[Sentence], language: usize) -> Line {
    let mut runs = Line::new();
    for (number, sentence) in sentences.iter().enumerate() {
        if number > 0 {
            runs.push(Run { nature: Nature::Words, text: " ".to_owned() });
        }
        runs.extend(sentence.text.line(language).iter().cloned());
        if sentences.get(number.saturating_add(1)).is_none_or(|next| next.basis != sentence.basis) {
            runs.extend(basis(document, &sentence.basis));
        }
    }
    runs
}

/// `[4, case.json]`.
fn basis(document: &Document, rests: &[Basis]) -> Line {
    if rests.is_empty() {
        return Line::new();
    }
    let one = |basis: &Basis| match basis {
        Basis::Record(number) => number.to_string(),
        Basis::File(name) => crate::words::text(name),
        Basis::Check => "exhibit verify".to_owned(),
    };
    let names: Vec<String> = document.shown_basis(rests).into_iter().map(one).collect();
    vec![
        Run { nature: Nature::Words, text: " ".to_owned() },
        Run { nature: Nature::Digest, text: format!("[{}]", names.join(", ")) },
    ]
}
