//! `exhibit hash --check`: what sha256sum -c does, for every list that coreutils prints.

use std::path::{Path, PathBuf};

use exhibit_hash::{Algorithm, algorithm};
use serde_json::json;

use super::small_file;
use crate::outcome::{Done, Ending, Exit, Failure, shown};
use crate::world::{Tone, World};

/// Largest list read.
const LIST_BYTES_MAX: u64 = 1 << 30;

/// A line of a list.
#[derive(Debug, PartialEq, Eq)]
struct Expected {
    algorithm: String,
    digest: String,
    name: String,
}

/// Checks every line of `list`; relative names count from the current folder, as with sha256sum.
pub(super) fn run(world: &World, list: &Path, ids: &[String]) -> Ending {
    let bytes = exhibit_device::read_small(list, LIST_BYTES_MAX).map_err(|e| Failure::io("read", list, &e))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (mut matched, mut differ, mut missing, mut malformed) = (0_u64, Vec::new(), Vec::new(), 0_u64);
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let Some(expected) = parse(line, ids) else {
            malformed += 1;
            continue;
        };
        let Some(algorithm): Option<&'static dyn Algorithm> = algorithm(&expected.algorithm) else {
            malformed += 1;
            continue;
        };
        let shown_name = exhibit_evidence::Name::from(expected.name.as_str()).to_string();
        match small_file(world, &PathBuf::from(&expected.name), &[algorithm]) {
            Ok(hashed) if hashed.digests.get(algorithm.id()) == Some(expected.digest.as_str()) => {
                matched += 1;
                world.say(&format!("{shown_name}: OK"));
            }
            Ok(_) => {
                world.say(&format!("{shown_name}: {}", world.painted("FAILED", Tone::Bad)));
                differ.push(shown_name);
            }
            Err(failure) => {
                world.say(&format!("{shown_name}: {}", world.painted("NOT READ", Tone::Bad)));
                world.complain(&format!("error: {}", failure.problem));
                missing.push(shown_name);
            }
        }
    }
    if malformed > 0 {
        world.complain(&format!("warning: {malformed} lines of {} are not digest lines", shown(list)));
    }
    if matched == 0 && differ.is_empty() && missing.is_empty() {
        return Err(Failure::new(format!("{} holds no digest lines", shown(list))));
    }
    let exit = match (differ.is_empty(), missing.is_empty() && malformed == 0) {
        (false, _) => Exit::Mismatch,
        (true, false) => Exit::Incomplete,
        (true, true) => Exit::Done,
    };
    Ok(Done::with(
        exit,
        json!({"matched": matched, "differ": differ, "not_read": missing, "malformed_lines": malformed}),
    ))
}

/// `<hex>  name`, `<hex> *name`, `\<hex>  escaped`, `SHA256 (name) = <hex>`. The plain form does not name its algorithm:
/// the length of the digest does.
fn parse(line: &str, ids: &[String]) -> Option<Expected> {
    let (escaped, line) = line.strip_prefix('\\').map_or((false, line), |rest| (true, rest));
    let unescape = |name: &str| if escaped { unescaped(name) } else { name.to_owned() };
    let hex = |text: &str| text.len().is_multiple_of(2) && text.bytes().all(|c| c.is_ascii_hexdigit());
    if let Some((head, digest)) = line.rsplit_once(") = ")
        && let Some((algorithm, name)) = head.split_once(" (")
        && hex(digest)
    {
        return Some(Expected { algorithm: algorithm.to_owned(), digest: digest.to_lowercase(), name: unescape(name) });
    }
    let (digest, rest) = line.split_once(' ')?;
    let name = rest.strip_prefix([' ', '*'])?;
    let algorithm = match digest.len() {
        32 => "md5",
        40 => "sha1",
        64 => "sha256",
        128 => "sha512",
        _ => ids.first().map(String::as_str)?,
    };
    hex(digest).then(|| Expected {
        algorithm: algorithm.to_owned(),
        digest: digest.to_lowercase(),
        name: unescape(name),
    })
}

/// Takes coreutils' escapes back: `\\n`, `\\r` and `\\\\`.
fn unescaped(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut chars = name.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next()) {
            ('\\', Some(code @ ('n' | 'r' | '\\'))) => {
                out.push(match code {
                    'n' => '\n',
                    'r' => '\r',
                    _ => '\\',
                });
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_coreutils_prints_is_read() {
        let hex = "AB".repeat(16);
        let expected = |name: &str| {
            Some(Expected { algorithm: "md5".to_owned(), digest: hex.to_lowercase(), name: name.to_owned() })
        };
        assert_eq!(parse(&format!("{hex}  a b"), &[]), expected("a b"));
        assert_eq!(parse(&format!("{hex} *a"), &[]), expected("a"));
        assert_eq!(parse(&format!("\\{hex}  a\\nb"), &[]), expected("a\nb"));
        let tagged = parse(&format!("SHA1 (x (1)) = {}", "0".repeat(40)), &[]).unwrap();
        assert_eq!((tagged.algorithm.as_str(), tagged.name.as_str()), ("SHA1", "x (1)"));
        assert_eq!(parse("hello", &[]), None);
    }
}
