//! Fonts, and text made of them: shaped, broken into lines, each letter found in some font or its absence told.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use krilla::text::Font;
use parley::fontique::{Blob, Collection, CollectionOptions, SourceCache};
use parley::{
    Alignment, AlignmentOptions, BaseDirection, FontContext, FontData, FontFamily, FontFamilyName, FontWeight, Layout,
    LayoutContext, LineHeight, OverflowWrap, StyleProperty,
};

use crate::document::Document;
use crate::language::{Direction, Language};
use crate::outputs::{FontFile, RenderError};
use crate::text::{Nature, Run};

/// Which ink letters have: a number that [`super::writing`] knows.
pub(super) type Ink = u8;

/// Black, soft, accent, alarm.
pub(super) const BLACK: Ink = 0;
pub(super) const SOFT: Ink = 1;
pub(super) const ACCENT: Ink = 2;
pub(super) const ALARM: Ink = 3;

/// A script with the fonts that have its letters, the best first.
pub(super) struct Script {
    pub(super) name: &'static str,
    /// The Debian package to install.
    pub(super) package: &'static str,
    families: &'static [&'static str],
    has: fn(char) -> bool,
}

/// Scripts of the six languages. Whatever is none of the others is in the first.
static SCRIPTS: [Script; 3] = [
    Script {
        name: "Latin and Cyrillic",
        package: "fonts-noto-core",
        families: &["Noto Sans", "Liberation Sans"],
        has: |_| true,
    },
    Script {
        name: "Arabic",
        package: "fonts-noto-core",
        families: &["Noto Sans Arabic", "Noto Naskh Arabic"],
        has: |c| matches!(c, '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'),
    },
    Script {
        name: "Chinese",
        package: "fonts-noto-cjk",
        families: &["Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei"],
        has: |c| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3fffd}'),
    },
];

/// Letters of one width.
const MONOSPACE: [&str; 3] = ["DejaVu Sans Mono", "Noto Sans Mono", "Liberation Mono"];

/// Marks of direction around what runs its own way: they guide the setting and are not drawn.
const ISOLATES: [char; 3] = ['\u{2066}', '\u{2068}', '\u{2069}'];

/// The fonts of a document.
pub(super) struct Fonts {
    context: FontContext,
    layouts: LayoutContext<Ink>,
    /// Families for text in the first language, all others behind them.
    text: Vec<String>,
    mono: Vec<String>,
    faces: HashMap<(u64, u32), Font>,
    /// Whether there is no font at all: then nothing would be set, and nothing found missing.
    none: bool,
}

/// Text of one paragraph, set in lines.
pub(super) struct Laid {
    pub(super) layout: Layout<Ink>,
    pub(super) text: String,
}

/// How a paragraph is set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Size of the letters in points.
    pub(super) size: f32,
    pub(super) bold: bool,
    pub(super) ink: Ink,
    /// Width of the lines in points.
    pub(super) width: f32,
    /// Whether numbers are set to the far end.
    pub(super) to_the_end: bool,
}

impl Fonts {
    pub(super) fn new(files: &[FontFile], document: &Document) -> Self {
        let options = CollectionOptions { shared: false, system_fonts: false };
        let mut collection = Collection::new(options);
        let mut others = Vec::new();
        for file in files {
            let blob = Blob::new(Arc::new(file.bytes.clone()));
            for (family, _) in collection.register_fonts(blob, None) {
                others.extend(collection.family_name(family).map(str::to_owned));
            }
        }
        // Chinese letters and stops come from the Chinese font where Chinese is the first language: Latin fonts have some of the stops,
        // narrow ones.
        let chinese = document.languages.first().is_some_and(|language| language.tag == "zh");
        let mut order: Vec<&Script> = SCRIPTS.iter().collect();
        if chinese {
            order.rotate_right(1);
        }
        let known = order.iter().flat_map(|script| script.families).map(|&name| name.to_owned());
        let none = others.is_empty();
        let mono = MONOSPACE.iter().map(|&name| name.to_owned());
        // Behind all of them: a font with some letters of most scripts.
        let mut text: Vec<String> = known.chain(["DejaVu Sans".to_owned()]).collect();
        text.extend(others.into_iter().filter(|name| !MONOSPACE.contains(&name.as_str())));
        let mut seen = std::collections::BTreeSet::new();
        text.retain(|name| seen.insert(name.clone()));
        let mono = mono.chain(text.iter().cloned()).collect();
        let context = FontContext { collection, source_cache: SourceCache::default() };
        Self { context, layouts: LayoutContext::new(), text, mono, faces: HashMap::new(), none }
    }

    /// The face for the file.
    pub(super) fn face(&mut self, font: &FontData) -> Option<Font> {
        let (data, id) = font.data.clone().into_raw_parts();
        if let Some(face) = self.faces.get(&(id, font.index)) {
            return Some(face.clone());
        }
        let face = Font::new(data.into(), font.index)?;
        self.faces.insert((id, font.index), face.clone());
        Some(face)
    }

    /// A paragraph. A letter of recorded text that no font has is written as its number; one of our own words is an error.
    pub(super) fn lay(&mut self, runs: &[Run], language: &Language, style: Style) -> Result<Laid, RenderError> {
        if self.none {
            return Err(no_font('A'));
        }
        let mut runs = Cow::Borrowed(runs);
        // Each round removes the letters that were found missing; a document has finitely many, and two rounds find them all.
        for _ in 0..3 {
            let laid = self.attempt(&runs, language, style);
            let missing = missing(&laid);
            let Some(&first) = missing.first() else { return Ok(laid) };
            let mut replaced = false;
            for run in runs.to_mut().iter_mut().filter(|run| is_outside(run.nature)) {
                let escaped: String = run.text.chars().map(|c| escape(c, &missing)).collect();
                replaced |= escaped != run.text;
                run.text = escaped;
            }
            if !replaced {
                return Err(no_font(first));
            }
        }
        Err(RenderError::Refused("letters are missing in every font".to_owned()))
    }

    fn attempt(&mut self, runs: &[Run], language: &Language, style: Style) -> Laid {
        let mut text = String::new();
        let mut spans = Vec::new();
        for run in runs {
            let mark = match run.nature {
                Nature::Words | Nature::Missing => None,
                Nature::Recorded => Some('\u{2068}'),
                Nature::Number | Nature::Exact | Nature::Digest => Some('\u{2066}'),
            };
            text.extend(mark);
            let start = text.len();
            text.push_str(&run.text);
            spans.push((run.nature, start..text.len()));
            text.extend(mark.map(|_| '\u{2069}'));
        }
        let mut builder = self.layouts.ranged_builder(&mut self.context, &text, 1.0, false);
        builder.push_default(StyleProperty::Brush(style.ink));
        builder.push_default(family(&self.text));
        builder.push_default(StyleProperty::FontSize(style.size));
        builder.push_default(StyleProperty::LineHeight(LineHeight::FontSizeRelative(1.38)));
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
        if style.bold {
            builder.push_default(StyleProperty::FontWeight(FontWeight::BOLD));
        }
        builder.set_base_direction(match language.direction {
            Direction::LeftToRight => BaseDirection::Ltr,
            Direction::RightToLeft => BaseDirection::Rtl,
        });
        for (nature, range) in spans {
            match nature {
                Nature::Exact | Nature::Digest => {
                    let smaller = if nature == Nature::Digest { 0.74 } else { 0.84 };
                    builder.push(family(&self.mono), range.clone());
                    builder.push(StyleProperty::FontSize(style.size * smaller), range);
                }
                Nature::Missing => builder.push(StyleProperty::Brush(SOFT), range),
                Nature::Words | Nature::Recorded | Nature::Number => {}
            }
        }
        let mut layout = builder.build(&text);
        layout.break_all_lines(Some(style.width));
        let side = if style.to_the_end { Alignment::End } else { Alignment::Start };
        layout.align(side, AlignmentOptions::default());
        Laid { layout, text }
    }
}

fn family(names: &[String]) -> StyleProperty<'_, Ink> {
    let names: Vec<FontFamilyName<'_>> =
        names.iter().map(|name| FontFamilyName::Named(Cow::Borrowed(name.as_str()))).collect();
    StyleProperty::FontFamily(FontFamily::List(Cow::Owned(names)))
}

/// Whether the letters are not the document's own, so that they may be escaped.
const fn is_outside(nature: Nature) -> bool {
    matches!(nature, Nature::Recorded | Nature::Exact | Nature::Digest)
}

/// Whether a letter guides the setting and leaves no mark itself.
pub(super) fn is_invisible(c: char) -> bool {
    ISOLATES.contains(&c) || c == '\n' || c == '\r'
}

/// Letters that no font has: glyph 0 is the box that stands for them.
fn missing(laid: &Laid) -> Vec<char> {
    let mut missing = Vec::new();
    for line in laid.layout.lines() {
        for cluster in line.runs().flat_map(|run| run.clusters().collect::<Vec<_>>()) {
            if cluster.glyphs().any(|glyph| glyph.id == 0) {
                let letters = laid.text.get(cluster.text_range()).unwrap_or_default();
                missing.extend(letters.chars().filter(|&c| !is_invisible(c)));
            }
        }
    }
    missing.sort_unstable();
    missing.dedup();
    missing
}

fn escape(c: char, missing: &[char]) -> String {
    if missing.contains(&c) { format!("\\u{{{:x}}}", u32::from(c)) } else { c.to_string() }
}

fn no_font(letter: char) -> RenderError {
    let [latin, others @ ..] = &SCRIPTS;
    let script = others.iter().find(|script| (script.has)(letter)).unwrap_or(latin);
    RenderError::NoFont { letter, script: script.name, package: script.package }
}
