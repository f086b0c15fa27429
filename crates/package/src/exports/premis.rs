//! PREMIS 3: the events of the custody log and who took part, for archives.

use std::collections::BTreeSet;

use super::{Event, Export, Whole, xml};

/// Preservation metadata of the Library of Congress.
pub(super) struct Premis;

impl Export for Premis {
    fn id(&self) -> &'static str {
        "premis"
    }

    fn path(&self) -> &'static str {
        "exhibit/premis.xml"
    }

    fn write(&self, whole: &Whole<'_>) -> Result<Vec<u8>, String> {
        let mut text = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <premis:premis xmlns:premis=\"http://www.loc.gov/premis/v3\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" version=\"3.0\">\n",
        );
        // The schema wants at least one object: the package itself, and then each item.
        let case = &whole.manifest.case;
        text += &object("package", &case.number, &case.title);
        for item in &whole.manifest.items {
            text += &object("item", &item.id, "");
        }
        for event in &whole.history.events {
            text += &self::event(event);
        }
        let actors: BTreeSet<&str> = whole.history.events.iter().map(|event| event.actor.as_str()).collect();
        for actor in actors.into_iter().chain([case.agency.as_str()]) {
            text += &agent(actor);
        }
        Ok((text + "</premis:premis>\n").into_bytes())
    }
}

fn object(kind: &str, id: &str, name: &str) -> String {
    let name = match name {
        "" => String::new(),
        name => format!("    <premis:originalName>{}</premis:originalName>\n", xml(name)),
    };
    format!(
        "  <premis:object xsi:type=\"premis:intellectualEntity\">\n    <premis:objectIdentifier>\n      \
         <premis:objectIdentifierType>{kind}</premis:objectIdentifierType>\n      \
         <premis:objectIdentifierValue>{}</premis:objectIdentifierValue>\n    </premis:objectIdentifier>\n{name}  </premis:object>\n",
        xml(id)
    )
}

fn event(event: &Event) -> String {
    let detail = match &event.reason {
        Some(reason) => format!("{}: {reason}", event.sentence),
        None => event.sentence.clone(),
    };
    let item = event.item.as_ref().map(|item| {
        format!(
            "    <premis:linkingObjectIdentifier>\n      <premis:linkingObjectIdentifierType>item</premis:linkingObjectIdentifierType>\n      \
             <premis:linkingObjectIdentifierValue>{}</premis:linkingObjectIdentifierValue>\n    </premis:linkingObjectIdentifier>\n",
            xml(item)
        )
    });
    let role = match event.role.as_str() {
        "" => String::new(),
        role => format!("      <premis:linkingAgentRole>{}</premis:linkingAgentRole>\n", xml(role)),
    };
    format!(
        "  <premis:event>\n    <premis:eventIdentifier>\n      \
         <premis:eventIdentifierType>record of the custody log</premis:eventIdentifierType>\n      \
         <premis:eventIdentifierValue>{}</premis:eventIdentifierValue>\n    </premis:eventIdentifier>\n    \
         <premis:eventType>{}</premis:eventType>\n    <premis:eventDateTime>{}</premis:eventDateTime>\n    \
         <premis:eventDetailInformation>\n      <premis:eventDetail>{}</premis:eventDetail>\n    </premis:eventDetailInformation>\n    \
         <premis:linkingAgentIdentifier>\n      <premis:linkingAgentIdentifierType>name</premis:linkingAgentIdentifierType>\n      \
         <premis:linkingAgentIdentifierValue>{}</premis:linkingAgentIdentifierValue>\n{role}    </premis:linkingAgentIdentifier>\n{}  </premis:event>\n",
        event.seq,
        xml(&event.action),
        xml(&event.time),
        xml(&detail),
        xml(&event.actor),
        item.unwrap_or_default()
    )
}

fn agent(name: &str) -> String {
    format!(
        "  <premis:agent>\n    <premis:agentIdentifier>\n      <premis:agentIdentifierType>name</premis:agentIdentifierType>\n      \
         <premis:agentIdentifierValue>{0}</premis:agentIdentifierValue>\n    </premis:agentIdentifier>\n    \
         <premis:agentName>{0}</premis:agentName>\n  </premis:agent>\n",
        xml(name)
    )
}
