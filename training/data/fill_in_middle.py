"""Builds the fill-in-the-middle set: pieces taken out of the newest files of repositories and packages.

    python -m training.data.fill_in_middle --mirror DIR [--cases FILE ...] [--out DIR]

How pieces are cut is in cuts.py. Files are visited in an order drawn by chance from their paths, so that the
cap of a large repository falls on all of its folders alike.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from text.languages import language_of
from text.syntax import parse
from training.data import build, git
from training.data.cuts import Cut, cuts
from training.data.examples import FillInMiddle
from training.data.exclusions import EvaluationText
from training.data.files import code_language, read_lines
from training.data.repositories import Source
from training.data.snapshots import Snapshot, snapshot

LISTS = ("repositories.tsv", "packages.tsv")
VERSION = 1  # of the examples; raise it with every change of what they hold


@dataclass(frozen=True)
class Limits:
    """Which files are cut, how often, and how much of them is kept around a cut."""

    min_bytes: int = 300
    max_bytes: int = 100_000
    lines_per_cut: int = 10
    cuts_per_file: int = 20
    per_repository: int = 4000
    prefix: int = 6000  # characters; whole lines
    suffix: int = 2000


@dataclass
class Builder:
    """Examples of one repository after the other; a file seen before is not cut again."""

    evaluation: EvaluationText
    limits: Limits = field(default_factory=Limits)
    kind = FillInMiddle

    @property
    def recipe(self) -> str:
        """What the examples depend on beside the sources and the exclusions."""
        return f"fill_in_middle {VERSION} {self.limits}"

    def examples(self, source: Source, repository: Path, log: build.Log) -> Iterator[FillInMiddle]:
        """All examples of a repository or package, file by file."""
        taken = 0
        with snapshot(source, repository) as held:
            for file in self._files(held, log):
                text = self._text(held.read(file.blob), log)
                if text is None:
                    continue
                log.counts["files"] += 1
                for example in self._cut(source, file.path, text):
                    log.counts[f"language {example.language}"] += 1
                    log.counts[f"kind {example.kind}"] += 1
                    log.counts[f"from {source.registry or 'git'}"] += 1
                    log.counts["with lines skipped"] += example.skipped > 0
                    taken += 1
                    yield example
                if taken >= self.limits.per_repository:
                    return

    def _files(self, held: Snapshot, log: build.Log) -> list[git.TreeFile]:
        files = []
        for file in held.tree():
            if not code_language(file.path) or not language_of(path=file.path):
                log.skipped["no code of a language with a grammar"] += 1
            elif not self.limits.min_bytes <= file.size <= self.limits.max_bytes:
                log.skipped["too short or too long"] += 1
            else:
                files.append(file)
        return sorted(files, key=lambda file: blake2b(file.path.encode()).digest())

    def _text(self, content: bytes | None, log: build.Log) -> str | None:
        lines = None if content is None else read_lines(content)
        if lines is None:
            log.skipped["missing, generated, minified, or other text than UTF-8 with plain line ends"] += 1
        elif self.evaluation.holds_file(lines):
            log.skipped["copy of an evaluation file"] += 1
        elif not log.is_new(_file_digest(lines)):
            log.skipped["file seen before"] += 1
        else:
            return "\n".join([*lines, ""])
        return None

    def _cut(self, source: Source, path: str, text: str) -> Iterator[FillInMiddle]:
        language = language_of(path=path)
        chance = random.Random(f"{source.repository} {source.head} {path}")
        count = min(1 + text.count("\n") // self.limits.lines_per_cut, self.limits.cuts_per_file)
        for cut in cuts(text, parse(text, language), count, chance):
            yield FillInMiddle(
                repository=source.repository,
                commit=source.head,
                path=path,
                language=language,
                kind=cut.kind,
                prefix=_last_lines(text, cut, self.limits.prefix),
                middle=text[cut.start : cut.end],
                suffix=_first_lines(text, cut, self.limits.suffix),
                skipped=cut.skipped,
            )


def _last_lines(text: str, cut: Cut, limit: int) -> str:
    """The text before the cut, from the first line start that leaves at most `limit` characters."""
    start = cut.start - limit
    if start > 0:
        start = text.find("\n", start - 1, cut.start) + 1
    return text[max(start, 0) : cut.start]


def _first_lines(text: str, cut: Cut, limit: int) -> str:
    """The text behind the cut, up to the last line end that leaves at most `limit` characters."""
    end = cut.resume + limit
    if end < len(text):
        end = text.rfind("\n", cut.resume, end) + 1 or end
    return text[cut.resume : end]


def _file_digest(lines: list[str]) -> str:
    dense = "\n".join(stripped for line in lines if (stripped := "".join(line.split())))
    return blake2b(dense.encode(), digest_size=8).hexdigest()


if __name__ == "__main__":
    sys.exit(build.main("fill_in_middle", Builder, __doc__, LISTS))
