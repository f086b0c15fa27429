//! The items of a case, wherever they lie: in a case folder or in the payload of a package.

use std::collections::HashMap;

use exhibit_package::manifest::Role;

/// One file of an item.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    /// Where it lies: its name among the members.
    pub(crate) place: String,
    /// Path relative to its item's folder in the case.
    pub(crate) name: String,
    /// What it is.
    pub(crate) role: Role,
}

impl Held {
    /// The folder of the name, relative to the item.
    pub(crate) fn folder(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// One item.
#[derive(Debug, Clone)]
pub(crate) struct Holding {
    pub(crate) id: String,
    pub(crate) files: Vec<Held>,
    by_name: HashMap<String, usize>,
}

impl Holding {
    pub(crate) fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), files: Vec::new(), by_name: HashMap::new() }
    }

    /// Adds a file; of two with one name, the first counts.
    pub(crate) fn add(&mut self, file: Held) {
        self.by_name.entry(file.name.clone()).or_insert(self.files.len());
        self.files.push(file);
    }

    /// The file of that name, which must not have a folder of its own, in a folder of the item.
    pub(crate) fn find(&self, folder: &str, name: &str) -> Option<&Held> {
        let full = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let index = self.by_name.get(&full).filter(|_| !name.contains('/'))?;
        self.files.get(*index)
    }
}

/// What a file of a case folder is, by its name.
pub(crate) fn role_of(name: &str) -> Role {
    match name.rsplit('/').next().unwrap_or(name) {
        name if name.ends_with(".acquisition.json") => Role::AcquisitionRecord,
        name if name.ends_with(".tree") => Role::HashTree,
        _ => Role::Other,
    }
}
