//! `exhibit export`: converts an image, or cuts a range out of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use exhibit_acquire::{Care, Job};
use exhibit_evidence::acquisition::Plan;
use exhibit_evidence::{
    ByteRange, Cancel, Event, Fact, Identity, Phase, Segment, Slice, Source, Store as _, WriteBlock,
};
use exhibit_hash::{BLOCK_BYTES, Pool, algorithm, ordered};
use exhibit_image::{Compression, Metadata};
use exhibit_store::{Folder, StandardOutput};
use serde_json::json;

use crate::actor::Actor;
use crate::commands::acquire;
use crate::evidence_input;
use crate::outcome::{Done, Ending, Exit, Failure, shown};
use crate::recording;
use crate::sizes;
use crate::world::{TOOL, World};

/// Convert an image, or cut a range out of it.
///
/// Parts of the medium that were never read, or whose image is damaged, are zeros in the output; each is named, and the
/// exit code is 3.
///
/// Examples:
///   exhibit export disk.E01 --to disk.raw
///   exhibit export disk.E01 --to - --range 0:512 | xxd
///   exhibit export disk.raw --to disk --format e01
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Image (any of its segments) or block device
    evidence: PathBuf,
    /// Output file; `-` is standard output (raw only)
    #[arg(long, value_name = "PATH")]
    to: PathBuf,
    /// Format of the output: raw or e01
    #[arg(long, default_value = "raw")]
    format: String,
    /// Only these bytes of the medium, OFFSET:LENGTH (units and 0x allowed)
    #[arg(long, value_name = "OFFSET:LENGTH", value_parser = sizes::parse_range)]
    range: Option<(u64, u64)>,
    /// How hard to compress (E01)
    #[arg(long, default_value = "fast")]
    compression: acquire::CompressionArgument,
    /// Largest segment file (E01)
    #[arg(long, value_name = "SIZE", value_parser = sizes::parse)]
    segment_size: Option<u64>,
}

impl Export {
    pub(super) fn run(&self, world: &World) -> Ending {
        let evidence = evidence_input::open(world, &self.evidence)?;
        for finding in &evidence.findings {
            world.remark(&format!("note: {finding}"));
        }
        let size = evidence.image.size();
        let range = match self.range {
            None => ByteRange::new(0, size),
            Some((offset, length)) if offset.checked_add(length).is_some_and(|end| end <= size) => {
                ByteRange::new(offset, length)
            }
            Some((offset, length)) => {
                let text = format!("the range {offset}:{length} reaches beyond the medium, which has {size} bytes");
                return Err(Failure::usage(text));
            }
        };
        let recorded =
            evidence.record.map(|record| record.gaps.iter().map(|gap| gap.range()).collect()).unwrap_or_default();
        let source: Arc<dyn Source> = Arc::new(crate::gaps::Honest::new(evidence.image.clone(), recorded));
        let source: Arc<dyn Source> = Arc::new(Slice::new(source, range));
        let format = acquire::image_format(&self.format)?;
        if format.spec().id != "raw" && self.to.as_os_str() == "-" {
            return Err(Failure::usage(format!("{} has several files and cannot go to standard output", self.format))
                .hint("name a file with --to, or use --format raw"));
        }
        if format.spec().id == "raw" {
            self.raw(world, source.as_ref(), range)
        } else {
            self.container(world, source, &evidence.image.description().metadata)
        }
    }

    /// The bytes and nothing else.
    fn raw(&self, world: &World, source: &dyn Source, range: ByteRange) -> Ending {
        let to_stdout = self.to.as_os_str() == "-";
        if to_stdout && world.globals.json {
            return Err(Failure::usage("--to - and --json cannot share standard output").hint("export to a file"));
        }
        let mut segment: Box<dyn Segment> = if to_stdout {
            Box::new(StandardOutput::default())
        } else {
            let (folder, name) = crate::store_paths::split(&self.to)?;
            Folder::at(folder)?.create(&name)?
        };
        let mut digester = algorithm("sha256").map(|algorithm| algorithm.start());
        let (mut gaps, mut failed): (Vec<(ByteRange, String)>, Option<Failure>) = (Vec::new(), None);
        let pool = Pool::new(16);
        world.observer.on(&Event::Started { phase: Phase::Export, total_bytes: source.size() });
        ordered::read(
            source,
            ByteRange::new(0, source.size()),
            &pool,
            world.jobs,
            &world.cancel,
            |_, _| (),
            |piece| {
                let result = match piece.result {
                    Ok(()) => append(segment.as_mut(), &mut digester, &piece.block),
                    Err(_) => piecewise(source, piece.range, &world.cancel, &mut gaps)
                        .and_then(|bytes| append(segment.as_mut(), &mut digester, &bytes)),
                };
                let progress =
                    Event::Progress { phase: Phase::Export, done_bytes: piece.range.end(), faults: gaps.len() as u64 };
                world.observer.on(&progress);
                failed = result.err();
                failed.is_none()
            },
        );
        world.observer.on(&Event::Finished { phase: Phase::Export });
        if let Some(failure) = failed {
            return Err(failure);
        }
        if world.cancel.is_cancelled() {
            return Err(Failure::of(
                exhibit_evidence::Class::Interrupted,
                "interrupted; the output keeps its .partial name",
            ));
        }
        segment.seal()?;
        let sha256 = digester.map(|digester| digester.digest().hex()).unwrap_or_default();
        for (gap, cause) in gaps.iter().take(20) {
            let place = ByteRange::new(gap.offset.saturating_add(range.offset), gap.length);
            world.complain(&format!("not read, zeros instead: {place} ({cause})"));
        }
        if gaps.len() > 20 {
            world.complain(&format!("and {} more unread ranges", gaps.len() - 20));
        }
        if !to_stdout {
            world.say(&format!("{} written to {}", sizes::shown(range.length), shown(&self.to)));
            world.say(&format!("sha256 {sha256}"));
            let fact = Fact::new("exported")
                .object("source", shown(&self.evidence))
                .object("name", shown(&self.to))
                .detail("range", json!(range))
                .detail("output_sha256", sha256.clone())
                .detail("gaps", gaps.len());
            recording::record_reading(world, &self.evidence, fact);
        }
        let exit = if gaps.is_empty() { Exit::Done } else { Exit::Gaps };
        let gaps: Vec<_> = gaps
            .iter()
            .map(|(gap, cause)| json!({"offset": gap.offset, "length": gap.length, "cause": cause}))
            .collect();
        let outcome = json!({"to": shown(&self.to), "size_bytes": range.length, "sha256": sha256, "gaps": gaps});
        Ok(Done::with(exit, outcome))
    }

    /// Another container: imaged like any source, so it gets its own record, tree and read-back.
    fn container(&self, world: &World, source: Arc<dyn Source>, metadata: &[(&'static str, String)]) -> Ending {
        let destination = acquire::to_path(&self.to, &self.format)?;
        let get = |key: &str| metadata.iter().find(|(k, _)| *k == key).map(|(_, value)| value.clone());
        let compression = Compression::from(self.compression);
        let policy = exhibit_acquire::policy("linear").ok_or_else(|| Failure::new("no read policy is built in"))?;
        let job = Job {
            identity: identity(&self.evidence, source.size()),
            plan: Plan {
                format: self.format.clone(),
                hashes: vec!["md5".to_owned(), "sha256".to_owned()],
                compression: compression.id().to_owned(),
                segment_size_bytes: self.segment_size,
                sector_bytes: 512,
                errors: (policy.describe)(512, 0),
                retries: 0,
                read_back: true,
                description: get("description"),
                case_number: get("case_number"),
                evidence_number: get("evidence_number"),
                examiner: get("examiner"),
                notes: get("notes"),
            },
            source,
            format: acquire::image_format(&self.format)?,
            compression,
            policy: "linear".to_owned(),
            base: destination.base.clone(),
            item: None,
            case_prefix: String::new(),
            metadata: Metadata {
                case_number: get("case_number").unwrap_or_default(),
                evidence_number: get("evidence_number").unwrap_or_default(),
                description: get("description").unwrap_or_default(),
                examiner: get("examiner").unwrap_or_default(),
                notes: get("notes").unwrap_or_default(),
                model: get("model").unwrap_or_default(),
                serial: get("serial_number").unwrap_or_default(),
                tool_version: env!("CARGO_PKG_VERSION").to_owned(),
                system: World::host().system,
            },
            set_id: acquire::set_id()?,
            jobs: world.jobs,
            tool: TOOL.to_owned(),
            host: World::host(),
            care: Care::default(),
        };
        let acquired = acquire::run(world, &job, &destination, None, Actor::examiner())?;
        let fact = Fact::new("exported")
            .object("source", shown(&self.evidence))
            .object("name", shown(&self.to))
            .detail("format", self.format.clone())
            .detail("output_digests", json!(acquired.record.digests))
            .detail("gaps", acquired.record.gaps.len());
        recording::record_reading(world, &self.evidence, fact);
        let exit = acquire::summary(world, &acquired, &destination);
        Ok(Done::with(exit, json!({"to": shown(&self.to), "acquisition": acquired.record})))
    }
}

fn append(
    segment: &mut dyn Segment,
    digester: &mut Option<Box<dyn exhibit_hash::Digester>>,
    bytes: &[u8],
) -> Result<(), Failure> {
    segment.append(bytes)?;
    if let Some(digester) = digester {
        digester.update(bytes);
    }
    Ok(())
}

/// A block of which a part cannot be read: sector by sector, zeros where there is nothing.
fn piecewise(
    source: &dyn Source,
    range: ByteRange,
    cancel: &Cancel,
    gaps: &mut Vec<(ByteRange, String)>,
) -> Result<Vec<u8>, Failure> {
    const SECTOR: u64 = 512;
    let mut bytes = vec![0; usize::try_from(range.length).unwrap_or(BLOCK_BYTES)];
    for (index, sector) in bytes.chunks_mut(512).enumerate() {
        if cancel.is_cancelled() {
            return Err(Failure::of(
                exhibit_evidence::Class::Interrupted,
                "interrupted; the output keeps its .partial name",
            ));
        }
        let at = range.offset.saturating_add((index as u64).saturating_mul(SECTOR));
        if let Err(fault) = source.read_at(at, sector) {
            sector.fill(0);
            let cause = fault.cause.to_string();
            let length = sector.len() as u64;
            match gaps.last_mut() {
                Some((last, _)) if last.end() == at => last.length = last.length.saturating_add(length),
                _ => gaps.push((ByteRange::new(at, length), cause)),
            }
        }
    }
    Ok(bytes)
}

fn identity(path: &Path, size_bytes: u64) -> Identity {
    Identity {
        path: shown(path),
        kind: "image".to_owned(),
        bus: None,
        vendor: None,
        model: None,
        serial: None,
        size_bytes,
        logical_sector_bytes: None,
        physical_sector_bytes: None,
        read_only: None,
        mounted_at: Vec::new(),
        backing_file: None,
        hidden_sectors: None,
        drive: None,
        layout: None,
        write_block: WriteBlock::File,
    }
}
