//! VHDX files that were not closed: what their log holds is applied in memory, or the disk says that it is not whole.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, unused_crate_dependencies, reason = "tests")]

use std::sync::Arc;

use exhibit_evidence::{Finding, MemorySource, Outcome, Severity};
use exhibit_image::{Image, ImageError, Part, format};
use exhibit_testkit::virtual_disks::{Recipe, vhdx, vhdx_left_open};

/// A block of 1 MiB, a hole, and a block that ends in the middle.
fn medium() -> Vec<u8> {
    let byte =
        |n: usize| if n >> 20 == 1 { 0 } else { (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()[1] };
    (0..(2 << 20) + 77 * 512).map(byte).collect()
}

fn disk() -> Vec<u8> {
    let medium = medium();
    vhdx(&Recipe { medium: &medium, here: |index| index != 1, id: [7; 16], parent: None })
}

fn open(bytes: &[u8]) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
    let part = Part { name: "disk.vhdx".to_owned(), source: Arc::new(MemorySource::new(bytes)) };
    let mut opened = format("vhdx").unwrap().open(vec![part])?;
    opened.value.check_structure(&mut |finding| opened.findings.push(finding));
    Ok(opened)
}

fn codes(findings: &[Finding]) -> Vec<(Severity, &str)> {
    findings.iter().map(|finding| (finding.severity, finding.code.as_str())).collect()
}

fn read(image: &dyn Image) -> Option<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(image.size()).unwrap()];
    image.read_at(0, &mut bytes).ok().map(|()| bytes)
}

#[test]
fn what_the_log_holds_is_applied_in_memory() {
    let left_open = vhdx_left_open(&disk());
    let opened = open(&left_open).unwrap();
    assert_eq!(codes(&opened.findings), [(Severity::Note, "vhdx-log-applied")]);
    assert!(opened.findings[0].text.contains("2 changes in 3 entries"), "{}", opened.findings[0].text);
    assert!(read(&*opened.value) == Some(medium()));
    assert_eq!(opened.value.description().segments[0].size_bytes, left_open.len() as u64);
}

#[test]
fn without_its_log_the_disk_would_be_another() {
    let mut without = vhdx_left_open(&disk());
    without[1 << 20..2 << 20].fill(0);
    // A log in which nothing is whole has nothing to apply; the ruined table speaks for itself.
    let opened = open(&without).unwrap();
    assert!(
        codes(&opened.findings).contains(&(Severity::Mismatch, "vhdx-block-state")),
        "{:?}",
        codes(&opened.findings)
    );
    assert!(read(&*opened.value).is_none());
}

#[test]
fn a_changed_byte_in_the_log_is_never_passed_over() {
    let left_open = vhdx_left_open(&disk());
    let log = 1 << 20;
    let row = [log + (1 << 20) - 4096, log, log + 4096, log + 2 * 4096, log + 3 * 4096];
    for start in row {
        for at in (start..start + 4096).step_by(61).chain(start..start + 128) {
            let mut changed = left_open.clone();
            changed[at] ^= 0x10;
            match open(&changed) {
                Err(error) => assert!(error.to_string().contains("disk.vhdx"), "{error}"),
                Ok(opened) => {
                    let heavy = opened.findings.iter().any(|finding| finding.severity > Severity::Note);
                    assert!(heavy || read(&*opened.value) == Some(medium()), "byte {at}");
                }
            }
        }
    }
}

#[test]
fn a_file_that_was_cut_since_its_log_was_written_says_so() {
    let left_open = vhdx_left_open(&disk());
    let opened = open(&left_open[..left_open.len() - (1 << 20) + 20_000]).unwrap();
    let found = codes(&opened.findings);
    assert!(found.contains(&(Severity::Mismatch, "vhdx-cut")), "{found:?}");
    // What lay in the part that is gone is not zero.
    assert!(read(&*opened.value).is_none());
}

#[test]
fn a_row_whose_beginning_is_gone_is_not_applied() {
    let mut changed = vhdx_left_open(&disk());
    // The header of the first entry: the row says that it begins there.
    changed[(2 << 20) - 4096..2 << 20].fill(0);
    let opened = open(&changed).unwrap();
    // The old entry is whole and alone, but what it changes is long changed: it is not applied either.
    let found = codes(&opened.findings);
    assert!(found.contains(&(Severity::Mismatch, "vhdx-log-broken")), "{found:?}");
    assert!(!found.contains(&(Severity::Note, "vhdx-log-applied")), "{found:?}");
}
