//! Names of segment files: `.E01` … `.E99`, `.EAA` … `.EZZ`, `.FAA` … `.ZZZ`.

/// Most segments an E01 can have: 99 and 22 first letters of 26 × 26.
pub(super) const SEGMENTS_MAX: u32 = 99 + 22 * 676;

/// The extension of segment `number`, which counts from 1; `None` beyond [`SEGMENTS_MAX`].
pub(super) fn extension(number: u32) -> Option<String> {
    match number {
        1..=99 => Some(format!("E{number:02}")),
        100..=SEGMENTS_MAX => {
            let index = number.saturating_sub(100);
            let letter = |n: u32| char::from_u32(u32::from(b'A').saturating_add(n)).unwrap_or('Z');
            Some([letter(4 + index / 676), letter(index / 26 % 26), letter(index % 26)].iter().collect())
        }
        _ => None,
    }
}

/// The names in `names` that share the stem of `first` and have a segment extension of the same family, `first` included.
/// The order is settled later by the number inside each file.
pub(super) fn siblings(first: &str, names: &[String]) -> Vec<String> {
    let Some((stem, own)) = first.rsplit_once('.') else { return vec![first.to_owned()] };
    let family = own.chars().next().map(|c| c.to_ascii_uppercase());
    let belongs = |name: &&String| {
        name.as_str() == first
            || name.rsplit_once('.').is_some_and(|(other, extension)| other == stem && is_segment(extension, family))
    };
    let mut found: Vec<String> = names.iter().filter(belongs).cloned().collect();
    if !found.iter().any(|name| name == first) {
        found.push(first.to_owned());
    }
    found
}

/// Whether `extension` can belong to a segment of an image whose first extension begins with `family`.
fn is_segment(extension: &str, family: Option<char>) -> bool {
    let upper = extension.to_ascii_uppercase();
    let &[a, b, c] = upper.as_bytes() else { return false };
    let first = if family == Some('S') { b'S' } else { b'E' };
    let numbered = a == first && b.is_ascii_digit() && c.is_ascii_digit() && upper.get(1..) != Some("00");
    let lettered = (first..=b'Z').contains(&a) && b.is_ascii_uppercase() && c.is_ascii_uppercase();
    // Three letters alone could be anything (`.LOG`, `.TXT`): they belong only if they begin like an image of many parts.
    numbered
        || (lettered
            && !matches!(upper.as_str(), "TXT" | "LOG" | "RAW" | "XML" | "JSON" | "PDF" | "ZIP" | "IMG" | "ISO"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_run_as_encase_runs_them() {
        let expected = [(1, "E01"), (99, "E99"), (100, "EAA"), (125, "EAZ"), (126, "EBA"), (775, "EZZ"), (776, "FAA")];
        for (number, name) in expected {
            assert_eq!(extension(number).as_deref(), Some(name), "{number}");
        }
        assert_eq!(extension(14_971).as_deref(), Some("ZZZ"));
        assert_eq!((extension(0), extension(14_972)), (None, None));
        let all: std::collections::BTreeSet<_> = (1..=SEGMENTS_MAX).filter_map(extension).collect();
        assert_eq!(all.len() as u32, SEGMENTS_MAX, "no name twice");
    }

    #[test]
    fn only_segments_of_the_same_image_are_siblings() {
        let names =
            ["a.E01", "a.E02", "a.EAA", "a.e03", "b.E02", "a.tree", "a.acquisition.json", "a.TXT", "a.E04.partial"];
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(siblings("a.E01", &names), ["a.E01", "a.E02", "a.EAA", "a.e03"]);
    }
}
