//! Whole runs: what is found where, what contains what, what is written, and what happens when things go wrong.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails loudly, helpers included"
)]

mod samples;

use std::collections::BTreeMap;

use exhibit_carve::{Align, CarveError, Class, KeepClass, Object, Plan, Types, carve, find};
use exhibit_evidence::{ByteRange, Cancel, Event, Known, MemorySource, Observer, Phase, ReadFault, Silent, Source};
use exhibit_testkit::{Faulty, MemoryStore, Transcript};
use md5::{Digest, Md5};
use samples::documents::{self, Member, Style};
use samples::{Noise, pictures};

/// Offset, type and bytes of a planted file.
type Place = (u64, &'static str, Vec<u8>);

/// Every sample at a sector, noise between them; and where each begins.
fn disk(seed: u64) -> (Vec<u8>, Vec<Place>) {
    let (mut bytes, mut places, mut noise) = (Noise(seed).bytes(3 * 512), Vec::new(), Noise(seed + 1));
    for (_, file_type, sample) in samples::all() {
        places.push((bytes.len() as u64, file_type, sample.clone()));
        bytes.extend_from_slice(&sample);
        // The noise ends at a sector and never continues an end of line.
        bytes.push(b'!');
        let gap = bytes.len().next_multiple_of(512) - bytes.len() + 512 * noise.below(5);
        bytes.extend_from_slice(&noise.bytes(gap));
    }
    (bytes, places)
}

fn plan(align: Align) -> Plan {
    Plan { align, ..Plan::default() }
}

fn search(bytes: &[u8], plan: &Plan) -> Vec<Object> {
    find(&MemorySource::new(bytes), plan, &Silent, &Cancel::new()).unwrap().objects
}

fn whole(objects: &[Object]) -> Vec<(u64, &'static str, u64)> {
    let whole = objects.iter().filter(|object| object.class <= Class::Consistent);
    whole.map(|object| (object.offset(), object.file_type.id, object.size())).collect()
}

#[test]
fn every_planted_file_is_found_where_it_lies_and_nothing_else() {
    let (bytes, places) = disk(1);
    let expected: Vec<_> = places.iter().map(|(at, kind, sample)| (*at, *kind, sample.len() as u64)).collect();
    for align in [Align::Byte, Align::Sector, Align::Auto] {
        let objects = search(&bytes, &plan(align));
        assert_eq!(whole(&objects), expected, "{align:?}");
        assert!(objects.iter().all(|object| object.class <= Class::Consistent), "{objects:#?}");
    }
}

#[test]
fn files_that_begin_anywhere_are_found_byte_by_byte_only() {
    let (mut bytes, places) = disk(2);
    bytes.splice(0..0, *b"shift");
    let expected: Vec<_> = places.iter().map(|(at, kind, sample)| (*at + 5, *kind, sample.len() as u64)).collect();
    assert_eq!(whole(&search(&bytes, &plan(Align::Byte))), expected);
    assert!(whole(&search(&bytes, &plan(Align::Sector))).is_empty());
}

#[test]
fn results_are_the_same_on_any_number_of_threads() {
    let (mut bytes, _) = disk(3);
    // Damage and bait, so that every path is taken.
    bytes.extend_from_slice(&disk(4).0[..9000]);
    (0..300).for_each(|_| bytes.extend_from_slice(b"PK\x03\x04%PDF-1.4\xff\xd8\xff\xe0GIF89a"));
    let (more, _) = disk(5);
    bytes.extend_from_slice(&more[512..]);
    let run = |jobs: usize| {
        let store = MemoryStore::new();
        let mut plan = Plan { jobs, keep: KeepClass::All, align: Align::Byte, ..Plan::default() };
        // Several rounds even in a small disk.
        (plan.limits.scan_block_bytes, plan.limits.round_bytes) = (4096, 16_384);
        let summary = carve(&MemorySource::new(bytes.clone()), &plan, &store, &Silent, &Cancel::new()).unwrap();
        assert!(summary.files_written > 0);
        store.files()
    };
    let one = run(1);
    assert!(one.len() > 12);
    for jobs in [2, 7] {
        let other = run(jobs);
        assert!(other.keys().eq(one.keys()), "{jobs} threads");
        for (name, bytes) in &one {
            assert!(other[name] == *bytes, "{name} differs on {jobs} threads");
        }
    }
}

#[test]
fn signatures_across_block_borders_are_found_once() {
    let sample = pictures::png(20, 20, 1);
    for shift in 0..12 {
        let mut bytes = vec![b'x'; 4096 - shift];
        bytes.extend_from_slice(&sample);
        let mut plan = plan(Align::Byte);
        (plan.limits.scan_block_bytes, plan.limits.round_bytes) = (512, 4096);
        assert_eq!(whole(&search(&bytes, &plan)), [(4096 - shift as u64, "png", sample.len() as u64)]);
    }
}

#[test]
fn what_lies_in_a_whole_file_is_written_as_well_and_names_its_parent() {
    let picture = pictures::jpeg(64, 64, 0, 1);
    let archive = documents::zip(
        &[Member("p.jpg", picture.clone(), false), Member("inner.docx", documents::docx(), false)],
        Style::Plain,
    );
    let mut bytes = vec![0; 512];
    bytes.extend_from_slice(&archive);
    let objects = search(&bytes, &plan(Align::Byte));
    assert_eq!(whole(&objects).len(), 2, "{objects:#?}");
    assert_eq!((objects[0].file_type.id, objects[0].written, &objects[0].parent), ("zip", true, &None));
    assert_eq!((objects[1].file_type.id, objects[1].written), ("jpeg", true));
    assert_eq!(objects[1].parent.as_deref(), Some("zip/000000000200.zip"));
    assert_eq!(objects[1].size(), picture.len() as u64);
}

#[test]
fn a_thumbnail_neither_ends_nor_hides_its_picture() {
    let bytes = pictures::jpeg_with(96, 64, 0, 7, &pictures::jpeg(16, 16, 0, 3));
    assert_eq!(whole(&search(&bytes, &plan(Align::Byte))), [(0, "jpeg", bytes.len() as u64)]);
}

#[test]
fn a_broken_file_does_not_hide_what_lies_in_it() {
    let mut bytes = pictures::png(200, 200, 5);
    let length = bytes.len();
    let inner = documents::docx();
    // The end of the picture is overwritten by a document.
    bytes.truncate((length - 9000) / 512 * 512);
    let at = bytes.len() as u64;
    bytes.extend_from_slice(&inner);
    bytes.resize(length + 4096, 0);
    let objects = search(&bytes, &plan(Align::Sector));
    assert_eq!(whole(&objects), [(at, "docx", inner.len() as u64)]);
    let partial = objects.iter().find(|object| object.class == Class::Partial).expect("the picture's beginning");
    assert!(partial.size() <= at && partial.parent.is_none() && !partial.written);
}

/// But for packed files and folders of mail: members that follow each other without a byte between are one file.
#[test]
fn neighbours_of_the_same_kind_are_two_files() {
    let joins = ["gz", "bz2", "xz", "zstd", "lz4", "mbox"];
    for (_, file_type, sample) in samples::all().into_iter().filter(|(_, file_type, _)| !joins.contains(file_type)) {
        let bytes = [sample.as_slice(), &sample, &sample].concat();
        let length = sample.len() as u64;
        let expected = [0, length, 2 * length].map(|at| (at, file_type, length));
        assert_eq!(whole(&search(&bytes, &plan(Align::Byte))), expected);
    }
}

#[test]
fn an_archive_behind_a_torso_is_found() {
    let first = documents::zip(&documents::members(3, 1), Style::Plain);
    let directory = first.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let bytes = [&first[..directory], &documents::docx()].concat();
    let found = search(&bytes, &plan(Align::Byte));
    assert_eq!(whole(&found), [(directory as u64, "docx", documents::docx().len() as u64)]);
    assert_eq!(found.iter().filter(|object| object.class == Class::Partial).count(), 1, "{found:#?}");
}

#[test]
fn only_what_was_asked_for_is_reported() {
    let (bytes, _) = disk(6);
    let kinds = |list: &str| {
        let plan = Plan { types: Types::parse(list).unwrap(), ..plan(Align::Sector) };
        let mut ids: Vec<_> = search(&bytes, &plan).iter().map(|object| object.file_type.id).collect();
        ids.dedup();
        ids
    };
    assert_eq!(kinds("png"), ["png"]);
    assert_eq!(kinds("docx"), ["docx"]);
    assert_eq!(kinds("zip"), ["zip", "docx", "odt"]);
}

#[test]
fn the_folder_holds_what_its_listings_say() {
    let (bytes, places) = disk(7);
    let store = MemoryStore::new();
    let transcript = Transcript::new();
    let summary =
        carve(&MemorySource::new(bytes.clone()), &plan(Align::Auto), &store, &transcript, &Cancel::new()).unwrap();
    let files = store.files();
    let names = ["carved.dfxml", "carved.jsonl", "summary.json"];
    assert_eq!(files.len(), places.len() + names.len());
    assert!(names.iter().all(|name| files.contains_key(*name)));
    let lines: Vec<serde_json::Value> = files["carved.jsonl"]
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(lines.len(), places.len());
    for (line, (at, file_type, sample)) in lines.iter().zip(&places) {
        let path = line["path"].as_str().unwrap();
        assert!(path.starts_with(&format!("{file_type}/{at:012x}.")), "{path}");
        assert_eq!(&files[path], sample);
        assert_eq!(line["md5"], exhibit_evidence::to_hex(&Md5::digest(sample)));
        assert_eq!(line["size"], sample.len());
        assert_eq!(line["extents"], serde_json::json!([{"offset": at, "length": sample.len()}]));
        assert_eq!(line["type"], *file_type);
        assert!(line["parent"].is_null() && !line["reasons"].as_array().unwrap().is_empty());
    }
    let parsed: serde_json::Value = serde_json::from_slice(&files["summary.json"]).unwrap();
    assert_eq!(parsed["bytes_scanned"], bytes.len());
    assert_eq!(parsed["files_written"], places.len());
    assert_eq!(summary.files_written, places.len() as u64);
    assert_eq!(parsed["alignment"]["used"], "byte");
    let xml = String::from_utf8(files["carved.dfxml"].clone()).unwrap();
    assert_eq!(xml.matches("<fileobject>").count(), places.len());
    assert!(xml.ends_with("</dfxml>\n") && xml.contains(&format!("img_offset=\"{}\"", places[0].0)));
    well_formed(&xml);
    let events = transcript.events();
    assert_eq!(events.first(), Some(&Event::Started { phase: Phase::Carve, total_bytes: bytes.len() as u64 }));
    assert_eq!(events.last(), Some(&Event::Finished { phase: Phase::Carve }));
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::Progress { done_bytes, .. } if *done_bytes == bytes.len() as u64))
    );
}

fn well_formed(xml: &str) {
    let mut reader = quick_xml::Reader::from_str(xml);
    while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
}

#[test]
fn partial_files_are_written_only_if_wanted() {
    let png = pictures::png(64, 48, 7);
    let bytes = png[..png.len() - 600].to_vec();
    let written = |keep: KeepClass| {
        let store = MemoryStore::new();
        let plan = Plan { keep, ..plan(Align::Byte) };
        carve(&MemorySource::new(bytes.clone()), &plan, &store, &Silent, &Cancel::new()).unwrap();
        store.get("png/000000000000.png")
    };
    assert_eq!(written(KeepClass::Consistent), None);
    let kept = written(KeepClass::All).unwrap();
    assert!(!kept.is_empty() && bytes.starts_with(&kept));
}

#[test]
fn a_full_disk_is_an_error_and_leaves_no_summary() {
    let (bytes, _) = disk(8);
    let store = MemoryStore::failing_after(20_000);
    let result = carve(&MemorySource::new(bytes), &plan(Align::Byte), &store, &Silent, &Cancel::new());
    assert!(matches!(result, Err(CarveError::Store(_))));
    assert!(store.get("summary.json").is_none() && store.get("carved.jsonl").is_none());
}

/// Cancels at the first progress.
struct Impatient<'a>(&'a Cancel);

impl Observer for Impatient<'_> {
    fn on(&self, event: &Event) {
        if matches!(event, Event::Progress { .. }) {
            self.0.cancel();
        }
    }
}

#[test]
fn an_interrupted_run_says_so_and_leaves_no_summary() {
    let (bytes, _) = disk(9);
    let (store, cancel) = (MemoryStore::new(), Cancel::new());
    let mut plan = plan(Align::Byte);
    (plan.limits.scan_block_bytes, plan.limits.round_bytes) = (512, 4096);
    let error = carve(&MemorySource::new(bytes), &plan, &store, &Impatient(&cancel), &cancel).unwrap_err();
    assert_eq!(error.class(), exhibit_evidence::Class::Interrupted);
    assert!(store.get("summary.json").is_none() && store.get("carved.jsonl").is_none());
}

#[test]
fn bad_sectors_are_counted_and_never_taken_for_data() {
    let (bytes, places) = disk(10);
    // One sector in the middle of each file but the first two.
    let mut faulty = Faulty::new(MemorySource::new(bytes.clone()));
    let mut lost: BTreeMap<u64, u64> = BTreeMap::new();
    for (at, _, sample) in &places[2..] {
        let sector = (at + sample.len() as u64 / 2) / 512 * 512;
        faulty = faulty.bad(ByteRange::new(sector, 512));
        lost.insert(*at, sector);
    }
    let found = find(&faulty, &plan(Align::Byte), &Silent, &Cancel::new()).unwrap();
    let expected: Vec<_> = places[..2].iter().map(|(at, kind, sample)| (*at, *kind, sample.len() as u64)).collect();
    let whole = whole(&found.objects);
    assert!(expected.iter().all(|known| whole.contains(known)));
    for object in &found.objects {
        for sector in lost.values() {
            let bad = ByteRange::new(*sector, 512);
            let shorter_pdf = object.file_type.id == "pdf";
            assert!(shorter_pdf || object.extents.iter().all(|extent| !extent.overlaps(bad)), "{object:?}");
        }
    }
    assert_eq!(found.summary.bytes_unreadable, 512 * lost.len() as u64);
    assert_eq!(found.summary.unreadable.len(), lost.len());
    assert_eq!(found.summary.bytes_scanned + found.summary.bytes_unreadable, bytes.len() as u64);
}

/// A source that reads a gap as zeros, as images do, and says so only through `known`.
struct Gappy(MemorySource, ByteRange);

impl Source for Gappy {
    fn size(&self) -> u64 {
        self.0.size()
    }
    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        self.0.read_at(at, buf)
    }
    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        let inside = range.intersect(self.1);
        if inside.is_empty() {
            (range, Known::Data)
        } else if inside.offset > range.offset {
            (ByteRange::between(range.offset, inside.offset), Known::Data)
        } else {
            (inside, Known::Unreadable)
        }
    }
}

#[test]
fn a_recorded_gap_makes_a_file_partial_even_where_its_fill_would_fit() {
    // A database whose free bytes are zero: the fill of the gap is exactly what was there.
    let sample = documents::sqlite(6);
    let gap = ByteRange::new(512 * 3 + 100, 50);
    assert!(sample[gap.offset as usize..gap.end() as usize].iter().all(|byte| *byte == 0));
    assert_eq!(whole(&search(&sample, &plan(Align::Byte))).len(), 1);
    let found = find(&Gappy(MemorySource::new(sample), gap), &plan(Align::Byte), &Silent, &Cancel::new()).unwrap();
    assert!(whole(&found.objects).is_empty(), "{:#?}", found.objects);
    assert_eq!(found.summary.unreadable, [gap]);
}

#[test]
fn a_vanished_device_is_an_error_and_not_a_gap() {
    let (bytes, _) = disk(11);
    let faulty = Faulty::new(MemorySource::new(bytes)).vanishes_after(4000);
    assert!(matches!(find(&faulty, &plan(Align::Byte), &Silent, &Cancel::new()), Err(CarveError::Source(_))));
}

#[test]
fn bait_costs_little_and_what_was_cut_short_is_counted() {
    let mut bytes = Vec::new();
    let header = [b"PK\x03\x04\x14\0\0\0\0\0".as_slice(), &[0; 16], &[3, 0, 0, 0], b"abc"].concat();
    for bait in
        [header.as_slice(), b"%PDF-1.4\n1 0 obj\n<< /Length 9 0 R >>\nstream\n", &pictures::png(9000, 1, 1)[..200]]
    {
        for _ in 0..2000 {
            bytes.extend_from_slice(bait);
            bytes.resize(bytes.len().next_multiple_of(512), 0x41);
        }
    }
    let mut plan = plan(Align::Byte);
    plan.limits.wasted_work_base = 64 << 20;
    plan.limits.bridge_work_base = 8 << 20;
    let last = documents::docx();
    let at = bytes.len() as u64;
    bytes.extend_from_slice(&last);
    let found = find(&MemorySource::new(bytes), &plan, &Silent, &Cancel::new()).unwrap();
    assert_eq!(whole(&found.objects), [(at, "docx", last.len() as u64)]);
    assert!(found.summary.candidates >= 6000);
    assert!(found.summary.cut_short.values().sum::<u64>() > 0, "{:?}", found.summary.cut_short);
}

#[test]
fn a_deflate_bomb_is_cut_short() {
    let bomb = documents::zip(&[Member("zeros", vec![0; 40 << 20], true)], Style::Described);
    let mut plan = plan(Align::Byte);
    (plan.limits.wasted_work_base, plan.limits.candidate_work) = (16 << 20, 16 << 20);
    let found = find(&MemorySource::new(bomb), &plan, &Silent, &Cancel::new()).unwrap();
    assert!(whole(&found.objects).is_empty());
    assert!(!found.summary.cut_short.is_empty());
}

#[test]
fn an_empty_source_has_nothing_in_it() {
    let found = find(&MemorySource::new(Vec::new()), &Plan::default(), &Silent, &Cancel::new()).unwrap();
    assert!(found.objects.is_empty() && found.summary.candidates == 0);
}

#[test]
fn a_file_around_what_a_file_system_holds_is_found_if_that_is_left_out() {
    let sample = pictures::gif(300, 200, 1, 3);
    let (first, second) = sample.split_at(1024);
    // A deleted picture whose two halves lie around three kept sectors; the gap is larger than any that is looked for.
    let kept = pictures::png(20, 20, 1);
    let mut bytes = vec![0; 1024];
    bytes.extend_from_slice(first);
    bytes.extend_from_slice(&kept);
    bytes.resize(2048 + (3 << 20), 7);
    let behind = bytes.len() as u64;
    bytes.extend_from_slice(second);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    let areas = [ByteRange::new(512, 1536), ByteRange::between(behind, bytes.len() as u64)];
    let only = Plan { areas: Some(areas.into()), ..plan(Align::Byte) };
    let found = find(&MemorySource::new(bytes.clone()), &only, &Silent, &Cancel::new()).unwrap();
    assert_eq!(whole(&found.objects), [(1024, "gif", sample.len() as u64)]);
    let object = &found.objects[0];
    assert_eq!(object.class, Class::Consistent, "a decode alone proves no join");
    assert_eq!(object.extents, [ByteRange::new(1024, 1024), ByteRange::new(behind, second.len() as u64)]);
    assert!(object.reasons.iter().any(|reason| reason.contains("left out")), "{:?}", object.reasons);
    let searched = found.summary.areas.unwrap();
    assert_eq!((searched.ranges, found.summary.bytes_scanned), (2, searched.bytes));
    assert!(
        whole(&search(&bytes, &plan(Align::Byte))).iter().any(|(_, kind, _)| *kind == "png"),
        "kept files otherwise"
    );
}

#[test]
fn the_contact_sheet_shows_each_picture_drawn_anew_and_nothing_else() {
    let mut bytes = Vec::new();
    let gap = |bytes: &mut Vec<u8>| bytes.resize(bytes.len().next_multiple_of(512) + 512, 0);
    for sample in
        [pictures::png(200, 100, 1), pictures::jpeg(96, 64, 0, 7), pictures::gif(30, 20, 1, 3), documents::docx()]
    {
        gap(&mut bytes);
        bytes.extend_from_slice(&sample);
    }
    gap(&mut bytes);
    let store = MemoryStore::new();
    let plan = Plan { gallery: true, ..plan(Align::Sector) };
    carve(&MemorySource::new(bytes.clone()), &plan, &store, &Silent, &Cancel::new()).unwrap();
    let files = store.files();
    let page = String::from_utf8(files["gallery.html"].clone()).unwrap();
    assert_eq!(page.matches("<figure").count(), 3, "{page}");
    assert_eq!(page.matches("src=\"data:image/jpeg;base64,").count(), 3);
    assert!(page.contains("200 × 100 pixels") && page.contains("3 pictures shown, 0 not shown"));
    assert!(page.contains("default-src 'none'") && !page.contains("<script") && !page.contains("href"));
    // The bytes of the evidence are not in it.
    let picture = &files.iter().find(|(name, _)| name.starts_with("jpeg/")).unwrap().1[..60];
    let in_base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, picture);
    assert!(!page.contains(&in_base64));
    let without = MemoryStore::new();
    carve(&MemorySource::new(bytes), &Plan { gallery: false, ..plan }, &without, &Silent, &Cancel::new()).unwrap();
    assert!(!without.files().contains_key("gallery.html"));
}
