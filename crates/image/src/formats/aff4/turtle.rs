//! A small, total reader of RDF Turtle: all that AFF4 writers are known to write, and what people add by hand.
//!
//! Read: prefixes and base, names in both forms, texts in all four quotings with types and languages, numbers, truth
//! values, lists with `,` and `;`, blank nodes and their property lists. Not read: collections in parentheses.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::graph::{Graph, Value, property};
use super::layout::{NESTING_MAX, RDF_TYPE, STATEMENTS_MAX, XSD};

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TurtleError {
    /// Position in bytes.
    pub(super) at: u64,
    /// What was expected or found.
    pub(super) text: String,
}

/// Reads a whole text.
pub(super) fn read(bytes: &[u8]) -> Result<Graph, TurtleError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| TurtleError { at: error.valid_up_to() as u64, text: "not UTF-8".to_owned() })?;
    let mut reader = Reader {
        text: text.strip_prefix('\u{feff}').unwrap_or(text),
        at: 0,
        prefixes: HashMap::new(),
        base: String::new(),
        names: HashSet::new(),
        graph: Graph::default(),
        statements: 0,
        blanks: 0,
    };
    while reader.skip() {
        reader.statement()?;
    }
    Ok(reader.graph)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    prefixes: HashMap<String, String>,
    base: String,
    /// Names that come again and again are kept once.
    names: HashSet<Arc<str>>,
    graph: Graph,
    statements: usize,
    blanks: usize,
}

type Read<T> = Result<T, TurtleError>;

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn wrong<T>(&self, text: impl Into<String>) -> Read<T> {
        Err(TurtleError { at: self.at as u64, text: text.into() })
    }

    fn advance(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes).min(self.text.len());
    }

    /// Steps over white space and comments; whether something follows.
    fn skip(&mut self) -> bool {
        loop {
            let rest = self.rest();
            let white = rest.len().saturating_sub(rest.trim_start_matches([' ', '\t', '\r', '\n']).len());
            self.advance(white);
            if !self.rest().starts_with('#') {
                return !self.rest().is_empty();
            }
            let line = self.rest().find('\n').unwrap_or(self.rest().len());
            self.advance(line);
        }
    }

    /// Takes `token` if it comes next.
    fn take(&mut self, token: &str) -> bool {
        let there = self.rest().starts_with(token);
        if there {
            self.advance(token.len());
        }
        there
    }

    /// Takes a word without regard to case, if white space follows it.
    fn word(&mut self, word: &str) -> bool {
        let there = self.rest().get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && self.rest().get(word.len()..).is_some_and(|after| after.starts_with([' ', '\t', '\r', '\n']));
        if there {
            self.advance(word.len());
        }
        there
    }

    fn expect(&mut self, token: &str) -> Read<()> {
        self.skip();
        if self.take(token) { Ok(()) } else { self.wrong(format!("expected {token:?}")) }
    }

    fn statement(&mut self) -> Read<()> {
        let (at_prefix, at_base) = (self.word("@prefix"), self.word("@base"));
        if at_prefix || self.word("prefix") {
            self.skip();
            let Some(name) = self.rest().split_once(':').map(|(name, _)| name.to_owned()) else {
                return self.wrong("expected a prefix");
            };
            if name.len() > 100 || name.contains(char::is_whitespace) {
                return self.wrong("expected a prefix");
            }
            self.advance(name.len().saturating_add(1));
            self.skip();
            let iri = self.iri()?;
            if self.prefixes.len() >= 1000 {
                return self.wrong("more than 1000 prefixes");
            }
            self.prefixes.insert(name, iri);
            return if at_prefix { self.expect(".") } else { Ok(()) };
        }
        if at_base || self.word("base") {
            self.skip();
            self.base = self.iri()?;
            return if at_base { self.expect(".") } else { Ok(()) };
        }
        let subject = match self.take("[") {
            true => self.blank_list(0)?,
            false => self.name()?,
        };
        self.skip();
        if !self.rest().starts_with('.') {
            self.properties(&subject, 0)?;
        }
        self.expect(".")
    }

    /// Properties of `subject` up to, and without, the `.` or `]` that ends them.
    fn properties(&mut self, subject: &str, depth: u32) -> Read<()> {
        let subject = self.intern(subject);
        loop {
            self.skip();
            let name = match self.word("a") {
                true => RDF_TYPE.to_owned(),
                false => self.name()?,
            };
            let name = self.intern(property(&name));
            loop {
                self.skip();
                let value = self.value(depth)?;
                self.statements = self.statements.saturating_add(1);
                if self.statements > STATEMENTS_MAX {
                    return self.wrong(format!("more than {STATEMENTS_MAX} statements"));
                }
                self.graph.add(subject.clone(), name.clone(), value);
                self.skip();
                if !self.take(",") {
                    break;
                }
            }
            let mut more = false;
            while self.take(";") {
                more = true;
                self.skip();
            }
            if !more || self.rest().starts_with(['.', ']']) {
                return Ok(());
            }
        }
    }

    fn value(&mut self, depth: u32) -> Read<Value> {
        let Some(first) = self.rest().chars().next() else { return self.wrong("expected a value") };
        match first {
            '"' | '\'' => self.literal(),
            '+' | '-' | '0'..='9' => self.number(),
            '[' => {
                self.advance(1);
                Ok(Value::Iri(self.blank_list(depth.saturating_add(1))?))
            }
            '(' => self.wrong("collections are not read by this version"),
            _ => {
                for word in ["true", "false"] {
                    let after = self.rest().strip_prefix(word);
                    if after.is_some_and(|after| !after.starts_with(|c: char| c == ':' || is_name_char(c))) {
                        self.advance(word.len());
                        return Ok(self.text_of(word.to_owned(), &format!("{XSD}boolean")));
                    }
                }
                self.name().map(Value::Iri)
            }
        }
    }

    /// What follows a `[`: a nameless subject.
    fn blank_list(&mut self, depth: u32) -> Read<String> {
        if depth > NESTING_MAX {
            return self.wrong(format!("more than {NESTING_MAX} nested brackets"));
        }
        self.blanks = self.blanks.saturating_add(1);
        let name = format!("_:[{}]", self.blanks);
        self.skip();
        if !self.rest().starts_with(']') {
            self.properties(&name, depth)?;
        }
        self.expect("]")?;
        Ok(name)
    }

    /// A name in either form.
    fn name(&mut self) -> Read<String> {
        if self.rest().starts_with('<') {
            return self.iri();
        }
        let rest = self.rest();
        let prefix_bytes = rest.find(|c: char| !is_name_char(c) && c != '.').unwrap_or(rest.len());
        let (prefix, after) = rest.split_at_checked(prefix_bytes).unwrap_or((rest, ""));
        let Some(local) = after.strip_prefix(':') else { return self.wrong("expected a name") };
        let start = self.at;
        self.advance(prefix_bytes.saturating_add(1));
        let local = self.local(local);
        if prefix == "_" {
            return Ok(format!("_:{local}"));
        }
        match self.prefixes.get(prefix) {
            Some(iri) => Ok(format!("{iri}{local}")),
            None => {
                self.at = start;
                self.wrong(format!("unknown prefix {prefix:?}"))
            }
        }
    }

    /// The local part of a prefixed name; a dot at its end ends the statement.
    fn local(&mut self, text: &str) -> String {
        let mut local = String::new();
        let (mut escaped, mut taken) = (false, 0_usize);
        for c in text.chars() {
            match (escaped, c) {
                (false, '\\') => escaped = true,
                (true, c) => {
                    local.push(c);
                    escaped = false;
                }
                (false, c) if is_name_char(c) || matches!(c, '.' | ':' | '%') => local.push(c),
                _ => break,
            }
            taken = taken.saturating_add(c.len_utf8());
        }
        let dots = local.len().saturating_sub(local.trim_end_matches('.').len());
        local.truncate(local.len().saturating_sub(dots));
        self.advance(taken.saturating_sub(dots));
        local
    }

    /// `<…>`, with the base in front of what is no whole name.
    fn iri(&mut self) -> Read<String> {
        let inside = self.rest().strip_prefix('<').and_then(|rest| rest.split_once('>'));
        let Some((raw, _)) = inside else { return self.wrong("expected a name in < >") };
        if raw.contains(['\n', '\r', '<', '"']) {
            return self.wrong("a name is not closed");
        }
        let iri = self.unescaped(raw)?;
        self.advance(raw.len().saturating_add(2));
        Ok(if iri.contains(':') || self.base.is_empty() { iri } else { format!("{}{iri}", self.base) })
    }

    fn literal(&mut self) -> Read<Value> {
        let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| self.rest().starts_with(quote));
        let Some(quote) = quote else { return self.wrong("expected a text") };
        let inside = self.rest().get(quote.len()..).unwrap_or_default();
        let Some(length) = closing(inside, quote) else { return self.wrong("a text is not closed") };
        let raw = inside.get(..length).unwrap_or_default();
        if quote.len() == 1 && raw.contains(['\n', '\r']) {
            return self.wrong("a text is not closed on its line");
        }
        let text = self.unescaped(raw)?;
        self.advance(length.saturating_add(quote.len().saturating_mul(2)));
        if self.take("^^") {
            let kind = self.name()?;
            return Ok(self.text_of(text, &kind));
        }
        if self.rest().starts_with('@') {
            let tag = self.rest().get(1..).unwrap_or_default();
            let length = tag.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(tag.len());
            self.advance(length.saturating_add(1));
        }
        Ok(self.text_of(text, ""))
    }

    fn number(&mut self) -> Read<Value> {
        let rest = self.rest();
        let length = rest.find(|c: char| !matches!(c, '+' | '-' | '.' | 'e' | 'E' | '0'..='9')).unwrap_or(rest.len());
        let number = rest.get(..length).unwrap_or_default().trim_end_matches('.');
        self.advance(number.len());
        let kind = if number.contains(['.', 'e', 'E']) { "decimal" } else { "integer" };
        Ok(self.text_of(number.to_owned(), &format!("{XSD}{kind}")))
    }

    fn text_of(&mut self, text: String, kind: &str) -> Value {
        Value::Text { text, kind: self.intern(kind) }
    }

    fn intern(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return known.clone();
        }
        let new: Arc<str> = name.into();
        self.names.insert(new.clone());
        new
    }

    /// The characters that the escapes in `raw` stand for.
    fn unescaped(&self, raw: &str) -> Read<String> {
        if !raw.contains('\\') {
            return Ok(raw.to_owned());
        }
        let mut out = String::with_capacity(raw.len());
        let mut rest = raw.chars();
        while let Some(c) = rest.next() {
            if c != '\\' {
                out.push(c);
                continue;
            }
            let letter = rest.next();
            let plain = match letter {
                Some('t') => Some('\t'),
                Some('b') => Some('\u{8}'),
                Some('n') => Some('\n'),
                Some('r') => Some('\r'),
                Some('f') => Some('\u{c}'),
                Some(c @ ('"' | '\'' | '\\')) => Some(c),
                Some(u @ ('u' | 'U')) => {
                    let digits: String = rest.by_ref().take(if u == 'u' { 4 } else { 8 }).collect();
                    u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
                }
                _ => None,
            };
            match plain {
                Some(c) => out.push(c),
                None => return self.wrong("an escape that does not exist"),
            }
        }
        Ok(out)
    }
}

/// Where `quote` ends a text, escaped quotes stepped over.
fn closing(text: &str, quote: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0_usize;
    loop {
        match bytes.get(at)? {
            b'\\' => at = at.saturating_add(2),
            _ if bytes.get(at..)?.starts_with(quote.as_bytes()) => return Some(at),
            _ => at = at.saturating_add(1),
        }
    }
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-') || (!c.is_ascii() && !c.is_whitespace())
}

/// A text as we write it.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(2));
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r#"@prefix : <aff4://vol> .
@prefix aff4: <http://aff4.org/Schema#> . # a comment
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

:       a aff4:ZipVolume ; aff4:contains <aff4://a> , <aff4://b> ; .
<aff4://a> a aff4:Map , aff4:Image;
    aff4:size "12"^^xsd:long ; aff4:stored : ; aff4:blockSize 512 ; aff4:ready true ;
    aff4:notes "one \"two\"\n\u00e9" , """three
lines""" , 'four'@en-GB ; aff4:child [ aff4:size -3.5 ; a aff4:Folder ] , _:x .
_:x aff4:notes "".
"#;

    #[test]
    fn the_forms_that_writers_use_are_read() {
        let graph = read(SAMPLE.as_bytes()).unwrap();
        assert!(graph.is_a("aff4://vol", "ZipVolume") && graph.is_a("aff4://a", "Image"));
        assert_eq!(graph.all("aff4://vol", "contains").filter_map(Value::iri).count(), 2);
        assert_eq!((graph.number("aff4://a", "size"), graph.iri("aff4://a", "stored")), (Some(12), Some("aff4://vol")));
        assert_eq!((graph.number("aff4://a", "blockSize"), graph.text("aff4://a", "ready")), (Some(512), Some("true")));
        let notes: Vec<_> = graph.all("aff4://a", "notes").filter_map(Value::text).collect();
        assert_eq!(notes, ["one \"two\"\né", "three\nlines", "four"]);
        assert_eq!(graph.of_type("Folder").collect::<Vec<_>>(), ["_:[1]"]);
        assert_eq!(graph.text("_:[1]", "size"), Some("-3.5"));
        assert_eq!(graph.text("_:x", "notes"), Some(""));
    }

    #[test]
    fn a_text_cut_anywhere_or_with_any_byte_changed_is_read_or_refused() {
        for length in 0..SAMPLE.len() {
            let _ = read(&SAMPLE.as_bytes()[..length]);
        }
        for at in 0..SAMPLE.len() {
            for flip in [1, 0x20, 0x80, 0xff] {
                let mut bytes = SAMPLE.as_bytes().to_vec();
                bytes[at] ^= flip;
                if let Err(error) = read(&bytes) {
                    assert!(error.at <= bytes.len() as u64, "{error:?}");
                }
            }
        }
        assert_eq!(read(b"<a> <b> \"c").unwrap_err().at, 8);
        assert!(read(b"x:y <b> 1 .").unwrap_err().text.contains("unknown prefix"));
        let deep = format!("<a> <b> {}", "[ <b> ".repeat(100));
        assert!(read(deep.as_bytes()).unwrap_err().text.contains("nested"));
    }

    #[test]
    fn what_we_quote_is_read_as_it_was() {
        for text in ["", "plain", "a\"b\\c\nd\te\r", "\u{1}\u{7f}é漢", "'''"] {
            let turtle = format!("<a> <b> {} .", quoted(text));
            assert_eq!(read(turtle.as_bytes()).unwrap().text("a", "b"), Some(text));
        }
    }
}
