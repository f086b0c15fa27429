//! What a report says, what it never says, and that nothing from outside gets out of its place.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

mod support;

use std::sync::Arc;

use exhibit_evidence::{Cancel, MemorySource, Name, Silent};
use exhibit_report::{
    CarveFacts, CarvedFile, CaseFacts, CheckRow, CustodyRow, Facts, ItemFacts, OUTPUTS, Outcome, SignerFacts, Verdict,
    VerdictRows, find_output, html,
};
use exhibit_verify::{Level, Request, Trust, Watch, check_package, zip};
use serde_json::{Value, json};
use support::{disk, facts, record, rows, stick};

/// Text without markup, white space made single: what a reader reads.
fn read(page: &str) -> String {
    let mut text = String::new();
    let body = page.split_once("<body>").unwrap().1;
    for (at, piece) in body.split('<').enumerate() {
        let inline =
            ["span", "/span", "bdi", "/bdi", "strong", "/strong", "a ", "/a"].iter().any(|tag| piece.starts_with(tag));
        text += if at == 0 || inline { "" } else { " " };
        text += if at == 0 { piece } else { piece.split_once('>').unwrap().1 };
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_same_facts_make_the_same_bytes() {
    assert_eq!(html(&facts()), html(&facts()));
    assert_eq!(OUTPUTS[0].id, "html");
    assert_eq!((find_output("html").unwrap().render)(&facts()), html(&facts()).into_bytes());
    assert!(find_output("pdf").is_none());
}

#[test]
fn the_summary_says_what_was_copied_when_by_whom_and_under_which_authority() {
    let text = read(&html(&facts()));
    for sentence in [
        "Item HDD-1, disk of the laptop from room 12, was copied from Samsung SSD 860 EVO 500GB, serial number \
         S3Z2NB0K912345, a medium of 500,107,862,016 bytes (465.7 GiB).",
        "The copying began on 20 November 2026, 08:12:33 UTC and ended on 20 November 2026, 09:55:38 UTC. It was done by Jane Doe.",
        "1,052,672 bytes (1.0 MiB) in 2 ranges could NOT be read.",
        "The evidence was taken under this authority: Search warrant W-17/2026",
        "The scope of that authority is not recorded.",
        "Unread is not zero.",
        "The copy was not read back afterwards.",
        "It was done by a person whose name was not recorded.",
    ] {
        assert!(text.contains(sentence), "missing: {sentence}\n{text}");
    }
}

#[test]
fn gaps_are_told_before_any_result_and_drawn_on_the_map() {
    let page = html(&facts());
    let place = |what: &str| page.find(what).unwrap_or_else(|| panic!("missing: {what}"));
    assert!(place("id=\"unread\"") < place("id=\"checks\"") && place("id=\"checks\"") < place("id=\"items\""));
    assert_eq!(page.matches("fill=\"url(#item-1-hatch)\"").count(), 2);
    assert_eq!(page.matches("fill=\"url(#item-2-hatch)\"").count(), 0);
    assert!(read(&page).contains("105,906,176 (0x6500000)"));
    assert!(read(&page).contains("that is at most 0.01 per cent of it"));
}

#[test]
fn what_is_not_known_is_printed_and_never_left_out() {
    let text = read(&html(&facts()));
    let second = text.split_once("7.2 Item USB-1").unwrap().1;
    for line in [
        "Vendor not known",
        "Model not known",
        "Serial number not known",
        "Connection not known",
        "Hidden sectors not known",
        "Logical sector not known",
        "Examiner not known",
        "NOT protected against writing",
        "The copy was not read back",
    ] {
        assert!(second.contains(line), "missing: {line}\n{second}");
    }
    let empty = read(&html(&Facts::default()));
    for line in [
        "Case number not known",
        "Examiner not known",
        "No image is described in this report.",
        "Case without a recorded title",
        "No custody record is in this report.",
        "No check had been made when this report was written",
        "The authority under which the evidence was taken is not recorded.",
    ] {
        assert!(empty.contains(line), "missing: {line}\n{empty}");
    }
}

#[test]
fn the_page_runs_nothing_and_fetches_nothing() {
    let page = html(&facts()).to_lowercase();
    for never in
        ["<script", "http://", "https://", "src=", "@import", "<link", "<iframe", "<object", "javascript:", "onload"]
    {
        assert!(!page.contains(never), "{never}");
    }
    let urls: Vec<&str> = page.split("url(").skip(1).collect();
    assert!(urls.iter().all(|url| url.starts_with('#')), "{urls:?}");
    let links = page.split("href=\"").skip(1).all(|link| link.starts_with('#'));
    assert!(links && page.contains("<html lang=\"en\">"));
}

#[test]
fn a_full_check_is_claimed_only_with_proof() {
    assert!(!html(&facts()).to_lowercase().contains("verified"));
    let claims = VerdictRows {
        sentence: "Verified: everything matches.".to_owned(),
        checks: vec![CheckRow { name: "all".to_owned(), passed: Some(true), reason: "all".to_owned() }],
        ..rows()
    };
    let page = html(&Facts { verdict: Some(Verdict::without_proof(claims)), ..facts() });
    assert!(!page.to_lowercase().contains("verified") && page.contains("was withheld"));
    assert!(read(&page).contains("Not everything was checked"));
}

#[test]
fn a_mismatch_is_said_in_words_and_not_by_colour_alone() {
    let mut failing = rows();
    failing.checks[0].passed = Some(false);
    let text = read(&html(&Facts { verdict: Some(Verdict::without_proof(failing)), ..facts() }));
    assert!(
        text.contains("Something does NOT match") && text.contains("Digests of the image files DOES NOT MATCH"),
        "{text}"
    );
    let mut bad = disk();
    bad["read_back"]["matches"] = json!(false);
    let items = vec![ItemFacts { acquisition: Some(record(bad)), ..ItemFacts::default() }];
    let text = read(&html(&Facts { items, ..facts() }));
    assert!(
        text.contains("it does NOT equal what had been read") && text.contains("must not be relied upon"),
        "{text}"
    );
}

#[test]
fn a_checkers_verdict_is_repeated_with_each_of_its_checks() {
    let cancel = Cancel::new();
    let watch = Watch { observer: &Silent, cancel: &cancel };
    let request = Request {
        level: Level::Full,
        trusted: &[],
        trust: Trust::default(),
        media: None,
        now: None,
        limits: zip::Limits::default(),
        watch,
    };
    let checked = check_package(Arc::new(MemorySource::new(*b"not an archive")), &request).unwrap();
    let verdict = Verdict::of(&checked);
    assert_eq!(verdict.outcome(), Outcome::DoesNotMatch);
    assert_eq!(verdict.rows().checks.len(), checked.verdict().checks.len());
    let text = read(&html(&Facts { verdict: Some(verdict), ..facts() }));
    assert!(text.contains("Something does NOT match") && text.contains("DOES NOT MATCH"), "{text}");
}

/// Relative luminance of `#rrggbb` or `#rgb`, as WCAG 2 defines it.
fn luminance(colour: &str) -> f64 {
    let digits: Vec<u32> = colour.trim_start_matches('#').chars().map(|c| c.to_digit(16).unwrap()).collect();
    let parts = match digits.as_slice() {
        [r, g, b] => [r * 17, g * 17, b * 17],
        [a, b, c, d, e, f] => [a * 16 + b, c * 16 + d, e * 16 + f],
        _ => panic!("{colour}"),
    };
    let linear = |part: u32| {
        let share = f64::from(part) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(parts[0]) + 0.7152 * linear(parts[1]) + 0.0722 * linear(parts[2])
}

#[test]
fn every_text_colour_has_the_contrast_that_wcag_aa_asks_for() {
    let page = html(&Facts::default());
    let palettes: Vec<&str> = page.split("--paper:").skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
    assert_eq!(palettes.len(), 3, "light, dark, print");
    for palette in palettes {
        let palette = format!("--paper:{palette}");
        let colour = |name: &str| {
            luminance(
                palette
                    .split_once(&format!("--{name}: "))
                    .map_or_else(|| panic!("{name}"), |c| c.1)
                    .split(';')
                    .next()
                    .unwrap(),
            )
        };
        for ground in ["paper", "panel"].map(colour) {
            for text in ["ink", "soft", "accent", "alarm"].map(colour) {
                let contrast = (ground.max(text) + 0.05) / (ground.min(text) + 0.05);
                assert!(contrast >= 4.5, "{contrast} in {palette}");
            }
        }
    }
}

/// Breaks out of elements, attributes and comments, reverses direction, clears a screen, imitates a template.
const ATTACK: &str =
    "<script>alert(1)</script>\"'><img src=x onerror=y>\u{202e}gpj.exe\u{1b}[2J\u{0}</style>--> {{ x }} &amp;";

/// Every text of a record replaced by the attack.
fn poisoned(mut value: Value) -> Value {
    fn poison(value: &mut Value) {
        match value {
            Value::String(text) => *text = ATTACK.to_owned(),
            Value::Array(values) => values.iter_mut().for_each(poison),
            Value::Object(values) => values.values_mut().for_each(poison),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let state = value["source"]["write_block"]["state"].clone();
    poison(&mut value);
    value["source"]["write_block"]["state"] = state;
    value["source"]["mounted_at"] = json!([ATTACK]);
    value
}

fn hostile() -> Facts {
    let text = || ATTACK.to_owned();
    let some = || Some(ATTACK.to_owned());
    let mut file: CarvedFile = serde_json::from_value(json!({
        "path": {"text": "\u{fffd}", "bytes": "ff"}, "type": ATTACK, "size": 1, "sha256": ATTACK, "md5": null,
        "extents": [], "class": "proven", "reasons": [ATTACK], "parent": null
    }))
    .unwrap();
    let odd = file.clone();
    file.path = Some(Name::from(ATTACK));
    let carve = CarveFacts {
        scanned_bytes: u64::MAX,
        types: vec![text()],
        skipped: vec![text()],
        files: vec![file, odd],
        list_file: some(),
    };
    let item =
        |value, carve| ItemFacts { id: text(), description: some(), acquisition: Some(record(poisoned(value))), carve };
    let check = CheckRow { name: text(), passed: None, reason: text() };
    let verdict = VerdictRows { sentence: text(), level: text(), checks: vec![check], not_checked: vec![text()] };
    Facts {
        tool: text(),
        created: None,
        case: CaseFacts {
            number: some(),
            title: some(),
            examiner: some(),
            agency: some(),
            created: some(),
            authority: some(),
            scope: some(),
        },
        items: vec![item(disk(), Some(carve)), item(stick(), None)],
        custody: vec![CustodyRow {
            seq: 0,
            time: text(),
            actor: text(),
            role: text(),
            sentence: text(),
            object: text(),
            reason: some(),
        }],
        verdict: Some(Verdict::without_proof(verdict)),
        signer: Some(SignerFacts { principal: text(), fingerprint: text() }),
        bag_name: some(),
        handling: vec![text()],
        limits: vec![text()],
    }
}

#[test]
fn hostile_text_stays_text_wherever_it_stands() {
    let page = html(&hostile());
    for never in ["<script", "<img", "\u{202e}", "\u{1b}", "\u{0}", "'><"].into_iter().filter(|never| *never != "\">") {
        assert!(!page.contains(never), "{never:?}");
    }
    // The attack stands where it belongs, readable and harmless.
    assert!(page.contains("&#60;script&#62;alert(1)&#60;/script&#62;&#34;&#39;&#62;"));
    assert!(page.contains("\\u{202e}gpj.exe\\u{1b}[2J\\u{0}"));
    // The same elements as in the harmless report, none more: every tag is one of ours.
    let allowed = [
        "a",
        "bdi",
        "body",
        "br",
        "caption",
        "code",
        "dd",
        "defs",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "head",
        "header",
        "html",
        "li",
        "main",
        "meta",
        "nav",
        "ol",
        "p",
        "path",
        "pattern",
        "pre",
        "rect",
        "section",
        "span",
        "strong",
        "style",
        "svg",
        "table",
        "tbody",
        "td",
        "text",
        "th",
        "thead",
        "time",
        "title",
        "tr",
        "ul",
    ];
    for piece in page.split('<').skip(1) {
        let tag = piece.trim_start_matches('/').split([' ', '>', '\n']).next().unwrap();
        assert!(allowed.contains(&tag) || tag == "!doctype", "{tag}");
    }
}

#[test]
fn every_element_is_closed_in_order() {
    let void = ["!doctype", "meta", "br", "rect", "path"];
    for page in [html(&facts()), html(&hostile()), html(&Facts::default())] {
        let mut open = Vec::new();
        for piece in page.split('<').skip(1) {
            let (inside, _) = piece.split_once('>').unwrap();
            let tag = inside.trim_start_matches('/').split([' ', '\n']).next().unwrap();
            if inside.starts_with('/') {
                assert_eq!(open.pop(), Some(tag), "near {piece}");
            } else if !void.contains(&tag.trim_end_matches('/')) {
                open.push(tag);
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }
}

#[test]
fn every_table_has_a_caption_and_every_link_a_target() {
    let page = html(&facts());
    assert_eq!(page.matches("<table").count(), page.matches("<caption>").count());
    for link in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert_eq!(page.matches(&format!(" id=\"{link}\"")).count(), 1, "{link}");
    }
}

#[test]
fn digests_are_copied_without_gaps() {
    let page = html(&facts());
    assert!(page.contains("<span>d7a8fbb3</span><span>07d78094</span>"));
}

#[test]
fn lines_of_carved_jsonl_are_read_as_they_are() {
    let line = r#"{"path":"jpeg/000000101000.jpg","type":"jpeg","size":5,"sha256":"00","md5":"00","extents":[{"offset":1052672,"length":5}],"class":"header-only","reasons":["cut"],"parent":null}"#;
    let file: CarvedFile = serde_json::from_str(line).unwrap();
    assert_eq!((file.path.unwrap(), file.extents[0].offset), (Name::from("jpeg/000000101000.jpg"), 1_052_672));
}

#[test]
fn long_lists_are_cut_and_the_cut_is_said() {
    let mut value = disk();
    let gap = value["gaps"][0].clone();
    value["gaps"] = Value::Array(vec![gap; 5000]);
    let segment = value["segments"][0].clone();
    value["segments"] = Value::Array(vec![segment; 300]);
    let file = facts().items[0].carve.as_ref().unwrap().files[0].clone();
    let carve = CarveFacts { files: vec![file; 1500], ..CarveFacts::default() };
    let items = vec![ItemFacts { acquisition: Some(record(value)), carve: Some(carve), ..ItemFacts::default() }];
    let text = read(&html(&Facts { items, ..Facts::default() }));
    assert!(
        text.contains("4800 more ranges are not printed here.")
            && text.contains("100 more files are not printed here.")
    );
    assert!(text.contains("500 more files are not printed here.") && text.contains("in 5,000 ranges"), "{text}");
}
