#!/usr/bin/env bash
# Times Exhibit side by side with the tools examiners use today, on the same generated media, and prints Markdown tables.
#
# Every command reads the same file from the page cache and writes to the same folder. The commands of a table take
# turns, so that a disturbance of the machine hits all of them; the best of all turns counts. Exhibit syncs what it
# wrote to the disk before it says that it is done; the others leave that to the kernel.
#
# A ratio above 1 means that Exhibit is faster. Tools that are not there are named as not installed.
set -euo pipefail

usage() {
    cat <<'HELP'
usage: benches/peers.sh [--quick] [--size-mib N] [--runs N] [--disks N] [--seed N] [--work DIR] [--only TABLES]
                        [--libewf] [--ewf-image RUSTC]

  --quick        256 MiB, 2 practice disks, one turn: to see that it works, not to compare
  --size-mib N   size of the medium that is imaged, verified and hashed (default 1024)
  --runs N       turns (default 3)
  --disks N      practice disks of 64 MiB in the carving image (default 8)
  --seed N       seed of all media (default 1)
  --work DIR     where media and outputs go; about five times the size (default: a new folder in $TMPDIR)
  --only TABLES  some of: acquire,best,verify,hash,raw,package,carve,memory,huge (default: all)
  --libewf       build the newest libewf from the Python package index once (needs pip, a C compiler, zlib and OpenSSL
                 headers; two minutes; kept in target/peers) and let its ewfacquire take part
  --ewf-image RUSTC
                 build the writer of crate ewf-image (benches/ewf-image; it wants rustc 1.96, which RUSTC is; kept in
                 target/peers) and let it take part
HELP
}

size_mib=1024 runs=3 disks=8 seed=1 sparse_gib=8 work='' tables=acquire,best,verify,hash,raw,package,carve,memory,huge libewf=no ewf_image=no huge_seconds=20
while (($#)); do
    case $1 in
    --quick) size_mib=256 runs=1 disks=2 sparse_gib=1 huge_seconds=4 ;;
    --size-mib) size_mib=$2 && shift ;;
    --runs) runs=$2 && shift ;;
    --disks) disks=$2 && shift ;;
    --seed) seed=$2 && shift ;;
    --work) work=$2 && shift ;;
    --only) tables=$2 && shift ;;
    --libewf) libewf=yes ;;
    --ewf-image) ewf_image=$2 && shift ;;
    -h | --help) usage && exit ;;
    *) usage >&2 && exit 2 ;;
    esac
    shift
done

here=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$here/target}/release
work=${work:-$(mktemp -d "${TMPDIR:-/tmp}/exhibit-peers.XXXXXX")}
mkdir -p "$work"
programs=(exhibit make-medium score-carving lane-times huge-medium bare-search)
trap 'rm -rf "$work/out" "$work/cases" "$work"/{mixed,quarter,sparse,random,zeros}.raw "$work/scalpel.conf" "$work"/carve.raw* "$work/timing" "$work/log" "${programs[@]/#/$work/}"; rmdir "$work" 2>/dev/null || true' EXIT

(cd "$here" && cargo build --release --quiet -p exhibit -p exhibit-benches)
# A copy: a build that runs at the same time must not change what is measured.
cp "${programs[@]/#/$target/}" "$work/"
exhibit=$work/exhibit
medium=$work/mixed.raw
cores=$(nproc)

have() { command -v "$1" >/dev/null; }
wants() { [[ ,$tables, == *,$1,* ]]; }

# The newest libewf: the source package for Python contains its tools as well.
newest_ewfacquire=$here/target/peers/libewf/ewftools/ewfacquire
build_libewf() {
    [[ -x $newest_ewfacquire ]] && return
    local folder=$here/target/peers
    mkdir -p "$folder"
    echo 'building libewf' >&2
    (
        cd "$folder" && rm -rf libewf download
        python3 -m pip download --quiet --no-deps --no-binary :all: --no-build-isolation -d download libewf-python ||
            python3 -m pip download --quiet --no-deps --no-binary :all: -d download libewf-python
        mkdir libewf && tar -xzf download/libewf[_-]python-*.tar.gz --strip-components=1 -C libewf
        cd libewf && ./configure --disable-shared --enable-static --without-libfuse && make -j"$(nproc)" CFLAGS=-O2
    ) >"$work/log" 2>&1 || {
        echo 'libewf could not be built:' >&2
        tail -n 3 "$work/log" >&2
        rm -rf "$folder/libewf"
    }
}

# The crate ewf-image, built by a newer compiler than the project's.
ewf_image_peer=$here/target/peers/ewf-image/release/ewf-image-peer
build_ewf_image() {
    [[ -x $ewf_image_peer ]] && return
    echo 'building ewf-image' >&2
    RUSTC=$ewf_image cargo build --release --manifest-path "$here/benches/ewf-image/Cargo.toml" \
        --target-dir "$here/target/peers/ewf-image" >"$work/log" 2>&1 || {
        echo 'ewf-image could not be built:' >&2
        tail -n 3 "$work/log" >&2
    }
}

# Whether Exhibit writes a format: found out on a medium of one sector.
writes() {
    local folder=$work/out/writes status=0
    rm -rf "$folder" && mkdir -p "$folder"
    head -c 512 /dev/zero >"$folder/sector"
    "$exhibit" acquire "$folder/sector" --quiet --to "$folder/x" --format "$1" >/dev/null 2>&1 || status=$?
    return $status
}

# --- measuring

declare -A wall cpu failed lanes

# measure NAME EXIT COMMAND…: runs it in a fresh $work/out/NAME, keeps the best wall time and the processor time of that turn.
measure() {
    local name=$1 expected=$2 out=$work/out/$1 status=0 real user system
    shift 2
    rm -rf "$out" && mkdir -p "$out"
    sync
    local TIMEFORMAT='%R %U %S'
    { time { (cd "$out" && "$@") >"$work/log" 2>&1; }; } 2>"$work/timing" || status=$?
    if ((status != expected)); then
        failed[$name]="failed with exit code $status"
        echo "$name: exit code $status, expected $expected" >&2
        tail -n 5 "$work/log" >&2
        return
    fi
    read -r real user system <"$work/timing"
    if [[ -z ${wall[$name]:-} ]] || awk "BEGIN { exit !($real < ${wall[$name]}) }"; then
        wall[$name]=$real
        cpu[$name]=$(awk "BEGIN { printf \"%.2f\", $user + $system }")
    fi
}

# turns FUNCTION: lets the commands of a table take turns.
turns() {
    local turn
    for ((turn = 1; turn <= runs; turn++)); do
        echo "$1: turn $turn of $runs" >&2
        "$1"
    done
}

# row LABEL NAME MIB [PEER]: a line of a table; the ratio is the peer's wall time over this one's.
row() {
    local label=$1 name=$2 mib=$3 peer=${4:-} ratio=''
    if [[ -n ${failed[$name]:-} ]]; then
        echo "| $label | ${failed[$name]} | | | |"
    elif [[ -z ${wall[$name]:-} ]]; then
        echo "| $label | not installed | | | |"
    else
        if [[ -n $peer && -n ${wall[$peer]:-} ]]; then
            ratio=$(awk "BEGIN { printf \"%.2f ×\", ${wall[$peer]} / ${wall[$name]} }")
        fi
        awk "BEGIN { printf \"| %s | %.2f s | %.2f s | %.0f MiB/s | %s |\n\", \"$label\", ${wall[$name]}, ${cpu[$name]}, $mib / ${wall[$name]}, \"$ratio\" }"
    fi
}

heading() {
    echo
    echo "### $1"
    echo
    echo "| command | wall | processor | rate | ratio |"
    echo "| --- | ---: | ---: | ---: | ---: |"
}

# bound_heading, bound_row LABEL NAME LANE…: the least time that was possible in this very run, and what was needed. No
# run is faster than its slowest lane, which is one thread by nature, nor than all its processor time spread over all cores.
# A lane is a name of `lane-times`, or `files:NAME:PATTERN`: the SHA-256 of these files as they are written or read.
bound_heading() {
    echo
    echo "The bound of each: its slowest lane, or its processor time shared by $cores cores, whichever is more."
    echo
    echo "| command | slowest lane | processor / $cores | bound | wall | wall / bound |"
    echo "| --- | ---: | ---: | ---: | ---: | ---: |"
}

bound_row() {
    local label=$1 name=$2 lane seconds slowest=0 called=none
    shift 2
    [[ -n ${wall[$name]:-} ]] || return 0
    for lane in "$@"; do
        if [[ $lane == files:* ]]; then
            local of=${lane#files:}
            seconds=$(awk "BEGIN { print ${lanes[sha256]} * $(bytes_of "${of%%:*}" "${of#*:}") / ($size_mib * 1048576) }")
            lane='SHA-256 of the files'
        else
            seconds=${lanes[$lane]}
        fi
        if awk "BEGIN { exit !($seconds > $slowest) }"; then
            slowest=$seconds called=$lane
        fi
    done
    awk "BEGIN {
        lane = $slowest; shared = ${cpu[$name]} / $cores; bound = lane > shared ? lane : shared; wall = ${wall[$name]}
        printf \"| %s | %.2f s (%s) | %.2f s | %.2f s | %.2f s | %.2f |\\n\", \"$label\", lane, \"$called\", shared, bound, wall, wall / bound
    }"
}

bytes_of() { { find "$work/out/$1" -name "$2" -printf '%s\n' 2>/dev/null || true; } | awk '{ sum += $1 } END { print sum + 0 }'; }

# --- the machine

version() {
    have "$1" || { echo 'not installed' && return; }
    "$@" 2>&1 </dev/null | head -n 1 | grep -oE '(^| )[0-9]+(\.[0-9]+)*' | head -n 1 | tr -d ' '

}

machine() {
    echo "- Date: $(date -u +%Y-%m-%dT%H:%M:%SZ); load before the run: $(cut -d' ' -f1 /proc/loadavg) (0 is idle)"
    echo "- Processor: $(lscpu | sed -n 's/^Model name: *//p'), $(nproc) cores; $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo) of memory"
    echo "- System: Linux $(uname -r); outputs on $(stat -f -c %T "$work")"
    echo "- Exhibit: $("$exhibit" --version | awk '{ print $2 }'), commit $(git -C "$here" rev-parse --short HEAD 2>/dev/null || echo unknown), $(rustc --version | cut -d' ' -f1,2)"
    echo "- ewf-tools $(version ewfacquire -V); coreutils $(version sha256sum --version); foremost $(version foremost -V); photorec $(version photorec /version); dc3dd $(version dc3dd --version); newest libewf $(version "$newest_ewfacquire" -V)"
    echo "- Command: \`benches/peers.sh --size-mib $size_mib --runs $runs --disks $disks --seed $seed\`; best of $runs"
}

# --- imaging to E01

acquire_all() {
    local ours=("$exhibit" acquire "$medium" --quiet --to x --no-read-back)
    if have ewfacquire; then
        measure ewfacquire-sha256 0 ewfacquire -u -q -c deflate:fast -f encase6 -d sha256 -t x "$medium"
        measure ewfacquire-md5 0 ewfacquire -u -q -c deflate:fast -f encase6 -t x "$medium"
    fi
    if [[ -x $newest_ewfacquire ]]; then
        measure newest 0 "$newest_ewfacquire" -u -q -j 0 -c deflate:fast -f encase6 -d sha256 -t x "$medium"
        measure newest-threads 0 "$newest_ewfacquire" -u -q -j "$cores" -c deflate:fast -f encase6 -d sha256 -t x "$medium"
    fi
    if [[ $ewf_image != no && -x $ewf_image_peer ]]; then
        measure ewf-image 0 "$ewf_image_peer" "$medium" x.E01
        measure e01-three 0 "${ours[@]}" --format e01 --compression fast --hash md5,sha1,sha256
    fi
    measure e01-sha256 0 "${ours[@]}" --format e01 --compression fast --hash md5,sha256
    measure e01-sha256-alone 0 "${ours[@]}" --format e01 --compression fast --hash sha256
    measure e01-md5 0 "${ours[@]}" --format e01 --compression fast --hash md5
    measure e01-read-back 0 "$exhibit" acquire "$medium" --quiet --to x --format e01 --compression fast --hash md5,sha256
    if [[ $aff4 == yes ]]; then
        measure aff4 0 "${ours[@]}" --format aff4 --compression fast --hash md5,sha256
        measure aff4-sha256-alone 0 "${ours[@]}" --format aff4 --compression fast --hash sha256
    fi
}

# sizes OURS THEIRS…: the size of our output in percent of each of theirs.
sizes() {
    local ours theirs peer
    ours=$(bytes_of "$1" 'x.E*')
    echo
    for peer in "${@:2}"; do
        theirs=$(bytes_of "$peer" 'x.E*')
        ((theirs > 0)) || continue
        awk "BEGIN { printf \"Output: %s %d bytes, Exhibit %d bytes: %.2f %% of it.\n\", \"$peer\", $theirs, $ours, 100 * $ours / $theirs }"
    done
}

acquire_table() {
    heading "Imaging to E01, $size_mib MiB"
    row '`ewfacquire -c deflate:fast -d sha256` (MD5, SHA-256)' ewfacquire-sha256 "$size_mib"
    row '`exhibit acquire --hash md5,sha256 --no-read-back` (and hash tree)' e01-sha256 "$size_mib" ewfacquire-sha256
    row '`exhibit acquire --hash sha256 --no-read-back` (and hash tree)' e01-sha256-alone "$size_mib" ewfacquire-sha256
    row '`ewfacquire -c deflate:fast` (MD5)' ewfacquire-md5 "$size_mib"
    row '`exhibit acquire --hash md5 --no-read-back` (and hash tree)' e01-md5 "$size_mib" ewfacquire-md5
    row '`exhibit acquire --hash md5,sha256`, read back and compared' e01-read-back "$size_mib" ewfacquire-sha256
    row '`ewfacquire -d sha256` of the newest libewf, `-j 0`' newest "$size_mib"
    row "the same, \`-j $cores\`" newest-threads "$size_mib"
    local best=newest
    if [[ -n ${wall[newest-threads]:-} ]] && awk "BEGIN { exit !(${wall[newest-threads]} < ${wall[newest]}) }"; then
        best=newest-threads
    fi
    row '`exhibit acquire --hash md5,sha256 --no-read-back`; ratio to the faster of these two' e01-sha256 "$size_mib" "$best"
    if [[ $ewf_image != no ]]; then
        row 'crate `ewf-image` 0.6.1, `parallel`, fast (MD5, SHA-1, SHA-256)' ewf-image "$size_mib"
        row '`exhibit acquire --hash md5,sha1,sha256 --no-read-back`; ratio to this' e01-three "$size_mib" ewf-image
    fi
    row '`exhibit acquire --format aff4 --hash md5,sha256 --no-read-back`; ratio to our E01' aff4 "$size_mib" e01-sha256
    row '`exhibit acquire --format aff4 --hash sha256 --no-read-back`; ratio to our E01' aff4-sha256-alone "$size_mib" e01-sha256-alone
    sizes e01-sha256 ewfacquire-sha256 newest ewf-image
    if [[ $aff4 == yes ]]; then echo "AFF4: $(bytes_of aff4 'x.aff4') bytes."; fi
    bound_heading
    bound_row 'E01, MD5 and SHA-256' e01-sha256 md5 sha256 'files:e01-sha256:x.E*'
    bound_row 'E01, SHA-256' e01-sha256-alone sha256 'files:e01-sha256-alone:x.E*'
    bound_row 'AFF4, MD5 and SHA-256' aff4 md5 sha256 'files:aff4:x.aff4'
    bound_row 'AFF4, SHA-256' aff4-sha256-alone sha256 'files:aff4-sha256-alone:x.aff4'
}

# --- imaging with the best compression: of a quarter of the medium, it takes long

best_all() {
    if have ewfacquire; then
        measure ewfacquire-best 0 ewfacquire -u -q -c deflate:best -f encase6 -d sha256 -t x "$work/quarter.raw"
    fi
    if [[ -x $newest_ewfacquire ]]; then
        measure newest-best 0 "$newest_ewfacquire" -u -q -j "$cores" -c deflate:best -f encase6 -d sha256 -t x "$work/quarter.raw"
    fi
    measure e01-best 0 "$exhibit" acquire "$work/quarter.raw" --quiet --to x --no-read-back --format e01 --compression best --hash md5,sha256
}

best_table() {
    local mib=$((size_mib / 4))
    heading "Imaging to E01 with the best compression, $mib MiB"
    row '`ewfacquire -c deflate:best -d sha256`' ewfacquire-best "$mib"
    row '`exhibit acquire --compression best --hash md5,sha256 --no-read-back` (and hash tree)' e01-best "$mib" ewfacquire-best
    row "\`ewfacquire -c deflate:best -d sha256\` of the newest libewf, \`-j $cores\`" newest-best "$mib"
    row 'ratio of Exhibit to this' e01-best "$mib" newest-best
    sizes e01-best ewfacquire-best newest-best
}

# --- verifying

# Both images are made here if the imaging table was not asked for.
images() {
    if have ewfacquire && [[ ! -e $work/out/ewfacquire-sha256/x.E01 ]]; then
        measure ewfacquire-sha256 0 ewfacquire -u -q -c deflate:fast -f encase6 -d sha256 -t x "$medium"
    fi
    if [[ ! -e $work/out/e01-read-back/x.E01 ]]; then
        measure e01-read-back 0 "$exhibit" acquire "$medium" --quiet --to x --format e01 --hash md5,sha256
    fi
}

verify_all() {
    local theirs=$work/out/ewfacquire-sha256/x.E01 ours=$work/out/e01-read-back/x.E01
    # Exhibit writes past the page cache; everybody reads from it.
    cat "$theirs" "$ours" >/dev/null
    if have ewfverify; then
        measure ewfverify-theirs 0 ewfverify -q "$theirs"
        measure verify-theirs 0 "$exhibit" verify --quiet "$theirs"
        measure ewfverify-ours 0 ewfverify -q "$ours"
        measure ewfverify-ours-sha256 0 ewfverify -q -d sha256 "$ours"
    fi
    measure verify-ours 0 "$exhibit" verify --quiet "$ours"
    # A tree check leaves the linear digests out, so it ends as "incomplete" (7) on purpose.
    measure verify-ours-tree 7 "$exhibit" verify --quiet --level tree "$ours"
    # One core, not one job: with one job the digests of the files still have a thread of their own.
    measure verify-ours-tree-1 7 taskset -c 0 "$exhibit" verify --quiet --level tree "$ours"
}

verify_table() {
    heading "Verifying an E01 of $size_mib MiB"
    row '`ewfverify`, image of ewfacquire (MD5)' ewfverify-theirs "$size_mib"
    row '`exhibit verify`, image of ewfacquire (MD5)' verify-theirs "$size_mib" ewfverify-theirs
    row '`ewfverify`, image of Exhibit (MD5)' ewfverify-ours "$size_mib"
    row '`ewfverify -d sha256`, image of Exhibit (MD5, SHA-256)' ewfverify-ours-sha256 "$size_mib"
    row '`exhibit verify`: MD5, SHA-256, hash tree, SHA-256 of the files; ratio to `ewfverify -d sha256`' verify-ours "$size_mib" ewfverify-ours-sha256
    row 'the same; ratio to plain `ewfverify`' verify-ours "$size_mib" ewfverify-ours
    row '`exhibit verify --level tree`: hash tree, SHA-256 of the files; ratio to `ewfverify -d sha256`' verify-ours-tree "$size_mib" ewfverify-ours-sha256
    row 'the same; ratio to our full check' verify-ours-tree "$size_mib" verify-ours
    row '`taskset -c 0 exhibit verify --level tree`: one core' verify-ours-tree-1 "$size_mib"
    row "all $cores cores; ratio to one (this is how far it is from linear)" verify-ours-tree "$size_mib" verify-ours-tree-1
    bound_heading
    bound_row 'image of ewfacquire, MD5' verify-theirs md5
    bound_row 'image of Exhibit, MD5 and SHA-256' verify-ours md5 sha256 'files:e01-read-back:x.E*'
    bound_row 'image of Exhibit, tree' verify-ours-tree 'files:e01-read-back:x.E*'
}

# --- hashing

hash_all() {
    have sha256sum && measure sha256sum 0 sha256sum "$medium"
    measure hash-sha256 0 "$exhibit" hash --quiet "$medium"
    have md5sum && measure md5sum 0 md5sum "$medium"
    measure hash-md5 0 "$exhibit" hash --quiet --algorithms md5 "$medium"
}

hash_table() {
    heading "Hashing a file of $size_mib MiB"
    row '`sha256sum`' sha256sum "$size_mib"
    row '`exhibit hash`' hash-sha256 "$size_mib" sha256sum
    row '`md5sum`' md5sum "$size_mib"
    row '`exhibit hash --algorithms md5`' hash-md5 "$size_mib" md5sum
}

# --- raw imaging

dd_tee() {
    dd if="$medium" bs=1M status=none | tee >(sha256sum >digest) >x.raw
    while [[ ! -s digest ]]; do sleep 0.001; done # tee does not wait for the digest
}

# As far as Exhibit goes: until the image lies on the disk.
dc3dd_synced() {
    dc3dd if="$medium" of=x.raw "$@"
    sync x.raw
}

raw_all() {
    local ours=("$exhibit" acquire "$medium" --quiet --to x --format raw)
    measure dd-tee 0 dd_tee
    if have dc3dd; then
        measure dc3dd 0 dc3dd if="$medium" of=x.raw hash=sha256
        measure dc3dd-both 0 dc3dd if="$medium" of=x.raw hash=md5 hash=sha256
        measure dc3dd-synced 0 dc3dd_synced hash=sha256
        measure dc3dd-both-synced 0 dc3dd_synced hash=md5 hash=sha256
    fi
    measure raw-sha256 0 "${ours[@]}" --hash sha256 --no-read-back
    measure raw-both 0 "${ours[@]}" --hash md5,sha256 --no-read-back
    measure raw-read-back 0 "${ours[@]}" --hash sha256
}

raw_table() {
    heading "Imaging to raw, $size_mib MiB"
    row '`dd bs=1M`, `tee`, `sha256sum`' dd-tee "$size_mib"
    row '`dc3dd hash=sha256`' dc3dd "$size_mib"
    row '`exhibit acquire --format raw --hash sha256 --no-read-back` (and hash tree); ratio to `dc3dd`' raw-sha256 "$size_mib" dc3dd
    row '`dc3dd hash=sha256`, `sync x.raw`' dc3dd-synced "$size_mib"
    row 'ratio of Exhibit to this' raw-sha256 "$size_mib" dc3dd-synced
    row 'the same; ratio to `dd`' raw-sha256 "$size_mib" dd-tee
    row 'the same, read back and compared; ratio to `dd`' raw-read-back "$size_mib" dd-tee
    row '`dc3dd hash=md5 hash=sha256`' dc3dd-both "$size_mib"
    row '`exhibit acquire --format raw --hash md5,sha256 --no-read-back` (and hash tree); ratio to `dc3dd`' raw-both "$size_mib" dc3dd-both
    row '`dc3dd hash=md5 hash=sha256`, `sync x.raw`' dc3dd-both-synced "$size_mib"
    row 'ratio of Exhibit to this' raw-both "$size_mib" dc3dd-both-synced
    bound_heading
    bound_row 'raw, SHA-256' raw-sha256 sha256 'files:raw-sha256:x.raw'
    bound_row 'raw, MD5 and SHA-256' raw-both md5 sha256 'files:raw-both:x.raw'
}

# --- packages

# Two cases: one image of the medium, and the same bytes in files of 5000 bytes.
cases() {
    local kind
    export XDG_CONFIG_HOME=$work/cases/config
    mkdir -p "$work/cases/many/files"
    (cd "$work/cases/many/files" && split --bytes=5000 --suffix-length=6 --numeric-suffixes "$medium" f)
    "$exhibit" --quiet key new --no-passphrase >/dev/null
    for kind in one many; do
        "$exhibit" --quiet new --number "$kind" --title t --examiner e --agency a "$work/cases/$kind/case" >/dev/null
    done
    "$exhibit" --quiet acquire "$medium" --case "$work/cases/one/case" --item 1 --format raw >/dev/null
    head -c 1M "$medium" >"$work/cases/small.raw"
    "$exhibit" --quiet acquire "$work/cases/small.raw" --case "$work/cases/many/case" --item 1 --format raw >/dev/null
    cp -r "$work/cases/many/files" "$work/cases/many/case/items/1/"
}

package_all() {
    local kind
    measure hash-both 0 "$exhibit" hash --quiet --algorithms sha256,sha512 "$medium"
    have hashdeep && measure hashdeep 0 hashdeep -c sha256 -r "$work/cases/many/files"
    measure hash-many 0 "$exhibit" hash --quiet -r "$work/cases/many/files"
    for kind in one many; do
        rm -f "$work/cases/$kind.zip"
        measure "seal-$kind" 0 "$exhibit" package "$work/cases/$kind/case" --to "$work/cases/$kind.zip"
        measure "check-$kind" 0 "$exhibit" verify "$work/cases/$kind.zip"
    done
}

package_table() {
    heading "Packages of $size_mib MiB: one raw image, and files of 5000 bytes"
    row "\`exhibit hash --algorithms sha256,sha512\`, the medium" hash-both "$size_mib"
    row "\`exhibit package\`, the image; ratio to this" seal-one "$size_mib" hash-both
    row "\`exhibit verify\`, that package; ratio to hashing" check-one "$size_mib" hash-both
    row "\`hashdeep -c sha256 -r\`, the files" hashdeep "$size_mib"
    row "\`exhibit hash -r\`, the files; ratio to this" hash-many "$size_mib" hashdeep
    row "\`exhibit package\`, the files; ratio to \`hashdeep\`" seal-many "$size_mib" hashdeep
    row "\`exhibit verify\`, that package; ratio to \`hashdeep\`" check-many "$size_mib" hashdeep
    echo
    echo "A package carries SHA-256 and SHA-512 of everything; \`exhibit package\` also writes it, syncs it and reads it back."
}

# --- carving

carve_all() {
    local image=$work/carve.raw
    local types=jpeg,png,gif,pdf,zip
    have foremost && measure foremost 0 foremost -Q -t jpg,png,gif,pdf,zip -i "$image" -o found
    have photorec && measure photorec 0 photorec /d recup /cmd "$image" \
        partition_none,options,paranoid,fileopt,everything,disable,jpg,enable,png,enable,gif,enable,pdf,enable,zip,enable,wholespace,search
    if have scalpel; then
        write_scalpel_types
        measure scalpel 0 scalpel -c "$work/scalpel.conf" -o found "$image"
    fi
    measure carve-sector 0 "$exhibit" carve "$image" --quiet --to found --types "$types" --align sector
    measure carve-byte 0 "$exhibit" carve "$image" --quiet --to found --types "$types" --align byte
    measure carve-whole 0 "$exhibit" carve "$image" --quiet --to found --types "$types" --align sector --fragments off
    measure carve-byte-whole 0 "$exhibit" carve "$image" --quiet --to found --types "$types" --align byte --fragments off
    local quiet
    for quiet in random zeros; do
        measure "$quiet-read" 0 "$work/bare-search" "$work/$quiet.raw" read
        measure "$quiet-search" 0 "$work/bare-search" "$work/$quiet.raw" search
        measure "$quiet-sector" 0 "$exhibit" carve "$work/$quiet.raw" --quiet --to found --align sector
        measure "$quiet-byte" 0 "$exhibit" carve "$work/$quiet.raw" --quiet --to found --align byte
    done
}

# The same types as the others are asked for. Its own sample of a configuration limits sizes and knows footers; so does this.
write_scalpel_types() {
    cat >"$work/scalpel.conf" <<'TYPES'
jpg y 20000000 \xff\xd8\xff \xff\xd9
png y 20000000 \x89PNG\x0d\x0a\x1a\x0a IEND\xae\x42\x60\x82
gif y 5000000 GIF8?a \x00\x3b
pdf y 5000000 %PDF %EOF\x0d REVERSE
pdf y 5000000 %PDF %EOF\x0a REVERSE
zip y 10000000 PK\x03\x04 PK\x05\x06
TYPES
}

grade() {
    local label=$1 name=$2
    if [[ -d $work/out/$name ]]; then
        echo "| $label | $("$work/score-carving" "$work/out/$name" "$work"/carve.raw.*.truth.json) |"
    else
        echo "| $label | not installed | | | | | |"
    fi
}

carve_table() {
    local mib=$((disks * 64))
    heading "Carving $disks practice disks, $mib MiB: JPEG, PNG, GIF, PDF, ZIP and documents that are ZIP"
    row '`foremost`' foremost "$mib"
    row '`photorec`' photorec "$mib"
    row '`exhibit carve --align sector`; ratio to `foremost`' carve-sector "$mib" foremost
    row 'the same; ratio to `photorec`' carve-sector "$mib" photorec
    row '`exhibit carve --align sector --fragments off`; ratio to `photorec`' carve-whole "$mib" photorec
    row '`scalpel`' scalpel "$mib"
    row '`exhibit carve --align byte`; ratio to `foremost`' carve-byte "$mib" foremost
    row 'the same; ratio to `scalpel`' carve-byte "$mib" scalpel
    row '`exhibit carve --align byte --fragments off`; ratio to `foremost`' carve-byte-whole "$mib" foremost
    row 'the same; ratio to `scalpel`' carve-byte-whole "$mib" scalpel
    row '`exhibit carve --align sector --fragments off`; ratio to the same with fragments (this is what looking for them costs)' carve-whole "$mib" carve-sector
    row '`exhibit carve --align byte --fragments off`; ratio to the same with fragments' carve-byte-whole "$mib" carve-byte
    echo
    echo "What they found, by SHA-256. *Exact*: byte for byte a planted file, or a file inside one. The rest of the files is junk or damaged."
    echo
    echo "| tool | files | exact | precision | files in one piece | files in two pieces | recall |"
    echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    grade '`foremost`' foremost
    grade '`photorec`' photorec
    grade '`scalpel`' scalpel
    grade '`exhibit carve --align sector`' carve-sector
    grade '`exhibit carve --align sector --fragments off`' carve-whole
    grade '`exhibit carve --align byte`' carve-byte
    grade '`exhibit carve --align byte --fragments off`' carve-byte-whole
    echo
    echo "### A quiet medium of $mib MiB: nothing but the search, for all types"
    echo
    echo "*Bare search*: \`aho-corasick\`, leftmost-longest, the same signatures, all cores. *Plain reading*: one MiB after another."
    echo
    echo "| command | wall | processor | rate | ratio |"
    echo "| --- | ---: | ---: | ---: | ---: |"
    local quiet
    for quiet in random zeros; do
        row "$quiet: bare search" "$quiet-search" "$mib"
        row "$quiet: \`exhibit carve --align byte\`; ratio to the bare search" "$quiet-byte" "$mib" "$quiet-search"
        row "$quiet: plain reading" "$quiet-read" "$mib"
        row "$quiet: \`exhibit carve --align sector\`; ratio to plain reading" "$quiet-sector" "$mib" "$quiet-read"
    done
}

# --- memory

# peak EXIT COMMAND…: the largest resident set in MiB.
peak() {
    local expected=$1 status=0
    shift
    /usr/bin/time -o "$work/timing" -f %M "$@" >"$work/log" 2>&1 || status=$?
    if ((status != expected)); then
        echo "failed with exit code $status"
    else
        awk 'END { printf "%.0f MiB", $1 / 1024 }' "$work/timing"
    fi
}

memory_table() {
    echo
    echo "### Peak memory of Exhibit (resident set)"
    echo
    if [[ ! -x /usr/bin/time ]]; then
        echo "GNU time: not installed"
        return
    fi
    echo "| medium | acquire to E01, read back | verify | carve, byte |"
    echo "| --- | ---: | ---: | ---: |"
    truncate -s "${sparse_gib}G" "$work/sparse.raw"
    local name file out acquire verify
    for name in mixed sparse carve; do
        file=$work/$name.raw out=$work/out/memory
        rm -rf "$out" && mkdir -p "$out"
        acquire=$(peak 0 "$exhibit" acquire "$file" --quiet --to "$out/x" --format e01)
        verify=$(peak 0 "$exhibit" verify --quiet "$out/x.E01")
        echo "| $name, $(($(stat -c %s "$file") >> 20)) MiB | $acquire | $verify | $(peak 0 "$exhibit" carve "$file" --quiet --to "$out/found" --align byte) |"
    done
}

# --- a medium larger than any disk here

huge_table() {
    echo
    echo "### A sparse medium of 20 TB, $huge_seconds seconds of it into nowhere, MD5, SHA-256 and hash tree"
    echo
    echo "The source is made while it is read (one MiB in 16 is data, the rest was never written); what comes out is counted and"
    echo "forgotten. The last column is a projection from the rate."
    echo
    echo "| format | read | rate | memory after a quarter of the time | at the end | at most | all of it would take |"
    echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    local format
    for format in raw e01 aff4; do
        [[ $format != aff4 || $aff4 == yes ]] || continue
        "$work/huge-medium" "$format" "$huge_seconds" || echo "| $format | failed | | | | | |"
    done
}

# --- all of it

if [[ $libewf == yes ]]; then build_libewf; fi
if [[ $ewf_image != no ]]; then build_ewf_image; fi
aff4=no
if writes aff4; then aff4=yes; fi
machine
"$work/make-medium" mixed "$work" mixed.raw $((size_mib << 20)) "$seed"
"$work/make-medium" practice "$work" carve.raw "$disks" "$seed"
head -c "$((size_mib / 4))M" "$medium" >"$work/quarter.raw"
if wants carve; then
    "$work/make-medium" random "$work" random.raw $((disks << 26)) "$seed"
    # A hole would be known to be zero without reading.
    dd if=/dev/zero of="$work/zeros.raw" bs=1M count=$((disks * 64)) status=none
    cat "$work"/{random,zeros}.raw >/dev/null
fi
cat "$medium" "$work/carve.raw" "$work/quarter.raw" >/dev/null
while read -r lane seconds; do lanes[$lane]=$seconds; done < <("$work/lane-times" $((size_mib << 20)) "$seed")
echo "- Lanes, each alone on one thread (processor seconds for $size_mib MiB): $(for lane in md5 sha1 sha256 sha512 tree; do printf '%s %s; ' "$lane" "${lanes[$lane]}"; done)"

if wants acquire; then turns acquire_all; acquire_table; fi
if wants best; then turns best_all; best_table; fi
if wants verify; then images; turns verify_all; verify_table; fi
if wants hash; then turns hash_all; hash_table; fi
if wants raw; then turns raw_all; raw_table; fi
if wants package; then cases; turns package_all; package_table; fi
if wants carve; then turns carve_all; carve_table; fi
if wants memory; then memory_table; fi
if wants huge; then huge_table; fi
