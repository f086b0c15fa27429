//! `gallery.html`: the recovered pictures on one page, small, so that people can look instead of read.
//!
//! The page is hostile ground: the pictures come from the evidence. So none of their bytes reaches the browser. Each is decoded
//! and drawn anew as a small JPEG that lies in the page itself; text is escaped; there is no script, no link, and a policy
//! that forbids the browser to load or run anything else.

mod thumbnail;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exhibit_evidence::{ByteRange, Segment, Source, Store};
use sha2::{Digest, Sha256};

use crate::budget::MemoryPool;
use crate::error::CarveError;
use crate::object::Record;
use crate::reading;
use thumbnail::Thumbnail;

/// Name of the page in the store.
pub(crate) const NAME: &str = "gallery.html";
/// Pictures on the page; further ones are counted. A browser copes with some 30 MiB.
const PICTURES_MAX: u64 = 5000;
/// Largest picture that is decoded for the page, in bytes.
const FILE_BYTES_MAX: u64 = 16 << 20;
/// Memory of all files that are drawn at the same time, in bytes, and of what their decoders make of them: one picture of
/// the largest size, or several smaller ones.
const FILES_MEMORY_BYTES: u64 = 64 << 20;
const PIXELS_MEMORY_BYTES: u64 = thumbnail::PIXELS_MAX * thumbnail::BYTES_PER_PIXEL;

const STYLE: &str = include_str!("gallery/style.css");

/// What a picture has on the page.
pub(crate) enum Drawn {
    Shown(Thumbnail),
    /// Why it is not shown.
    NotShown(&'static str),
}

/// Draws thumbnails; shared by the threads that write.
pub(crate) struct Artist {
    files: MemoryPool,
    pixels: MemoryPool,
}

impl Artist {
    pub(crate) fn new() -> Self {
        Self {
            files: MemoryPool::new(FILES_MEMORY_BYTES, FILE_BYTES_MAX),
            pixels: MemoryPool::new(PIXELS_MEMORY_BYTES, PIXELS_MEMORY_BYTES),
        }
    }

    /// Draws the picture that `record` describes; `None` if it is no picture, or was not written.
    pub(crate) fn draw(&self, source: &dyn Source, record: &Record) -> Option<Drawn> {
        if record.path.is_none() || !thumbnail::draws(record.file_type) {
            return None;
        }
        // Who holds pixels never waits for a file: so nobody waits for somebody who waits.
        let Some(_held) = self.files.take(record.size) else { return Some(Drawn::NotShown("its file is too large")) };
        Some(match file(source, &record.extents) {
            Some(file) => {
                let room = |bytes: u64| self.pixels.take(bytes);
                thumbnail::draw(record.file_type, &file, room).map_or_else(Drawn::NotShown, Drawn::Shown)
            }
            None => Drawn::NotShown("it could not be read again"),
        })
    }
}

/// All bytes of a file.
fn file(source: &dyn Source, extents: &[ByteRange]) -> Option<Vec<u8>> {
    let mut file = Vec::new();
    for extent in extents {
        let from = file.len();
        file.resize(from.checked_add(usize::try_from(extent.length).ok()?)?, 0);
        let rest = file.get_mut(from..)?;
        let good = reading::fill(source, extent.offset, rest).ok()?;
        if good < rest.len() {
            return None;
        }
    }
    Some(file)
}

/// The page being written.
pub(crate) struct Gallery {
    page: Box<dyn Segment>,
    shown: u64,
    not_shown: u64,
    left_out: u64,
}

impl Gallery {
    pub(crate) fn begin(store: &dyn Store, tool: &str) -> Result<Self, CarveError> {
        let mut page = store.create(NAME)?;
        let style = STANDARD.encode(Sha256::digest(STYLE));
        page.append(
            format!(
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
                 <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; \
                 style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'\">\n\
                 <meta name=\"referrer\" content=\"no-referrer\">\n\
                 <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
                 <title>Recovered pictures</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n\
                 <h1>Recovered pictures</h1>\n\
                 <p>Small copies, drawn anew, to find one's way. What counts are the files themselves and their lines in \
                 carved.jsonl. Under each picture: where it lies in this folder, its size, and how well it is known.</p>\n\
                 <p>Proven: checksums or a complete decode vouch for all of it. Consistent: its structure holds to the \
                 end. Partial: good up to a point. Made by {}.</p>\n</header>\n<main>\n",
                escaped(tool)
            )
            .as_bytes(),
        )?;
        Ok(Self { page, shown: 0, not_shown: 0, left_out: 0 })
    }

    /// Puts a picture on the page.
    pub(crate) fn add(&mut self, record: &Record, drawn: Drawn) -> Result<(), CarveError> {
        if self.shown.saturating_add(self.not_shown) >= PICTURES_MAX {
            self.left_out = self.left_out.saturating_add(1);
            return Ok(());
        }
        let path = escaped(record.path.as_deref().unwrap_or_default());
        let (picture, size) = match drawn {
            Drawn::Shown(Thumbnail { jpeg, width, height }) => {
                self.shown = self.shown.saturating_add(1);
                let data = STANDARD.encode(jpeg);
                let picture = format!(
                    "<img loading=\"lazy\" decoding=\"async\" alt=\"{path}\" src=\"data:image/jpeg;base64,{data}\">"
                );
                (picture, format!("{width} × {height} pixels, "))
            }
            Drawn::NotShown(why) => {
                self.not_shown = self.not_shown.saturating_add(1);
                (format!("<span class=\"none\">not shown: {}</span>", escaped(why)), String::new())
            }
        };
        let class = record.class.id();
        let parent = record
            .parent
            .as_deref()
            .map_or_else(String::new, |parent| format!("<br>in <code>{}</code>", escaped(parent)));
        let pieces = match record.extents.len() {
            0 | 1 => String::new(),
            count => format!("<br>put together from {count} pieces"),
        };
        self.page.append(
            format!(
                "<figure class=\"{class}\"><div class=\"picture\">{picture}</div><figcaption><code>{path}</code><br>\
                 {size}{} bytes<br><span class=\"class\">{class}</span>{pieces}{parent}</figcaption></figure>\n",
                record.size
            )
            .as_bytes(),
        )?;
        Ok(())
    }

    /// Ends the page.
    pub(crate) fn end(mut self) -> Result<(), CarveError> {
        let Self { shown, not_shown, left_out, .. } = self;
        let more = match left_out {
            0 => String::new(),
            _ => format!(" {left_out} more are in carved.jsonl only: the page ends at {PICTURES_MAX}."),
        };
        let text = format!(
            "</main>\n<footer>\n<p>{shown} pictures shown, {not_shown} not shown.{more} Drawn are JPEG, PNG, GIF and WebP \
             files that were written.</p>\n</footer>\n</body>\n</html>\n"
        );
        self.page.append(text.as_bytes())?;
        self.page.seal()?;
        Ok(())
    }
}

/// Text for a page: nothing in it is markup, ends an attribute, or moves the cursor.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter if letter.is_control() => safe.push('\u{fffd}'),
            // Marks that turn the direction of writing.
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => safe.push('\u{fffd}'),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hostile_stays_markup() {
        assert_eq!(
            escaped("<img src=x onerror='a'>\"&\u{202e}\n"),
            "&lt;img src=x onerror=&#39;a&#39;&gt;&quot;&amp;\u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn the_style_cannot_end_its_element() {
        assert!(!STYLE.contains('<') && !STYLE.contains("url("));
    }
}
