//! Lines and shapes on pages: columns beside each other, broken where a page ends.

use std::rc::Rc;

use crate::drawing::Shape;

use super::fonts::{Ink, Laid};
use super::structure::{Node, Structure};

/// A4, in points.
pub(super) const PAGE: (f32, f32) = (595.28, 841.89);
/// Left and right, top, bottom.
pub(super) const MARGIN: (f32, f32, f32) = (51.0, 48.0, 56.0);

/// Something on a page.
pub(super) enum Drawn {
    /// A line of a paragraph: which, and where its base line begins.
    Line { laid: Rc<Laid>, line: usize, x: f32, baseline: f32 },
    /// A rule or a frame; for the eye alone.
    Rule { from: (f32, f32), to: (f32, f32), width: f32, ink: Ink, dashed: bool },
    /// Shapes of a drawing, with where it begins and how much smaller it is.
    Shapes { shapes: Vec<Shape>, x: f32, y: f32, scale: f32 },
}

/// Something on a page, and what it is in the tree; `None` for ornaments.
pub(super) struct Placed {
    pub(super) number: Option<usize>,
    pub(super) drawn: Drawn,
}

/// Paragraphs below each other, which stand beside other columns.
#[derive(Default)]
pub(super) struct Column {
    pub(super) x: f32,
    pub(super) parts: Vec<Part>,
}

/// A paragraph with its place in the tree, and the space above it.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) laid: Rc<Laid>,
    pub(super) node: Option<Node>,
    pub(super) above: f32,
}

/// A line that waits for its place.
struct Waiting<'a> {
    part: &'a Part,
    line: usize,
    above: f32,
    height: f32,
    /// From the line's upper edge.
    baseline: f32,
}

/// Where something was put: pages from and to, and the heights there.
pub(super) struct Extent {
    pub(super) pieces: Vec<(usize, f32, f32)>,
}

/// The pages so far.
pub(super) struct Flow {
    pub(super) pages: Vec<Vec<Placed>>,
    pub(super) structure: Structure,
    /// How far down the page is filled.
    pub(super) y: f32,
    numbers: usize,
    /// Columns that are drawn again on top of each new page: the head of a table.
    pub(super) running_head: Option<Vec<Column>>,
}

impl Flow {
    pub(super) fn new() -> Self {
        Self { pages: vec![Vec::new()], structure: Structure::default(), y: MARGIN.1, numbers: 0, running_head: None }
    }

    const fn bottom() -> f32 {
        PAGE.1 - MARGIN.2
    }

    pub(super) fn room(&self) -> f32 {
        Self::bottom() - self.y
    }

    /// How many things have a place in the tree.
    pub(super) const fn numbers(&self) -> usize {
        self.numbers
    }

    pub(super) fn page(&self) -> usize {
        self.pages.len().saturating_sub(1)
    }

    pub(super) fn new_page(&mut self) {
        self.pages.push(Vec::new());
        self.y = MARGIN.1;
        // The head again, for the eye: in the tree it stands once.
        if let Some(head) = self.running_head.take() {
            let again: Vec<Column> = head
                .iter()
                .map(|column| Column {
                    x: column.x,
                    parts: column.parts.iter().map(|part| Part { node: None, ..part.clone() }).collect(),
                })
                .collect();
            self.columns(&again, true);
            self.rule_below(0.7, 0);
            self.running_head = Some(head);
        }
    }

    /// Begins a new page unless so much fits on this one.
    pub(super) fn need(&mut self, height: f32) {
        if self.room() < height && self.y > MARGIN.1 {
            self.new_page();
        }
    }

    pub(super) fn put(&mut self, node: Option<Node>, drawn: Drawn) {
        let number = node.map(|node| {
            let number = self.numbers;
            self.numbers = self.numbers.saturating_add(1);
            self.structure.draws(node, number);
            number
        });
        if let Some(page) = self.pages.last_mut() {
            page.push(Placed { number, drawn });
        }
    }

    /// A rule over the whole width where the page is filled to.
    pub(super) fn rule_below(&mut self, width: f32, ink: Ink) {
        let (left, right) = (MARGIN.0, PAGE.0 - MARGIN.0);
        let y = self.y + 1.5;
        self.put(None, Drawn::Rule { from: (left, y), to: (right, y), width, ink, dashed: false });
        self.y += 3.5;
    }

    /// Columns beside each other, from here down. With `keep` they are not broken if they fit on a page of their own.
    pub(super) fn columns(&mut self, columns: &[Column], keep: bool) -> Extent {
        let mut waiting: Vec<(f32, std::collections::VecDeque<Waiting<'_>>)> =
            columns.iter().map(|column| (column.x, lines(column).into())).collect();
        let height = |queue: &std::collections::VecDeque<Waiting<'_>>| -> f32 {
            queue.iter().map(|line| line.above + line.height).sum()
        };
        let tallest = waiting.iter().map(|(_, queue)| height(queue)).fold(0.0, f32::max);
        let whole_page = Self::bottom() - MARGIN.1;
        if keep && tallest > self.room() && tallest <= whole_page {
            self.new_page();
        }
        let mut extent = Extent { pieces: Vec::new() };
        loop {
            let top = self.y;
            let mut lowest = top;
            let mut placed = false;
            for (x, queue) in &mut waiting {
                let mut y = top;
                while let Some(line) = queue.front() {
                    // A page that is still empty takes a line in any case, so that this ends.
                    let fits = y + line.above + line.height <= Self::bottom() || (!placed && top <= MARGIN.1);
                    if !fits {
                        break;
                    }
                    let upper = y + line.above;
                    let drawn = Drawn::Line {
                        laid: line.part.laid.clone(),
                        line: line.line,
                        x: *x,
                        baseline: upper + line.baseline,
                    };
                    let (node, height) = (line.part.node, line.height);
                    self.put(node, drawn);
                    y = upper + height;
                    placed = true;
                    queue.pop_front();
                }
                lowest = lowest.max(y);
            }
            extent.pieces.push((self.page(), top, lowest));
            self.y = lowest;
            if waiting.iter().all(|(_, queue)| queue.is_empty()) {
                return extent;
            }
            self.new_page();
        }
    }

    /// A rule on a page that may not be the last one.
    pub(super) fn rule_on(&mut self, page: usize, drawn: Drawn) {
        if let Some(page) = self.pages.get_mut(page) {
            page.push(Placed { number: None, drawn });
        }
    }
}

/// Height of columns as they would be set.
pub(super) fn height(columns: &[Column]) -> f32 {
    let of = |column: &Column| -> f32 { lines(column).iter().map(|line| line.above + line.height).sum() };
    columns.iter().map(of).fold(0.0, f32::max)
}

fn lines(column: &Column) -> Vec<Waiting<'_>> {
    let mut waiting = Vec::new();
    for part in &column.parts {
        let mut top = 0.0;
        for (number, line) in part.laid.layout.lines().enumerate() {
            let metrics = line.metrics();
            let above = if number == 0 { part.above } else { 0.0 };
            let (height, baseline) = (metrics.line_height, metrics.baseline - top);
            waiting.push(Waiting { part, line: number, above, height, baseline });
            top += metrics.line_height;
        }
    }
    waiting
}
