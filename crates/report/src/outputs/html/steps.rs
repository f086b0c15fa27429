//! Commands with which anyone can check a package or an image.

use crate::facts::Facts;
use crate::words::text;

pub(super) struct Step {
    pub(super) purpose: &'static str,
    pub(super) command: String,
    pub(super) expected: &'static str,
}

pub(super) const fn note(facts: &Facts) -> &'static str {
    if facts.bag_name.is_some() {
        "The file exhibit/VERIFY.txt in the package has all steps, with what each one proves and what it does not."
    } else {
        "When the case is sealed as a package, the file exhibit/VERIFY.txt in it has all steps, with what each one proves \
         and what it does not."
    }
}

pub(super) fn steps(facts: &Facts) -> Vec<Step> {
    let Some(bag) = &facts.bag_name else { return image_steps() };
    let bag = text(bag);
    let mut steps = vec![
        Step {
            purpose: "Unpack the package and go into its folder.",
            command: format!("unzip -q {bag}.zip\ncd {bag}"),
            expected: "No message is printed.",
        },
        Step {
            purpose: "Has any evidence file changed?",
            command: "sha256sum --check --strict manifest-sha256.txt".to_owned(),
            expected: "Every line ends in \u{201c}: OK\u{201d}.",
        },
        Step {
            purpose: "Has any record about it changed?",
            command: "sha256sum --check --strict tagmanifest-sha256.txt".to_owned(),
            expected: "Every line ends in \u{201c}: OK\u{201d}.",
        },
    ];
    if let Some(signer) = &facts.signer {
        let principal = text(&signer.principal);
        steps.push(Step {
            purpose: "Who sealed it? (One line.)",
            command: format!(
                "ssh-keygen -Y verify -f signatures/allowed_signers -I {principal} -n exhibit-package \
                 -s signatures/tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt"
            ),
            expected: "The line begins with \u{201c}Good\u{201d} and ends with the fingerprint given below.",
        });
    }
    steps
}

/// Outside a package only the files of the image can be compared.
fn image_steps() -> Vec<Step> {
    vec![Step {
        purpose: "Compute the digest of a file of an image, and compare it with the table of its files in section 7.",
        command: "sha256sum FILE".to_owned(),
        expected: "The digest that is printed equals the one in the table, digit by digit.",
    }]
}
