"""Lists between brackets, read and added to without a grammar: parameters, arguments, fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from completion.next_edit.tokens import indent_of
from completion.next_edit.units import CLOSED, OPEN

_LONGEST: Final = 90  # lines of one list
_WIDEST: Final = 140  # characters of a line that an item is added to


class Item(NamedTuple):
    """A parameter or argument: its text, and its name ("" where it has none)."""

    text: str
    name: str


class Listing(NamedTuple):
    """What stands between a bracket and its partner: lines and columns (from 0) of both, and the items."""

    start: int
    column: int
    end: int
    last_column: int
    items: tuple[Item, ...]
    starts: tuple[int, ...]  # the line in which each item begins


def listing(lines: Sequence[str], at: int, column: int) -> Listing | None:
    """The list that opens at this bracket; None where its end is not found."""
    depth, quote = 0, ""
    items: list[tuple[str, int]] = []
    text, begun = "", at
    for number in range(at, min(at + _LONGEST, len(lines))):
        line = lines[number]
        start = column if number == at else 0
        for index in range(start, len(line)):
            char = line[index]
            if quote:
                quote = "" if char == quote else quote
            elif char in "\"'`":
                quote = char
            elif char in OPEN:
                depth += 1
                if depth == 1:
                    continue
            elif char in CLOSED:
                depth -= 1
                if depth == 0:
                    items = [item for item in [*items, (text, begun)] if item[0].strip()]
                    named = tuple(Item(" ".join(item.split()), "") for item, _ in items)
                    return Listing(at, column, number, index, named, tuple(start for _, start in items))
            elif char == "," and depth == 1:
                items.append((text, begun))
                text = ""
                continue
            if not text.strip():
                begun = number
            text += char
        quote = ""
        text += "\n"
    return None


def with_items(
    lines: Sequence[str], call: Listing, where: int, text: str, texts: Sequence[str]
) -> tuple[int, int, tuple[str, ...]] | None:
    """The lines (from 0) of a list that change where items come in before `where`, and what they become.

    `text` is for a list on one line, `texts` for one with an item on each.
    """
    if call.start == call.end:
        line = lines[call.start]
        if not call.items:
            return call.start, 1, (line[: call.column + 1] + text + line[call.last_column :],)
        inside = line[call.column + 1 : call.last_column]
        stops = [0, *_commas(inside), len(inside.rstrip())]
        if where >= len(call.items):
            at = call.column + 1 + len(inside.rstrip().rstrip(","))
            new = f"{line[:at]}, {text}{line[at:]}"
        else:
            at = call.column + 1 + (stops[where] + 1 if where else 0)
            blank = len(line[at:]) - len(line[at:].lstrip())
            new = f"{line[: at + blank]}{text}, {line[at + blank :]}"
        return (call.start, 1, (new,)) if len(new) <= _WIDEST else None
    if lines[call.end].strip()[:1] not in CLOSED or len(set(call.starts)) != len(call.starts):
        return None
    if not call.starts or call.starts[0] == call.start:
        return None
    indent = indent_of(lines[call.starts[0]])
    new_lines = tuple(f"{indent}{one}," for one in texts)
    if where < len(call.items):
        return call.starts[where], 0, new_lines
    last = lines[call.end - 1].rstrip()
    if not last.endswith(","):
        return call.end - 1, 1, (f"{last},", *new_lines[:-1], new_lines[-1][:-1])
    return call.end, 0, new_lines


def _commas(text: str) -> list[int]:
    """Where the commas are that stand in no bracket."""
    depth, found = 0, []
    for index, char in enumerate(text):
        depth += (char in OPEN) - (char in CLOSED)
        if char == "," and depth == 0:
            found.append(index)
    return found
