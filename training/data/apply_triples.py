"""Builds the apply set from histories: a file, a sketch of a commit's change in it, the file afterwards.

    python -m training.data.apply_triples --mirror DIR [--cases FILE ...] [--out DIR]

Each code file of a small commit (histories.py) gives one triple. Its sketch is written in one of the styles
of bench/sketching, drawn by chance among those that the change lends itself to. One sketch in OTHER_FILE
is that of another file, so that refusing is learned too.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from bench import sketching
from bench.sketching.pair import Pair
from bench.sketching.styles import STYLES
from text.languages import LANGUAGES
from training.data import build
from training.data.changes import apply, change_digest
from training.data.examples import ApplyTriple
from training.data.exclusions import EvaluationText
from training.data.files import code_language
from training.data.histories import Limits as CommitLimits
from training.data.histories import SmallCommit, small_commits
from training.data.repositories import Source

VERSION = 1  # of the examples; raise it with every change of what they hold

OTHER_FILE = 20  # one sketch in so many is meant for another file


@dataclass(frozen=True)
class Limits:
    """How many triples are taken, of which files."""

    min_lines: int = 30
    max_lines: int = 1500
    per_repository: int = 400  # commits


@dataclass
class Builder:
    """Triples of one repository after the other; a change seen before is not taken again."""

    evaluation: EvaluationText
    limits: Limits = field(default_factory=Limits)
    kind = ApplyTriple

    @property
    def recipe(self) -> str:
        """What the triples depend on beside the sources and the exclusions."""
        code = sorted(Path(sketching.__file__).parent.glob("*.py"))
        styles = blake2b(b"".join(each.read_bytes() for each in code), digest_size=8).hexdigest()
        return f"apply_triples {VERSION} {self.limits} other_file={OTHER_FILE} sketching={styles}"

    def examples(self, source: Source, repository: Path, log: build.Log) -> Iterator[ApplyTriple]:
        """All triples of a repository, newest commit first."""
        limits = CommitLimits(min_hunks=1, per_repository=self.limits.per_repository)
        before: ApplyTriple | None = None
        for commit in small_commits(repository, source.head, limits, self.evaluation, log.skipped):
            if not log.is_new(change_digest(commit.hunks)):
                log.skipped["change seen before"] += 1
                continue
            log.counts["commits"] += 1
            for triple in self._of_commit(source, commit, log):
                mistaken = _for_another_file(triple, before)
                before = triple
                for each in (triple, mistaken) if mistaken else (triple,):
                    log.counts[f"style {each.style}"] += 1
                    log.counts[f"language {each.language}"] += 1
                    yield each

    def _of_commit(self, source: Source, commit: SmallCommit, log: build.Log) -> Iterator[ApplyTriple]:
        for path, old in sorted(commit.files.items()):
            language = code_language(path)
            if language not in LANGUAGES:
                log.skipped["no code of a language with a grammar"] += 1
            elif not self.limits.min_lines <= len(old) <= self.limits.max_lines:
                log.skipped["too short or too long"] += 1
            else:
                original, expected = _text(old), _text(_changed(commit, path))
                chance = random.Random(f"{commit.commit.id} {path}")
                style, sketch = _sketched(Pair(original, expected, language), chance)
                yield ApplyTriple(
                    source.repository, commit.commit.id, path, language, style, original, sketch, expected
                )


def _changed(commit: SmallCommit, path: str) -> list[str]:
    lines = list(commit.files[path])
    for hunk in sorted((hunk for hunk in commit.hunks if hunk.path == path), reverse=True):
        apply(hunk, lines)  # from the last one up, so that none moves another
    return lines


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _sketched(pair: Pair, chance: random.Random) -> tuple[str, str]:
    """The first style of a drawn order in which the change can be written, and the sketch."""
    for style in chance.sample(list(STYLES), len(STYLES)):
        sketch = STYLES[style](pair, chance)
        if sketch is not None:
            return style, sketch
    raise AssertionError("every change can be written as a diff")


def _for_another_file(triple: ApplyTriple, before: ApplyTriple | None) -> ApplyTriple | None:
    """`triple`'s file with the sketch of the one before; now and then, and only where the files differ."""
    if before is None or before.path == triple.path or before.language != triple.language:
        return None
    if before.style == "whole_file" or random.Random(triple.original).randrange(OTHER_FILE):
        return None
    return ApplyTriple(
        triple.repository,
        triple.commit,
        triple.path,
        triple.language,
        "other_file",
        triple.original,
        before.sketch,
        triple.original,
    )


if __name__ == "__main__":
    sys.exit(build.main("apply_triples", Builder, __doc__))
