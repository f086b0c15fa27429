//! Stand-ins for tests: a disk that fails in a known way, a store in memory, recorders that keep what they were told.
//!
//! | noun | stands in for | shows |
//! | --- | --- | --- |
//! | [`pattern`], [`PatternSource`] | a healthy disk | every 16 bytes spell their own place, so a shift or swap names itself |
//! | [`Faulty`] | a failing disk | bad sectors, sectors that read at the nth try, a device that is slow, hangs, vanishes, shrinks or reads short |
//! | [`MemoryStore`] | the examiner's disk | what was sealed, what is still partial, what happens when it is full, what is there after a crash |
//! | [`Transcript`] | a progress display | every event, in order |
//! | [`Notes`] | the custody log | every fact, in order; can refuse |
//! | [`virtual_disks`] | disks of virtual machines | whether readers find every unit, and whose it is |
//! | [`FixedClock`] | a clock | the same moment always, or one step further at each look |
//!
//! For tests only: nothing here is imported by the product.
//!
//! ```
//! use exhibit_evidence::{ByteRange, Source};
//! use exhibit_testkit::{Faulty, pattern};
//!
//! let disk = Faulty::new(pattern(4096)).bad(ByteRange::new(1024, 1));
//! let fault = disk.read_at(0, &mut [0; 4096]).unwrap_err();
//! assert_eq!(fault.good, 1024); // everything before the bad sector is good
//! ```

#![forbid(unsafe_code)]

mod clock;
mod faulty;
mod listeners;
mod memory_store;
mod pattern;
pub mod virtual_disks;

pub use clock::FixedClock;
pub use faulty::Faulty;
pub use listeners::{Notes, Transcript};
pub use memory_store::{Death, MemoryStore};
pub use pattern::{PatternSource, pattern};
