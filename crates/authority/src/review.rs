//! What is said, what the named articles ask for, and what nobody said. A list for a person, and no verdict.

use serde::Serialize;

use crate::authority::Authority;
use crate::scope::Scope;
use crate::vocabulary::{Confidence, Vocabulary};

/// A field that an article may ask for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    /// Its id in the vocabulary.
    pub(crate) id: &'static str,
    /// For people, with the field of the document that says it.
    title: &'static str,
    /// Whether the documents say it; `None` if it is not for them to say, but for the log, the record or a certificate.
    said: fn(&Authority, &Scope) -> Option<bool>,
}

const fn field(id: &'static str, title: &'static str, said: fn(&Authority, &Scope) -> Option<bool>) -> Field {
    Field { id, title, said }
}

const fn elsewhere(_: &Authority, _: &Scope) -> Option<bool> {
    None
}

/// All of them.
pub(crate) static FIELDS: &[Field] = &[
    field("req.id", "reference number (reference)", |a, _| Some(a.reference.is_some())),
    field("req.date", "date (issued)", |a, _| Some(a.issued.is_some())),
    field("req.channel", "channel (channel)", |a, _| Some(a.channel.is_some())),
    field("auth.requesting", "issuing or requesting authority (issuing_body)", |a, _| Some(a.issuing_body.is_some())),
    field("auth.conducting", "authority conducting the investigation (conducting_body, or issuing_body)", |a, _| {
        Some(a.conducting_body.is_some() || a.issuing_body.is_some())
    }),
    field("auth.validating", "validation by a judge or prosecutor (validating_body)", |a, _| {
        Some(a.validating_body.is_some())
    }),
    field("auth.requested", "addressee (requested_body)", |a, _| Some(a.requested_body.is_some())),
    field("offence.description", "the offence in words (offence.description)", |a, _| {
        Some(a.offence.as_ref().is_some_and(|offence| offence.description.is_some()))
    }),
    field("offence.provisions", "legal provisions (offence.provisions)", |a, _| {
        Some(a.offence.as_ref().is_some_and(|offence| !offence.provisions.is_empty()))
    }),
    field("offence.penalty", "penalty (offence.penalty)", |a, _| {
        Some(a.offence.as_ref().is_some_and(|offence| offence.penalty.is_some()))
    }),
    field("facts.summary", "brief facts (facts)", |a, _| Some(a.facts.is_some())),
    field("necessity", "why it is needed (necessity)", |a, _| Some(a.necessity.is_some())),
    field("proportionality", "proportionality (proportionality)", |a, _| Some(a.proportionality.is_some())),
    field("relevance", "link of the data to the offence (relevance)", |a, _| Some(a.relevance.is_some())),
    field("data.category", "category of data (scope: categories)", |_, s| Some(!s.categories.is_empty())),
    field("data.description", "description of the data (scope: description)", |_, s| Some(s.description.is_some())),
    field("data.timeRange", "time range (scope: time)", |_, s| Some(s.time.is_some())),
    field("data.identifiers", "accounts, addresses, devices (scope: accounts, devices)", |_, s| {
        Some(!s.accounts.is_empty() || !s.devices.is_empty())
    }),
    field("data.custodian", "who holds the data, or where the system is (scope: custodian, places)", |_, s| {
        Some(s.custodian.is_some() || !s.places.is_empty())
    }),
    field("person.concerned", "persons concerned, where possible (persons)", |a, _| Some(!a.persons.is_empty())),
    field("purpose", "purpose (purpose)", |a, _| Some(a.purpose.is_some())),
    field("procedure.special", "special procedure (procedure)", |a, _| Some(!a.procedure.is_empty())),
    field("confidentiality", "confidentiality (confidentiality)", |a, _| Some(a.confidentiality.is_some())),
    field("notification", "notification of those concerned (notification)", |a, _| Some(a.notification.is_some())),
    field("urgency", "why it is urgent (urgency)", |a, _| Some(a.urgency.is_some())),
    field("emergency.facts", "facts of the emergency (emergency)", |a, _| Some(a.emergency.is_some())),
    field("deadline", "time limit (deadline)", |a, _| Some(a.deadline.is_some())),
    field("preservation.ref", "earlier preservation (preservation.reference)", |a, _| {
        Some(a.preservation.as_ref().is_some_and(|earlier| earlier.reference.is_some()))
    }),
    field("preservation.until", "until when it is preserved (preservation.until)", |a, _| {
        Some(a.preservation.as_ref().is_some_and(|earlier| earlier.until.is_some()))
    }),
    field("intent.mla", "that a request for mutual assistance will follow (intent_mla)", |a, _| {
        Some(a.intent_mla.is_some())
    }),
    field("safeguards", "conditions and safeguards (safeguards)", |a, _| Some(a.safeguards.is_some())),
    field("consent", "who consented, with which right (consent)", |a, _| Some(a.consent.is_some())),
    field("agreement", "agreement of the joint investigation (agreement)", |a, _| Some(a.agreement.is_some())),
    field("actor.competence", "competence of whoever acted", elsewhere),
    field("case.officer", "person in charge", elsewhere),
    field("declarant", "declarant of the certificate", elsewhere),
    field("hash.algorithm", "algorithm", elsewhere),
    field("hash.copy", "digest of the copy", elsewhere),
    field("hash.source", "digest of the source", elsewhere),
    field("item", "the item", elsewhere),
    field("log", "the log", elsewhere),
    field("notice", "notice to the other side", elsewhere),
    field("process", "the process", elsewhere),
    field("process.accuracy", "how its accuracy is known", elsewhere),
    field("result", "the result", elsewhere),
    field("system.description", "description of the system", elsewhere),
];

/// Something that a named article asks for and the documents do not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Id of the field.
    pub field: String,
    /// What it is, and where to say it.
    pub title: String,
    /// Ids of the articles that ask for it.
    pub asked_by: Vec<String>,
}

/// What there is to know about the documents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Review {
    /// Asked for and not said.
    pub missing: Vec<Missing>,
    /// Ids that no vocabulary has.
    pub unknown: Vec<String>,
    /// Named entries that are not confirmed by a text, with what their mark means.
    pub unconfirmed: Vec<(String, String)>,
}

/// Compares the documents with what the articles they name ask for.
#[must_use]
pub fn review(authority: &Authority, scope: &Scope, vocabulary: &Vocabulary) -> Review {
    let mut review = Review::default();
    for id in &authority.instruments {
        let id = id.as_str();
        let Some((_, article)) = vocabulary.find(id) else {
            review.unknown.push(id.to_owned());
            continue;
        };
        let Some(article) = article else { continue };
        if article.confidence != Confidence::C {
            review.unconfirmed.push((id.to_owned(), article.confidence.meaning().to_owned()));
        }
        for asked in &article.fields {
            let known = FIELDS.iter().find(|field| field.id == asked);
            if known.is_none_or(|field| (field.said)(authority, scope) != Some(false)) {
                continue;
            }
            match review.missing.iter_mut().find(|missing| missing.field == *asked) {
                Some(missing) => missing.asked_by.push(id.to_owned()),
                None => review.missing.push(Missing {
                    field: asked.clone(),
                    title: known.map_or(asked.as_str(), |field| field.title).to_owned(),
                    asked_by: vec![id.to_owned()],
                }),
            }
        }
    }
    review
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Syntax, parse};

    #[test]
    fn what_is_asked_for_and_not_said_is_listed_with_who_asks() {
        let text = "instruments = [\"coe185/29\", \"uncc/42\", \"own/1\"]\nnecessity = \"x\"\n[issuing_body]\nname = \"Court\"\n";
        let authority: Authority = parse(text, Syntax::Toml).unwrap();
        let scope: Scope = parse("places = [\"here\"]\n", Syntax::Toml).unwrap();
        let review = review(&authority, &scope, &Vocabulary::of_the_product());
        let fields: Vec<&str> = review.missing.iter().map(|missing| missing.field.as_str()).collect();
        assert_eq!(fields, ["offence.description", "facts.summary", "data.description", "intent.mla"]);
        assert!(review.missing.iter().all(|missing| missing.asked_by[0] == "coe185/29"), "{review:?}");
        assert_eq!(review.unknown, ["own/1"]);
        assert_eq!(review.unconfirmed, [("uncc/42".to_owned(), "from memory, believed right".to_owned())]);
    }
}
