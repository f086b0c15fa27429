//! `exhibit/VERIFY.txt`: how to check a package with general tools alone.

use exhibit_evidence::Name;

use super::further;
use super::list::Listing;
use super::plan::{PackagePlan, Signer};
use crate::exports::EXPORTS;
use crate::layout::{SIGNATURE_NAMESPACE, UNLISTED};
use crate::manifest::{Item, Manifest, Role};

/// The text around the facts. A test runs its commands as they stand.
const TEMPLATE: &str = include_str!("verify.txt");

/// Tag files that every package has and the plan does not name: the declaration, the bag's description, two payload
/// manifests, the manifest, these instructions, the allowed signers and the key.
const FIXED_TAG_FILES: usize = 8;

/// Columns of a line of prose.
const WIDTH: usize = 80;

/// The instructions for one package; `further` are the announced further signatures.
pub(super) fn text(plan: &PackagePlan, manifest: &Manifest, signer: &Signer<'_>, further: &[&str]) -> String {
    let files = || manifest.items.iter().flat_map(|item| &item.files);
    let bytes = files().fold(0_u64, |sum, file| sum.saturating_add(file.size));
    let [first, second, third, fourth] = UNLISTED;
    let announcement = usize::from(!further.is_empty());
    let facts = [
        ("{case}", shown(&format!("{}, {}", plan.case.number, plan.case.title))),
        ("{created}", shown(&manifest.created)),
        ("{tool}", shown(&plan.tool)),
        ("{payload_files}", files().count().to_string()),
        ("{payload_bytes}", bytes.to_string()),
        ("{items}", plan.items.len().to_string()),
        ("{tag_files}", tag_files(plan).saturating_add(announcement).to_string()),
        ("{principal}", signer.principal.clone()),
        ("{fingerprint}", shown(signer.fingerprint.trim())),
        ("{namespace}", SIGNATURE_NAMESPACE.to_owned()),
        ("{bag}", plan.bag_name.clone()),
        ("{unlisted_1}", first.to_owned()),
        ("{unlisted_2}", second.to_owned()),
        ("{unlisted_3}", third.to_owned()),
        ("{unlisted_4}", fourth.to_owned()),
        ("{custody_records}", plan.custody.records.to_string()),
        ("{unlisted_further}", further::unlisted_line(further)),
        ("{media}", media(manifest)),
        ("{further}", further::instructions(further)),
        ("{limits}", limits(&manifest.limits)),
    ];
    fill(TEMPLATE, &facts)
}

/// How many files the tag manifests list.
fn tag_files(plan: &PackagePlan) -> usize {
    let exports = if plan.history.is_some() { EXPORTS.len() } else { 0 };
    let listed = usize::from(!matches!(plan.listing, Listing::None));
    plan.tag_files.len().saturating_add(FIXED_TAG_FILES).saturating_add(listed).saturating_add(exports)
}

/// Puts every fact in its place, once: a fact that looks like a place is left as it is.
fn fill(template: &str, facts: &[(&str, String)]) -> String {
    let mut text = String::with_capacity(template.len().saturating_mul(2));
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let fact = facts.iter().find_map(|(place, fact)| Some((fact, after.strip_prefix(place.get(1..)?)?)));
        rest = match fact {
            Some((fact, after)) => {
                text.push_str(fact);
                after
            }
            None => {
                text.push('{');
                after
            }
        };
    }
    text + rest
}

/// Text from outside on one line, with what deceives a reader escaped.
fn shown(text: &str) -> String {
    Name::from(text).to_string()
}

/// A command for every medium that lies in the package uncompressed: there the digest of the medium can be seen directly.
fn media(manifest: &Manifest) -> String {
    let mut text = String::from("\n7. THE MEDIA\n------------\n\n");
    for item in &manifest.items {
        text += &medium(item);
    }
    text + "\n"
}

fn medium(item: &Item) -> String {
    let id = shown(&item.id);
    let Some(medium) = &item.medium else {
        return format!("Item {id}: a collection of files; there is no medium to compare with.\n\n");
    };
    let segments: Vec<_> = item.files.iter().filter(|file| file.role == Role::ImageSegment).collect();
    let size = segments.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size));
    let is_raw =
        !segments.is_empty() && size == medium.size_bytes && segments.iter().all(|file| !is_container(&file.path));
    let unread = match medium.gaps.count {
        0 => "All that the source showed was read.".to_owned(),
        count => {
            let bytes = medium.gaps.bytes;
            format!("Ranges that could NOT be read: {count}, of {bytes} bytes in all. They stand as zeros.")
        }
    };
    let head = format!("Item {id}: {} bytes.\n{unread}\n", medium.size_bytes);
    match medium.digests.get("sha256") {
        Some(digest) if is_raw => {
            let paths: Vec<&str> = segments.iter().map(|file| file.path.as_str()).collect();
            format!("{head}\n    $ cat {} | sha256sum\n\nExpected: {}  -\n\n", paths.join(" "), shown(digest))
        }
        Some(digest) => {
            let advice = "Its image is in a container, so a program is needed to compute the digest of the\n\
                          medium: for example ewfverify (libewf) for E01. SHA-256 on record:";
            format!("{head}{advice}\n\n  {}\n\n", shown(digest))
        }
        None => format!("{head}No SHA-256 of the medium is on record.\n\n"),
    }
}

/// Containers are told from raw images by their endings; a wrong guess shows as a digest that differs, never as one that
/// agrees.
fn is_container(path: &str) -> bool {
    let ending = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    ending == "aff4" || ending.starts_with("ex") || ending.strip_prefix('e').is_some_and(|rest| rest.len() == 2)
}

fn limits(limits: &[String]) -> String {
    if limits.is_empty() {
        return "Nothing was listed.\n".to_owned();
    }
    limits.iter().map(|limit| wrapped(&shown(limit))).collect()
}

/// A list entry, broken between words.
fn wrapped(text: &str) -> String {
    let mut lines = String::from(" -");
    let mut column = 2;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column + length >= WIDTH {
            lines.push_str("\n  ");
            column = 2;
        }
        lines.extend([" ", word]);
        column += length.saturating_add(1);
    }
    lines + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_put_in_once_and_never_read_as_places() {
        let facts = [("{a}", "{b}".to_owned()), ("{b}", "2".to_owned())];
        assert_eq!(fill("{a} {b} {c} {", &facts), "{b} 2 {c} {");
    }

    #[test]
    fn long_sentences_are_broken_between_words() {
        let text = wrapped(&"word ".repeat(40));
        assert!(text.lines().all(|line| line.len() <= WIDTH) && text.lines().count() > 2, "{text}");
    }
}
