//! Pictures as a few shapes, in black on paper, that every form of a document can draw: told apart by form, never by colour.

/// Width of every drawing in its own units; all places are whole units, so that the same facts draw the same picture.
pub const WIDTH: i32 = 10_000;

/// Height of the letters in a drawing, in its units.
pub const LETTERS: i32 = 190;

/// A picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drawing {
    /// Height in units; the width is [`WIDTH`].
    pub height: i32,
    /// What is drawn, the first below the others.
    pub shapes: Vec<Shape>,
}

/// Something drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A rectangle.
    Box {
        /// Left edge.
        x: i32,
        /// Upper edge.
        y: i32,
        /// Width.
        width: i32,
        /// Height.
        height: i32,
        /// Whether it is black inside.
        filled: bool,
    },
    /// A line.
    Line {
        /// Where it begins.
        from: (i32, i32),
        /// Where it ends.
        to: (i32, i32),
        /// Whether it has gaps.
        dashed: bool,
    },
    /// A round mark.
    Dot {
        /// Centre.
        at: (i32, i32),
        /// Radius.
        radius: i32,
        /// Black inside, or paper.
        filled: bool,
    },
    /// Letters on a base line.
    Letters {
        /// Where, as `side` says.
        at: (i32, i32),
        /// Which end of the letters that is.
        side: Side,
        /// The letters, escaped.
        text: String,
    },
}

/// Which point of a row of letters is at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The left end.
    Left,
    /// The middle.
    Middle,
    /// The right end.
    Right,
}

impl Drawing {
    pub(crate) fn outline(&mut self, x: i32, y: i32, width: i32, height: i32) {
        self.shapes.push(Shape::Box { x, y, width, height, filled: false });
    }

    pub(crate) fn filled(&mut self, x: i32, y: i32, width: i32, height: i32) {
        self.shapes.push(Shape::Box { x, y, width, height, filled: true });
    }

    pub(crate) fn line(&mut self, from: (i32, i32), to: (i32, i32), dashed: bool) {
        self.shapes.push(Shape::Line { from, to, dashed });
    }

    pub(crate) fn dot(&mut self, at: (i32, i32), radius: i32, filled: bool) {
        self.shapes.push(Shape::Dot { at, radius, filled });
    }

    pub(crate) fn letters(&mut self, at: (i32, i32), side: Side, text: impl Into<String>) {
        self.shapes.push(Shape::Letters { at, side, text: text.into() });
    }

    /// An arrow to the right, along a bend if the ends are not at one height.
    pub(crate) fn arrow(&mut self, from: (i32, i32), to: (i32, i32)) {
        const HEAD: i32 = 70;
        let middle = from.0.saturating_add(to.0) / 2;
        self.line(from, (middle, from.1), false);
        self.line((middle, from.1), (middle, to.1), false);
        self.line((middle, to.1), to, false);
        for side in [-HEAD, HEAD] {
            self.line((to.0.saturating_sub(HEAD), to.1.saturating_add(side)), to, false);
        }
    }

    /// A rectangle with slanted lines in it.
    pub(crate) fn hatched(&mut self, x: i32, y: i32, width: i32, height: i32) {
        const STEP: i32 = 75;
        self.outline(x, y, width, height);
        let (right, bottom) = (x.saturating_add(width), y.saturating_add(height));
        // Lines from the upper edge down to the left; `start` is where each would meet the upper edge. Counted from zero and
        // not from `x`, so that the lines of neighbours go on in each other.
        let mut start = x.div_euclid(STEP).saturating_mul(STEP);
        while start < right.saturating_add(height) {
            let upper =
                if start <= right { (start, y) } else { (right, y.saturating_add(start.saturating_sub(right))) };
            let low = start.saturating_sub(height);
            let lower = if low >= x { (low, bottom) } else { (x, y.saturating_add(start.saturating_sub(x))) };
            if start > x && upper != lower {
                self.line(upper, lower, false);
            }
            start = start.saturating_add(STEP);
        }
    }
}

/// Text cut to so many columns, with a mark where it was cut. Wide letters count twice.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    let mut shown = String::new();
    let mut width = 0_usize;
    for c in text.chars() {
        width = width.saturating_add(if is_wide(c) { 2 } else { 1 });
        if width > columns {
            shown.push('…');
            return shown;
        }
        shown.push(c);
    }
    shown
}

/// East Asian letters, by the blocks that have them.
const fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slanted_lines_stay_inside_their_box() {
        for (x, width) in [(0, 50), (9950, 50), (1, 9998), (333, 1)] {
            let mut drawing = Drawing::default();
            drawing.hatched(x, 40, width, 400);
            for shape in &drawing.shapes {
                let Shape::Line { from, to, .. } = shape else { continue };
                for point in [from, to] {
                    assert!(point.0 >= x && point.0 <= x + width && point.1 >= 40 && point.1 <= 440, "{point:?}");
                }
            }
        }
    }

    #[test]
    fn letters_are_cut_by_columns() {
        assert_eq!(
            (cut("abcdef", 6).as_str(), cut("abcdef", 5).as_str(), cut("中文字", 4).as_str()),
            ("abcdef", "abcde…", "中文…")
        );
    }
}
