//! What the reader dropped on the page: one archive, or the files of an unpacked package.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use exhibit_evidence::{Cause, ReadFault, Source};
use exhibit_verify::{Entry, Members};

/// A file with its path below the folder that was dropped.
#[derive(Clone)]
pub struct Named {
    /// The path, `/` between its parts.
    pub name: String,
    /// Its bytes.
    pub source: Arc<dyn Source>,
}

/// Dropped files.
#[derive(Clone, Default)]
pub struct Files(BTreeMap<String, Arc<dyn Source>>);

impl Files {
    /// These files; of two with one name the last counts.
    #[must_use]
    pub fn new(files: impl IntoIterator<Item = Named>) -> Self {
        Self(files.into_iter().map(|file| (file.name, file.source)).collect())
    }

    /// The archive, if there is one file and no folder around it.
    #[must_use]
    pub fn archive(&self) -> Option<Arc<dyn Source>> {
        let (name, source) = self.0.iter().next()?;
        (self.0.len() == 1 && !name.contains('/')).then(|| Arc::clone(source))
    }
}

impl Members for Files {
    fn list(&self) -> Result<Vec<Entry>, ReadFault> {
        let entry = |(name, source): (&String, &Arc<dyn Source>)| Entry {
            name: name.clone(),
            size: source.size(),
            oddity: None,
        };
        Ok(self.0.iter().map(entry).collect())
    }

    fn open(&self, name: &str) -> Result<Arc<dyn Source>, ReadFault> {
        let absent = || {
            let text = format!("no file named {name}");
            ReadFault::new(0, Cause::Io(io::Error::new(io::ErrorKind::NotFound, text)))
        };
        self.0.get(name).map(Arc::clone).ok_or_else(absent)
    }
}
