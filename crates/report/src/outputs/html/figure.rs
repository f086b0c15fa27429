//! A drawing as inline SVG, in the colour of the text.

use super::writer::Html;
use crate::drawing::{Drawing, LETTERS, Shape, Side, WIDTH};

pub(super) fn svg(out: &mut Html, drawing: &Drawing, alt: &str) {
    out.raw("<svg");
    // Directions are those of the drawing in every language: its caption says left and right.
    out.attribute("direction", "ltr");
    out.attribute("viewBox", &format!("0 0 {WIDTH} {}", drawing.height));
    out.raw(" role=\"img\"");
    out.attribute("aria-label", alt);
    out.raw(" fill=\"none\" stroke=\"currentColor\" stroke-width=\"16\"");
    out.attribute("font-size", &LETTERS.to_string());
    out.raw(">\n");
    for shape in &drawing.shapes {
        self::shape(out, shape);
    }
    out.raw("</svg>\n");
}

fn shape(out: &mut Html, shape: &Shape) {
    let number = |out: &mut Html, name: &'static str, value: i32| out.attribute(name, &value.to_string());
    match shape {
        Shape::Box { x, y, width, height, filled } => {
            out.raw("<rect");
            for (name, value) in [("x", x), ("y", y), ("width", width), ("height", height)] {
                number(out, name, *value);
            }
            if *filled {
                out.raw(" fill=\"currentColor\"");
            }
            out.raw("/>\n");
        }
        Shape::Line { from, to, dashed } => {
            out.raw("<path");
            out.attribute("d", &format!("M{} {}L{} {}", from.0, from.1, to.0, to.1));
            if *dashed {
                out.raw(" stroke-dasharray=\"60 60\"");
            }
            out.raw("/>\n");
        }
        Shape::Dot { at, radius, filled } => {
            out.raw("<circle");
            for (name, value) in [("cx", at.0), ("cy", at.1), ("r", *radius)] {
                number(out, name, value);
            }
            out.raw(if *filled { " fill=\"currentColor\"/>\n" } else { " class=\"hollow\"/>\n" });
        }
        Shape::Letters { at, side, text } => {
            out.raw("<text");
            number(out, "x", at.0);
            number(out, "y", at.1);
            out.raw(match side {
                Side::Left => " text-anchor=\"start\"",
                Side::Middle => " text-anchor=\"middle\"",
                Side::Right => " text-anchor=\"end\"",
            });
            out.raw(">");
            out.text(text);
            out.raw("</text>\n");
        }
    }
}
