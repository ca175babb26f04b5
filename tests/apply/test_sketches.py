"""Sketches of real code (the standard library), made in many ways: the result is the change, or a refusal."""

from __future__ import annotations

import random
import re
import sysconfig
from itertools import pairwise
from pathlib import Path

import pytest

from apply.apply import Applied, apply_sketch
from bench.apply_history import Case, verdict
from bench.sketching.answers import fenced
from bench.sketching.pair import Pair
from bench.sketching.styles import STYLES
from text.syntax import parse

MODULES = [
    "bisect",
    "calendar",
    "cmd",
    "codecs",
    "contextlib",
    "copy",
    "csv",
    "dis",
    "filecmp",
    "fnmatch",
    "fractions",
    "getpass",
    "gettext",
    "heapq",
    "keyword",
    "linecache",
    "netrc",
    "operator",
    "pprint",
    "queue",
    "quopri",
    "random",
    "reprlib",
    "sched",
    "selectors",
    "shelve",
    "shlex",
    "string",
    "symtable",
    "textwrap",
    "timeit",
    "tokenize",
    "types",
    "uuid",
    "weakref",
    "zipapp",
]
FILES = [path for name in MODULES if (path := Path(sysconfig.get_path("stdlib"), f"{name}.py")).is_file()]
LENIENT = {"no_markers": 0.03}  # what is not shown there may also be gone; all others are never wrong here


def changed(text: str, rng: random.Random) -> str:
    """The text after a few edits: lines replaced, put in, and renamed in; it still parses."""
    before = parse(text, "python")
    while True:
        after = edited(text, rng)
        syntax = parse(after, "python")
        if (
            after != text
            and syntax is not None
            and before is not None
            and syntax.error_count <= before.error_count
        ):
            return after


def edited(text: str, rng: random.Random) -> str:
    lines = text.splitlines()
    for _ in range(rng.randint(1, 4)):
        at = rng.choice([i for i, line in enumerate(lines) if re.match(r"\s+\w.*[^:,(\[{\\]$", line)])
        blanks = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        name = f"value_{rng.randint(0, 999)}"
        match rng.choice(["replace", "insert", "block", "rename"]):
            case "replace":
                lines[at] = f"{blanks}{name} = measure({rng.randint(0, 99)})"
            case "insert":
                lines.insert(at, f"{blanks}{name} = prepare({rng.randint(0, 99)}, deep=True)")
            case "block":
                lines[at:at] = [f"{blanks}if {name} is None:", f"{blanks}    raise LookupError('{name}')"]
            case "rename":
                lines[at] = re.sub(r"\b[a-z_]{4,}\b", name, lines[at], count=1)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("style", STYLES)
def test_the_change_or_a_refusal(style: str) -> None:
    rng = random.Random(style)
    right = wrong = total = 0
    for path in FILES:
        old = path.read_text("utf-8")
        new = changed(old, rng)
        sketch = STYLES[style](Pair(old, new, "python"), rng)
        if sketch is None or style in ("delete_comment", "drift"):  # what they mean is not one text
            continue
        if rng.random() < 0.3 and "```" not in sketch:
            sketch = fenced(sketch.replace("\r", ""), "python", path.name, rng)
        total += 1
        outcome = apply_sketch(old, sketch, str(path))
        if isinstance(outcome, Applied):
            meant = verdict(Case(style, path.name, old, new, sketch), outcome.text)
            right += meant
            wrong += not meant
    assert wrong <= LENIENT.get(style, 0.0) * total, f"{wrong} of {total} are wrong"
    assert right >= 0.8 * total, f"only {right} of {total} were accepted"


def test_a_sketch_of_another_file_is_refused() -> None:
    rng = random.Random(5)
    accepted = 0
    for path, other in pairwise(FILES):
        text = other.read_text("utf-8")
        sketch = STYLES["hunk_context"](Pair(text, changed(text, rng), "python"), rng)
        assert sketch is not None
        accepted += isinstance(apply_sketch(path.read_text("utf-8"), sketch, str(path)), Applied)
    assert accepted <= 0.02 * len(FILES)


def test_any_text_is_answered() -> None:
    rng = random.Random(7)
    old = FILES[0].read_text("utf-8")
    scraps = [
        *old.splitlines(),
        "# ...",
        "```",
        "@@ -1 +1 @@",
        "-",
        "+x",
        "<<<<<<< SEARCH",
        "=======",
        "",
        "\t}",
        "\x0c",
    ]
    for _ in range(60):
        sketch = "\n".join(rng.choices(scraps, k=rng.randint(0, 40)))
        outcome = apply_sketch(old, sketch, "some.py")
        if isinstance(outcome, Applied):
            assert outcome.text != old
