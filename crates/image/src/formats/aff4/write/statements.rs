//! The `information.turtle` that we write.

use std::fmt::Write as _;

use exhibit_evidence::{DigestSet, to_hex};

use super::super::digests::{ALGORITHMS, Algorithm};
use super::super::layout::{CHUNK_BYTES, CHUNKS_IN_BEVY, SCHEMA, XSD};
use super::super::names::urn;
use super::super::turtle::quoted;
use super::Names;
use crate::Create;

/// What is known when everything else is written.
pub(super) struct Facts<'a> {
    pub(super) names: &'a Names,
    pub(super) how: &'a Create,
    pub(super) method: &'static str,
    pub(super) stream_bytes: u64,
    /// SHA-512 of all block hashes; `None` if the stream is empty.
    pub(super) block_hashes: Option<Vec<u8>>,
    pub(super) map: &'a [u8],
    pub(super) idx: &'a [u8],
    pub(super) digests: &'a DigestSet,
}

/// One subject under way.
struct Node {
    text: String,
}

impl Node {
    fn new(subject: &str, kinds: &[&str]) -> Self {
        let kinds: Vec<String> = kinds.iter().map(|kind| format!("aff4:{kind}")).collect();
        Self { text: format!("<{subject}>\n        a {}", kinds.join(" , ")) }
    }

    fn raw(&mut self, property: &str, value: &str) {
        // Writing to a String cannot fail.
        let _ = write!(self.text, " ;\n        aff4:{property} {value}");
    }

    fn iri(&mut self, property: &str, value: &str) {
        self.raw(property, &format!("<{value}>"));
    }

    /// A text, unless it is empty.
    fn text(&mut self, property: &str, value: &str) {
        if !value.is_empty() {
            self.raw(property, &quoted(value));
        }
    }

    fn number(&mut self, property: &str, kind: &str, value: u64) {
        self.raw(property, &format!("\"{value}\"^^xsd:{kind}"));
    }

    fn time(&mut self, property: &str, value: exhibit_evidence::Instant) {
        self.raw(property, &format!("\"{value}\"^^xsd:dateTime"));
    }

    fn digest(&mut self, property: &str, kind: &str, bytes: &[u8]) {
        self.raw(property, &format!("\"{}\"^^aff4:{kind}", to_hex(bytes)));
    }

    fn end(self, out: &mut String) {
        out.push_str(&self.text);
        out.push_str(" .\n\n");
    }
}

/// All statements. The subjects come in the order in which one reads about them.
pub(super) fn statements(facts: &Facts<'_>) -> String {
    let Facts { names, how, .. } = facts;
    let mut out = format!(
        "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n@prefix xsd: <{XSD}> .\n@prefix aff4: <{SCHEMA}> .\n\n"
    );
    let sha512 = |pieces: &[&[u8]]| Algorithm::Sha512.digest(pieces);
    let (point_hash, idx_hash) = (sha512(&[facts.map]), sha512(&[facts.idx]));
    let inner: Vec<&[u8]> = facts.block_hashes.iter().chain([&point_hash, &idx_hash]).map(Vec::as_slice).collect();
    let block_map_hash = sha512(&inner);

    let mut volume = Node::new(&names.volume, &["ZipVolume"]);
    [&names.image, &names.map, &names.stream].iter().for_each(|urn| volume.iri("contains", urn));
    volume.time("creationTime", how.started);
    volume.raw("interface", "aff4:Volume");
    volume.text("stored", &format!("{}.aff4", how.base));
    volume.end(&mut out);

    let mut image = Node::new(&names.image, &["Image", "ContiguousImage", "DiskImage"]);
    image.iri("dataStream", &names.map);
    image.iri("stored", &names.volume);
    image.number("size", "long", how.size_bytes);
    image.number("blockSize", "int", u64::from(how.sector_bytes));
    let sector = u64::from(how.sector_bytes.max(1));
    if how.size_bytes.is_multiple_of(sector) {
        image.number("sectorCount", "long", how.size_bytes / sector);
    }
    image.text("diskModel", &how.metadata.model);
    image.text("diskSerial", &how.metadata.serial);
    image.text("diskDeviceType", if how.physical { "Disk" } else { "Logical" });
    image.digest("hash", "blockMapHashSHA512", &block_map_hash);
    image.end(&mut out);

    let mut map = Node::new(&names.map, &["Map"]);
    map.iri("dependentStream", &names.stream);
    map.raw("mapGapDefaultStream", "aff4:UnknownData");
    map.iri("stored", &names.volume);
    map.iri("target", &names.image);
    map.number("size", "long", how.size_bytes);
    map.digest("mapPointHash", "SHA512", &point_hash);
    map.digest("mapIdxHash", "SHA512", &idx_hash);
    map.digest("mapHash", "SHA512", &sha512(&[facts.map, facts.idx]));
    map.digest("blockMapHash", "SHA512", &block_map_hash);
    // Not at the image: pyaff4 takes every digest there for one of block hashes and map.
    for algorithm in ALGORITHMS {
        let digest = facts.digests.get(algorithm.id()).and_then(exhibit_evidence::from_hex);
        if let Some(digest) = digest {
            map.digest("hash", algorithm.kind(), &digest);
        }
    }
    map.end(&mut out);

    let mut stream = Node::new(&names.stream, &["ImageStream"]);
    stream.number("chunkSize", "int", CHUNK_BYTES as u64);
    stream.number("chunksInSegment", "int", CHUNKS_IN_BEVY as u64);
    stream.iri("compressionMethod", facts.method);
    stream.number("size", "long", facts.stream_bytes);
    stream.iri("stored", &names.volume);
    stream.iri("target", &names.map);
    stream.end(&mut out);

    if let Some(block_hashes) = &facts.block_hashes {
        let mut node = Node::new(&format!("{}/blockhash.sha256", names.stream), &["BlockHashes"]);
        node.digest("hash", "SHA512", block_hashes);
        node.end(&mut out);
    }
    case(facts, &mut out);
    out
}

/// The case, the examiner and the time.
fn case(facts: &Facts<'_>, out: &mut String) {
    let Facts { names, how, .. } = facts;
    let metadata = &how.metadata;
    let node = |what: &str, kind: &str| {
        let mut node = Node::new(&urn(&super::derived(&how.set_id, what)), &[kind]);
        node.iri("stored", &names.volume);
        node.iri("target", &names.image);
        node
    };
    let mut notes = node("notes", "CaseNotes");
    notes.text("caseNumber", &metadata.case_number);
    notes.text("evidenceNumber", &metadata.evidence_number);
    notes.text("examiner", &metadata.examiner);
    notes.text("notes", &metadata.notes);
    notes.time("timestamp", how.started);
    notes.end(out);
    let mut details = node("details", "CaseDetails");
    details.text("caseDescription", &metadata.description);
    details.text("examiner", &metadata.examiner);
    details.end(out);
    let mut times = node("times", "TimeStamps");
    times.raw("operation", "\"CAPTURE\"");
    times.raw("timeSource", "\"SINK\"");
    times.time("startTime", how.started);
    times.text("operatingSystem", &metadata.system);
    times.end(out);
}
