//! Authority, scope and vocabulary as files: where they lie, and what is said when one is wrong.

use std::path::{Path, PathBuf};

use exhibit_authority::{DOCUMENT_BYTES_MAX, Document, Review, Syntax, Vocabulary, parse};
use exhibit_evidence::Name;
use serde_json::Value;

use crate::outcome::{Failure, shown};
use crate::world::World;

/// A document of a case: as it is kept, and as it is understood.
#[derive(Debug)]
pub(crate) struct Kept<D> {
    pub(crate) value: Value,
    /// `None` for a text, and where nothing was given.
    pub(crate) document: Option<D>,
}

/// Reads a file that somebody named; nothing is a null.
pub(crate) fn read<D: Document>(path: Option<&Path>) -> Result<Kept<D>, Failure> {
    let Some(path) = path else { return Ok(Kept { value: Value::Null, document: None }) };
    let text = text(path)?;
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase();
    let syntax = match extension.as_str() {
        "txt" | "md" => return Ok(Kept { value: Value::String(text), document: None }),
        "json" => Syntax::Json,
        "toml" => Syntax::Toml,
        _ => Syntax::of(&text),
    };
    match parse::<D>(&text, syntax) {
        Ok(document) => Ok(Kept { value: document.to_value(), document: Some(document) }),
        Err(fault) => foreign::<D>(&text).ok_or_else(|| {
            let hint = format!(
                "every field with words to it: exhibit custody template {}; plain words go into a .txt file",
                D::KIND
            );
            Failure::usage(format!("{}: {fault}", shown(path))).hint(hint)
        }),
    }
}

/// JSON of somebody else's making, without a single field of ours: it is kept as it is, and nothing in it is understood.
fn foreign<D: Document>(text: &str) -> Option<Kept<D>> {
    let value = exhibit_custody::strict_json::parse(text.as_bytes(), text.len()).ok()?;
    let ours = exhibit_authority::schema::<D>();
    let ours = ours.get("properties")?.as_object()?;
    let any_of_ours = value.as_object()?.keys().any(|name| ours.contains_key(name));
    if any_of_ours {
        None
    } else {
        Some(Kept { value: exhibit_custody::canonical::sanitise(value).ok()?, document: None })
    }
}

/// A document as a case keeps it; a text, a null and what an older version kept are none.
pub(crate) fn of_case<D: Document>(value: &Value) -> Option<D> {
    let known = value.get("format").and_then(Value::as_str) == Some(D::FORMAT);
    known.then(|| parse(&value.to_string(), Syntax::Json).ok()).flatten()
}

fn text(path: &Path) -> Result<String, Failure> {
    let bytes = exhibit_device::read_small(path, DOCUMENT_BYTES_MAX).map_err(|e| Failure::io("read", path, &e))?;
    String::from_utf8(bytes).map_err(|_| Failure::usage(format!("{} is not UTF-8 text", shown(path))))
}

/// The folder of a person's own entries of the vocabulary.
fn own_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")))?;
    Some(folder.join("exhibit").join("vocabulary"))
}

/// The vocabulary of the product and what this person added to it, in files ending .json or .toml.
pub(crate) fn vocabulary(world: &World) -> Result<Vocabulary, Failure> {
    let mut vocabulary = Vocabulary::of_the_product();
    let Some(folder) = own_folder().filter(|folder| folder.is_dir()) else { return Ok(vocabulary) };
    let entries = exhibit_device::walk(&folder).map_err(|error| Failure::io("list", &folder, &error))?;
    for entry in entries {
        let wanted = entry.path.extension().is_some_and(|extension| extension == "json" || extension == "toml");
        if !wanted || entry.special.is_some() {
            world.remark(&format!("left out, not .json or .toml: {}", shown(&entry.path)));
            continue;
        }
        let added = vocabulary.add(&text(&entry.path)?);
        added.map_err(|fault| {
            Failure::usage(format!("{}: {fault}", shown(&entry.path)))
                .hint("it has the shape of crates/authority/vocabulary/legal.json; see docs/spec/authority.md")
        })?;
    }
    Ok(vocabulary)
}

/// Says what is missing. It is for a person to judge; nothing waits for it.
pub(crate) fn tell(world: &World, review: &Review) {
    let name = |text: &str| Name::from(text).to_string();
    for missing in &review.missing {
        let asked = missing.asked_by.join(", ");
        world.remark(&format!("not said, asked for by {}: {}", name(&asked), name(&missing.title)));
    }
    for id in &review.unknown {
        world.remark(&format!("not in the vocabulary: {}", name(id)));
    }
    for (id, why) in &review.unconfirmed {
        world.remark(&format!("{}: what it asks for is {why}; check it", name(id)));
    }
}
