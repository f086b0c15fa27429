//! `exhibit custody template` and `vocabulary`: what can be said about authority and scope, and the ids there are.

use clap::{Args, ValueEnum};
use exhibit_authority::{Authority, Scope, schema, template};
use exhibit_evidence::Name;
use serde_json::json;

use crate::authority;
use crate::outcome::{Done, Ending, Failure};
use crate::world::World;

/// Print an empty document to fill in, or its JSON Schema.
///
/// Example: exhibit custody template authority > authority.toml
#[derive(Debug, Args)]
pub(crate) struct Template {
    /// Which document
    kind: Kind,
    /// The JSON Schema instead
    #[arg(long)]
    schema: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Under which authority: `exhibit new --authority FILE`
    Authority,
    /// Within which scope: `exhibit new --scope FILE`
    Scope,
}

impl Template {
    pub(super) fn run(&self, world: &World) -> Ending {
        let (schema, template) = match self.kind {
            Kind::Authority => (schema::<Authority>(), template::<Authority>()),
            Kind::Scope => (schema::<Scope>(), template::<Scope>()),
        };
        if self.schema {
            world.tell(&format!("{schema:#}"));
        } else {
            world.tell(template.trim_end());
        }
        Ok(Done::new(json!({"schema": schema, "template": template})))
    }
}

/// Show the ids of legal instruments and articles, what each asks for, and how sure that is.
///
/// No entry says that an instrument applies, or that a State is party to it. Files of your own lie in the folder
/// exhibit/vocabulary of your configuration.
#[derive(Debug, Args)]
pub(crate) struct Words {
    /// Only this instrument or article: coe185, coe185/29
    id: Option<String>,
}

impl Words {
    pub(super) fn run(&self, world: &World) -> Ending {
        let vocabulary = authority::vocabulary(world)?;
        if let Some(id) = self.id.as_ref().filter(|id| vocabulary.find(id).is_none()) {
            return Err(Failure::usage(format!("{:?} is not in the vocabulary", Name::from(id.as_str())))
                .hint("exhibit custody vocabulary shows all ids"));
        }
        let wanted = |instrument: &str, article: Option<&str>| {
            self.id.as_deref().is_none_or(|id| id == instrument || Some(id) == article)
        };
        let name = |text: &str| Name::from(text);
        for instrument in vocabulary.instruments() {
            let articles: Vec<_> = instrument.articles.iter().filter(|a| wanted(&instrument.id, Some(&a.id))).collect();
            if articles.is_empty() && !wanted(&instrument.id, None) {
                continue;
            }
            world.tell(&format!("{}  {}", name(&instrument.id), name(&instrument.name)));
            for article in articles {
                world.tell(&format!(
                    "  {:<18} {}  [{:?}: {}]",
                    name(&article.id).to_string(),
                    name(&article.topic),
                    article.confidence,
                    article.confidence.meaning()
                ));
                if self.id.is_some() && !article.fields.is_empty() {
                    world.tell(&format!("      asks for: {}", name(&article.fields.join(", "))));
                }
            }
        }
        Ok(Done::new(json!({"instruments": vocabulary.instruments()})))
    }
}
