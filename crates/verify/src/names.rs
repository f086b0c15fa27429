//! Names that may be unpacked anywhere without leaving their folder or becoming something else.

/// Longest name accepted, in bytes. Longer ones cannot be created on common file systems anyway.
pub const NAME_BYTES_MAX: usize = 1024;

/// Names that Windows gives to devices, whatever their extension.
const DEVICES: [&str; 24] = [
    "con", "prn", "aux", "nul", "com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt0",
    "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// Why `name` must not be used as a path, or `None` if it is harmless.
#[must_use]
pub fn danger(name: &str) -> Option<&'static str> {
    let mut letters = name.chars();
    let drive = letters.next().is_some_and(|c| c.is_ascii_alphabetic()) && letters.next() == Some(':');
    match name {
        "" => Some("it is empty"),
        _ if name.len() > NAME_BYTES_MAX => Some("it is longer than 1024 bytes"),
        _ if name.contains('\0') => Some("it contains a NUL"),
        _ if name.chars().any(char::is_control) => Some("it contains control characters"),
        _ if name.contains('\\') => Some("it contains a backslash"),
        _ if name.starts_with('/') => Some("it is an absolute path"),
        _ if name.starts_with('~') => Some("it begins with a tilde, which shells replace by a home folder"),
        _ if drive => Some("it begins with a drive letter"),
        _ => name.split('/').find_map(part_danger),
    }
}

/// What is wrong with one part of a path.
fn part_danger(part: &str) -> Option<&'static str> {
    let stem = part.split('.').next().unwrap_or_default();
    match part {
        "" => Some("it has an empty part"),
        "." => Some("it has a part \".\""),
        ".." => Some("it leads out of its folder (\"..\")"),
        _ if DEVICES.iter().any(|device| device.eq_ignore_ascii_case(stem)) => {
            Some("a part of it is a device on Windows")
        }
        _ if part.ends_with(['.', ' ']) => Some("a part of it ends with a dot or space, which Windows drops"),
        _ => None,
    }
}

/// Whether `name` is one that a package may use: parts of ASCII letters, digits, `.`, `_` and `-`, at most 100 characters
/// each and 200 in all, without a dot at either end of a part, and no device.
#[must_use]
pub fn is_plain(name: &str) -> bool {
    let plain = |part: &str| {
        let allowed = part.bytes().all(|c| c.is_ascii_alphanumeric() || b"._-".contains(&c));
        allowed && part.len() <= 100 && !part.starts_with('.') && !part.ends_with('.')
    };
    danger(name).is_none() && name.len() <= 200 && name.split('/').all(plain)
}

/// The form under which names collide on systems that do not tell upper from lower case.
#[must_use]
pub fn folded(name: &str) -> String {
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_packages_are_plain_and_others_are_not() {
        for name in ["bagit.txt", "data/items/HDD-1/disk.E01", "a_b/-"] {
            assert!(is_plain(name), "{name}");
        }
        for name in
            ["", "a b", "a%0A", "ä", ".a", "a.", "a/.b", "a//b", "com1.E01", &"a/".repeat(101), &"a".repeat(101)]
        {
            assert!(!is_plain(name), "{name}");
        }
    }

    #[test]
    fn what_leaves_the_folder_or_becomes_a_device_is_dangerous_and_the_rest_is_not() {
        let bad = [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a/./b",
            "./a",
            "a//b",
            "a/",
            "C:/x",
            "c:x",
            "a\\b",
            "~/x",
            "~root/x",
            "a\0b",
            "a\nb",
            "data/CON",
            "data/nul.txt",
            "data/x.",
            "data/x ",
            "\\\\?\\UNC\\x",
        ];
        for name in bad {
            assert!(danger(name).is_some(), "{name:?}");
        }
        assert!(danger(&"a".repeat(1025)).is_some());
        for name in ["a", "data/a b.txt", "data/..a", "data/a..b", "data/console", "data/größe", "data/x:y", ".hidden"]
        {
            assert_eq!(danger(name), None, "{name:?}");
        }
    }
}
