//! What can be planted: one file per plant, one line per plant in [`PLANTS`].

use exhibit_evidence::ByteRange;

use crate::Random;

mod binary;
mod bits_of_everything;
mod bplist;
mod bz2;
mod class;
mod dex;
mod docx;
mod eml;
mod flac;
mod gif;
mod gif_animated;
mod html;
mod jpeg;
mod jpeg_exif;
mod jpeg_restart;
mod macho;
mod mp3;
mod odt;
mod pcap;
mod pcapng;
mod pdf;
mod pdf_updated;
mod png;
mod sqlite;
mod sqlite_journal;
mod sqlite_wal;
mod svg;
mod text;
mod text_with_bait;
mod xml;
mod xz;
mod zip;
mod zip_of_pictures;

/// A kind of file that can be made from random numbers.
pub trait Plant: Sync {
    /// Lower-case id, unique in [`PLANTS`]; the name of its source file, with `-` for `_`.
    fn id(&self) -> &'static str;

    /// What the file is, in the carver's words: several plants may be of one kind.
    fn kind(&self) -> &'static str {
        self.id()
    }

    /// Extension of its file name, without the dot.
    fn extension(&self) -> &'static str;

    /// Whether the bytes alone tell where such a file starts and ends.
    fn has_signature(&self) -> bool {
        true
    }

    /// Makes one of about `size_bytes` bytes (within a factor of two or so; compression is not predicted).
    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown;
}

/// A file that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grown {
    /// The file.
    pub bytes: Vec<u8>,
    /// What the truth should tell about its inside.
    pub parts: Vec<Part>,
    /// One sentence about what is special, or empty.
    pub note: String,
}

impl Grown {
    /// A file with nothing special inside.
    #[must_use]
    pub const fn plain(bytes: Vec<u8>) -> Self {
        Self { bytes, parts: Vec::new(), note: String::new() }
    }
}

/// Something inside a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Kind of file it is, or looks like.
    pub kind: &'static str,
    /// Where in the file it lies, in bytes.
    pub range: ByteRange,
    /// Whether it only looks like one: a header without a file.
    pub bait: bool,
    /// One sentence.
    pub note: &'static str,
}

/// Every plant.
pub static PLANTS: &[&dyn Plant] = &[
    &jpeg::Jpeg,
    &jpeg_exif::JpegExif,
    &jpeg_restart::JpegRestart,
    &png::Png,
    &gif::Gif,
    &gif_animated::GifAnimated,
    &pdf::Pdf,
    &pdf_updated::PdfUpdated,
    &zip::Zip,
    &zip_of_pictures::ZipOfPictures,
    &docx::Docx,
    &odt::Odt,
    &sqlite::Sqlite,
    &sqlite_wal::SqliteWal,
    &sqlite_journal::SqliteJournal,
    &bplist::Bplist,
    &xml::Xml,
    &svg::Svg,
    &html::Html,
    &eml::Eml,
    &pcap::Pcap,
    &pcapng::Pcapng,
    &macho::Macho,
    &dex::Dex,
    &class::Class,
    &bz2::Bz2,
    &xz::Xz,
    &flac::Flac,
    &mp3::Mp3,
    &text::Text,
    &text_with_bait::TextWithBait,
    &binary::Binary,
    &bits_of_everything::BitsOfEverything,
];

/// Taken by the program itself where a plant of its own choice should be.
pub(crate) const FALLBACK: &dyn Plant = &binary::Binary;

/// The plant with this id.
#[must_use]
pub fn plant(id: &str) -> Option<&'static dyn Plant> {
    PLANTS.iter().copied().find(|plant| plant.id() == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_every_plant_is_the_same_twice_and_about_as_large_as_asked() {
        for (index, plant) in PLANTS.iter().enumerate() {
            assert!(PLANTS[..index].iter().all(|other| other.id() != plant.id()));
            for size in [8_000, 60_000, 300_000] {
                let grown = plant.grow(&mut Random::new(5), size);
                assert_eq!(grown, plant.grow(&mut Random::new(5), size), "{}", plant.id());
                let length = grown.bytes.len();
                assert!((size / 4..size * 3).contains(&length), "{} asked {size}, got {length}", plant.id());
                for part in &grown.parts {
                    assert!(!part.range.is_empty() && part.range.end() <= length as u64);
                }
            }
        }
    }
}
