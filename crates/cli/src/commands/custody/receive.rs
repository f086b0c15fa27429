//! `exhibit custody receive`: the receiver checks a handover and answers it; the sender takes the answer in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Args;
use exhibit_custody::handover::{Answer, Discrepancy, Papers, Party, Receipt};
use exhibit_custody::layout::handover::{DETAIL, ENDING, FILE_BYTES_MAX, FOLDER, RECEIPT_ENDING, RECEIPT_FORMAT};
use exhibit_custody::{Event, Log, PublicKey};
use exhibit_evidence::{Fact, Name, Store as _};
use exhibit_store::Folder;
use serde_json::{Value, json};

use super::transfer;
use crate::actor::Actor;
use crate::case::Case;
use crate::keys;
use crate::outcome::{Done, Ending, Exit, Failure, shown};
use crate::recording::{CaseRecorder, LogFiles};
use crate::world::{TOOL, Tone, World};

/// Check a handover, answer it and go on in your own log; or take in the answer to your own handover.
///
/// With a file ending .exhibit-handover, --case is your own case: the statement and its signature are checked, what you give
/// with --file and --seal is compared with it, the log goes on with "accepted" or "refused", and a receipt that both sides
/// signed is written for the sender. With a receipt, --case is the case that handed over.
///
/// If something is not as stated, it is recorded as a discrepancy and nothing is answered until you say how: --refuse
/// REASON, or --accept-discrepancies REASON. Exit code: 0 everything holds, 4 something is not as stated, 7 the other
/// side's key is not known or a file was not compared.
///
/// Example: exhibit custody receive 2026-117-ab12cd34.exhibit-handover --case OURS --key sender.pub --file 2026-117.zip --seal 4711
#[derive(Debug, Args)]
pub(crate) struct Receive {
    /// The handover, or the receipt
    #[arg(value_name = "FILE")]
    papers: PathBuf,
    /// Your case folder
    #[arg(long)]
    case: PathBuf,
    /// Public key that you know to be the other side's (file)
    #[arg(long, value_name = "PUB")]
    key: Vec<PathBuf>,
    /// A file that came with the handover; size and SHA-256 are compared (may be given several times)
    #[arg(long, value_name = "FILE")]
    file: Vec<PathBuf>,
    /// Seal that you see: ITEM=NUMBER, or NUMBER if there is one item (may be given several times)
    #[arg(long, value_name = "SEAL")]
    seal: Vec<String>,
    /// Something else that is not as stated (may be given several times)
    #[arg(long, value_name = "TEXT")]
    discrepancy: Vec<String>,
    /// Take it although something is not as stated, and say why
    #[arg(long, value_name = "REASON", conflicts_with = "refuse")]
    accept_discrepancies: Option<String>,
    /// Do not take it, and say why
    #[arg(long, value_name = "REASON")]
    refuse: Option<String>,
    /// In what condition everything arrived
    #[arg(long)]
    condition: Option<String>,
    /// Where
    #[arg(long)]
    place: Option<String>,
    /// Receipt to write [default: the handover's name with the ending .exhibit-receipt]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    actor: Actor,
}

/// What was compared with the statement.
#[derive(Debug, Default)]
struct Compared {
    matches: Vec<String>,
    not_checked: Vec<String>,
    discrepancies: Vec<Discrepancy>,
}

impl Receive {
    pub(super) fn run(&self, world: &World) -> Ending {
        match self.take_in(world) {
            // Papers that do not hold are a result, and not a failure of this command.
            Err(failure) if failure.exit == Exit::Mismatch => {
                world.tell(&world.painted(&format!("DOES NOT MATCH: {}", failure.problem), Tone::Bad));
                if let Some(hint) = &failure.hint {
                    world.remark(&format!("hint: {hint}"));
                }
                Ok(Done::with(Exit::Mismatch, json!({"mismatch": failure.problem, "hint": failure.hint})))
            }
            ending => ending,
        }
    }

    fn take_in(&self, world: &World) -> Ending {
        let bytes = exhibit_device::read_small(&self.papers, FILE_BYTES_MAX)
            .map_err(|error| Failure::io("read the handover", &self.papers, &error))?;
        let papers = Papers::parse(&bytes).map_err(|fault| {
            Failure::new(format!("{} does not hold: {fault}", shown(&self.papers)))
                .exit(Exit::Mismatch)
                .hint("do not rely on it; ask the other side to send it again")
        })?;
        let case = Case::open(&self.case)?;
        let log = LogFiles::read(&case.path)?.log().value;
        match papers.receipt.clone() {
            Some((receipt, receiver)) => {
                self.acknowledge(world, &case, &log, &Taken { papers, receipt, receiver, bytes })
            }
            None => self.answer(world, &case, &log, &papers, &bytes),
        }
    }

    /// Whether somebody vouches for a key: `false` if nobody was asked.
    fn known(&self, key: &PublicKey, whose: &str) -> Result<bool, Failure> {
        let mut known = Vec::new();
        for path in &self.key {
            known.extend(keys::load_public(path)?);
        }
        if known.is_empty() || known.contains(key) {
            return Ok(!known.is_empty());
        }
        let text =
            format!("{} is signed with {}, which is none of the keys given", shown(&self.papers), key.fingerprint());
        Err(Failure::new(text).exit(Exit::Mismatch).hint(format!("ask {whose}, by another way, which key is theirs")))
    }

    /// The receiver's side.
    fn answer(&self, world: &World, case: &Case, log: &Log, papers: &Papers, bytes: &[u8]) -> Ending {
        let known = self.known(&papers.sender, "the sender")?;
        let recorder = CaseRecorder::new(world, case, self.actor.clone())?;
        self.addressed(log, papers, &recorder)?;
        let compared = self.compare(world, papers)?;
        let answer = self.decide(&recorder, papers, &compared)?;
        let out = self.out.clone().unwrap_or_else(|| receipt_name(&self.papers));
        let (folder, name) = crate::store_paths::split(&out)?;
        let folder = Folder::at(folder)?;
        if folder.exists(&name) {
            return Err(Failure::new(format!("{} exists already", shown(&out)))
                .hint("choose another name with --out; nothing was overwritten"));
        }
        let place = format!("{FOLDER}/{}{ENDING}", papers.handover.id);
        keep(case, &place, bytes)?;
        let bound = Bound { place: &place, bytes };
        let facts = self.facts(world, log, papers, answer, &compared, known, &bound)?;
        let number = recorder.record_all(facts)?;
        let (name_of_actor, role) = recorder.actor();
        let receipt = Receipt {
            format: RECEIPT_FORMAT.to_owned(),
            id: papers.handover.id.clone(),
            handover_sha256: papers.sha256.clone(),
            case: case.file.number.clone(),
            created: world.clock.now().to_string(),
            from: Party {
                name: name_of_actor,
                agency: Some(case.file.agency.clone()),
                role: Some(role),
                key: Some(recorder.key().public_key().to_openssh()),
            },
            answer,
            reason: self.refuse.clone().or_else(|| self.accept_discrepancies.clone()),
            matches: compared.matches,
            not_checked: compared.not_checked,
            discrepancies: compared.discrepancies,
            condition: self.condition.clone(),
            place: self.place.clone(),
            log: recorder.head_covering(number)?,
            tool: TOOL.to_owned(),
        };
        let answered = Papers::answered(bytes, &receipt, recorder.key().as_ref());
        let answered = answered.map_err(|fault| Failure::new(fault.to_string()))?;
        keep(case, &format!("{FOLDER}/{}{RECEIPT_ENDING}", papers.handover.id), &answered)?;
        folder.publish(&name, &answered)?;
        for line in &receipt.matches {
            world.say(&format!("as stated      {}", Name::from(line.as_str())));
        }
        for line in &receipt.not_checked {
            world.say(&format!("not compared   {}", Name::from(line.as_str())));
        }
        for line in &receipt.discrepancies {
            world.say(&format!("NOT AS STATED  {}", Name::from(line.text.as_str())));
        }
        if !known {
            world.remark("note: nobody vouches for the sender's key; give it with --key to have it compared");
        }
        world.say(&format!("{} recorded as number {number}. Receipt for the sender: {}", word(answer), shown(&out)));
        let exit = transfer::exit(!receipt.discrepancies.is_empty(), !known || !receipt.not_checked.is_empty());
        Ok(Done::with(
            exit,
            json!({"receipt": shown(&out), "record": number, "sender_known": known, "answer": receipt}),
        ))
    }

    /// Whether this handover is for this case and key, and for the first time.
    fn addressed(&self, log: &Log, papers: &Papers, recorder: &CaseRecorder) -> Result<(), Failure> {
        for (number, action) in events(log, &papers.handover.id) {
            return Err(match action.as_str() {
                "handed-over" => Failure::usage("this is this case's own handover; it is for the other side")
                    .hint("what comes back from there, with the ending .exhibit-receipt, is taken in here"),
                "discrepancy" => continue,
                _ => Failure::new(format!("this handover was answered already: record {number} ({action})")),
            });
        }
        let own = recorder.key().public_key().to_openssh();
        let meant = papers.handover.to.key.as_ref().map(|line| same_key(line, &own));
        if meant == Some(false) {
            let text = "this handover is for the holder of another key than yours";
            return Err(Failure::new(text).exit(Exit::Mismatch).hint("sign with the key it names: --signing-key FILE"));
        }
        Ok(())
    }

    /// Compares what is here with what is stated.
    fn compare(&self, world: &World, papers: &Papers) -> Result<Compared, Failure> {
        let mut compared = Compared::default();
        self.compare_files(world, papers, &mut compared)?;
        let ids: Vec<String> = papers.handover.items.iter().map(|item| item.id.clone()).collect();
        let seen = super::seals_by_item(&self.seal, &ids)?;
        for item in &papers.handover.items {
            let stated: BTreeSet<&String> = item.seals.iter().collect();
            match seen.get(&item.id) {
                None if stated.is_empty() => {}
                None => compared.not_checked.push(format!("item {}: its seals", item.id)),
                Some(seals) if seals.iter().collect::<BTreeSet<_>>() == stated => {
                    compared.matches.push(format!("item {}: seal {}", item.id, seals.join(", ")));
                }
                Some(seals) => compared.discrepancies.push(Discrepancy {
                    concerns: Some(item.id.clone()),
                    text: format!("item {}: stated seals {}, seen {}", item.id, or_none(&item.seals), or_none(seals)),
                }),
            }
        }
        let said = self.discrepancy.iter().map(|text| Discrepancy { concerns: None, text: text.clone() });
        compared.discrepancies.extend(said);
        Ok(compared)
    }

    fn compare_files(&self, world: &World, papers: &Papers, compared: &mut Compared) -> Result<(), Failure> {
        let mut open: BTreeMap<&str, _> = papers.handover.files.iter().map(|file| (file.name.as_str(), file)).collect();
        for path in &self.file {
            let here = transfer::file(world, path)?;
            let renamed = open.values().find(|stated| stated.sha256 == here.sha256).map(|stated| stated.name.as_str());
            let stated = open.remove(here.name.as_str()).or_else(|| open.remove(renamed?));
            match stated {
                Some(stated) if stated.sha256 == here.sha256 && stated.size == here.size => {
                    compared
                        .matches
                        .push(format!("file {}: {} bytes, SHA-256 {}", stated.name, here.size, here.sha256));
                }
                Some(stated) => compared.discrepancies.push(Discrepancy {
                    concerns: Some(stated.name.clone()),
                    text: format!(
                        "file {}: stated {} bytes, SHA-256 {}; here {} bytes, SHA-256 {}",
                        stated.name, stated.size, stated.sha256, here.size, here.sha256
                    ),
                }),
                None => compared.discrepancies.push(Discrepancy {
                    text: format!("file {}: the handover does not name it", here.name),
                    concerns: Some(here.name),
                }),
            }
        }
        compared.not_checked.extend(open.keys().map(|name| format!("file {name}: its size and digest")));
        Ok(())
    }

    /// How it is answered; without a decision about discrepancies they are recorded, and that is all.
    fn decide(&self, recorder: &CaseRecorder, papers: &Papers, compared: &Compared) -> Result<Answer, Failure> {
        for (name, reason) in [("refuse", &self.refuse), ("accept-discrepancies", &self.accept_discrepancies)] {
            if reason.as_ref().is_some_and(|reason| reason.trim().is_empty()) {
                return Err(Failure::usage(format!("--{name} needs a reason in words")));
            }
        }
        match (&self.refuse, &self.accept_discrepancies, compared.discrepancies.is_empty()) {
            (Some(_), _, _) => Ok(Answer::Refused),
            (None, Some(_), false) => Ok(Answer::AcceptedWithDiscrepancies),
            (None, Some(_), true) => Err(Failure::usage("there is no discrepancy to accept")
                .hint("leave --accept-discrepancies away, or say what is wrong with --discrepancy TEXT")),
            (None, None, true) => Ok(Answer::Accepted),
            (None, None, false) => {
                let number = recorder.record_all(discrepancies(papers, compared))?;
                let texts: Vec<&str> = compared.discrepancies.iter().map(|one| one.text.as_str()).collect();
                let text = format!("not as stated, recorded up to number {number}: {}", texts.join("; "));
                Err(Failure::new(text).exit(Exit::Mismatch).hint(
                    "say what becomes of it: --refuse REASON, or --accept-discrepancies REASON; nothing was answered yet",
                ))
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "each is one thing the record says")]
    fn facts(
        &self,
        world: &World,
        log: &Log,
        papers: &Papers,
        answer: Answer,
        compared: &Compared,
        known: bool,
        bound: &Bound<'_>,
    ) -> Result<Vec<Fact>, Failure> {
        let stated = &papers.handover;
        let event = Event {
            action: if answer == Answer::Refused { "refused" } else { "accepted" }.to_owned(),
            item: match stated.items.as_slice() {
                [item] => Some(item.id.clone()),
                _ => None,
            },
            from: Some(stated.from.name.clone()),
            place: self.place.clone(),
            condition: self.condition.clone(),
            reason: self.refuse.clone().or_else(|| self.accept_discrepancies.clone()).or_else(|| stated.reason.clone()),
            authority: stated.authority.clone(),
            handling: if answer == Answer::Refused { Vec::new() } else { stated.handling.clone() },
            ..Event::default()
        };
        let fact = event.fact(world.clock.now(), log.size()).map_err(|fault| Failure::usage(fault.to_string()))?.0;
        let fact = fact
            .detail(DETAIL, stated.id.clone())
            .detail("answer", answer.id())
            .detail("papers", bound.value()?)
            .detail("sender_case", stated.case.clone())
            .detail("sender_key", papers.sender.to_openssh())
            .detail("sender_key_known", known)
            .detail("sender_log", json!(stated.log))
            .detail("items", json!(stated.items))
            .detail("files", json!(stated.files))
            .detail("matches", json!(compared.matches))
            .detail("not_checked", json!(compared.not_checked));
        // Discrepancies that stand in the log already, from an attempt without a decision, are not repeated.
        let told = |fact: &Fact| {
            let mut entries = log.entries().iter();
            entries.any(|entry| {
                let stands = |(name, value): (&String, &Value)| entry.record.details.get(name) == Some(value);
                entry.record.action == fact.action && fact.details.iter().all(stands)
            })
        };
        let mut facts: Vec<Fact> = discrepancies(papers, compared).into_iter().filter(|fact| !told(fact)).collect();
        facts.push(fact);
        Ok(facts)
    }

    /// The sender's side: the answer to a handover of this case.
    fn acknowledge(&self, world: &World, case: &Case, log: &Log, taken: &Taken) -> Ending {
        let Taken { papers, receipt, receiver, bytes } = taken;
        let stated = &papers.handover;
        let mismatch = |text: String| Failure::new(text).exit(Exit::Mismatch);
        if stated.case != case.file.number {
            let text = format!("this receipt answers a handover of case {:?}", Name::from(stated.case.as_str()));
            return Err(Failure::usage(text).hint("name that case with --case"));
        }
        let own = log.entries().iter().find(|entry| {
            let details = &entry.record.details;
            entry.record.action == "handed-over" && details.get(DETAIL).and_then(Value::as_str) == Some(&stated.id)
        });
        let own = own.ok_or_else(|| mismatch("the log of this case knows no handover of that id".to_owned()))?;
        let same = own.record.seq == stated.log.record
            && own.record.details.get("items") == Some(&json!(stated.items))
            && own.record.details.get("files") == Some(&json!(stated.files));
        if !same {
            return Err(mismatch(format!("it does not state what record {} of this log states", own.record.seq)));
        }
        if let Some((number, _)) = events(log, &stated.id).find(|(_, action)| action == "acknowledged") {
            return Err(Failure::new(format!("this receipt was taken in already: record {number}")));
        }
        let recorder = CaseRecorder::new(world, case, self.actor.clone())?;
        let sender = std::slice::from_ref(&papers.sender);
        if let Some(finding) = log.check_kept("the handover", stated.log.checkpoint.as_bytes(), sender) {
            return Err(mismatch(format!(
                "the head of the log that was handed over is not one of this log: {finding}"
            )));
        }
        if stated.to.key.as_ref().is_some_and(|line| !same_key(line, &receiver.to_openssh())) {
            return Err(mismatch("it is answered with another key than the one it was handed to".to_owned()));
        }
        let known = self.known(receiver, "the receiver")? || stated.to.key.is_some();
        let place = format!("{FOLDER}/{}{RECEIPT_ENDING}", stated.id);
        keep(case, &place, bytes)?;
        let fact = Fact { reason: receipt.reason.clone(), ..Fact::new("acknowledged") }
            .detail(DETAIL, stated.id.clone())
            .detail("answer", receipt.answer.id())
            .detail("papers", Bound { place: &place, bytes }.value()?)
            .detail("receiver", json!(receipt.from))
            .detail("receiver_case", receipt.case.clone())
            .detail("receiver_key_known", known)
            .detail("receiver_log", json!(receipt.log))
            .detail("matches", json!(receipt.matches))
            .detail("not_checked", json!(receipt.not_checked))
            .detail("discrepancies", json!(receipt.discrepancies));
        let number = recorder.record_all(vec![fact])?;
        for one in &receipt.discrepancies {
            world.say(&format!("NOT AS STATED  {}", Name::from(one.text.as_str())));
        }
        world.say(&format!("The answer is: {}. Recorded as number {number}.", receipt.answer.id()));
        let exit = transfer::exit(receipt.answer != Answer::Accepted, !known);
        Ok(Done::with(exit, json!({"record": number, "receiver_known": known, "answer": receipt})))
    }
}

/// A receipt as it came.
struct Taken {
    papers: Papers,
    receipt: Receipt,
    receiver: PublicKey,
    bytes: Vec<u8>,
}

/// A file of the case that a record binds.
struct Bound<'a> {
    place: &'a str,
    bytes: &'a [u8],
}

impl Bound<'_> {
    fn value(&self) -> Result<Value, Failure> {
        let sha256 = super::sha256(self.bytes)?;
        Ok(json!({"path": self.place, "sha256": sha256, "size": self.bytes.len()}))
    }
}

/// A record for each discrepancy.
fn discrepancies(papers: &Papers, compared: &Compared) -> Vec<Fact> {
    let each = compared.discrepancies.iter().map(|one| {
        let fact = Fact::new("discrepancy").detail("text", one.text.clone()).detail(DETAIL, papers.handover.id.clone());
        match &one.concerns {
            Some(concerns) if papers.handover.items.iter().any(|item| item.id == *concerns) => {
                fact.object("item", concerns.clone())
            }
            Some(concerns) => fact.object("name", concerns.clone()),
            None => fact,
        }
    });
    each.collect()
}

/// Records of the log that name a handover.
fn events(log: &Log, id: &str) -> impl Iterator<Item = (u64, String)> {
    let named =
        move |entry: &&exhibit_custody::Entry| entry.record.details.get(DETAIL).and_then(Value::as_str) == Some(id);
    log.entries().iter().filter(named).map(|entry| (entry.record.seq, entry.record.action.clone()))
}

/// Whether two OpenSSH lines are of one key, whatever their comments.
fn same_key(one: &str, other: &str) -> bool {
    PublicKey::parse(one).is_ok_and(|one| PublicKey::parse(other).is_ok_and(|other| one == other))
}

/// Keeps the papers in the case; the same bytes may be there already, from an attempt that was interrupted.
fn keep(case: &Case, place: &str, bytes: &[u8]) -> Result<(), Failure> {
    let path = case.path.join(place);
    if path.exists() {
        let there = exhibit_device::read_small(&path, FILE_BYTES_MAX).map_err(|e| Failure::io("read", &path, &e))?;
        return if there == bytes {
            Ok(())
        } else {
            Err(Failure::new(format!("{} exists already and is another one", shown(&path)))
                .hint("move it away and look where it comes from; nothing was overwritten"))
        };
    }
    case.folder()?.publish(place, bytes)?;
    Ok(())
}

fn receipt_name(papers: &Path) -> PathBuf {
    let name = papers.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    PathBuf::from(format!("{}{RECEIPT_ENDING}", name.strip_suffix(ENDING).unwrap_or(&name)))
}

const fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Accepted => "Accepted,",
        Answer::AcceptedWithDiscrepancies => "Accepted with discrepancies,",
        Answer::Refused => "Refused,",
    }
}

fn or_none(seals: &[String]) -> String {
    if seals.is_empty() { "none".to_owned() } else { seals.join(", ") }
}
