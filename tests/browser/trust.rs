//! Signatures by certificate and encrypted packages, in the page.

use crate::authority::{Authority, P256, PERSON};
use crate::verdicts::{desk, page};
use crate::webdriver::Browser;

const DONE: &str = "!document.getElementById('result').hidden || !document.getElementById('trouble').hidden";

#[test]
fn an_authority_that_the_reader_chooses_counts_as_it_does_for_the_program() {
    let Some(browser) = Browser::start() else { return };
    let desk = desk();
    let Some(authority) = Authority::new(&desk) else { return };
    authority.issue("person", "ca", P256, PERSON, ("20200101000000Z", "20500101000000Z"));
    let call = "package case --to c.zip --certificate authority/person.crt --certificate-key authority/person.key";
    desk.exhibit(call).ends(0);
    for (input, option, exit, outcome) in [
        ("authority-file", "--trust", 0, "holds"),
        ("stamp-file", "--trust-tsa", 7, "incomplete"),
        ("", "", 7, "incomplete"),
    ] {
        browser.open(&page());
        let mut native = desk.exhibit("verify --json c.zip").home("stranger");
        if !input.is_empty() {
            browser.give(input, &authority.path("ca.crt"));
            native = native.arg(option).arg(authority.path("ca.crt"));
        }
        browser.give("file", &desk.path("c.zip"));
        browser.wait_for(DONE);
        let answer = browser.run("return shown;");
        assert_eq!(answer["verdict"]["outcome"], outcome, "{option}: {answer}");
        assert_eq!(answer["verdict"], native.ends(exit).outcome()["verdict"], "{option}");
    }
    browser.picture("certificate.png");
    // What is no certificate is refused, and not passed over.
    browser.open(&page());
    browser.give("authority-file", &desk.path("c.zip"));
    browser.give("file", &desk.path("c.zip"));
    browser.wait_for(DONE);
    let said = browser.run("return document.getElementById('trouble').innerText;");
    assert!(said.as_str().unwrap().contains("file of certificates"), "{said}");
}

/// Not a damaged ZIP: the reader is told what it is and what to do, and no verdict is given.
#[test]
fn an_encrypted_package_is_called_that_and_nothing_else() {
    let Some(browser) = Browser::start() else { return };
    let desk = desk();
    let recipient = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";
    desk.exhibit("package case --to p.zip.age --encrypt-to").arg(recipient).ends(0);
    browser.open(&page());
    browser.give("file", &desk.path("p.zip.age"));
    browser.wait_for(DONE);
    let said = browser.run("return document.getElementById('trouble').innerText;");
    assert!(said.as_str().unwrap().contains("age -d -i KEY"), "{said}");
    assert!(browser.run("return shown;").is_null());
}
