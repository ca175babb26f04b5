"""Builds the next-edit set from histories: what was just changed, and what the same commit changes next.

    python -m training.data.next_edit --mirror DIR [--cases FILE ...] [--out DIR]

Every small commit (histories.py) gives one example for each of its steps: with its first k hunks applied,
hunk k + 1 is the target; with all of them applied nothing is, and silence is right. The last kind is in its
natural share, one for each commit.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from training.data import build
from training.data.changes import Hunk, apply, as_diff, change_digest, is_blank_change
from training.data.classes import Tokens, class_of
from training.data.examples import NextEdit, Place, RecentEdit, Target
from training.data.exclusions import EvaluationText
from training.data.files import code_language
from training.data.histories import Limits, SmallCommit, small_commits
from training.data.names import occurrences
from training.data.places import Layout, Mentions, candidates, excerpts, last_line
from training.data.repositories import Source

VERSION = 1  # of the examples; raise it with every change of what they hold

MAX_TARGET_LINES = 20


@dataclass
class Builder:
    """Examples of one repository after the other; a change seen before is not taken again."""

    evaluation: EvaluationText
    limits: Limits = field(default_factory=Limits)
    kind = NextEdit

    @property
    def recipe(self) -> str:
        """What the examples depend on beside the sources and the exclusions."""
        return f"next_edit {VERSION} {self.limits} target_lines={MAX_TARGET_LINES}"

    def examples(self, source: Source, repository: Path, log: build.Log) -> Iterator[NextEdit]:
        """All examples of a repository, newest commit first."""
        commits = small_commits(repository, source.head, self.limits, self.evaluation, log.skipped)
        for commit in commits:
            if not log.is_new(change_digest(commit.hunks)):
                log.skipped["change seen before"] += 1
                continue
            log.counts["commits"] += 1
            for example in steps(source.repository, commit):
                _count(log.counts, example)
                yield example


def steps(repository: str, commit: SmallCommit) -> Iterator[NextEdit]:
    """One example for each number of hunks applied, except where the target is blank or too long."""
    tokens = [Tokens(hunk) for hunk in commit.hunks]
    mentions = Mentions(commit.files, tokens)
    files = {path: list(lines) for path, lines in commit.files.items()}
    edits: list[RecentEdit] = []
    for step, hunk in enumerate(commit.hunks, start=1):
        now = Layout(commit.hunks, step - 1).now(hunk)
        edits.append(RecentEdit(hunk.path, as_diff(now, files[hunk.path])))
        apply(now, files[hunk.path])
        if step == len(commit.hunks) or _is_learnable(commit.hunks[step]):
            yield _example(repository, commit, edits, files, tokens, mentions)


def _example(
    repository: str,
    commit: SmallCommit,
    edits: Sequence[RecentEdit],
    files: Mapping[str, Sequence[str]],
    tokens: Sequence[Tokens],
    mentions: Mentions,
) -> NextEdit:
    """The moment after `edits`; `files` are the lines then."""
    step = len(edits)
    last, following = commit.hunks[step - 1], commit.hunks[step : step + 1]
    layout = Layout(commit.hunks, step)
    chance = random.Random(f"{commit.commit.id} {step}")
    places, reached = candidates(layout, tokens, mentions, files, chance)
    focus = _focus(places)
    ordered = sorted(places, key=lambda place: (place.path, place.start, place.count))
    cls, novel, target = "done", 0, None
    if following:
        cls = class_of(tokens[step], tokens[:step])
        novel = len(_novel_names(tokens[step], tokens[:step], files))
        target = Target(ordered.index(focus), following[0].old, following[0].new, reached)
    return NextEdit(
        repository=repository,
        commit=commit.commit.id,
        language=code_language(following[0].path if following else last.path),
        cls=cls,
        step=step,
        hunks=len(commit.hunks),
        novel=novel,
        edits=tuple(edits),
        cursor=Place(last.path, last_line(layout.now(last)), 1, "cursor"),
        excerpts=excerpts(files, places, focus),
        places=tuple(ordered),
        target=target,
    )


def _is_learnable(hunk: Hunk) -> bool:
    return max(len(hunk.old), len(hunk.new)) <= MAX_TARGET_LINES and not is_blank_change(hunk)


def _focus(places: Sequence[Place]) -> Place:
    """The place that gets the widest excerpt: the target, or what a search would try in vain."""
    origins = ("target", "mention", "near", "applied")
    return next(place for origin in origins for place in places if place.origin == origin)


def _novel_names(target: Tokens, earlier: Sequence[Tokens], files: Mapping[str, Sequence[str]]) -> set[str]:
    """Names of the target's new lines that stand nowhere yet, so that nothing could copy them."""
    novel = target.new_names - target.old_names
    for tokens in earlier:
        novel = novel - tokens.new_names - tokens.old_names
    if novel:
        text = "\n".join(line for lines in files.values() for line in lines)
        novel = {name for name in novel if next(occurrences(name, text), None) is None}
    return novel


def _count(counts: Counter[str], example: NextEdit) -> None:
    counts[f"language {example.language}"] += 1
    counts[f"class {example.cls}"] += 1
    counts["places"] += len(example.places)
    if example.target:
        counts["novel 0" if example.novel == 0 else "novel 1 or more"] += 1
        counts[f"reached by {example.target.reached or 'neither'}"] += 1
        counts["other file" if example.cursor.path != _target_path(example) else "same file"] += 1


def _target_path(example: NextEdit) -> str:
    assert example.target
    return example.places[example.target.place].path


if __name__ == "__main__":
    sys.exit(build.main("next_edit", Builder, __doc__))
