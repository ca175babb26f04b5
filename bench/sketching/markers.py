"""The words for what a sketch leaves out, and spans of lines with such words between them."""

from __future__ import annotations

import random
from collections.abc import Sequence

from bench.sketching.pair import Pair, Span, body_of, joined

MARKERS = (
    "... existing code ...",
    "... rest of the code ...",
    "... keep existing code ...",
    "... (existing code unchanged) ...",
    "... other code unchanged ...",
    "... unchanged ...",
    "[...]",
    "...",
    "…",
    "rest of the code is unchanged",
    "... other methods remain unchanged",
    "existing code here",
    "... omitted for brevity ...",
    "(unchanged)",
)
LAST_MARKERS = (
    "... rest of the file unchanged ...",
    "... rest of file remains the same ...",
    "rest of the file unchanged",
)


def marked(
    pair: Pair,
    spans: Sequence[Span],
    rng: random.Random,
    classes: bool = False,
    comments: dict[int, str] | None = None,
    words: Sequence[str] = (),
) -> str:
    """Spans of the new version with markers between them, each as deep as the first line it stands for.

    With `classes`, the first lines of the classes around the spans are shown too; `comments` come before the
    lines of these numbers. All markers have the same words, unless there are `words` to choose from for each.
    """
    usual = rng.choice(MARKERS)
    spans = joined(spans)
    if classes:
        owners = [owner for start, _ in spans if (owner := pair.class_of(start))]
        spans = joined([*spans, *((start, body_of(pair, (start, end))) for start, end in owners)])
    out: list[str] = []
    done = 0
    for start, end in spans:
        if not any(map(str.strip, pair.new[done:start])):
            out += pair.new[done:start]  # nothing but blank lines: no marker stands for these
        else:
            out.append(_marker(pair, done, rng.choice(words) if words else usual))
            if classes and not pair.new[start - 1].strip():
                out.append("")
        for line in range(start, end):
            if comments and line in comments:
                out.append(comments[line])
            out.append(pair.new[line])
        done = end
    if any(map(str.strip, pair.new[done:])):
        out.append(_marker(pair, done, rng.choice(words or [usual, *LAST_MARKERS])))
    return "\n".join(out) + "\n"


def _marker(pair: Pair, at: int, words: str) -> str:
    following = next((line for line in pair.new[at:] if line.strip()), "")
    return f"{following[: len(following) - len(following.lstrip())]}{pair.comment} {words}"
