"""The model's best guess where a sketch is refused: to be looked at, never applied.

Two questions are for a model. Where a sketch fits two places as well, and the one that structure takes first
comes to nothing, the other ways to read it are scored; where it is as good as any, structure's choice stands,
which was right more often than a model's. Where structure finds a place and the result is no good, the
definition around that place is written anew, and is taken if the sketch explains it. A sketch that is of
another file is a question for nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from apply import rewrite_readings
from apply.apply import FileState
from apply.lines import loose_key
from apply.locate import Location, locate
from apply.merge import merge
from apply.problem import TooBigError
from apply.rewrite import request_of, rewrite
from apply.rewrite_verify import unexplained
from apply.rows import Sketch
from apply.verify import EDGES, SHOWN, evidence, objections, worse_syntax
from engine.cancel import NEVER, CancelToken
from engine.model import Model
from text.edits import Edit
from text.secrets import secrets

MOST_LINES: Final = 80  # of a region that is written anew
AROUND: Final = 3  # lines around a place that no definition holds


class ModelGuess:
    """An `apply.apply.Guess`. `on_hunk` is told each stable hunk of a rewriting, in code points of the file.

    Asked on a thread of its own, or in a lane: it takes seconds. Raises Cancelled.
    """

    def __init__(
        self, model: Model, *, on_hunk: Callable[[Edit], object] = lambda _: None, cancel: CancelToken = NEVER
    ) -> None:
        self._model = model
        self._on_hunk = on_hunk
        self._cancel = cancel

    def __call__(self, state: FileState, sketch: Sketch, written: str) -> str | None:
        """See `Guess`."""
        try:
            location = locate(sketch, state.file, state.outline)
        except TooBigError:
            return None
        if location.rivals:
            return self._likeliest(state, sketch)
        found = evidence(sketch, state.file, location.steps)
        if found.shown < SHOWN and found.edges < EDGES:
            return None
        return self._rewritten(state, sketch, written, location)

    def _likeliest(self, state: FileState, sketch: Sketch) -> str | None:
        found = [
            _result(state, sketch, location)
            for location in rewrite_readings.readings(sketch, state.file, state.outline)
        ]
        results = list(dict.fromkeys(text for text in found if text is not None))
        if len(results) < 2 or found[0] is not None:
            return results[0] if results else None
        scores = rewrite_readings.likelihoods(state.text, results, self._model, self._cancel)
        return results[scores.index(max(scores))]

    def _rewritten(self, state: FileState, sketch: Sketch, written: str, location: Location) -> str | None:
        start, end = region_of(state, location)
        if end - start > MOST_LINES:
            return None
        lines = state.file.ended
        above, region, below = ("".join(part) for part in (lines[:start], lines[start:end], lines[end:]))
        request = request_of(region, sketch, written)
        if not request.is_possible or any(secrets(region + written)):  # no model is shown these
            return None
        known = {*map(loose_key, lines[start:end]), *(loose_key(row.text) for row in sketch.rows)}
        try:
            text = rewrite(
                request,
                self._model,
                on_hunk=self._tell(len(above)),
                expected=lambda line: loose_key(line) in known,
                cancel=self._cancel,
            ).text
        except ValueError:  # it does not fit the model's context
            return None
        self._cancel.check()
        if text is None:
            return None
        after = FileState(above + text.replace("\n", state.style.eol) + below, state.language)
        objection = unexplained(sketch, state.file, after.file, after.syntax)
        worse = state.syntax and after.syntax and after.syntax.error_count > state.syntax.error_count
        return None if objection or worse else after.text

    def _tell(self, offset: int) -> Callable[[Edit], object]:
        return lambda edit: self._on_hunk(Edit(edit.start + offset, edit.end + offset, edit.new))


def region_of(state: FileState, location: Location) -> tuple[int, int]:
    """The lines [start, end) that a sketch is about: the least definition around them, if there is one."""
    touched = [step.line for step in location.steps if step.what != "keep" and step.line < len(state.file)]
    start, end = (min(touched), max(touched) + 1) if touched else (0, len(state.file))
    around = [each for each in state.outline.definitions if each.start <= start and end <= each.end]
    if around:
        least = min(around, key=lambda each: each.end - each.start)
        return least.start, least.end
    return max(0, start - AROUND), min(len(state.file), end + AROUND)


def _result(state: FileState, sketch: Sketch, location: Location) -> str | None:
    """The file, if the sketch is read so, unless something else than a rival speaks against it."""
    merged = merge(sketch, state.file, location.steps, state.style)
    after = FileState(merged.text(state.file, state.style), state.language)
    refused = location.left or next(objections(sketch, state.file, location.steps, merged), None)
    if refused or worse_syntax(state.syntax, after.syntax, merged) or after.text == state.text:
        return None
    return after.text
