//! Commands with which anyone can check a package or an image.

use crate::document::{Block, Blocks, Sentence, Tone};
use crate::facts::Facts;
use crate::messages::Messages;
use crate::text::Text;
use crate::words;

pub(crate) fn in_full(facts: &Facts, messages: &Messages, blocks: &mut Blocks) {
    blocks.chapter("howto", messages.word("howto"));
    if facts.bag_name.is_some() {
        blocks.general(Tone::Plain, messages.word("howto-court"));
    }
    blocks.general(Tone::Plain, messages.word("howto-intro"));
    let step = |(key, command): (&str, String)| (Sentence::general(messages.word(key)), Some(command));
    blocks.push(Block::List { ordered: true, items: steps(facts).into_iter().map(step).collect() });
    blocks.general(Tone::Plain, messages.word("howto-more"));
    if let Some(signer) = &facts.signer {
        let text = messages.say(
            "howto-key",
            &[
                ("fingerprint", Text::exact(&signer.fingerprint).into()),
                ("signer", Text::recorded(&signer.principal).into()),
            ],
        );
        blocks.general(Tone::Plain, text);
    }
}

fn steps(facts: &Facts) -> Vec<(&'static str, String)> {
    let Some(bag) = &facts.bag_name else { return vec![("step-image", "sha256sum FILE".to_owned())] };
    let bag = words::text(bag);
    let mut steps = vec![
        ("step-unpack", format!("unzip -q {bag}.zip\ncd {bag}")),
        ("step-payload", "sha256sum --check --strict manifest-sha256.txt".to_owned()),
        ("step-tags", "sha256sum --check --strict tagmanifest-sha256.txt".to_owned()),
    ];
    if let Some(signer) = &facts.signer {
        let principal = words::text(&signer.principal);
        let command = format!(
            "ssh-keygen -Y verify -f signatures/allowed_signers -I {principal} -n exhibit-package \
             -s signatures/tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt"
        );
        steps.push(("step-seal", command));
    }
    steps
}
