//! The custody log: who did what, when, in an order that cannot be changed unnoticed; and the keys that sign it.
//!
//! A log is a folder of sealed files of canonical JSON lines. Each line carries the hash of the line before; all lines are
//! leaves of one RFC 6962 tree, whose root is signed at the end of every segment. Formats: `docs/spec/custody-log.md` and
//! `docs/spec/signatures.md`. Nothing here reads or writes a file, looks at a clock or makes randomness.
//!
//! | noun | is |
//! | --- | --- |
//! | [`Log`] | what was read, what is appended, its head; [`SegmentBytes`] and [`CheckpointBytes`] go in, [`NewFile`]s come out |
//! | [`Session`] | an [`exhibit_evidence::Recorder`] over a log and a store |
//! | [`Record`] | one line |
//! | [`Event`] | what a person states about an event, and what it must say: [`actions::ACTIONS`] |
//! | [`Row`] | one line for people |
//! | [`Checkpoint`] | the signed head |
//! | [`handover::Papers`] | what the sender states and the receiver answers, signed by both |
//! | [`provenance`] | what the logs of other programs say |
//! | [`SigningKey`], [`PublicKey`] | Ed25519 keys in OpenSSH's formats and in PKCS #8, plain or under a passphrase |
//! | [`Signer`] | what signs: a key in memory, or in a token |
//! | [`sshsig`] | signatures that `ssh-keygen -Y verify` checks |
//! | [`strict_json`], [`canonical`] | JSON with one reading and one spelling |
//!
//! The chain alone proves order, not authorship: who can write to the folder can rewrite a log from any record on, sign it
//! with his own key, or cut its end off together with the checkpoints. That is noticed by who knows the right key, and by
//! a checkpoint kept elsewhere ([`Log::check_kept`]). Give checkpoints away early.
//!
//! ```
//! use exhibit_custody::{CheckpointBytes, Context, Log, SegmentBytes, SigningKey};
//! use exhibit_evidence::{Fact, Instant};
//!
//! let key = SigningKey::from_seed([7; 32], "practice key"); // a real seed is random
//! let context = Context {
//!     case: "2026-117".into(), actor: "A. Example".into(), role: "examiner".into(),
//!     now: Instant::from_unix_seconds(1_795_428_672), tool: "exhibit 0.1.0".into(),
//! };
//! let mut log = Log::new();
//! let segment = log.append(vec![Fact::new("case-opened").because("order 12/26")], &context).unwrap();
//! let checkpoint = log.checkpoint(&key).unwrap();
//! assert_eq!((segment.name.as_str(), checkpoint.name.as_str()), ("000001.jsonl", "000001.checkpoint"));
//!
//! let mut read = Log::read(&[SegmentBytes::new(&segment.name, &segment.bytes)]);
//! assert!(read.findings.is_empty());
//! let files = [CheckpointBytes { name: &checkpoint.name, bytes: &checkpoint.bytes }];
//! let checked = read.value.check(&files, &[key.public_key()]);
//! assert!(checked.findings.is_empty() && checked.value.records == 1);
//! ```

#![forbid(unsafe_code)]

pub mod actions;
pub mod allowed_signers;
mod armour;
pub mod canonical;
mod check;
mod check_events;
mod checkpoint;
mod event;
mod frontier;
pub mod handover;
#[cfg(feature = "keys")]
mod key;
#[cfg(feature = "keys")]
mod key_file;
pub mod layout;
mod log;
pub mod note;
pub mod provenance;
mod public_key;
mod read;
mod record;
mod session;
mod signer;
mod ssh_wire;
pub mod sshsig;
mod stated_time;
pub mod strict_json;
mod table;

pub use check::{CheckpointBytes, Coverage, NamedAs, NamedKey};
pub use checkpoint::Checkpoint;
pub use event::{Event, EventFault};
#[cfg(feature = "keys")]
pub use key::{SigningKey, is_encrypted};
pub use log::{Context, Entry, Log, LogError, NewFile};
pub use public_key::{KEY_TYPE, KeyFault, PublicKey};
pub use read::SegmentBytes;
pub use record::{LineHash, Record, line_hash};
pub use session::Session;
pub use signer::{SignFault, Signer};
pub use stated_time::StatedTime;
pub use table::Row;
