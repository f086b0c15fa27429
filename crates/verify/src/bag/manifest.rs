//! Manifests, line by line, against the files as they really are.

use std::collections::{BTreeMap, HashMap};

use exhibit_evidence::{from_hex, to_hex};

use super::{Declaration, Rules};
use crate::collect::{FINDINGS_MAX, Findings};
use crate::ledger::{Algorithm, Ledger};
use crate::lines::{self, Ends, Line};
use crate::members::Members;
use crate::names;

/// What every manifest is compared with.
pub(super) struct Context<'a> {
    pub(super) members: &'a dyn Members,
    pub(super) ledger: &'a Ledger,
    pub(super) rules: Rules,
    pub(super) declaration: Declaration,
}

/// Files that are never listed in a tag manifest of a package: the tag manifests themselves and what signs them.
const UNLISTED: [&str; 4] = [
    "tagmanifest-sha256.txt",
    "tagmanifest-sha512.txt",
    "signatures/tagmanifest-sha256.txt.sig",
    "signatures/tagmanifest-sha512.txt.sig",
];

/// Further signatures and what they need: made from the signatures, or after them.
const UNLISTED_FURTHER: [&str; 4] = [
    "signatures/tagmanifest-sha512.txt.p7s",
    "signatures/tagmanifest-sha512.txt.sig.tst",
    "signatures/validation-certificates.pem",
    "signatures/validation-lists.pem",
];

/// The files that one manifest lists: name to the line it stands in.
type Listed<'a> = HashMap<&'a str, u64>;

/// Which kind of manifest, and so which files may stand in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Payload,
    Tags,
}

/// One manifest while it is read.
struct Reading<'a, 'f> {
    context: &'a Context<'a>,
    name: String,
    kind: Kind,
    algorithm: Algorithm,
    listed: Listed<'a>,
    /// Listed files that are not there: name to digest as written and line; no more than findings are kept.
    missing: BTreeMap<String, (Vec<u8>, u64)>,
    findings: &'f mut Findings,
}

/// Checks a payload manifest and returns the files it lists that exist.
pub(super) fn payload<'a>(
    context: &'a Context<'a>,
    algorithm: Algorithm,
    findings: &mut Findings,
) -> std::collections::HashSet<&'a str> {
    let name = format!("manifest-{}.txt", algorithm.id());
    read(context, name, Kind::Payload, algorithm, findings).into_keys().collect()
}

/// Checks a tag manifest: the files it lists, and that it lists what it must.
pub(super) fn tags(context: &Context<'_>, algorithm: Algorithm, payload: &[Algorithm], findings: &mut Findings) {
    let name = format!("tagmanifest-{}.txt", algorithm.id());
    let listed = read(context, name.clone(), Kind::Tags, algorithm, findings);
    let mut demand = |file: &str| {
        if !listed.contains_key(file) {
            findings.wrong("bag-unlisted", file, format!("{name} does not list this file"));
        }
    };
    if context.rules == Rules::Package {
        let tag_files = context.ledger.files.keys().filter(|file| !file.starts_with("data/"));
        let unlisted = |file: &str| UNLISTED.contains(&file) || UNLISTED_FURTHER.contains(&file);
        tag_files.filter(|file| !unlisted(file)).for_each(|file| demand(file));
    } else if context.declaration.at_least(0, 97) {
        payload.iter().for_each(|algorithm| demand(&format!("manifest-{}.txt", algorithm.id())));
    }
}

fn read<'a>(
    context: &'a Context<'a>,
    name: String,
    kind: Kind,
    algorithm: Algorithm,
    findings: &mut Findings,
) -> Listed<'a> {
    let (listed, missing) = (Listed::new(), BTreeMap::new());
    let ends = if context.rules == Rules::Package { Ends::Lf } else { Ends::Any };
    let mut reading = Reading { context, name: name.clone(), kind, algorithm, listed, missing, findings };
    let done = lines::each(context.members, &name, ends, &mut |line| reading.line(&line));
    reading.report_missing();
    let Reading { listed, findings, .. } = reading;
    if let Err(finding) = done {
        findings.push(finding);
    }
    listed
}

impl Reading<'_, '_> {
    fn wrong(&mut self, line: &Line<'_>, code: &str, text: &str) {
        self.findings.wrong_at(line.at, code, format!("{}: line {}", self.name, line.number), text);
    }

    fn note(&mut self, line: &Line<'_>, code: &str, text: &str) {
        self.findings.note(code, format!("{}: line {}", self.name, line.number), text);
    }

    fn line(&mut self, line: &Line<'_>) {
        let Some(text) = self.context.declaration.encoding.decode(line.bytes) else {
            return self.wrong(line, "bag-manifest-line", "not text in the encoding that bagit.txt declares");
        };
        let split = match self.context.rules {
            Rules::Package if !line.ended => None,
            Rules::Package => split_exact(&text),
            Rules::General => split_general(&text),
        };
        let Some((hex, path)) = split else {
            return self.wrong(line, "bag-manifest-line", "not a digest, white space and a path");
        };
        let digest = from_hex(hex).filter(|digest| digest.len() == self.algorithm.bytes());
        let exact = self.context.rules == Rules::General || hex.bytes().all(|c| !c.is_ascii_uppercase());
        let Some(digest) = digest.filter(|_| exact) else {
            let text = format!("not a digest of {}", self.algorithm.id());
            return self.wrong(line, "bag-manifest-line", &text);
        };
        let path = self.relative(line, path);
        if let Some(danger) = names::danger(&path) {
            return self.wrong(line, "bag-path", &format!("{path}: this path must not be followed: {danger}"));
        }
        self.scope(line, &path);
        self.compare(line, &path, digest);
    }

    /// Old bags may begin a path with `./`; version 1.0 may not.
    fn relative(&mut self, line: &Line<'_>, path: &str) -> String {
        let old = self.context.rules == Rules::General && !self.context.declaration.at_least(1, 0);
        match path.strip_prefix("./") {
            Some(rest) if old => {
                self.note(line, "bag-path-form", "the path begins with \"./\"");
                rest.to_owned()
            }
            _ => path.to_owned(),
        }
    }

    /// Payload manifests list payload, tag manifests list everything else but tag manifests.
    fn scope(&mut self, line: &Line<'_>, path: &str) {
        let in_payload = path.starts_with("data/");
        let is_tag_manifest = path.starts_with("tagmanifest-");
        match self.kind {
            Kind::Payload if !in_payload => self.wrong(line, "bag-path", &format!("{path} is not below data/")),
            Kind::Tags if in_payload || is_tag_manifest => {
                self.wrong(line, "bag-path", &format!("{path} must not stand in a tag manifest"));
            }
            _ => {}
        }
    }

    fn compare(&mut self, line: &Line<'_>, path: &str, digest: Vec<u8>) {
        let decoded = percent_decoded(path);
        let ledger = self.context.ledger;
        let found = ledger.files.get_key_value(path).or_else(|| ledger.files.get_key_value(&decoded));
        let Some((name, real)) = found else {
            if self.missing.len() < FINDINGS_MAX {
                self.missing.insert(path.to_owned(), (digest, line.number));
            } else {
                self.absent(path, line.number);
            }
            return;
        };
        if let Some(earlier) = self.listed.insert(name.as_str(), line.number) {
            self.twice(line, path, earlier);
        }
        let Some(computed) = real.digest(self.algorithm) else { return };
        if computed != digest.as_slice() {
            let (id, listed, computed) = (self.algorithm.id(), to_hex(&digest), to_hex(computed));
            let text = format!("{id}: {} line {} says {listed}, the file has {computed}", self.name, line.number);
            self.findings.wrong("bag-digest", name.as_str(), text);
        }
    }

    fn twice(&mut self, line: &Line<'_>, path: &str, earlier: u64) {
        let text = format!("{path} stands in line {earlier} already");
        // The drafts before 1.0 leave it open; a differing digest fails for itself.
        if self.context.rules == Rules::General && !self.context.declaration.at_least(1, 0) {
            self.note(line, "bag-duplicate", &text);
        } else {
            self.wrong(line, "bag-duplicate", &text);
        }
    }

    fn absent(&mut self, path: &str, line: u64) {
        let text = format!("{path} is listed, and there is no such file");
        self.findings.wrong("bag-missing", format!("{}: line {line}", self.name), text);
    }

    /// A listed file that is not there is wrong, unless it is there under a name that differs in case only, with the same
    /// digest, which is what becomes of two such files on a system that does not tell them apart.
    fn report_missing(&mut self) {
        let missing = std::mem::take(&mut self.missing);
        let tolerant = self.context.rules == Rules::General && !missing.is_empty();
        let listed = self.listed.keys().filter(|_| tolerant);
        let by_folded: HashMap<String, &str> = listed.map(|name| (names::folded(name), *name)).collect();
        for (path, (digest, number)) in missing {
            let twin = by_folded.get(&names::folded(&path)).copied();
            let twin = twin.filter(|name| {
                let real = self.context.ledger.get(name).and_then(|real| real.digest(self.algorithm));
                real == Some(digest.as_slice())
            });
            match twin {
                Some(twin) => {
                    let text = format!("{path} is missing, but {twin} differs in case only and has the same digest");
                    self.findings.note("bag-case", format!("{}: line {number}", self.name), text);
                }
                None => self.absent(&path, number),
            }
        }
    }
}

/// Lower-case digest, two spaces, path: the only form in a package.
fn split_exact(text: &str) -> Option<(&str, &str)> {
    text.split_once("  ").filter(|(_, path)| !path.starts_with(' '))
}

/// Digest, any white space, and a path that some writers mark as binary with an asterisk.
fn split_general(text: &str) -> Option<(&str, &str)> {
    let (hex, rest) = text.split_once([' ', '\t'])?;
    let path = rest.trim_start_matches([' ', '\t']);
    let path = path.strip_prefix('*').unwrap_or(path);
    (!path.is_empty()).then_some((hex, path))
}

/// `%0A`, `%0D` and `%25` as the characters they stand for; no other sequence means anything (RFC 8493 §2.1.3).
fn percent_decoded(path: &str) -> String {
    let replaced = ["%0A", "%0a"].iter().fold(path.to_owned(), |text, code| text.replace(code, "\n"));
    let replaced = ["%0D", "%0d"].iter().fold(replaced, |text, code| text.replace(code, "\r"));
    replaced.replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_at_white_space_and_paths_keep_theirs() {
        assert_eq!(split_exact("ab  data/a b"), Some(("ab", "data/a b")));
        assert_eq!(split_exact("ab data/a"), None);
        assert_eq!(split_exact("ab   data/a"), None);
        assert_eq!(split_general("ab\t data/a  b"), Some(("ab", "data/a  b")));
        assert_eq!(split_general("ab *data/a"), Some(("ab", "data/a")));
        assert_eq!(split_general("ab "), None);
        assert_eq!(percent_decoded("a%0Ab%25c%20"), "a\nb%c%20");
    }
}
