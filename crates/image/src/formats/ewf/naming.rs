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

/// Runs of extensions: first letter, further letters before the two digits or letters that count, last first letter.
/// `.E01` to `.ZZZ`, `.S01`, `.L01`; `.Ex01` to `.EzZZ`, `.Lx01`.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Run {
    first: u8,
    /// Version 2 puts an `x` (then `y`, `z`) behind the first letter.
    second: bool,
}

/// The names in `names` that share the stem of `first` and have a segment extension of the same run, `first` included.
/// The order is settled later by the number inside each file.
pub(in crate::formats) fn siblings(first: &str, names: &[String]) -> Vec<String> {
    let Some((stem, own)) = first.rsplit_once('.') else { return vec![first.to_owned()] };
    let of_stem = |name: &str| {
        let (other, extension) = name.rsplit_once('.')?;
        (other == stem).then(|| extension.to_ascii_uppercase())
    };
    let run = run_of(own, &names.iter().filter_map(|name| of_stem(name)).collect::<Vec<_>>());
    let belongs = |name: &&String| {
        name.as_str() == first || of_stem(name).is_some_and(|extension| is_segment(extension.as_bytes(), run))
    };
    let mut found: Vec<String> = names.iter().filter(belongs).cloned().collect();
    if !found.iter().any(|name| name == first) {
        found.push(first.to_owned());
    }
    found
}

/// The run that the extension `own` is of. One of letters alone can be of three runs: their first files decide.
fn run_of(own: &str, beside: &[String]) -> Run {
    let own = own.to_ascii_uppercase();
    let second = own.len() == 4;
    let numbered = own.as_bytes().last().is_some_and(u8::is_ascii_digit);
    let starts = |letter: u8| {
        let first = if second { [letter, b'X', b'0', b'1'].to_vec() } else { [letter, b'0', b'1'].to_vec() };
        beside.iter().any(|extension| extension.as_bytes() == first)
    };
    let letter = own.bytes().next().unwrap_or(b'E');
    let first = if numbered {
        letter
    } else {
        [b'E', b'L', b'S'].into_iter().find(|first| letter >= *first && starts(*first)).unwrap_or(b'E')
    };
    Run { first, second }
}

/// Whether `extension`, in capitals, can belong to a segment of `run`.
fn is_segment(extension: &[u8], run: Run) -> bool {
    // Three letters alone could be anything (`.LOG`, `.TXT`): they belong only if they begin like an image of many parts.
    const OTHERS: [&[u8]; 9] = [b"TXT", b"LOG", b"RAW", b"XML", b"JSON", b"PDF", b"ZIP", b"IMG", b"ISO"];
    let (lead, count) = match (run.second, extension) {
        (false, &[a, b, c]) => (a, [b, c]),
        (true, &[a, x @ b'X'..=b'Z', b, c]) if a == run.first && (x == b'X' || b.is_ascii_uppercase()) => (a, [b, c]),
        _ => return false,
    };
    let numbered = lead == run.first && count.iter().all(u8::is_ascii_digit) && count != *b"00";
    let lettered = (run.first..=b'Z').contains(&lead) && count.iter().all(u8::is_ascii_uppercase);
    numbered || (lettered && !OTHERS.contains(&extension))
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

    #[test]
    fn the_runs_of_the_family_are_told_apart() {
        let names =
            ["a.Ex01", "a.Ex02", "a.ExAA", "a.EyAB", "a.Ey02", "a.Lx01", "a.L01", "a.L02", "a.LAA", "a.S01", "a.sab"];
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(siblings("a.Ex02", &names), ["a.Ex01", "a.Ex02", "a.ExAA", "a.EyAB"]);
        assert_eq!(siblings("a.Lx01", &names), ["a.Lx01"]);
        assert_eq!(siblings("a.S01", &names), ["a.S01", "a.sab"]);
        // Which run letters alone continue is settled by the signature inside; a stranger is left out there.
        assert_eq!(siblings("a.LAA", &names), ["a.L01", "a.L02", "a.LAA", "a.sab"]);
    }
}
