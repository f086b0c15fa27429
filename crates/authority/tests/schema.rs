//! The published schemas and samples are those of the program.

use exhibit_authority::{Authority, Scope, Syntax, Vocabulary, parse, schema};

const PAGE: &str = include_str!("../../../docs/spec/authority.md");

#[test]
fn the_published_schemas_are_those_of_the_program() {
    for (published, ours) in [
        (include_str!("../../../docs/spec/authority.schema.json"), schema::<Authority>()),
        (include_str!("../../../docs/spec/scope.schema.json"), schema::<Scope>()),
    ] {
        assert_eq!(published, format!("{ours:#}\n"), "to mend: exhibit custody template … --schema");
    }
}

#[test]
fn the_samples_of_the_page_are_documents() {
    let samples: Vec<&str> = PAGE.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(samples.len(), 3);
    parse::<Authority>(samples[0], Syntax::Toml).unwrap();
    parse::<Scope>(samples[1], Syntax::Toml).unwrap();
    assert_eq!(Vocabulary::of_the_product().add(samples[2]).unwrap(), 2);
}
