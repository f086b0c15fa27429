//! `exhibit package`: seals a case as an evidence package, or a part of one.

mod disclose;
mod log_part;
mod mentions;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use exhibit_custody::{allowed_signers, sshsig};
use exhibit_device::LaterFile;
use exhibit_encryption::Recipient;
use exhibit_evidence::{Fact, Recorder as _, to_hex};
use exhibit_package::disclosure::{Ground, ORIGIN_PREFIX, RECIPIENTS_FORMAT, Recipients};
use exhibit_package::layout;
use exhibit_package::manifest;
use exhibit_package::write::{
    Further, Item, Listing, PackageError, PackagePlan, PayloadFile, Sealed, SignError, Signer, seal_with,
};
use exhibit_report::SignerFacts;
use exhibit_store::Folder;
use serde_json::{Map, Value, json};

use crate::actor::Actor;
use crate::authorities::Authorities;
use crate::case::Case;
use crate::encryption;
use crate::further_signatures::{FurtherSignatures, Wish};
use crate::items;
use crate::keys;
use crate::outcome::{Done, Ending, Failure, shown};
use crate::recording::{CaseRecorder, LogFiles};
use crate::sealed_lists;
use crate::selection::Selection;
use crate::sizes;
use crate::transport::{self, Outbox, Sent, Wanted};
use crate::world::{TOOL, World};

/// Seal a case as an evidence package: a signed BagIt bag in one ZIP file that anybody can check without this program.
///
/// The package holds the items with their records, the custody log, a report, and VERIFY.txt, which explains how to check
/// everything with unzip, sha256sum and ssh-keygen.
///
/// With a certificate the list of all files is signed by CMS as well, and with the address of an authority time-stamped: then
/// the receiver needs no key of yours, only the certificates of the authorities (verify --trust).
///
/// With --disclose a part of a package that was sealed before is made: what is shown is proven against the signed list of the
/// whole, what is withheld keeps its place with a reason.
///
/// Examples:
///   exhibit package cases/2026-117 --to 2026-117.zip
///   exhibit package cases/2026-117 --to part.zip --disclose 'HDD-1/carved/jpeg/*,HDD-2@1MiB:64KiB' \
///       --withheld-because 'outside of request 7' --withheld-by 'Prosecutor of Example'
///   exhibit package cases/2026-117 --to 2026-117.zip --certificate me.pem --certificate-key me.key --tsa URL
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
    /// Encrypt to this public key (age1…, or ssh-ed25519 …), or to those in this file; may be given several times
    #[arg(long, value_name = "AGE-RECIPIENT")]
    encrypt_to: Vec<String>,
    /// Cut into parts of this size (4GiB), with a small signed list of them that can go ahead
    #[arg(long, value_name = "SIZE", value_parser = sizes::parse)]
    split: Option<u64>,
    /// Only a part of what was sealed: ITEM, ITEM/FILE with stars, ITEM@OFFSET:LENGTH, !ITEM/FILE to withhold; separated by
    /// commas; or a selection file (JSON)
    #[arg(long, value_name = "SELECTION", conflicts_with = "items")]
    disclose: Option<String>,
    /// Why everything else is withheld
    #[arg(long, value_name = "REASON", requires = "disclose")]
    withheld_because: Option<String>,
    /// On whose authority it is withheld
    #[arg(long, value_name = "AUTHORITY", requires = "disclose")]
    withheld_by: Option<String>,
    /// Show files although they tell names or digests of what is withheld
    #[arg(long, requires = "disclose")]
    allow_mentions: bool,
    /// Sign by certificate as well (CMS, CAdES): file with the certificate (PEM), perhaps followed by its chain
    #[arg(long, value_name = "CERT", requires = "certificate_key")]
    certificate: Option<PathBuf>,
    /// Private key of that certificate: RSA, P-256 or P-384 in PKCS #8 (PEM), plain or encrypted
    #[arg(long, value_name = "FILE", requires = "certificate")]
    certificate_key: Option<PathBuf>,
    /// Have the signatures time-stamped by the authority at this address, http://…
    #[arg(long, value_name = "URL")]
    tsa: Option<String>,
    #[command(flatten)]
    authorities: Authorities,
    #[command(flatten)]
    actor: Actor,
}

impl Package {
    pub(super) fn run(&self, world: &World) -> Ending {
        let case = Case::open(&self.case)?;
        let disclose = self.disclose.as_deref().map(|selection| {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            let ground = Ground { reason: text(&self.withheld_because), authority: text(&self.withheld_by) };
            Selection::read(selection, ground)
        });
        let wish = Wish {
            certificate: self.certificate.as_deref().zip(self.certificate_key.as_deref()),
            tsa: self.tsa.as_deref(),
            authorities: &self.authorities,
        };
        let request = Request {
            to: &self.to,
            items: &self.items,
            recipient: self.recipient.as_deref(),
            verdict: None,
            disclose: disclose.transpose()?,
            allow_mentions: self.allow_mentions,
            wanted: self.wanted()?,
            wish: Some(&wish),
        };
        let Made { sealed, sent, list } = make(world, &case, &request, self.actor.clone())?;
        let size = sent.as_ref().map_or(sealed.size_bytes, |sent| sent.archive.size);
        world.say(&format!("Package  {} ({})", shown(&self.to), sizes::shown(size)));
        if let (Some(sent), Some(list)) = (&sent, &list) {
            world.say(&format!(
                "Parts    {} files, {}.001 …; their signed list, which can go ahead: {list}",
                sent.parts.len(),
                shown(&self.to)
            ));
        }
        if let count @ 1.. = request.wanted.recipients.len() {
            world
                .say(&format!("Sealed   and encrypted to {count} keys; opens with age -d, or with exhibit --identity"));
        }
        world.say(&format!("Payload  {} files, {}", sealed.payload_files, sizes::shown(sealed.payload_bytes)));
        world.say(&format!(
            "Digest   {} (SHA-256 of its tag manifest; stands for everything in it)",
            sealed.tagmanifest_sha256
        ));
        let target = list.clone().unwrap_or_else(|| shown(&self.to));
        world.say(&format!("Check    exhibit verify {target} --key PUBLIC-KEY    or see VERIFY.txt inside"));
        let parts = sent.as_ref().map(|sent| &sent.parts);
        Ok(Done::new(json!({
            "package": shown(&self.to),
            "size_bytes": size,
            "parts": parts,
            "parts_list": list,
            "payload_files": sealed.payload_files,
            "payload_bytes": sealed.payload_bytes,
            "tagmanifest_sha256": sealed.tagmanifest_sha256,
            "tagmanifest_sha512": sealed.tagmanifest_sha512,
        })))
    }
}

impl Package {
    /// What is wanted beyond a plain file.
    fn wanted(&self) -> Result<Wanted, Failure> {
        if self.split.is_some_and(|size| size < transport::PART_BYTES_MIN) {
            return Err(Failure::usage(format!(
                "parts of less than {} are not made",
                sizes::short(transport::PART_BYTES_MIN)
            ))
            .hint("give a size such as 700MiB or 4GiB"));
        }
        Ok(Wanted { recipients: encryption::recipients(&self.encrypt_to)?, split: self.split })
    }
}

/// What to package.
pub(super) struct Request<'a> {
    pub(super) to: &'a Path,
    pub(super) items: &'a [String],
    pub(super) recipient: Option<&'a str>,
    /// A verdict to print in the report, where one was reached before.
    pub(super) verdict: Option<exhibit_report::Verdict>,
    /// Only this part of what was sealed before.
    pub(super) disclose: Option<Selection>,
    /// Show also what tells of something withheld.
    pub(super) allow_mentions: bool,
    /// Whether and how it is encrypted and cut.
    pub(super) wanted: Wanted,
    /// Further signatures, where some are wished for.
    pub(super) wish: Option<&'a Wish<'a>>,
}

/// A package that was made.
pub(super) struct Made {
    pub(super) sealed: Sealed,
    /// What left, if it is not the package as it is.
    pub(super) sent: Option<Sent>,
    /// The list of its parts.
    pub(super) list: Option<String>,
}

/// Makes the package and records it: what is planned before it is made (and so inside it), its digest afterwards.
pub(super) fn make(world: &World, case: &Case, request: &Request<'_>, actor: Actor) -> Result<Made, Failure> {
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
    let further =
        request.wish.map(|wish| FurtherSignatures::prepare(world, case, wish, actor.clone())).transpose()?.flatten();
    let mut recorder = CaseRecorder::new(world, case, actor)?;
    let disclosed = match &request.disclose {
        Some(selection) => {
            let (path, list) = sealed_lists::newest(case)?;
            Some((path, disclose::part(world, &found, list, selection, request.allow_mentions)?))
        }
        None => None,
    };
    let ids: Vec<&str> = found.iter().map(|item| item.id.as_str()).collect();
    let mut planned = Fact::new("packaging-planned")
        .object("name", archive.clone())
        .detail("recipient", json!(request.recipient))
        .detail("signer", key.public_key().fingerprint());
    planned = match &disclosed {
        None => planned.detail("items", json!(ids)),
        // Never what is withheld: this record travels in the disclosure.
        Some((list, disclosed)) => planned
            .detail("part_of", list.clone())
            .detail("entries_shown", disclosed.shown)
            .detail("entries_withheld", disclosed.part.withheld.len())
            .detail("ranges", disclosed.part.ranges.len()),
    };
    recorder.record(planned).map_err(|error| Failure::new(error.to_string()))?;

    let principal = principal(&case.file.examiner);
    let allowed =
        allowed_signers::line(&principal, &key.public_key()).map_err(|fault| Failure::new(fault.to_string()))?;
    let fingerprint = key.public_key().fingerprint();
    let sign = |namespace: &str, message: &[u8]| -> Result<String, SignError> {
        Ok(sshsig::sign_with(key.as_ref(), namespace, message)?)
    };
    let note = |name: &str, text: &[u8]| -> Result<String, SignError> {
        Ok(exhibit_custody::note::sign(std::str::from_utf8(text)?, name, key.as_ref())?)
    };
    let signer = Signer {
        principal: principal.clone(),
        fingerprint: fingerprint.clone(),
        public_key: key.public_key().to_openssh(),
        allowed_signers: format!("{allowed}\n"),
        sign: &sign,
        note: &note,
    };
    let keys: Vec<String> = request.wanted.recipients.iter().map(Recipient::text).collect();
    // The package inside has the name that it has when it was opened: p.zip of p.zip.age.
    let inside = archive.strip_suffix(".age").filter(|name| !keys.is_empty() && !name.is_empty());
    let inside = inside.unwrap_or(&archive).to_owned();
    let names = Names { bag_name: bag_name(&case.file.number), archive: inside.clone() };
    let (mut plan, action) = match disclosed {
        Some((_, disclosed)) => (plan_part(world, case, disclosed, names)?, "disclosed"),
        None => {
            let mut facts = items::facts(world, case, &found, request.verdict.clone())?;
            facts.signer = Some(SignerFacts { principal, fingerprint });
            facts.bag_name = Some(names.bag_name.clone());
            let limits = limits(&found, request.items);
            facts.limits = limits.clone();
            (plan(world, case, found, &facts, names, limits)?, "packaged")
        }
    };
    if !keys.is_empty() {
        plan.tag_files.push((layout::RECIPIENTS.to_owned(), named_inside(request.recipient, &keys)?));
    }
    let make_further = |manifest: &[u8], signature: &[u8]| match &further {
        Some(further) => further.make(manifest, signature),
        None => Ok(Vec::new()),
    };
    let announced = further.as_ref().map(|further| Further { members: further.members(), make: &make_further });
    let make = |store: &dyn exhibit_evidence::Store| {
        let sealed = seal_with(&plan, &signer, announced.as_ref(), store, world.observer.as_ref(), &world.cancel);
        sealed.map_err(|error| failure(&error))
    };
    let (sealed, sent) = if request.wanted.is_plain() {
        (make(&folder)?, None)
    } else {
        let outbox = Outbox::new(case, &inside)?;
        let sealed = make(&outbox)?;
        let sent = transport::send(world, &outbox, &folder, &archive, &request.wanted)?;
        (sealed, Some(sent))
    };
    let list = match sent.as_ref().filter(|_| request.wanted.split.is_some()) {
        Some(sent) => {
            let about = transport::About {
                case: &case.file.number,
                created: plan.created.to_string(),
                recipients: keys.clone(),
                tagmanifest_sha256: &sealed.tagmanifest_sha256,
            };
            Some(transport::announce(&folder, sent, about, &sign)?)
        }
        None => None,
    };
    let mut done = Fact::new(action)
        .object("name", archive)
        .object("size", sealed.size_bytes)
        .detail("tagmanifest_sha256", sealed.tagmanifest_sha256.clone())
        .detail("tagmanifest_sha512", sealed.tagmanifest_sha512.clone())
        .detail("payload_files", sealed.payload_files);
    if let Some(sent) = &sent {
        done = done.detail(
            "sent",
            json!({"size": sent.archive.size, "sha256": sent.archive.sha256, "parts": sent.parts.len()}),
        );
        done = done.detail("encrypted_to", json!(keys));
    }
    if let Some(list) = &sealed.list {
        let kept = sealed_lists::keep(case, list)?;
        done = done.detail("list", json!({"path": kept.path, "sha256": kept.sha256}));
    }
    recorder.record(done).map_err(|error| Failure::new(error.to_string()))?;
    Ok(Made { sealed, sent, list })
}

/// `exhibit/recipients.json`: for whom it is encrypted, told inside of what is signed.
fn named_inside(name: Option<&str>, keys: &[String]) -> Result<Vec<u8>, Failure> {
    let recipients = Recipients { format: RECIPIENTS_FORMAT.to_owned(), name: json!(name), keys: keys.to_vec() };
    serde_json_canonicalizer::to_vec(&recipients).map_err(|error| Failure::new(error.to_string()))
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
    let mut tag_files = vec![
        (layout::CASE.to_owned(), case.file_bytes.clone()),
        (layout::REPORT.to_owned(), super::report::page(world, facts).into_bytes()),
    ];
    tag_files.push((layout::PAGE.to_owned(), exhibit_verify_web::PAGE.as_bytes().to_vec()));
    let bound = bound(&log);
    let files = log_files.segments.into_iter().chain(log_files.checkpoints).chain(log_files.stamps);
    tag_files.extend(files.map(|(name, bytes)| (format!("{}/{name}", layout::CUSTODY), bytes)));
    let history = items::history(&found, &log);
    let mut items = Vec::new();
    for item in found {
        let mut payload = Vec::new();
        for file in item.files {
            let logged = bound.get(&format!("items/{}/{}", item.id, file.name)).cloned();
            let source =
                LaterFile::look(&file.path, world.mapping()).map_err(|e| Failure::io("read", &file.path, &e))?;
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
        case: described(case),
        authority: file.authority.clone(),
        scope: file.scope.clone(),
        handling: case.handling(&log),
        items,
        custody: manifest::Custody { records: log.size(), head_root: Some(to_hex(&log.root())) },
        tag_files,
        listing: listing(case)?,
        history: Some(history),
        created: world.clock.now(),
        tool: TOOL.to_owned(),
        limits,
    })
}

/// A part of what was sealed: no report and no log as they are, since both tell of everything.
fn plan_part(
    world: &World,
    case: &Case,
    mut disclosed: disclose::Disclosed,
    names: Names,
) -> Result<PackagePlan, Failure> {
    let limits = vec![disclosed.limit()];
    let files = LogFiles::read(&case.path)?;
    let handling = case.handling(&files.log().value);
    let (log, custody) = log_part::log_part(&files, &disclosed.mentions)?;
    disclosed.part.log = Some(log);
    Ok(PackagePlan {
        bag_name: names.bag_name,
        archive: names.archive,
        case: described(case),
        authority: case.file.authority.clone(),
        scope: case.file.scope.clone(),
        handling,
        items: disclosed.items,
        custody,
        tag_files: vec![(layout::CASE.to_owned(), case.file_bytes.clone())],
        listing: Listing::Part(Box::new(disclosed.part)),
        // The graph of a part would have to leave out what the log tells of the rest; the manifest says what is shown.
        history: None,
        created: world.clock.now(),
        tool: TOOL.to_owned(),
        limits,
    })
}

/// The case as the manifest describes it.
fn described(case: &Case) -> manifest::Case {
    let file = &case.file;
    manifest::Case {
        number: file.number.clone(),
        title: file.title.clone(),
        examiner: file.examiner.clone(),
        agency: file.agency.clone(),
        created: file.created.clone(),
    }
}

/// A list of the whole, with fresh salts.
fn listing(case: &Case) -> Result<Listing, Failure> {
    let mut seed = [0_u8; 32];
    getrandom::fill(&mut seed).map_err(|error| Failure::new(format!("the system gives no randomness: {error}")))?;
    let origin = exhibit_custody::layout::origin(&case.file.number);
    let number = origin.strip_prefix(exhibit_custody::layout::ORIGIN_PREFIX).unwrap_or_default();
    Ok(Listing::Whole { seed, origin: format!("{ORIGIN_PREFIX}{number}") })
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
