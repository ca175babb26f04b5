"""The act of apply: a sketch that a model wrote becomes an exact edit, or is refused with the reason."""

from __future__ import annotations

from collections.abc import Iterator

from bench.client import LspError
from lsp_server.demo.hands import Hands
from lsp_server.demo.moment import Moment
from lsp_server.demo.script import Sketch

REPLY_LIMIT = 30.0


def play_sketch(sketch: Sketch, hands: Hands) -> Iterator[Moment]:
    """Show the sketch, then what the server makes of it."""
    hands.visit(sketch.file)
    yield Moment("step", sketch.title)
    yield Moment("sketch", sketch.text)
    pending = hands.apply(sketch.text)
    try:
        result = pending.result(REPLY_LIMIT)
    except LspError as error:
        yield Moment("refused", _reason(error), ms=pending.latency_ms)
        return
    edits = hands.requested_edits()
    changed = result["files"][0]
    summary = f"{changed['added']} lines in, {changed['removed']} out, {changed['confidence']:.0%} sure"
    hands.cursor = edits[0].start if edits else hands.cursor
    yield Moment("exact", summary, ms=pending.latency_ms, edits=edits)
    for edit in reversed(edits):  # from the end, so that the offsets of the others hold
        hands.replace(edit)
    yield Moment("applied", summary)


def _reason(error: LspError) -> str:
    """The server's own words."""
    objections = error.data["refused"] if isinstance(error.data, dict) and "refused" in error.data else []
    return str(objections[0]["reason"]) if objections else error.message
