//! Fonts for documents that draw letters themselves: those of the system by name, or all of a folder.

use std::path::{Path, PathBuf};

use exhibit_report::{FONT_FILES, FontFile};

use crate::outcome::Failure;

/// Largest font read, in bytes; a collection for Chinese, Japanese and Korean has 20 MiB.
const FONT_BYTES_MAX: u64 = 64 << 20;
/// Fonts taken from a folder that was named.
const FONTS_MAX: usize = 64;

/// The fonts of `folder`, or those of the system that this program knows by name: so the documents of two machines with the
/// same packages are the same, whatever else is installed there.
pub(crate) fn read(folder: Option<&Path>) -> Result<Vec<FontFile>, Failure> {
    match folder {
        Some(folder) => {
            let found = below(folder).map_err(|error| Failure::io("list the fonts in", folder, &error))?;
            let fonts = found.iter().filter(|path| is_font(path)).take(FONTS_MAX).map(|path| font(path));
            let fonts = fonts.collect::<Result<Vec<_>, _>>()?;
            if fonts.is_empty() {
                let values = [("path", &*crate::outcome::shown(folder))];
                return Err(Failure::misused("err-no-fonts-in", &values).advise("hint-font-folder", &[]));
            }
            Ok(fonts)
        }
        None => {
            let found: Vec<PathBuf> = system().iter().filter_map(|folder| below(folder).ok()).flatten().collect();
            let named = |name: &&str| found.iter().find(|path| path.file_name().is_some_and(|file| file == *name));
            FONT_FILES.iter().filter_map(named).map(|path| font(path)).collect()
        }
    }
}

/// Where systems keep fonts.
fn system() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let own = home.iter().flat_map(|home| [home.join(".local/share/fonts"), home.join(".fonts")]);
    ["/usr/share/fonts", "/usr/local/share/fonts"].into_iter().map(PathBuf::from).chain(own).collect()
}

fn below(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = exhibit_device::walk(folder)?
        .into_iter()
        .filter(|entry| entry.special.is_none())
        .map(|entry| entry.path)
        .collect();
    paths.sort();
    Ok(paths)
}

fn is_font(path: &Path) -> bool {
    path.extension()
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| ["ttf", "otf", "ttc"].iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

fn font(path: &Path) -> Result<FontFile, Failure> {
    let bytes = exhibit_device::read_small(path, FONT_BYTES_MAX);
    let bytes = bytes.map_err(|error| Failure::io("read the font", path, &error))?;
    Ok(FontFile { name: crate::outcome::shown(path), bytes })
}
