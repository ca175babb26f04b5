"""What became of each scenario in each editor, kept as JSON in `results/` for the README's table."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final, Literal

import msgspec

from tests.support.fresh import ROOT

FOLDER: Final = Path(__file__).with_name("results")

Outcome = Literal["passes", "cannot", "fails"]


class Cell(msgspec.Struct, frozen=True, omit_defaults=True):
    """`reason`: why the editor cannot, or how it failed."""

    outcome: Outcome
    reason: str = ""


class Played(msgspec.Struct, kw_only=True):
    """One editor's file."""

    schema: int = 1
    editor: str
    version: str = ""
    commit: str = ""
    cells: dict[str, Cell] = {}


class Results:
    """Collects while the tests run. What was not played this time keeps its earlier result."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._played: dict[str, Played] = {}

    def note(self, editor: str, scenario: str, outcome: Outcome, reason: str = "") -> None:
        """One scenario is over."""
        self._of(editor).cells[scenario] = Cell(outcome, reason)

    def version(self, editor: str, version: str) -> None:
        """What the editor calls itself."""
        self._of(editor).version = version

    def write(self) -> None:
        """Write a file per editor that was played, if a folder was named."""
        for editor, played in self._played.items() if self._folder else ():
            assert self._folder
            self._folder.mkdir(exist_ok=True)
            played.commit = _commit()
            text = msgspec.json.format(msgspec.json.encode(played), indent=2)
            (self._folder / f"{editor}.json").write_bytes(text + b"\n")

    def _of(self, editor: str) -> Played:
        if editor not in self._played:
            self._played[editor] = (self._folder and read(editor, self._folder)) or Played(editor=editor)
        return self._played[editor]


def read(editor: str, folder: Path = FOLDER) -> Played | None:
    """An editor's results; None where it has not been played yet."""
    path = folder / f"{editor}.json"
    return msgspec.json.decode(path.read_bytes(), type=Played) if path.exists() else None


def _commit() -> str:
    """The commit that is played, `-dirty` where files differ from it; what playing writes does not count."""
    git = ["git", "-c", "safe.directory=*"]
    written = [":(exclude)tests/e2e/results", ":(exclude)README.md"]
    named = subprocess.run([*git, "describe", "--always"], cwd=ROOT, capture_output=True, text=True)
    same = subprocess.run(
        [*git, "diff", "--quiet", "HEAD", "--", ".", *written], cwd=ROOT, capture_output=True
    )
    return named.stdout.strip() + "-dirty" * (same.returncode == 1)
