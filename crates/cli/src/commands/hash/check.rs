//! `exhibit hash --check`: what sha256sum -c does, for every list that coreutils prints.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
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
    /// Exact bytes: a name need not be text.
    name: Vec<u8>,
}

/// Checks every line of `list`; relative names count from the current folder, as with sha256sum.
pub(super) fn run(world: &World, list: &Path, ids: &[String]) -> Ending {
    let bytes = exhibit_device::read_small(list, LIST_BYTES_MAX).map_err(|e| Failure::io("read", list, &e))?;
    let (mut matched, mut differ, mut missing, mut malformed) = (0_u64, Vec::new(), Vec::new(), 0_u64);
    let lines = bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    for line in lines.filter(|line| !line.trim_ascii().is_empty() && !line.starts_with(b"#")) {
        let Some(expected) = parse(line, ids) else {
            malformed += 1;
            continue;
        };
        let Some(algorithm): Option<&'static dyn Algorithm> = algorithm(&expected.algorithm) else {
            malformed += 1;
            continue;
        };
        let shown_name = exhibit_evidence::Name::new(expected.name.as_slice()).to_string();
        match small_file(world, &PathBuf::from(OsString::from_vec(expected.name)), &[algorithm]) {
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
fn parse(line: &[u8], ids: &[String]) -> Option<Expected> {
    let (escaped, line) = line.strip_prefix(b"\\").map_or((false, line), |rest| (true, rest));
    let unescape = |name: &[u8]| if escaped { unescaped(name) } else { name.to_vec() };
    let hex = |text: &[u8]| {
        let is_hex = text.len().is_multiple_of(2) && text.iter().all(u8::is_ascii_hexdigit);
        is_hex.then(|| String::from_utf8_lossy(text).to_lowercase())
    };
    let tagged = split(line, b") = ", true).and_then(|(head, digest)| Some((split(head, b" (", false)?, hex(digest)?)));
    if let Some(((algorithm, name), digest)) = tagged {
        let algorithm = std::str::from_utf8(algorithm).ok()?.to_owned();
        return Some(Expected { algorithm, digest, name: unescape(name) });
    }
    let (digest, rest) = split(line, b" ", false)?;
    let name = rest.strip_prefix(b" ").or_else(|| rest.strip_prefix(b"*"))?;
    let algorithm = match digest.len() {
        32 => "md5",
        40 => "sha1",
        64 => "sha256",
        128 => "sha512",
        _ => ids.first().map(String::as_str)?,
    };
    Some(Expected { algorithm: algorithm.to_owned(), digest: hex(digest)?, name: unescape(name) })
}

/// What is before and after the first (or last) `mark`.
fn split<'a>(line: &'a [u8], mark: &[u8], last: bool) -> Option<(&'a [u8], &'a [u8])> {
    let mut places = line.windows(mark.len()).enumerate().filter(|(_, window)| *window == mark);
    let (at, _) = if last { places.next_back()? } else { places.next()? };
    Some((line.get(..at)?, line.get(at.saturating_add(mark.len())..)?))
}

/// Takes coreutils' escapes back: `\\n`, `\\r` and `\\\\`.
fn unescaped(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((&first, tail)) = rest.split_first() {
        let code = tail.first().filter(|_| first == b'\\');
        let meant = match code {
            Some(b'n') => Some(b'\n'),
            Some(b'r') => Some(b'\r'),
            Some(b'\\') => Some(b'\\'),
            _ => None,
        };
        out.push(meant.unwrap_or(first));
        rest = if meant.is_some() { tail.get(1..).unwrap_or_default() } else { tail };
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
            Some(Expected { algorithm: "md5".to_owned(), digest: hex.to_lowercase(), name: name.as_bytes().to_vec() })
        };
        assert_eq!(parse(format!("{hex}  a b").as_bytes(), &[]), expected("a b"));
        assert_eq!(parse(format!("{hex} *a").as_bytes(), &[]), expected("a"));
        assert_eq!(parse(format!("\\{hex}  a\\nb").as_bytes(), &[]), expected("a\nb"));
        let tagged = parse(format!("SHA1 (x (1)) = {}", "0".repeat(40)).as_bytes(), &[]).unwrap();
        assert_eq!((tagged.algorithm.as_str(), tagged.name.as_slice()), ("SHA1", &b"x (1)"[..]));
        assert_eq!(parse(b"hello", &[]), None);
    }
}
