//! PDF objects, as far as the carver needs them: numbers, names, arrays, dictionaries, keywords (ISO 32000-2, 7.2 and 7.3).

use crate::stop::Stop;
use crate::window::Window;

/// Longest string that is read, in bytes. Other readers stop at 32 KiB to some MiB; without a bound one open bracket in
/// unallocated space is read to the end of the medium.
const TEXT_BYTES_MAX: u64 = 4 << 20;

/// Nesting deeper than this is no document.
const DEPTH_MOST: u32 = 64;
/// Values kept per object; further ones are read over.
const VALUES_MOST: usize = 4096;
/// Bytes of a name or keyword that are kept.
const WORD_MOST: usize = 64;

/// A value. Strings are read over and not kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// A whole number; a real number keeps its whole part.
    Number(i64),
    Name(Vec<u8>),
    Array(Vec<Value>),
    Dictionary(Dictionary),
    /// `n g R`.
    Reference,
    /// A string, `true`, `false`, `null`, or a keyword such as `endobj`.
    Other(Vec<u8>),
}

/// A dictionary: names and values in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Dictionary(Vec<(Vec<u8>, Value)>);

impl Dictionary {
    pub(super) fn get(&self, name: &[u8]) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// A number that is not negative.
    pub(super) fn number(&self, name: &[u8]) -> Option<u64> {
        match self.get(name)? {
            Value::Number(number) => u64::try_from(*number).ok(),
            _ => None,
        }
    }

    pub(super) fn has_name(&self, key: &[u8], name: &[u8]) -> bool {
        matches!(self.get(key), Some(Value::Name(known)) if known == name)
    }

    /// The numbers of an array; `None` if it is not an array of numbers only.
    pub(super) fn numbers(&self, name: &[u8]) -> Option<Vec<u64>> {
        let Value::Array(values) = self.get(name)? else { return None };
        values.iter().map(|value| if let Value::Number(n) = value { u64::try_from(*n).ok() } else { None }).collect()
    }

    /// The filters in order; empty if there is none.
    pub(super) fn filters(&self) -> Vec<&[u8]> {
        match self.get(b"Filter") {
            Some(Value::Array(values)) => values.iter().filter_map(name).collect(),
            Some(value) => name(value).into_iter().collect(),
            None => Vec::new(),
        }
    }
}

/// The bytes of a name.
fn name(value: &Value) -> Option<&[u8]> {
    if let Value::Name(name) = value { Some(name) } else { None }
}

/// Reads tokens and values from a window.
pub(super) struct Reader<'w, 'a> {
    pub(super) window: &'w mut Window<'a>,
    pub(super) at: u64,
    kept: usize,
}

enum Token {
    Number(i64),
    Name(Vec<u8>),
    Word(Vec<u8>),
    Text,
    OpenArray,
    CloseArray,
    OpenDictionary,
    CloseDictionary,
}

/// White space of PDF.
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

impl<'w, 'a> Reader<'w, 'a> {
    pub(super) fn new(window: &'w mut Window<'a>, at: u64) -> Self {
        Self { window, at, kept: 0 }
    }

    /// Skips white space, but no comments.
    pub(super) fn skip_space(&mut self) -> Result<(), Stop> {
        while is_space(self.window.u8(self.at)?) {
            self.step()?;
        }
        Ok(())
    }

    /// One value. A keyword, `]` or `>>` in its place is an error.
    pub(super) fn value(&mut self) -> Result<Value, Stop> {
        self.value_in(0)
    }

    /// A whole number of digits only.
    pub(super) fn plain_number(&mut self) -> Result<u64, Stop> {
        self.skip_space()?;
        let from = self.at;
        match self.token()? {
            Token::Number(number) => u64::try_from(number).map_err(|_| Stop::bad(from, "a negative number")),
            _ => Err(Stop::bad(from, "no number where one is due")),
        }
    }

    /// The keyword `word`.
    pub(super) fn keyword(&mut self, word: &[u8]) -> Result<(), Stop> {
        let from = self.at;
        match self.token()? {
            Token::Word(found) if found == word => Ok(()),
            _ => Err(Stop::bad(from, format!("no {} where it is due", String::from_utf8_lossy(word)))),
        }
    }

    fn value_in(&mut self, depth: u32) -> Result<Value, Stop> {
        let from = self.at;
        if depth > DEPTH_MOST {
            return Err(Stop::bad(from, "values nested too deeply"));
        }
        match self.token()? {
            Token::Number(number) => Ok(Value::Number(number)),
            Token::Name(name) => Ok(Value::Name(name)),
            Token::Word(word) => Ok(Value::Other(word)),
            Token::Text => Ok(Value::Other(Vec::new())),
            Token::OpenArray => self.array(depth),
            Token::OpenDictionary => self.dictionary(depth),
            Token::CloseArray | Token::CloseDictionary => Err(Stop::bad(from, "an end of what did not begin")),
        }
    }

    fn array(&mut self, depth: u32) -> Result<Value, Stop> {
        let mut values = Vec::new();
        loop {
            self.skip_space_and_comments()?;
            if self.window.u8(self.at)? == b']' {
                self.step()?;
                return Ok(Value::Array(values));
            }
            let value = self.value_in(depth.saturating_add(1))?;
            self.refuse_keyword(&value)?;
            if fold_reference(&value, &mut values) || self.kept >= VALUES_MOST {
                continue;
            }
            self.kept = self.kept.saturating_add(1);
            values.push(value);
        }
    }

    fn dictionary(&mut self, depth: u32) -> Result<Value, Stop> {
        let mut dictionary = Dictionary::default();
        loop {
            let from = self.at;
            let name = match self.token()? {
                Token::CloseDictionary => return Ok(Value::Dictionary(dictionary)),
                Token::Name(name) => name,
                _ => return Err(Stop::bad(from, "no name where a dictionary needs one")),
            };
            let value = self.entry_value(depth)?;
            self.refuse_keyword(&value)?;
            if self.kept < VALUES_MOST {
                self.kept = self.kept.saturating_add(1);
                dictionary.0.push((name, value));
            }
        }
    }

    /// The value of a dictionary entry: `n g R` needs a look ahead.
    fn entry_value(&mut self, depth: u32) -> Result<Value, Stop> {
        let value = self.value_in(depth.saturating_add(1))?;
        if !matches!(value, Value::Number(_)) {
            return Ok(value);
        }
        let after = self.at;
        if let Ok(Token::Number(_)) = self.token()
            && let Ok(Token::Word(word)) = self.token()
            && word == b"R"
        {
            return Ok(Value::Reference);
        }
        self.at = after;
        Ok(value)
    }

    /// Keywords that end objects cannot stand inside a value: it was not closed.
    fn refuse_keyword(&self, value: &Value) -> Result<(), Stop> {
        match value {
            Value::Other(word)
                if matches!(word.as_slice(), b"endobj" | b"obj" | b"stream" | b"endstream" | b"xref") =>
            {
                Err(Stop::bad(self.at, "an object ends inside an array or a dictionary"))
            }
            _ => Ok(()),
        }
    }

    fn skip_space_and_comments(&mut self) -> Result<(), Stop> {
        loop {
            self.skip_space()?;
            if self.window.u8(self.at)? != b'%' {
                return Ok(());
            }
            while !matches!(self.window.u8(self.at)?, b'\r' | b'\n') {
                self.step()?;
            }
        }
    }

    fn token(&mut self) -> Result<Token, Stop> {
        self.skip_space_and_comments()?;
        let from = self.at;
        let byte = self.window.u8(self.at)?;
        self.step()?;
        match byte {
            b'/' => Ok(Token::Name(self.word()?)),
            b'[' => Ok(Token::OpenArray),
            b']' => Ok(Token::CloseArray),
            b'(' => self.text(),
            b'<' if self.window.u8(self.at)? == b'<' => {
                self.step()?;
                Ok(Token::OpenDictionary)
            }
            b'<' => self.hexadecimal(),
            b'>' if self.window.u8(self.at)? == b'>' => {
                self.step()?;
                Ok(Token::CloseDictionary)
            }
            b'+' | b'-' | b'.' | b'0'..=b'9' => {
                self.at = from;
                let word = self.word()?;
                number(&word).map(Token::Number).ok_or_else(|| Stop::bad(from, "not a number"))
            }
            byte if byte.is_ascii_alphabetic() => {
                self.at = from;
                Ok(Token::Word(self.word()?))
            }
            _ => Err(Stop::bad(from, format!("byte 0x{byte:02x} begins no value"))),
        }
    }

    /// Regular characters up to white space or a delimiter.
    fn word(&mut self) -> Result<Vec<u8>, Stop> {
        let mut word = Vec::new();
        loop {
            let byte = self.window.u8(self.at)?;
            if is_space(byte) || is_delimiter(byte) {
                return Ok(word);
            }
            if word.len() >= WORD_MOST.saturating_mul(16) {
                return Err(Stop::bad(self.at, "a name without end"));
            }
            word.push(byte);
            self.step()?;
        }
    }

    fn text(&mut self) -> Result<Token, Stop> {
        let start = self.at;
        let mut depth = 1_u32;
        while depth > 0 {
            if self.at.saturating_sub(start) > TEXT_BYTES_MAX {
                return Err(Stop::bad(start, "a string without an end"));
            }
            match self.window.u8(self.at)? {
                b'(' => depth = depth.saturating_add(1),
                b')' => depth = depth.saturating_sub(1),
                b'\\' => self.step()?,
                _ => {}
            }
            self.step()?;
        }
        Ok(Token::Text)
    }

    fn hexadecimal(&mut self) -> Result<Token, Stop> {
        let start = self.at;
        loop {
            if self.at.saturating_sub(start) > TEXT_BYTES_MAX {
                return Err(Stop::bad(start, "a string without an end"));
            }
            let byte = self.window.u8(self.at)?;
            self.step()?;
            match byte {
                b'>' => return Ok(Token::Text),
                byte if byte.is_ascii_hexdigit() || is_space(byte) => {}
                _ => return Err(Stop::bad(self.at, "not a hexadecimal digit")),
            }
        }
    }

    fn step(&mut self) -> Result<(), Stop> {
        self.window.budget.pay(1)?;
        self.at = self.at.saturating_add(1);
        Ok(())
    }
}

/// Turns `n g` before an `R` into a reference; whether `value` was that `R`.
fn fold_reference(value: &Value, values: &mut Vec<Value>) -> bool {
    let is_reference = matches!(value, Value::Other(word) if word == b"R");
    if is_reference {
        values.pop();
        values.pop();
        values.push(Value::Reference);
    }
    is_reference
}

/// The whole part of a number; `None` if it is none.
fn number(word: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(word).ok()?;
    let whole = text.split('.').next()?;
    let digits = whole.trim_start_matches(['+', '-']);
    if !text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.')) {
        return None;
    }
    let size: i64 = if digits.is_empty() { 0 } else { digits.parse().unwrap_or(i64::MAX) };
    Some(if whole.starts_with('-') { size.saturating_neg() } else { size })
}
