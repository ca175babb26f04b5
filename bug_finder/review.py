"""What a change has touched: its own text, and the functions that it is in."""

from __future__ import annotations

from collections.abc import Sequence

from bug_finder.finding import Finding
from bug_finder.functions import Function
from text.edits import diff

Span = tuple[int, int]
"""A stretch of text [start, end), in code points."""


def changed_spans(old: str, new: str) -> list[Span]:
    """What of `new` is not as in `old`; an empty span where something is gone."""
    spans = []
    shift = 0
    for edit in diff(old, new):
        start = edit.start + shift
        spans.append((start, start + len(edit.new)))
        shift += len(edit.new) - (edit.end - edit.start)
    return spans


def touched(changed: Sequence[Span], functions: Sequence[Function]) -> list[Span]:
    """The changed spans, and the whole of every function that one of them is in."""
    inside = [
        (each.start, each.end)
        for each in functions
        if any(start < each.end and each.start <= max(end - 1, start) for start, end in changed)
    ]
    return [*changed, *inside]


def touches(finding: Finding, spans: Sequence[Span]) -> bool:
    """Whether the finding's text and one of the spans have something in common."""
    last = max(finding.end - 1, finding.start)
    return any(start <= last and finding.start <= max(end - 1, start) for start, end in spans)
