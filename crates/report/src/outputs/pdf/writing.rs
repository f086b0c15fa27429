//! Pages into a file: every line drawn with its letters' text, every drawn thing with its place in the tree or marked as
//! ornament.

use krilla::color::rgb;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata, TextDirection};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag};
use krilla::text::{GlyphId, KrillaGlyph};
use krilla::{Document as File, SerializeSettings};

use crate::document::Document;
use crate::drawing::{LETTERS, Shape, Side};
use crate::language::{Direction, english};
use crate::outputs::RenderError;
use crate::text::{Nature, Run};

use super::flow::{Drawn, MARGIN, PAGE};
use super::fonts::{ACCENT, ALARM, BLACK, Fonts, Ink, Laid, SOFT, Style, is_invisible};
use super::setting::{Set, units};

/// Writes the file.
pub(super) fn write(document: &Document, fonts: &mut Fonts, set: Set) -> Result<Vec<u8>, RenderError> {
    let refused = |why: &dyn std::fmt::Debug| RenderError::Refused(format!("{why:?}"));
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| refused(&error))?;
    let settings = SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() };
    let mut file = File::new_with(settings);
    file.set_metadata(metadata(document));
    let mut identifiers: Vec<Option<Identifier>> = vec![None; set.flow.numbers()];
    let pages = set.flow.pages.len();
    for (number, placed) in set.flow.pages.iter().enumerate() {
        let footer = footer(document, fonts, number.saturating_add(1), pages)?;
        let Some(size) = PageSettings::from_wh(PAGE.0, PAGE.1) else {
            return Err(RenderError::Refused("no page".to_owned()));
        };
        let mut page = file.start_page_with(size);
        let mut surface = page.surface();
        for one in placed {
            let tag = match one.number {
                Some(_) if matches!(one.drawn, Drawn::Line { .. }) => ContentTag::Span(SpanTag::empty()),
                Some(_) => ContentTag::Other,
                None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
            };
            let identifier = surface.start_tagged(tag);
            draw(&mut surface, fonts, &one.drawn)?;
            surface.end_tagged();
            if let Some(slot) = one.number.and_then(|number| identifiers.get_mut(number)) {
                *slot = Some(identifier);
            }
        }
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
        line(&mut surface, fonts, &footer, 0, MARGIN.0, PAGE.1 - MARGIN.2 + 26.0);
        surface.end_tagged();
        surface.finish();
        page.finish();
    }
    let mut outline = Outline::new();
    for (title, page, y) in set.chapters {
        outline.push_child(OutlineNode::new(title, XyzDestination::new(page, Point::from_xy(MARGIN.0, y))));
    }
    file.set_outline(outline);
    file.set_tag_tree(set.flow.structure.finish(&identifiers));
    file.finish().map_err(|error| refused(&error))
}

fn metadata(document: &Document) -> Metadata {
    let first = document.languages.first().copied().unwrap_or_else(english);
    let title = format!("{} {}", document.kind.plain(0), document.number.plain(0));
    let direction = match first.direction {
        Direction::LeftToRight => TextDirection::LeftToRight,
        Direction::RightToLeft => TextDirection::RightToLeft,
    };
    // Without a date of its own a document has that of the epoch: the standard wants one, and the clock is not ours to read.
    let (year, month, day, hour, minute, second) =
        document.created.map_or((1970, 1, 1, 0, 0, 0), exhibit_evidence::Instant::civil);
    let created = DateTime::new(u16::try_from(year).unwrap_or(1970))
        .month(month)
        .day(day)
        .hour(hour)
        .minute(minute)
        .second(second)
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(title)
        .language(first.tag.to_owned())
        .text_direction(direction)
        .creation_date(created)
        .creator("exhibit".to_owned())
        .producer("exhibit".to_owned())
}

/// "Page 1 of 2", and the case.
fn footer(document: &Document, fonts: &mut Fonts, number: usize, pages: usize) -> Result<Laid, RenderError> {
    let language = document.languages.first().copied().unwrap_or_else(english);
    let fill = |run: &Run| match run.text.as_str() {
        "#" => Run { nature: Nature::Number, text: number.to_string() },
        "##" => Run { nature: Nature::Number, text: pages.to_string() },
        _ => run.clone(),
    };
    let mut runs: Vec<Run> = document.number.line(0).to_vec();
    runs.push(Run { nature: Nature::Words, text: " · ".to_owned() });
    runs.extend(document.page_words.page.line(0).iter().map(fill));
    let style = Style { size: 7.5, bold: false, ink: SOFT, width: PAGE.0 - 2.0 * MARGIN.0, to_the_end: true };
    fonts.lay(&runs, language, style)
}

fn draw(surface: &mut Surface<'_>, fonts: &mut Fonts, drawn: &Drawn) -> Result<(), RenderError> {
    match drawn {
        Drawn::Line { laid, line: number, x, baseline } => line(surface, fonts, laid, *number, *x, *baseline),
        Drawn::Rule { from, to, width, ink, dashed } => {
            let mut path = PathBuilder::new();
            path.move_to(from.0, from.1);
            path.line_to(to.0, to.1);
            let dash = dashed.then(|| StrokeDash { array: vec![4.0, 3.0], offset: 0.0 });
            stroke(surface, path, *width, *ink, dash);
        }
        Drawn::Shapes { shapes, x, y, scale } => {
            for shape in shapes {
                self::shape(surface, fonts, shape, (*x, *y), *scale)?;
            }
        }
    }
    Ok(())
}

fn colour(ink: Ink) -> rgb::Color {
    match ink {
        SOFT => rgb::Color::new(70, 70, 74),
        ACCENT => rgb::Color::new(34, 64, 95),
        ALARM => rgb::Color::new(138, 28, 18),
        _ => rgb::Color::new(0, 0, 0),
    }
}

fn fill(surface: &mut Surface<'_>, ink: Ink) {
    surface.set_stroke(None);
    surface.set_fill(Some(Fill { paint: colour(ink).into(), opacity: NormalizedF32::ONE, rule: Default::default() }));
}

fn stroke(surface: &mut Surface<'_>, path: PathBuilder, width: f32, ink: Ink, dash: Option<StrokeDash>) {
    let Some(path) = path.finish() else { return };
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke { paint: colour(ink).into(), width, dash, ..Stroke::default() }));
    surface.draw_path(&path);
    surface.set_stroke(None);
}

/// One line of a paragraph.
fn line(surface: &mut Surface<'_>, fonts: &mut Fonts, laid: &Laid, number: usize, x: f32, baseline: f32) {
    let Some(line) = laid.layout.lines().nth(number) else { return };
    let mut x = x + line.metrics().offset;
    for run in line.runs() {
        let size = run.font_size();
        let Some(face) = fonts.face(run.font()) else { continue };
        let mut glyphs: Vec<KrillaGlyph> = Vec::new();
        let mut ink = BLACK;
        let mut start = x;
        // Letters of a ligature that have no glyph of their own: they come after it, and before it where text runs to the left.
        let mut joined: Option<std::ops::Range<usize>> = None;
        for cluster in run.visual_clusters() {
            let mut range = cluster.text_range();
            if cluster.is_ligature_continuation() {
                if run.is_rtl() {
                    joined =
                        Some(joined.map_or(range.clone(), |held| held.start.min(range.start)..held.end.max(range.end)));
                } else if let Some(glyph) = glyphs.last_mut() {
                    glyph.text_range.end = glyph.text_range.end.max(range.end);
                }
                continue;
            }
            if let Some(held) = joined.take() {
                range = range.start.min(held.start)..range.end.max(held.end);
            }
            // Marks of direction have done their work.
            if laid.text.get(range.clone()).is_some_and(|text| text.chars().all(is_invisible)) {
                x += cluster.advance();
                continue;
            }
            let own = cluster.style().brush;
            if own != ink && !glyphs.is_empty() {
                fill(surface, ink);
                surface.draw_glyphs(Point::from_xy(start, baseline), &glyphs, face.clone(), &laid.text, size, false);
                glyphs.clear();
            }
            if glyphs.is_empty() {
                start = x;
                ink = own;
            }
            for glyph in cluster.glyphs() {
                let id = GlyphId::new(glyph.id);
                let (advance, dx, dy) = (glyph.advance / size, glyph.x / size, glyph.y / size);
                glyphs.push(KrillaGlyph::new(id, advance, dx, dy, 0.0, range.clone(), None));
                x += glyph.advance;
            }
        }
        if !glyphs.is_empty() {
            fill(surface, ink);
            surface.draw_glyphs(Point::from_xy(start, baseline), &glyphs, face, &laid.text, size, false);
        }
    }
}

fn shape(
    surface: &mut Surface<'_>,
    fonts: &mut Fonts,
    shape: &Shape,
    (left, top): (f32, f32),
    scale: f32,
) -> Result<(), RenderError> {
    let at = |x: i32, y: i32| (left + units(x) * scale, top + units(y) * scale);
    let thin = 16.0 * scale;
    match shape {
        Shape::Box { x, y, width, height, filled } => {
            let (x, y) = at(*x, *y);
            let Some(rect) = Rect::from_xywh(x, y, units(*width) * scale, units(*height) * scale) else {
                return Ok(());
            };
            let mut path = PathBuilder::new();
            path.push_rect(rect);
            if *filled { solid(surface, path.finish(), BLACK) } else { stroke(surface, path, thin, BLACK, None) }
        }
        Shape::Line { from, to, dashed } => {
            let mut path = PathBuilder::new();
            let (from, to) = (at(from.0, from.1), at(to.0, to.1));
            path.move_to(from.0, from.1);
            path.line_to(to.0, to.1);
            let dash = dashed.then(|| StrokeDash { array: vec![60.0 * scale, 60.0 * scale], offset: 0.0 });
            stroke(surface, path, thin, BLACK, dash);
        }
        Shape::Dot { at: centre, radius, filled } => {
            let centre = at(centre.0, centre.1);
            let radius = units(*radius) * scale;
            if *filled {
                solid(surface, circle(centre, radius).finish(), BLACK);
            } else {
                surface.set_stroke(None);
                let paint = rgb::Color::new(255, 255, 255).into();
                surface.set_fill(Some(Fill { paint, opacity: NormalizedF32::ONE, rule: Default::default() }));
                if let Some(path) = circle(centre, radius).finish() {
                    surface.draw_path(&path);
                }
                stroke(surface, circle(centre, radius), thin, BLACK, None);
            }
        }
        Shape::Letters { at: place, side, text } => {
            let run = Run { nature: Nature::Recorded, text: text.clone() };
            let size = units(LETTERS) * scale;
            let style = Style { size, bold: false, ink: BLACK, width: PAGE.0, to_the_end: false };
            let laid = fonts.lay(&[run], english(), style)?;
            let (x, y) = at(place.0, place.1);
            let width = laid.layout.lines().next().map_or(0.0, |line| line.metrics().advance);
            let x = match side {
                Side::Left => x,
                Side::Middle => x - width / 2.0,
                Side::Right => x - width,
            };
            line(surface, fonts, &laid, 0, x, y);
        }
    }
    Ok(())
}

fn solid(surface: &mut Surface<'_>, path: Option<Path>, ink: Ink) {
    if let Some(path) = path {
        fill(surface, ink);
        surface.draw_path(&path);
    }
}

/// A circle of four curves.
fn circle((x, y): (f32, f32), radius: f32) -> PathBuilder {
    // Control points that keep a quarter within three ten-thousandths of a circle.
    let bend = radius * 0.5523;
    let mut path = PathBuilder::new();
    path.move_to(x + radius, y);
    path.cubic_to(x + radius, y + bend, x + bend, y + radius, x, y + radius);
    path.cubic_to(x - bend, y + radius, x - radius, y + bend, x - radius, y);
    path.cubic_to(x - radius, y - bend, x - bend, y - radius, x, y - radius);
    path.cubic_to(x + bend, y - radius, x + radius, y - bend, x + radius, y);
    path.close();
    path
}
