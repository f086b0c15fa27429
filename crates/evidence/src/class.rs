//! The classes every library error belongs to.

/// What kind of trouble an error is. Callers act on the class; people read the detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The world failed: a device, a disk, a permission.
    Io,
    /// The bytes contradict their own format.
    Corrupt,
    /// The bytes are something we know of and do not handle.
    Unsupported,
    /// A documented limit of ours was reached.
    Limit,
    /// The caller asked for something that makes no sense.
    Usage,
    /// The work was asked to stop.
    Interrupted,
}
