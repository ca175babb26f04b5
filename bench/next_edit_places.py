"""Where the next edit is by the model's own score: the line where it is least willing to leave all as it is.

Nothing is written. After the recent edits and the lines around a place, a hunk of blanks is given, and the
model says at a line how likely a blank is there. There are two ways to ask.

    blocks      one pass scores every line of a block of a file: of the blocks next to the cursor and of those
                that hold names of the recent edits, the rarest first
    best        one pass for a line, in the middle of what is shown, as in training: the lines that come first
                by the product's own ranking (completion/next_edit/places.py)

The same can be asked without the edits: the contrast says what they have to do with it.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from bench.next_edit_ensemble import moment_of
from completion.next_edit.diagnostics import troubles
from completion.next_edit.ensemble import proposed
from completion.next_edit.features import features
from completion.next_edit.gate import Ranked, rank, weights
from completion.next_edit.moment import Moment
from completion.next_edit.places import MENTION, mentions
from completion.next_edit.tokens import names_of
from completion.next_edit.vetoes import Parsed
from completion.prompt_next_edit_v1 import AROUND, HISTORY, KEEP, LEAD, Format, RecentEdit, View
from engine.model import Model

BLOCK: Final = 16  # lines that one pass scores
BEST: Final = 4  # lines of one state that are scored by themselves
NEAR: Final = 16  # lines: blocks as close to the cursor are always scored
MOST: Final = 6  # blocks of one state
MARGIN: Final = 4  # lines shown before and behind a block: fewer than in training, for their time
_ALTERNATIVES: Final = 2
_SURE: Final = -1e-6  # log-probabilities above are rounded away


class Block(NamedTuple):
    """Lines `first` to `end` - 1 of a file, from 1, that are shown with `margin` lines on both sides."""

    path: str
    first: int
    end: int
    margin: int = MARGIN


class Place(NamedTuple):
    """A line, the log-odds that something changes at it, and, if asked, the same without the edits."""

    path: str
    line: int
    odds: float
    plain: float | None


def predict(
    case: Mapping[str, Any], model: Model, form: Format, *, best: bool = False, contrast: bool = False
) -> dict[str, Any]:
    """The likeliest place of a case as the scorer reads it: a line whose text is kept.

    `places` has [path, line, log-odds, log-odds without the edits or null] of every line that was scored. The
    likeliest has the highest log-odds; with `contrast` it is where the edits raise them most. Raises KeyError
    where the case lacks a field.
    """
    moment = moment_of(case)
    edits = [RecentEdit(edit["path"], edit["diff"]) for edit in case["recent_edits"]]
    started = time.perf_counter()
    chosen = singles(moment) if best else blocks(moment)
    scored = places(moment, edits, chosen, model, form, contrast)
    ms = round((time.perf_counter() - started) * 1000, 1)
    ranked = apart(sorted(scored, key=lambda place: (place.plain or 0.0) - place.odds), 1 + _ALTERNATIVES)
    if not ranked:
        return {"id": case["id"], "none": True, "places": [], "ms": ms}
    first, *others = (
        {"path": place.path, "start_line": place.line, "old_count": 1}
        | {"new": [moment.files[place.path][place.line - 1]]}
        for place in ranked
    )
    found = [
        [place.path, place.line, round(place.odds, 3), None if place.plain is None else round(place.plain, 3)]
        for place in scored
    ]
    return {"id": case["id"], **first, "alternatives": others, "places": found, "ms": ms}


def places(
    moment: Moment,
    edits: Sequence[RecentEdit],
    chosen: Sequence[Block],
    model: Model,
    form: Format,
    contrast: bool = False,
) -> list[Place]:
    """Every line of the blocks with its score, but those that the recent edits have written."""
    history = form.history(edits)
    parts = [part for block in chosen for part in _fitting(moment, block, model, form)]
    with_edits = [_odds(moment, part, history, model, form) for part in parts]
    without = [_odds(moment, part, [], model, form) if contrast else [None] * BLOCK for part in parts]
    return [
        Place(part.path, line, odds, plain)
        for part, ones, others in zip(parts, with_edits, without, strict=True)
        for line, odds, plain in zip(range(part.first, part.end), ones, others, strict=False)
        if not moment.is_recent(part.path, line, line + 1)
    ]


def singles(moment: Moment, most: int = BEST) -> list[Block]:
    """The lines at which the places begin that the product ranks first, each by itself."""
    spots = dict.fromkeys((spot.path, spot.start) for _, spot in product_places(moment))
    inside = [(path, line) for path, line in spots if line <= len(moment.files[path])]
    return [Block(path, line, line + 1, AROUND) for path, line in inside[:most]]


def product_places(moment: Moment) -> list[Ranked]:
    """The places that the product ranks where no text is likely, with their scores, best first."""
    candidates = [*proposed(moment), *mentions(moment), *troubles(moment, MENTION, Parsed(moment))]
    return rank(candidates, features(moment, candidates), weights().places)


def blocks(moment: Moment, most: int = MOST) -> list[Block]:
    """The blocks next to the cursor, then those that hold most of the names of the recent edits.

    A name counts for the less the more lines hold it.
    """
    names = {
        name for change in moment.changes for line in (*change.old, *change.new) for name in names_of(line)
    }
    lines = Counter(
        name for text in moment.files.values() for line in text for name in names_of(line) & names
    )
    worth: dict[Block, float] = {}
    for block in _grid(moment):
        inside = moment.files[block.path][block.first - 1 : block.end - 1]
        held = {name for line in inside for name in names_of(line) & names}
        near = block.path == moment.path and block.first - NEAR <= moment.line < block.end + NEAR
        worth[block] = sum(1 / lines[name] for name in held) + near * (1 + len(names))
    found = [block for block in worth if worth[block] > 0]
    return sorted(found, key=lambda block: -worth[block])[:most]


def apart(ranked: Sequence[Place], count: int) -> list[Place]:
    """The first of `ranked`, none next to one before it."""
    taken: list[Place] = []
    for place in ranked:
        if all(place.path != other.path or abs(place.line - other.line) > 1 for other in taken):
            taken.append(place)
            if len(taken) == count:
                break
    return taken


def _grid(moment: Moment) -> Iterator[Block]:
    for path, lines in moment.files.items():
        for first in range(1, len(lines) + 1, BLOCK):
            yield Block(path, first, min(first + BLOCK, len(lines) + 1))


def _fitting(moment: Moment, block: Block, model: Model, form: Format) -> Iterator[Block]:
    """The block, or parts of it that the model's context has room for; a line too long is left out."""
    prompt, hunk = _prompt(moment, block, form)
    if len(prompt) + len(hunk) < model.context - HISTORY:
        yield block
    elif block.end - block.first > 1:
        middle = (block.first + block.end) // 2
        yield from _fitting(moment, block._replace(end=middle), model, form)
        yield from _fitting(moment, block._replace(first=middle), model, form)


def _prompt(moment: Moment, block: Block, form: Format) -> tuple[list[int], list[int]]:
    """What stands around the block and the head of its hunk; then the hunk of blanks, up to the last mark."""
    file = View(block.path, 1, moment.files[block.path])
    start = max(block.first - block.margin, 1)
    view = View(block.path, start, file.between(start, block.end + block.margin))
    first = max(block.first - LEAD, 1)
    hunk = [*form.lines(KEEP, file.between(first, block.end - 1)), form.marks[KEEP]]
    return form.view(view) + form.header(view, first), hunk


def _odds(moment: Moment, block: Block, history: Sequence[int], model: Model, form: Format) -> list[float]:
    """For each line of the block the log-odds of anything but a blank."""
    prompt, hunk = _prompt(moment, block, form)
    scores = model.score([*history, *prompt], hunk)
    file = View(block.path, 1, moment.files[block.path])
    at = len(form.lines(KEEP, file.between(max(block.first - LEAD, 1), block.first)))
    found = []
    for line in range(block.first, block.end):
        kept = min(scores[at], _SURE)
        found.append(math.log(-math.expm1(kept)) - kept)
        at += len(form.lines(KEEP, file.between(line, line + 1)))
    return found
