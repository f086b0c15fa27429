//! Facts of an invented case, in every state that a report must show.

#![allow(dead_code, reason = "each user takes a part of this")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "invented facts are right or the test is wrong")]

use exhibit_evidence::acquisition::Acquisition;
use exhibit_evidence::{ByteRange, Instant, Name};
use exhibit_report::{
    CarveFacts, CarvedFile, CaseFacts, Certainty, CheckRow, CustodyRow, Document, Facts, ItemFacts, LogHead,
    SignerFacts, Verdict, VerdictRows, document, find_language, find_reader,
};
use serde_json::{Value, json};

/// A disk with two unreadable ranges, copied to two files.
pub(crate) fn disk() -> Value {
    json!({
        "format": "exhibit-acquisition/1", "tool": "exhibit 0.1.0",
        "host": {"name": "lab-3", "system": "linux x86_64", "kernel": "6.1.0"},
        "source": {
            "path": "/dev/sdb", "kind": "block-device", "bus": "usb", "vendor": "Samsung", "model": "SSD 860 EVO 500GB",
            "serial": "S3Z2NB0K912345", "size_bytes": 500_107_862_016_u64, "logical_sector_bytes": 512,
            "physical_sector_bytes": 4096, "read_only": true, "mounted_at": [], "backing_file": null,
            "hidden_sectors": null, "write_block": {"state": "kernel-read-only"}
        },
        "plan": {
            "format": "e01", "hashes": ["md5", "sha256"], "compression": "fast", "segment_size_bytes": 2_147_483_648_u64,
            "sector_bytes": 512, "errors": "isolate to one sector, then go on", "retries": 3, "read_back": true,
            "description": "Laptop disk", "case_number": "2026-0042", "evidence_number": "HDD-1",
            "examiner": "Jane Doe", "notes": null
        },
        "started": "2026-11-20T08:12:33Z", "finished": "2026-11-20T09:55:38Z",
        "size_bytes": 500_107_862_016_u64, "size_sectors": 976_773_168,
        "digests": {"md5": "9e107d9d372bb6826bd81d3542a419d6",
                    "sha256": "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592"},
        "tree": {"file": "disk.tree", "root": "ab".repeat(32), "leaf_bytes": 4096, "node_bytes": 1_048_576},
        "gaps": [
            {"offset": 105_906_176, "length": 4096, "cause": "medium error (EIO)", "retries": 3, "fill": "zero"},
            {"offset": 320_000_000_000_u64, "length": 1_048_576, "cause": "medium error (EIO)", "retries": 3, "fill": "zero"}
        ],
        "segments": [
            {"name": "disk.E01", "size_bytes": 2_147_483_648_u64, "sha256": "cd".repeat(32)},
            {"name": "disk.E02", "size_bytes": 1_073_741_824, "sha256": "ef".repeat(32)}
        ],
        "read_back": {"matches": true, "finished": "2026-11-20T11:02:10Z",
                      "digests": {"sha256": "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592"},
                      "tree_root": "ab".repeat(32)}
    })
}

/// A memory stick that says nothing about itself, was not protected and not read back.
pub(crate) fn stick() -> Value {
    let mut stick = disk();
    stick["source"] = json!({
        "path": "/dev/sdc", "kind": "block-device", "bus": null, "vendor": null, "model": null, "serial": null,
        "size_bytes": 16_106_127_360_u64, "logical_sector_bytes": null, "physical_sector_bytes": null, "read_only": false,
        "mounted_at": ["/media/stick"], "backing_file": null, "hidden_sectors": null,
        "write_block": {"state": "none", "reason": "No write blocker fits this connector; authorised by the case officer."}
    });
    stick["plan"]["examiner"] = Value::Null;
    stick["size_bytes"] = json!(16_106_127_360_u64);
    stick["size_sectors"] = json!(31_457_280);
    stick["gaps"] = json!([]);
    stick["read_back"] = Value::Null;
    stick["segments"] = json!([{"name": "stick.raw", "size_bytes": 16_106_127_360_u64, "sha256": "12".repeat(32)}]);
    stick
}

pub(crate) fn record(value: Value) -> Acquisition {
    serde_json::from_value(value).unwrap()
}

fn carved(kind: &str, class: Certainty, size: u64, extents: &[(u64, u64)], reasons: &[&str]) -> CarvedFile {
    let offset = extents.first().map_or(0, |first| first.0);
    CarvedFile {
        path: (class <= Certainty::Consistent).then(|| Name::new(format!("carve/{kind}/{offset:012x}.{kind}"))),
        kind: kind.to_owned(),
        size,
        sha256: Some("5e".repeat(32)),
        extents: extents.iter().map(|&(offset, length)| ByteRange::new(offset, length)).collect(),
        class,
        reasons: reasons.iter().map(|&reason| reason.to_owned()).collect(),
    }
}

fn carve() -> CarveFacts {
    CarveFacts {
        scanned_bytes: Some(500_106_809_344),
        types: ["jpeg", "pdf", "png", "zip"].map(str::to_owned).into(),
        skipped: vec!["1,052,672 bytes were not searched, because they could not be read.".to_owned()],
        files: vec![
            carved("jpeg", Certainty::Proven, 2_483_201, &[(1_052_672, 2_483_201)], &["decodes completely"]),
            carved(
                "jpeg",
                Certainty::Consistent,
                81_002,
                &[(9_437_184, 40_960), (20_971_520, 40_042)],
                &["two pieces, joined where the decoder agreed"],
            ),
            carved("png", Certainty::Proven, 30_211, &[(12_582_912, 30_211)], &["all chunk checksums match"]),
            carved("pdf", Certainty::Partial, 700_000, &[(55_000_064, 700_000)], &["no end marker", "12 objects read"]),
            carved("zip", Certainty::HeaderOnly, 30, &[(70_000_128, 30)], &["one local header"]),
        ],
        list_file: Some("carve/carved.jsonl".to_owned()),
    }
}

/// Time, actor, role, action, object and reason of a record.
type Fields<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str, Option<&'a str>);

fn custody() -> Vec<CustodyRow> {
    let rows = [
        ("2026-11-19T16:40:00Z", "Jane Doe", "examiner", "case-opened", "2026-0042", None),
        ("2026-11-19T16:42:00Z", "John Roe", "search-officer", "seized", "HDD-1", Some("search of room 12")),
        ("2026-11-19T16:43:10Z", "John Roe", "search-officer", "sealed", "HDD-1", None),
        ("2026-11-19T16:45:12Z", "John Roe", "search-officer", "handed-over", "HDD-1", None),
        ("2026-11-19T16:46:02Z", "Jane Doe", "examiner", "accepted", "HDD-1", None),
        ("2026-11-20T08:12:30Z", "Jane Doe", "examiner", "acquisition-planned", "HDD-1", None),
        ("2026-11-20T09:55:38Z", "Jane Doe", "examiner", "acquired", "HDD-1, disk.E01", None),
        (
            "2026-11-20T13:20:00Z",
            "Jane Doe",
            "examiner",
            "acquired",
            "USB-1, stick.raw",
            Some("No write blocker fits this connector; authorised by the case officer."),
        ),
        ("2026-11-21T10:00:00Z", "Jane Doe", "examiner", "derived", "HDD-1, carve", None),
        ("2026-11-22T17:30:00Z", "Jane Doe", "examiner", "packaged", "2026-0042.zip", None),
    ];
    let row = |(seq, (time, actor, role, action, object, reason)): (usize, Fields<'_>)| {
        let says = match action {
            "sealed" => vec![("item", "HDD-1"), ("seal", "004711")],
            "seized" => vec![("item", "HDD-1"), ("place", "Harbour 4, room 12")],
            "packaged" => vec![("name", "2026-0042.zip")],
            _ => Vec::new(),
        };
        CustodyRow {
            seq: seq as u64 + 1,
            time: time.into(),
            actor: actor.into(),
            role: role.into(),
            action: action.into(),
            object: object.into(),
            says: says.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect(),
            reason: reason.map(str::to_owned),
        }
    };
    rows.into_iter().enumerate().map(row).collect()
}

pub(crate) fn rows() -> VerdictRows {
    let row = |id: &str, name: &str, passed, reason: &str| CheckRow {
        id: id.into(),
        name: name.into(),
        passed,
        reason: reason.into(),
    };
    VerdictRows {
        subject: "the case".to_owned(),
        level: "full".to_owned(),
        checks: vec![
            row(
                "segments",
                "Item HDD-1: the files of the image",
                Some(true),
                "3 files, all equal to the acquisition records",
            ),
            row("tree", "Item HDD-1: the hash tree", Some(true), "477,000 nodes computed again, roots equal"),
            row("custody-chain", "The custody log", Some(true), "5 records, unbroken chain, head signed"),
            row("no-such-check", "Time stamps", None, "no time stamp is in the case"),
        ],
        not_checked: vec!["Whether the clock of the machine was right.".to_owned()],
    }
}

/// The case with everything in it.
pub(crate) fn facts() -> Facts {
    let item = |id: &str, description: &str, value, acquired| ItemFacts {
        id: id.to_owned(),
        description: Some(description.to_owned()),
        acquisition: Some(record(value)),
        acquisition_file: Some(format!("items/{id}/{id}.acquisition.json")),
        acquired: Some(acquired),
        derived: (id == "HDD-1").then_some(9),
        carve: (id == "HDD-1").then(carve),
    };
    let stated = [
        ("authority.legal_basis", "Search warrant W-17/2026"),
        ("authority.issuing_body.name", "District Court of Exampletown"),
        ("authority.issued", "2026-11-18"),
    ];
    Facts {
        tool: "exhibit 0.1.0".to_owned(),
        created: Instant::parse("2026-11-23T10:00:00Z"),
        case: CaseFacts {
            number: Some("2026-0042".to_owned()),
            title: Some("Practice case: the missing invoices".to_owned()),
            examiner: Some("Jane Doe".to_owned()),
            agency: Some("Example Agency, Digital Forensics".to_owned()),
            created: Some("2026-11-19T16:40:00Z".to_owned()),
            record: Some(1),
        },
        items: vec![
            item("HDD-1", "disk of the laptop from room 12", disk(), 7),
            item("USB-1", "memory stick found in the desk", stick(), 8),
        ],
        custody: custody(),
        verdict: Some(Verdict::without_proof(rows())),
        signer: Some(SignerFacts {
            principal: "jane@example.org".to_owned(),
            fingerprint: "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGUv3jTKjjsS+8QqfxM".to_owned(),
        }),
        bag_name: Some("2026-0042-package".to_owned()),
        handling: vec!["TLP:AMBER".to_owned()],
        limits: vec!["Deleted files were searched for by content only; file systems were not examined.".to_owned()],
        stated: stated.map(|(path, text)| (path.to_owned(), text.to_owned())).into(),
        head: Some(LogHead {
            records: 10,
            root: "fe".repeat(32),
            fingerprint: "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGUv3jTKjjsS+8QqfxM".to_owned(),
        }),
    }
}

/// The document of these facts.
pub(crate) fn made(facts: &Facts, reader: &str, languages: &[&str]) -> Document {
    let languages: Vec<_> = languages.iter().map(|tag| find_language(tag).unwrap()).collect();
    document(facts, find_reader(reader).unwrap(), &languages)
}
