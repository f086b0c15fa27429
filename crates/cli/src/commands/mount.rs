//! `exhibit mount`: an image as one read-only raw file, for every other tool.

mod raw_file;

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::{Args, ValueEnum};
use exhibit_evidence::Known;
use exhibit_evidence::{ByteRange, Name, Source};
use fuser::{Config, MountOption, SessionACL};
use serde_json::json;

use self::raw_file::{Gaps, RawFile};
use crate::evidence_input;
use crate::gaps::Honest;
use crate::outcome::{Done, Ending, Exit, Failure, shown};
use crate::sizes;
use crate::world::{Tone, World};

/// Show an image read-only, as one raw file in a folder, until it is unmounted (Ctrl-C, or umount DIR).
///
/// Works for every format that can be read, and for devices. Where the medium was not read when it was imaged, the file gives
/// an input/output error (EIO), as the disk did; with --gaps fill it gives zeros, which are not data. Damaged parts of the
/// image always give EIO. Linux with /dev/fuse; without root it needs fusermount3 (package fuse3).
///
/// Examples:
///   exhibit mount stick.E01 /mnt/image &
///   mount -o ro,loop,offset=1048576 /mnt/image/stick.raw /mnt/files
#[derive(Debug, Args)]
pub(crate) struct Mount {
    /// Image (any of its segments) or block device
    evidence: PathBuf,
    /// An empty folder that exists
    dir: PathBuf,
    /// What the file gives where nothing was read
    #[arg(long, default_value = "eio")]
    gaps: GapsArgument,
    /// Let other users of this machine see it too (without root: `user_allow_other` in /etc/fuse.conf)
    #[arg(long)]
    allow_other: bool,
}

/// What to give where nothing was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GapsArgument {
    /// An input/output error, as the disk gave
    Eio,
    /// Zeros, which are not data
    Fill,
}

/// How often the wish to stop and the end of the mount are looked for.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Most threads that answer the kernel; each has a buffer of 16 MiB of address space, and images are read in parallel.
const THREADS_MAX: usize = 8;

impl Mount {
    pub(super) fn run(&self, world: &World) -> Ending {
        check_folder(&self.dir)?;
        let evidence = evidence_input::open(world, &self.evidence)?;
        for finding in &evidence.findings {
            world.complain(&format!("warning: {finding}"));
        }
        let recorded = evidence.record.iter().flat_map(|record| record.gaps.iter().map(exhibit_evidence::Gap::range));
        let source = Honest::new(evidence.image.clone(), recorded.collect());
        let unread = unread_bytes(&source);
        let gaps = match self.gaps {
            GapsArgument::Eio => Gaps::Fail,
            GapsArgument::Fill => Gaps::Zeros,
        };
        let name = file_name(&self.evidence);
        let size = source.size();
        let touched = Arc::new(AtomicU64::new(0));
        let file = RawFile::new(source, name.clone(), gaps, unread > 0, world.clock.now(), touched.clone());
        let session = fuser::spawn_mount(file, &self.dir, &self.config(world, &name));
        let session = session.map_err(|error| mount_failure(&self.dir, &error))?;
        let path = self.dir.join(&name);
        world.say(&format!("Mounted  {} ({}), read-only", shown(&path), sizes::shown(size)));
        if unread > 0 {
            let what = match gaps {
                Gaps::Fail => "reading them gives an input/output error",
                Gaps::Zeros => "they read as zeros, which are NOT data",
            };
            world.say(&world.painted(
                &format!("Unread   {} of the medium were never read: {what}", sizes::shown(unread)),
                Tone::Bad,
            ));
        }
        world
            .say(&format!("Ends     with Ctrl-C, or: umount {0} (without root: fusermount3 -u {0})", shown(&self.dir)));
        while !world.cancel.is_cancelled() && !session.guard.is_finished() {
            std::thread::sleep(LOOK_AGAIN);
        }
        let how = if session.guard.is_finished() { "unmounted from outside" } else { "asked to end" };
        self.end(session)?;
        let touched = touched.load(Ordering::Relaxed);
        world.say(&format!("Ended    {how}; {touched} reads met a part that is not there or damaged"));
        let exit = if touched > 0 { Exit::Gaps } else { Exit::Done };
        Ok(Done::with(
            exit,
            json!({
                "evidence": shown(&self.evidence),
                "file": shown(&path),
                "size_bytes": size,
                "unread_bytes": unread,
                "gaps": match gaps { Gaps::Fail => "eio", Gaps::Zeros => "fill" },
                "reads_into_gaps_or_damage": touched,
            }),
        ))
    }

    /// Takes the mount away. Programs that still have the file open get errors from then on, and never wrong data.
    fn end(&self, session: fuser::BackgroundSession) -> Result<(), Failure> {
        let ended = if session.guard.is_finished() { session.join() } else { session.umount_and_join() };
        let ended = ended.or_else(|error| match error.kind() {
            std::io::ErrorKind::ResourceBusy => {
                rustix::mount::unmount(&self.dir, rustix::mount::UnmountFlags::DETACH).map_err(Into::into)
            }
            _ => Err(error),
        });
        ended.map_err(|error| Failure::io("unmount", &self.dir, &error).hint("unmount it by hand: umount DIR"))
    }

    fn config(&self, world: &World, name: &str) -> Config {
        let mut config = Config::default();
        config.mount_options = vec![
            MountOption::RO,
            MountOption::NoSuid,
            MountOption::NoDev,
            MountOption::NoExec,
            MountOption::NoAtime,
            MountOption::DefaultPermissions,
            // The mount table has no place for commas, blanks and the like: only what is harmless.
            MountOption::FSName(format!("exhibit-{}", harmless(name))),
            MountOption::Subtype("exhibit".to_owned()),
        ];
        config.acl = if self.allow_other { SessionACL::All } else { SessionACL::Owner };
        config.n_threads = Some(world.jobs.clamp(1, THREADS_MAX));
        config.clone_fd = true;
        config
    }
}

/// A folder that exists and has nothing in it: what is in it would disappear behind the mount.
fn check_folder(dir: &Path) -> Result<(), Failure> {
    let mut entries = std::fs::read_dir(dir)
        .map_err(|error| Failure::io("mount on", dir, &error).hint("make the folder first: mkdir DIR"))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(Failure::new(format!("{} is not empty", shown(dir)))
            .hint("choose an empty folder: what is in it could not be seen while the image is mounted")),
    }
}

fn mount_failure(dir: &Path, error: &std::io::Error) -> Failure {
    Failure::io("mount on", dir, error)
        .hint(
            "mounting needs /dev/fuse, open to this user (ls -l /dev/fuse), and root or fusermount3 (Debian package fuse3); in a \
             container: --device /dev/fuse --cap-add SYS_ADMIN",
        )
}

/// `stick.raw` for `path/stick.E01`.
fn file_name(evidence: &Path) -> String {
    let stem = evidence.file_stem().map_or(&b"image"[..], |stem| stem.as_bytes());
    // The name is shown to other programs: nothing in it that could deceive them.
    format!("{}.raw", Name::new(stem).to_string().replace('/', "_"))
}

fn harmless(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '_' }).take(64).collect()
}

/// How much of the medium is known to be unread, by the container or by the acquisition record.
fn unread_bytes(source: &Honest) -> u64 {
    let mut rest = ByteRange::new(0, source.size());
    let mut unread = 0_u64;
    while !rest.is_empty() {
        let (run, known) = source.known(rest);
        // A run that does not move on would never end.
        let end = run.end().clamp(rest.offset.saturating_add(1), rest.end());
        if known == Known::Unreadable {
            unread = unread.saturating_add(end.saturating_sub(rest.offset));
        }
        rest = ByteRange::between(end, rest.end());
    }
    unread
}
