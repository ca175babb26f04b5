"""How often each check is right: in mined fixes, with the files that they are in, and by eye.

    python -m training.bug_checks --mirror DIR [--cases FOLDER] [--write] [--tell FILE]

A finding is right in a fix where it names a line that the fix changes. Whether it is gone in the mended
function is counted beside it. What is found in other lines of these functions stood for as long as nobody
mended it, and is no count of false alarms: those are counted by eye (SEEN), in code at the heads.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from bug_finder.calibrate import Calibration
from bug_finder.checks.scene import Around, Scene
from bug_finder.checks.suspicion import Suspicion
from bug_finder.detect import CHECKS, SCENE_CHECKS, checked
from bug_finder.functions import functions
from bug_finder.tokens import lex
from engine.paths import manifest_dir
from training.bug_encode import OUT
from training.data import git

LARGEST = 300_000  # characters of a file
# Findings read by eye, in the projects of docs/FINDINGS.md and at the heads of training repositories: right
# and wrong. A check speaks once in thousands of functions, and what it finds in code that nobody has mended
# is mostly a bug unseen.
SEEN = {
    "count of format": (1, 0),
    "documented default": (27, 0),
    "documented parameters": (68, 6),
    "documented result": (9, 0),
    "error of another": (0, 1),
    "forgotten prefix": (7, 2),
    "misspelt name": (1, 2),
    "odd python": (9, 0),
    "same operands": (4, 2),
    "self assignment": (4, 24),
    "unbound name": (5, 1),
    "unreachable": (2, 4),
}


class Found(NamedTuple):
    """A finding in a function that was mended."""

    check: str
    is_right: bool
    is_gone: bool
    told: str


def found_in(folder: Path, mirror: Path) -> Iterator[Found | None]:
    """The findings in each fix, with None once for each fix that could be read."""
    for path in sorted(folder.glob("*.fixes.jsonl.gz")):
        repository = mirror / path.name.removesuffix(".fixes.jsonl.gz") / "repo"
        if not repository.is_dir():
            continue
        with gzip.open(path, "rt", encoding="utf-8") as file, git.Blobs(repository) as blobs:
            for line in file:
                yield from _in_fix(json.loads(line), blobs)


def _in_fix(case: dict[str, Any], blobs: git.Blobs) -> Iterator[Found | None]:
    before = _read(blobs, f"{case['commit']}^:{case['path']}")
    if before is None or (seen := _look(before, case["language"], case["buggy"])) is None:
        return
    yield None
    text, suspicions = seen
    if not suspicions:
        return
    after = _look(
        _read(blobs, f"{case['commit']}:{case['path']}") or "", case["language"], case["fixed"]
    ) or ("", [])
    left = {(each.check, each.message) for each in after[1]}
    first, last = case["lines"]
    changed = {line.strip() for line in case["buggy"].splitlines()[first - 1 : last]}
    for each in suspicions:
        line = text[text.rfind("\n", 0, each.start) + 1 :].partition("\n")[0].strip()
        told = f"{case['repository']} {case['commit'][:8]} {case['path']}: {each.message} :: {line}"
        yield Found(each.check, line in changed, (each.check, each.message) not in left, told)


def _look(text: str, language: str, function: str) -> tuple[str, list[Suspicion]] | None:
    """The function as it stands in its file, and what the checks say of it; None where it is not found."""
    every = functions(text, language)
    wanted = "".join(function.split())
    for each in every:
        if wanted in "".join(each.text.split()):
            scene = Scene(each, language, lex(each.text, language), Around.of(text, every))
            return each.text, list(checked(scene))
    return None


def _read(blobs: git.Blobs, name: str) -> str | None:
    data = blobs.read(name)
    return None if data is None or len(data) > LARGEST else data.decode("utf-8", "replace")


def main() -> int:
    """Count, tell, and with --write put the shares into calibration.json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mirror", type=Path, required=True, help="bare repositories, as owner+name/repo")
    parser.add_argument("--cases", type=Path, default=OUT / "bug_cases")
    parser.add_argument("--model", type=Path, default=manifest_dir() / "bug_finder")
    parser.add_argument("--tell", type=Path, help="where to write every finding")
    parser.add_argument("--write", action="store_true", help="change calibration.json")
    arguments = parser.parse_args()
    right, gone, elsewhere, fixes = Counter[str](), Counter[str](), Counter[str](), 0
    told: list[str] = []
    for each in found_in(arguments.cases, arguments.mirror):
        if each is None:
            fixes += 1
            continue
        (right if each.is_right else elsewhere)[each.check] += 1
        gone[each.check] += each.is_right and each.is_gone
        told.append(f"{'right' if each.is_right else 'other'} {each.check}: {each.told}")
    if arguments.tell:
        arguments.tell.write_text("\n".join(told) + "\n", encoding="utf-8")
    shares: dict[str, float] = {}
    print(f"{fixes} fixes: {right.total()} mended lines are found, {gone.total()} no longer once mended")
    for name in sorted({check.__name__.replace("_", " ") for check in (*CHECKS, *SCENE_CHECKS)}):
        good, bad = SEEN.get(name, (0, 0))
        good += right[name]
        shares[name] = round((good + 1) / (good + bad + 2), 3)
        print(f"{name}: {shares[name]}; right {right[name]}, gone {gone[name]}, elsewhere {elsewhere[name]}")
    if arguments.write:
        path = arguments.model / "calibration.json"
        calibration = msgspec.structs.replace(Calibration.load(path), checks=shares)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(calibration), indent=1) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
