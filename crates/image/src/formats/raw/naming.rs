//! Names of the files of a split raw image: `disk.001`, `disk.002`, … (also from `.000`, also wider), or `disk.aa`, ….

/// Longest run of missing numbers that is taken for missing files; beyond it the name means something else.
const MISSING_MAX: u64 = 1000;

/// The extension of file `number`, which counts from 1.
pub(super) fn extension(number: u64) -> String {
    format!("{number:03}")
}

/// A way to count in extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// At least so many digits, with zeros in front.
    Digits(usize),
    /// Exactly so many letters, from `aa…`.
    Letters(usize),
}

impl Style {
    /// The number that `extension` stands for.
    fn number(self, extension: &str) -> Option<u64> {
        match self {
            Self::Digits(width) => {
                let number =
                    Some(extension).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()?;
                (extension == format!("{number:0width$}")).then_some(number)
            }
            Self::Letters(width) => {
                let letter = |byte: u8| byte.is_ascii_lowercase().then(|| u64::from(byte.wrapping_sub(b'a')));
                let add = |sum: u64, byte: u8| Some(sum.saturating_mul(26).saturating_add(letter(byte)?));
                Some(extension).filter(|text| text.len() == width)?.bytes().try_fold(0, add)
            }
        }
    }

    /// The ways in which `extension` may count.
    fn of(extension: &str) -> Vec<Self> {
        let digits = extension.bytes().all(|byte| byte.is_ascii_digit());
        match extension.len() {
            length if digits && (3..=9).contains(&length) => (3..=length).map(Self::Digits).collect(),
            length @ (2 | 3) => vec![Self::Letters(length)],
            _ => Vec::new(),
        }
    }

    /// The number of a first file: counting begins with `.000`, `.001` or `.aa`.
    const fn can_begin(self, number: u64) -> bool {
        number == 0 || (number == 1 && matches!(self, Self::Digits(_)))
    }
}

/// The files of the split image that `first` is one of, numbered and in order; `None` if it is none.
///
/// There must be a beginning beside (`.000`, `.001`, `.aa`), or two numbers with zeros in front: a `report.2024` beside a
/// `report.2023` is no image.
pub(super) fn parts(first: &str, names: &[String]) -> Option<Vec<(u64, String)>> {
    let (stem, own) = first.rsplit_once('.')?;
    let extension =
        |name: &str| name.rsplit_once('.').filter(|(other, _)| *other == stem).map(|(_, end)| end.to_owned());
    Style::of(own).into_iter().find_map(|style| {
        let own_number = style.number(own)?;
        let numbered = |name: &String| Some((style.number(&extension(name)?)?, name.clone()));
        let mut found: Vec<(u64, String)> = names.iter().filter_map(numbered).collect();
        if !found.iter().any(|(number, _)| *number == own_number) {
            found.push((own_number, first.to_owned()));
        }
        found.sort();
        found.dedup_by_key(|(number, _)| *number);
        let &(lowest, _) = found.first()?;
        let padded = found.iter().filter(|(_, name)| extension(name).is_some_and(|end| end.starts_with('0'))).count();
        let begins = style.can_begin(lowest) || (matches!(style, Style::Digits(_)) && padded >= 2);
        (begins && found.len() >= 2).then(|| connected(found, own_number))
    })
}

/// Without what is so far away in the numbers that it cannot belong to the file `own`.
fn connected(found: Vec<(u64, String)>, own: u64) -> Vec<(u64, String)> {
    let mut groups: Vec<Vec<(u64, String)>> = Vec::new();
    for part in found {
        match groups.last_mut() {
            Some(group) if group.last().is_some_and(|(last, _)| part.0.saturating_sub(*last) <= MISSING_MAX) => {
                group.push(part);
            }
            _ => groups.push(vec![part]),
        }
    }
    groups.into_iter().find(|group| group.iter().any(|(number, _)| *number == own)).unwrap_or_default()
}

/// Whether the name is that of a later file of a split image, `.002` for example.
pub(super) fn is_later_part(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension).unwrap_or_default();
    extension.len() == 3 && Style::Digits(3).number(extension).is_some_and(|number| (2..100).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(first: &str, names: &[&str]) -> Vec<u64> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        parts(first, &names).unwrap_or_default().into_iter().map(|(number, _)| number).collect()
    }

    #[test]
    fn whichever_is_named_all_are_found_in_order() {
        let names = ["a.003", "a.001", "a.txt", "b.002", "a.002", "a.0004", "a.log"];
        for first in ["a.001", "a.002", "a.003"] {
            assert_eq!(found(first, &names), [1, 2, 3], "{first}");
        }
        assert_eq!(found("a.000", &["a.000", "a.001"]), [0, 1]);
        assert_eq!(found("a.dd.ab", &["a.dd.aa", "a.dd.ab", "a.dd.zz1"]), [0, 1]);
        assert_eq!(found("a.0002", &["a.0001", "a.0002"]), [1, 2]);
        assert_eq!(found("a.999", &["a.001", "a.998", "a.999", "a.1000"]), [1, 998, 999, 1000]);
        assert_eq!(found("a.1000", &["a.001", "a.998", "a.999", "a.1000"]), [1, 998, 999, 1000]);
    }

    #[test]
    fn what_only_looks_like_a_number_is_no_part() {
        assert!(found("report.2024", &["report.2023", "report.2024"]).is_empty());
        assert!(found("a.001", &["a.001", "b.002"]).is_empty());
        assert!(found("a.md", &["a.md", "a.js"]).is_empty());
        assert_eq!(found("a.001", &["a.001", "a.002", "a.99999999"]), [1, 2]);
        assert!(found("noextension", &["noextension"]).is_empty());
        assert!(
            is_later_part("x.002") && !is_later_part("x.001") && !is_later_part("x.2002") && !is_later_part("x.123")
        );
    }
}
