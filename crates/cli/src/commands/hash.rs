//! `exhibit hash`: digests of files, folders, devices and the media inside images.

mod check;
mod output;

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use exhibit_device::FileSource;
use exhibit_evidence::{DigestSet, Name, Source};
use exhibit_hash::{Algorithm, Want, algorithm, media_digests};
use rayon::prelude::*;
use serde_json::json;

use crate::commands::acquire::digest_ids;
use crate::evidence_input;
use crate::outcome::{Done, Ending, Exit, Failure, shown};
use crate::world::World;

/// Files up to this size are hashed whole by one thread, many at a time; larger ones one after another with a thread for
/// each digest. 64 MiB: below it, starting threads costs more than they bring.
const LARGE_BYTES: u64 = 64 << 20;

/// Digests of files, folders, devices and the media inside images.
///
/// An E01 named on the command line is opened, and the medium inside it is hashed (say --as-file for the file itself).
/// In folders every file is hashed as it is. The default output is what `sha256sum` prints, and `sha256sum -c` accepts it.
#[derive(Debug, Args)]
pub(crate) struct Hash {
    /// Files, folders (with --recursive), block devices, images
    #[arg(required_unless_present = "check")]
    paths: Vec<PathBuf>,
    /// Digests, separated by commas: md5, sha1, sha256, sha512
    #[arg(long, default_value = "sha256", value_delimiter = ',', value_name = "LIST")]
    algorithms: Vec<String>,
    /// Go into folders
    #[arg(long, short)]
    recursive: bool,
    /// How to print
    #[arg(long, default_value = "coreutils")]
    format: Format,
    /// Check the digests listed in FILE (as sha256sum, md5sum … print them)
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    check: Option<PathBuf>,
    /// Hash image files as files, not the medium inside
    #[arg(long)]
    as_file: bool,
}

/// How to print digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// As sha256sum; with several digests as `sha256sum --tag`
    Coreutils,
    /// As hashdeep
    Hashdeep,
    /// Digital Forensics XML
    Dfxml,
    /// A JSON object for each file
    Json,
}

/// What is to be hashed.
struct Input {
    path: PathBuf,
    /// Hash the medium of the image that this is.
    medium: bool,
}

/// What came out.
pub(crate) struct Hashed {
    /// Exact bytes of the path as given.
    pub(crate) name: Name,
    pub(crate) size: u64,
    pub(crate) digests: DigestSet,
}

impl Hash {
    pub(super) fn run(&self, world: &World) -> Ending {
        let ids = digest_ids(&self.algorithms)?;
        if ids.is_empty() {
            return Err(Failure::usage("--algorithms names no digest"));
        }
        if let Some(list) = &self.check {
            return check::run(world, list, &ids);
        }
        let algorithms: Vec<&'static dyn Algorithm> = ids.iter().filter_map(|id| algorithm(id)).collect();
        let mut failures = Vec::new();
        let inputs = self.inputs(world, &mut failures);
        let (small, large): (Vec<Input>, Vec<Input>) = inputs.into_iter().partition(|input| {
            let is_small = std::fs::metadata(&input.path).is_ok_and(|m| m.is_file() && m.len() <= LARGE_BYTES);
            is_small && !input.medium
        });
        let one = |input: &Input| small_file(world, &input.path, &algorithms).map_err(|failure| failure.problem);
        let mut results: Vec<(PathBuf, Result<Hashed, String>)> =
            small.par_iter().map(|input| (input.path.clone(), one(input))).collect();
        for input in &large {
            let result = whole(world, input, &algorithms).map_err(|failure| failure.problem);
            results.push((input.path.clone(), result));
        }
        results.sort_by(|(a, _), (b, _)| a.cmp(b));
        if world.cancel.is_cancelled() {
            return Err(Failure::of(exhibit_evidence::Class::Interrupted, "interrupted; nothing was printed"));
        }
        let mut hashed = Vec::new();
        for (_, result) in results {
            match result {
                Ok(done) => hashed.push(done),
                Err(problem) => failures.push(problem),
            }
        }
        for line in output::lines(self.format, &hashed, &ids) {
            world.print_exactly(&line);
        }
        for problem in &failures {
            world.complain(&format!("error: {problem}"));
        }
        if !failures.is_empty() {
            world.complain("hint: check path, permission and kind of what was not read; the other digests are right");
        }
        let files: Vec<_> =
            hashed.iter().map(|h| json!({"path": h.name, "size": h.size, "digests": h.digests})).collect();
        let exit = if failures.is_empty() { Exit::Done } else { Exit::Failed };
        Ok(Done::with(exit, json!({"files": files, "errors": failures})))
    }

    /// Every file to hash, folders opened up.
    fn inputs(&self, world: &World, failures: &mut Vec<String>) -> Vec<Input> {
        let mut inputs = Vec::new();
        for path in &self.paths {
            match std::fs::metadata(path) {
                Ok(metadata) if metadata.is_dir() && !self.recursive => {
                    failures.push(format!("{} is a folder; go into folders with --recursive", shown(path)));
                }
                Ok(metadata) if metadata.is_dir() => match exhibit_device::walk(path) {
                    Ok(entries) => {
                        for entry in entries {
                            match entry.special {
                                Some(kind) => world.remark(&format!("left out, a {kind}: {}", shown(&entry.path))),
                                None => inputs.push(Input { path: entry.path, medium: false }),
                            }
                        }
                    }
                    Err(error) => failures.push(Failure::io("list", path, &error).problem),
                },
                Ok(_) => inputs.push(Input { path: path.clone(), medium: !self.as_file }),
                Err(error) => failures.push(Failure::io("read", path, &error).problem),
            }
        }
        inputs
    }
}

/// One thread, one file.
pub(crate) fn small_file(world: &World, path: &Path, algorithms: &[&'static dyn Algorithm]) -> Result<Hashed, Failure> {
    let source = FileSource::open(path, world.mapping()).map_err(|error| Failure::io("read", path, &error))?;
    let mut digesters: Vec<_> = algorithms.iter().map(|algorithm| algorithm.start()).collect();
    let mut buffer = vec![0; usize::try_from(source.size().min(1 << 20)).unwrap_or(0)];
    let mut at = 0_u64;
    while at < source.size() && !world.cancel.is_cancelled() {
        let length = usize::try_from((source.size() - at).min(buffer.len() as u64)).unwrap_or(0);
        let piece = buffer.get_mut(..length).unwrap_or_default();
        source.read_at(at, piece).map_err(|fault| Failure::new(format!("{}: {fault}", shown(path))))?;
        digesters.iter_mut().for_each(|digester| digester.update(piece));
        at += length as u64;
    }
    let digests = digesters.iter().map(|digester| digester.digest()).collect();
    Ok(Hashed { name: Name::new(path.as_os_str().as_bytes()), size: source.size(), digests })
}

/// All cores, one file, device or medium.
fn whole(world: &World, input: &Input, algorithms: &[&'static dyn Algorithm]) -> Result<Hashed, Failure> {
    let path = &input.path;
    let source: std::sync::Arc<dyn Source> = if input.medium {
        let evidence = evidence_input::open(world, path)?;
        if evidence.format.spec().id != "raw" {
            world.remark(&format!(
                "{}: the medium inside this {} is hashed, not the file",
                shown(path),
                evidence.format.spec().title
            ));
        }
        for finding in &evidence.findings {
            world.remark(&format!("warning: {finding}"));
        }
        evidence.image
    } else {
        std::sync::Arc::new(FileSource::open(path, world.mapping()).map_err(|error| Failure::io("read", path, &error))?)
    };
    let want = Want {
        algorithms,
        tree: false,
        padding: 0,
        jobs: world.jobs,
        files: None,
        phase: Some(exhibit_evidence::Phase::Hash),
    };
    let media = media_digests(&source, &want, world.observer.as_ref(), &world.cancel, &mut |_, _| ());
    let media = media.map_err(|error| Failure::of(exhibit_evidence::Class::Interrupted, error.to_string()))?;
    if let Some((_, fault)) = media.faults.first() {
        let text = format!("{}: {fault}; no digest is given for less than all of it", shown(path));
        return Err(Failure::new(text));
    }
    let digests = media.digests.unwrap_or_default();
    Ok(Hashed { name: Name::new(path.as_os_str().as_bytes()), size: source.size(), digests })
}
