//! RFC 3161 time stamps by a local authority (`openssl ts`) and by real ones: each way one can be wrong is told in words.

use std::path::PathBuf;

use exhibit_tests::places::data_file;

use crate::authority::{Authority, P256, PERSON, TSA};
use crate::harness::Desk;
use crate::medium::mixed;

/// A desk with `data`, a request for it, and the good answer of a local authority.
fn stamped() -> Option<(Desk, Authority)> {
    let desk = Desk::new();
    let authority = Authority::new(&desk)?;
    desk.write("data", b"what is stamped");
    desk.exhibit("timestamp request data --out q.tsq").ends(0);
    authority.reply("tsa", &desk.path("q.tsq"), &desk.path("a.tsr"));
    Some((desk, authority))
}

/// Exit code and words of checking `token` over `data`, trusting the local root.
fn check(desk: &Desk, token: &str, more: &str) -> (i32, String) {
    let call = format!("timestamp check data --token {token} --trust authority/ca.crt {more}");
    let ran = desk.exhibit(&call).ends_in(&[0, 4, 7]);
    (ran.code.unwrap(), ran.said())
}

#[test]
fn a_good_stamp_is_good_for_us_and_for_openssl_and_openssl_takes_our_request() {
    let Some((desk, authority)) = stamped() else { return };
    let said = authority.openssl("ts -query -in ../q.tsq -text");
    assert!(said.contains("Hash Algorithm: sha256") && said.contains("Certificate required: yes"), "{said}");
    let (code, said) = check(&desk, "a.tsr", "--request q.tsq --policy 1.2.3.4.1");
    assert!(code == 0 && said.contains("Verified: all 5 checks of the time stamp"), "{said}");
    let outcome =
        desk.exhibit("timestamp attach data --token a.tsr --request q.tsq --trust authority/ca.crt").outcome(0);
    assert!(outcome["stamp"]["authority"].as_str().unwrap().contains("CN=tsa"), "{outcome}");
    assert_eq!(outcome["stamp"]["accuracy_microseconds"], 1_500_000);
    // What is stored, in the hands of others.
    authority.openssl(
        "ts -verify -data ../data -token_in -in ../data.tst -CAfile ca.crt -untrusted ../data.certificates.pem",
    );
    authority.openssl("ts -verify -queryfile ../data.tsq -token_in -in ../data.tst -CAfile ca.crt");
    desk.exhibit("timestamp check data --trust authority/ca.crt").ends(0);
    desk.exhibit("timestamp attach data --token a.tsr").ends(1);
    for hash in ["sha384", "sha512"] {
        let request = format!("{hash}.tsq");
        desk.exhibit(&format!("timestamp request data --hash {hash} --policy 1.2.3.4.2 --out {request}")).ends(0);
        authority.reply("tsa", &desk.path(&request), &desk.path(hash));
        let (code, said) = check(&desk, hash, &format!("--request {request}"));
        assert_eq!(code, 0, "{said}");
    }
}

#[test]
fn each_way_a_stamp_can_be_wrong_is_told_in_words() {
    let Some((desk, authority)) = stamped() else { return };
    let expect = |token: &str, more: &str, code: i32, words: &str| {
        let (found, said) = check(&desk, token, more);
        assert!(found == code && said.contains(words), "{token} {more}: {found}\n{said}");
    };
    // Other data, another request, another policy.
    desk.write("other", b"something else");
    let ran = desk.exhibit("timestamp check other --token a.tsr --trust authority/ca.crt").ends(4);
    assert!(ran.said().contains("it is of other bytes"), "{}", ran.said());
    desk.exhibit("timestamp request data --out later.tsq").ends(0);
    expect("a.tsr", "--request later.tsq", 4, "it answers another request, perhaps an older one");
    expect("a.tsr", "--policy 1.2.3.4.9", 4, "made under the policy 1.2.3.4.1, and 1.2.3.4.9 is demanded");
    // Tampered: the last byte is the signature's; the imprint stands at the beginning.
    let good = desk.read("a.tsr");
    let mut changed = good.clone();
    *changed.last_mut().unwrap() ^= 1;
    desk.write("tampered", &changed);
    expect("tampered", "", 4, "the signature does not match");
    let digest = digest_of_data(&desk);
    let at = good.windows(digest.len()).position(|window| window == digest).unwrap();
    let mut changed = good.clone();
    changed[at] ^= 1;
    desk.write("tampered-inside", &changed);
    expect("tampered-inside", "", 4, "the content was changed");
    for end in [0, 1, 40, good.len() - 1] {
        desk.write("cut", &good[..end]);
        expect("cut", "", 4, "cut short");
    }
    // Nobody trusted, or somebody else.
    let ran = desk.exhibit("timestamp check data --token a.tsr").ends(7);
    assert!(ran.said().contains("--trust"), "{}", ran.said());
    authority.root("stranger");
    let ran = desk.exhibit("timestamp check data --token a.tsr --trust authority/stranger.crt").ends(7);
    assert!(ran.said().contains("nobody you named vouches for it"), "{}", ran.said());
    // Without a certificate in it.
    authority.openssl("ts -query -data ../data -sha256 -out bare.tsq");
    authority.reply("tsa", &authority.path("bare.tsq"), &desk.path("bare.tsr"));
    expect("bare.tsr", "", 7, "the certificate that signed is neither in the time stamp nor among those given");
    expect("bare.tsr", "--certs authority/tsa.crt", 0, "Verified");
    // A refusal.
    authority.openssl("ts -query -data ../data -sha256 -tspolicy 1.9.9 -cert -out odd.tsq");
    authority.reply("tsa", &authority.path("odd.tsq"), &desk.path("refused.tsr"));
    expect("refused.tsr", "", 4, "the authority refused (status 2)");
    desk.exhibit("timestamp attach data --token refused.tsr").ends(1);
    desk.exhibit("timestamp attach other --token a.tsr --trust authority/ca.crt").ends(4);
    assert!(!desk.path("other.tst").exists());
}

/// SHA-256 of `data`, by somebody else's program.
fn digest_of_data(desk: &Desk) -> Vec<u8> {
    let said = desk.exhibit("hash data").ends(0).out();
    let hex = said.split(' ').next().unwrap().to_owned();
    (0..64).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn the_certificate_must_be_for_time_stamps_and_valid_at_that_time() {
    let Some((desk, authority)) = stamped() else { return };
    let ages = ("20200101000000Z", "20500101000000Z");
    authority.issue("person", "ca", P256, PERSON, ages);
    authority.issue("loose", "ca", P256, &TSA.replace("critical,timeStamping", "timeStamping"), ages);
    authority.issue("both", "ca", P256, &TSA.replace("timeStamping", "timeStamping,emailProtection"), ages);
    authority.issue("old", "ca", P256, TSA, ("20150101000000Z", "20200101000000Z"));
    authority.issue("early", "ca", P256, TSA, ("20450101000000Z", "20500101000000Z"));
    authority.openssl("ts -reply -in ../a.tsr -token_out -out good.tst");
    // openssl cms makes the stamps that openssl ts refuses to make.
    authority.openssl("cms -verify -noverify -inform DER -in good.tst -out info.der -binary");
    for (name, words) in [
        ("person", "is not one for time stamps"),
        ("loose", "does not say so critically"),
        ("both", "and for other things as well"),
        ("old", "had expired at the time that counts"),
        ("early", "was not valid yet at the time that counts"),
    ] {
        authority.openssl(&format!(
            "cms -sign -binary -nodetach -cades -md sha256 -econtent_type 1.2.840.113549.1.9.16.1.4 -in info.der -signer \
             {name}.crt -inkey {name}.key -outform DER -out ../{name}.tst"
        ));
        let (code, said) = check(&desk, &format!("{name}.tst"), "");
        assert!(code == 4 && said.contains(words), "{name}: {code}\n{said}");
    }
}

#[test]
fn what_a_revocation_means_depends_on_when_and_why() {
    let Some((desk, authority)) = stamped() else { return };
    for (when, reason, code, words) in [
        (
            "400101000000Z",
            "superseded",
            0,
            "was revoked on 2040-01-01T00:00:00Z (superseded by another), after the time that counts",
        ),
        ("400101000000Z", "cessationOfOperation", 0, "it was good then"),
        ("400101000000Z", "keyCompromise", 4, "its earlier time stamps count no longer either"),
        ("400101000000Z", "", 4, "no reason given"),
        ("210101000000Z", "superseded", 4, "before the time that counts"),
    ] {
        authority.revoke("tsa", "ca", when, reason);
        let (found, said) = check(&desk, "a.tsr", "--crl authority/tsa.crl");
        assert!(found == code && said.contains(words), "{when} {reason}: {found}\n{said}");
    }
    // A list by somebody else proves nothing.
    authority.root("stranger");
    authority.revoke("tsa", "stranger", "210101000000Z", "keyCompromise");
    let (found, said) = check(&desk, "a.tsr", "--crl authority/tsa.crl");
    assert!(found == 0 && said.contains("whether it was revoked is not known"), "{said}");
}

#[test]
fn a_chain_with_an_authority_in_between_is_followed_and_one_that_may_not_issue_is_refused() {
    let Some((desk, authority)) = stamped() else { return };
    let ages = ("20200101000000Z", "20500101000000Z");
    let between =
        "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash";
    authority.issue("between", "ca", P256, between, ages);
    authority.issue("deep", "between", P256, TSA, ages);
    authority.reply("deep", &desk.path("q.tsq"), &desk.path("deep.tsr"));
    let (code, said) = check(&desk, "deep.tsr", "--certs authority/between.crt");
    assert_eq!(code, 0, "{said}");
    let (code, said) = check(&desk, "deep.tsr", "");
    assert!(code == 7 && said.contains("the chain ends at"), "{said}");
    // The one in between may have nobody below it that issues; and a person may not issue at all.
    authority.issue("lower", "between", P256, between, ages);
    authority.issue("too-deep", "lower", P256, TSA, ages);
    authority.reply("too-deep", &desk.path("q.tsq"), &desk.path("too-deep.tsr"));
    let (code, said) = check(&desk, "too-deep.tsr", "--certs authority/between.crt --certs authority/lower.crt");
    assert!(code == 4 && said.contains("1 authorities stand below it, and it allows 0"), "{said}");
    authority.issue("person", "ca", P256, PERSON, ages);
    authority.issue("false", "person", P256, TSA, ages);
    authority.reply("false", &desk.path("q.tsq"), &desk.path("false.tsr"));
    let (code, said) = check(&desk, "false.tsr", "--certs authority/person.crt");
    assert!(code == 4 && said.contains("it is no certificate of an authority"), "{said}");
}

#[test]
fn the_log_of_a_case_is_stamped_by_file_and_travels_with_the_package() {
    let desk = Desk::new();
    let Some(authority) = Authority::new(&desk) else { return };
    desk.case_with_item(&mixed(5000, 3));
    desk.exhibit("timestamp request case --out q.tsq").ends(0);
    // Something is recorded while the request travels: the answer still finds its checkpoint.
    desk.exhibit("custody add --case case words").ends(0);
    authority.reply("tsa", &desk.path("q.tsq"), &desk.path("a.tsr"));
    desk.exhibit("timestamp attach case --token a.tsr --request q.tsq --trust authority/ca.crt").ends(0);
    let token = desk.list("case/custody").into_iter().find(|name| name.ends_with(".tst")).unwrap();
    let number = token.strip_suffix(".tst").unwrap();
    authority.openssl(&format!(
        "ts -verify -data ../case/custody/{number}.checkpoint -token_in -in ../case/custody/{token} -CAfile ca.crt"
    ));
    desk.exhibit("timestamp check case --trust authority/ca.crt").ends(0);
    desk.exhibit("verify case --trust authority/ca.crt").ends(0);
    let ran = desk.exhibit("verify case").ends(7);
    assert!(ran.said().contains("--trust"), "{}", ran.said());
    desk.exhibit("package case --to p.zip").ends(0);
    desk.exhibit("verify p.zip --trust authority/ca.crt").ends(0);
    // The token is bound by the log: a changed or exchanged one is found.
    let path = format!("case/custody/{token}");
    let good = desk.read(&path);
    let mut bad = good.clone();
    let at = bad.len() - 3;
    bad[at] ^= 1;
    std::fs::write(desk.path(&path), &bad).unwrap();
    let ran = desk.exhibit("verify case --trust authority/ca.crt").ends(4);
    assert!(ran.said().contains("the signature does not match"), "{}", ran.said());
    std::fs::remove_file(desk.path(&path)).unwrap();
    desk.exhibit("verify case --trust authority/ca.crt").ends(4);
}

#[test]
fn an_authority_is_asked_over_http_and_its_failures_are_told() {
    let desk = Desk::new();
    let Some(authority) = Authority::new(&desk) else { return };
    desk.write("data", b"what is stamped");
    for chunked in [false, true] {
        let (url, server) = authority.serve("tsa", 1, chunked);
        desk.exhibit("timestamp request data --trust authority/ca.crt --tsa").arg(url).ends(0);
        server.join().unwrap();
        desk.exhibit("timestamp check data --trust authority/ca.crt").ends(0);
        for ending in ["tst", "tsq", "certificates.pem"] {
            std::fs::remove_file(desk.path(format!("data.{ending}"))).unwrap();
        }
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = desk.exhibit("timestamp request data --tsa").arg(format!("http://{closed}/")).ends(1);
    assert!(ran.stderr.contains("does not answer") && ran.stderr.contains("--out"), "{}", ran.stderr);
    let ran = desk.exhibit("timestamp request data --tsa https://tsa.example/").ends(2);
    assert!(ran.stderr.contains("https is not built in"), "{}", ran.stderr);
    assert!(!desk.path("data.tst").exists());
}

/// Real stamps: what they are of, who made them, and that one with a broken signature is refused.
#[test]
fn stamps_of_real_authorities_are_judged_at_their_own_time() {
    let desk = Desk::new();
    desk.write("hello", b"hello");
    desk.write("zeros", &[0; 32]);
    let Some(folder) =
        data_file("tsp/sigstage/request.der").map(|path| path.parent().unwrap().parent().unwrap().to_owned())
    else {
        return;
    };
    let check = |target: &str, token: &str, chain: &[&str], trust: &str, more: &[(&str, PathBuf)]| {
        let mut call = desk.exhibit("timestamp check").arg(target).arg("--token").arg(folder.join(token));
        for certificate in chain {
            call = call.arg("--certs").arg(folder.join(certificate));
        }
        for (option, path) in more {
            call = call.arg(option).arg(path);
        }
        call.arg("--verbose").arg("--trust").arg(folder.join(trust)).ends_in(&[0, 4, 7])
    };
    for (token, chain) in [
        ("sigstage/response-sha256.tsr", "sigstage/ts_chain.pem"),
        ("sigstage/response-sha512.tsr", "sigstage/ts_chain.pem"),
        ("test_tsa/response.tsr", "test_tsa/ts_chain.pem"),
    ] {
        let ran = check("hello", token, &[chain], chain, &[]);
        assert_eq!(ran.code, Some(0), "{}", ran.everything());
    }
    let request = folder.join("test_tsa/request.der");
    let ran = check("hello", "test_tsa/response.tsr", &[], "test_tsa/ts_chain.pem", &[("--request", request.clone())]);
    assert!(ran.code == Some(0) && ran.said().contains("2024-10-08T15:40:32Z"), "{}", ran.everything());
    let ran = check("hello", "sigstage/response-sha256.tsr", &[], "sigstage/ts_chain.pem", &[("--request", request)]);
    assert_eq!(ran.code, Some(4), "{}", ran.everything());
    let ran = check("hello", "sigstage/response-invalid-signature.tsr", &[], "sigstage/ts_chain.pem", &[]);
    assert!(ran.code == Some(4) && ran.said().contains("does not match"), "{}", ran.everything());
    let ran = check("zeros", "sigstage/response-sha256.tsr", &[], "sigstage/ts_chain.pem", &[]);
    assert!(ran.code == Some(4) && ran.said().contains("of other bytes"), "{}", ran.everything());
    let sectigo =
        ["sectigo/sectigo-signer.pem", "sectigo/sectigo-time-stamping-ca.pem", "sectigo/user-trust-ca-aaa.pem"];
    // Its imprint is 32 bytes of zero, which is the digest of nothing that anybody has; everything else about it holds.
    for root in ["sectigo/user-trust-ca.pem", "sectigo/comodo-aaa.pem"] {
        let ran = check("zeros", "sectigo/sectigo-all-zero.tsr", &sectigo, root, &[]);
        assert_eq!(ran.code, Some(4), "{root}: {}", ran.everything());
        let said = ran.said();
        assert!(said.contains("of other bytes") && said.contains("1 of 5 checks"), "{root}: {said}");
        assert!(said.contains("holds          Its authority is trusted"), "{root}: {said}");
    }
}
