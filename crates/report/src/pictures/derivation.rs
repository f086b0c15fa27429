//! The tree of derivation: medium, image, what was recovered from it, and what left as a package.

use std::collections::BTreeMap;

use crate::drawing::{Drawing, LETTERS, Side, cut};
use crate::facts::{Facts, ItemFacts};
use crate::words;

/// Items and packages drawn; the table of items has all.
const ITEMS_MAX: usize = 12;
const PACKAGES_MAX: usize = 6;

/// Left edges of the four columns, and the width of a box.
const COLUMNS: [i32; 4] = [20, 2600, 5180, 7760];
const BOX: i32 = 2200;
/// Letters that fit into a line of a box.
const LETTERS_IN_BOX: usize = 19;
/// Height of a line of letters; space around them.
const LINE: i32 = LETTERS + 70;
const ROOM: i32 = 90;
const BETWEEN: i32 = 220;

/// `None` if nothing was imaged: then nothing was made from anything.
pub(crate) fn derivation(facts: &Facts) -> Option<Drawing> {
    let imaged: Vec<&ItemFacts> = facts.items.iter().filter(|item| item.acquisition.is_some()).collect();
    if imaged.is_empty() {
        return None;
    }
    let mut drawing = Drawing::default();
    let mut top = 40;
    let mut images = Vec::new();
    for item in imaged.iter().take(ITEMS_MAX) {
        let Some(record) = &item.acquisition else { continue };
        let medium =
            vec![words::text(&item.id), source(item), words::rounded(record.size_bytes, '.').unwrap_or_default()];
        let first = record.segments.first().map(|segment| words::text(&segment.name)).unwrap_or_default();
        let digest = record.digests.iter().find(|(id, _)| *id == "sha256").map(|(_, hex)| hex.to_string());
        let digest = digest.map(|hex| hex.chars().take(16).collect::<String>()).unwrap_or_default();
        let image = vec![first, words::text(&record.plan.format).to_uppercase(), digest];
        let recovered = recovered(item);
        let rows = 3.max(recovered.len());
        let middle = top + height(rows) / 2;
        boxed(&mut drawing, COLUMNS[0], middle, &medium);
        boxed(&mut drawing, COLUMNS[1], middle, &image);
        drawing.arrow((COLUMNS[0] + BOX, middle), (COLUMNS[1], middle));
        if !recovered.is_empty() {
            boxed(&mut drawing, COLUMNS[2], middle, &recovered);
            drawing.arrow((COLUMNS[1] + BOX, middle), (COLUMNS[2], middle));
        }
        images.push((middle, !recovered.is_empty()));
        top = top.saturating_add(height(rows)).saturating_add(BETWEEN);
    }
    if imaged.len() > ITEMS_MAX {
        drawing.letters((COLUMNS[0], top + LETTERS), Side::Left, format!("… +{}", imaged.len() - ITEMS_MAX));
        top = top.saturating_add(LINE);
    }
    let bottom = packages(&mut drawing, facts, &images);
    drawing.height = top.max(bottom).saturating_sub(BETWEEN).saturating_add(60);
    Some(drawing)
}

/// Packages and disclosures that the log names, with lines from every image.
fn packages(drawing: &mut Drawing, facts: &Facts, images: &[(i32, bool)]) -> i32 {
    let left = facts.custody.iter().filter(|row| matches!(row.action.as_str(), "packaged" | "disclosed"));
    let mut top = 40;
    for row in left.take(PACKAGES_MAX) {
        let name =
            row.says.iter().find(|(name, _)| name == "name").map(|(_, text)| words::text(text)).unwrap_or_default();
        let lines = vec![name, format!("[{}]", row.seq), words::text(row.time.get(..10).unwrap_or_default())];
        let middle = top + height(lines.len()) / 2;
        boxed(drawing, COLUMNS[3], middle, &lines);
        for &(from, has_files) in images {
            let edge = if has_files { COLUMNS[2] } else { COLUMNS[1] } + BOX;
            drawing.arrow((edge, from), (COLUMNS[3], middle));
        }
        top = top.saturating_add(height(lines.len())).saturating_add(BETWEEN);
    }
    top
}

/// Kinds of recovered files with their numbers, at most four lines.
fn recovered(item: &ItemFacts) -> Vec<String> {
    let Some(carve) = &item.carve else { return Vec::new() };
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for file in &carve.files {
        let count = kinds.entry(&file.kind).or_default();
        *count = count.saturating_add(1);
    }
    let mut lines: Vec<String> = kinds
        .iter()
        .take(4)
        .map(|(kind, count)| format!("{} × {}", words::text(kind), words::grouped(*count)))
        .collect();
    if kinds.len() > 4 {
        lines.push(format!("… +{}", kinds.len() - 4));
    }
    lines
}

fn source(item: &ItemFacts) -> String {
    let source = item.acquisition.as_ref().map(|record| &record.source);
    let told = source.and_then(|source| source.model.clone().or_else(|| Some(source.path.clone())));
    words::text(&told.unwrap_or_default())
}

fn height(lines: usize) -> i32 {
    i32::try_from(lines).unwrap_or_default().saturating_mul(LINE).saturating_add(ROOM)
}

fn boxed(drawing: &mut Drawing, x: i32, middle: i32, lines: &[String]) {
    let tall = height(lines.len());
    let top = middle - tall / 2;
    drawing.outline(x, top, BOX, tall);
    for (number, line) in lines.iter().enumerate() {
        let y = top + height(number + 1) - ROOM / 2 - 60;
        drawing.letters((x + BOX / 2, y), Side::Middle, cut(&line.replace('\n', " "), LETTERS_IN_BOX));
    }
}
