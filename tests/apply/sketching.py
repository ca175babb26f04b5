"""Sketches made from real changes: what a model might write for `old` becoming `new`, in many ways.

Every maker takes the two versions of a file and a random generator, and gives the text of a sketch. All
information that is needed to get from `old` to `new` is in it, or else it has to be refused.
"""

from __future__ import annotations

import difflib
import random
import re
from collections.abc import Callable

from apply.structure import is_header

Maker = Callable[[str, str, random.Random], str]

MARKERS = [
    "... existing code ...",
    "... rest of the function stays the same ...",
    "(unchanged)",
    "... unchanged ...",
    "[...]",
    "... other methods remain unchanged",
    "rest of the code is unchanged",
    "... (keep the existing implementation) ...",
    "… existing code …",
    "existing code here",
    "... omitted for brevity ...",
    "... same as before ...",
]


def hunks(old: list[str], new: list[str], context: int) -> list[list[tuple[str, int, int, int, int]]]:
    """The changes with `context` lines around them, those that touch joined."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return [list(group) for group in matcher.get_grouped_opcodes(context)]


def unified(old: str, new: str, rng: random.Random) -> str:
    """A diff whose numbers are wrong, or missing."""
    lines = list(
        difflib.unified_diff(
            old.splitlines(), new.splitlines(), "before", "after", lineterm="", n=rng.choice([2, 3, 5])
        )
    )
    style = rng.choice(["right", "wrong", "none"])

    def header(line: str) -> str:
        if style == "right":
            return line
        if style == "none":
            return "@@ @@"
        return f"@@ -{rng.randint(1, 400)},{rng.randint(1, 9)} +{rng.randint(1, 400)},{rng.randint(1, 9)} @@"

    lines = [header(line) if line.startswith("@@") else line for line in lines[rng.choice([0, 2]) :]]
    if rng.random() < 0.3:  # the blank before an empty context line is lost
        lines = [line.rstrip() if line == " " else line for line in lines]
    return _fenced("\n".join(lines) + "\n", "diff", rng)


def blocks(old: str, new: str, rng: random.Random) -> str:
    """Search/replace blocks with as much context as makes them unique."""
    a, b = old.splitlines(), new.splitlines()
    parts = []
    for group in hunks(a, b, rng.choice([2, 3])):
        _, i1, _, j1, _ = group[0]
        _, _, i2, _, j2 = group[-1]
        search, replace = "\n".join(a[i1:i2]), "\n".join(b[j1:j2])
        parts.append(f"<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n")
    rng.shuffle(parts)
    return "\n".join(parts)


def marked(old: str, new: str, rng: random.Random) -> str:
    """Changed lines with some context, and markers for everything else."""
    return _marked(old, new, rng, rng.choice([2, 3, 4]), None)


def functions(old: str, new: str, rng: random.Random) -> str:
    """Changed functions in full, and markers for everything else."""
    return _marked(old, new, rng, 1, _grow)


def whole(old: str, new: str, rng: random.Random) -> str:
    """The whole file."""
    return _fenced(new, "", rng)


MAKERS: dict[str, Maker] = {
    "unified": unified,
    "blocks": blocks,
    "marked": marked,
    "functions": functions,
    "whole": whole,
}


def mangle(sketch: str, rng: random.Random) -> str:
    """The sketch after a careless hand: indentation, blanks at line ends, line ends."""
    hands: list[Callable[[str], str]] = [_deeper, _narrow, _trailing, _windows, str]
    return rng.choice(hands)(sketch)


def _deeper(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True))


def _narrow(text: str) -> str:
    def halve(line: str) -> str:
        blanks = len(line) - len(line.lstrip(" "))
        return line if line.startswith("\t") else " " * (blanks // 2) + line[blanks:]

    return "".join(map(halve, text.splitlines(keepends=True)))


def _trailing(text: str) -> str:
    return "".join(
        line.rstrip("\n") + (" \n" if index % 3 else "\n")
        for index, line in enumerate(text.splitlines(keepends=True))
    )


def _windows(text: str) -> str:
    return text.replace("\n", "\r\n")


def _marked(
    old: str,
    new: str,
    rng: random.Random,
    context: int,
    grow: Callable[[list[str], int, int], tuple[int, int]] | None,
) -> str:
    a, b = old.splitlines(), new.splitlines()
    comment = "#" if rng.random() < 0.5 and not re.search(r"[;{]\s*$", old, re.MULTILINE) else None
    comment = comment or ("#" if not re.search(r"[;{]\s*$", old, re.MULTILINE) else "//")
    spans: list[tuple[int, int]] = []
    for group in hunks(a, b, context):
        start, end = _to_solid(b, group[0][3], group[-1][4])
        if grow:
            start, end = grow(b, start, end)
        if spans and start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    words = rng.choice(MARKERS)
    out: list[str] = []
    done = 0
    for start, end in spans:
        if start > done:
            out.append(_marker(b, done, words, comment))
        out += b[start:end]
        done = end
    if done < len(b):
        out.append(_marker(b, done, words, comment))
    return _fenced("\n".join(out) + "\n", "", rng)


def _to_solid(lines: list[str], start: int, end: int) -> tuple[int, int]:
    """The span, grown until it begins and ends with lines that are not blank."""
    while start > 0 and not lines[start].strip():
        start -= 1
    while end < len(lines) and not lines[end - 1].strip():
        end += 1
    return start, end


def _marker(lines: list[str], at: int, words: str, comment: str) -> str:
    """A marker as deep as the line that it stands for."""
    following = next((line for line in lines[at:] if line.strip()), "")
    return f"{following[: len(following) - len(following.lstrip())]}{comment} {words}"


def _grow(lines: list[str], start: int, end: int) -> tuple[int, int]:
    """The span, grown to whole functions."""

    def depth(line: str) -> int:
        return len(line) - len(line.lstrip())

    for index in range(min(start, len(lines) - 1), max(-1, start - 80), -1):
        if is_header(lines[index]):
            start = index
            break
    else:
        return start, end
    limit = depth(lines[start])
    last = end
    for index in range(start + 1, min(len(lines), end + 80)):
        if index >= end and lines[index].strip() and depth(lines[index]) <= limit:
            closes = lines[index].lstrip().startswith(("}", ")"))
            last = index + closes
            break
    else:
        last = min(len(lines), end + 80)
    while last > end and not lines[last - 1].strip():
        last -= 1
    return start, max(last, end)


def _fenced(text: str, language: str, rng: random.Random) -> str:
    return f"Here it is:\n\n```{language}\n{text}```\n" if rng.random() < 0.3 else text
