//! Definitions of the custody log: names, members, limits. No behaviour beyond spelling and reading a file name.
//!
//! A checker written by somebody else may use this file, and the readers that decide nothing about a log (`strict_json`,
//! `note`, `PublicKey`); never `Log`, `Record` or `Checkpoint`.
//! `docs/spec/custody-log.md` says the same for people.

/// Value of the member `format` of every record.
pub const FORMAT: &str = "exhibit-custody/1";

/// Folder of the log inside a case folder.
pub const FOLDER: &str = "custody";

/// Value of `prev` in the first record: 64 zeros.
pub const PREV_OF_FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Names of the members of a record. All of them are always present, and no others are.
pub mod member {
    /// The format of the record; always [`super::FORMAT`].
    pub const FORMAT: &str = "format";
    /// Number of the record in the whole log, from 1.
    pub const SEQ: &str = "seq";
    /// Lower-case hexadecimal SHA-256 of the line before, without its line feed.
    pub const PREV: &str = "prev";
    /// When, in UTC, whole seconds: `2026-11-23T10:11:12Z`.
    pub const TIME: &str = "time";
    /// The case number.
    pub const CASE: &str = "case";
    /// Who did it.
    pub const ACTOR: &str = "actor";
    /// As what: `examiner`, `courier`, … May be empty.
    pub const ROLE: &str = "role";
    /// What was done: an id of the table in `actions.rs`, or a word of somebody else's.
    pub const ACTION: &str = "action";
    /// What it was done to: an object.
    pub const OBJECT: &str = "object";
    /// Why: a string, or null.
    pub const REASON: &str = "reason";
    /// Parameters and results: an object.
    pub const DETAILS: &str = "details";
    /// The program that wrote the record, with its version.
    pub const TOOL: &str = "tool";

    /// All of them.
    pub const ALL: [&str; 12] = [ACTION, ACTOR, CASE, DETAILS, FORMAT, OBJECT, PREV, REASON, ROLE, SEQ, TIME, TOOL];
}

/// Entries of `object` that events of people have.
pub mod object {
    /// The item.
    pub const ITEM: &str = "item";
    /// Number of a seal.
    pub const SEAL: &str = "seal";
}

/// Details that events of people have; all are optional.
pub mod detail {
    /// Where it happened.
    pub const PLACE: &str = "place";
    /// What there is to say about it.
    pub const TEXT: &str = "text";
    /// When it happened, as stated, with the offset of the clock that was looked at: `2026-11-23T09:58:00+01:00`.
    pub const AT: &str = "at";
    /// The same moment in UTC.
    pub const AT_UTC: &str = "at_utc";
    /// By how many seconds that clock was ahead of the reference (negative: behind).
    pub const CLOCK_OFFSET: &str = "clock_offset_seconds";
    /// What the clock was compared with.
    pub const CLOCK_REFERENCE: &str = "clock_reference";
    /// Under which authority: a reference.
    pub const AUTHORITY: &str = "authority";
    /// In what condition the item is.
    pub const CONDITION: &str = "condition";
    /// From whom.
    pub const FROM: &str = "from";
    /// To whom.
    pub const TO: &str = "to";
    /// Number of the record that is corrected.
    pub const CORRECTS: &str = "corrects";
    /// Marks of handling, from now on instead of all earlier ones: an array of texts.
    pub const HANDLING: &str = "handling";
}

/// Definitions of handover files: `docs/spec/handover.md`.
pub mod handover {
    /// Value of `format` in the sender's statement.
    pub const FORMAT: &str = "exhibit-handover/1";
    /// Value of `format` in the receiver's answer.
    pub const RECEIPT_FORMAT: &str = "exhibit-handover-receipt/1";
    /// SSHSIG namespace of the sender's signature.
    pub const NAMESPACE: &str = "exhibit-handover";
    /// SSHSIG namespace of the receiver's signature.
    pub const RECEIPT_NAMESPACE: &str = "exhibit-receipt";
    /// Folder of the papers in a case.
    pub const FOLDER: &str = "handovers";
    /// Ending of a handover that was not answered.
    pub const ENDING: &str = ".exhibit-handover";
    /// Ending of a handover with its answer.
    pub const RECEIPT_ENDING: &str = ".exhibit-receipt";
    /// Largest statement in bytes: 1 MiB, as a record.
    pub const STATEMENT_BYTES_MAX: usize = 1 << 20;
    /// Largest file in bytes: two statements and two signatures.
    pub const FILE_BYTES_MAX: u64 = 3 << 20;
    /// The detail of a record that names a handover by its id.
    pub const DETAIL: &str = "handover";
}

/// Details that only the writer of the log adds; a fact must not bring them along.
pub mod reserved_detail {
    /// The system clock was behind the last record, and by how much.
    pub const CLOCK: &str = "clock";
    /// The log was continued although it was found damaged.
    pub const DAMAGE: &str = "log-damage";

    /// All of them.
    pub const ALL: [&str; 2] = [CLOCK, DAMAGE];
}

/// Records about the life of a key: their actions, and what stands in their details.
pub mod key_detail {
    /// Action: the log is passed on to another key. Signed by the old one.
    pub const CHANGED: &str = "key-changed";
    /// Action: the key was lost; the log goes on with another one, which signs.
    pub const LOST: &str = "key-lost";
    /// Action: a key must not be believed any more.
    pub const REVOKED: &str = "key-revoked";
    /// Detail: the key that signs from now on, as an OpenSSH line.
    pub const KEY: &str = "key";
    /// Detail of [`CHANGED`]: fingerprint of the key that ends.
    pub const INSTEAD_OF: &str = "instead_of";
    /// Detail of [`LOST`]: fingerprint of the key that was lost.
    pub const LOST_KEY: &str = "lost";
    /// Detail of [`REVOKED`]: fingerprint of the key. Not its line: a line would name a key that may sign.
    pub const REVOKED_KEY: &str = "revoked";
    /// Detail of [`REVOKED`]: since when, RFC 3339 in UTC.
    pub const SINCE: &str = "since";
}

/// Largest integer that may stand in a record as a number, 2^53 − 1; larger ones are decimal strings (RFC 7493 §2.2).
pub const INTEGER_MAX: u64 = (1 << 53) - 1;

/// How deep arrays and objects may be nested; the record itself is the first level.
pub const DEPTH_MAX: usize = 32;

/// Longest line in bytes, line feed not counted: 1 MiB. Lists that long belong in a file that the record names by digest.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// Most records a log may have. A real one has hundreds; the limit bounds the memory a hostile one can claim.
pub const RECORDS_MAX: u64 = 1_000_000;

/// Highest number of a segment: names have six digits.
pub const SEGMENT_MAX: u32 = 999_999;

/// Most findings that reading a log lists, so that a file of garbage does not become a hundred times its size.
pub const FINDINGS_MAX: usize = 1000;

/// Largest checkpoint file in bytes: 64 KiB leaves room for hundreds of cosignatures.
pub const CHECKPOINT_BYTES_MAX: usize = 64 << 10;

/// First part of a checkpoint's origin line; the escaped case number follows.
pub const ORIGIN_PREFIX: &str = "exhibit-custody/";

/// What a file of the folder is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// `000001.jsonl`: sealed records.
    Segment,
    /// `000001.jsonl.partial`: a segment whose writer did not get to seal it.
    PartialSegment,
    /// `000001.checkpoint`: the signed head of the log as of the end of that segment.
    Checkpoint,
    /// `000001.checkpoint.partial`: a checkpoint whose writer did not get to seal it; it counts for nothing.
    PartialCheckpoint,
}

impl FileKind {
    /// All kinds; a longer ending stands before the shorter one it contains.
    pub const ALL: [Self; 4] = [Self::PartialSegment, Self::Segment, Self::PartialCheckpoint, Self::Checkpoint];

    /// What follows the number in the name.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Segment => ".jsonl",
            Self::PartialSegment => ".jsonl.partial",
            Self::Checkpoint => ".checkpoint",
            Self::PartialCheckpoint => ".checkpoint.partial",
        }
    }
}

/// The name of file `number` of a kind, without folder.
///
/// ```
/// # use exhibit_custody::layout::{FileKind, file_name};
/// assert_eq!(file_name(7, FileKind::Checkpoint), "000007.checkpoint");
/// ```
#[must_use]
pub fn file_name(number: u32, kind: FileKind) -> String {
    format!("{number:06}{}", kind.ending())
}

/// What a name (with or without folder) says: the number, from 1, and the kind; `None` for a file that is not the log's.
#[must_use]
pub fn parse_name(name: &str) -> Option<(u32, FileKind)> {
    let name = name.rsplit('/').next().unwrap_or(name);
    let (digits, ending) = name.split_at_checked(6)?;
    let kind = FileKind::ALL.into_iter().find(|kind| kind.ending() == ending)?;
    let number = digits.bytes().all(|c| c.is_ascii_digit()).then(|| digits.parse().ok())??;
    (number > 0).then_some((number, kind))
}

/// What lies beside a checkpoint that was time-stamped, by the ending of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StampFile {
    /// `000001.tst`: the time stamp (RFC 3161) over the bytes of `000001.checkpoint`; the token alone, in DER.
    Token,
    /// `000001.tsq`: what was asked of the authority, if that was kept: it has the nonce.
    Request,
    /// `000001.certificates.pem`: certificates between the token and an authority that is trusted.
    Certificates,
    /// `000001.lists.pem`: lists of revoked certificates.
    Lists,
}

impl StampFile {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Token, Self::Request, Self::Certificates, Self::Lists];

    /// What follows the number in the name.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Token => ".tst",
            Self::Request => ".tsq",
            Self::Certificates => ".certificates.pem",
            Self::Lists => ".lists.pem",
        }
    }
}

/// The name of a file about the time stamp of checkpoint `number`, without folder.
#[must_use]
pub fn stamp_name(number: u32, file: StampFile) -> String {
    format!("{number:06}{}", file.ending())
}

/// What the name of such a file says; `None` for any other file.
///
/// ```
/// # use exhibit_custody::layout::{StampFile, parse_stamp_name};
/// assert_eq!(parse_stamp_name("000007.tst"), Some((7, StampFile::Token)));
/// assert_eq!(parse_stamp_name("000007.checkpoint"), None);
/// ```
#[must_use]
pub fn parse_stamp_name(name: &str) -> Option<(u32, StampFile)> {
    let name = name.rsplit('/').next().unwrap_or(name);
    let (digits, ending) = name.split_at_checked(6)?;
    let file = StampFile::ALL.into_iter().find(|file| file.ending() == ending)?;
    let number: u32 = digits.bytes().all(|c| c.is_ascii_digit()).then(|| digits.parse().ok())??;
    (number > 0).then_some((number, file))
}

/// The origin of the checkpoints of a case: no spaces, no `+`, nothing that a terminal obeys.
///
/// Bytes other than ASCII letters, digits, `-`, `.`, `_` and `~` are percent-encoded, as RFC 3986 does with a path part.
///
/// ```
/// # use exhibit_custody::layout::origin;
/// assert_eq!(origin("26/117 + B"), "exhibit-custody/26%2F117%20%2B%20B");
/// ```
#[must_use]
pub fn origin(case: &str) -> String {
    case.bytes().fold(ORIGIN_PREFIX.to_owned(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_is_written_is_read_as_what_it_is() {
        for kind in FileKind::ALL {
            for number in [1, 7, 123_456, SEGMENT_MAX] {
                assert_eq!(parse_name(&file_name(number, kind)), Some((number, kind)));
                assert_eq!(parse_name(&format!("exhibit/custody/{}", file_name(number, kind))), Some((number, kind)));
            }
        }
    }

    #[test]
    fn other_names_are_not_taken_for_the_logs() {
        for name in
            ["", "000000.jsonl", "1.jsonl", "0000001.jsonl", "+00001.jsonl", "000001.json", "000001", "00000é.jsonl"]
        {
            assert_eq!(parse_name(name), None, "{name}");
        }
    }

    #[test]
    fn the_list_of_members_is_sorted_and_without_repetition() {
        assert!(member::ALL.is_sorted_by(|a, b| a < b));
    }
}
