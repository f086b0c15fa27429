//! The file of a handover, read and judged without the code that writes it.

use exhibit_custody::layout::handover::{FORMAT, NAMESPACE, RECEIPT_FORMAT, RECEIPT_NAMESPACE, STATEMENT_BYTES_MAX};
use exhibit_custody::layout::origin;
use exhibit_custody::note::Note;
use exhibit_custody::sshsig::SshSignature;
use exhibit_custody::{PublicKey, strict_json};
use exhibit_evidence::{Instant, to_hex};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::custody::text_of;

/// Members of the sender's statement; all of them, and no others.
const STATED: [&str; 14] = [
    "authority",
    "case",
    "created",
    "files",
    "format",
    "from",
    "handling",
    "id",
    "items",
    "log",
    "place",
    "reason",
    "to",
    "tool",
];
/// Members of the receiver's answer.
const ANSWERED: [&str; 15] = [
    "answer",
    "case",
    "condition",
    "created",
    "discrepancies",
    "format",
    "from",
    "handover_sha256",
    "id",
    "log",
    "matches",
    "not_checked",
    "place",
    "reason",
    "tool",
];
/// Members of an item.
const ITEM: [&str; 7] = ["condition", "description", "digests", "id", "seals", "size", "tree_root"];
/// Members of a file.
const FILE: [&str; 3] = ["name", "sha256", "size"];
/// Members of a side.
const SIDE: [&str; 4] = ["agency", "key", "name", "role"];
/// The last line of a signature.
const END: &[u8] = b"-----END SSH SIGNATURE-----\n";
/// Largest signature looked at, in bytes; a real one has some 300.
const SIGNATURE_BYTES_MAX: usize = 64 << 10;

/// Why a file is not a sound handover, and where that was noticed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: u64,
    pub(crate) text: String,
}

/// Where a side's log stands.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) record: u64,
    pub(crate) size: u64,
    pub(crate) root: [u8; 32],
}

/// The answer of the receiver.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) key: PublicKey,
    pub(crate) case: String,
    pub(crate) word: String,
    pub(crate) log: Head,
    pub(crate) discrepancies: Vec<String>,
    pub(crate) not_checked: Vec<String>,
}

/// A handover whose signatures hold and which does not contradict itself.
#[derive(Debug)]
pub(crate) struct Papers {
    pub(crate) id: String,
    pub(crate) case: String,
    pub(crate) sender: PublicKey,
    pub(crate) log: Head,
    /// Numbers of the items.
    pub(crate) items: Vec<String>,
    /// The items as stated.
    pub(crate) stated_items: Value,
    /// The files as stated.
    pub(crate) stated_files: Value,
    pub(crate) answer: Option<Answer>,
}

impl Papers {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let first = signed(bytes, NAMESPACE).map_err(|text| Fault { at: 0, text })?;
        let mut papers = stated(&first).map_err(|text| Fault { at: 0, text })?;
        let Some(rest) = bytes.get(first.length..).filter(|rest| !rest.is_empty()) else { return Ok(papers) };
        let at = first.length as u64;
        let second = signed(rest, RECEIPT_NAMESPACE).map_err(|text| Fault { at, text })?;
        if second.length != rest.len() {
            let at = at.saturating_add(second.length as u64);
            return Err(Fault { at, text: "there is something after the receiver's signature".to_owned() });
        }
        let own = bytes.get(..first.length).unwrap_or_default();
        let digest = to_hex(&Sha256::digest(own));
        papers.answer = Some(answered(&second, &papers.id, &digest).map_err(|text| Fault { at, text })?);
        Ok(papers)
    }

    /// What holds, in a sentence.
    pub(crate) fn in_words(&self) -> String {
        let answer = match &self.answer {
            None => "not answered yet".to_owned(),
            Some(answer) => format!("answered from case {:?}: {}", answer.case, answer.word),
        };
        format!("handover {} of case {:?}, {} items; {answer}", self.id, self.case, self.items.len())
    }
}

/// A statement with a signature that holds.
struct Signed {
    map: Map<String, Value>,
    key: PublicKey,
    /// Bytes of statement and signature.
    length: usize,
}

fn signed(bytes: &[u8], namespace: &str) -> Result<Signed, String> {
    let line = bytes.iter().take(STATEMENT_BYTES_MAX).position(|byte| *byte == b'\n');
    let line = line.ok_or("no line of a statement")?.saturating_add(1);
    let (statement, rest) = bytes.split_at_checked(line).ok_or("cut short")?;
    let near = rest.get(..SIGNATURE_BYTES_MAX).unwrap_or(rest);
    let end = near.windows(END.len()).position(|window| window == END).ok_or("the statement is not signed")?;
    let armour = rest.get(..end.saturating_add(END.len())).ok_or("cut short")?;
    let armour = std::str::from_utf8(armour).map_err(|_| "the signature is not text")?;
    let signature = SshSignature::parse(armour).map_err(|fault| fault.to_string())?;
    signature.verify_digest(namespace, &signature.hash().digest(statement)).map_err(|fault| fault.to_string())?;
    let json = statement.strip_suffix(b"\n").unwrap_or(statement);
    match strict_json::parse_canonical(json, STATEMENT_BYTES_MAX).map_err(|fault| fault.to_string())? {
        Value::Object(map) => {
            Ok(Signed { map, key: signature.key().clone(), length: line.saturating_add(armour.len()) })
        }
        _ => Err("the statement is not an object".to_owned()),
    }
}

fn stated(signed: &Signed) -> Result<Papers, String> {
    let map = &signed.map;
    exactly(map, &STATED)?;
    if text(map, "format")? != FORMAT {
        return Err(format!("the format is not {FORMAT:?}"));
    }
    side(map, "to")?;
    maybe_texts(map, &["authority", "place", "reason"])?;
    texts(map, "handling")?;
    let mut items = Vec::new();
    for item in objects(map, "items", &ITEM)? {
        let id = text(item, "id")?;
        if id.is_empty() || items.contains(&id) {
            return Err(format!("an item has no number of its own: {id:?}"));
        }
        maybe_texts(item, &["condition", "description", "tree_root", "size"])?;
        texts(item, "seals")?;
        if let Some(Value::String(size)) = item.get("size") {
            count(size)?;
        }
        let digests = item.get("digests").and_then(Value::as_object).ok_or("\"digests\" is not an object")?;
        let hex = |value: &Value| value.as_str().is_some_and(is_hex);
        if !digests.values().chain(item.get("tree_root").filter(|root| !root.is_null())).all(hex) {
            return Err(format!("a digest of item {id:?} is none"));
        }
        items.push(id);
    }
    let files = objects(map, "files", &FILE)?;
    for file in &files {
        count(&text(file, "size")?)?;
        let sha256 = text(file, "sha256")?;
        if sha256.len() != 64 || !is_hex(&sha256) {
            return Err(format!("the SHA-256 of file {:?} is none", text(file, "name")?));
        }
    }
    if items.is_empty() && files.is_empty() {
        return Err("nothing is handed over".to_owned());
    }
    let (id, case, log) = both(signed)?;
    Ok(Papers {
        id,
        case,
        sender: signed.key.clone(),
        log,
        items,
        stated_items: map.get("items").cloned().unwrap_or_default(),
        stated_files: map.get("files").cloned().unwrap_or_default(),
        answer: None,
    })
}

fn answered(signed: &Signed, handover: &str, digest: &str) -> Result<Answer, String> {
    let map = &signed.map;
    exactly(map, &ANSWERED)?;
    if text(map, "format")? != RECEIPT_FORMAT {
        return Err(format!("the format is not {RECEIPT_FORMAT:?}"));
    }
    let (id, case, log) = both(signed)?;
    if id != handover || text(map, "handover_sha256")? != digest {
        return Err("it answers another handover than the one before it".to_owned());
    }
    maybe_texts(map, &["condition", "place", "reason"])?;
    texts(map, "matches")?;
    let mut discrepancies = Vec::new();
    for one in objects(map, "discrepancies", &["concerns", "text"])? {
        maybe_texts(one, &["concerns"])?;
        discrepancies.push(text(one, "text")?);
    }
    let word = text(map, "answer")?;
    let reasoned = map.get("reason").and_then(Value::as_str).is_some_and(|reason| !reason.trim().is_empty());
    match (word.as_str(), discrepancies.is_empty(), reasoned) {
        ("accepted", true, _) | ("accepted-with-discrepancies", false, true) | ("refused", _, true) => {}
        _ => return Err(format!("the answer {word:?} does not fit to its reason and discrepancies")),
    }
    Ok(Answer { key: signed.key.clone(), case, word, log, discrepancies, not_checked: texts(map, "not_checked")? })
}

/// What both sides state: id, case, and the head of their log.
fn both(signed: &Signed) -> Result<(String, String, Head), String> {
    let map = &signed.map;
    let id = text(map, "id")?;
    if id.len() != 32 || !is_hex(&id) {
        return Err("the id is not 32 hexadecimal digits".to_owned());
    }
    if Instant::parse(&text(map, "created")?).is_none() {
        return Err("\"created\" is not RFC 3339 in UTC with whole seconds".to_owned());
    }
    text(map, "tool")?;
    let case = text(map, "case")?;
    let key = side(map, "from")?.ok_or("its signer names no key")?;
    if key != signed.key {
        return Err("it is signed with another key than the one its signer names".to_owned());
    }
    let log = object(map, "log", &["checkpoint", "record"])?;
    let record = log.get("record").and_then(Value::as_u64).filter(|record| *record > 0);
    let record = record.ok_or("the number of the record is not one")?;
    let note = Note::parse(text(log, "checkpoint")?.as_bytes()).map_err(|fault| format!("its checkpoint: {fault}"))?;
    let (head_origin, size, root) = text_of(note.text()).ok_or("its checkpoint is none")?;
    if head_origin != origin(&case) {
        return Err("its checkpoint is that of another case".to_owned());
    }
    note.verify(&[(head_origin.as_str(), &signed.key)]).map_err(|fault| format!("its checkpoint: {fault}"))?;
    if size < record {
        return Err(format!("its checkpoint covers {size} records, and not record {record}"));
    }
    Ok((id, case, Head { record, size, root }))
}

/// A party to the handover; its key, if it names one.
fn side(map: &Map<String, Value>, name: &str) -> Result<Option<PublicKey>, String> {
    let side = object(map, name, &SIDE)?;
    text(side, "name")?;
    maybe_texts(side, &["agency", "role", "key"])?;
    let line = side.get("key").and_then(Value::as_str);
    line.map(|line| PublicKey::parse(line).map_err(|fault| format!("the key of {name:?}: {fault}"))).transpose()
}

fn exactly(map: &Map<String, Value>, members: &[&str]) -> Result<(), String> {
    if let Some(missing) = members.iter().find(|name| !map.contains_key(**name)) {
        return Err(format!("the member {missing:?} is missing"));
    }
    match map.keys().find(|name| !members.contains(&name.as_str())) {
        Some(surplus) => Err(format!("the member {surplus:?} does not belong there")),
        None => Ok(()),
    }
}

fn object<'a>(map: &'a Map<String, Value>, name: &str, members: &[&str]) -> Result<&'a Map<String, Value>, String> {
    let object = map.get(name).and_then(Value::as_object).ok_or_else(|| format!("{name:?} is not an object"))?;
    exactly(object, members).map_err(|text| format!("in {name:?}: {text}"))?;
    Ok(object)
}

fn objects<'a>(
    map: &'a Map<String, Value>,
    name: &str,
    members: &[&str],
) -> Result<Vec<&'a Map<String, Value>>, String> {
    let array = map.get(name).and_then(Value::as_array).ok_or_else(|| format!("{name:?} is not an array"))?;
    let each = array.iter().map(|value| {
        let object = value.as_object().ok_or_else(|| format!("an entry of {name:?} is not an object"))?;
        exactly(object, members).map_err(|text| format!("in {name:?}: {text}")).map(|()| object)
    });
    each.collect()
}

fn text(map: &Map<String, Value>, name: &str) -> Result<String, String> {
    map.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| format!("{name:?} is not a text"))
}

fn texts(map: &Map<String, Value>, name: &str) -> Result<Vec<String>, String> {
    let array = map.get(name).and_then(Value::as_array).ok_or_else(|| format!("{name:?} is not an array"))?;
    let each = array.iter().map(|value| value.as_str().map(str::to_owned));
    each.collect::<Option<_>>().ok_or_else(|| format!("an entry of {name:?} is not a text"))
}

fn maybe_texts(map: &Map<String, Value>, names: &[&str]) -> Result<(), String> {
    let odd = names.iter().find(|name| !matches!(map.get(**name), Some(Value::String(_) | Value::Null)));
    odd.map_or(Ok(()), |name| Err(format!("{name:?} is neither a text nor null")))
}

fn count(text: &str) -> Result<(), String> {
    let plain = text.parse::<u64>().is_ok_and(|number| number.to_string() == text);
    if plain { Ok(()) } else { Err(format!("{text:?} is not a size")) }
}

fn is_hex(text: &str) -> bool {
    let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    digits && !text.is_empty() && text.len().is_multiple_of(2)
}
