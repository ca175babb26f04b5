from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path

from training.bug_checks import found_in

BUGGY = (
    "class A:\n    def f(self):\n        return g_of(1)\n\n    def g_of(self, a):\n        return a is 'a'\n"
)
FIXED = BUGGY.replace("return g_of", "return self.g_of")


def test_a_mended_line_is_found_with_what_its_file_tells(tmp_path: Path) -> None:
    """The method that lacks its `self` is known from the rest of the file, and the finding is gone after."""
    repository = tmp_path / "mirror" / "owner+name" / "repo"

    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
        return subprocess.check_output(["git", "-C", str(repository), *identity, *arguments], text=True)

    repository.mkdir(parents=True)
    git("init", "-q")
    for text in (BUGGY, FIXED):
        (repository / "a.py").write_text(text)
        git("add", "a.py")
        git("commit", "-q", "-m", "fix")
    case = {
        "repository": "owner/name",
        "commit": git("rev-parse", "HEAD").strip(),
        "path": "a.py",
        "language": "python",
        "buggy": "def f(self):\n    return g_of(1)\n",
        "fixed": "def f(self):\n    return self.g_of(1)\n",
        "lines": [2, 2],
    }
    cases = tmp_path / "cases"
    cases.mkdir()
    with gzip.open(cases / "owner+name.fixes.jsonl.gz", "wt") as file:
        file.write(json.dumps(case) + "\n")
    mirror = tmp_path / "mirror"
    (repository / ".git").rename(mirror / "bare")
    for each in repository.iterdir():
        each.unlink()
    repository.rmdir()
    (mirror / "bare").rename(repository)
    fix, found = found_in(cases, mirror)
    assert fix is None
    assert found is not None
    assert (found.check, found.is_right, found.is_gone) == ("missing self", True, True)
    assert "`self.g_of`" in found.told
