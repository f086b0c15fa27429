//! A volume: one ZIP64 file with a name, a version and statements about streams.

use std::sync::Arc;

use exhibit_evidence::{Finding, Severity};

use super::graph::Graph;
use super::layout::{DESCRIPTION, SCHEMA_LEGACY, TURTLE, TURTLE_BYTES_MAX, URN, VERSION};
use super::names::member_names;
use super::turtle;
use super::zip::{Archive, Member};
use crate::{ImageError, Part};

/// Longest `container.description` and `version.txt`.
const SMALL_BYTES_MAX: u64 = 64 << 10;

/// A volume, opened.
pub(super) struct Volume {
    pub(super) archive: Arc<Archive>,
    /// Its name.
    pub(super) urn: String,
    /// `major.minor` and the tool, as written; empty before the standard.
    pub(super) version: String,
    pub(super) tool: String,
    pub(super) graph: Graph,
}

impl Volume {
    /// Reads directory, name, version and statements of `part`.
    pub(super) fn open(part: Part, findings: &mut Vec<Finding>) -> Result<Self, ImageError> {
        let name = part.name.clone();
        let archive = Archive::open(part, findings)?;
        let urn = volume_urn(&archive, findings)?;
        let corrupt = |structure: &'static str, offset: u64, text: String| ImageError::Corrupt {
            part: name.clone(),
            structure,
            offset,
            text,
        };
        let Some(member) = archive.find(TURTLE) else {
            return Err(corrupt(TURTLE, 0, "there is no such member: what the streams are is unknown".to_owned()));
        };
        if member.size > TURTLE_BYTES_MAX {
            let text = format!("{name}: {TURTLE} has {} bytes, this version reads {TURTLE_BYTES_MAX}", member.size);
            return Err(ImageError::Limit(text));
        }
        let bytes = archive.bytes(TURTLE, &member, TURTLE_BYTES_MAX).map_err(|text| corrupt(TURTLE, 0, text))?;
        let graph = turtle::read(&bytes).map_err(|error| corrupt(TURTLE, error.at, error.text))?;
        let (version, tool) = version(&archive);
        if version.is_empty() && bytes.windows(SCHEMA_LEGACY.len()).any(|window| window == SCHEMA_LEGACY.as_bytes()) {
            let text =
                format!("{name}: written before AFF4 Standard v1.0 (no version.txt); this version reads 1.0 and later");
            return Err(ImageError::Unsupported(text));
        }
        Ok(Self { archive: Arc::new(archive), urn, version, tool, graph })
    }

    /// The member of `urn`, and its name.
    pub(super) fn member(&self, urn: &str) -> Option<(String, Member)> {
        let names = member_names(&self.urn, urn);
        names.into_iter().find_map(|name| self.archive.find(&name).map(|member| (name, member)))
    }

    /// The bytes of a member of at most `limit` bytes; `None` if there is none.
    pub(super) fn bytes(&self, urn: &str, limit: u64) -> Option<Result<Vec<u8>, String>> {
        let (name, member) = self.member(urn)?;
        Some(self.archive.bytes(&name, &member, limit))
    }

    pub(super) fn part_name(&self) -> &str {
        &self.archive.part.name
    }

    /// Whether `urn` is stored in this volume, by its own word; a volume that does not say is taken at its members.
    pub(super) fn stores(&self, urn: &str) -> bool {
        self.graph.iri(urn, "stored").is_none_or(|stored| stored == self.urn)
    }
}

/// The volume's name: from the archive comment or from `container.description`, which should agree.
fn volume_urn(archive: &Archive, findings: &mut Vec<Finding>) -> Result<String, ImageError> {
    let described = archive
        .find(DESCRIPTION)
        .and_then(|member| archive.bytes(DESCRIPTION, &member, SMALL_BYTES_MAX).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).trim_matches(['\0', '\r', '\n', ' ']).to_owned())
        .filter(|urn| urn.starts_with(URN));
    let commented = Some(archive.comment.clone()).filter(|urn| urn.starts_with(URN));
    if let (Some(described), Some(commented)) = (&described, &commented)
        && described != commented
    {
        let text = format!("{DESCRIPTION} names the volume {described}, the archive comment {commented}");
        findings.push(Finding::new(Severity::Mismatch, "aff4-volume-name", archive.part.name.clone(), text));
    }
    described.or(commented).ok_or_else(|| ImageError::Corrupt {
        part: archive.part.name.clone(),
        structure: DESCRIPTION,
        offset: 0,
        text: "neither it nor the archive comment names a volume".to_owned(),
    })
}

/// Version and tool out of `version.txt`: lines `key=value` in any order.
fn version(archive: &Archive) -> (String, String) {
    let bytes = archive.find(VERSION).and_then(|member| archive.bytes(VERSION, &member, SMALL_BYTES_MAX).ok());
    let text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
    let value = |key: &str| {
        let of = |line: &str| line.split_once('=').filter(|(k, _)| k.trim() == key).map(|(_, v)| v.trim().to_owned());
        text.lines().find_map(of).unwrap_or_default()
    };
    match (value("major"), value("minor")) {
        (major, minor) if !major.is_empty() => (format!("{major}.{minor}"), value("tool")),
        _ => (String::new(), value("tool")),
    }
}
