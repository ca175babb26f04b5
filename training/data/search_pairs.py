"""Builds pairs of a question and the code that answers it, for the embedding of the search.

    python -m training.data.search_pairs --mirror DIR [--cases FILE ...] [--out DIR]

Two kinds: the first sentence of a definition's documentation with the definition, whose documentation is
taken out; and the subject of a small commit with each function that it changed. How files are cut is
`retrieval.chunk`'s business, so that training sees what the index sees.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from retrieval.chunk import RECIPE, Chunk, chunk_file
from text.languages import language_of
from training.data import build, git
from training.data.changes import apply
from training.data.examples import SearchPair
from training.data.exclusions import EvaluationText
from training.data.files import code_language, read_lines
from training.data.histories import Limits as CommitLimits
from training.data.histories import SmallCommit, small_commits
from training.data.repositories import Source

VERSION = 1  # of the examples; raise it with every change of what they hold

FUNCTIONS = ("function", "method")


@dataclass(frozen=True)
class Limits:
    """What is a question, and how many are taken."""

    min_words: int = 4
    max_words: int = 40
    min_lines: int = 3
    max_code: int = 3000  # characters
    functions_per_commit: int = 4
    per_repository: int = 4000  # of the documentation, and a quarter as many commits


@dataclass
class Builder:
    """Examples of one repository after the other; the same documentation counts once."""

    evaluation: EvaluationText
    limits: Limits = field(default_factory=Limits)
    kind = SearchPair

    @property
    def recipe(self) -> str:
        """What the examples depend on beside the sources and the exclusions."""
        return f"search_pairs {VERSION} {RECIPE} {self.limits}"

    def examples(self, source: Source, repository: Path, log: build.Log) -> Iterator[SearchPair]:
        """Those of the newest files, then those of the history."""
        for pair in [*self._documented(source, repository, log), *self._committed(source, repository, log)]:
            log.counts[f"kind {pair.kind}"] += 1
            log.counts[f"language {pair.language}"] += 1
            yield pair

    def _documented(self, source: Source, repository: Path, log: build.Log) -> Iterator[SearchPair]:
        taken = 0
        with git.Blobs(repository) as blobs:
            for file in _in_chance_order(git.tree(repository, source.head)):
                lines = read_lines(blobs.read(file.blob) or b"\0")
                if lines is None:
                    log.skipped["missing, generated, minified, or other text than UTF-8"] += 1
                    continue
                if self.evaluation.holds_file(lines):
                    log.skipped["copy of an evaluation file"] += 1
                    continue
                for chunk in chunk_file(file.path, "\n".join([*lines, ""])):
                    query = first_sentence(chunk.doc)
                    code = without_doc(chunk, language_of(path=file.path))
                    if chunk.part or not self._is_question(query) or not self._is_code(code):
                        continue
                    if not log.is_new(_digest(query)):
                        log.skipped["documentation seen before"] += 1
                        continue
                    yield _pair(source, source.head, file.path, "doc", query, chunk, code)
                    taken += 1
                    if taken >= self.limits.per_repository:
                        return

    def _committed(self, source: Source, repository: Path, log: build.Log) -> Iterator[SearchPair]:
        limits = CommitLimits(min_hunks=1, per_repository=self.limits.per_repository // 4)
        for small in small_commits(repository, source.head, limits, self.evaluation, log.skipped):
            query = clean_subject(small.commit.subject)
            if not self._is_question(query) or not log.is_new(_digest(query)):
                log.skipped["subject that is no question, or seen before"] += 1
                continue
            touched = list(_touched(small))
            if not 1 <= len(touched) <= self.limits.functions_per_commit:
                log.skipped["touches no function, or too many"] += 1
                continue
            for path, chunk in touched:
                code = without_doc(chunk, language_of(path=path))
                if self._is_code(code):
                    yield _pair(source, small.commit.id, path, "commit", query, chunk, code)

    def _is_question(self, query: str) -> bool:
        return self.limits.min_words <= len(query.split()) <= self.limits.max_words

    def _is_code(self, code: str) -> bool:
        return code.count("\n") + 1 >= self.limits.min_lines and len(code) <= self.limits.max_code


_SENTENCE_END = re.compile(
    r"(?<=[a-z\d`\"')\]])[.!?](?=\s|$)|\n\s*\n|\n\s*(?:@|:param|Args?:|Returns?:|[-=]{3})"
)
_MARKUP = re.compile(r"<[^>]{1,30}>|\{@\w+ ([^}]*)\}")


def first_sentence(doc: str) -> str:
    """The first sentence of a documentation, on one line; "" where there is none."""
    if doc.lstrip().startswith(("@", ":", "{")):
        return ""
    return " ".join(_MARKUP.sub(r"\1", _SENTENCE_END.split(doc, maxsplit=1)[0]).split())


_NUMBER = re.compile(r"\s*\(?(?:#|GH-|gh-)\d+\)?")
_PREFIX = re.compile(
    r"^(?:\[[^\]]{1,30}\]\s*|(?:feat|fix|chore|refactor|perf|docs|test|build|ci)(?:\([^)]*\))?!?:\s*)"
)


def clean_subject(subject: str) -> str:
    """A commit's subject without numbers of issues and the marks of its kind."""
    return _PREFIX.sub("", _NUMBER.sub("", subject)).strip(" .")


_DOC_STRING = re.compile(r"(:[ \t]*(?:#[^\n]*)?\n)([ \t]*)[rRuUbB]{0,2}(\"{3}|'{3}).*?\3[ \t]*\n?", re.DOTALL)
_COMMENT = re.compile(r"\s*(?://|/?\*|#(?!\[))")


def without_doc(chunk: Chunk, language: str) -> str:
    """The text of a chunk without its documentation; nested doc strings go too, as they tell as much."""
    if language == "python":
        return _DOC_STRING.sub(r"\1", chunk.text)
    lines = chunk.text.split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip() and not _COMMENT.match(line)), 0)
    return "\n".join(lines[first:])


def _in_chance_order(files: list[git.TreeFile]) -> list[git.TreeFile]:
    """The code, in an order drawn from the paths, so that a cap falls on all folders alike."""
    code = [file for file in files if code_language(file.path) and file.size <= 200_000]
    code = [file for file in code if language_of(path=file.path)]
    return sorted(code, key=lambda file: blake2b(file.path.encode()).digest())


def _touched(small: SmallCommit) -> Iterator[tuple[str, Chunk]]:
    """The functions that a commit leaves changed."""
    for path, before in small.files.items():
        lines, changed = list(before), list[tuple[int, int]]()
        growth = 0
        for hunk in (hunk for hunk in small.hunks if hunk.path == path):
            apply(hunk.moved(growth), lines)
            start = hunk.start - 1 + growth
            changed.append((start, start + max(len(hunk.new), 1)))
            growth += hunk.growth
        if not language_of(path=path):
            continue
        for chunk in chunk_file(path, "\n".join([*lines, ""])):
            if chunk.kind in FUNCTIONS and chunk.part == 0:
                lines_of = range(chunk.start_line, chunk.end_line)
                if any(start < lines_of.stop and lines_of.start < end for start, end in changed):
                    yield path, chunk


def _pair(
    source: Source, commit: str, path: str, kind: str, query: str, chunk: Chunk, code: str
) -> SearchPair:
    return SearchPair(
        repository=source.repository,
        commit=commit,
        path=path,
        language=language_of(path=path),
        kind=kind,
        query=query,
        name=chunk.context or chunk.name,
        code=code,
    )


def _digest(query: str) -> str:
    return blake2b(" ".join(query.lower().split()).encode(), digest_size=8).hexdigest()


if __name__ == "__main__":
    sys.exit(build.main("search_pairs", Builder, __doc__))
