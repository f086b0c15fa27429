//! What a report says, what it never says, and that nothing from outside gets out of its place.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

mod support;

use std::sync::Arc;

use exhibit_evidence::{Cancel, MemorySource, Name, Silent};
use exhibit_report::{
    CarveFacts, CarvedFile, CaseFacts, CheckRow, CustodyRow, Facts, ItemFacts, LANGUAGES, LogHead, Outcome, READERS,
    SignerFacts, Verdict, VerdictRows, find_output, html as page_of,
};
use exhibit_verify::{Level, Request, Trust, Watch, check_package, zip};
use serde_json::{Value, json};
use support::{disk, facts, made, record, rows, stick};

/// The full document in English.
fn html(facts: &Facts) -> String {
    page_of(&made(facts, "examiner", &["en"]))
}

/// Every document there is: each reader, each language, and some in two.
fn every(facts: &Facts) -> Vec<String> {
    let single = LANGUAGES.iter().map(|language| vec![language.tag]);
    let languages: Vec<Vec<&str>> = single.chain([vec!["fr", "ar"], vec!["ar", "zh"]]).collect();
    let of = |reader: &str| languages.iter().map(|tags| page_of(&made(facts, reader, tags))).collect::<Vec<_>>();
    READERS.iter().flat_map(|reader| of(reader.id)).collect()
}

/// Text without markup, white space made single: what a reader reads.
fn read(page: &str) -> String {
    let mut text = String::new();
    let body = page.split_once("<body").unwrap().1.split_once('>').unwrap().1;
    for (at, piece) in body.split('<').enumerate() {
        let inline =
            ["span", "/span", "bdi", "/bdi", "strong", "/strong", "a ", "/a"].iter().any(|tag| piece.starts_with(tag));
        text += if at == 0 || inline { "" } else { " " };
        text += if at == 0 { piece } else { piece.split_once('>').unwrap().1 };
    }
    let text = text.replace('\u{202f}', ",").replace("&quot;", "\"").replace("&#39;", "'");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_same_facts_make_the_same_bytes() {
    assert_eq!(every(&facts()), every(&facts()));
    for id in ["html", "text"] {
        let render = find_output(id).unwrap().render;
        let document = made(&facts(), "court", &["ru"]);
        assert_eq!(render(&document, &[]).unwrap(), render(&document, &[]).unwrap());
    }
    assert!(find_output("pdf3").is_none());
}

#[test]
fn the_summary_says_what_was_copied_when_by_whom_and_under_which_authority() {
    for reader in ["examiner", "court"] {
        let text = read(&page_of(&made(&facts(), reader, &["en"])));
        for sentence in [
            "Item HDD-1 (disk of the laptop from room 12) was copied from Samsung SSD 860 EVO 500GB, serial number \
             S3Z2NB0K912345, a medium of 500,107,862,016 bytes (465.7 GiB).",
            "The copying began at 2026-11-20 08:12:33 UTC and ended at 2026-11-20 09:55:38 UTC. It was done by Jane Doe.",
            "1,052,672 bytes (1.0 MiB) in 2 ranges could NOT be read.",
            "Legal basis: Search warrant W-17/2026 [1",
            "Issued by: District Court of Exampletown",
            "The scope of that authority is not recorded.",
            "Unread is not zero.",
            "The copy was not read back afterwards.",
            "Who did it was not recorded.",
            "TLP:AMBER",
        ] {
            let (text, sentence) = (text.replace(' ', ""), sentence.replace(' ', ""));
            assert!(text.contains(&sentence), "{reader} misses: {sentence}\n{text}");
        }
    }
}

#[test]
fn the_receipt_says_what_was_taken_and_sealed_with_its_record() {
    let text = read(&page_of(&made(&facts(), "person-searched", &["en"])));
    for sentence in [
        "2026-11-19 16:42:00 UTC, John Roe (search-officer): Item seized. [2]",
        "place: Harbour 4, room 12 [2]",
        "seal: 004711 [3]",
        "Nothing is recorded that must not be looked at.",
        "That something was given back is not recorded.",
        "Person searched: name, signature",
        "d7a8fbb3",
    ] {
        assert!(text.contains(sentence), "missing: {sentence}\n{text}");
    }
}

#[test]
fn gaps_are_told_before_any_result_and_drawn_on_the_map() {
    let page = html(&facts());
    let place = |what: &str| page.find(what).unwrap_or_else(|| panic!("missing: {what}"));
    assert!(place("id=\"unread\"") < place("id=\"checks\"") && place("id=\"checks\"") < place("id=\"items\""));
    // Two gaps on the map of the first item, none on that of the second: a frame, a frame for each gap, two for carving.
    let maps: Vec<usize> =
        page.split("<svg").skip(1).map(|svg| svg.split("</svg>").next().unwrap().matches("<rect").count()).collect();
    assert!(maps.first().unwrap() >= &5, "{maps:?}");
    let plain = html(&Facts { items: vec![facts().items.remove(1)], ..facts() });
    let map = plain.split_once("<svg").unwrap().1.split_once("</svg>").unwrap().0;
    assert_eq!(map.matches("<rect").count(), 1);
    assert!(read(&page).contains("105,906,176 (0x6500000)"));
    assert!(read(&page).contains("that is at most 0.01 per cent of it"));
}

#[test]
fn what_is_not_known_is_printed_and_never_left_out() {
    let text = read(&html(&facts()));
    let second = text.split_once("6.2 Item USB-1").unwrap().1;
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
        "No image is described in this document.",
        "Case without a recorded title",
        "No custody record is in this document.",
        "No check had been made when this document was written",
        "The authority under which the evidence was taken is not recorded.",
    ] {
        assert!(empty.contains(line), "missing: {line}\n{empty}");
    }
}

#[test]
fn a_summary_of_the_carver_that_could_not_be_read_is_not_a_search_of_nothing() {
    let carve = CarveFacts { scanned_bytes: None, ..CarveFacts::default() };
    let items = vec![ItemFacts { carve: Some(carve), ..ItemFacts::default() }];
    let text = read(&html(&Facts { items, ..Facts::default() }));
    assert!(text.contains("not known were searched") && !text.contains("0 bytes"), "{text}");
}

#[test]
fn every_statement_about_the_case_names_what_it_rests_on() {
    use exhibit_report::Block;
    for reader in READERS {
        let document = made(&facts(), reader.id, &["en"]);
        let mut general = Vec::new();
        for block in &document.blocks {
            let sentences = match block {
                Block::Paragraph { sentences, .. } | Block::Panel { sentences, .. } => sentences.clone(),
                Block::List { items, .. } => items.iter().map(|(sentence, _)| sentence.clone()).collect(),
                Block::Table(table) => {
                    let anchored = table.rows.iter().all(|row| row.anchor.is_some());
                    assert!(!table.basis.is_empty() || anchored, "{}", table.caption.plain(0));
                    continue;
                }
                Block::Figure { basis, alt, .. } => {
                    assert!(!basis.is_empty(), "{}", alt.plain(0));
                    continue;
                }
                _ => continue,
            };
            general.extend(sentences.into_iter().filter(|sentence| sentence.basis.is_empty()));
        }
        // What rests on nothing says nothing of this case: it is the same in the document of another one, but for the key
        // that seals the package and for what the examiner adds by hand.
        let other = made(&Facts::default(), reader.id, &["en"]);
        let words = ["Samsung", "HDD-1", "USB-1", "Roe", "2026-1", "warrant"];
        for sentence in general {
            let text = sentence.text.plain(0);
            assert!(words.iter().all(|word| !text.contains(word)), "{}: {text}", reader.id);
        }
        assert_eq!(other.reader, reader.id);
    }
}

#[test]
fn the_page_runs_nothing_and_fetches_nothing() {
    let page = every(&facts()).concat().to_lowercase();
    for never in
        ["<script", "http://", "https://", "src=", "@import", "<link", "<iframe", "<object", "javascript:", "onload"]
    {
        assert!(!page.contains(never), "{never}");
    }
    assert!(!page.contains("url("));
    let links = page.split("href=\"").skip(1).all(|link| link.starts_with('#'));
    assert!(
        links && page.contains("<html lang=\"en\" dir=\"ltr\">") && page.contains("<html lang=\"ar\" dir=\"rtl\">")
    );
}

/// Stems of the word for a full check, which other messages do without.
const CLAIMS: [&str; 6] = ["verified", "vérifi", "verific", "подтвержд", "验证", "تحقق"];

#[test]
fn a_full_check_is_claimed_only_with_proof() {
    for claims in [None, Some("Verified: the verified package")] {
        let rows = VerdictRows {
            subject: claims.unwrap_or("the case").to_owned(),
            checks: vec![CheckRow {
                id: "all".to_owned(),
                name: "all".to_owned(),
                passed: Some(true),
                reason: "all".to_owned(),
            }],
            ..rows()
        };
        let facts = Facts { verdict: Some(Verdict::without_proof(rows)), ..facts() };
        if claims.is_none() {
            for page in every(&facts) {
                let page = page.to_lowercase();
                let page = page.split_once("</style>").unwrap().1;
                assert!(CLAIMS.iter().all(|claim| !page.contains(claim)), "{page}");
            }
        }
        assert!(read(&html(&facts)).contains("Not everything was checked"));
    }
}

#[test]
fn a_mismatch_is_said_in_words_and_not_by_colour_alone() {
    let mut failing = rows();
    failing.checks[0].passed = Some(false);
    let text = read(&html(&Facts { verdict: Some(Verdict::without_proof(failing)), ..facts() }));
    assert!(
        text.contains("Something does NOT match")
            && text.contains("The files of the image have the recorded digests (Item HDD-1) DOES NOT HOLD"),
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
    assert!(text.contains("Something does NOT match") && text.contains("DOES NOT MATCH: "), "{text}");
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
        scanned_bytes: Some(u64::MAX),
        types: vec![text()],
        skipped: vec![text()],
        files: vec![file, odd],
        list_file: some(),
    };
    let item = |value, carve| ItemFacts {
        id: text(),
        description: some(),
        acquisition: Some(record(poisoned(value))),
        acquisition_file: some(),
        acquired: Some(u64::MAX),
        derived: None,
        carve,
    };
    let check = |id: &str| CheckRow { id: id.to_owned(), name: text() + ": " + ATTACK, passed: None, reason: text() };
    let verdict = VerdictRows {
        subject: text(),
        level: text(),
        checks: vec![check(ATTACK), check("tree")],
        not_checked: vec![text()],
    };
    let row = |action: &str| CustodyRow {
        seq: 0,
        time: text(),
        actor: text(),
        role: text(),
        action: action.to_owned(),
        object: text(),
        says: vec![("item".to_owned(), text()), (text(), text()), ("name".to_owned(), text())],
        reason: some(),
    };
    Facts {
        tool: text(),
        created: None,
        case: CaseFacts {
            number: some(),
            title: some(),
            examiner: some(),
            agency: some(),
            created: some(),
            record: None,
        },
        items: vec![item(disk(), Some(carve)), item(stick(), None)],
        custody: vec![row(ATTACK), row("seized"), row("packaged")],
        verdict: Some(Verdict::without_proof(verdict)),
        signer: Some(SignerFacts { principal: text(), fingerprint: text() }),
        bag_name: some(),
        handling: vec![text()],
        limits: vec![text()],
        stated: vec![("authority".to_owned(), text()), (format!("authority.{ATTACK}"), text())],
        head: Some(LogHead { records: 1, root: text(), fingerprint: text() }),
    }
}

#[test]
fn hostile_text_stays_text_wherever_it_stands() {
    let allowed: std::collections::BTreeSet<&str> = "a bdi body br caption circle code col colgroup dd div dl dt figcaption figure footer \
        h1 h2 h3 h4 head header html li main meta nav ol p path pre rect section span style svg table tbody td text th thead \
        title tr ul"
        .split_whitespace()
        .collect();
    for page in every(&hostile()) {
        for never in ["<script", "<img", "\u{202e}", "\u{1b}", "\u{0}", "'><"] {
            assert!(!page.contains(never), "{never:?}");
        }
        // The attack stands where it belongs, readable and harmless.
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;"));
        assert!(page.contains("\\u{202e}gpj.exe\\u{1b}[2J\\u{0}"));
        // The same elements as in the harmless report, none more: every tag is one of ours.
        for piece in page.split('<').skip(1) {
            let tag = piece.trim_start_matches('/').split([' ', '>', '\n', '/']).next().unwrap();
            assert!(allowed.contains(tag) || tag == "!doctype", "{tag}");
        }
    }
}

#[test]
fn hostile_text_turns_no_line_of_plain_text_around() {
    let render = find_output("text").unwrap().render;
    for reader in READERS {
        for language in LANGUAGES {
            let text = String::from_utf8(render(&made(&hostile(), reader.id, &[language.tag]), &[]).unwrap()).unwrap();
            assert!(!text.contains(['\u{202e}', '\u{1b}', '\u{0}']), "{}", language.tag);
            for line in text.lines() {
                let (opened, closed) =
                    (line.matches(['\u{2066}', '\u{2068}']).count(), line.matches('\u{2069}').count());
                assert!(opened >= closed || language.tag == "ar", "{line}");
            }
        }
    }
}

#[test]
fn every_element_is_closed_in_order() {
    let void = ["!doctype", "meta", "br", "rect", "path", "circle", "col"];
    for page in [every(&facts()), every(&hostile()), every(&Facts::default())].concat() {
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
    for page in every(&facts()) {
        assert_eq!(page.matches("<table").count(), page.matches("<caption>").count());
        for link in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert_eq!(page.matches(&format!(" id=\"{link}\"")).count(), 1, "{link}");
        }
    }
}

#[test]
fn every_picture_has_words_for_those_who_cannot_see_it() {
    for page in every(&facts()) {
        for svg in page.split("<svg").skip(1) {
            let alt = svg.split_once("aria-label=\"").unwrap().1.split_once('"').unwrap().0;
            assert!(alt.chars().count() > 10, "{alt}");
        }
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
        text.contains("4,800 more rows are not printed here.") && text.contains("100 more rows are not printed here.")
    );
    assert!(text.contains("500 more files are not printed here.") && text.contains("in 5,000 ranges"), "{text}");
}
