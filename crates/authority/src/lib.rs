//! Under which authority, within which scope, and how to handle what was taken: documents that a person writes, checked.
//!
//! TOML or JSON in, typed values out, errors that name line and field. Nothing legal is decided here: instruments are ids
//! that the person names; whether one applies is not known to this program, and what is not said is listed, not demanded.
//! Formats: `docs/spec/authority.md`.
//!
//! | noun | is |
//! | --- | --- |
//! | [`Authority`] | legal basis, who issued it, offence, purpose, limits of use, retention, confidentiality |
//! | [`Scope`] | places, devices, accounts, time, categories, exclusions |
//! | [`parse`] | either of them, from the text of a file |
//! | [`Vocabulary`] | ids of instruments and articles, what each asks for, and how sure that is |
//! | [`review`] | what the named articles ask for and nobody said |
//! | [`Mark`] | a mark of handling: TLP 2.0, or a national one |
//!
//! ```
//! use exhibit_authority::{Authority, Syntax, parse};
//!
//! let fault = parse::<Authority>("reference = \"12/26\"\nissued = \"soon\"\n", Syntax::Toml).unwrap_err();
//! assert_eq!((fault.line, fault.field.as_str()), (Some(2), "issued"));
//! ```
#![forbid(unsafe_code)]

mod authority;
mod document;
mod handling;
mod review;
mod scope;
mod value;
mod vocabulary;

pub use authority::{Authority, Body, Notification, Offence, Person, Preservation, Safeguards};
pub use document::{DOCUMENT_BYTES_MAX, Document, DocumentFault, Syntax, parse, schema, template};
pub use handling::{Mark, TLP};
pub use review::{Missing, Review, review};
pub use scope::{Exclusion, Scope, TimeRange};
pub use value::{Date, Id, Text};
pub use vocabulary::{Article, Confidence, Instrument, Vocabulary};
