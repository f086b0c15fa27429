//! Comparing what an image stores about itself: checksums of members, digests of indexes, block hashes, maps and streams.
//!
//! The digests of single chunks are compared whenever a chunk is read. A bevy that has them is not checked by its CRC-32
//! as well: that would read every image twice.

use std::sync::Arc;

use exhibit_evidence::{Finding, Severity, Source, from_hex, to_hex};

use super::digests::{ALGORITHMS, Algorithm};
use super::graph::Value;
use super::layout::{FINDINGS_MAX, POINT_BYTES, POINTS_MAX, STREAM_HASHED_MAX};
use super::open::linear;
use super::stream::ImageStream;
use super::volume::Volume;

/// Largest `idx` and `mapPath`, in bytes.
const SMALL_BYTES_MAX: u64 = 64 << 20;
/// A piece of a stream that is digested.
const PIECE_BYTES: usize = 1 << 20;

/// Tells findings up to a limit.
struct Teller<'a> {
    tell: &'a mut dyn FnMut(Finding),
    told: usize,
}

impl Teller<'_> {
    fn tell(&mut self, severity: Severity, code: &str, place: &str, text: String) {
        self.told = self.told.saturating_add(1);
        if self.told < FINDINGS_MAX {
            (self.tell)(Finding::new(severity, code, place, text));
        } else if self.told == FINDINGS_MAX {
            (self.tell)(Finding::new(Severity::Mismatch, "aff4-limit", place, "more findings are not listed"));
        }
    }

    /// Compares a stored digest of type `kind` (`SHA512`) with the digest of `pieces`.
    fn compare(&mut self, place: &str, what: &str, algorithm: Algorithm, hex: &str, found: &[u8]) {
        if from_hex(hex).as_deref() != Some(found) {
            let text = format!("{what}: {} {hex} stored, {} computed", algorithm.kind(), to_hex(found));
            self.tell(Severity::Mismatch, "aff4-digest", place, text);
        }
    }
}

/// What was computed of a stream while it was checked.
struct Computed<'a> {
    stream: &'a ImageStream,
    /// Block hashes of all bevies, one after another, for each algorithm that every bevy has.
    block_hashes: Vec<(Algorithm, Vec<Vec<u8>>)>,
}

pub(super) fn check(volumes: &[Arc<Volume>], streams: &[Arc<ImageStream>], tell: &mut dyn FnMut(Finding)) {
    let mut teller = Teller { tell, told: 0 };
    let mut computed = Vec::new();
    for stream in streams {
        let Some(volume) = volumes.iter().find(|volume| Arc::ptr_eq(&volume.archive, &stream.archive)) else {
            continue;
        };
        computed.push(check_stream(volume, stream, &mut teller));
    }
    let mut images = Vec::new();
    for volume in volumes {
        for map in volume.graph.of_type("Map") {
            images.extend(check_map(volume, map, &computed, &mut teller));
        }
    }
    check_images(volumes, &images, &mut teller);
}

/// Every bevy with its index, its place and, where it has no block hashes, its checksum; then the digests of them all.
fn check_stream<'a>(volume: &Volume, stream: &'a ImageStream, teller: &mut Teller<'_>) -> Computed<'a> {
    let place = volume.part_name();
    let urn = &stream.shape.urn;
    let outer = |subject: &str| volume.graph.all(subject, "hash").find_map(linear).map(|(algorithm, _)| algorithm);
    let mut running: Vec<_> = ALGORITHMS
        .into_iter()
        .map(|algorithm| {
            let node = outer(&format!("{urn}/blockhash.{}", algorithm.id())).unwrap_or(Algorithm::Sha512);
            (
                algorithm,
                true,
                ALGORITHMS.map(|outer| (outer == node || outer == Algorithm::Sha512).then(|| outer.start())),
            )
        })
        .collect();
    let mut indexes = Algorithm::Sha512.start();
    let mut hashed_everywhere = true;
    for number in stream.present().map(u64::from) {
        let bevy = match stream.load(number) {
            Ok(bevy) => bevy,
            Err(text) => {
                teller.tell(Severity::Mismatch, "aff4-bevy", place, format!("stream {urn}: {text}"));
                running.clear();
                continue;
            }
        };
        indexes.update(&bevy.index);
        check_index(stream, number, &bevy, place, teller);
        let chunks = bevy.chunks();
        let mut hashed = false;
        for (algorithm, all, outers) in &mut running {
            let digests = bevy.hashes.iter().find(|(there, _)| there == algorithm).map(|(_, digests)| digests);
            let Some(digests) = digests else {
                *all = false;
                continue;
            };
            hashed = true;
            outers.iter_mut().flatten().for_each(|outer| outer.update(digests));
            if digests.len() as u64 != chunks.saturating_mul(algorithm.length() as u64) {
                let text = format!(
                    "stream {urn}: bevy {number} has {chunks} chunks and {} bytes of {} block hashes",
                    digests.len(),
                    algorithm.kind()
                );
                teller.tell(Severity::Mismatch, "aff4-block-hashes", place, text);
            }
        }
        hashed_everywhere &= hashed;
        if !hashed {
            let name = stream.name_of(number);
            let checked = stream.archive.find(&name).map(|member| stream.archive.check_crc(&name, &member));
            if let Some(Err(text)) = checked {
                teller.tell(Severity::Mismatch, "aff4-member-checksum", place, text);
            }
        }
    }
    let bevies = stream.bevies();
    for (algorithm, hex) in volume.graph.all(urn, "imageStreamIndexHash").filter_map(linear) {
        // How the indexes of several bevies enter it was never published.
        if bevies == 1 && algorithm == Algorithm::Sha512 {
            teller.compare(
                place,
                &format!("index of stream {urn}"),
                algorithm,
                hex,
                &std::mem::replace(&mut indexes, Algorithm::Sha512.start()).finish(),
            );
        }
    }
    let mut block_hashes = Vec::new();
    for (algorithm, all, outers) in running {
        let digests: Vec<Vec<u8>> =
            outers.into_iter().map(|outer| outer.map(super::digests::Running::finish).unwrap_or_default()).collect();
        let node = format!("{urn}/blockhash.{}", algorithm.id());
        for (outer, hex) in volume.graph.all(&node, "hash").filter_map(linear) {
            let found = ALGORITHMS.iter().position(|a| *a == outer).and_then(|at| digests.get(at)).cloned();
            teller.compare(
                place,
                &format!("all {} block hashes of stream {urn}", algorithm.kind()),
                outer,
                hex,
                &found.unwrap_or_default(),
            );
        }
        if all && bevies > 0 {
            block_hashes.push((algorithm, digests));
        }
    }
    check_whole(volume, stream, hashed_everywhere, teller);
    Computed { stream, block_hashes }
}

/// Entries of an index: as many as chunks, each inside its bevy.
fn check_index(stream: &ImageStream, number: u64, bevy: &super::stream::Bevy, place: &str, teller: &mut Teller<'_>) {
    let urn = &stream.shape.urn;
    let (chunks, expected) = (bevy.chunks(), stream.chunks_of(number));
    if chunks < expected {
        let text = format!("stream {urn}: the index of bevy {number} has {chunks} entries, expected {expected}");
        teller.tell(Severity::Mismatch, "aff4-index", place, text);
    }
    let outside = (0..usize::try_from(chunks).unwrap_or(0)).find(|&chunk| {
        let end = bevy.entry(chunk).and_then(|(offset, length)| offset.checked_add(u64::from(length)));
        end.is_none_or(|end| end > bevy.data.length)
    });
    if let Some(chunk) = outside {
        let text = format!(
            "stream {urn}: the index of bevy {number} puts chunk {chunk} outside of its {} bytes",
            bevy.data.length
        );
        teller.tell(Severity::Mismatch, "aff4-index", place, text);
    }
}

/// Digests over the decoded stream.
fn check_whole(volume: &Volume, stream: &ImageStream, hashed: bool, teller: &mut Teller<'_>) {
    let place = volume.part_name();
    let urn = &stream.shape.urn;
    let stored: Vec<(Algorithm, &str)> = volume.graph.all(urn, "hash").filter_map(linear).collect();
    if stored.is_empty() {
        return;
    }
    if stream.size() > STREAM_HASHED_MAX {
        let (severity, how) = match hashed {
            true => (Severity::Note, "its chunks are compared with their block hashes when they are read"),
            false => (Severity::Incomplete, "it has no block hashes either"),
        };
        let text = format!("the digests of stream {urn} ({} bytes) were not computed; {how}", stream.size());
        teller.tell(severity, "aff4-stream-digest", place, text);
        return;
    }
    let mut running: Vec<_> = stored.iter().map(|(algorithm, _)| algorithm.start()).collect();
    let mut piece = vec![0; PIECE_BYTES];
    let mut at = 0_u64;
    while at < stream.size() {
        let length = usize::try_from(stream.size().saturating_sub(at)).unwrap_or(usize::MAX).min(piece.len());
        let Some(out) = piece.get_mut(..length) else { break };
        if let Err(fault) = stream.read_at(at, out) {
            teller.tell(Severity::Mismatch, "aff4-chunk", place, format!("stream {urn}: {fault}"));
            return;
        }
        running.iter_mut().for_each(|digest| digest.update(out));
        at = at.saturating_add(length as u64);
    }
    for ((algorithm, hex), digest) in stored.into_iter().zip(running) {
        teller.compare(place, &format!("stream {urn}"), algorithm, hex, &digest.finish());
    }
}

/// The parts of a map against their digests. Gives the volume's name, the map and its `blockMapHash`, where that could be computed.
fn check_map(
    volume: &Volume,
    map: &str,
    computed: &[Computed<'_>],
    teller: &mut Teller<'_>,
) -> Option<(String, Vec<u8>)> {
    let place = volume.part_name();
    let limit = POINTS_MAX.saturating_mul(POINT_BYTES as u64);
    let parts = [
        ("map", "mapPointHash", limit),
        ("idx", "mapIdxHash", SMALL_BYTES_MAX),
        ("mapPath", "mapPathHash", SMALL_BYTES_MAX),
    ];
    let mut bytes = Vec::new();
    for (member, property, limit) in parts {
        let there = match volume.bytes(&format!("{map}/{member}"), limit) {
            None => Vec::new(),
            Some(Ok(bytes)) => bytes,
            Some(Err(text)) => {
                teller.tell(Severity::Mismatch, "aff4-map", place, text);
                return None;
            }
        };
        for (algorithm, hex) in volume.graph.all(map, property).filter_map(linear) {
            teller.compare(place, &format!("{member} of {map}"), algorithm, hex, &algorithm.digest(&[&there]));
        }
        bytes.push((property, there));
    }
    let pieces: Vec<&[u8]> = bytes.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    for (algorithm, hex) in volume.graph.all(map, "mapHash").filter_map(linear) {
        teller.compare(place, &format!("map of {map}"), algorithm, hex, &algorithm.digest(&pieces));
    }
    let (algorithm, hex) = volume.graph.all(map, "blockMapHash").find_map(linear)?;
    // The streams of this volume on which the map rests, with the digest of their block hashes.
    let mut digests: Vec<Vec<u8>> = Vec::new();
    for stream in volume.graph.all(map, "dependentStream").filter_map(Value::iri) {
        let local =
            computed.iter().find(|c| c.stream.shape.urn == stream && Arc::ptr_eq(&c.stream.archive, &volume.archive));
        for (inner, outers) in local.map(|c| c.block_hashes.as_slice()).unwrap_or_default() {
            let node = format!("{stream}/blockhash.{}", inner.id());
            let outer = volume.graph.all(&node, "hash").find_map(linear).map(|(outer, _)| outer);
            let at = outer.and_then(|outer| ALGORITHMS.iter().position(|a| *a == outer));
            digests.extend(at.and_then(|at| outers.get(at)).cloned());
        }
    }
    for (property, there) in &bytes {
        digests.extend(volume.graph.all(map, property).find_map(linear).map(|(inner, _)| inner.digest(&[there])));
    }
    let pieces: Vec<&[u8]> = digests.iter().map(Vec::as_slice).collect();
    let found = algorithm.digest(&pieces);
    teller.compare(place, &format!("block hashes and map of {map}"), algorithm, hex, &found);
    Some((map.to_owned(), found))
}

/// `aff4:blockMapHashSHA512` of an image: that of its map, or of the maps of all stripes together.
fn check_images(volumes: &[Arc<Volume>], maps: &[(String, Vec<u8>)], teller: &mut Teller<'_>) {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for volume in volumes {
        for image in volume.graph.of_type("Image") {
            for (kind, hex) in volume.graph.all(image, "hash").filter_map(Value::typed) {
                let Some(algorithm) = kind.strip_prefix("blockMapHash").and_then(Algorithm::of) else { continue };
                if seen.contains(&(image, hex)) {
                    continue;
                }
                seen.push((image, hex));
                let data: Vec<&str> =
                    volumes.iter().filter_map(|volume| volume.graph.iri(image, "dataStream")).collect();
                let own: Vec<&Vec<u8>> =
                    maps.iter().filter(|(map, _)| data.contains(&map.as_str())).map(|(_, digest)| digest).collect();
                let stored = from_hex(hex);
                let found = match own.as_slice() {
                    [] => continue,
                    [one] => (*one).clone(),
                    many => {
                        let there: Vec<&[u8]> = many.iter().map(|digest| digest.as_slice()).collect();
                        let back: Vec<&[u8]> = there.iter().rev().copied().collect();
                        // The order of the stripes is not told; the volumes come in the order in which they were found.
                        let backwards = algorithm.digest(&back);
                        if stored.as_deref() == Some(&backwards) { backwards } else { algorithm.digest(&there) }
                    }
                };
                if own.len() == 1 && stripes(volume, image) > 1 {
                    let text = format!(
                        "{kind} of image {image} covers {} volumes and could not be computed",
                        stripes(volume, image)
                    );
                    teller.tell(Severity::Incomplete, "aff4-digest-missing", volume.part_name(), text);
                    continue;
                }
                teller.compare(volume.part_name(), &format!("{kind} of image {image}"), algorithm, hex, &found);
            }
        }
    }
}

/// On how many image streams the map of `image` rests.
fn stripes(volume: &Volume, image: &str) -> usize {
    let Some(data) = volume.graph.iri(image, "dataStream") else { return 0 };
    volume.graph.all(data, "dependentStream").filter_map(Value::iri).count()
}
