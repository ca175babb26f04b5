"""What a demo shows: one moment after the other, each with the editor as it is then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from text.edits import Edit

Kind = Literal[
    "act",  # a new part of the demo begins
    "step",  # the person goes to a place, with something in mind
    "key",  # a key, and the ghost text that is shown after it
    "plain",  # a key of a change by hand, where the demo asks for no ghost text
    "tab",  # Tab wrote the ghost text
    "next",  # a next edit is shown where it would be made
    "jump",  # Tab moved the cursor there
    "made",  # Tab made it
    "pass",  # what is shown is not what the person wants
    "sketch",  # what a model answered to the person's wish
    "exact",  # the edit that the sketch means
    "applied",  # it was made
    "refused",  # or nothing was
    "found",  # a question and its answers
]


@dataclass(frozen=True)
class Hit:
    """One answer to a question: where it is, what it is, and its first lines."""

    path: str
    line: int
    """Counted from 1."""
    name: str
    snippet: str


@dataclass(frozen=True)
class Moment:
    """Something that happened; the editor holds the text after it."""

    kind: Kind
    text: str
    """The title, the key, what Tab put in, the sketch, the reason, or the question."""
    ghost: str = ""
    """The ghost text that is shown now."""
    ms: float = 0.0
    """How long the answer took."""
    wanted: bool = False
    """Whether what is shown is what the person was about to write: Tab comes next."""
    typed_through: bool = False
    """Whether this is what is left of the ghost text shown before."""
    edits: tuple[Edit, ...] = ()
    """What is shown as a change of the editor's document, and not made yet."""
    asked: bool = False
    """Whether the person asked for the next edit, as it did not show by itself."""
    hits: tuple[Hit, ...] = ()
    """The answers, best first."""
