//! Java class files (The Java Virtual Machine Specification, chapter 4).
//!
//! ```text
//! 0    CAFEBABE, u16BE minor, u16BE major, u16BE number of constants + 1
//! 10   constants: a tag and what it says; then access, this, super, interfaces
//! fields, methods   access, name, type, attributes; attributes   name, u32BE length, content
//! ```
//!
//! The walk is exact: every count and length leads to the next record, names and types lead to the constants they must
//! lead to. There is no checksum: *consistent*.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::{Progress, Stop};
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};
use crate::window::Window;

const CLASS: FileType = FileType { id: "class", extension: "class" };
/// Attributes within attributes: `Code` holds some, and they hold no more.
const DEPTH_MOST: u32 = 2;
const UTF8: u8 = 1;
const CLASS_TAG: u8 = 7;

/// Java classes.
pub(crate) struct JavaClass;

impl Kind for JavaClass {
    fn id(&self) -> &'static str {
        "class"
    }

    fn types(&self) -> &'static [FileType] {
        &[CLASS]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"\xca\xfe\xba"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        // Majors from 45 (JDK 1.0) on; a fat Mach-O has its number of programs here, which is smaller. Minor 65535 marks
        // classes that use previews.
        head.get(3..8).is_none_or(|version| matches!(version, [0xbe, 0 | 0xff, _, 0, 45..=90]))
            && head.get(10).is_none_or(|tag| matches!(tag, 1 | 3..=12 | 15..=20))
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(CLASS, candidate, budget, |window, progress| {
            let head = window.array::<11>(0)?;
            if !head.starts_with(b"\xca\xfe\xba\xbe") || !self.plausible(&head) {
                return Err(Stop::bad(0, "no class file"));
            }
            let mut walk = Walk { window, at: 8, constants: Vec::new() };
            walk.constants()?;
            progress.level = Level::Header;
            progress.good = walk.at;
            let (fields, methods) = walk.body(progress)?;
            let end = walk.at;
            let reasons = [
                format!(
                    "{} constants, {fields} fields and {methods} methods fill the file exactly",
                    walk.constants.len()
                ),
                "the format has no checksum".to_owned(),
            ];
            Ok(consistent(CLASS, end, reasons))
        })
    }
}

/// A constant: its tag, and for strings whether they read `Code`.
#[derive(Clone, Copy)]
struct Constant {
    tag: u8,
    is_code: bool,
}

struct Walk<'w, 'a> {
    window: &'w mut Window<'a>,
    at: u64,
    /// By index; the first one, and the second half of those that take two places, are none.
    constants: Vec<Constant>,
}

impl Walk<'_, '_> {
    fn u16(&mut self) -> Result<u16, Stop> {
        let value = self.window.u16_be(self.at)?;
        self.at = self.at.saturating_add(2);
        Ok(value)
    }

    /// Reads the constants and looks whether those that lead to others lead to what they must.
    fn constants(&mut self) -> Result<(), Stop> {
        const NONE: Constant = Constant { tag: 0, is_code: false };
        let count = usize::from(self.u16()?);
        self.constants.push(NONE);
        // Index of the constant, index it leads to, and the tag that must be there.
        let mut links: Vec<(u16, u8, u64)> = Vec::new();
        while self.constants.len() < count {
            self.window.budget.pay(1)?;
            let (start, tag) = (self.at, self.window.u8(self.at)?);
            self.at = self.at.saturating_add(1);
            let mut is_code = false;
            let length = match tag {
                UTF8 => {
                    let length = self.u16()?;
                    is_code = self.utf8(length)?;
                    0
                }
                3 | 4 => 4,
                5 | 6 => 8,
                CLASS_TAG | 8 | 16 | 19 | 20 => {
                    links.push((self.window.u16_be(self.at)?, UTF8, start));
                    2
                }
                9..=11 => {
                    links.push((self.window.u16_be(self.at)?, CLASS_TAG, start));
                    links.push((self.window.u16_be(self.at.saturating_add(2))?, 12, start));
                    4
                }
                12 => {
                    links.push((self.window.u16_be(self.at)?, UTF8, start));
                    links.push((self.window.u16_be(self.at.saturating_add(2))?, UTF8, start));
                    4
                }
                15 => 3,
                17 | 18 => {
                    links.push((self.window.u16_be(self.at.saturating_add(2))?, 12, start));
                    4
                }
                _ => return Err(Stop::bad(start, "a constant of a kind that there is not")),
            };
            self.at = self.at.saturating_add(length);
            self.constants.push(Constant { tag, is_code });
            if matches!(tag, 5 | 6) {
                self.constants.push(NONE);
            }
        }
        if self.constants.len() != count {
            return Err(Stop::bad(8, "a number of constants that does not come out even"));
        }
        match links.iter().find(|(to, tag, _)| !self.is(*to, *tag)) {
            Some((_, _, at)) => Err(Stop::bad(*at, "a constant that leads to another kind than it must")),
            None => Ok(()),
        }
    }

    /// Steps over a string in modified UTF-8; whether it reads `Code`.
    fn utf8(&mut self, length: u16) -> Result<bool, Stop> {
        let (start, mut is_text) = (self.at, true);
        let end = start.saturating_add(u64::from(length));
        self.window.each(ByteRange::between(start, end), |bytes| {
            is_text &= bytes.iter().all(|byte| *byte != 0 && *byte < 0xf0);
        })?;
        if !is_text {
            return Err(Stop::bad(start, "a string that is no text"));
        }
        self.at = end;
        Ok(length == 4 && self.window.exact(start, 4)? == b"Code")
    }

    fn is(&self, index: u16, tag: u8) -> bool {
        self.constants.get(usize::from(index)).is_some_and(|constant| constant.tag == tag)
    }

    fn must_be(&mut self, tag: u8, or_none: bool) -> Result<u16, Stop> {
        let (at, index) = (self.at, self.u16()?);
        if self.is(index, tag) || (or_none && index == 0) {
            Ok(index)
        } else {
            Err(Stop::bad(at, "a reference that leads to no such constant"))
        }
    }

    /// Everything behind the constants; the numbers of fields and methods.
    fn body(&mut self, progress: &mut Progress) -> Result<(u16, u16), Stop> {
        self.u16()?;
        self.must_be(CLASS_TAG, false)?;
        // java.lang.Object and modules have no parent.
        self.must_be(CLASS_TAG, true)?;
        for _ in 0..self.u16()? {
            self.must_be(CLASS_TAG, false)?;
        }
        progress.level = Level::Body;
        let fields = self.members(progress)?;
        let methods = self.members(progress)?;
        self.attributes(0)?;
        progress.good = self.at;
        Ok((fields, methods))
    }

    fn members(&mut self, progress: &mut Progress) -> Result<u16, Stop> {
        let count = self.u16()?;
        for _ in 0..count {
            self.u16()?;
            self.must_be(UTF8, false)?;
            self.must_be(UTF8, false)?;
            self.attributes(0)?;
            progress.good = self.at;
        }
        Ok(count)
    }

    fn attributes(&mut self, depth: u32) -> Result<(), Stop> {
        for _ in 0..self.u16()? {
            self.window.budget.pay(1)?;
            let name = self.must_be(UTF8, false)?;
            let length = u64::from(self.window.u32_be(self.at)?);
            self.at = self.at.saturating_add(4);
            let (start, end) = (self.at, self.at.saturating_add(length));
            self.window.readable(ByteRange::between(start, end))?;
            let is_code = self.constants.get(usize::from(name)).is_some_and(|constant| constant.is_code);
            if is_code && depth < DEPTH_MOST {
                self.code(depth)?;
                if self.at != end {
                    return Err(Stop::bad(start, "code of another length than is stated"));
                }
            }
            self.at = end;
        }
        Ok(())
    }

    /// Stack, locals, instructions, handlers, attributes.
    fn code(&mut self, depth: u32) -> Result<(), Stop> {
        let length = u64::from(self.window.u32_be(self.at.saturating_add(4))?);
        self.at = self.at.saturating_add(8).saturating_add(length);
        let handlers = u64::from(self.u16()?);
        self.at = self.at.saturating_add(handlers.saturating_mul(8));
        self.attributes(depth.saturating_add(1))
    }
}
