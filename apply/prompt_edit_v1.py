"""Prompt version edit_v1: lines of a file and an instruction, for a big model that answers with a sketch.

The answer takes the same road as any other sketch, so that nothing hangs on its form: the lines written anew,
with markers for what stays, are what most models do best.

A shipped version is never edited: predictions on record were made with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

VERSION: Final = "edit_v1"

_SYSTEM: Final = (
    "You edit code. Answer with one fenced code block and nothing else. Write the selected lines as they are "
    "to be, with one or two unchanged lines of the file before and after them. For longer parts that stay as "
    "they are write a comment: `... existing code ...`."
)


@dataclass(frozen=True, slots=True)
class EditInputs:
    """What is asked: the file's name and language, the selected lines, those around, and what is wanted."""

    path: str
    language: str
    above: str
    selected: str
    below: str
    instruction: str


def build(inputs: EditInputs) -> list[dict[str, str]]:
    """Return the messages of a chat: `{"role": ..., "content": ...}`."""
    question = (
        f"File: {inputs.path} ({inputs.language or 'text'})\n\n"
        f"The lines before the selection:\n{_fenced(inputs.above)}\n"
        f"The selected lines:\n{_fenced(inputs.selected)}\n"
        f"The lines after it:\n{_fenced(inputs.below)}\n"
        f"{inputs.instruction.strip()}"
    )
    return [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": question}]


def _fenced(text: str) -> str:
    """In a fence that is longer than any in the text."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text.rstrip()}\n{fence}\n"
