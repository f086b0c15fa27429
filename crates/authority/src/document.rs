//! From the text of a file to a checked document, and to its schema and template.

use exhibit_evidence::Name;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Largest file, in bytes: 1 MiB. A scanned order does not belong here, its text does.
pub const DOCUMENT_BYTES_MAX: u64 = 1 << 20;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// TOML 1.1.
    Toml,
    /// JSON.
    Json,
}

impl Syntax {
    /// JSON begins with a brace; everything else is taken as TOML.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text.trim_start().starts_with('{') { Self::Json } else { Self::Toml }
    }
}

/// A kind of document.
pub trait Document: DeserializeOwned + Serialize + JsonSchema {
    /// What it is called.
    const KIND: &'static str;
    /// The value of its member `format`.
    const FORMAT: &'static str;
    /// An empty one with words to every field, in TOML.
    const TEMPLATE: &'static str;

    /// Two fields that cannot both be: the name of one, and why.
    fn contradiction(&self) -> Option<(&'static str, String)>;

    /// The document as it is kept: with its format.
    fn to_value(&self) -> Value {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(map) = &mut value {
            map.insert("format".to_owned(), Self::FORMAT.into());
        }
        value
    }
}

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct DocumentFault {
    /// Line, from 1; `None` if that is not known.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    /// The field, as `offence.provisions[0]`; empty if it is not about one.
    pub field: String,
    /// What is wrong, in words; text from the file is escaped.
    pub text: String,
}

impl std::fmt::Display for DocumentFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}")?;
            if let Some(column) = self.column {
                write!(f, ", column {column}")?;
            }
            f.write_str(": ")?;
        }
        if !self.field.is_empty() {
            write!(f, "field {}: ", Name::from(self.field.as_str()))?;
        }
        f.write_str(&self.text)
    }
}

/// Reads a document.
///
/// # Errors
/// A [`DocumentFault`] with line and field.
pub fn parse<D: Document>(text: &str, syntax: Syntax) -> Result<D, DocumentFault> {
    if text.len() as u64 > DOCUMENT_BYTES_MAX {
        let text = format!("longer than {DOCUMENT_BYTES_MAX} bytes");
        return Err(DocumentFault { line: None, column: None, field: String::new(), text });
    }
    let document: D = match syntax {
        Syntax::Toml => from_toml(text)?,
        Syntax::Json => from_json(text)?,
    };
    match document.contradiction() {
        None => Ok(document),
        Some((field, why)) => {
            let line = line_of_field(text, field);
            Err(DocumentFault { line, column: None, field: field.to_owned(), text: why })
        }
    }
}

fn from_toml<D: Document>(text: &str) -> Result<D, DocumentFault> {
    let place = |offset: Option<usize>| {
        let before = offset.and_then(|offset| text.get(..offset.min(text.len())))?;
        let line = before.matches('\n').count().saturating_add(1);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
        Some((line, column))
    };
    let fault = |span: Option<std::ops::Range<usize>>, field: String, message: &str| {
        let place = place(span.map(|span| span.start));
        let text = shown(message);
        DocumentFault { line: place.map(|(line, _)| line), column: place.map(|(_, column)| column), field, text }
    };
    let reader =
        toml::de::Deserializer::parse(text).map_err(|error| fault(error.span(), String::new(), error.message()))?;
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let field = field_of(&error.path().to_string(), error.inner().message());
        fault(error.inner().span(), field, error.inner().message())
    })
}

fn from_json<D: Document>(text: &str) -> Result<D, DocumentFault> {
    let fault = |error: &serde_json::Error, field: String| {
        let said = error.to_string();
        let (line, column) = (error.line(), error.column());
        let said = said.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&said);
        let known = line > 0;
        DocumentFault { line: known.then_some(line), column: known.then_some(column), field, text: shown(said) }
    };
    let mut reader = serde_json::Deserializer::from_str(text);
    let document = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = field_of(&error.path().to_string(), &error.inner().to_string());
        fault(error.inner(), field)
    })?;
    reader.end().map_err(|error| fault(&error, String::new()))?;
    Ok(document)
}

/// The path of a field; for one that is not known or stands twice, with its name.
fn field_of(path: &str, message: &str) -> String {
    let path = if path == "." { "" } else { path };
    let named = message.strip_prefix("unknown field `").or_else(|| message.strip_prefix("duplicate field `"));
    match named.and_then(|rest| rest.split('`').next()) {
        Some(name) if path.rsplit('.').next() != Some(name) => {
            let dot = if path.is_empty() { "" } else { "." };
            format!("{path}{dot}{name}")
        }
        _ => path.to_owned(),
    }
}

/// A message of a reader: one line, escaped, and not endless.
fn shown(message: &str) -> String {
    const SHOWN_CHARS: usize = 600;
    let line: String = message.trim().chars().map(|c| if c == '\n' { ' ' } else { c }).take(SHOWN_CHARS).collect();
    Name::from(line.as_str()).to_string()
}

/// The first line that sets a field of that name.
fn line_of_field(text: &str, field: &str) -> Option<usize> {
    let sets = |line: &str| {
        let line = line.trim_start().trim_start_matches(['{', ',', ' ']);
        let rest = line.strip_prefix(field).or_else(|| line.strip_prefix(&format!("\"{field}\"")));
        rest.is_some_and(|rest| rest.trim_start().starts_with(['=', ':']))
    };
    text.lines().position(sets).map(|at| at.saturating_add(1))
}

/// The JSON Schema of a kind of document.
#[must_use]
pub fn schema<D: Document>() -> Value {
    let mut value = schemars::schema_for!(D).to_value();
    if let Value::Object(map) = &mut value {
        map.insert("title".to_owned(), D::FORMAT.into());
    }
    value
}

/// An empty document in TOML, with words to every field.
#[must_use]
pub const fn template<D: Document>() -> &'static str {
    D::TEMPLATE
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Authority, Scope};

    #[test]
    fn the_templates_are_documents_with_every_field_named() {
        parse::<Authority>(template::<Authority>(), Syntax::Toml).unwrap();
        parse::<Scope>(template::<Scope>(), Syntax::Toml).unwrap();
        for (schema, template) in
            [(schema::<Authority>(), template::<Authority>()), (schema::<Scope>(), template::<Scope>())]
        {
            for field in schema["properties"].as_object().unwrap().keys().filter(|field| *field != "format") {
                assert!(template.contains(field.as_str()), "{field} is not in the template");
            }
        }
        // With every example in force it is one, too.
        let full: String = template::<Authority>()
            .lines()
            .map(|line| line.strip_prefix("#: ").unwrap_or(line).to_owned() + "\n")
            .collect();
        let full = parse::<Authority>(&full, Syntax::Toml).unwrap();
        assert!(full.offence.is_some() && full.other.len() == 1, "{full:?}");
        let again = parse::<Authority>(&full.to_value().to_string(), Syntax::Json).unwrap();
        assert_eq!(again.to_value(), full.to_value());
        let full: String = template::<Scope>()
            .lines()
            .map(|line| line.strip_prefix("#: ").unwrap_or(line).to_owned() + "\n")
            .collect();
        assert!(parse::<Scope>(&full, Syntax::Toml).unwrap().exclusions[0].privileged);
    }

    #[test]
    fn errors_name_line_and_field() {
        for (text, line, field) in [
            ("reference = \"a\"\nreferense = \"b\"\n", 2, "referense"),
            ("[offence]\ndescription = \"x\"\nprovisions = [\"a\",\n 7]\n", 4, "offence.provisions[1]"),
            ("issued = \"soon\"\n", 1, "issued"),
            ("\nissuing_body = { name = \"\" }\n", 2, "issuing_body.name"),
            ("handling = [\"TLP:WHITE\"]\n", 1, "handling[0]"),
            ("instruments = [\"Budapest\"]\n", 1, "instruments[0]"),
            ("issued = 2026-11-23\n\nvalid_until = 2026-11-22\n", 3, "valid_until"),
            ("a = \n", 1, ""),
            ("format = \"exhibit-authority/2\"\n", 1, "format"),
        ] {
            let fault = parse::<Authority>(text, Syntax::Toml).unwrap_err();
            assert_eq!((fault.line, fault.field.as_str()), (Some(line), field), "{text}: {fault}");
        }
        for (text, line, field) in [
            ("{\n \"reference\": 7}", 2, "reference"),
            ("{\n \"referense\": \"7\"}", 2, "referense"),
            ("{\"offence\":\n {\"provisions\": [\"a\", 7]}}", 2, "offence.provisions[1]"),
            ("{\"reference\": \"a\",\n \"reference\": \"b\"}", 2, "reference"),
            ("{} x", 1, ""),
            ("{\"issued\": \"2026-11-23\",\n\"deadline\": \"2026-11-22\"}", 2, "deadline"),
        ] {
            let fault = parse::<Authority>(text, Syntax::of(text)).unwrap_err();
            assert_eq!((fault.line, fault.field.as_str()), (Some(line), field), "{text}: {fault}");
        }
        let fault = parse::<Scope>("[time]\nfrom = 2026-11-23\nuntil = 2026-11-22\n", Syntax::Toml).unwrap_err();
        assert_eq!((fault.line, fault.field.as_str()), (Some(3), "until"), "{fault}");
    }

    #[test]
    fn dates_of_toml_may_stand_without_quotes() {
        for date in ["2026-11-23", "2026-11-23T09:58:00+01:00", "2026-11-23T09:58:00Z", "2026-11-23 09:58:00Z"] {
            assert!(parse::<Authority>(&format!("issued = {date}\n"), Syntax::Toml).is_ok(), "{date}");
        }
        for date in ["2026-11-23T09:58:00", "09:58:00", "2026-11-23T09:58:00.5Z", "7"] {
            let fault = parse::<Authority>(&format!("issued = {date}\n"), Syntax::Toml).unwrap_err();
            assert_eq!((fault.line, fault.field.as_str()), (Some(1), "issued"), "{date}: {fault}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_document_or_a_fault(text in r#"[\[\]{}"=,.\n:a-f0-9 -]{0,60}"#) {
            for syntax in [Syntax::Toml, Syntax::Json] {
                if let Ok(document) = parse::<Scope>(&text, syntax) {
                    let again = parse::<Scope>(&document.to_value().to_string(), Syntax::Json);
                    prop_assert_eq!(again.unwrap().to_value(), document.to_value());
                }
            }
        }
    }
}
