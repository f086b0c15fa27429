//! Mail: single messages (RFC 5322, MIME in RFC 2045 and 2046), and folders of them (mbox, RFC 4155).
//!
//! ```text
//! [From sender date]                      in folders, before each message
//! Name: value                             fields, continued on lines that begin with white space; an empty line
//! text, or parts between --boundary lines, the last one behind --boundary--
//! ```
//!
//! A message says nothing of its length. Only one whose parts are closed by their boundaries, or whose packed content ends
//! with its padding, has an end: *consistent*. All others are *partial* up to where the text ends.

mod message;

use exhibit_evidence::{ReadFault, Source};
use message::Walk;

use crate::budget::Budget;
use crate::kind::{HEAD_BYTES, Kind};
use crate::stop::Stop;
use crate::text::{Encoding, Reader};
use crate::verdict::{FileType, Verdict};
use crate::walk::follow;

const EML: FileType = FileType { id: "eml", extension: "eml" };
const MBOX: FileType = FileType { id: "mbox", extension: "mbox" };
/// Fields by which mail is known; a page of the web or a letter about mail does not have so many.
const FIELDS: [&[u8]; 14] = [
    b"from",
    b"to",
    b"date",
    b"subject",
    b"message-id",
    b"received",
    b"return-path",
    b"delivered-to",
    b"mime-version",
    b"content-type",
    b"reply-to",
    b"cc",
    b"dkim-signature",
    b"in-reply-to",
];
/// So many of them must stand in the first bytes.
const FIELDS_LEAST: usize = 2;

/// Messages and folders of messages.
pub(crate) struct Eml;

impl Kind for Eml {
    fn id(&self) -> &'static str {
        "eml"
    }

    fn types(&self) -> &'static [FileType] {
        &[EML, MBOX]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[
            b"Return-Path:",
            b"Received:",
            b"Delivered-To:",
            b"Message-ID:",
            b"MIME-Version:",
            b"Content-Type:",
            b"To: ",
            b"From: ",
            b"From ",
            b"Date: ",
            b"Subject: ",
        ]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        let text = if is_separator(head) { after_line(head) } else { head };
        // The first fields may fill the whole head.
        known_fields(text, head.len() == HEAD_BYTES).is_some_and(|known| known >= FIELDS_LEAST)
    }

    /// Most fields of a message's header are signatures.
    fn parts_look_alike(&self) -> bool {
        true
    }

    fn may_hide_others(&self) -> bool {
        true
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(EML, candidate, budget, |window, progress| {
            let head = window.some(0, HEAD_BYTES)?.to_vec();
            if !self.signatures().iter().any(|signature| head.starts_with(signature)) || !self.plausible(&head) {
                return Err(Stop::bad(0, "no mail"));
            }
            let is_folder = is_separator(&head);
            progress.file_type = if is_folder { MBOX } else { EML };
            Walk::new(Reader::new(window, Encoding::Byte, 0), is_folder).run(progress)
        })
    }
}

fn after_line(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| *byte == b'\n');
    end.and_then(|end| text.get(end.saturating_add(1)..)).unwrap_or_default()
}

/// Whether a line is one that stands before each message of a folder: `From`, sender, and a date as `ctime` writes it.
fn is_separator(line: &[u8]) -> bool {
    const DAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
    let end = line.iter().position(|byte| *byte == b'\n').unwrap_or(line.len());
    let line = line.get(..end.min(256)).unwrap_or_default();
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let words: Vec<&[u8]> = rest.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
    let Some(day) = words.iter().position(|word| DAYS.contains(word)).filter(|day| *day > 0) else { return false };
    let has = |test: fn(&[u8]) -> bool| words.iter().skip(day).any(|word| test(word));
    has(|word| word.len() >= 5 && word.get(2) == Some(&b':') && word.first().is_some_and(u8::is_ascii_digit))
        && has(|word| word.len() == 4 && word.iter().all(u8::is_ascii_digit))
}

/// The name of the field that a line begins, in lower case.
fn field_name(line: &[u8]) -> Option<Vec<u8>> {
    let colon = line.iter().take(80).position(|byte| *byte == b':').filter(|colon| *colon > 0)?;
    let name = line.get(..colon)?;
    name.iter().all(|byte| matches!(byte, 33..=126)).then(|| name.to_ascii_lowercase())
}

/// How many fields at the beginning of `text` are known ones; `None` if something else than fields stands there. The
/// last line is left out if it is `cut`.
fn known_fields(text: &[u8], cut: bool) -> Option<usize> {
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    if cut {
        lines.pop();
    }
    let mut known = 0_usize;
    for (index, line) in lines.into_iter().enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line.first() {
            None => return (index > 0).then_some(known),
            Some(b' ' | b'\t') if index > 0 => {}
            Some(_) => {
                let name = field_name(line)?;
                known = known.saturating_add(usize::from(FIELDS.contains(&name.as_slice())));
            }
        }
    }
    Some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_have_a_sender_and_a_date() {
        assert!(is_separator(b"From anna@example.org Mon Sep  1 12:00:00 2025\nFrom: x"));
        assert!(is_separator(b"From MAILER-DAEMON Fri Jul  8 12:08:34 2011"));
        for line in ["From here we go on", "From: anna", "From Mon Sep 1 12:00 2025", "From a Mon Sep", "Frome"] {
            assert!(!is_separator(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn mail_begins_with_fields_that_mail_has() {
        let mail = |text: &str| Eml.plausible(text.as_bytes());
        assert!(mail("From: a@b.c\r\nSubject: x\r\n\r\ntext"));
        assert!(mail("Received: from a\n by b;\n date\nMessage-ID: <1>\n\n"));
        assert!(!mail("From: the beginning\nof the story"));
        assert!(!mail("Date: Mon\r\nServer: x\r\n\r\n"));
        assert!(!mail("Subject: alone\n\nnothing"));
    }
}
