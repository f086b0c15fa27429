//! Puts the parts of the page together: `assemble MODULE.wasm OUT.html COMPILER`. Called by `build.sh`.
//!
//! The same parts give the same bytes. The policy of the page names the digest of its one script, so that nothing else runs in
//! it, and forbids every connection.
#![expect(clippy::disallowed_methods, reason = "a tool of the build reads and writes files")]

use std::error::Error;
use std::io::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};

/// The languages, in the order of the list that the reader sees: by their own names.
const LANGUAGES: [&str; 6] = ["ar", "en", "es", "fr", "ru", "zh"];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, out, compiler] = arguments.as_slice() else {
        return Err("assemble MODULE.wasm OUT.html COMPILER".into());
    };
    let parts = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
    let part = |name: &str| std::fs::read_to_string(parts.join(name));

    let mut words = serde_json::Map::new();
    for language in LANGUAGES {
        words.insert(language.to_owned(), serde_json::from_str(&part(&format!("words/{language}.json"))?)?);
    }
    // No `<` in a script element, whatever the words say.
    let words = serde_json::to_string(&words)?.replace('<', "\\u003c");
    let mut packed = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    packed.write_all(&std::fs::read(module)?)?;
    let module = STANDARD.encode(packed.finish()?);

    let (style, script) = (part("page.css")?, part("page.js")?);
    let digest = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let policy = format!(
        "default-src 'none'; script-src {} 'wasm-unsafe-eval'; style-src {}; worker-src blob:; img-src data:; \
         connect-src 'none'; base-uri 'none'; form-action 'none'",
        digest(&script),
        digest(&style),
    );
    let page = part("page.html")?
        .replace("@POLICY@", &policy)
        .replace("@STYLE@", &style)
        .replace("@WORDS@", &words)
        .replace("@WORKER@", &part("worker.js")?)
        .replace("@SCRIPT@", &script)
        .replace("@MODULE@", &module);
    let page = format!("{page}<!-- exhibit {}, built with {compiler} -->\n", env!("CARGO_PKG_VERSION"));
    std::fs::write(out, page)?;
    Ok(())
}
