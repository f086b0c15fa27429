//! What is stamped: the newest checkpoint of a case, the signature of a package, or the bytes of a file; and where its
//! time stamp lies.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use exhibit_custody::layout::{FOLDER, FileKind, StampFile, file_name, parse_name, stamp_name};
use exhibit_device::{FileSource, Mapping};
use exhibit_evidence::{Fact, Recorder as _, Source, Store as _, to_hex};
use exhibit_package::layout::{SIGNATURE_SHA512, STAMP, VALIDATION_CERTIFICATES, VALIDATION_LISTS};
use exhibit_pki::Hash;
use exhibit_pki::timestamp::{Request, Response, Token};
use exhibit_store::Folder;
use exhibit_verify::{StampFacts, zip};

use super::files::Held;
use crate::actor::Actor;
use crate::authorities::Loaded;
use crate::case::{CASE_FILE, Case};
use crate::commands::verify::{self, Target};
use crate::members::FolderMembers;
use crate::outcome::{Failure, shown};
use crate::recording::{CaseRecorder, LogFiles};
use crate::world::World;

/// Files larger than this are digested by SHA-256 and SHA-512 only, in bytes.
const IN_MEMORY_BYTES: u64 = 64 << 20;
/// Largest signature, token or file of certificates that is read, in bytes.
const FILE_BYTES_MAX: u64 = 32 << 20;

/// What is stamped.
#[derive(Debug, Clone)]
pub(super) enum Subject {
    /// A checkpoint of a case.
    Case { case: Box<Case>, number: u32, bytes: Vec<u8> },
    /// The signature of a package in its archive.
    Package { path: PathBuf, bytes: Vec<u8> },
    /// The signature of an unpacked package; the folder of the bag.
    Unpacked { bag: PathBuf, bytes: Vec<u8> },
    /// Any other file.
    File { path: PathBuf },
}

impl Subject {
    /// Tells by content what lies at `path`.
    pub(super) fn of(world: &World, path: &Path) -> Result<Self, Failure> {
        if path.is_dir() && path.join(CASE_FILE).is_file() {
            return Self::newest(Case::open(path)?);
        }
        match verify::identify(path)? {
            Target::Case => Self::newest(Case::open(path)?),
            Target::Image => Ok(Self::File { path: path.to_path_buf() }),
            Target::Package => {
                let source = FileSource::open(path, world.mapping()).map_err(|e| Failure::io("open", path, &e))?;
                let archive = zip::Archive::open(Arc::new(source), &zip::Limits::default());
                let bytes = signature_in(&archive, path)?;
                Ok(Self::Package { path: path.to_path_buf(), bytes })
            }
            _ => {
                let bag = match path.join("bagit.txt").is_file() {
                    true => path.to_path_buf(),
                    false => only_folder(path)?,
                };
                let bytes = signature_in(&FolderMembers::new(&bag, Mapping::Never, &[]), &bag)?;
                Ok(Self::Unpacked { bag, bytes })
            }
        }
    }

    /// The newest checkpoint of a case.
    pub(super) fn newest(case: Case) -> Result<Self, Failure> {
        let files = LogFiles::read(&case.path)?;
        let sealed = |name: &str| parse_name(name).filter(|(_, kind)| *kind == FileKind::Checkpoint);
        let newest = files.checkpoints.into_iter().filter_map(|(name, bytes)| Some((sealed(&name)?.0, bytes))).max();
        let (number, bytes) = newest.ok_or_else(|| {
            Failure::new(format!("{} has no checkpoint yet", shown(&case.path))).hint("record something in it first")
        })?;
        Ok(Self::Case { case: Box::new(case), number, bytes })
    }

    /// The same subject; of a case, the checkpoint that the token is of, since more may have been recorded since then.
    pub(super) fn matching(&self, token: &[u8]) -> Self {
        let Self::Case { case, .. } = self else { return self.clone() };
        let token =
            Response::parse(token).ok().and_then(|response| response.token).and_then(|token| Token::parse(token).ok());
        let Some(token) = token else { return self.clone() };
        let Ok(hash) = token.stamp.hash.hash() else { return self.clone() };
        let Ok(files) = LogFiles::read(&case.path) else { return self.clone() };
        let fits = |bytes: &[u8]| hash.digest(bytes) == token.stamp.imprint;
        let found = files.checkpoints.into_iter().find(|(_, bytes)| fits(bytes));
        match found.and_then(|(name, bytes)| Some((parse_name(&name)?.0, bytes))) {
            Some((number, bytes)) => Self::Case { case: case.clone(), number, bytes },
            None => self.clone(),
        }
    }

    /// What it is, for people.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Case { number, .. } => format!("{FOLDER}/{}", file_name(*number, FileKind::Checkpoint)),
            Self::Package { path, .. } => format!("{SIGNATURE_SHA512} in {}", shown(path)),
            Self::Unpacked { .. } => SIGNATURE_SHA512.to_owned(),
            Self::File { path } => shown(path),
        }
    }

    /// Its digest.
    pub(super) fn digest(&self, hash: Hash) -> Option<Vec<u8>> {
        match self {
            Self::Case { bytes, .. } | Self::Package { bytes, .. } | Self::Unpacked { bytes, .. } => {
                Some(hash.digest(bytes))
            }
            Self::File { path } => file_digest(path, hash),
        }
    }

    /// Where a file about its time stamp lies.
    fn place(&self, file: StampFile) -> PathBuf {
        let beside = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(file.ending());
            PathBuf::from(name)
        };
        match self {
            Self::Case { case, number, .. } => case.path.join(FOLDER).join(stamp_name(*number, file)),
            Self::Package { path, .. } | Self::File { path } => beside(path),
            Self::Unpacked { bag, .. } => bag.join(match file {
                StampFile::Token => STAMP.to_owned(),
                StampFile::Certificates => VALIDATION_CERTIFICATES.to_owned(),
                StampFile::Lists => VALIDATION_LISTS.to_owned(),
                // A package has no place for it: whatever is in its folder must be listed or be a signature.
                StampFile::Request => String::new(),
            }),
        }
    }

    /// The time stamp that lies there, with its certificates and lists added to `loaded`.
    pub(super) fn held(&self, loaded: &mut Loaded) -> Result<Option<Held>, Failure> {
        let read = |file: StampFile| {
            let path = self.place(file);
            let read = || exhibit_device::read_small(&path, FILE_BYTES_MAX).map_err(|e| Failure::io("read", &path, &e));
            path.is_file().then(read).transpose()
        };
        let Some(token) = read(StampFile::Token)? else { return Ok(None) };
        let fault = |fault: exhibit_pki::Fault| Failure::new(format!("beside {}: {fault}", self.title()));
        let pem = |file: StampFile, label: &str| match read(file)? {
            Some(bytes) => exhibit_pki::pem::all_of(label, &bytes).map_err(fault),
            None => Ok(Vec::new()),
        };
        let request = match read(StampFile::Request)? {
            Some(bytes) => Some(Request::parse(&bytes).map_err(fault)?),
            None => None,
        };
        loaded.certificates.extend(pem(StampFile::Certificates, "CERTIFICATE")?);
        loaded.lists.extend(pem(StampFile::Lists, "X509 CRL")?);
        Ok(Some(Held { token, request, certificates: Vec::new(), lists: Vec::new() }))
    }

    /// Whether a time stamp lies there already.
    pub(super) fn has_stamp(&self) -> bool {
        self.place(StampFile::Token).is_file()
    }

    /// Of a case, the newest checkpoint that has a time stamp.
    pub(super) fn stamped(&self) -> Self {
        let Self::Case { case, .. } = self else { return self.clone() };
        let Ok(files) = LogFiles::read(&case.path) else { return self.clone() };
        let has = |number: u32| case.path.join(FOLDER).join(stamp_name(number, StampFile::Token)).is_file();
        let stamped = files.checkpoints.into_iter().filter_map(|(name, bytes)| Some((parse_name(&name)?.0, bytes)));
        match stamped.filter(|(number, _)| has(*number)).max() {
            Some((number, bytes)) => Self::Case { case: case.clone(), number, bytes },
            None => self.clone(),
        }
    }

    /// Stores a time stamp and gives the paths. In a case it is recorded as well.
    pub(super) fn keep(
        &self,
        world: &World,
        held: &Held,
        facts: Option<&StampFacts>,
        actor: Actor,
    ) -> Result<Vec<PathBuf>, Failure> {
        let mut files = held.files();
        if matches!(self, Self::Unpacked { .. }) {
            files.retain(|(file, _)| *file != StampFile::Request);
        }
        let places: Vec<PathBuf> = files.iter().map(|(file, _)| self.place(*file)).collect();
        if let Some(taken) = places.iter().find(|path| path.exists()) {
            return Err(Failure::new(format!("{} exists already", shown(taken)))
                .hint("there is a time stamp already; move its files away if another one shall be kept"));
        }
        if let Self::Case { case, number, .. } = self {
            record(world, case, *number, &files, facts, actor)?;
        }
        for ((_, bytes), path) in files.iter().zip(&places) {
            let (folder, name) = crate::store_paths::split(path)?;
            Folder::at(folder)?.publish(&name, bytes)?;
        }
        Ok(places)
    }
}

/// Records a time stamp before it is stored: the digests of its files stand in the log, and so under its next signature.
fn record(
    world: &World,
    case: &Case,
    number: u32,
    files: &[(StampFile, Vec<u8>)],
    facts: Option<&StampFacts>,
    actor: Actor,
) -> Result<(), Failure> {
    let bound = |(file, bytes): &(StampFile, Vec<u8>)| {
        let path = format!("{FOLDER}/{}", stamp_name(number, *file));
        serde_json::json!({"path": path, "sha256": to_hex(&Hash::Sha256.digest(bytes)), "size": bytes.len()})
    };
    let bound: Vec<_> = files.iter().map(bound).collect();
    let mut fact = Fact::new("timestamped")
        .object("name", format!("{FOLDER}/{}", file_name(number, FileKind::Checkpoint)))
        .detail("files", serde_json::Value::from(bound));
    if let Some(facts) = facts {
        fact = fact
            .detail("time", facts.time.to_string())
            .detail("authority", facts.authority.clone())
            .detail("serial", facts.serial.clone())
            .detail("policy", facts.policy.clone());
    }
    let recorded = CaseRecorder::new(world, case, actor)?.record(fact);
    recorded.map(drop).map_err(|error| Failure::new(error.to_string()))
}

/// The bytes of the signature that is stamped.
fn signature_in(members: &dyn exhibit_verify::Members, path: &Path) -> Result<Vec<u8>, Failure> {
    let none = || {
        Failure::new(format!("{} holds no {SIGNATURE_SHA512}", shown(path)))
            .hint("look at it with: exhibit verify PACKAGE")
    };
    let entries = members.list().map_err(|fault| Failure::new(format!("{}: {fault}", shown(path))))?;
    let is_it =
        |name: &str| name == SIGNATURE_SHA512 || name.split_once('/').is_some_and(|(_, rest)| rest == SIGNATURE_SHA512);
    let entry = entries.iter().find(|entry| is_it(&entry.name)).ok_or_else(none)?;
    if entry.size > FILE_BYTES_MAX {
        return Err(none());
    }
    let unreadable = |fault: exhibit_evidence::ReadFault| Failure::new(format!("{}: {fault}", shown(path)));
    let source = members.open(&entry.name).map_err(unreadable)?;
    let mut bytes = vec![0; usize::try_from(source.size()).unwrap_or(0)];
    source.read_at(0, &mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// The one folder that holds the bag.
fn only_folder(path: &Path) -> Result<PathBuf, Failure> {
    let entries = exhibit_device::walk(path).map_err(|error| Failure::io("list", path, &error))?;
    let bag = entries.iter().find(|entry| entry.relative.file_name().is_some_and(|name| name == "bagit.txt"));
    let folder = bag.and_then(|entry| Some(path.join(entry.relative.parent()?)));
    folder.ok_or_else(|| Failure::usage(format!("{} is no package", shown(path))))
}

fn file_digest(path: &Path, hash: Hash) -> Option<Vec<u8>> {
    let source = FileSource::open(path, Mapping::Never).ok()?;
    let id = match hash {
        Hash::Sha256 => "sha256",
        Hash::Sha512 => "sha512",
        Hash::Sha384 => {
            if source.size() > IN_MEMORY_BYTES {
                return None;
            }
            let mut bytes = vec![0; usize::try_from(source.size()).ok()?];
            source.read_at(0, &mut bytes).ok()?;
            return Some(hash.digest(&bytes));
        }
    };
    let mut digester = exhibit_hash::algorithm(id)?.start();
    let mut block = vec![0; 1 << 20];
    let mut at = 0_u64;
    while at < source.size() {
        let length = usize::try_from(source.size().saturating_sub(at)).unwrap_or(usize::MAX).min(block.len());
        let part = block.get_mut(..length)?;
        source.read_at(at, part).ok()?;
        digester.update(part);
        at = at.saturating_add(length as u64);
    }
    Some(digester.digest().bytes().to_vec())
}
