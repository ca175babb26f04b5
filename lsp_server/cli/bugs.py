"""`tacit bugs`: what is probably wrong in files and folders, or in a change; for people, CI and hooks.

Exit codes are those of linters: 0 nothing is found, 1 something is, 2 it could not be looked for.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sqlite3
import sys
import time
from collections.abc import Container, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bug_finder import cache
from bug_finder.cache import Cache
from bug_finder.choose import Wish, choose
from bug_finder.detect import Detector
from bug_finder.dismissed import Dismissed, project_of
from bug_finder.examine import Examined, examine
from bug_finder.reasons import Reason
from bug_finder.review import changed_spans, touched
from bug_finder.review_git import GitError
from bug_finder.risk import risk
from bug_finder.sarif import Shown
from bug_finder.source import Source, has_changed, read
from engine.cancel import NEVER
from lsp_server.cli.bugs_output import Result, as_json, as_sarif, summarise, tell
from lsp_server.cli.bugs_targets import Target, changed, named
from lsp_server.logs import place_of as raised_at
from text.content import decoded

TRIES = 3
"""How often a file is read that changes meanwhile."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("paths", type=Path, nargs="*", metavar="PATH", help="files and folders")
    parser.add_argument(
        "--diff",
        nargs="?",
        const="HEAD",
        metavar="REV",
        help="only what differs from a commit (default: HEAD; `main...`: from where the branch began), "
        "the riskiest first",
    )
    parser.add_argument(
        "--min-precision",
        type=_share,
        default=0.7,
        metavar="P",
        help="how many of the findings should be right (0.7)",
    )
    parser.add_argument(
        "--max-per-file", type=int, default=5, metavar="N", help="the most that are told of one file (5)"
    )
    parser.add_argument(
        "--off", action="append", default=[], metavar="KIND", help="a kind that is not told; may be repeated"
    )
    parser.add_argument(
        "--dangerous",
        action="append",
        default=[],
        metavar="PATTERN",
        help="lines, with *, in which less certainty is enough; may be repeated",
    )
    parser.add_argument("--exit-zero", action="store_true", help="0 also where something is found")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON document on stdout")
    form.add_argument("--sarif", action="store_true", help="a SARIF 2.1.0 log on stdout")


def run(args: argparse.Namespace) -> int:
    """Look for bugs; 0 none, 1 some, 2 where there is nothing to look at or no way to."""
    if args.diff is not None and Path(args.diff).exists() and not args.paths:
        args.paths, args.diff = [Path(args.diff)], "HEAD"  # `tacit bugs --diff src`
    if not args.paths and args.diff is None:
        return _fail("name files or folders, or use --diff")
    if missing := [path for path in args.paths if not os.path.lexists(path)]:
        return _fail(f"there is no {missing[0]}")
    try:
        targets = named(args.paths) if args.diff is None else changed(args.paths, args.diff)
        finder = Detector.load().at(args.min_precision, args.dangerous)
    except (GitError, OSError) as error:
        return _fail(str(error))
    wish = Wish(args.min_precision, frozenset(args.off), args.max_per_file, tuple(args.dangerous))
    began = time.monotonic()
    result = look(finder, targets, wish)
    if args.diff is not None:
        result.shown.sort(key=lambda each: -risk(each.finding, each.text, each.path))
    if args.sarif:
        print(as_sarif(result))
    elif args.json:
        print(as_json(result))
    else:
        tell(result)
        summarise(result, time.monotonic() - began)
    return 1 if result.shown and not args.exit_zero else 0


def look(finder: Detector, targets: Sequence[Target], wish: Wish) -> Result:
    """Examine all files; one that cannot be examined is skipped with a reason, whatever it holds."""
    result = Result()
    columns = (TextColumn("looking for bugs"), BarColumn(), MofNCompleteColumn())
    with (
        contextlib.closing(Cache(cache.path())) as known,
        contextlib.closing(_Records()) as records,
        Progress(*columns, console=Console(stderr=True), transient=True) as bar,
    ):
        for target in bar.track(targets, total=len(targets)):
            try:
                looked = _examined(finder, known, target)
                if isinstance(looked, Reason):
                    result.skipped[target.name] = looked
                else:
                    _add(result, target, *looked, wish, records.of(target.place))
            except Exception as error:  # one file less; the others are looked at all the same
                where = f"{type(error).__name__} at {raised_at(error)}"
                print(f"tacit bugs: {target.name}: {where}", file=sys.stderr)
                result.skipped[target.name] = Reason.FAILED
    return result


def _examined(finder: Detector, known: Cache, target: Target) -> tuple[Source, Examined] | Reason:
    """Read and examine a file, anew where it changes meanwhile; or why that is not possible."""
    for _ in range(TRIES):
        source = read(target.place, target.path)
        if source.reason is Reason.CHANGED:
            continue
        if source.reason is not None:
            return source.reason
        examined = examine(finder, known, source.text, source.language, NEVER)
        if not has_changed(target.place, source.stamp):
            return examined.reason or (source, examined)
    return Reason.CHANGED


def _add(
    result: Result, target: Target, source: Source, examined: Examined, wish: Wish, record: Container[str]
) -> None:
    """Choose what is told of a file; of a change, only what it touches."""
    spans = None
    if target.before is not None:
        before = target.before()
        spans = changed_spans("" if before is None else decoded(before), source.text)
        spans = touched(spans, examined.functions)
    chosen = choose(examined.findings, source.text, source.language, wish, record, spans)
    result.files += 1
    result.functions += len(examined.functions)
    result.hidden += chosen.hidden
    ordered = sorted(chosen.shown, key=lambda finding: finding.start)
    result.shown += [Shown(target.name, source.text, finding) for finding in ordered]


class _Records:
    """What was dismissed, by project; nothing where a record cannot be read."""

    def __init__(self) -> None:
        self._records: dict[Path, Dismissed | None] = {}

    def of(self, place: Path) -> Container[str]:
        """The record of the file's project."""
        project = project_of(place)
        if project not in self._records:
            try:
                self._records[project] = Dismissed(project)
            except (OSError, sqlite3.Error) as error:
                print(f"tacit bugs: what was dismissed is not known: {error}", file=sys.stderr)
                self._records[project] = None
        return self._records[project] or ()

    def close(self) -> None:
        """Close all of them."""
        for record in filter(None, self._records.values()):
            record.close()


def _share(value: str) -> float:
    share = float(value)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError("a number from 0 to 1")
    return share


def _fail(reason: str) -> int:
    print(f"tacit bugs: {reason}", file=sys.stderr)
    return 2
