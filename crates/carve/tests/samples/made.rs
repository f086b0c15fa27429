//! Files that other people's programs wrote; how is told in `made/README.md`.

macro_rules! made {
    ($name:literal) => {
        include_bytes!(concat!("made/", $name)).to_vec()
    };
}

/// Kind id, type id, bytes; what follows any of these does not change where it ends.
pub(crate) fn all() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    vec![
        ("bz2", "bz2", made!("prose.bz2")),
        ("xz", "xz", made!("prose.xz")),
        ("xz", "xz", made!("blocks.xz")),
        ("zstd", "zstd", made!("prose.zst")),
        ("lz4", "lz4", made!("prose.lz4")),
        ("flac", "flac", made!("sound.flac")),
        ("mp3", "mp3", made!("sound.mp3")),
        ("cab", "cab", made!("files.cab")),
        ("psd", "psd", made!("pic.psd")),
        ("ico", "ico", made!("icon.ico")),
        ("ico", "ico", made!("icons.ico")),
        ("wmv", "wma", made!("sound.wma")),
        ("qcow2", "qcow2", made!("disk.qcow2")),
        ("e01", "e01", made!("disk.E01")),
    ]
}

/// The same of formats that have no end mark: what follows decides whether the end can be seen.
pub(crate) fn endless() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    vec![("ts", "ts", made!("film.ts")), ("mkv", "mkv", made!("live.mkv"))]
}
