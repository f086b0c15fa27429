//! Every report output: the same facts make the same bytes, and nothing is claimed that no fact says.

use exhibit_report::{Facts, OUTPUTS};

#[test]
fn every_output_renders_nothing_at_all_and_claims_nothing() {
    for output in OUTPUTS {
        let bytes = (output.render)(&Facts::default());
        assert!(!bytes.is_empty() && bytes == (output.render)(&Facts::default()), "{}", output.id);
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains("verified:"), "{} claims a full check without a verdict", output.id);
        assert!(!text.contains("nan") || text.contains("finan"), "{}", output.id);
    }
}
