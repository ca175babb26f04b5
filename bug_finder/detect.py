"""`Detector`: from a text to its findings, each with the probability that it is one."""

from __future__ import annotations

import copy
import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bug_finder.aggregates import aggregates
from bug_finder.calibrate import Calibration
from bug_finder.candidates import candidate
from bug_finder.checks.calls import (
    count_of_format,
    dropped_coroutine,
)
from bug_finder.checks.conditions import always_the_same, assignment_in_condition, comparison_without_effect
from bug_finder.checks.defaults import documented_default
from bug_finder.checks.documented import documented_parameters, documented_result
from bug_finder.checks.loops import (
    error_of_another,
    filter_of_whole,
    pairs_of_mapping,
)
from bug_finder.checks.names import missing_self, unbound_name
from bug_finder.checks.nothing import look_into_nothing, never_both, odd_python, truth_of_literal
from bug_finder.checks.operands import repeated_condition, same_operands, self_assignment
from bug_finder.checks.python import identity_of_literal, mutable_default, unreachable
from bug_finder.checks.scene import Around, Scene
from bug_finder.checks.spelling import misspelt_name
from bug_finder.checks.strings import forgotten_prefix, joined_by_accident
from bug_finder.checks.suspicion import Suspicion
from bug_finder.danger import LESS, Danger
from bug_finder.features import MARGIN
from bug_finder.finding import Finding
from bug_finder.functions import Function, functions
from bug_finder.reader import BATCH, MOST_TOKENS, Read, Reader
from bug_finder.scorer import Scorer, probabilities
from bug_finder.tokens import Token, lex
from bug_finder.trees import Trees
from engine.cancel import NEVER, CancelToken
from engine.paths import manifest_dir

FILES = ("vocabulary.txt", "network.npz", "scorer.npz", "trees.npz", "calibration.json")
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


SCENE_CHECKS: tuple[Callable[[Scene], Iterator[Suspicion]], ...] = (
    *(unbound_name, missing_self, filter_of_whole, pairs_of_mapping, error_of_another),
    *(look_into_nothing, truth_of_literal, never_both, odd_python),
    *(dropped_coroutine, count_of_format, misspelt_name),
    *(documented_parameters, documented_result, documented_default),
)
ABOUT_COMMENTS = frozenset(["comment_differs"])  # the code itself may be right


class Judged(NamedTuple):
    """How probably something in a function is wrong, and what that could be, best first."""

    probability: float
    findings: list[Finding]


class Detector:
    """Reads functions; keeps no state between calls and may be used by several threads."""

    def __init__(
        self, reader: Reader, scorer: Scorer, trees: Trees, calibration: Calibration, recipe: str
    ) -> None:
        self._reader = reader
        self._scorer = scorer
        self._trees = trees
        self._calibration = calibration
        self._precision, self._patterns = 0.0, tuple[str, ...]()
        self.recipe = recipe

    @classmethod
    def load(cls, folder: Path | None = None, threads: int = 1) -> Detector:
        """The one that ships with Tacit, or another; raises OSError where it is not there."""
        folder = folder or manifest_dir() / "bug_finder"
        return cls(
            Reader.load(folder, threads),
            Scorer.load(folder / "scorer.npz"),
            Trees.load(folder / "trees.npz"),
            Calibration.load(folder / "calibration.json"),
            recipe_of(folder),
        )

    def at(self, precision: float, patterns: Sequence[str] = ()) -> Detector:
        """One that does without the network where nothing of what that says can reach this precision.

        It may where something is marked as dangerous, by a comment or by one of the patterns, as less is
        enough there. What it finds is remembered apart.
        """
        if precision <= self._calibration.finding.most:
            return self
        other = copy.copy(self)
        other._precision, other._patterns = precision, tuple(patterns)
        marked = precision * LESS <= self._calibration.finding.most
        other.recipe = f"{self.recipe} checks {marked and sorted(patterns)}"
        return other

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
        if not language or (spans is not None and not spans):
            return []
        every = self.functions(text, language)
        chosen = every if spans is None else _chosen(text, every, spans)
        around = Around.of(text, every)
        heard = self._heard(text, language, chosen)
        starts = [0, *(at + 1 for at, char in enumerate(text) if char == "\n")] if chosen else []
        judged: list[Judged] = []
        for at in range(0, len(chosen), BATCH):
            (cancel or NEVER).check()
            batch = chosen[at : at + BATCH]
            asked = [function for function in batch if function.start in heard]
            reads = self._reader.read([(function.text, language) for function in asked]) if asked else ()
            read = dict(zip((function.start for function in asked), reads, strict=True))
            judged += [
                self._judged(function, read.get(function.start), language, starts, around)
                for function in batch
            ]
        return judged

    def _heard(self, text: str, language: str, chosen: Sequence[Function]) -> set[int]:
        """Where those functions start in which what the network says may be shown."""
        most = self._calibration.finding.most
        if self._precision <= most:
            return {each.start for each in chosen}
        if self._precision * LESS > most or not (danger := Danger(text, language, self._patterns)):
            return set()
        return {each.start for each in chosen if danger.among(each.start, each.end)}

    def _judged(
        self, function: Function, read: Read | None, language: str, starts: Sequence[int], around: Around
    ) -> Judged:
        """By the checks and by the network, each of which may be right where the other is not."""
        tokens = read.tokens if read else lex(function.text, language)[:MOST_TOKENS]
        wrong = 0.0
        found: list[tuple[float, Suspicion]] = []
        if read is not None:
            wrong, found = self._by_network(read, tokens)
        for each in checked(Scene(function, language, tokens, around)):
            probability = self._calibration.checks.get(each.check, 0.0)
            if each.kind not in ABOUT_COMMENTS:
                wrong = 1 - (1 - wrong) * (1 - probability)
            found.append((probability, each))
        return Judged(wrong, [_finding(function, starts, *each) for each in _of_each_place(found)])

    def _by_network(self, read: Read, tokens: Sequence[Token]) -> tuple[float, list[tuple[float, Suspicion]]]:
        rows, lines = read.described.rows, read.lines
        scores, none = self._scorer.scores(rows, read.described.function)
        each_place, _ = probabilities(scores, none)
        wrong = self._trees.probability(aggregates(scores, none, rows, lines))
        best: dict[int, int] = {}
        for place, line in enumerate(lines.tolist()):
            if line not in best or each_place[place] > each_place[best[line]]:
                best[line] = place
        found = []
        for place in sorted(best.values(), key=lambda place: -float(each_place[place]))[:LINES]:
            likelier = float(rows[place, MARGIN]) > 0
            at, group = int(read.places.tokens[place]), int(read.places.groups[place])
            said = candidate(tokens, at, group, read.described.best[place], likelier)
            suspicion = Suspicion("network", said.kind, said.start, said.end, said.message, said.replacement)
            found.append((self._calibration.finding(float(each_place[place])), suspicion))
        return self._calibration.function(wrong), found


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


def checked(scene: Scene) -> Iterator[Suspicion]:
    """What needs no model."""
    for check in CHECKS:
        yield from check(scene.tokens, scene.language)
    for see in SCENE_CHECKS:
        yield from see(scene)


def _chosen(text: str, every: Sequence[Function], spans: Sequence[tuple[int, int]]) -> list[Function]:
    known = {(each.start, each.end): each for each in every}
    return [
        known.get((start, end))
        or Function(start, end, "", text[start:end], text[start:end].partition("\n")[0])
        for start, end in spans
    ]


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
