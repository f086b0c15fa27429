//! What to look for, where, and what to keep.

use std::sync::Arc;

use exhibit_evidence::ByteRange;
use serde::Serialize;

use crate::error::CarveError;
use crate::kind::Kind;
use crate::kinds::KINDS;
use crate::limits::Limits;
use crate::verdict::{Class, FileType};

/// Where files may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Align {
    /// At sectors if a file system or partition table is recognised, else at any byte.
    #[default]
    Auto,
    /// At multiples of 512 bytes. Quick; does not see files inside others or in compressed file-system metadata.
    Sector,
    /// At any byte.
    Byte,
}

/// What is written; everything else is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeepClass {
    /// Proven files only.
    Proven,
    /// Proven and consistent files.
    #[default]
    Consistent,
    /// Also the good beginning of partial files, and headers.
    All,
}

impl KeepClass {
    /// Whether files of `class` are written.
    #[must_use]
    pub fn keeps(self, class: Class) -> bool {
        match self {
            Self::Proven => class <= Class::Proven,
            Self::Consistent => class <= Class::Consistent,
            Self::All => true,
        }
    }
}

/// A selection of file types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Types(Vec<&'static str>);

impl Types {
    /// All types of all kinds.
    #[must_use]
    pub fn all() -> Self {
        Self(KINDS.iter().flat_map(|kind| kind.types()).map(|file_type| file_type.id).collect())
    }

    /// The types named in `list`, separated by commas. The id of a kind selects everything the kind finds: `zip` also
    /// selects documents that are ZIP archives.
    ///
    /// # Errors
    /// [`CarveError::Usage`] if a name is not known or there is none.
    pub fn parse(list: &str) -> Result<Self, CarveError> {
        let mut chosen = Vec::new();
        for word in list.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let before = chosen.len();
            for kind in KINDS {
                let types = kind.types().iter().filter(|file_type| file_type.id == word || kind.id() == word);
                chosen.extend(types.map(|file_type| file_type.id));
            }
            if chosen.len() == before {
                let known = Self::all().0.join(", ");
                return Err(CarveError::Usage(format!("{word:?} is no type this carver knows; it knows {known}")));
            }
        }
        if chosen.is_empty() {
            return Err(CarveError::Usage("no file type to look for".to_owned()));
        }
        let order = Self::all().0;
        Ok(Self(order.into_iter().filter(|id| chosen.contains(id)).collect()))
    }

    /// Whether `file_type` is selected.
    #[must_use]
    pub fn contains(&self, file_type: FileType) -> bool {
        self.0.contains(&file_type.id)
    }

    /// Ids of the selected types, in the order of the kinds.
    #[must_use]
    pub fn ids(&self) -> &[&'static str] {
        &self.0
    }

    /// Kinds that can find a selected type.
    pub(crate) fn kinds(&self) -> Vec<&'static dyn Kind> {
        let wanted = |kind: &&'static dyn Kind| kind.types().iter().any(|file_type| self.contains(*file_type));
        KINDS.iter().copied().filter(wanted).collect()
    }
}

/// All parameters of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// What to look for.
    pub types: Types,
    /// Where files may begin.
    pub align: Align,
    /// Whether to look for files in two fragments.
    pub fragments: bool,
    /// The only parts of the medium to search, sorted; `None` for all of it. What lies between them is left out, as if it
    /// were not there. Counted in the summary, not listed.
    #[serde(skip)]
    pub areas: Option<Arc<[ByteRange]>>,
    /// What to write.
    pub keep: KeepClass,
    /// Whether to draw the contact sheet `gallery.html`.
    pub gallery: bool,
    /// Largest file to look for, in bytes.
    pub max_size: u64,
    /// Threads; 0 for as many as there are cores. Results do not depend on it, so it is not part of the record.
    #[serde(skip)]
    pub jobs: usize,
    /// Bounds of time and memory.
    pub limits: Limits,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            types: Types::all(),
            align: Align::default(),
            fragments: true,
            areas: None,
            keep: KeepClass::default(),
            gallery: false,
            // Larger single files of these types are rare, and the size bounds how far a damaged length can lead.
            max_size: 4 << 30,
            jobs: 0,
            limits: Limits::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_kind_selects_its_whole_family() {
        let types = Types::parse(" sqlite,zip").unwrap();
        assert!(types.ids().contains(&"docx") && types.ids().contains(&"zip") && types.ids().contains(&"sqlite"));
        assert!(!types.ids().contains(&"jpeg"));
        assert_eq!(Types::parse("docx").unwrap().ids(), ["docx"]);
    }

    #[test]
    fn unknown_or_missing_types_are_refused_with_a_list() {
        assert!(Types::parse("jpg").unwrap_err().to_string().contains("jpeg"));
        assert!(Types::parse(" , ").is_err());
    }

    #[test]
    fn types_and_kinds_agree_on_names() {
        for kind in KINDS {
            assert_eq!(kind.types().first().map(|file_type| file_type.id), Some(kind.id()));
        }
        let mut ids = Types::all().0;
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Types::all().0.len(), "an id is used twice");
    }
}
