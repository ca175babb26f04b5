"""Small, single-purpose commits of a repository's history, with their files and hunks.

What counts is what the evaluation cases are made of: commits, not merges, that modify one to three code files
in two to eight hunks and at most 400 changed lines, without bots, formatting, releases, reverts and licences.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from training.data import git
from training.data.changes import (
    Hunk,
    PatchError,
    count_joined,
    fits,
    is_blank_change,
    is_formatting,
    joined,
    parse_patch,
)
from training.data.exclusions import EvaluationText
from training.data.files import SUFFIXES, code_language, read_lines

_BATCH = 400  # commits whose patches are asked for at once

_BOT = re.compile(
    r"\[bot\]|\bbot\b|dependabot|renovate|greenkeeper|pre-commit-ci|github.?actions|weblate|transifex"
    r"|travis|semantic-release|sourcery|deepsource|snyk|imgbot|allcontributors|copybara|autoroll",
    re.IGNORECASE,
)
_FORMATTERS = (
    r"black|isort|ruff|prettier|yapf|autopep8|autoflake|pyupgrade|flake8|pylint|gofmt|goimports|rustfmt|"
    r"clippy|clang-format|eslint|biome|dprint|spotless|ktlint|google-java-format|codespell|astyle|pre-commit"
)
_NOT_AN_EDIT = re.compile(
    r"^\W*(merge|revert|release|bump|prepare|update (version|changelog)|changelog|v?\d+\.\d+)\b"
    r"|^\W*(style|fmt|format|formatting|reformat|lint|linting|pep-?8|whitespace)\b"
    r"|\bthis reverts\b|\b(version|release) bump\b|\bbump(ed|ing)? (the )?version|\b(new|for) release\b"
    r"|\blicen[cs]e|\bcopyright|\bwhite ?space|\btrailing (space|comma)|\bcode ?style\b|\breformat|\bpep-?8\b"
    rf"|\b(appl(y|ied)|run|ran|fix(ed)?|satisfy|use|with|via) ({_FORMATTERS})\b|\b(go|cargo) fmt\b|\bvendor",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Limits:
    """What a small commit is, and how many are taken. Newest commits come first, so caps cut the oldest."""

    files: int = 3
    min_hunks: int = 2
    max_hunks: int = 8
    changed_lines: int = 400
    per_repository: int = 800
    per_author: int = 500  # in one repository


@dataclass(frozen=True)
class SmallCommit:
    """A commit with its code files as they were before it and its hunks, joined and in order."""

    commit: git.Commit
    files: dict[str, list[str]]
    hunks: tuple[Hunk, ...]


def small_commits(
    repository: Path,
    head: str,
    limits: Limits,
    evaluation: EvaluationText,
    skipped: Counter[str],
    wanted: Callable[[git.Commit], bool] = lambda commit: True,
) -> Iterator[SmallCommit]:
    """The small commits before `head`, newest first; `skipped` counts the reasons against the others.

    Commits that are not `wanted` are passed over in silence.
    """
    taken: Counter[str] = Counter()
    candidates = _by_record(filter(wanted, git.history(repository, head)), limits, skipped)
    with git.Blobs(repository) as blobs:
        while batch := {commit.id: commit for commit in islice(candidates, _BATCH)}:
            patches = git.patches(repository, list(batch), SUFFIXES)
            for commit_id, patch in patches:
                commit = batch.pop(commit_id)
                found = small_commit(commit, patch, blobs, limits, evaluation)
                if isinstance(found, str):
                    skipped[found] += 1
                elif taken[commit.author] >= limits.per_author:
                    skipped["author's share is full"] += 1
                else:
                    taken[commit.author] += 1
                    yield found
                    if taken.total() >= limits.per_repository:
                        return
            if batch:
                skipped["blob missing, or no text changed"] += len(batch)


def reason_against(commit: git.Commit, limits: Limits) -> str | None:
    """Why a commit is passed over, as far as its record tells; None for one to look into."""
    code = [change for change in commit.changes if code_language(change.path)]
    if not code:
        return "no code"
    if any(change.status != "M" for change in code):
        return "adds or removes code files"
    if len(code) > limits.files:
        return "too many files"
    if _BOT.search(commit.author):
        return "by a bot"
    if _NOT_AN_EDIT.search(commit.subject):
        return "formatting, release, revert or licence"
    return None


def small_commit(
    commit: git.Commit, patch: bytes, blobs: git.Blobs, limits: Limits, evaluation: EvaluationText
) -> SmallCommit | str:
    """A commit with its files and hunks, or the reason against it. What costs least is looked at first.

    `patch` is what `git.patches` gives for it.
    """
    try:
        hunks = [hunk for hunk in parse_patch(patch) if code_language(hunk.path)]
    except PatchError:
        return "not UTF-8"
    if reason := _reason_against_hunks(hunks, limits):
        return reason
    files = {}
    for change in commit.changes:
        if code_language(change.path):
            content = blobs.read(change.old)
            lines = None if content is None else read_lines(content)
            if lines is None:
                return "generated, minified, too long, or other text than UTF-8 with plain line ends"
            if evaluation.holds_file(lines):
                return "copy of an evaluation file"
            files[change.path] = lines
    if not all(hunk.path in files and fits(hunk, files[hunk.path]) for hunk in hunks):
        return "hunk out of place"
    whole = joined(hunks, files)
    if any(evaluation.holds_change(hunk.old, hunk.new) for hunk in whole):
        return "change of an evaluation case"
    return SmallCommit(commit, files, whole)


def _by_record(commits: Iterator[git.Commit], limits: Limits, skipped: Counter[str]) -> Iterator[git.Commit]:
    for commit in commits:
        reason = reason_against(commit, limits)
        if reason is None:
            yield commit
        else:
            skipped[reason] += 1


def _reason_against_hunks(hunks: list[Hunk], limits: Limits) -> str | None:
    count = count_joined(hunks)
    if count < limits.min_hunks:
        return "one hunk"
    if count > limits.max_hunks:
        return "too many hunks"
    if sum(len(hunk.old) + len(hunk.new) for hunk in hunks) > limits.changed_lines:
        return "too many changed lines"
    if all(is_blank_change(hunk) or is_formatting(hunk) for hunk in hunks):
        return "only layout"
    return None
