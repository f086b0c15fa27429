//! From a plan to a sealed archive.

use std::collections::BTreeSet;

use exhibit_evidence::{Cancel, Event, Observer, Phase, Store};
use rayon::prelude::*;

use super::archive::Archive;
use super::copy::{Digests, SMALL_BYTES, Small, copy, small};
use super::error::PackageError;
use super::further::Further;
use super::list::{self, Listing};
use super::naming::payload_paths;
use super::plan::{PackagePlan, PayloadFile, Signer};
use super::records::{self, Placed};
use super::{bag, instructions};
use crate::disclosure::SealedList;
use crate::exports::{EXPORTS, Export, Whole};
use crate::layout::{
    ALLOWED_SIGNERS, BAG_INFO, BAGIT, BAGIT_TEXT, DISCLOSURE, FURTHER_SIGNATURES, INSTRUCTIONS, MANIFEST, PAGE,
    PAYLOAD_SHA256, PAYLOAD_SHA512, SIGNATURE_NAMESPACE, SIGNATURE_SHA256, SIGNATURE_SHA512, SIGNER, TAGS_SHA256,
    TAGS_SHA512, is_safe_component, is_safe_path, member_order,
};
use crate::manifest::Manifest;

/// A package that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Sealed {
    /// Name of the archive in the store.
    pub archive: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Number of payload files.
    pub payload_files: usize,
    /// Bytes in all payload files together.
    pub payload_bytes: u64,
    /// SHA-256 of `tagmanifest-sha256.txt`, lower-case hexadecimal: stands for the whole content of the package.
    pub tagmanifest_sha256: String,
    /// SHA-512 of `tagmanifest-sha512.txt`, lower-case hexadecimal.
    pub tagmanifest_sha512: String,
    /// The manifest as written.
    pub manifest: Manifest,
    /// The list of the files with the seed of its salts, if it was made: for the case to keep, and not to give away.
    pub list: Option<SealedList>,
}

/// Writes the package that `plan` describes into `store` and seals it.
///
/// Time is that of reading the payload once or of SHA-512, whichever is slower; memory is at most some 130 MiB (small files are
/// read ahead) and the tag files.
///
/// # Errors
/// Nothing has a final name then; a partial segment may remain. `Usage`: the plan contradicts itself or names what cannot
/// be. `Io`, `Corrupt`: a payload file could not be read to its end, or is not the one on record; or the store failed.
/// `Limit`: a number too large for a manifest. `Interrupted`: `cancel` was set.
pub fn seal(
    plan: &PackagePlan,
    signer: &Signer<'_>,
    store: &dyn Store,
    observer: &dyn Observer,
    cancel: &Cancel,
) -> Result<Sealed, PackageError> {
    seal_with(plan, signer, None, store, observer, cancel)
}

/// As [`seal`], with further signatures over the same list.
///
/// # Errors
/// As [`seal`]; and if the further signatures cannot be made, after the payload was written.
pub fn seal_with(
    plan: &PackagePlan,
    signer: &Signer<'_>,
    further: Option<&Further<'_>>,
    store: &dyn Store,
    observer: &dyn Observer,
    cancel: &Cancel,
) -> Result<Sealed, PackageError> {
    check_plan(plan)?;
    check_signer(signer)?;
    let paths = payload_paths(&plan.items)?;
    let segment = store.create(&plan.archive).map_err(PackageError::store)?;
    let archive = Archive::begin(segment, &plan.bag_name);
    let mut work = Work { plan, further, archive, tags: Vec::new(), observer, cancel };
    let mut sealed = work.fill(signer, paths).inspect_err(|_| work.archive.abandon())?;
    sealed.size_bytes = work.archive.finish()?;
    observer.on(&Event::Finished { phase: Phase::Package });
    Ok(sealed)
}

/// A package half made.
struct Work<'a> {
    plan: &'a PackagePlan,
    further: Option<&'a Further<'a>>,
    archive: Archive,
    /// Path and digests of every tag file written so far that the tag manifests list.
    tags: Vec<(String, Digests)>,
    observer: &'a dyn Observer,
    cancel: &'a Cancel,
}

/// Small files that are read at once: at most 64 MiB in memory, and as much that is being written.
const BATCH_FILES: usize = 256;

/// A payload file whose turn it is, and its place in the plan.
struct Turn<'a> {
    path: String,
    item_at: usize,
    at: usize,
    file: &'a PayloadFile,
}

/// What is in the archive, with its place in the plan.
struct Written<'a> {
    done_bytes: u64,
    files: Vec<(usize, usize, Placed<'a>)>,
}

impl<'a> Written<'a> {
    /// Puts small files that were read into the archive.
    fn put(
        &mut self,
        archive: &mut Archive,
        files: Vec<(Turn<'a>, Result<Small, PackageError>)>,
        (observer, cancel): (&dyn Observer, &Cancel),
    ) -> Result<(), PackageError> {
        for (turn, read) in files {
            let Small { bytes, digests } = read?;
            if cancel.is_cancelled() {
                return Err(PackageError::interrupted());
            }
            archive.start(&turn.path, bytes.len() as u64, Some(turn.file.role))?;
            archive.write(&turn.path, &bytes)?;
            self.done_bytes = self.done_bytes.saturating_add(bytes.len() as u64);
            observer.on(&Event::Progress { phase: Phase::Package, done_bytes: self.done_bytes, faults: 0 });
            self.add(turn, digests)?;
        }
        Ok(())
    }

    /// One more file, if it is the one on record.
    fn add(&mut self, turn: Turn<'a>, digests: Digests) -> Result<(), PackageError> {
        let Turn { path, item_at, at, file } = turn;
        match &file.expected_sha256 {
            Some(expected) if *expected != digests.sha256 => Err(PackageError::corrupt(format!(
                "{}: has changed since it was recorded: SHA-256 expected {expected}, found {}",
                file.name, digests.sha256
            ))),
            _ => {
                self.files.push((item_at, at, Placed { path, file, digests }));
                Ok(())
            }
        }
    }
}

impl<'a> Work<'a> {
    fn fill(&mut self, signer: &Signer<'_>, paths: Vec<Vec<String>>) -> Result<Sealed, PackageError> {
        let files = self.plan.items.iter().flat_map(|item| &item.files);
        let payload_bytes = files.clone().try_fold(0_u64, |sum, file| sum.checked_add(file.source.size()));
        let payload_bytes =
            payload_bytes.ok_or_else(|| PackageError::limit("the payload is larger than 2^64 bytes"))?;
        let payload_files = files.count();
        self.tag(BAGIT, BAGIT_TEXT.as_bytes())?;
        self.tag(BAG_INFO, bag::info(self.plan, payload_bytes, payload_files).as_bytes())?;
        let placed = self.payload(paths, payload_bytes)?;
        let manifest = records::manifest(self.plan, &placed);
        let list = self.list(&manifest, signer)?;
        self.records(&manifest, list.as_ref().map(|list| list.disclosure.as_slice()), &placed, signer)?;
        let (short, long) = self.sign(signer)?;
        Ok(Sealed {
            archive: self.plan.archive.clone(),
            size_bytes: 0, // known when the archive is finished
            payload_files,
            payload_bytes,
            tagmanifest_sha256: short,
            tagmanifest_sha512: long,
            manifest,
            list: list.and_then(|list| list.sealed),
        })
    }

    /// Every payload file, in the order of the archive; returned in the order of the plan.
    fn payload(&mut self, paths: Vec<Vec<String>>, total_bytes: u64) -> Result<Vec<Vec<Placed<'a>>>, PackageError> {
        let mut order = Vec::new();
        for (item_at, (item, paths)) in self.plan.items.iter().zip(paths).enumerate() {
            let turn = |(at, (file, path))| Turn { path, item_at, at, file };
            order.extend(item.files.iter().zip(paths).enumerate().map(turn));
        }
        order.sort_by(|a: &Turn<'_>, b| a.path.cmp(&b.path));
        self.observer.on(&Event::Started { phase: Phase::Package, total_bytes });
        let mut written = Written { done_bytes: 0, files: Vec::with_capacity(order.len()) };
        let (mut ready, watch) = (Vec::<(Turn<'a>, _)>::new(), (self.observer, self.cancel));
        let mut order = order.into_iter().peekable();
        while let Some(turn) = order.next() {
            if turn.file.source.size() > SMALL_BYTES {
                written.put(&mut self.archive, std::mem::take(&mut ready), watch)?;
                self.payload_file(turn, &mut written)?;
                continue;
            }
            let mut batch = vec![turn];
            while batch.len() < BATCH_FILES
                && let Some(next) = order.next_if(|turn| turn.file.source.size() <= SMALL_BYTES)
            {
                batch.push(next);
            }
            let read = |turn: Turn<'a>| {
                let read = small(&turn.path, &*turn.file.source);
                (turn, read)
            };
            // While the workers read and hash a batch, the one before is written.
            let before = std::mem::take(&mut ready);
            let put = || written.put(&mut self.archive, before, watch);
            let (put, next) = rayon::join(put, || batch.into_par_iter().map(read).collect());
            put?;
            ready = next;
        }
        written.put(&mut self.archive, ready, watch)?;
        let mut files = written.files;
        files.sort_by_key(|&(item_at, at, _)| (item_at, at));
        let mut placed: Vec<Vec<Placed<'a>>> = self.plan.items.iter().map(|_| Vec::new()).collect();
        for (item_at, _, file) in files {
            if let Some(files) = placed.get_mut(item_at) {
                files.push(file);
            }
        }
        Ok(placed)
    }

    fn payload_file(&mut self, turn: Turn<'a>, written: &mut Written<'a>) -> Result<(), PackageError> {
        let (path, source) = (&turn.path, &*turn.file.source);
        self.archive.start(path, source.size(), Some(turn.file.role))?;
        let observer = self.observer;
        let digests = copy(&mut self.archive, path, source, self.cancel, |bytes| {
            written.done_bytes = written.done_bytes.saturating_add(bytes);
            observer.on(&Event::Progress { phase: Phase::Package, done_bytes: written.done_bytes, faults: 0 });
        })?;
        written.add(turn, digests)
    }

    /// What is said in the languages of others.
    fn exports(&self, manifest: &Manifest) -> Result<Vec<(&'static str, Vec<u8>)>, PackageError> {
        let Some(history) = &self.plan.history else { return Ok(Vec::new()) };
        let whole = Whole { manifest, history };
        let one = |export: &&dyn Export| {
            let failed = |text: String| PackageError::usage(format!("{}: {text}", export.path()));
            Ok((export.path(), export.write(&whole).map_err(failed)?))
        };
        EXPORTS.iter().map(one).collect()
    }

    /// The list of the files, new or a part of one that was sealed before.
    fn list(&self, manifest: &Manifest, signer: &Signer<'_>) -> Result<Option<list::Made>, PackageError> {
        match &self.plan.listing {
            Listing::None => Ok(None),
            Listing::Whole { seed, origin } => {
                list::whole(manifest, &self.plan.archive, seed, origin, signer).map(Some)
            }
            Listing::Part(part) => list::part(manifest, part).map(Some),
        }
    }

    /// What is said about the payload: everything between it and the signatures, in the order of the archive.
    fn records(
        &mut self,
        manifest: &Manifest,
        disclosure: Option<&[u8]>,
        placed: &[Vec<Placed<'_>>],
        signer: &Signer<'_>,
    ) -> Result<(), PackageError> {
        let mut files: Vec<_> = placed.iter().flatten().map(|file| (file.path.as_str(), &file.digests)).collect();
        files.sort_by_key(|&(path, _)| path);
        let (short, long) = bag::manifests(files);
        let manifest_bytes = records::canonical(manifest)?;
        let announced = self.further.map(Further::announced).unwrap_or_default();
        let instructions = instructions::text(self.plan, manifest, signer, &announced);
        let announcement = self.further.map(Further::announcement);
        let exports = self.exports(manifest)?;
        let mut members: Vec<(&str, &[u8])> = vec![
            (MANIFEST, &manifest_bytes),
            (INSTRUCTIONS, instructions.as_bytes()),
            (PAYLOAD_SHA256, short.as_bytes()),
            (PAYLOAD_SHA512, long.as_bytes()),
        ];
        members.extend(exports.iter().map(|(path, bytes)| (*path, bytes.as_slice())));
        members.extend(disclosure.map(|bytes| (DISCLOSURE, bytes)));
        members.extend(announcement.as_ref().map(|text| (FURTHER_SIGNATURES, text.as_bytes())));
        members.extend(self.plan.tag_files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())));
        members.sort_by_key(|(path, _)| member_order(path));
        members.into_iter().try_for_each(|(path, bytes)| self.tag(path, bytes))
    }

    /// The tag manifests and the signatures over them. Returns the digests of the two manifests.
    fn sign(&mut self, signer: &Signer<'_>) -> Result<(String, String), PackageError> {
        let keys = [(ALLOWED_SIGNERS, signer.allowed_signers.as_bytes()), (SIGNER, signer.public_key.as_bytes())];
        for (path, bytes) in keys {
            self.tags.push((path.to_owned(), Digests::of(bytes)));
        }
        self.tags.sort_by(|a, b| a.0.cmp(&b.0));
        let (short, long) = bag::manifests(self.tags.iter().map(|(path, digests)| (path.as_str(), digests)));
        let signed = [(SIGNATURE_SHA256, TAGS_SHA256, &short), (SIGNATURE_SHA512, TAGS_SHA512, &long)];
        let mut last: Vec<(&str, Vec<u8>)> = keys.map(|(path, bytes)| (path, bytes.to_vec())).into();
        for (signature_path, path, text) in signed {
            let made = signature(signer, path, text.as_bytes())?;
            if let Some(further) = self.further.filter(|_| path == TAGS_SHA512) {
                last.extend(further.made(text.as_bytes(), &made)?);
            }
            last.push((signature_path, made));
            last.push((path, text.clone().into_bytes()));
        }
        last.sort_by(|a, b| member_order(a.0).cmp(&member_order(b.0)));
        last.iter().try_for_each(|(path, bytes)| self.archive.add(path, bytes))?;
        Ok((Digests::of(short.as_bytes()).sha256, Digests::of(long.as_bytes()).sha512))
    }

    /// A tag file that the tag manifests list.
    fn tag(&mut self, path: &str, bytes: &[u8]) -> Result<(), PackageError> {
        if self.cancel.is_cancelled() {
            return Err(PackageError::interrupted());
        }
        self.tags.push((path.to_owned(), Digests::of(bytes)));
        self.archive.add(path, bytes)
    }
}

fn signature(signer: &Signer<'_>, path: &str, message: &[u8]) -> Result<Vec<u8>, PackageError> {
    let text = (signer.sign)(SIGNATURE_NAMESPACE, message).map_err(|error| PackageError::signing(path, error))?;
    let body = text.trim();
    let armoured = body.starts_with("-----BEGIN SSH SIGNATURE-----") && body.ends_with("-----END SSH SIGNATURE-----");
    if armoured { Ok(text.into_bytes()) } else { Err(PackageError::signing(path, "not an armoured SSHSIG".into())) }
}

fn check_plan(plan: &PackagePlan) -> Result<(), PackageError> {
    if !is_safe_component(&plan.bag_name) || plan.bag_name.starts_with('-') {
        let rule = "letters, digits, '.', '_' and '-' only, no dot or '-' first";
        return Err(PackageError::usage(format!("{:?} cannot name a package's folder: {rule}", plan.bag_name)));
    }
    if plan.items.iter().all(|item| item.files.is_empty()) {
        return Err(PackageError::usage("there is no file to package"));
    }
    let mut seen = BTreeSet::from([MANIFEST, INSTRUCTIONS, FURTHER_SIGNATURES].map(str::to_ascii_lowercase));
    if !matches!(plan.listing, Listing::None) {
        seen.insert(DISCLOSURE.to_owned());
    }
    if plan.history.is_some() {
        seen.extend(EXPORTS.iter().map(|export| export.path().to_owned()));
    }
    for (path, _) in &plan.tag_files {
        let inside = path == PAGE || path.starts_with("exhibit/") && is_safe_path(path);
        // A file cannot be the folder of another one.
        let folder_of = |other: &str| other.get(..path.len()).is_some_and(|start| start.eq_ignore_ascii_case(path));
        let is_folder =
            plan.tag_files.iter().any(|(other, _)| folder_of(other) && other.as_bytes().get(path.len()) == Some(&b'/'));
        if !inside || is_folder || !seen.insert(path.to_ascii_lowercase()) {
            let rule = "it must be a safe path below exhibit/, not written by the package itself and not given twice";
            return Err(PackageError::usage(format!("{path:?} cannot be a record of the package: {rule}")));
        }
    }
    Ok(())
}

fn check_signer(signer: &Signer<'_>) -> Result<(), PackageError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._@+-".contains(c);
    let principal = &signer.principal;
    if principal.is_empty() || principal.starts_with('-') || !principal.chars().all(allowed) {
        let rule = "letters, digits and ._@+- only";
        return Err(PackageError::usage(format!("{principal:?} cannot name a signer: {rule}")));
    }
    let one_line = |text: &str| !text.trim().is_empty() && !text.trim().contains(char::is_control);
    if !one_line(&signer.public_key) || !one_line(&signer.fingerprint) || signer.allowed_signers.trim().is_empty() {
        return Err(PackageError::usage("the signer's public key, fingerprint and allowed signers must be given"));
    }
    Ok(())
}
