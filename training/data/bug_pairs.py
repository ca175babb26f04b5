"""Builds the bug set: functions with one wrong statement, and what they are without it.

    python -m training.data.bug_pairs --mirror DIR [--cases FILE ...] [--out DIR]

Injected: a function of the newest files gets one slip of bug_operators.py, which still parses. Mined: a
commit whose subject speaks of a fix changes, outside tests, one hunk of a few lines inside one function.
"""

from __future__ import annotations

import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from text.languages import LANGUAGES
from text.matching import common_prefix
from text.syntax import Syntax, parse
from training.data import build, git
from training.data.bug_operators import Slip, slips
from training.data.changes import Hunk, apply, change_digest, is_blank_change, is_formatting
from training.data.examples import BugPair
from training.data.exclusions import EvaluationText
from training.data.files import code_language, read_lines
from training.data.functions import Function, dedented, functions
from training.data.histories import Limits as CommitLimits
from training.data.histories import small_commits
from training.data.repositories import Source

VERSION = 1  # of the examples; raise it with every change of what they hold

_FIX = re.compile(
    r"\b(fix|bug|typo|wrong|incorrect|mistake|broken|regression|off.by.one|crash)", re.IGNORECASE
)
_NO_FIX = re.compile(
    r"\b(docs?|doc.?strings?|comments?|typing|types?|mypy|lint\w*|tests?|flak(y|e8?)|warnings?|compat\w*|build|ci|"
    r"deprecat\w*|spelling|messages?)\b",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\s*(#|//|/?\*)")
_TEST = re.compile(r"(^|[/_.])(tests?|specs?|__tests__|testing)([/_.]|$)|Tests?\.java$", re.IGNORECASE)


@dataclass(frozen=True)
class Limits:
    """Which functions are taken, and how many."""

    per_repository: int = 300  # of the injected ones, and as many mined ones at the most
    per_file: int = 4
    min_lines: int = 3
    max_lines: int = 80
    max_bytes: int = 100_000  # of a file
    mined_lines: int = 2  # of code, old or new ones
    drawn: int = 8  # slips tried in a function, until one parses


@dataclass
class Builder:
    """Pairs of one repository after the other; a function seen before is not taken again."""

    evaluation: EvaluationText
    limits: Limits = field(default_factory=Limits)
    kind = BugPair

    @property
    def recipe(self) -> str:
        """What the pairs depend on beside the sources and the exclusions."""
        return f"bug_pairs {VERSION} {self.limits}"

    def examples(self, source: Source, repository: Path, log: build.Log) -> Iterator[BugPair]:
        """Those mined from the history, then those injected into the newest files."""
        mined = islice(self._mined(source, repository, log), self.limits.per_repository)
        injected = islice(self._injected(source, repository, log), self.limits.per_repository)
        for pair in [*mined, *injected]:
            log.counts[f"source {pair.source}"] += 1
            log.counts[f"{pair.source} {pair.kind}"] += 1
            log.counts[f"language {pair.language}"] += 1
            yield pair

    def _mined(self, source: Source, repository: Path, log: build.Log) -> Iterator[BugPair]:
        limits = CommitLimits(min_hunks=1, per_repository=1 << 62, per_author=1 << 62)
        commits = small_commits(repository, source.head, limits, self.evaluation, log.skipped, is_fix)
        for commit in commits:
            hunks = [hunk for hunk in commit.hunks if not _TEST.search(hunk.path)]
            if len(hunks) != 1 or code_language(hunks[0].path) not in LANGUAGES:
                log.skipped["fix of several places"] += 1
                continue
            pair = self._of_hunk(source, commit.commit.id, hunks[0], commit.files[hunks[0].path])
            if pair is None:
                log.skipped["fix of more than one statement, or outside functions"] += 1
            elif not log.is_new(change_digest(hunks)) or self._is_evaluated(pair):
                log.skipped["fix seen before"] += 1
            else:
                yield pair

    def _of_hunk(self, source: Source, commit: str, hunk: Hunk, before: Sequence[str]) -> BugPair | None:
        if max(map(_code_lines, (hunk.old, hunk.new))) > self.limits.mined_lines:
            return None
        if is_blank_change(hunk) or is_formatting(hunk):
            return None
        after = list(before)
        apply(hunk, after)
        language = code_language(hunk.path)
        buggy = _function_at(before, language, hunk.start, hunk.end)
        fixed = _function_at(after, language, hunk.start, hunk.start + len(hunk.new))
        if buggy is None or fixed is None or buggy.name != fixed.name or not self._fits(buggy):
            return None
        wrong = dedented(before[buggy.first - 1 : buggy.end - 1])
        right = dedented(after[fixed.first - 1 : fixed.end - 1])
        if not _differ_in_code("\n".join(wrong), "\n".join(right), language):
            return None
        return BugPair(
            repository=source.repository,
            commit=commit,
            path=hunk.path,
            language=language,
            source="mined",
            kind=kind_of("\n".join(right), "\n".join(wrong)),
            function=buggy.name,
            buggy="\n".join(wrong),
            fixed="\n".join(right),
            first=hunk.start - buggy.first + 1,
            count=len(hunk.old),
        )

    def _injected(self, source: Source, repository: Path, log: build.Log) -> Iterator[BugPair]:
        with git.Blobs(repository) as blobs:
            files = (file for file in git.tree(repository, source.head) if file.size <= self.limits.max_bytes)
            for file in sorted(files, key=lambda file: blake2b(file.path.encode()).digest()):
                language = code_language(file.path)
                if language not in LANGUAGES or _TEST.search(file.path):
                    continue
                lines = read_lines(blobs.read(file.blob) or b"\0")
                if lines is None or self.evaluation.holds_file(lines):
                    log.skipped["missing, generated, minified, copied, or other text than UTF-8"] += 1
                    continue
                chance = random.Random(f"{source.repository} {source.head} {file.path}")
                yield from self._of_file(source, file.path, language, lines, chance, log)

    def _of_file(
        self,
        source: Source,
        path: str,
        language: str,
        lines: Sequence[str],
        chance: random.Random,
        log: build.Log,
    ) -> Iterator[BugPair]:
        syntax = parse("\n".join(lines), language)
        assert syntax
        found = [function for function in functions(lines, syntax) if self._fits(function)]
        for function in chance.sample(found, min(self.limits.per_file, len(found))):
            fixed = dedented(lines[function.first - 1 : function.end - 1])
            if not log.is_new(_digest(fixed)):
                log.skipped["function seen before"] += 1
                continue
            slip = self._slip(fixed, function.body - function.first, language, chance)
            if slip is None:
                log.skipped["nothing to get wrong"] += 1
                continue
            text = "\n".join(fixed)
            pair = BugPair(
                repository=source.repository,
                commit=source.head,
                path=path,
                language=language,
                source="injected",
                kind=slip.kind,
                function=function.name,
                buggy=slip.made(text),
                fixed=text,
                first=text.count("\n", 0, slip.start) + 1,
                count=1,
            )
            if not self._is_evaluated(pair):
                yield pair

    def _slip(self, fixed: list[str], body: int, language: str, chance: random.Random) -> Slip | None:
        """A slip in the code of the body after which all still parses; every kind is as likely as another."""
        text = "\n".join(fixed)
        syntax = parse(text, language)
        assert syntax
        start = sum(len(line) + 1 for line in fixed[:body])
        by_kind: dict[str, list[Slip]] = defaultdict(list)
        for slip in slips(text):
            if slip.start >= start:
                by_kind[slip.kind].append(slip)
        for _ in range(self.limits.drawn if by_kind else 0):
            slip = chance.choice(by_kind[chance.choice(sorted(by_kind))])
            if syntax.scope(slip.start) == "code" and _parses(slip.made(text), language, syntax):
                return slip
        return None

    def _fits(self, function: Function) -> bool:
        return self.limits.min_lines <= function.end - function.first <= self.limits.max_lines

    def _is_evaluated(self, pair: BugPair) -> bool:
        return any(self.evaluation.holds_file(text.split("\n")) for text in (pair.buggy, pair.fixed))


def is_fix(commit: git.Commit) -> bool:
    """Whether the subject speaks of a bug in the program."""
    return bool(_FIX.search(commit.subject)) and not _NO_FIX.search(commit.subject)


def kind_of(fixed: str, buggy: str) -> str:
    """The operator that makes `buggy` of `fixed`, or "other"."""
    growth = len(buggy) - len(fixed)
    for slip in slips(fixed):
        if len(slip.new) - (slip.end - slip.start) == growth and slip.made(fixed) == buggy:
            return slip.kind
    return "other"


def _code_lines(lines: Sequence[str]) -> int:
    return sum(bool(line.strip()) and not _COMMENT.match(line) for line in lines)


def _differ_in_code(one: str, other: str, language: str) -> bool:
    """Whether what follows their common beginning is code in either, not a comment or a string in both."""
    at = common_prefix(one, other)
    return any((syntax := parse(text, language)) and syntax.scope(at) == "code" for text in (one, other))


def _function_at(lines: Sequence[str], language: str, first: int, end: int) -> Function | None:
    syntax = parse("\n".join(lines), language)
    assert syntax
    return next((each for each in functions(lines, syntax) if each.holds(first, end)), None)


def _parses(text: str, language: str, before: Syntax) -> bool:
    syntax = parse(text, language)
    return syntax is not None and syntax.error_count <= before.error_count


def _digest(lines: Sequence[str]) -> str:
    return blake2b("\n".join("".join(line.split()) for line in lines).encode(), digest_size=8).hexdigest()


if __name__ == "__main__":
    sys.exit(build.main("bug_pairs", Builder, __doc__))
