//! `exhibit package`: seals a case as an evidence package.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use exhibit_custody::{allowed_signers, sshsig};
use exhibit_device::FileSource;
use exhibit_evidence::{Fact, Recorder as _, to_hex};
use exhibit_package::layout;
use exhibit_package::manifest;
use exhibit_package::write::{Item, PackageError, PackagePlan, PayloadFile, Sealed, SignError, Signer, seal};
use exhibit_report::{SignerFacts, html};
use exhibit_store::Folder;
use serde_json::{Map, Value, json};

use crate::actor::Actor;
use crate::case::Case;
use crate::items;
use crate::keys;
use crate::outcome::{Done, Ending, Failure, shown};
use crate::recording::{CaseRecorder, LogFiles};
use crate::sizes;
use crate::world::{TOOL, World};

/// Seal a case as an evidence package: a signed BagIt bag in one ZIP file that anybody can check without this program.
///
/// The package holds the items with their records, the custody log, a report, and VERIFY.txt, which explains how to check
/// everything with unzip, sha256sum and ssh-keygen.
///
/// Example: exhibit package cases/2026-117 --to 2026-117.zip
#[derive(Debug, Args)]
pub(crate) struct Package {
    /// Case folder
    case: PathBuf,
    /// Package file to make
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Only these items, separated by commas [default: all]
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    items: Vec<String>,
    /// For whom the package is made; recorded
    #[arg(long = "for", value_name = "RECIPIENT")]
    recipient: Option<String>,
    #[command(flatten)]
    actor: Actor,
}

impl Package {
    pub(super) fn run(&self, world: &World) -> Ending {
        let case = Case::open(&self.case)?;
        let request = Request { to: &self.to, items: &self.items, recipient: self.recipient.as_deref(), verdict: None };
        let sealed = make(world, &case, &request, self.actor.clone())?;
        world.say(&format!("Package  {} ({})", shown(&self.to), sizes::shown(sealed.size_bytes)));
        world.say(&format!("Payload  {} files, {}", sealed.payload_files, sizes::shown(sealed.payload_bytes)));
        world.say(&format!(
            "Digest   {} (SHA-256 of its tag manifest; stands for everything in it)",
            sealed.tagmanifest_sha256
        ));
        world.say(&format!("Check    exhibit verify {} --key PUBLIC-KEY    or see VERIFY.txt inside", shown(&self.to)));
        Ok(Done::new(json!({
            "package": shown(&self.to),
            "size_bytes": sealed.size_bytes,
            "payload_files": sealed.payload_files,
            "payload_bytes": sealed.payload_bytes,
            "tagmanifest_sha256": sealed.tagmanifest_sha256,
            "tagmanifest_sha512": sealed.tagmanifest_sha512,
        })))
    }
}

/// What to package.
pub(super) struct Request<'a> {
    pub(super) to: &'a Path,
    pub(super) items: &'a [String],
    pub(super) recipient: Option<&'a str>,
    /// A verdict to print in the report, where one was reached before.
    pub(super) verdict: Option<exhibit_report::Verdict>,
}

/// Makes the package and records it: what is planned before it is made (and so inside it), its digest afterwards.
pub(super) fn make(world: &World, case: &Case, request: &Request<'_>, actor: Actor) -> Result<Sealed, Failure> {
    let (folder, archive) = crate::store_paths::split(request.to)?;
    let folder = Folder::at(folder)?;
    if exhibit_evidence::Store::exists(&folder, &archive) {
        return Err(Failure::new(format!("{} exists already, finished or unfinished", shown(request.to)))
            .hint("choose another name, or move the existing file away; nothing was overwritten"));
    }
    let found = items::read(case, request.items)?;
    if found.iter().all(|item| item.files.is_empty()) {
        return Err(Failure::new("the case holds no evidence yet")
            .hint("acquire something first: exhibit acquire SOURCE --case CASE --item ID"));
    }
    let key = keys::load_or_create(world, &case.file.examiner)?;
    let mut recorder = CaseRecorder::new(world, case, actor)?;
    let ids: Vec<&str> = found.iter().map(|item| item.id.as_str()).collect();
    let planned = Fact::new("packaging-planned")
        .object("name", archive.clone())
        .detail("items", json!(ids))
        .detail("recipient", json!(request.recipient))
        .detail("signer", key.public_key().fingerprint());
    recorder.record(planned).map_err(|error| Failure::new(error.to_string()))?;

    let principal = principal(&case.file.examiner);
    let allowed =
        allowed_signers::line(&principal, &key.public_key()).map_err(|fault| Failure::new(fault.to_string()))?;
    let fingerprint = key.public_key().fingerprint();
    let sign =
        |namespace: &str, message: &[u8]| -> Result<String, SignError> { Ok(sshsig::sign(&key, namespace, message)) };
    let signer = Signer {
        principal: principal.clone(),
        fingerprint: fingerprint.clone(),
        public_key: key.public_key().to_openssh(),
        allowed_signers: format!("{allowed}\n"),
        sign: &sign,
    };
    let bag_name = bag_name(&case.file.number);
    let mut facts = items::facts(world, case, &found, request.verdict.clone())?;
    facts.signer = Some(SignerFacts { principal, fingerprint });
    facts.bag_name = Some(bag_name.clone());
    let limits = limits(&found, request.items);
    facts.limits = limits.clone();
    let plan = plan(world, case, found, &facts, Names { bag_name, archive: archive.clone() }, limits)?;
    let sealed =
        seal(&plan, &signer, &folder, world.observer.as_ref(), &world.cancel).map_err(|error| failure(&error))?;
    let done = Fact::new("packaged")
        .object("name", archive)
        .object("size", sealed.size_bytes)
        .detail("tagmanifest_sha256", sealed.tagmanifest_sha256.clone())
        .detail("tagmanifest_sha512", sealed.tagmanifest_sha512.clone())
        .detail("payload_files", sealed.payload_files);
    recorder.record(done).map_err(|error| Failure::new(error.to_string()))?;
    Ok(sealed)
}

/// Names of the bag and of its file.
struct Names {
    bag_name: String,
    archive: String,
}

fn plan(
    world: &World,
    case: &Case,
    found: Vec<items::Item>,
    facts: &exhibit_report::Facts,
    names: Names,
    limits: Vec<String>,
) -> Result<PackagePlan, Failure> {
    let log_files = LogFiles::read(&case.path)?;
    let log = log_files.log().value;
    let mut tag_files =
        vec![(layout::CASE.to_owned(), case.file_bytes.clone()), (layout::REPORT.to_owned(), html(facts).into_bytes())];
    let bound = bound(&log);
    let files = log_files.segments.into_iter().chain(log_files.checkpoints);
    tag_files.extend(files.map(|(name, bytes)| (format!("{}/{name}", layout::CUSTODY), bytes)));
    let mut items = Vec::new();
    for item in found {
        let mut payload = Vec::new();
        for file in item.files {
            let logged = bound.get(&format!("items/{}/{}", item.id, file.name)).cloned();
            let source =
                FileSource::open(&file.path, world.mapping()).map_err(|e| Failure::io("read", &file.path, &e))?;
            payload.push(PayloadFile {
                role: file.role,
                name: file.name,
                source: Arc::new(source),
                expected_sha256: file.recorded_sha256.or(logged),
            });
        }
        items.push(Item { id: item.id, medium: item.records.first().map(manifest::Medium::from), files: payload });
    }
    let file = &case.file;
    Ok(PackagePlan {
        bag_name: names.bag_name,
        archive: names.archive,
        case: manifest::Case {
            number: file.number.clone(),
            title: file.title.clone(),
            examiner: file.examiner.clone(),
            agency: file.agency.clone(),
            created: file.created.clone(),
        },
        authority: file.authority.clone(),
        scope: file.scope.clone(),
        items,
        custody: manifest::Custody { records: log.size(), head_root: Some(to_hex(&log.root())) },
        tag_files,
        created: world.clock.now(),
        tool: TOOL.to_owned(),
        limits,
    })
}

/// The last SHA-256 that the log gives for each path of the case: a file that has changed since is not sealed.
fn bound(log: &exhibit_custody::Log) -> HashMap<String, String> {
    let mut bound = HashMap::new();
    for entry in log.entries() {
        let mut open: Vec<&Value> = entry.record.details.values().chain(entry.record.object.values()).collect();
        let own = [&entry.record.object, &entry.record.details];
        let mut maps: Vec<&Map<String, Value>> = own.to_vec();
        // Records are at most 32 levels deep (custody::layout::DEPTH_MAX), so this ends.
        while let Some(value) = open.pop() {
            match value {
                Value::Array(values) => open.extend(values),
                Value::Object(map) => {
                    open.extend(map.values());
                    maps.push(map);
                }
                _ => {}
            }
        }
        for map in maps {
            if let (Some(Value::String(path)), Some(Value::String(sha256))) = (map.get("path"), map.get("sha256")) {
                bound.insert(path.clone(), sha256.clone());
            }
        }
    }
    bound
}

/// What is not in the package, in sentences.
fn limits(found: &[items::Item], wanted: &[String]) -> Vec<String> {
    let mut limits = Vec::new();
    if !wanted.is_empty() {
        limits.push(format!("Only the items {} of the case are in this package; others may exist.", wanted.join(", ")));
    }
    for item in found.iter().filter(|item| !item.unfinished.is_empty()) {
        let names: Vec<&str> = item.unfinished.iter().map(String::as_str).collect();
        let text = format!(
            "Item {}: files that were never finished, or are no regular files, were left out: {}.",
            item.id,
            names.join(", ")
        );
        limits.push(text);
    }
    limits
}

/// The case number as a folder name that every system takes.
fn bag_name(number: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
    let name: String = number.chars().map(safe).take(60).collect();
    format!("case-{}-package", name.trim_matches('-'))
}

/// The examiner as a name in allowed_signers.
fn principal(examiner: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '@' | '_' | '-') { c } else { '.' };
    let name: String = examiner.chars().map(safe).take(60).collect();
    let name = name.trim_matches('.').to_owned();
    if name.is_empty() { "examiner".to_owned() } else { name }
}

fn failure(error: &PackageError) -> Failure {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    let failure = Failure::of(error.class(), format!("{error}{cause}"));
    match error.class() {
        exhibit_evidence::Class::Corrupt => {
            failure.exit(crate::outcome::Exit::Mismatch).hint("look at the case first: exhibit verify CASE")
        }
        _ => failure,
    }
}
