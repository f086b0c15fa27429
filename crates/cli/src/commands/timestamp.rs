//! `exhibit timestamp`: RFC 3161 time stamps, by file or, where that is built in, over HTTP.

mod exchange;
mod files;
mod subject;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use exhibit_evidence::{Instant, Store as _, to_hex};
use exhibit_pki::timestamp::Request;
use exhibit_pki::{Hash, oid};
use exhibit_verify::{CheckResult, Outcome, StampFacts, StampQuestion, Verdict, check_stamp};
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::authorities::{Authorities, Loaded};
use crate::case::Case;
use crate::commands::verify;
use crate::outcome::{Done, Ending, Exit, Failure, shown};
use crate::world::World;
use subject::Subject;

pub(crate) use exchange::ask;
pub(crate) use files::Held;

/// Largest request that is read, in bytes.
const REQUEST_BYTES_MAX: u64 = 64 << 10;
/// Largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// Ask for, keep and check RFC 3161 time stamps.
///
/// TARGET is a case folder (its newest checkpoint is stamped), a package (its signature is), or any other file. The
/// request has a digest only, so nothing of the evidence leaves the house: carry it to an authority as a file, and bring
/// the answer back the same way. Keep what `attach` stores beside the target; `verify` finds it there.
///
/// Examples:
///   exhibit timestamp request cases/2026-117 --out q.tsq
///   curl -H 'Content-Type: application/timestamp-query' --data-binary @q.tsq URL > a.tsr
///   exhibit timestamp attach cases/2026-117 --token a.tsr --request q.tsq --trust tsa-root.pem
///   exhibit timestamp check cases/2026-117 --trust tsa-root.pem
#[derive(Debug, Args)]
pub(crate) struct Timestamp {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a request; with --tsa, send it and attach the answer
    Request {
        /// Case folder, package, or any file
        target: PathBuf,
        /// Where to put the request (.tsq)
        #[arg(long, value_name = "FILE", required_unless_present = "tsa")]
        out: Option<PathBuf>,
        /// Hash of the data
        #[arg(long, default_value = "sha256", value_name = "HASH")]
        hash: HashArgument,
        /// Policy that the authority shall follow (dotted identifier)
        #[arg(long, value_name = "OID")]
        policy: Option<String>,
        /// Address of an authority, http://…: ask it now
        #[arg(long, value_name = "URL")]
        tsa: Option<String>,
        #[command(flatten)]
        authorities: Authorities,
        #[command(flatten)]
        actor: Actor,
    },
    /// Check an answer and keep it beside the target
    Attach {
        /// Case folder, package, or any file
        target: PathBuf,
        /// The authority's answer (.tsr), or the token alone
        #[arg(long, value_name = "FILE")]
        token: PathBuf,
        /// The request it answers: its nonce and policy are compared, and it is kept, too
        #[arg(long, value_name = "FILE")]
        request: Option<PathBuf>,
        #[command(flatten)]
        authorities: Authorities,
        #[command(flatten)]
        actor: Actor,
    },
    /// Check a time stamp, and end with one verdict
    Check {
        /// Case folder, package, or any file
        target: PathBuf,
        /// The answer or token [default: what lies beside the target]
        #[arg(long, value_name = "FILE")]
        token: Option<PathBuf>,
        /// The request it should answer
        #[arg(long, value_name = "FILE")]
        request: Option<PathBuf>,
        /// Policy that is demanded (dotted identifier)
        #[arg(long, value_name = "OID")]
        policy: Option<String>,
        #[command(flatten)]
        authorities: Authorities,
    },
}

/// Hashes of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum HashArgument {
    Sha256,
    Sha384,
    Sha512,
}

impl From<HashArgument> for Hash {
    fn from(argument: HashArgument) -> Self {
        match argument {
            HashArgument::Sha256 => Self::Sha256,
            HashArgument::Sha384 => Self::Sha384,
            HashArgument::Sha512 => Self::Sha512,
        }
    }
}

impl Timestamp {
    pub(super) fn run(&self, world: &World) -> Ending {
        match &self.action {
            Action::Request { target, out, hash, policy, tsa, authorities, actor } => {
                let subject = Subject::of(world, target)?;
                let request = new_request(&subject, (*hash).into(), policy.as_deref())?;
                if let Some(out) = out {
                    write(out, &request.to_der())?;
                    world.say(&format!("Request  {} ({} of {})", shown(out), request.hash.name(), subject.title()));
                    world.say("Next: carry it to an authority; then: exhibit timestamp attach TARGET --token ANSWER --request REQUEST");
                }
                let digest = json!({"request": out.as_deref().map(shown), "imprint": to_hex(&request.imprint)});
                let Some(url) = tsa else { return Ok(Done::new(digest)) };
                let answer = ask(url, &request.to_der())?;
                let held = Held::new(&answer, Some(&request), &authorities.load()?)?;
                attach(world, &subject, &held, authorities, actor.clone())
            }
            Action::Attach { target, token, request, authorities, actor } => {
                let subject = Subject::of(world, target)?;
                let answer = read(token, ANSWER_BYTES_MAX)?;
                let request = request.as_deref().map(read_request).transpose()?;
                let held = Held::new(&answer, request.as_ref(), &authorities.load()?)
                    .map_err(|failure| failure.after(&format!("{}: ", shown(token))))?;
                attach(world, &subject, &held, authorities, actor.clone())
            }
            Action::Check { target, token, request, policy, authorities } => {
                let subject = Subject::of(world, target)?;
                let mut loaded = authorities.load()?;
                let subject = if token.is_some() { subject } else { subject.stamped() };
                let held = subject.held(&mut loaded)?;
                let (token, kept) = match (token, held) {
                    (Some(path), _) => (read(path, ANSWER_BYTES_MAX)?, None),
                    (None, Some(held)) => (held.token, held.request),
                    (None, None) => {
                        return Err(Failure::new(format!("there is no time stamp beside {}", shown(target))).hint(
                            "name one with --token, or ask for one: exhibit timestamp request TARGET --out FILE",
                        ));
                    }
                };
                let subject = subject.matching(&token);
                let request = request.as_deref().map(read_request).transpose()?.or(kept);
                let policy = policy.as_deref().map(policy_of).transpose()?;
                let (facts, verdict) = check(world, &subject, &token, request.as_ref(), policy, &loaded);
                verify::print(world, &verdict);
                Ok(Done::with(exit_of(&verdict), outcome(&subject, facts.as_ref(), &verdict)))
            }
        }
    }
}

/// The policy of an argument, as content bytes.
fn policy_of(text: &str) -> Result<Vec<u8>, Failure> {
    oid::parse(text)
        .ok_or_else(|| Failure::usage(format!("{text:?} is not a policy: use a dotted identifier such as 1.2.3.4")))
}

/// A request for what a subject has stamped.
fn new_request(subject: &Subject, hash: Hash, policy: Option<&str>) -> Result<Request, Failure> {
    let digest = subject.digest(hash).ok_or_else(|| {
        Failure::new(format!("{} of {} cannot be computed", hash.name(), subject.title())).hint("use --hash sha256")
    })?;
    let mut request = request_for(hash, &digest)?;
    request.policy = policy.map(policy_of).transpose()?;
    Ok(request)
}

/// A request for a digest, with a nonce of the system's randomness.
pub(crate) fn request_for(hash: Hash, digest: &[u8]) -> Result<Request, Failure> {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).map_err(|error| Failure::new(format!("the system gives no randomness: {error}")))?;
    Ok(Request::new(hash, digest, random))
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    exhibit_device::read_small(path, limit).map_err(|error| Failure::io("read", path, &error))
}

fn read_request(path: &Path) -> Result<Request, Failure> {
    let bytes = read(path, REQUEST_BYTES_MAX)?;
    Request::parse(&bytes).map_err(|fault| Failure::new(format!("{}: {fault}", shown(path))))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let (folder, name) = crate::store_paths::split(path)?;
    let folder = exhibit_store::Folder::at(folder)?;
    Ok(folder.publish(&name, bytes)?)
}

/// Checks a token against a subject.
fn check(
    world: &World,
    subject: &Subject,
    token: &[u8],
    request: Option<&Request>,
    policy: Option<Vec<u8>>,
    loaded: &Loaded,
) -> (Option<StampFacts>, Verdict) {
    let title = subject.title();
    let digest = |hash: Hash| subject.digest(hash);
    let policy = policy.or_else(|| request.and_then(|request| request.policy.clone()));
    let question = StampQuestion {
        place: "the time stamp",
        what: &title,
        digest: &digest,
        nonce: request.and_then(|request| request.nonce.as_deref()),
        policy: policy.as_deref(),
    };
    check_stamp(token, &question, &loaded.trust(world.clock.now()))
}

/// Checks what came, and keeps it if nothing is wrong with it.
fn attach(world: &World, subject: &Subject, held: &Held, authorities: &Authorities, actor: Actor) -> Ending {
    let loaded = authorities.load()?;
    let subject = subject.matching(&held.token);
    let (facts, verdict) = check(world, &subject, &held.token, held.request.as_ref(), None, &loaded);
    if verdict.outcome == Outcome::DoesNotMatch {
        verify::print(world, &verdict);
        world.say("It was not kept.");
        return Ok(Done::with(Exit::Mismatch, outcome(&subject, facts.as_ref(), &verdict)));
    }
    let kept = subject.keep(world, held, facts.as_ref(), actor)?;
    if let Some(facts) = &facts {
        world.say(&format!("Time stamp  {}", facts.in_words()));
        world.say(&format!("Of          {}", subject.title()));
    }
    for path in &kept {
        world.say(&format!("Kept        {}", shown(path)));
    }
    for sentence in &verdict.not_checked {
        world.remark(&format!("note: not checked: {}", exhibit_evidence::Name::from(sentence.as_str())));
    }
    let mut json = outcome(&subject, facts.as_ref(), &verdict);
    if let Some(object) = json.as_object_mut() {
        object.insert("kept".to_owned(), kept.iter().map(|path| shown(path)).collect());
    }
    Ok(Done::new(json))
}

/// Has the newest checkpoint of a case stamped and keeps the answer.
pub(crate) fn stamp_case(world: &World, case: &Case, url: &str, loaded: &Loaded, actor: Actor) -> Result<(), Failure> {
    let subject = Subject::newest(case.clone())?;
    if subject.has_stamp() {
        return Ok(()); // nothing was recorded since the last one
    }
    let request = new_request(&subject, Hash::Sha256, None)?;
    let held = Held::new(&ask(url, &request.to_der())?, Some(&request), loaded)?;
    let (facts, verdict) = check(world, &subject, &held.token, Some(&request), None, loaded);
    if verdict.outcome == Outcome::DoesNotMatch {
        return Err(unusable(&verdict));
    }
    subject.keep(world, &held, facts.as_ref(), actor).map(drop)
}

/// That a time stamp which was just obtained is of these bytes and answers what was asked.
pub(crate) fn answers(held: &Held, bytes: &[u8], loaded: &Loaded, now: Instant) -> Result<(), Failure> {
    let digest = |hash: Hash| Some(hash.digest(bytes));
    let request = held.request.as_ref();
    let question = StampQuestion {
        place: "the time stamp",
        what: "what was sent",
        digest: &digest,
        nonce: request.and_then(|request| request.nonce.as_deref()),
        policy: request.and_then(|request| request.policy.as_deref()),
    };
    let (_, verdict) = check_stamp(&held.token, &question, &loaded.trust(now));
    if verdict.outcome == Outcome::DoesNotMatch { Err(unusable(&verdict)) } else { Ok(()) }
}

fn unusable(verdict: &Verdict) -> Failure {
    let why = verdict.checks.iter().find(|check| check.result == CheckResult::Failed).map(|check| check.reason.clone());
    let why = why.unwrap_or_else(|| verdict.sentence());
    Failure::new(format!("the time stamp that came is not good: {}", exhibit_evidence::Name::from(why.as_str())))
        .hint("ask another authority")
}

fn exit_of(verdict: &Verdict) -> Exit {
    match verdict.outcome {
        Outcome::Holds => Exit::Done,
        Outcome::DoesNotMatch => Exit::Mismatch,
        Outcome::Incomplete => Exit::Incomplete,
    }
}

fn outcome(subject: &Subject, facts: Option<&StampFacts>, verdict: &Verdict) -> Value {
    let stamp = facts.map(|facts| {
        json!({
            "time": facts.time.to_string(),
            "accuracy_microseconds": facts.accuracy_microseconds,
            "authority": facts.authority,
            "serial": facts.serial,
            "policy": facts.policy,
            "chain": facts.way,
        })
    });
    json!({"of": subject.title(), "stamp": stamp, "verdict": verdict, "sentence": verdict.sentence()})
}
