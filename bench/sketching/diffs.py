"""Sketches that say of each line what becomes of it, and whole files."""

from __future__ import annotations

import difflib
import random

from bench.sketching.pair import Pair


def unified(pair: Pair, rng: random.Random) -> str:
    """A diff whose numbers are wrong, or missing."""
    lines = list(
        difflib.unified_diff(pair.old, pair.new, "before", "after", lineterm="", n=rng.choice([2, 3, 5]))
    )
    numbers = rng.choice(["right", "wrong", "none"])

    def header(line: str) -> str:
        if numbers == "right":
            return line
        if numbers == "none":
            return "@@ @@"
        return f"@@ -{rng.randint(1, 400)},{rng.randint(1, 9)} +{rng.randint(1, 400)},{rng.randint(1, 9)} @@"

    lines = [header(line) if line.startswith("@@") else line for line in lines[rng.choice([0, 2]) :]]
    if rng.random() < 0.3:  # the blank before an empty context line is lost
        lines = [line.rstrip() if line == " " else line for line in lines]
    return "\n".join(lines) + "\n"


def search_replace(pair: Pair, rng: random.Random) -> str:
    """Search/replace blocks with some lines of context, in any order."""
    matcher = difflib.SequenceMatcher(None, pair.old, pair.new, autojunk=False)
    parts = []
    for group in matcher.get_grouped_opcodes(rng.choice([2, 3])):
        search = "\n".join(pair.old[group[0][1] : group[-1][2]])
        replace = "\n".join(pair.new[group[0][3] : group[-1][4]])
        parts.append(f"<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n")
    rng.shuffle(parts)
    return "\n".join(parts)


def whole_file(pair: Pair, rng: random.Random) -> str:
    """The new version."""
    return "\n".join(pair.new) + "\n"
