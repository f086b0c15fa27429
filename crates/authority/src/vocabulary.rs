//! Instruments and articles by id: what they are about, what they ask for, and how sure that is.
//!
//! The ids are data, in `vocabulary/legal.json`; a person adds files of the same shape. No entry says that an instrument
//! applies, or that a State is party to it.

use std::collections::BTreeMap;

use exhibit_evidence::Name;
use serde::{Deserialize, Serialize};

use crate::document::{DOCUMENT_BYTES_MAX, DocumentFault, Syntax};

/// Most articles that are kept; the product has some seventy.
const ARTICLES_MAX: usize = 20_000;

/// An article of an instrument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Article {
    /// Its id: `coe185/29`.
    pub id: String,
    /// Its number in the instrument.
    pub article: String,
    /// What it is about, in a few words.
    pub topic: String,
    /// Fields that it asks for: ids of `docs/spec/authority.md`.
    #[serde(default)]
    pub fields: Vec<String>,
    /// `C` confirmed by a text, `M` from memory and believed right, `Q` check before use.
    pub confidence: Confidence,
}

/// How sure an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confidence {
    /// Confirmed by a text.
    C,
    /// From memory, believed right.
    M,
    /// Check before use.
    Q,
}

impl Confidence {
    /// What the mark means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::C => "confirmed by a text",
            Self::M => "from memory, believed right",
            Self::Q => "check before use",
        }
    }
}

/// A treaty, a regulation, a rule, a set of principles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// Its id: `coe185`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its articles.
    #[serde(default)]
    pub articles: Vec<Article>,
}

/// A file of entries.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "$comment")]
    _comment: Option<String>,
    #[serde(default, rename = "version")]
    _version: Option<String>,
    #[serde(default, rename = "statusCheckedOn")]
    _status_checked_on: Option<String>,
    instruments: Vec<Instrument>,
}

/// All entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    instruments: Vec<Instrument>,
    /// Article id to place.
    places: BTreeMap<String, (usize, Option<usize>)>,
}

impl Vocabulary {
    /// The entries of the product.
    #[must_use]
    pub fn of_the_product() -> Self {
        let mut own = Self::default();
        // A test reads the file; a broken build has no entries and shows every id as unknown.
        let _ = own.add(include_str!("../vocabulary/legal.json"));
        own
    }

    /// Adds the entries of a file, TOML or JSON.
    ///
    /// # Errors
    /// If it is not such a file, or says again what is there already: nobody redefines an id unseen.
    pub fn add(&mut self, text: &str) -> Result<usize, DocumentFault> {
        let fault = |line, text: String| DocumentFault { line, column: None, field: String::new(), text };
        if text.len() as u64 > DOCUMENT_BYTES_MAX {
            return Err(fault(None, format!("longer than {DOCUMENT_BYTES_MAX} bytes")));
        }
        let file: File = match Syntax::of(text) {
            Syntax::Json => serde_json::from_str(text).map_err(|error| fault(Some(error.line()), error.to_string()))?,
            Syntax::Toml => toml::from_str(text).map_err(|error| {
                let before = error.span().and_then(|span| text.get(..span.start));
                fault(before.map(|before| before.matches('\n').count().saturating_add(1)), error.message().to_owned())
            })?,
        };
        let mut all = self.clone();
        for instrument in file.instruments {
            all.take(instrument).map_err(|text| fault(None, text))?;
        }
        let added = all.places.len().saturating_sub(self.places.len());
        *self = all;
        Ok(added)
    }

    fn take(&mut self, instrument: Instrument) -> Result<(), String> {
        let at = self.instruments.iter().position(|known| known.id == instrument.id);
        let at = match at {
            // More articles of a known instrument are welcome, another name for it is not.
            Some(at) if self.instruments.get(at).is_some_and(|known| known.name == instrument.name) => at,
            Some(_) => {
                return Err(format!(
                    "instrument {:?} is there already by another name",
                    Name::from(instrument.id.as_str())
                ));
            }
            None => {
                self.places.insert(instrument.id.clone(), (self.instruments.len(), None));
                let empty = Instrument { articles: Vec::new(), ..instrument.clone() };
                self.instruments.push(empty);
                self.instruments.len().saturating_sub(1)
            }
        };
        for article in instrument.articles {
            if self.places.len() >= ARTICLES_MAX {
                return Err(format!("more than {ARTICLES_MAX} entries"));
            }
            let Some(known) = self.instruments.get_mut(at) else { continue };
            if self.places.insert(article.id.clone(), (at, Some(known.articles.len()))).is_some() {
                return Err(format!("the id {:?} is there already", Name::from(article.id.as_str())));
            }
            known.articles.push(article);
        }
        Ok(())
    }

    /// All instruments, those of the product first.
    #[must_use]
    pub fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    /// The instrument of an id, and the article if the id is one of an article.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<(&Instrument, Option<&Article>)> {
        let (instrument, article) = self.places.get(id)?;
        let instrument = self.instruments.get(*instrument)?;
        Some((instrument, article.and_then(|at| instrument.articles.get(at))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_the_product_is_read_and_every_field_in_it_has_a_meaning() {
        let own = Vocabulary::of_the_product();
        let articles: usize = own.instruments().iter().map(|instrument| instrument.articles.len()).sum();
        assert_eq!((own.instruments().len(), articles), (8, 70));
        let (instrument, article) = own.find("coe185/29").unwrap();
        assert_eq!((instrument.id.as_str(), article.unwrap().confidence), ("coe185", Confidence::C));
        assert!(own.find("coe185").unwrap().1.is_none() && own.find("coe185/99").is_none());
        for article in own.instruments().iter().flat_map(|instrument| &instrument.articles) {
            for field in &article.fields {
                assert!(crate::review::FIELDS.iter().any(|known| known.id == field), "{field} of {}", article.id);
            }
        }
    }

    #[test]
    fn a_person_adds_entries_and_redefines_none() {
        let mut all = Vocabulary::of_the_product();
        let own = "[[instruments]]\nid = \"stpo\"\nname = \"Code of Criminal Procedure\"\n[[instruments.articles]]\nid = \"stpo/94\"\narticle = \"94\"\ntopic = \"seizure\"\nconfidence = \"M\"\nfields = [\"req.id\"]\n";
        assert_eq!(all.add(own).unwrap(), 2);
        assert_eq!(all.find("stpo/94").unwrap().1.unwrap().topic, "seizure");
        let before = all.clone();
        assert!(all.add(own).unwrap_err().text.contains("there already"));
        let other = r#"{"instruments": [{"id": "coe185", "name": "Something else"}]}"#;
        assert!(all.add(other).unwrap_err().text.contains("another name"));
        let more = r#"{"instruments": [{"id": "coe185", "name": "Convention on Cybercrime (Budapest, 2001)",
            "articles": [{"id": "coe185/2", "article": "2", "topic": "illegal access", "confidence": "M"}]}]}"#;
        assert_eq!(all.add(more).unwrap(), 1);
        assert_ne!(all, before);
        assert_eq!(all.add("[[instruments]]\nid = 7\n").unwrap_err().line, Some(2));
    }
}
