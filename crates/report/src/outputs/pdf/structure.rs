//! The tree of structure: what a reader without eyes is told.

use std::num::NonZeroU16;

use krilla::tagging::{Identifier, ListNumbering, TableHeaderScope, Tag, TagGroup, TagKind, TagTree};

/// What a part of the document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Parts that belong together.
    Group,
    Heading(u8, String),
    Paragraph,
    List {
        ordered: bool,
    },
    ListItem,
    ListLabel,
    ListBody,
    Table,
    TableRow,
    /// The title of a row, or of a column.
    TitleCell {
        of_row: bool,
    },
    Cell,
    Caption,
    /// A picture, with words for those who cannot see it.
    Figure(String),
    Code,
}

/// A place in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Node(usize);

/// Something below a node.
enum Child {
    Node(usize),
    /// Something drawn, by its number.
    Drawn(usize),
}

struct Entry {
    kind: Kind,
    language: Option<&'static str>,
    children: Vec<Child>,
}

/// The tree as it grows.
#[derive(Default)]
pub(super) struct Structure {
    entries: Vec<Entry>,
    roots: Vec<usize>,
}

impl Structure {
    /// A node below another, or at the top.
    pub(super) fn add(&mut self, parent: Option<Node>, kind: Kind, language: Option<&'static str>) -> Node {
        let number = self.entries.len();
        self.entries.push(Entry { kind, language, children: Vec::new() });
        match parent.and_then(|parent| self.entries.get_mut(parent.0)) {
            Some(parent) => parent.children.push(Child::Node(number)),
            None => self.roots.push(number),
        }
        Node(number)
    }

    /// Notes that something drawn belongs to the node.
    pub(super) fn draws(&mut self, node: Node, drawn: usize) {
        if let Some(entry) = self.entries.get_mut(node.0) {
            entry.children.push(Child::Drawn(drawn));
        }
    }

    /// The tree for the file; `identifiers` are those of what was drawn, by number.
    pub(super) fn finish(&self, identifiers: &[Option<Identifier>]) -> TagTree {
        let mut tree = TagTree::new();
        for &root in &self.roots {
            if let Some(group) = self.group(root, identifiers) {
                tree.push(group);
            }
        }
        tree
    }

    /// `None` for what draws nothing: an empty element means nothing.
    fn group(&self, number: usize, identifiers: &[Option<Identifier>]) -> Option<TagGroup> {
        let entry = self.entries.get(number)?;
        let mut group = TagGroup::new(tag(entry));
        let mut empty = true;
        for child in &entry.children {
            match child {
                Child::Node(below) => {
                    if let Some(below) = self.group(*below, identifiers) {
                        group.push(below);
                        empty = false;
                    }
                }
                Child::Drawn(drawn) => {
                    if let Some(identifier) = identifiers.get(*drawn).copied().flatten() {
                        group.push(identifier);
                        empty = false;
                    }
                }
            }
        }
        (!empty).then_some(group)
    }
}

fn tag(entry: &Entry) -> TagKind {
    let language = entry.language.map(str::to_owned);
    match &entry.kind {
        Kind::Group => Tag::Div.with_lang(language).into(),
        Kind::Heading(level, title) => {
            let level = NonZeroU16::new(u16::from(*level)).unwrap_or(NonZeroU16::MIN);
            Tag::Hn(level, Some(title.clone())).with_lang(language).into()
        }
        Kind::Paragraph => Tag::P.with_lang(language).into(),
        Kind::List { ordered } => {
            Tag::L(if *ordered { ListNumbering::Decimal } else { ListNumbering::Disc }).with_lang(language).into()
        }
        Kind::ListItem => Tag::LI.with_lang(language).into(),
        Kind::ListLabel => Tag::Lbl.with_lang(language).into(),
        Kind::ListBody => Tag::LBody.with_lang(language).into(),
        Kind::Table => Tag::Table.with_lang(language).into(),
        Kind::TableRow => Tag::TR.with_lang(language).into(),
        Kind::TitleCell { of_row } => {
            let scope = if *of_row { TableHeaderScope::Row } else { TableHeaderScope::Column };
            Tag::TH(scope).with_lang(language).into()
        }
        Kind::Cell => Tag::TD.with_lang(language).into(),
        Kind::Caption => Tag::Caption.with_lang(language).into(),
        Kind::Figure(alt) => Tag::Figure(Some(alt.clone())).with_lang(language).into(),
        Kind::Code => Tag::Code.with_lang(language).into(),
    }
}
