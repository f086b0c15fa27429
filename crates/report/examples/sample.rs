//! Prints the report of an invented case: `cargo run -p exhibit-report --example sample > report.html`.

#[path = "../tests/support/mod.rs"]
mod support;

#[expect(clippy::disallowed_macros, reason = "an example for people")]
fn main() {
    print!("{}", exhibit_report::html(&support::facts()));
}
