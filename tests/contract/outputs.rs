//! Every report output: the same facts make the same bytes, and nothing is claimed that no fact says.

use exhibit_report::{Facts, LANGUAGES, OUTPUTS, READERS, document};

#[test]
fn every_output_renders_nothing_at_all_and_claims_nothing() {
    // Outputs that draw letters themselves need fonts, which nobody has here; their own tests have them.
    for output in OUTPUTS.iter().filter(|output| !output.needs_fonts) {
        for reader in READERS {
            for language in LANGUAGES {
                let document = document(&Facts::default(), reader, &[language]);
                let bytes = (output.render)(&document, &[]).unwrap();
                let case = format!("{} {} {}", output.id, reader.id, language.tag);
                assert!(!bytes.is_empty() && bytes == (output.render)(&document, &[]).unwrap(), "{case}");
                let text = String::from_utf8_lossy(&bytes).to_lowercase();
                assert!(!text.contains("verified:"), "{case} claims a full check without a verdict");
            }
        }
    }
}
