//! Signing keys in a PKCS #11 token, by SoftHSM.

use std::path::Path;
use std::process::{Command, Stdio};

use exhibit_tests::foreign::present;
use exhibit_tests::places::skipped;

use crate::harness::Desk;
use crate::medium::mixed;

/// Where distributions put the module.
const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];

fn run(desk: &Desk, program: &str, words: &[&str]) -> String {
    let output = Command::new(program)
        .args(words)
        .env("SOFTHSM2_CONF", desk.path("softhsm2.conf"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{program} {words:?}: {text}");
    text
}

#[test]
fn a_key_that_never_leaves_its_token_signs_log_and_package() {
    if !present("softhsm2-util") || !present("pkcs11-tool") {
        return;
    }
    let Some(module) = MODULES.into_iter().find(|path| Path::new(path).is_file()) else {
        return skipped("the module of SoftHSM is not where it is looked for");
    };
    let desk = Desk::new();
    std::fs::create_dir(desk.path("tokens")).unwrap();
    let conf = format!("directories.tokendir = {}\nobjectstore.backend = file\n", desk.path("tokens").display());
    desk.write("softhsm2.conf", conf.as_bytes());
    run(&desk, "softhsm2-util", &["--init-token", "--free", "--label", "My Lab", "--so-pin", "1234", "--pin", "4321"]);
    let words = "--login --pin 4321 --keypairgen --key-type EC:edwards25519 --label signing --id 01";
    let mut words: Vec<&str> = words.split(' ').collect();
    words.extend(["--module", module, "--token-label", "My Lab"]);
    run(&desk, "pkcs11-tool", &words);

    let uri = format!("pkcs11:token=My%20Lab;object=signing?module-path={module}");
    let conf = desk.path("softhsm2.conf");
    let call = |words: &str| desk.exhibit(words).env("SOFTHSM2_CONF", &conf).env("EXHIBIT_KEY", &uri);
    call("key show").env("EXHIBIT_PASSPHRASE", "wrong").ends(1);
    let shown = call("key show").env("EXHIBIT_PASSPHRASE", "4321").outcome(0);
    let public = format!("{}\n", shown["keys"][0]["public_key"].as_str().unwrap());
    desk.write("token.pub", public.as_bytes());
    let signed = |words: &str| call(words).env("EXHIBIT_PASSPHRASE", "4321");
    signed("new case --number 1 --title T --agency L --examiner E").ends(0);
    desk.write("stick.img", &mixed(5000, 3));
    signed("acquire stick.img --case case --item 001").ends(0);
    signed("package case --to p.zip").ends(0);
    desk.exhibit("verify p.zip --key token.pub").home("stranger").ends(0);
    desk.exhibit("verify case --key token.pub").home("stranger").ends(0);
    for bad in ["pkcs11:token=My%20Lab", "pkcs11:serial=1", "pkcs11:token=Other?module-path=/nowhere.so"] {
        let ran = desk.exhibit("key show").env("EXHIBIT_KEY", bad).env("EXHIBIT_PASSPHRASE", "4321").ends_in(&[1, 2]);
        assert!(ran.stderr.contains("pkcs11:"), "{}", ran.stderr);
    }
}
