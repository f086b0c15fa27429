//! Ids and titles: unique, lower-case, speakable; and constants that two crates must agree on.

use exhibit_acquire::POLICIES;
use exhibit_carve::{HEAD_BYTES, KINDS};
use exhibit_forge::PLANTS;
use exhibit_hash::ALGORITHMS;
use exhibit_image::FORMATS;
use exhibit_report::OUTPUTS;

/// Ids that become words of the command line, file names and members of records.
fn are_good_ids<'a>(table: &str, ids: impl IntoIterator<Item = &'a str>) {
    let ids: Vec<&str> = ids.into_iter().collect();
    assert!(!ids.is_empty(), "{table} is empty");
    for (index, id) in ids.iter().enumerate() {
        let plain = id.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-');
        assert!(plain && !id.is_empty() && id.len() <= 24, "{table}: {id:?}");
        assert!(!ids[..index].contains(id), "{table}: {id} stands twice");
    }
}

#[test]
fn ids_are_unique_and_plain() {
    are_good_ids("FORMATS", FORMATS.iter().map(|format| format.spec().id));
    are_good_ids("ALGORITHMS", ALGORITHMS.iter().map(|algorithm| algorithm.id()));
    are_good_ids("KINDS", KINDS.iter().map(|kind| kind.id()));
    are_good_ids("types of KINDS", KINDS.iter().flat_map(|kind| kind.types()).map(|file_type| file_type.id));
    are_good_ids("POLICIES", POLICIES.iter().map(|policy| policy.id));
    are_good_ids("PLANTS", PLANTS.iter().map(|plant| plant.id()));
    are_good_ids("OUTPUTS", OUTPUTS.iter().map(|output| output.id));
}

#[test]
fn everything_has_a_title_for_people() {
    for spec in FORMATS.iter().map(|format| format.spec()) {
        assert!(spec.title.len() >= 5 && spec.reference.len() >= 10, "{}", spec.id);
        assert!(!spec.extension.is_empty() && !spec.extension.starts_with('.'), "{}", spec.id);
    }
    for output in OUTPUTS {
        assert!(output.title.len() >= 5 && !output.extension.starts_with('.'), "{}", output.id);
    }
    for policy in POLICIES {
        let text = (policy.describe)(4096, 17);
        assert!(text.starts_with(policy.id) && text.contains("17") && text.contains("4096"), "{text}");
    }
    for kind in KINDS {
        assert_eq!(kind.types()[0].id, kind.id(), "the first type of a kind has its id");
        assert!(!kind.signatures().is_empty(), "{}", kind.id());
        for signature in kind.signatures().iter().filter(|signature| signature.len() < 3) {
            // Two bytes are met in noise every 64 KiB: what follows them must be looked at before a judge is called.
            let mut state = 1_u64;
            let mut noise = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as u8
            };
            let heads = (0..10_000).map(|_| {
                let mut head: Vec<u8> = (0..HEAD_BYTES).map(|_| noise()).collect();
                head[..signature.len()].copy_from_slice(signature);
                head
            });
            let taken = heads.filter(|head| kind.plausible(head)).count();
            assert!(taken < 10, "{}: {taken} of 10000 pieces of noise behind {signature:?} go to the judge", kind.id());
        }
    }
}

#[test]
fn everything_is_found_by_its_id_and_nothing_else_is() {
    for format in FORMATS {
        assert_eq!(exhibit_image::format(format.spec().id).unwrap().spec().id, format.spec().id);
    }
    for algorithm in ALGORITHMS {
        for spelling in
            [algorithm.id().to_owned(), algorithm.id().to_uppercase(), algorithm.id().replace("sha", "SHA-")]
        {
            assert_eq!(exhibit_hash::algorithm(&spelling).unwrap().id(), algorithm.id(), "{spelling}");
        }
    }
    for plant in PLANTS {
        assert_eq!(exhibit_forge::plants::plant(plant.id()).unwrap().id(), plant.id());
    }
    assert!(POLICIES.iter().all(|policy| exhibit_acquire::policy(policy.id).is_some()));
    assert!(OUTPUTS.iter().all(|output| exhibit_report::find_output(output.id).is_some()));
    assert!(exhibit_image::format("").is_none() && exhibit_hash::algorithm("md").is_none());
    assert!(exhibit_acquire::policy("").is_none() && exhibit_report::find_output("").is_none());
}

/// Formats that two crates write down for themselves, because neither may import the other.
#[test]
fn crates_that_do_not_know_each_other_agree() {
    assert_eq!(exhibit_custody::sshsig::NAMESPACE_PACKAGE, exhibit_package::layout::SIGNATURE_NAMESPACE);
    assert_eq!(
        exhibit_hash::BLOCK_BYTES,
        exhibit_hash::tree::NODE_BYTES,
        "the pipeline makes one tree node of a block"
    );
    assert_eq!(exhibit_hash::tree::NODE_BYTES % exhibit_hash::tree::LEAF_BYTES, 0);
    assert!((exhibit_hash::tree::NODE_BYTES / exhibit_hash::tree::LEAF_BYTES).is_power_of_two());
    assert!(exhibit_package::layout::CUSTODY.ends_with(exhibit_custody::layout::FOLDER));
    // Every plant that claims a signature is of a type that the carver knows, so that practice disks can be graded.
    for plant in PLANTS.iter().filter(|plant| plant.has_signature()) {
        let known = KINDS.iter().flat_map(|kind| kind.types()).any(|file_type| file_type.id == plant.kind());
        assert!(known, "{} plants {}, which no kind finds", plant.id(), plant.kind());
    }
}
