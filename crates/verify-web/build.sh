#!/usr/bin/env bash
# Builds verify.html: the checker as WebAssembly, put into the page. Needs a compiler that has the sources of the standard library
# beside it, since no ready one for this target comes with Debian: packages rustc-web, cargo-web, rust-web-src and lld-22.
# The result is checked in; with the same compiler it is the same to the byte, wherever it is built.
#
# usage: crates/verify-web/build.sh [FILE]     default: crates/verify-web/verify.html
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
out=$(realpath -m "${1:-$here/crates/verify-web/verify.html}")
target=${CARGO_TARGET_DIR:-$here/target}/web
cargo_home=${CARGO_HOME:-$HOME/.cargo}

cd "$here"
RUSTC=/usr/bin/rustc
sysroot=$("$RUSTC" --print sysroot)
export RUSTC RUSTC_BOOTSTRAP=1
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-22
# Paths of the machine must not be in the file.
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-Ctarget-feature=+simd128 -Clink-arg=--no-entry \
--remap-path-prefix=$here=exhibit --remap-path-prefix=$cargo_home/registry/src=registry --remap-path-prefix=$sysroot=sysroot"
/usr/bin/cargo build --quiet --locked --profile web -Zbuild-std=std,panic_abort --target wasm32-unknown-unknown \
  --target-dir "$target" -p exhibit-verify-web --lib
unset RUSTC RUSTC_BOOTSTRAP
cargo run --quiet --locked -p exhibit-verify-web --example assemble -- \
  "$target/wasm32-unknown-unknown/web/exhibit_verify_web.wasm" "$out" "$(/usr/bin/rustc --version)"
