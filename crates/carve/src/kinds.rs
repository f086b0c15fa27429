//! The table of carvable kinds. To add one: a file in `kinds/`, a `mod` line, and a line in [`KINDS`].

mod asf;
mod bmp;
mod bplist;
mod bz2;
mod cab;
mod class;
mod dex;
mod e01;
mod elf;
mod eml;
mod evtx;
mod flac;
mod gif;
mod gzip;
mod html;
mod ico;
mod iso;
mod isobmff;
mod jpeg;
mod lnk;
mod lz4;
mod macho;
mod matroska;
mod mp3;
mod mpegts;
mod ogg;
mod ole2;
mod pcap;
mod pcapng;
mod pdf;
mod pe;
mod png;
mod prefetch;
mod prefetch_mam;
mod psd;
mod pst;
mod raf;
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
mod vdisk;
mod volume;
mod xml;
mod xz;
mod zip;
mod zstd;

use crate::kind::Kind;

/// Every kind, in the order of reports.
pub static KINDS: &[&dyn Kind] = &[
    &jpeg::Jpeg,
    &png::Png,
    &gif::Gif,
    &bmp::Bmp,
    &riff::WEBP_PICTURES,
    &tiff::Tiff,
    &raf::Raf,
    &psd::Psd,
    &ico::Ico,
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
    &bz2::Bzip2,
    &xz::Xz,
    &zstd::Zstd,
    &lz4::Lz4,
    &sevenzip::SevenZip,
    &rar::Rar,
    &cab::Cab,
    &tar::Tar,
    &iso::Iso,
    &mp3::Mp3,
    &flac::Flac,
    &ogg::Ogg,
    &riff::WAVE_SOUND,
    &riff::AVI_FILMS,
    &isobmff::MOVIES,
    &matroska::Matroska,
    &asf::Asf,
    &mpegts::MpegTs,
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
    &vdisk::VMDK,
    &vdisk::VHDX,
    &vdisk::QCOW2,
    &vdisk::VDI,
    &e01::E01Segment,
    &volume::LUKS,
    &volume::BITLOCKER,
];
