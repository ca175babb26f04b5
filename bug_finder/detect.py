"""`Detector`: from a text to its findings, each with the probability that it is one."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bug_finder.calibrate import Calibration
from bug_finder.candidates import candidate
from bug_finder.checks.conditions import always_the_same, assignment_in_condition, comparison_without_effect
from bug_finder.checks.operands import repeated_condition, same_operands, self_assignment
from bug_finder.checks.python import identity_of_literal, mutable_default, unreachable
from bug_finder.checks.strings import forgotten_prefix, joined_by_accident
from bug_finder.checks.suspicion import Suspicion
from bug_finder.finding import Finding
from bug_finder.functions import Function, functions
from bug_finder.reader import BATCH, Read, Reader
from bug_finder.scorer import Scorer, probabilities
from bug_finder.tokens import Token, lex
from engine.cancel import NEVER, CancelToken
from engine.paths import manifest_dir

FILES = ("vocabulary.txt", "network.npz", "scorer.npz", "calibration.json")
LINES = 5  # of a function that are reported on, at the most

CHECKS = (
    *(same_operands, self_assignment, repeated_condition, identity_of_literal, mutable_default, unreachable),
    *(
        always_the_same,
        comparison_without_effect,
        assignment_in_condition,
        forgotten_prefix,
        joined_by_accident,
    ),
)


class Judged(NamedTuple):
    """How probably something in a function is wrong, and what that could be, best first."""

    probability: float
    findings: list[Finding]


class Detector:
    """Reads functions; keeps no state between calls and may be used by several threads."""

    def __init__(self, reader: Reader, scorer: Scorer, calibration: Calibration, recipe: str) -> None:
        self._reader = reader
        self._scorer = scorer
        self._calibration = calibration
        self.recipe = recipe

    @classmethod
    def load(cls, folder: Path | None = None, threads: int = 1) -> Detector:
        """The one that ships with Tacit, or another; raises OSError where it is not there."""
        folder = folder or manifest_dir() / "bug_finder"
        return cls(
            Reader.load(folder, threads),
            Scorer.load(folder / "scorer.npz"),
            Calibration.load(folder / "calibration.json"),
            recipe_of(folder),
        )

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

        Nothing is left out for being improbable, but no more than LINES lines of a function are named. Raises
        `Cancelled`.
        """
        found = [finding for each in self.judge(text, language, spans, cancel) for finding in each.findings]
        return sorted(found, key=lambda finding: (-finding.probability, finding.start))

    def judge(
        self,
        text: str,
        language: str,
        spans: Sequence[tuple[int, int]] | None = None,
        cancel: CancelToken | None = None,
    ) -> list[Judged]:
        """The same for each function by itself, in order."""
        chosen = self._chosen(text, language, spans)
        starts = [0, *(at + 1 for at, char in enumerate(text) if char == "\n")] if chosen else []
        judged: list[Judged] = []
        for at in range(0, len(chosen), BATCH):
            (cancel or NEVER).check()
            batch = chosen[at : at + BATCH]
            reads = self._reader.read([(function.text, language) for function in batch])
            judged += [
                self._judged(function, read, language, starts)
                for function, read in zip(batch, reads, strict=True)
            ]
        return judged

    def _chosen(
        self, text: str, language: str, spans: Sequence[tuple[int, int]] | None
    ) -> Sequence[Function]:
        if not language:
            return []
        if spans is None:
            return self.functions(text, language)
        names = {(each.start, each.end): each.name for each in self.functions(text, language)}
        return [Function(start, end, names.get((start, end), ""), text[start:end]) for start, end in spans]

    def _judged(self, function: Function, read: Read | None, language: str, starts: Sequence[int]) -> Judged:
        """By the checks and by the network, each of which may be right where the other is not."""
        tokens = read.tokens if read else lex(function.text, language)
        wrong = 0.0
        found: list[tuple[float, Suspicion]] = []
        if read is not None:
            wrong, found = self._by_network(read, tokens)
        for each in checked(tokens, language):
            probability = self._calibration.checks.get(each.check, 0.0)
            wrong = 1 - (1 - wrong) * (1 - probability)
            found.append((probability, each))
        return Judged(wrong, [_finding(function, starts, *each) for each in _of_each_place(found)])

    def _by_network(self, read: Read, tokens: Sequence[Token]) -> tuple[float, list[tuple[float, Suspicion]]]:
        scores, none = self._scorer.scores(read.described.rows, read.described.function)
        each_place, right = probabilities(scores, none)
        best: dict[int, int] = {}
        for place, line in enumerate(read.lines.tolist()):
            if line not in best or each_place[place] > each_place[best[line]]:
                best[line] = place
        found = []
        for place in sorted(best.values(), key=lambda place: -float(each_place[place]))[:LINES]:
            likelier = float(read.described.rows[place, 2]) > 0
            at, group = int(read.places.tokens[place]), int(read.places.groups[place])
            said = candidate(tokens, at, group, read.described.best[place], likelier)
            suspicion = Suspicion("network", said.kind, said.start, said.end, said.message, said.replacement)
            found.append((self._calibration.finding(float(each_place[place])), suspicion))
        return self._calibration.function(1 - right), found


def recipe_of(model: Path, code: Path = Path(__file__).parent) -> str:
    """What findings follow from: the weights, and every line of the program that makes findings of them."""
    digest = hashlib.sha256()
    for path in (*(model / name for name in FILES), *sorted(code.rglob("*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _of_each_place(found: list[tuple[float, Suspicion]]) -> Iterator[tuple[float, Suspicion]]:
    """The best first, and of several about one place only the best."""
    taken: list[Suspicion] = []
    for probability, said in sorted(found, key=lambda each: -each[0]):
        if all(said.end <= other.start or other.end <= said.start for other in taken):
            taken.append(said)
            yield probability, said


def checked(tokens: Sequence[Token], language: str) -> Iterator[Suspicion]:
    """What needs no model."""
    for check in CHECKS:
        yield from check(tokens, language)


def _finding(function: Function, starts: Sequence[int], probability: float, said: Suspicion) -> Finding:
    start = function.start + said.start
    return Finding(
        kind=said.kind,
        start=start,
        end=function.start + said.end,
        line=bisect_right(starts, start) - 1,
        function=function.name,
        probability=probability,
        message=said.message,
        replacement=said.replacement,
    )
