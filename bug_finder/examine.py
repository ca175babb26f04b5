"""From a text to all that is suspected in it: what parses, function by function, each read once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from bug_finder.cache import Cache, keys, packed, unpacked
from bug_finder.finding import Finding
from bug_finder.functions import Function
from bug_finder.reasons import Reason
from engine.cancel import CancelToken
from text.syntax import parse

DEEPEST, WIDEST = 1000, 5000
"""Nodes within nodes, and side by side in what does not parse. Nobody writes that, and looking for functions
in it takes time by its square."""


class Finder(Protocol):
    """What finds: `bug_finder.detect.Detector`."""

    recipe: str

    def functions(self, text: str, language: str) -> list[Function]:
        """The functions of a text."""

    def find(
        self,
        text: str,
        language: str,
        spans: Sequence[tuple[int, int]] | None = None,
        cancel: CancelToken | None = None,
    ) -> list[Finding]:
        """What is suspected in some of them."""


class Examined(NamedTuple):
    """What was found in a text; `reason` where it was not read. `read` of its functions were not known."""

    functions: list[Function]
    findings: list[Finding]
    read: int = 0
    broken: int = 0
    reason: Reason | None = None


def examine(finder: Finder, cache: Cache, text: str, language: str, cancel: CancelToken) -> Examined:
    """Everything that is suspected in the functions that parse, the most probable first.

    Only functions that are not known are read. Raises Cancelled, and what the finder raises.
    """
    syntax = parse(text, language)
    if syntax is None:
        return Examined([], [], reason=Reason.LANGUAGE)
    if syntax.is_deeper_than(DEEPEST):
        return Examined([], [], reason=Reason.TOO_DEEP)
    if syntax.has_error and syntax.widest_error > WIDEST:
        return Examined([], [], reason=Reason.UNPARSABLE)
    every = finder.functions(text, language)
    errors = syntax.errors if syntax.has_error else []
    functions = [each for each in every if not _touches(each.start, each.end, errors)]
    broken = len(every) - len(functions)
    if errors and (not every or 2 * broken > len(every)):
        return Examined([], [], broken=broken, reason=Reason.UNPARSABLE)
    if not functions:
        return Examined([], [], reason=Reason.NO_FUNCTIONS)
    named = keys(finder.recipe, text, language, every)
    named = [
        key for each, key in zip(every, named, strict=True) if not _touches(each.start, each.end, errors)
    ]
    known = cache.get(named)
    missing = [each for each, key in zip(functions, named, strict=True) if key not in known]
    fresh = _find(finder, text, language, missing, cancel)
    cancel.check()  # what was broken off is not remembered
    findings: list[Finding] = []
    values: dict[bytes, bytes] = {}
    line = done = 0
    for function, key in zip(functions, named, strict=True):
        line, done = line + text.count("\n", done, function.start), function.start
        if function.start in fresh:
            values[key] = packed(fresh[function.start], function, line)
        findings += unpacked(values.get(key) or known[key], function, line)
    if values:
        cache.put(values)
    findings.sort(key=lambda each: (-each.probability, each.start))
    return Examined(functions, findings, len(missing), broken)


def _find(
    finder: Finder, text: str, language: str, functions: Sequence[Function], cancel: CancelToken
) -> dict[int, list[Finding]]:
    """What is suspected in each of the functions, by where it starts."""
    found: dict[int, list[Finding]] = {each.start: [] for each in functions}
    spans = [(each.start, each.end) for each in functions]
    for finding in finder.find(text, language, spans, cancel) if spans else ():
        for start, end in spans:
            if start <= finding.start and finding.end <= end:
                found[start].append(finding)
                break
    return found


def _touches(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(first <= end and start <= last for first, last in spans)
