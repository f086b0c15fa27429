#!/usr/bin/env python3
"""Lets a checker of packages judge every vector and compares its verdicts with the headers.

    python3 judge.py FOLDER [ACCEPTED.txt] -- COMMAND...

FOLDER is what EXHIBIT_WRITE_VECTORS wrote. COMMAND is run with a package and the signer's key as two more arguments, and must
exit with 0 (holds), 4 (does not match) or 7 (incomplete). ACCEPTED.txt names, one in a line, vectors that the checker is known to judge
otherwise: they must be exactly those. Exit status: 0 if all is as expected.
"""
import concurrent.futures, json, os, pathlib, subprocess, sys

EXITS = {"holds": 0, "does-not-match": 4, "incomplete": 7}
split = sys.argv.index("--")
folder, accepted, command = pathlib.Path(sys.argv[1]), sys.argv[2:split], sys.argv[split + 1:]
known = {line.strip() for name in accepted for line in open(name, encoding="utf-8") if line.strip()}

def judged_otherwise(vector):
    said = subprocess.run([*command, folder / vector["file"], folder / "signer.pub"], capture_output=True, text=True)
    if said.returncode not in EXITS.values():
        print(f"{vector['what']}: exit status {said.returncode}: {said.stderr}")
    return vector["what"] if said.returncode != EXITS[vector["class"]] else None

vectors = [json.loads(line) for line in open(folder / "index.jsonl", encoding="utf-8")]
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    otherwise = {what for what in pool.map(judged_otherwise, vectors) if what}
for what in sorted(otherwise - known):
    print("judged otherwise:", what)
for what in sorted(known - otherwise):
    print("judged right, though known to be judged otherwise:", what)
print(f"{len(vectors)} packages, {len(otherwise)} judged otherwise than their headers say")
sys.exit(otherwise != known)
