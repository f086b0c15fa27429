//! A strict reader of ZIP archives, which finds everything that another reader might be lenient about.
//!
//! Every byte of the file must belong to exactly one structure; the central directory and the local headers must say the
//! same; there is one end, and it is at the end. What is wrong is a finding with its offset, and reading goes on where it
//! can. Only stored and deflated members are read. Memory: about 150 bytes for each member, whatever their sizes.

mod directory;
mod ending;
mod inflate;
mod layout;
mod locals;
mod profile;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use exhibit_evidence::{ByteRange, Cause, Finding, ReadFault, Severity, Slice, Source};

use crate::collect::Findings;
use crate::members::{Entry, Members, absent};
use crate::names;
use inflate::{Inflated, Repacking, stream_deflated};

/// Limits of this reader. Reaching one is reported and never taken for a pass.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Members in one archive.
    pub members_max: u64,
    /// Size of the central directory in bytes.
    pub directory_bytes_max: u64,
    /// What all deflated members together may unpack to, in bytes.
    pub inflated_bytes_max: u64,
}

impl Default for Limits {
    /// 1,000,000 members, a directory of 512 MiB, 16 TiB unpacked.
    fn default() -> Self {
        Self { members_max: 1_000_000, directory_bytes_max: 512 << 20, inflated_bytes_max: 16 << 40 }
    }
}

/// How a member is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// As it is.
    Stored,
    /// RFC 1951.
    Deflated,
}

impl Method {
    const fn from_id(id: u16) -> Option<Self> {
        match id {
            0 => Some(Self::Stored),
            8 => Some(Self::Deflated),
            _ => None,
        }
    }

    const fn id(self) -> u16 {
        match self {
            Self::Stored => 0,
            Self::Deflated => 8,
        }
    }
}

/// One member, as the central directory has it and the local header confirms it.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: Box<str>,
    pub(crate) local_at: u64,
    pub(crate) data_at: u64,
    pub(crate) compressed: u64,
    pub(crate) size: u64,
    pub(crate) crc32: u32,
    pub(crate) method: Method,
    pub(crate) flags: u16,
    pub(crate) descriptor: bool,
    pub(crate) is_folder: bool,
    /// Whether its sizes are in a zip64 field.
    pub(crate) large: bool,
    /// Whether its bytes must not be read: wrong place, wrong name, or a kind that is not read.
    pub(crate) broken: bool,
}

impl Member {
    fn place(&self) -> String {
        format!("archive: {}", self.name)
    }

    const fn data(&self) -> ByteRange {
        ByteRange::new(self.data_at, self.compressed)
    }
}

/// An archive whose structure was checked; its members' bytes are checked as they are streamed.
pub struct Archive {
    source: Arc<dyn Source>,
    members: Vec<Member>,
    by_name: HashMap<Box<str>, usize>,
    findings: Vec<Finding>,
    follows_profile: bool,
    repacking: Mutex<Repacking>,
}

impl Archive {
    /// Reads the structure of an archive. Whatever is wrong with it is in [`Archive::findings`].
    #[must_use]
    pub fn open(source: Arc<dyn Source>, limits: &Limits) -> Self {
        let mut findings = Findings::default();
        let mut deviations = profile::Deviations::default();
        let members = match read(&*source, limits, &mut findings, &mut deviations) {
            Ok(members) => members,
            Err(fatal) => {
                findings.push(fatal);
                Vec::new()
            }
        };
        let by_name = index(&members, &mut findings);
        let follows_profile = deviations.follows_profile();
        findings.extend(deviations.into_findings());
        let (findings, repacking) = (findings.into_list(), Mutex::default());
        Self { source, members, by_name, findings, follows_profile, repacking }
    }

    /// What is wrong with, or worth knowing about, the structure.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What streaming the deflated members showed about their compressed form; complete once all were streamed.
    ///
    /// The same bytes can be deflated in many ways, so a changed byte may leave the content as it was. If the archive is
    /// said to be written by this very version (`same_version`), and at least half of the deflated members are, byte for
    /// byte, what our own compressor makes of their content, then the others were changed. Of another version no more can
    /// be said than that its compressor differs, or that something was changed.
    #[must_use]
    pub fn repacking_findings(&self, same_version: bool) -> Vec<Finding> {
        let repacking = self.repacking.lock().unwrap_or_else(PoisonError::into_inner);
        if self.follows_profile { repacking.findings(same_version) } else { Vec::new() }
    }

    /// Whether a member is there and stored as it is.
    pub(crate) fn is_stored(&self, name: &str) -> bool {
        self.member(name).is_ok_and(|member| member.method == Method::Stored)
    }

    fn member(&self, name: &str) -> Result<&Member, ReadFault> {
        let member = self.by_name.get(name).and_then(|&index| self.members.get(index));
        let member = member.ok_or_else(|| absent(name))?;
        if member.broken {
            let text = "its headers are damaged or refused, see the findings about the archive";
            return Err(ReadFault::new(member.local_at, Cause::Corrupt(text.to_owned())));
        }
        Ok(member)
    }

    fn stream_stored(&self, member: &Member, sink: &mut dyn FnMut(&[u8]) -> bool) -> Result<Option<u32>, ReadFault> {
        let slice = Slice::new(Arc::clone(&self.source), member.data());
        let mut crc = crc32fast::Hasher::new();
        let mut stopped = false;
        crate::members::stream_source(&slice, &mut |block| {
            crc.update(block);
            stopped = !sink(block);
            !stopped
        })?;
        Ok((!stopped).then(|| crc.finalize()))
    }
}

impl Members for Archive {
    fn list(&self) -> Result<Vec<Entry>, ReadFault> {
        let entry = |member: &Member| Entry { name: member.name.to_string(), size: member.size, oddity: None };
        // Of two members with one name, only the first counts; the second is a finding already.
        let counts = |(index, member): &(usize, &Member)| self.by_name.get(&member.name) == Some(index);
        Ok(self.members.iter().enumerate().filter(counts).map(|(_, member)| entry(member)).collect())
    }

    fn open(&self, name: &str) -> Result<Arc<dyn Source>, ReadFault> {
        let member = self.member(name)?;
        let packed = Slice::new(Arc::clone(&self.source), member.data());
        match member.method {
            Method::Stored => Ok(Arc::new(packed)),
            Method::Deflated => Ok(Arc::new(Inflated::open(packed, member.size)?)),
        }
    }

    fn stream(&self, name: &str, sink: &mut dyn FnMut(&[u8]) -> bool) -> Result<Vec<Finding>, ReadFault> {
        let member = self.member(name)?;
        let found = match member.method {
            Method::Stored => self.stream_stored(member, sink)?,
            Method::Deflated => {
                let packed = Slice::new(Arc::clone(&self.source), member.data());
                let streamed = stream_deflated(&packed, member.size, self.follows_profile, sink)?;
                if let Some((_, same)) = streamed {
                    let mut repacking = self.repacking.lock().unwrap_or_else(PoisonError::into_inner);
                    repacking.add(&member.place(), member.data_at, same);
                }
                streamed.map(|(crc32, _)| crc32)
            }
        };
        let differs = found.filter(|&crc32| crc32 != member.crc32).map(|crc32| {
            let text = format!("CRC-32 of the data: expected {:08x}, found {crc32:08x}", member.crc32);
            Finding::new(Severity::Mismatch, "zip-checksum", member.place(), text).at(member.data_at)
        });
        Ok(differs.into_iter().collect())
    }
}

/// Ending, directory and local headers.
fn read(
    source: &dyn Source,
    limits: &Limits,
    findings: &mut Findings,
    deviations: &mut profile::Deviations,
) -> Result<Vec<Member>, Finding> {
    let ending = ending::read(source, findings)?;
    let mut members = directory::read(source, &ending, limits, findings, deviations)?;
    locals::check(source, &mut members, ending.directory_at, findings, deviations);
    let deflated = members.iter().any(|member| member.method == Method::Deflated);
    let large = members.iter().any(|member| member.large);
    profile::ending(&ending, deflated, large, deviations);
    let mut inflated = 0_u64;
    for member in members.iter_mut().filter(|member| member.method == Method::Deflated) {
        inflated = inflated.saturating_add(member.size);
        if inflated > limits.inflated_bytes_max && !member.broken {
            member.broken = true;
            let text = format!("more than {} bytes would be unpacked in all; not read", limits.inflated_bytes_max);
            findings.push(Finding::new(Severity::Incomplete, "limit-inflated", member.place(), text));
        }
    }
    Ok(members)
}

/// Members by name; names that are there twice, or collide where case does not count, are findings.
fn index(members: &[Member], findings: &mut Findings) -> HashMap<Box<str>, usize> {
    let mut by_name: HashMap<Box<str>, usize> = HashMap::with_capacity(members.len());
    let mut by_folded: HashMap<String, usize> = HashMap::with_capacity(members.len());
    let mut folders: std::collections::HashSet<String> = std::collections::HashSet::new();
    for (position, member) in members.iter().enumerate() {
        let bare = names::folded(member.name.trim_end_matches('/'));
        if let Some((folder, _)) = bare.rsplit_once('/') {
            let new = !folders.contains(folder);
            let mut above = new.then_some(folder);
            while let Some(folder) = above {
                folders.insert(folder.to_owned());
                above = folder.rsplit_once('/').map(|(above, _)| above).filter(|above| !folders.contains(*above));
            }
        }
        if let Some(other) = by_folded.insert(bare, position).and_then(|other| members.get(other)) {
            let text = format!(
                "the archive has two members that systems may take for one: {} and {}",
                other.name, member.name
            );
            findings.wrong_at(member.local_at, "zip-duplicate", member.place(), text);
        }
        if !member.is_folder {
            by_name.entry(member.name.clone()).or_insert(position);
        }
    }
    for member in members.iter().filter(|member| !member.is_folder && folders.contains(&names::folded(&member.name))) {
        findings.wrong_at(member.local_at, "zip-duplicate", member.place(), "it is a file and a folder at once");
    }
    by_name
}
