//! Text that reads like English and like source code, and compresses like them.

use crate::Random;

const SUBJECTS: &[&str] = &[
    "the examiner",
    "our office",
    "a neighbour",
    "the night train",
    "my sister",
    "the harbour",
    "this report",
    "the council",
    "her brother",
    "the old bridge",
    "a letter",
    "the accountant",
    "nobody",
    "the museum",
    "a colleague",
    "the driver",
];
const VERBS: &[&str] = &[
    "found",
    "described",
    "forgot",
    "repaired",
    "sold",
    "photographed",
    "delayed",
    "mentioned",
    "signed",
    "measured",
    "returned",
    "copied",
    "opened",
    "watched",
    "refused",
    "painted",
    "ordered",
    "carried",
    "noticed",
    "translated",
];
const OBJECTS: &[&str] = &[
    "the second invoice",
    "a broken camera",
    "three chairs",
    "the garden gate",
    "an empty notebook",
    "the schedule",
    "two bicycles",
    "a map of the valley",
    "the last photograph",
    "some winter coats",
    "the key to the cellar",
    "a recipe for bread",
    "the meeting room",
    "an early draft",
    "the water meter",
    "a box of lamps",
];
const ENDINGS: &[&str] = &[
    "before lunch",
    "in the rain",
    "without a word",
    "on the way home",
    "for the third time",
    "near the station",
    "as agreed",
    "by accident",
    "during the holidays",
    "at the usual price",
    "with great care",
    "until nightfall",
];
const SYLLABLES: &[&str] = &[
    "ba", "ren", "tol", "mi", "ka", "sur", "ven", "lo", "dri", "pas", "che", "nor", "fi", "gal", "ho", "lum", "ster",
    "wyn", "qua", "zel", "um", "ber", "ti", "on",
];

/// A name or rare word that no list has, so that the text does not repeat itself as lists do.
fn rare_word(random: &mut Random, text: &mut String) {
    for _ in 0..random.between(2, 4) {
        text.push_str(random.pick(SYLLABLES).copied().unwrap_or_default());
    }
}

fn word(random: &mut Random, list: &[&'static str], text: &mut String) {
    text.push_str(random.pick(list).copied().unwrap_or_default());
}

/// One sentence, from capital to full stop.
fn sentence(random: &mut Random, text: &mut String) {
    let start = text.len();
    word(random, SUBJECTS, text);
    if random.chance(1, 2) {
        text.push_str(" of ");
        rare_word(random, text);
    }
    text.push(' ');
    word(random, VERBS, text);
    text.push(' ');
    word(random, OBJECTS, text);
    if random.chance(1, 3) {
        text.push_str(&format!(" ({} of {})", random.between(1, 99), random.between(100, 9_999)));
    }
    text.push(' ');
    word(random, ENDINGS, text);
    if random.chance(1, 3) {
        text.push_str(", said ");
        rare_word(random, text);
    }
    text.push('.');
    if let Some(first) = text.get_mut(start..start.saturating_add(1)) {
        first.make_ascii_uppercase();
    }
}

/// Paragraphs of English-like ASCII text, exactly `length` bytes, with lines of about 70 characters and a line feed at
/// the end.
#[must_use]
pub(crate) fn english(random: &mut Random, length: usize) -> Vec<u8> {
    let mut text = String::with_capacity(length.saturating_add(200));
    let mut line_start = 0_usize;
    while text.len() < length {
        sentence(random, &mut text);
        let end_of_paragraph = random.chance(1, 12);
        if end_of_paragraph || text.len().saturating_sub(line_start) > 70 {
            text.push_str(if end_of_paragraph { "\n\n" } else { "\n" });
            line_start = text.len();
        } else {
            text.push(' ');
        }
    }
    cut(text, length)
}

/// Text like the source of a program, exactly `length` bytes.
#[must_use]
pub(crate) fn source_code(random: &mut Random, length: usize) -> Vec<u8> {
    let mut text = String::with_capacity(length.saturating_add(400));
    while text.len() < length {
        text.push_str("static int ");
        rare_word(random, &mut text);
        text.push_str("(struct node *node, size_t count)\n{\n");
        for _ in 0..random.between(3, 14) {
            let depth = usize::try_from(random.between(1, 3)).unwrap_or(1);
            text.push_str("\t\t\t".get(..depth).unwrap_or_default());
            statement(random, &mut text);
        }
        text.push_str("\treturn 0;\n}\n\n");
    }
    cut(text, length)
}

fn statement(random: &mut Random, text: &mut String) {
    let (mut name, number) = (String::new(), random.below(4096));
    rare_word(random, &mut name);
    text.push_str(&match random.below(6) {
        0 => format!("if (node->{name} > {number})\n"),
        1 => format!("node->{name} = count + {number};\n"),
        2 => format!("for (i = 0; i < {number}; i++)\n"),
        3 => format!("{name}(node, &table[{number}], sizeof(*node));\n"),
        4 => format!("/* {name}: see section {number} */\n"),
        _ => format!("unsigned long {name} = 0x{number:08x};\n"),
    });
}

/// Exactly `length` bytes with a line feed at the end; the text is ASCII and long enough.
fn cut(text: String, length: usize) -> Vec<u8> {
    let mut bytes = text.into_bytes();
    bytes.truncate(length);
    if let Some(last) = bytes.last_mut() {
        *last = b'\n';
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_ascii_and_exactly_as_long_as_asked() {
        for length in [0, 1, 79, 5_000] {
            for make in [english, source_code] {
                let text = make(&mut Random::new(1), length);
                assert!(text.len() == length && text.is_ascii());
                assert!(text.last().is_none_or(|&last| last == b'\n'));
            }
        }
    }
}
