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

  --quick        256 MiB, 2 practice disks, one turn: to see that it works, not to compare
  --size-mib N   size of the medium that is imaged, verified and hashed (default 1024)
  --runs N       turns (default 3)
  --disks N      practice disks of 64 MiB in the carving image (default 8)
  --seed N       seed of all media (default 1)
  --work DIR     where media and outputs go; about five times the size (default: a new folder in $TMPDIR)
  --only TABLES  some of: acquire,verify,hash,raw,carve,memory (default: all)
HELP
}

size_mib=1024 runs=3 disks=8 seed=1 sparse_gib=8 work='' tables=acquire,verify,hash,raw,carve,memory
while (($#)); do
    case $1 in
    --quick) size_mib=256 runs=1 disks=2 sparse_gib=1 ;;
    --size-mib) size_mib=$2 && shift ;;
    --runs) runs=$2 && shift ;;
    --disks) disks=$2 && shift ;;
    --seed) seed=$2 && shift ;;
    --work) work=$2 && shift ;;
    --only) tables=$2 && shift ;;
    -h | --help) usage && exit ;;
    *) usage >&2 && exit 2 ;;
    esac
    shift
done

here=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$here/target}/release
work=${work:-$(mktemp -d "${TMPDIR:-/tmp}/exhibit-peers.XXXXXX")}
mkdir -p "$work"
trap 'rm -rf "$work/out" "$work/mixed.raw" "$work"/carve.raw* "$work/sparse.raw" "$work/timing" "$work/log" "$work"/{exhibit,make-medium,score-carving}; rmdir "$work" 2>/dev/null || true' EXIT

(cd "$here" && cargo build --release --quiet -p exhibit -p exhibit-benches)
# A copy: a build that runs at the same time must not change what is measured.
cp "$target/exhibit" "$target/make-medium" "$target/score-carving" "$work/"
exhibit=$work/exhibit
medium=$work/mixed.raw

have() { command -v "$1" >/dev/null; }
wants() { [[ ,$tables, == *,$1,* ]]; }

# --- measuring

declare -A wall cpu failed

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

bytes_of() { find "$work/out/$1" -name "$2" -printf '%s\n' 2>/dev/null | awk '{ sum += $1 } END { print sum + 0 }'; }

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
    echo "- ewf-tools $(version ewfacquire -V); coreutils $(version sha256sum --version); foremost $(version foremost -V); photorec $(version photorec /version); dc3dd $(version dc3dd --version)"
    echo "- Command: \`benches/peers.sh --size-mib $size_mib --runs $runs --disks $disks --seed $seed\`; best of $runs"
}

# --- imaging to E01

acquire_all() {
    local ours=("$exhibit" acquire "$medium" --quiet --to x --format e01 --compression fast)
    if have ewfacquire; then
        measure ewfacquire-sha256 0 ewfacquire -u -q -c deflate:fast -f encase6 -d sha256 -t x "$medium"
        measure ewfacquire-md5 0 ewfacquire -u -q -c deflate:fast -f encase6 -t x "$medium"
    fi
    measure e01-sha256 0 "${ours[@]}" --hash md5,sha256 --no-read-back
    measure e01-md5 0 "${ours[@]}" --hash md5 --no-read-back
    measure e01-read-back 0 "${ours[@]}" --hash md5,sha256
}

acquire_table() {
    heading "Imaging to E01, $size_mib MiB"
    row '`ewfacquire -c deflate:fast -d sha256` (MD5, SHA-256)' ewfacquire-sha256 "$size_mib"
    row '`exhibit acquire --hash md5,sha256 --no-read-back` (and hash tree)' e01-sha256 "$size_mib" ewfacquire-sha256
    row '`ewfacquire -c deflate:fast` (MD5)' ewfacquire-md5 "$size_mib"
    row '`exhibit acquire --hash md5 --no-read-back` (and hash tree)' e01-md5 "$size_mib" ewfacquire-md5
    row '`exhibit acquire --hash md5,sha256`, read back and compared' e01-read-back "$size_mib" ewfacquire-sha256
    local theirs ours
    theirs=$(bytes_of ewfacquire-sha256 'x.E*') ours=$(bytes_of e01-sha256 'x.E*')
    echo
    if ((theirs > 0)); then
        awk "BEGIN { printf \"Output: ewfacquire %d bytes, Exhibit %d bytes: %.2f %% of it.\n\", $theirs, $ours, 100 * $ours / $theirs }"
    else
        echo "Output: Exhibit $ours bytes."
    fi
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
    if have ewfverify; then
        measure ewfverify-theirs 0 ewfverify -q "$theirs"
        measure verify-theirs 0 "$exhibit" verify --quiet "$theirs"
        measure ewfverify-ours 0 ewfverify -q "$ours"
        measure ewfverify-ours-sha256 0 ewfverify -q -d sha256 "$ours"
    fi
    measure verify-ours 0 "$exhibit" verify --quiet "$ours"
    # A tree check leaves the linear digests out, so it ends as "incomplete" (7) on purpose.
    measure verify-ours-tree 7 "$exhibit" verify --quiet --level tree "$ours"
}

verify_table() {
    heading "Verifying an E01 of $size_mib MiB"
    row '`ewfverify`, image of ewfacquire (MD5)' ewfverify-theirs "$size_mib"
    row '`exhibit verify`, image of ewfacquire (MD5)' verify-theirs "$size_mib" ewfverify-theirs
    row '`ewfverify`, image of Exhibit (MD5)' ewfverify-ours "$size_mib"
    row '`ewfverify -d sha256`, image of Exhibit (MD5, SHA-256)' ewfverify-ours-sha256 "$size_mib"
    row '`exhibit verify`: MD5, SHA-256, hash tree, SHA-256 of the files; ratio to `ewfverify -d sha256`' verify-ours "$size_mib" ewfverify-ours-sha256
    row 'the same; ratio to plain `ewfverify`' verify-ours "$size_mib" ewfverify-ours
    row '`exhibit verify --level tree`: hash tree, SHA-256 of the files; ratio to plain `ewfverify`' verify-ours-tree "$size_mib" ewfverify-ours
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

raw_all() {
    measure dd-tee 0 dd_tee
    have dc3dd && measure dc3dd 0 dc3dd if="$medium" of=x.raw hash=sha256
    measure raw-sha256 0 "$exhibit" acquire "$medium" --quiet --to x --format raw --hash sha256 --no-read-back
    measure raw-read-back 0 "$exhibit" acquire "$medium" --quiet --to x --format raw --hash sha256
}

raw_table() {
    heading "Imaging to raw, $size_mib MiB, SHA-256"
    row '`dd bs=1M`, `tee`, `sha256sum`' dd-tee "$size_mib"
    row '`dc3dd hash=sha256`' dc3dd "$size_mib"
    row '`exhibit acquire --format raw --hash sha256 --no-read-back` (and hash tree); ratio to `dd`' raw-sha256 "$size_mib" dd-tee
    row 'the same, read back and compared; ratio to `dd`' raw-read-back "$size_mib" dd-tee
}

# --- carving

carve_all() {
    local image=$work/carve.raw
    local types=jpeg,png,gif,pdf,zip
    have foremost && measure foremost 0 foremost -Q -t jpg,png,gif,pdf,zip -i "$image" -o found
    have photorec && measure photorec 0 photorec /d recup /cmd "$image" \
        partition_none,options,paranoid,fileopt,everything,disable,jpg,enable,png,enable,gif,enable,pdf,enable,zip,enable,wholespace,search
    measure carve-sector 0 "$exhibit" carve "$image" --quiet --to found --types "$types" --align sector
    measure carve-byte 0 "$exhibit" carve "$image" --quiet --to found --types "$types" --align byte
    measure carve-whole 0 "$exhibit" carve "$image" --quiet --to found --types "$types" --align sector --fragments off
}

grade() {
    local label=$1 name=$2
    if [[ -d $work/out/$name ]]; then
        echo "| $label | $("$work/score-carving" "$work/out/$name" "$work"/carve.raw.*.truth.json) |"
    else
        echo "| $label | not installed | | | |"
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
    row '`exhibit carve --align byte`; ratio to `foremost`' carve-byte "$mib" foremost
    echo
    echo "What they found, by SHA-256. *Exact*: byte for byte a planted file, or a file inside one. The rest of the files is junk or damaged."
    echo
    echo "| tool | files | exact | files in one piece | files in two pieces |"
    echo "| --- | ---: | ---: | ---: | ---: |"
    grade '`foremost`' foremost
    grade '`photorec`' photorec
    grade '`exhibit carve --align sector`' carve-sector
    grade '`exhibit carve --align sector --fragments off`' carve-whole
    grade '`exhibit carve --align byte`' carve-byte
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

# --- all of it

machine
"$work/make-medium" mixed "$work" mixed.raw $((size_mib << 20)) "$seed"
"$work/make-medium" practice "$work" carve.raw "$disks" "$seed"
cat "$medium" "$work/carve.raw" >/dev/null

if wants acquire; then turns acquire_all; acquire_table; fi
if wants verify; then images; turns verify_all; verify_table; fi
if wants hash; then turns hash_all; hash_table; fi
if wants raw; then turns raw_all; raw_table; fi
if wants carve; then turns carve_all; carve_table; fi
if wants memory; then memory_table; fi
