//! The table of carvable kinds. To add one: a file in `kinds/`, a `mod` line, and a line in [`KINDS`].

mod bmp;
mod bplist;
mod class;
mod dex;
mod elf;
mod eml;
mod evtx;
mod gif;
mod gzip;
mod html;
mod isobmff;
mod jpeg;
mod lnk;
mod macho;
mod matroska;
mod ogg;
mod ole2;
mod pcap;
mod pcapng;
mod pdf;
mod pe;
mod png;
mod prefetch;
mod prefetch_mam;
mod pst;
mod rar;
mod regf;
mod riff;
mod rtf;
mod sevenzip;
mod sqlite;
mod sqlite_journal;
mod sqlite_wal;
mod tar;
mod tiff;
mod xml;
mod zip;

use crate::kind::Kind;

/// Every kind, in the order of reports.
pub static KINDS: &[&dyn Kind] = &[
    &jpeg::Jpeg,
    &png::Png,
    &gif::Gif,
    &bmp::Bmp,
    &riff::WEBP_PICTURES,
    &tiff::Tiff,
    &isobmff::HEIF,
    &pdf::Pdf,
    &ole2::Ole2,
    &html::Html,
    &xml::Xml,
    &bplist::Bplist,
    &eml::Eml,
    &pst::Pst,
    &rtf::Rtf,
    &zip::Zip,
    &gzip::Gzip,
    &sevenzip::SevenZip,
    &rar::Rar,
    &tar::Tar,
    &ogg::Ogg,
    &riff::WAVE_SOUND,
    &riff::AVI_FILMS,
    &isobmff::MOVIES,
    &matroska::Matroska,
    &sqlite::Sqlite,
    &sqlite_wal::SqliteWal,
    &sqlite_journal::SqliteJournal,
    &evtx::Evtx,
    &regf::Hive,
    &lnk::Lnk,
    &prefetch::Prefetch,
    &prefetch_mam::PrefetchMam,
    &elf::Elf,
    &pe::Pe,
    &macho::MachO,
    &dex::Dex,
    &class::JavaClass,
    &pcap::Pcap,
    &pcapng::PcapNg,
];
