"""Recorded editing sessions: files beside a TOML file, and what a person did in them, step by step.

Read by `tacit bench latency` and `tacit demo`. A session says what was typed and where, not what a model
answered: whatever is shown for it is answered live.
"""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import msgspec


class SessionError(Exception):
    """A session that contradicts itself, such as a place that its file does not have."""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Go to a place, rub out, type; or take the last step's typing back."""

    title: str = ""
    file: str = ""
    """The file to edit; empty: stay in the last one."""
    after: str = ""
    """The cursor goes to the end of this text, which the file has once; empty: it stays where it is."""
    erase: int = 0
    """Backspaces before the typing."""
    type: str = ""
    undo: bool = False


class Session(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A recorded session: the name of the folder with its files, and its steps."""

    folder: str
    step: tuple[Step, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """The files that are edited, in order of their first use."""
        return tuple(dict.fromkeys(step.file for step in self.step if step.file))


def load(path: Path) -> Session:
    """Read a session file; raises SessionError where it is not one."""
    try:
        session = msgspec.toml.decode(path.read_bytes(), type=Session)
    except msgspec.DecodeError as error:
        raise SessionError(f"{path}: {error}") from error
    if not session.step or not session.step[0].file:
        raise SessionError(f"{path}: the first step has to name a file")
    return session


def unpack(path: Path, session: Session, destination: Path) -> Path:
    """Copy the session's files, so that nothing edits the originals; return their new folder."""
    copy = destination / session.folder
    shutil.copytree(path.parent / session.folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def keystrokes(text: str) -> list[str]:
    """What each key adds when `text` is typed: a character, or a new line with the editor's indentation."""
    return re.findall(r"\n[ \t]*(?=\S)|.|\n", text)


def pause_after(key: str, median: float, rng: random.Random) -> float:
    """Seconds until the next key: log-normal around `median`, longer where something new begins.

    Most keys come in quick runs; the long gaps, in which a person thinks, stand after a new line and between
    words (log-normal gaps: Dhakal et al., "Observations on typing from 136 million keystrokes", CHI 2018).
    """
    return rng.lognormvariate(0, 0.5) * median * _thinking(key)


def _thinking(key: str) -> float:
    """How much longer than usual a person waits after `key`."""
    if key == "move":
        return 8.0  # has come to another place, and reads what is there
    if len(key) > 1 or key == "\n":
        return 2.5
    return 1.5 if key == " " else 1.0
