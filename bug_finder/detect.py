"""`Detector`: from a text to its findings, each with the probability that it is one."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bug_finder.checks.operands import repeated_condition, same_operands, self_assignment
from bug_finder.checks.python import identity_of_literal, mutable_default, unreachable
from bug_finder.finding import Finding
from bug_finder.functions import Function, functions
from bug_finder.tokens import lex
from engine.cancel import NEVER, CancelToken

VERSION = 1  # of the rules; raise it with every change of what is found

CHECKS = (
    same_operands,
    self_assignment,
    repeated_condition,
    identity_of_literal,
    mutable_default,
    unreachable,
)
# Guesses until they are measured on real fixes.
_PRIORS = {
    "same operands": 0.6,
    "self assignment": 0.5,
    "repeated condition": 0.7,
    "identity of literal": 0.8,
}
_PRIOR = 0.4


class Detector:
    """Reads functions; keeps no state between calls and may be used by several threads."""

    def __init__(self, recipe: str) -> None:
        self.recipe = recipe

    @classmethod
    def load(cls, folder: Path | None = None) -> Detector:
        """The one that ships with Tacit, or another; raises OSError where it is not there."""
        return cls(hashlib.sha256(f"bug_finder {VERSION}".encode()).hexdigest()[:16])

    def functions(self, text: str, language: str) -> list[Function]:
        """What would be looked at, in order: the functions that are in no other function."""
        return functions(text, language)

    def find(
        self,
        text: str,
        language: str,
        spans: Sequence[tuple[int, int]] | None = None,
        cancel: CancelToken | None = None,
    ) -> list[Finding]:
        """All findings in these functions, [start, end) in code points, or else in all of them; best first.

        Nothing is left out for being improbable. Raises `Cancelled`.
        """
        found: list[Finding] = []
        chosen = self._chosen(text, language, spans)
        for function in chosen:
            (cancel or NEVER).check()
            found.extend(_findings(function, language))
        starts = [0, *(at + 1 for at, char in enumerate(text) if char == "\n")] if found else []
        placed = [_placed(finding, starts) for finding in found]
        return sorted(placed, key=lambda finding: (-finding.probability, finding.start))

    def _chosen(
        self, text: str, language: str, spans: Sequence[tuple[int, int]] | None
    ) -> Sequence[Function]:
        if not language:
            return []
        if spans is None:
            return self.functions(text, language)
        names = {(each.start, each.end): each.name for each in self.functions(text, language)}
        return [Function(start, end, names.get((start, end), ""), text[start:end]) for start, end in spans]


def _findings(function: Function, language: str) -> Iterator[Finding]:
    tokens = lex(function.text, language)
    for check in CHECKS:
        for each in check(tokens, language):
            yield Finding(
                kind=each.kind,
                start=function.start + each.start,
                end=function.start + each.end,
                line=0,
                function=function.name,
                probability=_PRIORS.get(each.check, _PRIOR),
                message=each.message,
                replacement=each.replacement,
            )


def _placed(finding: Finding, starts: Sequence[int]) -> Finding:
    return replace(finding, line=bisect_right(starts, finding.start) - 1)
