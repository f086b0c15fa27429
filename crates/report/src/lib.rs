//! Says it so that a court can read it: facts in, a document out. The same facts make the same bytes.
//!
//! A report adds nothing to the facts. What is not known is printed as "not known", what could not be read has its own
//! chapter before any result, every sentence about the case names the record of the log or the file it rests on, and the word
//! that claims a full check is printed only where [`Verdict`] carries the mark that the checker alone can give.
//!
//! | noun | is |
//! | --- | --- |
//! | [`Facts`] | everything a report says, handed in as values |
//! | [`Verdict`] | the checks that were made, and what they came to |
//! | [`READERS`], [`document`] | for whom a document is, and the document itself: blocks of sentences with what they rest on |
//! | [`LANGUAGES`], [`Messages`] | the languages, and their messages (`lang/*.ftl`, Fluent) |
//! | [`OUTPUTS`] | the forms a document can have; adding one is one file and one line |
//! | [`SHEETS`] | cover sheets for a purpose, each sentence with its source |
//!
//! ```
//! use exhibit_report::{EXAMINER, Facts, document, find_language, html};
//!
//! let languages: Vec<_> = find_language("en").into_iter().collect();
//! let page = html(&document(&Facts::default(), &EXAMINER, &languages));
//! assert!(page.contains("No image is described in this document."));
//! ```

#![forbid(unsafe_code)]

mod document;
mod drawing;
mod facts;
mod language;
mod messages;
mod outputs;
mod pictures;
mod readers;
mod sections;
mod sheets;
mod text;
mod verdict;
mod words;

pub use document::{Basis, Block, Cell, Document, Mood, PageWords, Row, Sentence, Table, Tone};
pub use drawing::{Drawing, LETTERS, Shape, Side, WIDTH};
pub use facts::{CarveFacts, CarvedFile, CaseFacts, Certainty, CustodyRow, Facts, ItemFacts, LogHead, SignerFacts};
pub use language::{Direction, LANGUAGES, Language, english, find_language};
pub use messages::{Messages, Value};
pub use outputs::{FONT_FILES, FontFile, OUTPUTS, Output, RenderError, find_output, html};
pub use readers::{EXAMINER, READERS, Reader, document, find_reader};
pub use sections::checks::asked;
pub use sheets::{
    Page, SHEETS, Section, Sentence as SheetSentence, Sheet, SheetFacts, SheetHead, SheetImage, SheetRecord, find_sheet,
};
pub use text::{Line, Nature, Run, Text};
pub use verdict::{CheckRow, Outcome, Verdict, VerdictRows};
