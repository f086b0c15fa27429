#!/usr/bin/env python3
"""Turns what `tmux capture-pane -e -p` prints (standard input) into an SVG picture (standard output).

The picture in the README is made so, from a real run:
    tmux new-session -d -s demo -x 112 -y 40 'exhibit demo; sleep 60'
    tmux capture-pane -e -p -t demo | docs/pictures/terminal-to-svg.py > docs/pictures/demo.svg
"""
import html
import re
import sys

WIDTH, LINE, LEFT, TOP, SIZE = 8.43, 19, 18, 30, 14
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341"}


PLAIN = "#d0d7de"
state = [False, PLAIN]  # bold, colour: tmux carries them over line ends


def spans(line):
    """Text with its SGR state, from one captured line."""
    bold, colour = state
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        match = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if not match:
            yield part, bold, colour
            continue
        for code in (match.group(1) or "0").split(";"):
            if code in ("", "0"):
                bold, colour = False, PLAIN
            elif code == "1":
                bold = True
            elif code == "39":
                colour = PLAIN
            elif code in COLOURS:
                colour = COLOURS[code]
        state[:] = bold, colour


def main():
    lines = sys.stdin.read().rstrip("\n").split("\n")
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    width = int(max(len(line) for line in plain) * WIDTH + 2 * LEFT)
    height = TOP + LINE * len(lines) + 12
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
          f'role="img" aria-label="Terminal output of exhibit demo">')
    print(f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>')
    print(f'<g font-family="ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{SIZE}">')
    for row, line in enumerate(lines):
        column, y = 0, TOP + row * LINE
        for text, bold, colour in spans(line):
            if text.strip():
                weight = ' font-weight="bold"' if bold else ""
                x = LEFT + column * WIDTH
                shown = html.escape(text).replace(" ", "\u00a0")
                length = f' textLength="{len(text) * WIDTH:.1f}" lengthAdjust="spacingAndGlyphs"'
                print(f'<text x="{x:.1f}" y="{y}" fill="{colour}"{weight}{length}>{shown}</text>')
            column += len(text)
    print("</g></svg>")


main()
