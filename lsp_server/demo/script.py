"""What the demo does beside the typing: changes that are carried on, sketches, and questions.

Like the typing, these are a person's part alone. What becomes of them is the server's, and not written here.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

SCRIPT = Path(__file__).with_name("script.toml")


class Rename(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """After so many steps of the session the person writes `new` over `old`, and wants it everywhere.

    That is done at the end of a text that the file has once.
    """

    title: str
    after_steps: int
    old: str
    new: str
    file: str
    after: str


class Sketch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model has answered, to be applied to a file."""

    title: str
    file: str
    text: str


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the person looks for."""

    text: str


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is done in each act."""

    rename: tuple[Rename, ...]
    sketch: tuple[Sketch, ...]
    question: tuple[Question, ...]


def load(path: Path = SCRIPT) -> Script:
    """Read the script; raises msgspec.DecodeError where it is none."""
    return msgspec.toml.decode(path.read_bytes(), type=Script)
