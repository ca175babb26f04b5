"""Apply over the history of real repositories: each sketch has to become its commit, or be refused.

    python -m bench.apply_history FOLDER [--count N] [--style S]

FOLDER is a git repository, or holds several (also bare ones). Changed files of some commits are sketched in
every style, perhaps dressed (CRLF, BOM, no final newline) and fenced. A result is right if it is the commit's
version but for blank lines and runs of blanks; where one line drifted, also with that line as it was written,
and where an assistant's habits show, with any comments, quotes and line breaks of either.
"""

from __future__ import annotations

import argparse
import difflib
import random
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from apply.apply import Applied, apply_sketch
from bench.report import percentile
from bench.sketching.answers import fenced
from bench.sketching.pair import Pair
from bench.sketching.styles import STYLES
from text.languages import language_of

LINES = range(50, 2500)  # of a file
CHANGED = range(1, 80)  # lines of a commit's change in it
BOM = "\ufeff"
_COMMENT = re.compile(r"(?:#|//)(?: |$)")
_TRAILING_COMMA = re.compile(r",([)\]}])")
_ONE_QUOTE = {ord("'"): '"'}


class Version(NamedTuple):
    """One file before and after a commit."""

    path: str
    old: str
    new: str


class Case(NamedTuple):
    """One sketch and what it means."""

    style: str
    path: str
    old: str
    new: str
    sketch: str


def repositories(folder: Path) -> list[Path]:
    """The repositories in a folder, at most two levels down."""
    found = [folder, *sorted(folder.glob("*")), *sorted(folder.glob("*/*"))]
    return [each for each in found if (each / "HEAD").is_file() or (each / ".git").is_dir()]


def versions(repository: Path, count: int, rng: random.Random) -> Iterator[Version]:
    """Some files of some commits, in random order."""
    log = _git(
        repository,
        "log",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "--no-merges",
        "--diff-filter=M",
        "-n",
        "3000",
        "--format=",
    ).decode("utf-8", "replace")
    rows = [
        row
        for row in re.findall(r"^:\S+ \S+ (\w+) (\w+) M\t(.*)$", log, re.MULTILINE)
        if language_of(path=row[2])
    ]
    for old, new, path in rng.sample(rows, min(len(rows), count)):
        try:
            yield Version(
                path, *(_git(repository, "cat-file", "blob", blob).decode("utf-8") for blob in (old, new))
            )
        except (subprocess.CalledProcessError, UnicodeDecodeError):
            continue


def cases(version: Version, rng: random.Random, styles: Sequence[str]) -> Iterator[Case]:
    """A sketch of a version in each style that it lends itself to."""
    old, new = version.old, version.new
    if "\r" in old + new or not old.endswith("\n") or not new.endswith("\n") or old.count("\n") not in LINES:
        return
    language = language_of(path=version.path)
    if _normal(old) == _normal(new):
        return
    pair = Pair(old, new, language)
    if sum(max(i2 - i1, j2 - j1) for i1, i2, j1, j2 in pair.changes) not in CHANGED:
        return
    for style in styles:
        sketch = STYLES[style](pair, rng)
        if sketch is None or not sketch.strip():
            continue
        if rng.random() < 0.15 and "```" not in sketch:
            sketch = fenced(sketch.replace("\r\n", "\n"), language, version.path, rng)
        dress = rng.choice([str] * 12 + [_windows, _with_bom, _unfinished])
        yield Case(style, version.path, dress(old), dress(new), sketch)


def verdict(case: Case, result: str) -> bool:
    """Whether a result is what the commit made of the file."""
    got, wanted = _normal(result), _normal(case.new)
    if got == wanted:
        return True
    if case.style == "assistant":
        return _says_the_same(got, wanted, case.sketch)
    if case.style != "drift" or len(got) != len(wanted):
        return False
    shown = set(_normal(case.sketch))
    differing = [one for one, other in zip(got, wanted, strict=True) if one != other]
    return len(differing) == 1 and differing[0] in shown


def _says_the_same(got: Sequence[str], wanted: Sequence[str], sketch: str) -> bool:
    """Whether two versions differ only in comments, blanks, line breaks and kinds of quotes."""
    tokens = [
        _TRAILING_COMMA.sub(
            r"\1", "".join(line for line in each if not _COMMENT.match(line)).replace(" ", "")
        )
        for each in (got, wanted)
    ]
    if tokens[0].translate(_ONE_QUOTE) != tokens[1].translate(_ONE_QUOTE):
        return False
    own = {
        *wanted,
        *_normal(re.sub(r"^ *\d+(?:\t| \| |: |  )", "", sketch, flags=re.MULTILINE)),
        *_normal(sketch),
    }
    return own.issuperset(got)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print a table, and show some of what is wrong; 1 if more than one in 200 are."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=20, help="files of each repository (20)")
    parser.add_argument("--style", action="append", choices=tuple(STYLES), help="only these styles")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="so many wrong results in full")
    parser.add_argument("--refused", type=int, default=0, help="so many refusals in full")
    args = parser.parse_args(arguments)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: Counter[str] = Counter()
    times = []
    show, show_refused = args.show, args.refused
    for repository in repositories(args.folder):
        rng = random.Random(f"{args.seed} {repository.parent.name}")
        for version in versions(repository, args.count, rng):
            for case in cases(version, rng, args.style or list(STYLES)):
                started = time.perf_counter()
                outcome = apply_sketch(case.old, case.sketch, case.path)
                times.append((time.perf_counter() - started) * 1000)
                if not isinstance(outcome, Applied):
                    result = "refused"
                    reasons[re.sub(r"\d+|'.*'|\".*\"", "N", outcome.reason)] += 1
                    if show_refused:
                        show_refused -= 1
                        _show(
                            case,
                            outcome.preview or case.old,
                            f"{case.style}: {repository.parent.name} {outcome.reason}",
                        )
                else:
                    result = "right" if verdict(case, outcome.text) else "wrong"
                    if result == "wrong" and show:
                        show -= 1
                        _show(case, outcome.text, f"{case.style}: {repository.parent.name}")
                counts[case.style][result] += 1
                counts["all"][result] += 1
                counts["all"]["exact"] += isinstance(outcome, Applied) and outcome.text == case.new
                counts[case.style]["exact"] += isinstance(outcome, Applied) and outcome.text == case.new
    print(f"{'':16}{'n':>7}{'right':>9}{'exact':>9}{'refused':>9}{'wrong':>9}")
    for style, count in counts.items():
        total = count["right"] + count["wrong"] + count["refused"]
        shares = "".join(f"{count[each] / total:9.4f}" for each in ("right", "exact", "refused", "wrong"))
        print(f"{style:16}{total:7}{shares}")
    print(*(f"{number:6}  {reason}" for reason, number in reasons.most_common()), sep="\n")
    print("ms:", *(f"p{share:g} {percentile(times, share / 100):.1f}" for share in (50, 90, 99, 100)))
    total = sum(counts["all"][each] for each in ("right", "wrong", "refused"))
    return 0 if total and counts["all"]["wrong"] <= 0.005 * total else 1


def _show(case: Case, result: str, title: str) -> None:
    print("=" * 20, title, case.path)
    print(case.sketch)
    print("-" * 20, "what it means, and what it became instead")
    print(
        *difflib.unified_diff(case.old.splitlines(), case.new.splitlines(), "old", "new", "", "", 1, ""),
        sep="\n",
    )
    print(
        *difflib.unified_diff(case.new.splitlines(), result.splitlines(), "wanted", "got", "", "", 2, ""),
        sep="\n",
    )


def _git(repository: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, check=True).stdout


def _normal(text: str) -> list[str]:
    return [joined for line in text.removeprefix(BOM).splitlines() if (joined := " ".join(line.split()))]


def _windows(text: str) -> str:
    return text.replace("\n", "\r\n")


def _with_bom(text: str) -> str:
    return BOM + text


def _unfinished(text: str) -> str:
    return text.removesuffix("\n")


if __name__ == "__main__":
    sys.exit(main())
