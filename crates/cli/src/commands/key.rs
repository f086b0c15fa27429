//! `exhibit key`: signing keys, in files that `ssh-keygen` or `openssl` can use too.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use exhibit_custody::PublicKey;
use exhibit_custody::layout::key_detail;
use exhibit_evidence::{Fact, Instant, Recorder as _};
use serde_json::json;

use crate::actor::Actor;
use crate::case::Case;
use crate::keys::{self, Form};
use crate::outcome::{Done, Ending, Failure, shown};
use crate::passphrase;
use crate::recording::CaseRecorder;
use crate::world::World;

/// Make or show signing keys.
///
/// The key is an Ed25519 key. Give the public half (the .pub file) to whoever should check what you sign; keep the private
/// half to yourself. On a terminal a passphrase is asked for; for scripts there are --passphrase-file and EXHIBIT_PASSPHRASE.
/// Keys made by ssh-keygen (ed25519) and in PKCS #11 tokens are used as they are: --signing-key FILE or pkcs11:…
///
/// Examples:
///   exhibit key new --comment "A. Example, Lab 3"
///   exhibit key show
#[derive(Debug, Args)]
pub(crate) struct Key {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a new key and its .pub file
    New {
        /// Where to put it [default: the user's own key]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Whose key it is; goes into the public half
        #[arg(long, default_value = "exhibit")]
        comment: String,
        /// Form of the file under a passphrase
        #[arg(long, default_value = "openssh")]
        format: Form,
        /// Do not protect the file by a passphrase, and do not ask for one
        #[arg(long)]
        no_passphrase: bool,
    },
    /// Show the public half and its fingerprint
    Show {
        /// Private or public key file [default: the user's own key]
        file: Option<PathBuf>,
    },
    /// Pass the log of a case on to another key; the present one signs this, and nothing after it
    Change {
        /// The case folder
        #[arg(long)]
        case: PathBuf,
        /// Public half of the key that goes on
        #[arg(long, value_name = "PUB")]
        to: PathBuf,
        /// Why
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        actor: Actor,
    },
    /// Go on in the log of a case with a new key, because the old one is lost: only who goes on says so
    Lost {
        /// The case folder
        #[arg(long)]
        case: PathBuf,
        /// Public half of the key that was lost
        #[arg(long, value_name = "PUB")]
        old: PathBuf,
        /// What happened
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        actor: Actor,
    },
    /// Record in the log of a case that a key must not be believed any more
    Revoke {
        /// The case folder
        #[arg(long)]
        case: PathBuf,
        /// Public half of the key
        #[arg(long, value_name = "PUB")]
        key: PathBuf,
        /// Since when it may be in other hands: 2026-11-29T12:00:00Z
        #[arg(long, value_name = "TIME")]
        since: String,
        /// What happened
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        actor: Actor,
    },
}

impl Key {
    pub(super) fn run(&self, world: &World) -> Ending {
        match &self.action {
            Action::New { out, comment, format, no_passphrase } => {
                let path = out.clone().map_or_else(|| keys::path(world), Ok)?;
                if comment.chars().any(char::is_control) {
                    return Err(Failure::usage("--comment must be one line of text"));
                }
                let words = if *no_passphrase { None } else { passphrase::for_new(world)? };
                if words.is_none() && *format == Form::Pkcs8 {
                    return Err(Failure::usage("--format pkcs8 is for keys under a passphrase")
                        .hint("type one, or give it with --passphrase-file or EXHIBIT_PASSPHRASE"));
                }
                let key = keys::create(&path, comment, words.as_ref(), *format)?;
                let public = key.public_key();
                let protected = if words.is_some() { "under a passphrase" } else { "NOT encrypted" };
                world.say(&format!("Private key: {} ({protected}: keep it to yourself)", shown(&path)));
                world.say(&format!("Public key:  {}.pub", shown(&path)));
                world.say(&format!("Fingerprint: {}", public.fingerprint()));
                Ok(Done::new(
                    json!({"private_key": shown(&path), "public_key": public.to_openssh(), "fingerprint": public.fingerprint(), "encrypted": words.is_some()}),
                ))
            }
            Action::Show { file } => {
                let path = file.clone().map_or_else(|| keys::path(world), Ok)?;
                // A public half needs no passphrase, so it is tried first.
                let publics = match keys::load_public(&path) {
                    Ok(publics) => publics,
                    Err(_) => vec![keys::load(world, &path)?.public_key()],
                };
                for public in &publics {
                    world.tell(&public.to_openssh());
                    world.tell(&format!("Fingerprint: {}", public.fingerprint()));
                }
                let shown_keys: Vec<_> = publics
                    .iter()
                    .map(|key| json!({"public_key": key.to_openssh(), "fingerprint": key.fingerprint()}))
                    .collect();
                Ok(Done::new(json!({"keys": shown_keys})))
            }
            Action::Change { case, to, reason, actor } => {
                let new = one_public(to)?;
                let old = keys::load_or_create(world, "exhibit")?.public_key();
                if new == old {
                    return Err(Failure::usage("that is the key that signs already"));
                }
                let fact = Fact { reason: reason.clone(), ..Fact::new(key_detail::CHANGED) }
                    .detail(key_detail::KEY, new.to_openssh())
                    .detail(key_detail::INSTEAD_OF, old.fingerprint());
                let number = record(world, case, actor, fact)?;
                world.say(&format!("Recorded as number {number}, signed with {}.", old.fingerprint()));
                world.say(&format!(
                    "From now on {} signs: use --signing-key, or put it in the place of the old one.",
                    new.fingerprint()
                ));
                Ok(Done::new(json!({"record": number, "old": old.fingerprint(), "new": new.fingerprint()})))
            }
            Action::Lost { case, old, reason, actor } => {
                let old = one_public(old)?;
                let new = keys::load_or_create(world, "exhibit")?.public_key();
                if new == old {
                    return Err(Failure::usage("the key that would go on is the one that was lost").hint(
                        "make another one with: exhibit key new --out FILE, and name it with --signing-key FILE",
                    ));
                }
                let fact = Fact { reason: Some(reason.clone()), ..Fact::new(key_detail::LOST) }
                    .detail(key_detail::KEY, new.to_openssh())
                    .detail(key_detail::LOST_KEY, old.fingerprint());
                let number = record(world, case, actor, fact)?;
                world.say(&format!("Recorded as number {number}, signed with {}.", new.fingerprint()));
                world.say(
                    "Whoever checks the log must name both keys: the old one did not say that the new one goes on.",
                );
                Ok(Done::new(json!({"record": number, "lost": old.fingerprint(), "new": new.fingerprint()})))
            }
            Action::Revoke { case, key, since, reason, actor } => {
                let key = one_public(key)?;
                if Instant::parse(since).is_none() {
                    return Err(Failure::usage(format!("{since:?} is not a time: use 2026-11-29T12:00:00Z (UTC)")));
                }
                let fact = Fact { reason: Some(reason.clone()), ..Fact::new(key_detail::REVOKED) }
                    .detail(key_detail::REVOKED_KEY, key.fingerprint())
                    .detail(key_detail::SINCE, since.clone());
                let number = record(world, case, actor, fact)?;
                world.say(&format!("Recorded as number {number}: {} is revoked since {since}.", key.fingerprint()));
                world.say(
                    "Tell everybody who has its public half: a checker who does not know this log does not know it.",
                );
                Ok(Done::new(json!({"record": number, "revoked": key.fingerprint(), "since": since})))
            }
        }
    }
}

/// The one public key in a file.
fn one_public(path: &Path) -> Result<PublicKey, Failure> {
    match keys::load_public(path)?.as_slice() {
        [key] => Ok(key.clone()),
        keys => Err(Failure::usage(format!("{} holds {} keys; one is wanted", shown(path), keys.len()))),
    }
}

fn record(world: &World, case: &Path, actor: &Actor, fact: Fact) -> Result<u64, Failure> {
    let mut recorder = CaseRecorder::new(world, &Case::open(case)?, actor.clone())?;
    recorder.record(fact).map_err(|error| Failure::new(error.to_string()))
}
