"""Mines what the bug finder learns from: fixes of one statement, and code that nobody had to fix.

    python -m training.bug_cases --mirror DIR [--cases FILE ...] [--out DIR] [--only OWNER/NAME ...]

For each repository, in two files of JSON lines, compressed:

    NAME.fixes.jsonl.gz    a commit that speaks of a fix changes one statement of one function: the
                           function `buggy` and `fixed`, and `clean`: functions of the same file at that
                           commit that it leaves alone, each with whether it `stands` at the head
    NAME.code.jsonl.gz     functions at the head, outside tests: `language` and `text`
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from bug_finder.tokens import lex
from text.languages import LANGUAGES
from text.syntax import parse
from training.bug_kinds import change_of
from training.data import git
from training.data.bug_pairs import _TEST, is_fix
from training.data.build import HERE
from training.data.changes import apply, is_blank_change, is_formatting
from training.data.exclusions import EXCLUDE_FILE, EvaluationText, ExcludedNames
from training.data.files import code_language, read_lines
from training.data.functions import Function, dedented, functions
from training.data.histories import Limits, SmallCommit, small_commits
from training.data.repositories import Source, directory, missing, read_list

MOST_FIXES = 400  # of a repository
MOST_CLEAN = 4  # beside each fix
MOST_FUNCTIONS = 4000  # of a repository's head
MOST_LINES = 4  # of a fix
SIZES = range(3, 201)  # lines of a function


def fixes(source: Source, repository: Path, evaluation: EvaluationText) -> Iterator[dict[str, Any]]:
    """The fixes of one repository, newest first, each change once."""
    limits = Limits(min_hunks=1, per_repository=1 << 62, per_author=1 << 62)
    heads = {file.path: file.blob for file in git.tree(repository, source.head)}
    chance = random.Random(source.repository)
    seen: set[str] = set()
    with git.Blobs(repository) as blobs:
        for commit in small_commits(repository, source.head, limits, evaluation, Counter(), is_fix):
            case = _fix(commit)
            if case is None or case["buggy"] in seen:
                continue
            seen.add(case["buggy"])
            case["repository"] = source.repository
            head = blobs.read(heads[case["path"]]) if case["path"] in heads else None
            _mark_what_stands(case, "" if head is None else head.decode("utf-8", "replace"), chance)
            yield case


def _fix(commit: SmallCommit) -> dict[str, Any] | None:
    hunks = [hunk for hunk in commit.hunks if not _TEST.search(hunk.path)]
    if len(hunks) != 1 or (language := code_language(hunks[0].path)) not in LANGUAGES:
        return None
    hunk = hunks[0]
    if max(len(hunk.old), len(hunk.new)) > MOST_LINES or is_blank_change(hunk) or is_formatting(hunk):
        return None
    before = commit.files[hunk.path]
    after = list(before)
    apply(hunk, after)
    found = _functions(before, language)
    buggy = next((each for each in found if each.holds(hunk.start, hunk.end)), None)
    to = hunk.start + len(hunk.new)
    fixed = next((each for each in _functions(after, language) if each.holds(hunk.start, to)), None)
    if buggy is None or fixed is None or buggy.name != fixed.name or buggy.end - buggy.first not in SIZES:
        return None
    wrong, right = _text(before, buggy), _text(after, fixed)
    tokens = lex(wrong, language)
    change = change_of(tokens, lex(right, language))
    if change is None:
        return None
    at = tokens[min(change.start, len(tokens) - 1)].start
    last = tokens[max(change.end - 1, change.start if change.start < len(tokens) else -1)].end
    return {
        "commit": commit.commit.id,
        "date": commit.commit.date,
        "subject": commit.commit.subject,
        "path": hunk.path,
        "language": language,
        "function": buggy.name,
        "kind": change.kind,
        "buggy": wrong,
        "fixed": right,
        "tokens": [change.start, change.end],
        "new": [token.text for token in change.new],
        "lines": [wrong.count("\n", 0, at) + 1, wrong.count("\n", 0, last) + 1],
        "clean": [
            _text(before, each) for each in found if each is not buggy and each.end - each.first in SIZES
        ],
    }


def _mark_what_stands(case: dict[str, Any], head: str, chance: random.Random) -> None:
    """Take a few of the clean functions, those first that stand at the head, of like size first."""
    dense = "".join(head.split())
    clean = [{"text": text, "stands": "".join(text.split()) in dense} for text in case["clean"]]
    chance.shuffle(clean)
    size = len(case["buggy"])
    clean.sort(key=lambda each: (not each["stands"], abs(len(each["text"]) - size) > size / 2))
    case["clean"] = clean[:MOST_CLEAN]
    case["fixed_stands"] = "".join(case["fixed"].split()) in dense


def code(source: Source, repository: Path, evaluation: EvaluationText) -> Iterator[dict[str, Any]]:
    """Functions at the head, the files in an order by chance."""
    files = git.tree(repository, source.head)
    random.Random(source.repository).shuffle(files)
    with git.Blobs(repository) as blobs:
        for file in files:
            language = code_language(file.path)
            if language not in LANGUAGES or _TEST.search(file.path) or file.size > 100_000:
                continue
            lines = read_lines(blobs.read(file.blob) or b"\0")
            if lines is None or evaluation.holds_file(lines):
                continue
            for each in _functions(lines, language):
                if each.end - each.first in SIZES:
                    yield {"language": language, "path": file.path, "text": _text(lines, each)}


def _functions(lines: Sequence[str], language: str) -> list[Function]:
    syntax = parse("\n".join(lines), language)
    assert syntax
    return functions(lines, syntax)


def _text(lines: Sequence[str], function: Function) -> str:
    return "\n".join(dedented(lines[function.first - 1 : function.end - 1])) + "\n"


def _write(path: Path, records: Iterator[dict[str, Any]]) -> int:
    count = 0
    unfinished = path.with_suffix(".part")
    with gzip.open(unfinished, "wt", encoding="utf-8", compresslevel=4) as file:
        for count, record in enumerate(records, 1):  # noqa: B007
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    unfinished.rename(path)
    return count


def main() -> int:
    """Write the files that are not there yet."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mirror", type=Path, required=True, help="bare repositories, as owner+name/repo")
    parser.add_argument("--list", type=Path, default=HERE / "repositories.tsv")
    parser.add_argument("--cases", type=Path, nargs="*", default=[], help="evaluation cases to stay clear of")
    parser.add_argument("--out", type=Path, default=HERE.parent / "out" / "bug_cases")
    parser.add_argument("--only", nargs="*", help="these repositories")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    names, evaluation = ExcludedNames.load(EXCLUDE_FILE), EvaluationText.load(arguments.cases)
    sources = [source for source in read_list(arguments.list) if names.first(source.names) is None]
    absent = missing(arguments.mirror, sources)
    for source in sources:
        if source in absent or (arguments.only and source.repository not in arguments.only):
            continue
        repository = directory(arguments.mirror, source)
        if not git.has_commit(repository, source.head):
            continue
        for name, make, most in (("fixes", fixes, MOST_FIXES), ("code", code, MOST_FUNCTIONS)):
            path = arguments.out / f"{source.file_name}.{name}.jsonl.gz"
            if not path.exists():
                started = time.monotonic()
                count = _write(path, islice(make(source, repository, evaluation), most))
                seconds = time.monotonic() - started
                print(f"{source.repository}: {count} {name} in {seconds:.0f} s", file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
