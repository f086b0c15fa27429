//! The verbs. To add one: a file here, a line in [`Verb`] and a line in [`Verb::run`].

mod acquire;
mod carve;
mod custody;
mod demo;
mod devices;
mod export;
mod extract;
mod hash;
mod info;
mod key;
mod list;
mod mount;
mod new;
mod package;
mod report;
pub(crate) mod timestamp;
mod verify;

use clap::Subcommand;

use crate::outcome::Ending;
use crate::world::World;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Show the whole job on a practice disk it makes itself
    Demo(demo::Demo),
    /// Start a case folder
    New(new::New),
    /// List block devices: identity, size, protection, mounts, partitions, encryption, hidden areas
    Devices(devices::Devices),
    /// Image a device, a disk image or a file, and verify it by reading back
    Acquire(Box<acquire::Acquire>),
    /// Show what an image says about itself and what was found
    Info(info::Info),
    /// Check an image, a case or a package, and end with one verdict
    Verify(verify::Verify),
    /// Convert an image, or cut a range out of it
    Export(export::Export),
    /// Show an image read-only, as one raw file in a folder
    Mount(mount::Mount),
    /// Digests of files, folders, devices and the media inside images
    Hash(hash::Hash),
    /// List the files of a logical image
    List(list::List),
    /// Take files out of a logical image
    Extract(extract::Extract),
    /// Recover files by their content
    Carve(carve::Carve),
    /// Show or extend the custody log of a case
    Custody(custody::Custody),
    /// Seal a case as an evidence package
    Package(package::Package),
    /// The facts of a case, for a person
    Report(report::Report),
    /// Make or show signing keys
    Key(key::Key),
    /// Ask for, keep and check RFC 3161 time stamps
    Timestamp(timestamp::Timestamp),
}

impl Verb {
    /// Does it.
    pub(crate) fn run(&self, world: &World) -> Ending {
        match self {
            Self::Demo(command) => command.run(world),
            Self::New(command) => command.run(world),
            Self::Devices(command) => command.run(world),
            Self::Acquire(command) => command.run(world),
            Self::Info(command) => command.run(world),
            Self::Verify(command) => command.run(world),
            Self::Export(command) => command.run(world),
            Self::Mount(command) => command.run(world),
            Self::Hash(command) => command.run(world),
            Self::List(command) => command.run(world),
            Self::Extract(command) => command.run(world),
            Self::Carve(command) => command.run(world),
            Self::Custody(command) => command.run(world),
            Self::Package(command) => command.run(world),
            Self::Report(command) => command.run(world),
            Self::Key(command) => command.run(world),
            Self::Timestamp(command) => command.run(world),
        }
    }
}
