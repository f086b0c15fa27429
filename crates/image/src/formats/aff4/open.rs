//! From volumes to an image: which image is shown, where its bytes are, and all that is missing or contradicts itself.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Digest, DigestSet, Finding, Outcome, Severity, Source};

use super::by_digest;
use super::codec::Codec;
use super::digests::Algorithm;
use super::graph::Value;
use super::image::Aff4Image;
use super::layout::{FINDINGS_MAX, POINT_BYTES, POINTS_MAX, TARGETS_MAX, VOLUMES_MAX};
use super::logical;
use super::map::{self, Map, Target};
use super::metadata;
use super::stream::{ImageStream, Shape};
use super::symbol::Symbol;
use super::volume::Volume;
use crate::{Description, Image, ImageError, Part, SegmentInfo};

/// Largest `idx`, in bytes.
const IDX_BYTES_MAX: u64 = 16 << 20;

pub(super) fn open(parts: Vec<Part>) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
    let mut assembly = Assembly::new(parts)?;
    let first = assembly.first();
    let place = first.part_name().to_owned();
    let shown = assembly.shown();
    let entries = logical::entries(&first);
    let Some((image, data)) = shown else {
        if entries.is_empty() {
            let text = "there is no image in it: no subject is an aff4:Image with an aff4:dataStream".to_owned();
            return Err(ImageError::Corrupt { part: place, structure: "information.turtle", offset: 0, text });
        }
        let title = format!("AFF4 logical image ({})", first.tool);
        let description = assembly.description(title, "", 0, None);
        let nothing = Arc::new(exhibit_evidence::MemorySource::new([]));
        return Ok(assembly.outcome(description, nothing, (entries, None)));
    };
    let content = assembly.content(&image, &data)?;
    let title = format!("AFF4 Standard v{} ({})", first.version, first.tool);
    let mut description = assembly.description(title, &image, content.medium.size(), content.chunk_bytes);
    description.stored = assembly.stored(&image, &data);
    description.gaps = content.gaps;
    if content.unknown_bytes > 0 {
        description.metadata.push(("not_acquired_bytes", content.unknown_bytes.to_string()));
    }
    let binding = assembly.binding(&image, &data);
    Ok(assembly.outcome(description, content.medium, (entries, binding)))
}

/// The bytes of an image.
struct Content {
    medium: Arc<dyn Source>,
    chunk_bytes: Option<u32>,
    gaps: Vec<ByteRange>,
    unknown_bytes: u64,
}

/// What is gathered from all volumes.
pub(super) struct Assembly {
    /// The volume that was named; it is also the first of `volumes`.
    first: Arc<Volume>,
    volumes: Vec<Arc<Volume>>,
    streams: Vec<Arc<ImageStream>>,
    /// Whether something else than streams of chunks was looked for.
    others: bool,
    findings: Vec<Finding>,
}

impl Assembly {
    pub(super) fn new(parts: Vec<Part>) -> Result<Self, ImageError> {
        let (mut volumes, mut findings, mut refused) = (Vec::new(), Vec::new(), None);
        for part in parts.into_iter().take(VOLUMES_MAX) {
            let name = part.name.clone();
            match Volume::open(part, &mut findings) {
                Ok(volume) => volumes.push(Arc::new(volume)),
                Err(error) if volumes.is_empty() && refused.is_none() => refused = Some(error),
                Err(error) => {
                    findings.push(Finding::new(Severity::Incomplete, "aff4-volume", name, error.to_string()));
                }
            }
        }
        match (volumes.first().cloned(), refused) {
            (_, Some(error)) => Err(error),
            (Some(first), None) => Ok(Self { first, volumes, streams: Vec::new(), others: false, findings }),
            (None, None) => Err(ImageError::Usage("an image needs at least one file".to_owned())),
        }
    }

    fn first(&self) -> Arc<Volume> {
        self.first.clone()
    }

    fn tell(&mut self, severity: Severity, code: &str, place: &str, text: String) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding::new(severity, code, place, text));
        }
    }

    /// The image that is shown, and its data stream: the first in order of names. Others are named in a finding.
    fn shown(&mut self) -> Option<(String, String)> {
        let first = self.first();
        let graph = &first.graph;
        let with_data = |image: &str| graph.iri(image, "dataStream").map(|data| (image.to_owned(), data.to_owned()));
        let mut images: Vec<_> = graph.of_type("Image").filter_map(with_data).collect();
        images.retain(|(image, _)| !graph.is_a(image, "FileImage"));
        if images.len() > 1 {
            let text = format!("it holds {} images; the first is shown, the others were not looked at", images.len());
            self.tell(Severity::Incomplete, "aff4-images", first.part_name(), text);
        }
        images.into_iter().next()
    }

    /// Opens the data stream of an image.
    fn content(&mut self, image: &str, data: &str) -> Result<Content, ImageError> {
        let first = self.first();
        if !first.graph.is_a(data, "Map") {
            let target = self.target(data)?;
            let chunk_bytes = self.chunk_bytes();
            let size = first.graph.number(image, "size");
            return match target {
                Target::Source(medium) => {
                    if size.is_some_and(|size| size != medium.size()) {
                        let text = format!("the stream has {} bytes, the image {}", medium.size(), size.unwrap_or(0));
                        self.tell(Severity::Mismatch, "aff4-size", first.part_name(), text);
                    }
                    Ok(Content { medium, chunk_bytes, gaps: Vec::new(), unknown_bytes: 0 })
                }
                other => {
                    let size = size.or_else(|| first.graph.number(data, "size")).unwrap_or(0);
                    let medium = Arc::new(Map::new(size, Vec::new(), Vec::new(), other));
                    Ok(Content { medium, chunk_bytes, gaps: Vec::new(), unknown_bytes: 0 })
                }
            };
        }
        let medium = self.map(Some(image), data)?;
        let (unknown, unreadable) = medium.absent();
        let unknown_bytes = unknown.iter().map(|range| range.length).fold(0_u64, u64::saturating_add);
        let mut gaps = [unknown, unreadable].concat();
        gaps.sort_unstable();
        Ok(Content { medium: Arc::new(medium), chunk_bytes: self.chunk_bytes(), gaps, unknown_bytes })
    }

    /// Chunk size of the first stream.
    fn chunk_bytes(&self) -> Option<u32> {
        self.streams.first().and_then(|stream| u32::try_from(stream.shape.chunk_bytes).ok())
    }

    /// Opens a map, whichever volume it is in.
    pub(super) fn map(&mut self, image: Option<&str>, urn: &str) -> Result<Map, ImageError> {
        let holder = self.volumes.iter().find(|volume| volume.member(&format!("{urn}/map")).is_some()).cloned();
        let Some(volume) = holder else {
            if self.volumes.iter().any(|volume| volume.graph.number(urn, "size") == Some(0)) {
                // A map over nothing has no points, and its writers leave it out.
                return Ok(Map::new(0, Vec::new(), Vec::new(), Target::Symbol(Symbol::Byte(0))));
            }
            let (part, text) = (self.first().part_name().to_owned(), format!("{urn} has no member map in any volume"));
            return Err(ImageError::Corrupt { part, structure: "map", offset: 0, text });
        };
        let corrupt = |structure: &'static str, text: String| ImageError::Corrupt {
            part: volume.part_name().to_owned(),
            structure,
            offset: 0,
            text,
        };
        let none = || Err("there is no such member".to_owned());
        let idx = volume.bytes(&format!("{urn}/idx"), IDX_BYTES_MAX).unwrap_or_else(none);
        let idx = idx.map_err(|text| corrupt("idx", text))?;
        let idx = String::from_utf8(idx).map_err(|_| corrupt("idx", "not UTF-8".to_owned()))?;
        let names: Vec<&str> = idx.lines().map(str::trim).collect();
        if names.len() > TARGETS_MAX {
            let text = format!("{}: {} targets, this version reads {TARGETS_MAX}", volume.part_name(), names.len());
            return Err(ImageError::Limit(text));
        }
        let own = volume.graph.number(urn, "size");
        let size = own.or_else(|| image.and_then(|image| volume.graph.number(image, "size")));
        let Some(size) = size else {
            return Err(corrupt("information.turtle", format!("the size of {urn} is not told")));
        };
        let limit = POINTS_MAX.saturating_mul(POINT_BYTES as u64);
        let points = volume.bytes(&format!("{urn}/map"), limit).unwrap_or_else(none);
        let points = points.map_err(|text| corrupt("map", text))?;
        let points = map::decode(&points, size, names.len()).map_err(|text| corrupt("map", text))?;
        let targets: Result<Vec<Target>, ImageError> = names.iter().map(|name| self.target(name)).collect();
        let default = match volume.graph.iri(urn, "mapGapDefaultStream") {
            Some(name) => self.target(name)?,
            None => Target::Symbol(Symbol::Byte(0)),
        };
        Ok(Map::new(size, points, targets?, default))
    }

    /// What a map or an image points to. Not at hand is no error.
    pub(super) fn target(&mut self, urn: &str) -> Result<Target, ImageError> {
        if let Some(symbol) = Symbol::of(urn) {
            return Ok(Target::Symbol(symbol));
        }
        if let Some(known) = self.streams.iter().find(|stream| stream.shape.urn == urn) {
            return Ok(Target::Source(known.clone()));
        }
        let volumes = self.volumes.clone();
        let declares = |volume: &&Arc<Volume>| volume.graph.is_a(urn, "ImageStream") && volume.stores(urn);
        if let Some(volume) = volumes.iter().find(declares) {
            return Ok(match self.stream(volume, urn) {
                Ok(stream) => {
                    self.streams.push(stream.clone());
                    Target::Source(stream)
                }
                Err(text) => {
                    self.tell(Severity::Incomplete, "aff4-stream", volume.part_name(), text.clone());
                    Target::Missing(text.into())
                }
            });
        }
        self.others = true;
        if let Some(volume) = volumes.iter().find(|volume| volume.graph.is_a(urn, "EncryptedStream")) {
            let text = format!("{}: stream {urn} is encrypted; this version does not decrypt AFF4", volume.part_name());
            return Err(ImageError::Unsupported(text));
        }
        for volume in &volumes {
            if let Some((name, member)) = volume.member(urn) {
                return Ok(match volume.archive.source(&name, &member) {
                    Ok(source) => Target::Source(source),
                    Err(text) => {
                        self.tell(Severity::Mismatch, "aff4-member", volume.part_name(), text.clone());
                        Target::Missing(text.into())
                    }
                });
            }
        }
        if let Some(shared) = self.shared(urn)? {
            return Ok(shared);
        }
        let elsewhere = volumes.iter().find_map(|volume| volume.graph.iri(urn, "stored"));
        let text = match elsewhere {
            Some(volume) => format!("stream {urn} is in volume {volume}, which is not at hand"),
            None => format!("stream {urn} is in no volume at hand"),
        };
        self.tell(Severity::Incomplete, "aff4-volume-missing", self.first().part_name(), text.clone());
        Ok(Target::Missing(text.into()))
    }

    /// A chunk that is named by its digest, if `urn` is one: a range of a stream. References to references are not followed.
    fn shared(&mut self, urn: &str) -> Result<Option<Target>, ImageError> {
        let volumes = self.volumes.clone();
        let found =
            volumes.iter().find_map(|volume| volume.graph.iri(urn, "dataStream").and_then(by_digest::reference));
        let Some((stream, range)) =
            found.filter(|(stream, _)| volumes.iter().all(|v| v.graph.iri(stream, "dataStream").is_none()))
        else {
            return Ok(None);
        };
        Ok(match self.target(stream)? {
            Target::Source(stream) => match by_digest::Chunk::new(urn, stream, range) {
                Ok(chunk) => Some(Target::Source(Arc::new(chunk))),
                Err(text) => {
                    self.tell(Severity::Mismatch, "aff4-reference", self.first().part_name(), text.clone());
                    Some(Target::Missing(text.into()))
                }
            },
            other => Some(other),
        })
    }

    /// Opens an image stream that `volume` stores.
    fn stream(&mut self, volume: &Volume, urn: &str) -> Result<Arc<ImageStream>, String> {
        let graph = &volume.graph;
        let codec = match graph.iri(urn, "compressionMethod") {
            None => Codec::Stored,
            Some(iri) => Codec::of(iri)
                .ok_or_else(|| format!("stream {urn} is packed by {iri}, which this version does not read"))?,
        };
        let Some(size) = graph.number(urn, "size") else { return Err(format!("the size of stream {urn} is not told")) };
        let shape = Shape {
            urn: urn.to_owned(),
            size,
            chunk_bytes: graph.number(urn, "chunkSize").unwrap_or(32 * 1024),
            chunks_in_bevy: graph.number(urn, "chunksInSegment").unwrap_or(1024),
            codec,
        };
        let stream = ImageStream::new(shape, volume.archive.clone(), &volume.urn)
            .map_err(|text| format!("stream {urn}: {text}"))?;
        let (present, bevies) = (stream.present().count() as u64, stream.bevies());
        if present < bevies {
            let text =
                format!("stream {urn}: {} of {bevies} bevies are not in the volume", bevies.saturating_sub(present));
            self.tell(Severity::Incomplete, "aff4-bevy-missing", volume.part_name(), text);
        }
        Ok(Arc::new(stream))
    }

    /// The digest over map and block hashes that the image stores, if every chunk of the medium has a block hash.
    fn binding(&self, image: &str, data: &str) -> Option<String> {
        let first = self.first();
        let is_whole =
            first.graph.is_a(data, "Map") && !self.others && self.streams.iter().all(|s| s.has_block_hashes());
        let known = |kind: &str| kind.strip_prefix("blockMapHash").and_then(Algorithm::of).is_some();
        let mut stored = first.graph.all(image, "hash").filter_map(Value::typed);
        stored.find(|(kind, _)| known(kind)).filter(|_| is_whole).map(|(kind, _)| kind.to_owned())
    }

    /// Linear digests of the whole medium, stored with the image or its data stream.
    fn stored(&mut self, image: &str, data: &str) -> DigestSet {
        let mut stored = DigestSet::new();
        let first = self.first();
        for value in [image, data].into_iter().flat_map(|subject| first.graph.all(subject, "hash")) {
            let Some((algorithm, hex)) = linear(value) else { continue };
            // Digests of streams by Blake2b are compared with the structure; media digests are those that `hash` knows.
            let Ok(digest) = Digest::parse(algorithm.id(), &hex.to_lowercase()) else {
                let text = format!("the {} digest of the image is no digest: {hex}", algorithm.kind());
                self.tell(Severity::Mismatch, "aff4-digest", first.part_name(), text);
                continue;
            };
            match stored.get(algorithm.id()) {
                Some(other) if other != digest.hex() => {
                    let text = format!("two {} digests of the image: {other} and {digest}", algorithm.kind());
                    self.tell(Severity::Mismatch, "aff4-digests-differ", first.part_name(), text);
                }
                _ => stored.insert(&digest),
            }
        }
        stored
    }

    fn description(&self, title: String, image: &str, size_bytes: u64, chunk_bytes: Option<u32>) -> Description {
        let first = self.first();
        let sector = first.graph.number(image, "blockSize").and_then(|size| u32::try_from(size).ok());
        let segment = |volume: &Arc<Volume>| SegmentInfo {
            name: volume.part_name().to_owned(),
            size_bytes: volume.archive.part.source.size(),
        };
        let mut metadata = metadata::read(&first.graph, image);
        if let Some(stream) = self.streams.first() {
            metadata.push(("compression", stream.shape.codec.title().to_owned()));
        }
        metadata.push(("volume", first.urn.clone()));
        Description {
            format: "aff4",
            title,
            size_bytes,
            sector_bytes: sector.filter(|&sector| sector > 0).unwrap_or(512),
            chunk_bytes,
            padding_bytes: 0,
            metadata,
            stored: DigestSet::new(),
            gaps: Vec::new(),
            segments: self.volumes.iter().map(segment).collect(),
        }
    }

    fn outcome(
        self,
        description: Description,
        medium: Arc<dyn Source>,
        entries: (Vec<logical::Entry>, Option<String>),
    ) -> Outcome<Arc<dyn Image>> {
        let image = Aff4Image::new(description, medium, self.first, self.volumes, self.streams, entries);
        Outcome { value: Arc::new(image), findings: self.findings }
    }

    /// For reading one file of a logical image.
    pub(super) fn of(first: Arc<Volume>, volumes: Vec<Arc<Volume>>) -> Self {
        Self { first, volumes, streams: Vec::new(), others: false, findings: Vec::new() }
    }
}

/// An algorithm and the hexadecimal text, if `value` is a linear digest.
pub(super) fn linear(value: &Value) -> Option<(Algorithm, &str)> {
    let (kind, hex) = value.typed()?;
    Algorithm::of(kind).map(|algorithm| (algorithm, hex))
}
