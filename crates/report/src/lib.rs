//! Says it so that a court can read it: facts in, a document out. The same facts make the same bytes.
//!
//! A report adds nothing to the facts. What is not known is printed as "not known", what could not be read has its own
//! chapter before any result, and the word that claims a full check is printed only where [`Verdict`] carries the mark that
//! the checker alone can give.
//!
//! | noun | is |
//! | --- | --- |
//! | [`Facts`] | everything a report says, handed in as values |
//! | [`Verdict`] | the checks that were made, and what they came to |
//! | [`OUTPUTS`] | the kinds of document there are; adding one is one file and one line |
//! | [`SHEETS`] | cover sheets for a purpose, each sentence with its source |
//! | [`html`] | the document for browsers and printers: one file, no script, nothing fetched |
//!
//! ```
//! use exhibit_report::{Facts, html};
//!
//! let page = html(&Facts::default());
//! assert!(page.contains("No image is described in this report."));
//! ```

#![forbid(unsafe_code)]

mod facts;
mod outputs;
mod sheets;
mod verdict;
mod words;

pub use facts::{CarveFacts, CarvedFile, CaseFacts, Certainty, CustodyRow, Facts, ItemFacts, SignerFacts};
pub use outputs::{OUTPUTS, Output, find_output, html};
pub use sheets::{Page, SHEETS, Section, Sentence, Sheet, SheetFacts, SheetHead, SheetImage, SheetRecord, find_sheet};
pub use verdict::{CheckRow, Outcome, Verdict, VerdictRows};
