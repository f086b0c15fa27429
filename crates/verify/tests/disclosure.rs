//! Disclosures by a dishonest sender, who holds the key and signs whatever serves him: what was sealed before still binds him.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

mod support;

use std::sync::Arc;

use exhibit_custody::sshsig;
use exhibit_evidence::{ByteRange, Cancel, Instant, MemorySource, Name, Silent, Slice, Source};
use exhibit_hash::{StoredTree, range_proof};
use exhibit_package::disclosure::{Disclosure, Entry, Ground, SealedList};
use exhibit_package::manifest::{Case, Custody, Medium, Role};
use exhibit_package::write::{Item, Listing, PackagePlan, Part, PartRange, PayloadFile, Signer, seal};
use exhibit_testkit::MemoryStore;
use exhibit_verify::{Check, CheckResult, Level, Request, Trust, Verdict, Watch, check_package, zip};
use serde_json::Value;
use support::world::{CASE_NUMBER, key, sha256};

/// A medium of three MiB and a bit, its tree file and root.
fn medium() -> (Arc<dyn Source>, MemorySource, String) {
    let bytes: Vec<u8> = (0..3_200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let nodes = bytes.chunks(1 << 20).map(exhibit_hash::tree::node).collect();
    let tree = exhibit_hash::Tree::new(bytes.len() as u64, nodes).unwrap();
    let root = exhibit_evidence::to_hex(&tree.root());
    (Arc::new(MemorySource::new(bytes)), MemorySource::new(tree.encode()), root)
}

fn text(name: &str) -> String {
    format!("what {name} says")
}

/// Names of the files of the whole.
const NAMES: [&str; 5] = ["paper-a.txt", "paper-b.txt", "paper-c.txt", "paper-d.txt", "paper-e.txt"];

fn file(name: &str, bytes: impl Into<Vec<u8>>) -> PayloadFile {
    let source = Arc::new(MemorySource::new(bytes.into()));
    PayloadFile { role: Role::Other, name: Name::from(name), source, expected_sha256: None }
}

fn plan(files: Vec<PayloadFile>, medium: Option<Medium>, listing: Listing) -> PackagePlan {
    PackagePlan {
        bag_name: "case-1-package".to_owned(),
        archive: "p.zip".to_owned(),
        case: Case {
            number: CASE_NUMBER.to_owned(),
            title: "t".to_owned(),
            examiner: "e".to_owned(),
            agency: "a".to_owned(),
            created: "2026-11-20T08:00:00Z".to_owned(),
        },
        authority: Value::Null,
        scope: Value::Null,
        handling: vec!["TLP:AMBER".to_owned()],
        items: vec![Item { id: "HDD-1".to_owned(), medium, files }],
        custody: Custody { records: 0, head_root: None },
        tag_files: Vec::new(),
        history: None,
        listing,
        created: Instant::from_unix_seconds(1_795_500_000),
        tool: "test".to_owned(),
        limits: Vec::new(),
    }
}

/// Seals with the examiner's key.
fn made(plan: &PackagePlan) -> (Vec<u8>, Option<SealedList>) {
    let (key, store) = (key(7), MemoryStore::new());
    let public = key.public_key();
    let signer = Signer {
        principal: "jane@example.org".to_owned(),
        fingerprint: public.fingerprint(),
        public_key: public.to_openssh(),
        allowed_signers: exhibit_custody::allowed_signers::line("jane@example.org", &public).unwrap(),
        sign: &|namespace, message| Ok(sshsig::sign(&key, namespace, message)),
        note: &|name, text| Ok(exhibit_custody::note::sign(std::str::from_utf8(text)?, name, &key)?),
    };
    let sealed = seal(plan, &signer, &store, &Silent, &Cancel::new()).unwrap();
    (store.get("p.zip").unwrap(), sealed.list)
}

fn whole() -> (Vec<u8>, SealedList) {
    let (source, _, root) = medium();
    let medium = Medium {
        size_bytes: source.size(),
        digests: serde_json::from_value(serde_json::json!({"sha256": sha256(b"x")})).unwrap(),
        tree_root: Some(root),
        gaps: exhibit_package::manifest::Gaps::default(),
    };
    let files = NAMES.iter().map(|name| file(name, text(name))).collect();
    let listing = Listing::Whole { seed: [9; 32], origin: format!("exhibit-list/{CASE_NUMBER}") };
    let (package, list) = made(&plan(files, Some(medium), listing));
    (package, list.unwrap())
}

fn ground() -> Ground {
    Ground { reason: "privileged".to_owned(), authority: "Court 3".to_owned() }
}

/// A plan that shows the files named and a range, and withholds the rest.
fn part(shown: &[&str], range: Option<ByteRange>) -> PackagePlan {
    let list = whole().1;
    let hidden = |entry: &Entry| match entry {
        Entry::File { name, .. } => !shown.contains(&name.to_string().as_str()),
        Entry::Medium { .. } => range.is_none(),
    };
    let withheld = (0_u64..).zip(&list.entries).filter(|(_, listed)| hidden(&listed.entry));
    let withheld = withheld.map(|(index, _)| (index, ground())).collect();
    let mut files: Vec<PayloadFile> = shown.iter().map(|name| file(name, text(name))).collect();
    let mut ranges = Vec::new();
    if let Some(range) = range {
        let (source, tree, _) = medium();
        let proof = range_proof::prove(&*source, &mut StoredTree::open(&tree).unwrap(), range).unwrap();
        let name = Name::from("ranges/r.raw");
        let bytes = Arc::new(Slice::new(source, range));
        files.push(PayloadFile { role: Role::MediumRange, name: name.clone(), source: bytes, expected_sha256: None });
        let item = "HDD-1".to_owned();
        ranges.push(PartRange { item, name, offset: range.offset, length: range.length, proof });
    }
    plan(files, None, Listing::Part(Box::new(Part { list, withheld, ranges, log: None })))
}

fn verdict(package: Vec<u8>) -> Verdict {
    let (keys, cancel) = ([key(7).public_key()], Cancel::new());
    let watch = Watch { observer: &Silent, cancel: &cancel };
    let request = Request {
        level: Level::Full,
        trusted: &keys,
        trust: Trust::default(),
        media: None,
        now: None,
        limits: zip::Limits::default(),
        watch,
    };
    check_package(Arc::new(MemorySource::new(package)), &request).unwrap().verdict().clone()
}

fn of<'a>(verdict: &'a Verdict, id: &str) -> &'a Check {
    verdict.checks.iter().find(|check| check.id == id).unwrap()
}

/// The package of a plan with its `exhibit/disclosure.json` changed before everything was signed.
fn forged(plan: &PackagePlan, change: impl FnOnce(&mut Disclosure)) -> Verdict {
    let (package, _) = made(plan);
    let archive = zip::Archive::open(Arc::new(MemorySource::new(package)), &zip::Limits::default());
    let mut bytes = Vec::new();
    use exhibit_verify::Members as _;
    let name = "case-1-package/exhibit/disclosure.json";
    archive
        .stream(name, &mut |block| {
            bytes.extend_from_slice(block);
            true
        })
        .unwrap();
    let mut disclosure: Disclosure = serde_json::from_slice(&bytes).unwrap();
    change(&mut disclosure);
    let forged = serde_json_canonicalizer::to_vec(&disclosure).unwrap();
    // The same plan without a list, and the forgery as a record of its own: the sender signs it like anything else.
    let mut plan = PackagePlan { listing: Listing::None, ..clone(plan) };
    plan.tag_files.push(("exhibit/disclosure.json".to_owned(), forged));
    verdict(made(&plan).0)
}

fn clone(plan: &PackagePlan) -> PackagePlan {
    let copy = |file: &PayloadFile| PayloadFile {
        role: file.role,
        name: file.name.clone(),
        source: file.source.clone(),
        expected_sha256: None,
    };
    let files = plan.items[0].files.iter().map(copy).collect();
    self::plan(files, plan.items[0].medium.clone(), Listing::None)
}

#[test]
fn the_whole_and_every_choice_of_files_hold() {
    let whole = verdict(whole().0);
    assert_eq!(of(&whole, "disclosure").result, CheckResult::Passed, "{whole:#?}");
    for pattern in 1..32_u32 {
        let shown: Vec<&str> = (0..5).filter(|n| pattern >> n & 1 == 1).map(|n| NAMES[n]).collect();
        let verdict = verdict(made(&part(&shown, None)).0);
        for id in ["disclosure", "disclosure-signature"] {
            assert_eq!(of(&verdict, id).result, CheckResult::Passed, "{shown:?}: {:#?}", of(&verdict, id));
        }
    }
}

#[test]
fn ranges_hold_wherever_they_lie() {
    let size = 3_200_000;
    for (from, to) in [(0, 4096), (4096, 1 << 20), (1 << 20, 3 << 20), (3_198_976, size), (0, size)] {
        let verdict = verdict(made(&part(&["paper-b.txt"], Some(ByteRange::between(from, to)))).0);
        let check = of(&verdict, "disclosure-ranges");
        assert_eq!(check.result, CheckResult::Passed, "{from}..{to}: {check:#?}");
    }
}

#[test]
fn whatever_the_sender_changes_in_what_he_withholds_or_shows_is_found() {
    type Change = fn(&mut Disclosure);
    let changes: [(&str, &str, Change); 22] = [
        ("a mark is missing", "disclosure", |d| drop(d.withheld.pop())),
        ("a mark is there twice", "disclosure", |d| d.withheld.push(d.withheld[0].clone())),
        ("a mark is moved", "disclosure", |d| d.withheld[0].index += 1),
        ("a mark lies outside", "disclosure", |d| d.withheld[0].index = 99),
        ("a mark names another item", "disclosure", |d| d.withheld[0].item = "HDD-2".to_owned()),
        ("a mark makes it smaller", "disclosure", |d| d.withheld[0].size_class = "empty".to_owned()),
        ("a mark has a class of its own", "disclosure", |d| d.withheld[0].size_class = "tiny".to_owned()),
        ("a mark seals something else", "disclosure", |d| d.withheld[0].sealed = "00".repeat(32)),
        ("a mark has no ground", "disclosure", |d| d.withheld[0].ground = 9),
        ("a ground has no reason", "disclosure", |d| d.grounds[0].reason.clear()),
        ("marks are swapped", "disclosure", |d| {
            let other = d.withheld[1].sealed.clone();
            d.withheld[1].sealed = std::mem::replace(&mut d.withheld[0].sealed, other);
        }),
        ("a file is in another place", "disclosure", |d| d.files.reverse()),
        ("a file is there twice", "disclosure", |d| d.files[0] = d.files[1]),
        ("a salt is another", "disclosure", |d| d.seeds[0].seed = "00".repeat(32)),
        ("a salt is missing", "disclosure", |d| drop(d.seeds.remove(0))),
        ("the list is cut", "disclosure", |d| {
            drop(d.withheld.pop());
            d.checkpoint = d.checkpoint.replacen("\n6\n", "\n5\n", 1);
        }),
        ("the medium is another", "disclosure", |d| d.media[0].tree_root = "00".repeat(32)),
        ("the medium is shorter", "disclosure", |d| d.media[0].size_bytes -= 4096),
        ("the range is elsewhere", "disclosure-ranges", |d| d.ranges[0].offset += 4096),
        ("the proof is short", "disclosure-ranges", |d| drop(d.ranges[0].proof.pop())),
        ("the proof is long", "disclosure-ranges", |d| d.ranges[0].proof.push("00".repeat(32))),
        ("the range has no proof", "disclosure-ranges", |d| d.ranges.clear()),
    ];
    let plan = part(&["paper-b.txt", "paper-d.txt"], Some(ByteRange::new(8192, 4096)));
    assert_eq!(of(&forged(&plan, |_| {}), "disclosure").result, CheckResult::Passed);
    for (what, id, change) in changes {
        let verdict = forged(&plan, change);
        assert_eq!(of(&verdict, id).result, CheckResult::Failed, "{what}: {:#?}", of(&verdict, id));
        assert_eq!(verdict.exit_code(), 4, "{what}");
    }
}

#[test]
fn a_list_signed_by_somebody_else_or_of_another_case_is_not_this_one() {
    let plan = part(&["paper-b.txt"], None);
    let stranger = key(8);
    let signed = |d: &mut Disclosure| {
        let text = d.checkpoint.split("\n\n").next().unwrap().to_owned() + "\n";
        let origin = text.lines().next().unwrap().to_owned();
        d.checkpoint = exhibit_custody::note::sign(&text, &origin, &stranger).unwrap();
    };
    assert_eq!(of(&forged(&plan, signed), "disclosure-signature").result, CheckResult::NotChecked);
    let renamed = |d: &mut Disclosure| {
        let text = "exhibit-list/9\n6\n".to_owned() + d.checkpoint.lines().nth(2).unwrap() + "\n";
        d.checkpoint = exhibit_custody::note::sign(&text, "exhibit-list/9", &key(7)).unwrap();
    };
    assert_eq!(of(&forged(&plan, renamed), "disclosure").result, CheckResult::Failed);
    let broken = |d: &mut Disclosure| d.checkpoint = d.checkpoint.replacen("\n6\n", "\n7\n", 1);
    assert_eq!(forged(&plan, broken).exit_code(), 4);
}

#[test]
fn what_is_withheld_cannot_be_confirmed_by_whoever_guesses_it_exactly() {
    let plan = part(&["paper-b.txt"], None);
    let (package, _) = made(&plan);
    let verdict = verdict(package.clone());
    assert_eq!(of(&verdict, "disclosure").result, CheckResult::Passed);
    let archive = zip::Archive::open(Arc::new(MemorySource::new(package)), &zip::Limits::default());
    use exhibit_verify::Members as _;
    let mut all = Vec::new();
    for entry in archive.list().unwrap() {
        archive
            .stream(&entry.name, &mut |block| {
                all.extend_from_slice(block);
                true
            })
            .unwrap();
    }
    let all = String::from_utf8_lossy(&all).into_owned();
    for name in NAMES.iter().filter(|name| **name != "paper-b.txt") {
        // The guesser knows name, role, content and size, and that there is no salt in a hash without one.
        let entry = Entry::File {
            name: Name::from(*name),
            role: Role::Other,
            sha256: sha256(text(name).as_bytes()),
            size: text(name).len() as u64,
        };
        let bytes = serde_json_canonicalizer::to_vec(&entry).unwrap();
        for value in [sha256(&bytes), sha256(text(name).as_bytes()), (*name).to_owned()] {
            assert!(!all.contains(&value), "{name}: {value}");
        }
        // Nor does any seed that travels give a salt that fits.
        for line in all.split('"').filter(|word| word.len() == 64) {
            let Some(seed) = exhibit_evidence::from_hex(line) else { continue };
            let guess = sha256(&[seed.as_slice(), &bytes].concat());
            assert!(!all.contains(&guess), "{name}: a salt is given away");
        }
    }
}
