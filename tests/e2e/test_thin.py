"""Clients stay thin: how many lines of code each has, without blank lines, comments and doc strings.

The health check of Neovim counts; manifests and tests do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.fresh import ROOT

EDITORS = ROOT / "editors"
COMMENTS = {".lua": "--", ".vim": '"', ".el": ";", ".ts": "//"}
MOST = {
    "nvim": 300,
    "emacs": 300,
    "helix": 0,
    "vim/plugin": 300,  # what is Tacit's own
    "vim/autoload": 300,  # the language client that Vim does not come with; docs/DECISIONS.md
    "vscode/src": 900,
}


def code(path: Path) -> list[str]:
    """The lines that are code."""
    text = path.read_text("utf-8")
    if path.suffix == ".ts":
        text = re.sub(r"^\s*/\*.*?\*/$", "", text, flags=re.DOTALL | re.MULTILINE)
    if path.suffix == ".el":  # a doc string has lines of its own, below what it is about
        text = re.sub(r'^ *"(?:[^"\\]|\\.)*"(?=\)*$)', "", text, flags=re.MULTILINE)
    marks = (COMMENTS[path.suffix], "# ") if path.suffix == ".vim" else (COMMENTS[path.suffix],)
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(marks)]


def sources(folder: str) -> Iterable[Path]:
    return (each for each in sorted((EDITORS / folder).rglob("*")) if each.suffix in COMMENTS)


@pytest.mark.parametrize(("folder", "most"), MOST.items())
def test_a_client_is_thin(folder: str, most: int) -> None:
    counted = {path.relative_to(EDITORS).as_posix(): len(code(path)) for path in sources(folder)}
    print(folder, sum(counted.values()), counted)
    assert sum(counted.values()) <= most, counted
    assert bool(counted) == bool(most)
