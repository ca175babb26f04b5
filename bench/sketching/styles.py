"""Sketches made of real changes, in the ways in which models write them.

A style takes the two versions of a file and a random generator, and gives the text of a sketch, or None where
the change does not lend itself to it. Everything that is needed to get from the old version to the new one is
in a sketch, or else it has to be refused.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from bench.sketching.assistant import assistant
from bench.sketching.blanks import MANGLES, dedented
from bench.sketching.diffs import search_replace, unified, whole_file
from bench.sketching.drifts import DRIFTS
from bench.sketching.markers import marked
from bench.sketching.pair import Pair, Span, around, body_of, joined, whole_functions, with_context

Style = Callable[[Pair, random.Random], str | None]


def hunk_context(pair: Pair, rng: random.Random) -> str:
    """Changed lines with one to three lines around them, and markers."""
    return marked(pair, with_context(pair, rng.randint(1, 3)), rng)


def func_full(pair: Pair, rng: random.Random) -> str:
    """Changed functions in full, with the line that begins their class, and markers."""
    return marked(pair, whole_functions(pair), rng, classes=True)


def no_markers(pair: Pair, rng: random.Random) -> str:
    """The same pieces with nothing but a blank line between them."""
    spans = whole_functions(pair) if rng.random() < 0.3 else with_context(pair, rng.randint(2, 3))
    return "\n\n".join("\n".join(pair.new[start:end]) for start, end in joined(spans)) + "\n"


def method_only(pair: Pair, rng: random.Random) -> str | None:
    """The one method that changed, without its class, perhaps dedented: nothing above it goes."""
    spans = {pair.function_of((start, max(start + 1, end))) for *_, start, end in pair.changes}
    if len(spans) != 1 or (span := spans.pop()) is None or pair.class_of(span[0]) is None:
        return None
    if any(start == end == span[0] for *_, start, end in pair.changes):
        return None
    text = "\n".join(pair.new[span[0] : span[1]]) + "\n"
    return dedented(text) if rng.random() < 0.6 else text


def elided_body(pair: Pair, rng: random.Random) -> str | None:
    """The first line of a function, a marker, the change with little around it, and a marker."""
    spans: list[Span] = []
    found = False
    for start, end in with_context(pair, rng.randint(1, 2)):
        function = pair.function_of((start, end))
        if function and start - function[0] > 2:
            spans.append((function[0], body_of(pair, function)))
            found = True
        spans.append((start, end))
    return marked(pair, spans, rng, classes=True) if found else None


def prefix_tail(pair: Pair, rng: random.Random) -> str | None:
    """The file up to the change, and a word on the rest."""
    end = around(pair.new, *pair.changes[-1][2:], rng.randint(1, 3))[1]
    if end >= len(pair.new) - 3 or end > 150:
        return None
    return marked(pair, [(0, end)], rng)


def delete_comment(pair: Pair, rng: random.Random) -> str | None:
    """What is deleted is announced by a comment that names it."""
    comments: dict[int, str] = {}
    for i1, i2, j1, j2 in pair.changes:
        gone = [line for line in pair.old[i1:i2] if line.strip()]
        if j1 == j2 and gone and len(gone[0].strip()) > 3:
            blanks = gone[0][: len(gone[0]) - len(gone[0].lstrip())]
            name = re.match(r"\s*(?:async )?(?:def|class|func|fn|function)\s+(\w+)", gone[0])
            what = name[1] if name and rng.random() < 0.6 else gone[0].strip()[:60]
            words = rng.choice(["removed: {}", "deleted: {}", "removed {}", "... {} removed ..."]).format(
                what
            )
            comments[j1] = f"{blanks}{pair.comment} {words}"
    if not comments:
        return None
    return marked(pair, with_context(pair, rng.randint(2, 3)), rng, comments=comments)


def whitespace(pair: Pair, rng: random.Random) -> str | None:
    """Any of these after a careless hand: indentation, blank lines, blanks at line ends."""
    sketch = rng.choice([func_full, hunk_context, elided_body])(pair, rng)
    return None if sketch is None else rng.choice(MANGLES)(sketch)


def drift(pair: Pair, rng: random.Random) -> str | None:
    """One line that did not change is not copied as it is."""
    sketch = rng.choice([func_full, hunk_context, elided_body])(pair, rng)
    if sketch is None:
        return None
    lines = sketch.split("\n")
    at = [index for index, line in enumerate(lines) if line in pair.kept and len(line.strip()) > 8]
    rng.shuffle(at)
    for index in at[:20]:
        drifted = rng.choice(DRIFTS)(lines[index], rng)
        if drifted is not None and drifted != lines[index]:
            lines[index] = drifted
            return "\n".join(lines)
    return None


STYLES: dict[str, Style] = {
    "func_full": func_full,
    "hunk_context": hunk_context,
    "no_markers": no_markers,
    "method_only": method_only,
    "elided_body": elided_body,
    "prefix_tail": prefix_tail,
    "delete_comment": delete_comment,
    "whitespace": whitespace,
    "drift": drift,
    "unified": unified,
    "search_replace": search_replace,
    "whole_file": whole_file,
    "assistant": assistant,
}
