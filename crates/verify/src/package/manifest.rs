//! `exhibit/manifest.json` against the payload, the case and the custody log.

use std::collections::{BTreeSet, HashMap};

use exhibit_custody::strict_json;
use exhibit_evidence::acquisition::Acquisition;
use exhibit_evidence::{Finding, Instant, Name, Severity, to_hex};
use exhibit_package::layout::{CASE, ITEMS, MANIFEST};
use exhibit_package::manifest::{FORMAT, Manifest, Medium, Role};
use serde::Deserialize as _;
use serde_json::Value;

use crate::case_file::CaseFile;
use crate::collect::Findings;
use crate::custody::Log;
use crate::holdings::{Held, Holding};
use crate::ledger::Ledger;
use crate::members::{Members, read_small};
use crate::verdict::Check;

/// Largest manifest read, in bytes: some 250 for each of 250,000 files. As a tree of values it takes ten times that.
const MANIFEST_BYTES_MAX: u64 = 64 << 20;

/// Reads and compares; the manifest comes back if it could be read. In a part of what was sealed, records of the log may be
/// withheld.
pub(super) fn check(
    members: &dyn Members,
    ledger: &Ledger,
    case: Option<&CaseFile>,
    log: Option<&Log>,
    log_is_part: bool,
    checks: &mut Vec<Check>,
) -> Option<Manifest> {
    let title = "The manifest agrees with the files, the case and the custody log";
    let manifest = match read(members) {
        Ok(manifest) => manifest,
        Err(finding) => {
            checks.push(Check::from_findings("manifest", title, "", vec![finding]));
            return None;
        }
    };
    let mut findings = Findings::default();
    head(&manifest, &mut findings);
    files(&manifest, ledger, &mut findings);
    if let Some(case) = case {
        same_case(&manifest, case, &mut findings);
        if let Some(log) = log.filter(|_| !log_is_part) {
            handling(&manifest, case, log, &mut findings);
        }
    }
    custody(&manifest, log, &mut findings);
    let count: usize = manifest.items.iter().map(|item| item.files.len()).sum();
    let passed = format!("{} items with {count} files, sizes and SHA-256 agree", manifest.items.len());
    checks.push(Check::from_findings("manifest", title, passed, findings.into_list()));
    Some(manifest)
}

/// Reads the manifest strictly.
///
/// # Errors
/// A finding, if it is missing, cannot be read, or is not exactly in its format.
pub(crate) fn read(members: &dyn Members) -> Result<Manifest, Finding> {
    let wrong = |text: String| Finding::new(Severity::Mismatch, "manifest", MANIFEST, text);
    let bytes = read_small(members, MANIFEST, MANIFEST_BYTES_MAX)?;
    let limit = usize::try_from(MANIFEST_BYTES_MAX).unwrap_or(usize::MAX);
    let value = strict_json::parse_canonical(&bytes, limit).map_err(|fault| wrong(fault.to_string()))?;
    let manifest = Manifest::deserialize(&value).map_err(|error| wrong(error.to_string()))?;
    let again = serde_json::to_value(&manifest).unwrap_or(Value::Null);
    if again != value {
        return Err(wrong("it holds something that does not belong to its format".to_owned()));
    }
    Ok(manifest)
}

fn head(manifest: &Manifest, findings: &mut Findings) {
    if manifest.format != FORMAT {
        findings.wrong("manifest", MANIFEST, format!("the format is {:?}, not {FORMAT:?}", manifest.format));
    }
    if Instant::parse(&manifest.created).is_none() {
        findings.wrong("manifest", MANIFEST, "\"created\" is not RFC 3339 in UTC with whole seconds");
    }
    let mut ids = BTreeSet::new();
    for item in manifest.items.iter().filter(|item| !ids.insert(item.id.as_str())) {
        findings.wrong("manifest", MANIFEST, format!("item {:?} is there twice", item.id));
    }
}

/// Every payload file exactly once, with its size and SHA-256.
fn files(manifest: &Manifest, ledger: &Ledger, findings: &mut Findings) {
    let mut listed: BTreeSet<&str> = BTreeSet::new();
    for (item, file) in manifest.items.iter().flat_map(|item| item.files.iter().map(move |file| (item, file))) {
        let place = file.path.as_str();
        if !listed.insert(place) {
            findings.wrong("manifest-file", place, "the manifest lists it twice");
        }
        if !place.strip_prefix(ITEMS).is_some_and(|rest| rest.starts_with('/')) {
            findings.wrong("manifest-file", place, format!("item {:?}: it does not lie below {ITEMS}/", item.id));
        }
        let Some(real) = ledger.get(place) else {
            findings.wrong("manifest-file", place, "the manifest lists it, and there is no such file");
            continue;
        };
        if real.size != file.size {
            findings.wrong(
                "manifest-file",
                place,
                format!("the manifest says {} bytes, found {}", file.size, real.size),
            );
        }
        if let Some(found) = real.sha256().filter(|found| *found != file.sha256) {
            findings.wrong(
                "manifest-file",
                place,
                format!("SHA-256: the manifest says {}, found {found}", file.sha256),
            );
        }
    }
    for name in ledger.files.keys().filter(|name| name.starts_with("data/") && !listed.contains(name.as_str())) {
        findings.wrong("manifest-file", name.as_str(), "the manifest does not list this file of the payload");
    }
}

fn same_case(manifest: &Manifest, case: &CaseFile, findings: &mut Findings) {
    let here = &manifest.case;
    let texts = [
        ("number", &here.number, &case.number),
        ("title", &here.title, &case.title),
        ("examiner", &here.examiner, &case.examiner),
        ("agency", &here.agency, &case.agency),
        ("created", &here.created, &case.created),
    ];
    for (what, here, there) in texts.into_iter().filter(|(_, here, there)| here != there) {
        findings.wrong("manifest-case", MANIFEST, format!("{what} of the case: {here:?} here, {there:?} in {CASE}"));
    }
    let values = [("authority", &manifest.authority, &case.authority), ("scope", &manifest.scope, &case.scope)];
    for (what, ..) in values.into_iter().filter(|(_, here, there)| here != there) {
        findings.wrong("manifest-case", MANIFEST, format!("{what}: not what {CASE} says"));
    }
}

/// The marks are those of the last record that sets any, otherwise those the case began with.
fn handling(manifest: &Manifest, case: &CaseFile, log: &Log, findings: &mut Findings) {
    let (marks, place) = match &log.facts.handling {
        Some(marks) => (marks, "the custody log"),
        None => (&case.handling, CASE),
    };
    if manifest.handling != *marks {
        let show = |marks: &[String]| if marks.is_empty() { "none".to_owned() } else { marks.join(", ") };
        let (here, there) = (show(&manifest.handling), show(marks));
        findings.wrong("manifest-handling", MANIFEST, format!("marks of handling: {here} here, {there} in {place}"));
    }
}

fn custody(manifest: &Manifest, log: Option<&Log>, findings: &mut Findings) {
    let found = log.map_or((0, None), |log| (log.records, Some(to_hex(&log.root))));
    let said = (manifest.custody.records, manifest.custody.head_root.clone());
    if said != found {
        let show = |(records, root): &(u64, Option<String>)| {
            format!("{records} records, root {}", root.as_deref().unwrap_or("none"))
        };
        let text = format!("custody log: the manifest says {}, found {}", show(&said), show(&found));
        findings.wrong("manifest-custody", MANIFEST, text);
    }
}

/// Media in the manifest against the acquisition records of the same items.
pub(super) fn media(manifest: &Manifest, records: &HashMap<String, Acquisition>) -> Check {
    let mut findings = Findings::default();
    let mut compared = 0_u64;
    for item in &manifest.items {
        let Some(medium) = &item.medium else { continue };
        let own = item.files.iter().filter(|file| file.role == Role::AcquisitionRecord);
        let own: Vec<&Acquisition> = own.filter_map(|file| records.get(&file.path)).collect();
        compared = compared.saturating_add(1);
        if !own.iter().any(|record| Medium::from(*record) == *medium) {
            let text = format!(
                "item {:?}: what it says about the medium stands in no acquisition record of the item",
                item.id
            );
            findings.wrong("manifest-medium", MANIFEST, text);
        }
    }
    let title = "The manifest says about the media what their acquisition records say";
    Check::from_findings("manifest-media", title, format!("{compared} media"), findings.into_list())
}

/// The items with their files, as the manifest has them.
pub(crate) fn holdings(manifest: &Manifest) -> Vec<Holding> {
    let holding = |item: &exhibit_package::manifest::Item| {
        let mut holding = Holding::new(item.id.as_str());
        for file in &item.files {
            holding.add(Held { place: file.path.clone(), name: text(&file.original_name), role: file.role });
        }
        holding
    };
    manifest.items.iter().map(holding).collect()
}

/// Path in the case to place in the bag.
pub(super) fn places(manifest: &Manifest) -> HashMap<String, String> {
    let mut places = HashMap::from([("case.json".to_owned(), CASE.to_owned())]);
    for (item, file) in manifest.items.iter().flat_map(|item| item.files.iter().map(move |file| (item, file))) {
        places.insert(format!("items/{}/{}", item.id, text(&file.original_name)), file.path.clone());
    }
    places
}

/// A name as text; one that is not UTF-8 appears in no record as text, so its escaped form serves.
fn text(name: &Name) -> String {
    String::from_utf8(name.bytes().to_vec()).unwrap_or_else(|_| name.to_string())
}
