//! Making a package. A checker must not use anything in here.
//!
//! One pass: each payload file is read once, hashed twice at the same time and written at once; what is said *about* the
//! payload (manifests, then the signatures over them) comes behind it.

mod archive;
mod bag;
mod copy;
mod error;
mod further;
mod instructions;
mod list;
mod naming;
mod plan;
mod records;
mod salts;
mod seal;
mod segment_writer;

pub use error::PackageError;
pub use further::{Further, Make};
pub use list::{Listing, Part, PartRange};
pub use plan::{Item, PackagePlan, PayloadFile, Sign, SignError, Signer};
pub use seal::{Sealed, seal, seal_with};
