//! What the binary writes, judged by other people's programs.

use std::path::Path;

use exhibit_tests::foreign::run;

use crate::harness::Desk;
use crate::medium::{digest, mixed, noise};

#[test]
fn libewf_finds_our_images_whole_with_the_same_md5() {
    let desk = Desk::new();
    for (number, (size, more)) in [
        (1, ""),
        (512, ""),
        (513, ""),
        (32_769, "--compression best"),
        ((1 << 20) + 1, "--compression none"),
        (5 << 20, "--segment-size 1MiB"),
    ]
    .into_iter()
    .enumerate()
    {
        let source = if size > 2 << 20 { noise(size, 3) } else { mixed(size, 3) };
        desk.write("source", &source);
        desk.exhibit(&format!("acquire source --to {number}/x --hash md5,sha1 {more}")).ends(0);
        let image = desk.path(format!("{number}/x.E01"));
        let Some(said) = run("ewfverify", &["-q".as_ref(), "-d".as_ref(), "sha1".as_ref(), &image]) else { return };
        assert!(said.success, "{size} {more}: {}", said.text);
        // EWF counts whole sectors: the digest it keeps is of the medium padded with zeros to its last sector.
        let mut padded = source.clone();
        padded.resize(size.next_multiple_of(512), 0);
        let Some(said) = run("ewfinfo", &[&image]) else { return };
        assert!(said.text.contains(&digest("md5", &padded)), "{size} {more}: {}", said.text);
        let Some(said) = run("img_stat", &[&image]) else { return };
        assert!(said.success && said.text.contains(&padded.len().to_string()), "{size}: {}", said.text);
    }
}

#[test]
fn libewf_shows_the_metadata_that_were_typed() {
    let desk = Desk::new();
    desk.write("source", &mixed(5000, 1));
    let call =
        desk.exhibit("acquire source --to x --case-number C-9 --evidence-number E-1 --examiner").arg("Zoë Example");
    call.arg("--description").arg("blue stick").arg("--notes").arg("in a drawer").ends(0);
    let Some(said) = run("ewfinfo", &[&desk.path("x.E01")]) else { return };
    for text in ["C-9", "E-1", "blue stick", "in a drawer"] {
        assert!(said.text.contains(text), "{text}: {}", said.text);
    }
}

#[test]
fn the_sleuth_kit_lists_the_files_of_an_imaged_disk() {
    let desk = Desk::new();
    let forged = exhibit_forge::Recipe::empty(7, 8 << 20)
        .plant("png", 20_000, exhibit_forge::State::Live, false)
        .plant("pdf", 30_000, exhibit_forge::State::Deleted, false)
        .forge()
        .unwrap();
    desk.write("disk.raw", forged.disk.bytes());
    desk.exhibit("acquire disk.raw --to x").ends(0);
    let sector = (forged.truth.file_system.offset / 512).to_string();
    let list = |image: &Path| run("fls", &["-r".as_ref(), "-p".as_ref(), "-o".as_ref(), sector.as_ref(), image]);
    let (Some(ours), Some(raw)) = (list(&desk.path("x.E01")), list(&desk.path("disk.raw"))) else { return };
    assert!(ours.success && ours.text == raw.text, "{}\n{}", ours.text, raw.text);
    for object in forged.truth.objects.iter().filter_map(|object| object.name.as_ref()) {
        let name = object.trim_start_matches('/');
        assert!(ours.text.contains(name) || ours.text.contains('*'), "{name}: {}", ours.text);
    }
}

#[test]
fn foreign_images_are_read_verified_and_converted_through_the_binary() {
    let desk = Desk::new();
    for (name, md5) in [
        ("ewf/plaso-image.E01", "d73c51f10c7ee6a681b7b619ccc6f1c4"),
        ("ewf/dfvfs-ext2.E01", "196066add11fb71c4c49cf1bb50d6d24"),
        ("ewf/nps-2010-emails.E01", "7dae50cec8163697415e69fd72387c01"),
        ("ewf/tsk-imageformat_mmls_1.E01", "8ec671e301095c258224aad701740503"),
        ("ewf/be-german_utf8.E01", "0f8b13379c8da8a8135e0ea3c6f01978"),
    ] {
        let Some(path) = exhibit_tests::places::data_file(name) else { continue };
        desk.exhibit("verify").arg(&path).ends(0);
        let hashed = desk.exhibit("hash --algorithms md5").arg(&path).outcome(0);
        assert_eq!(hashed["files"][0]["digests"]["md5"], md5, "{name}");
        let info = desk.exhibit("info").arg(&path).outcome(0);
        assert_eq!(info["stored_digests"]["md5"], md5, "{name}");
        let base = format!("{}-converted", name.replace('/', "-"));
        desk.exhibit("export --format e01 --to").arg(&base).arg(&path).ends(0);
        let again = desk.exhibit(&format!("hash --algorithms md5 {base}.E01")).outcome(0);
        assert_eq!(again["files"][0]["digests"]["md5"], md5, "{name} converted");
    }
}
