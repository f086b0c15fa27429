//! What reaches the terminal: no escape sequence that we did not mean, no bar where nobody looks, quiet when asked.

use crate::harness::Desk;
use crate::machine;
use crate::medium::mixed;

/// A text that clears the screen, turns the reading direction and ends lines.
const EVIL: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}gpj.exe\u{9b}31m";

#[test]
fn texts_from_evidence_and_arguments_reach_nobody_unescaped() {
    let desk = Desk::new();
    let name = format!("evil {EVIL}.img");
    desk.write(&name, &mixed(3000, 1));
    desk.begin_case();
    let call = desk.exhibit("acquire --to x --notes").arg(EVIL).arg("--description").arg(EVIL);
    let call = call.arg("--examiner").arg(EVIL).arg("--evidence-number").arg(EVIL).arg("--case-number").arg(EVIL);
    let mut runs = vec![call.arg(&name).ends(0)];
    let call = desk.exhibit("acquire --case case --item 001 --description").arg(EVIL).arg("--actor").arg(EVIL);
    runs.push(call.arg(&name).ends(0));
    runs.push(desk.exhibit("custody add --case case --item").arg(EVIL).arg(EVIL).ends(2));
    // Fields of one line are refused, words are taken: both show the text again, and neither as it is.
    for (field, code) in [("--place", 2), ("--seal", 2), ("--reason", 0), ("--role", 2)] {
        let call = desk.exhibit("custody add --case case --item 001").arg(field).arg(EVIL);
        runs.push(call.arg("words").ends(code));
    }
    runs.push(desk.exhibit("custody add --case case --item 001").arg(EVIL).ends(0));
    for words in ["info x.E01", "info x.E01 --json", "verify x.E01 --verbose", "custody log --case case", "verify case"]
    {
        runs.push(desk.exhibit(words).ends(0));
    }
    for words in ["hash", "info", "verify", "export --to y", "carve --to z"] {
        let call = desk.exhibit(words).arg(&name);
        // A digest list in a pipe is for programs and carries names exactly; on a terminal it is escaped, see below.
        runs.push(if words == "hash" { call.drawing().ends(0) } else { call.ends_in(&[0, 7]) });
        runs.push(desk.exhibit(words).arg(format!("gone {EVIL}")).ends_in(&[1, 2]));
    }
    runs.push(desk.exhibit("report case").ends(0));
    for words in [
        "acquire x.E01 --format",
        "acquire x.E01 --to q --hash",
        "acquire x.E01 --to q --errors",
        "custody add --case case words --action",
        "report case --format",
        "carve x.E01 --to q --types",
    ] {
        runs.push(desk.exhibit(words).arg(EVIL).ends(2));
    }
    for ran in runs {
        for evil in ['\u{1b}', '\u{7}', '\u{202e}', '\u{9b}'] {
            // JSON may carry what is not a control character; a person does not read it.
            let is_json = ran.out().lines().next_back().is_some_and(|line| line.starts_with('{'));
            let text = if is_json { ran.stderr.clone() } else { ran.said() };
            // sha256sum's format is for programs: exact bytes, but never a raw line end.
            let is_digest = ran.out().lines().next().is_some_and(|line| {
                line.trim_start_matches('\\').len() > 64 && line.as_bytes().iter().take(64).all(u8::is_ascii_hexdigit)
            });
            assert!(is_digest || !text.contains(evil), "{evil:?}\n{}", ran.everything());
        }
    }
    let Some(seen) = machine::on_a_terminal(&desk, &["hash", &name, "--color", "never"], &[]) else { return };
    assert!(seen.contains("owned") && !seen.contains("\u{1b}[2J"), "{seen:?}");
}

#[test]
fn metadata_of_a_hostile_image_do_not_reach_the_terminal() {
    let desk = Desk::new();
    desk.write("source", &mixed(3000, 1));
    desk.exhibit("acquire source --to x --notes AAAAAAAAAA").ends(0);
    let forged = desk.exhibit("acquire source --to y --notes").arg(EVIL).ends(0);
    assert!(!forged.said().contains('\u{1b}'));
    let out = desk.exhibit("info y.E01").ends(0).said();
    assert!(out.contains("owned") && !out.contains('\u{1b}') && !out.contains('\u{202e}'), "{out}");
}

#[test]
fn quiet_prints_results_only_and_nothing_on_standard_error() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(3000, 1));
    for (words, says) in [
        ("acquire stick.img --to x --quiet", false),
        ("verify x.E01 --quiet", true),
        ("hash stick.img --quiet", true),
        ("carve stick.img --to c --quiet", false),
        ("export x.E01 --to y --quiet", false),
        ("package case --to p.zip --quiet", false),
        ("report case --quiet", true),
        ("custody add --case case --quiet words", false),
        ("custody log --case case --quiet", true),
        ("info x.E01 --quiet", true),
        ("key show --quiet", true),
        ("devices --quiet", true),
    ] {
        let ran = desk.exhibit(words).ends(0);
        assert!(ran.stderr.is_empty(), "{words}: {}", ran.stderr);
        assert!(!says || !ran.stdout.is_empty(), "{words}: the result itself is not to be left out");
    }
}

#[test]
fn colours_are_only_where_they_are_asked_for() {
    let desk = Desk::new();
    desk.case_with_item(&mixed(3000, 1));
    desk.exhibit("verify case").ends(0);
    let ran = desk.exhibit("verify case --color always").drawing().ends(0);
    assert!(ran.out().contains("\u{1b}[32m"), "{}", ran.out());
    desk.exhibit("verify case --color never").ends(0);
    let Some(seen) = machine::on_a_terminal(&desk, &["verify", "case"], &[]) else { return };
    assert!(seen.contains("\u{1b}[32m"), "on a terminal there are colours: {seen:?}");
    let Some(seen) = machine::on_a_terminal(&desk, &["verify", "case"], &[("NO_COLOR", "1")]) else { return };
    assert!(!seen.contains("\u{1b}[32m"), "with NO_COLOR there are none: {seen:?}");
}

#[test]
fn a_bar_is_drawn_on_a_terminal_and_taken_away() {
    let desk = Desk::new();
    desk.write("source", &mixed(40 << 20, 1));
    let Some(seen) = machine::on_a_terminal(&desk, &["acquire", "source", "--to", "x"], &[]) else { return };
    assert!(seen.contains("Imaging") && seen.contains("left"), "{seen:?}");
    let Some(seen) = machine::on_a_terminal(&desk, &["acquire", "source", "--to", "y", "--quiet"], &[]) else { return };
    assert!(!seen.contains("Imaging"), "{seen:?}");
}
