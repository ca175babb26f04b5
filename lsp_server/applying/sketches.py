"""Which parts of a text are sketches, and which files they say they are of."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from apply.formats.answer import Block, Fenced, fenced, read_answer
from apply.formats.diff import is_diff
from text.languages import language_of
from text.lines import split_lines

NO_CODE = frozenset(
    ["bash", "sh", "shell", "zsh", "fish", "console", "powershell", "text", "txt", "output", "log"]
)
"""What fences without a path are called that show how to run something, or what it prints."""

_HEADER = re.compile(
    r"""\s*(?:\#|//|--|;|%|/\*|<!--)+\s*
        (?:(?:file|filename|path)\s*[:=]\s*)?
        (?P<path>[\w@.~+-]*(?:[\\/][\w@.+-]+)*\.\w{1,8}|[\w@.+-]+(?:[\\/][\w@.+-]+)+)
        \s*(?:\*/|-->)?\s*""",
    re.VERBOSE | re.IGNORECASE,
)


class NoSketchError(Exception):
    """There is no sketch where one was asked for; the message says so."""


@dataclass(frozen=True, slots=True)
class Sketched:
    """One sketch: its text, and what is known of its file.

    `header` is its first line where that does nothing but name the file; it is no line of the sketch unless
    the file has it too.
    """

    path: str
    text: str
    language: str = ""
    header: str = ""

    def block(self, lines: Sequence[str]) -> Block:
        """For a file with these lines."""
        known = not self.header or any(line.strip() == self.header.strip() for line in lines[:5])
        return Block(self.path, self.text if known else self.text.partition("\n")[2])


def sketches(text: str, lines: tuple[int, int] | None = None) -> tuple[Sketched, ...]:
    """The sketches in a text; with `lines`, those in the fenced blocks that they touch.

    Where they touch none, what they hold is the sketch; a single line outside of all fences is a place, and
    means the whole of a text that has no fences. Of a text that is a diff, such as a preview, they choose
    hunks. Raises NoSketchError.
    """
    fences = fenced(text)
    if lines is None:
        return _of_answer(text, fences)
    first, last = min(lines), max(lines)
    if is_bare_diff(text):
        return _of_answer(_touched_hunks(text, first, last) if first < last else text, ())
    if any(each.first <= last and first <= each.last for each in fences):
        return in_fences(text, lines)
    if first < last:
        return _of_answer("".join(split_lines(text)[first : last + 1]), ())
    if fences:
        raise NoSketchError(f"There is no fenced block at line {first + 1}.")
    return _of_answer(text, ())


def in_fences(text: str, lines: tuple[int, int] | None = None) -> tuple[Sketched, ...]:
    """Those in fenced blocks only: all, or those that the lines touch. Raises NoSketchError."""
    first, last = (min(lines), max(lines)) if lines else (0, sys.maxsize)
    return _some(_of_fences([each for each in fenced(text) if each.first <= last and first <= each.last]))


def is_bare_diff(text: str) -> bool:
    """Whether a text is a diff and nothing else, such as a preview: fences in it are its content."""
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("# ")), "")
    return first.startswith(("diff ", "--- ", "@@", "index ", "Index: ")) and is_diff(text)


def hunks_at(diff: str, first: int, last: int) -> tuple[int, int] | None:
    """The lines of the hunks that some lines touch; None where they touch none."""
    touched = [
        (start, end - 1)
        for start, end, is_hunk in _parts(split_lines(diff))
        if is_hunk and start <= last and first < end
    ]
    return (touched[0][0], touched[-1][1]) if touched else None


def _of_answer(text: str, fences: Sequence[Fenced]) -> tuple[Sketched, ...]:
    blocks = read_answer(text)
    if fences and blocks == tuple(block for each in fences for block in each.blocks):
        return _some(_of_fences(fences))
    return _some([_sketched(block, "") for block in blocks])


def _of_fences(fences: Sequence[Fenced]) -> list[Sketched]:
    found = [
        (each, _sketched(block, _language(each.info)))
        for each in fences
        for block in each.blocks
        if block.text.strip()
    ]
    code = [sketch for each, sketch in found if sketch.path or _word(each.info) not in NO_CODE]
    return code or [sketch for _, sketch in found]


def _some(found: Sequence[Sketched]) -> tuple[Sketched, ...]:
    if not any(each.text.strip() for each in found):
        raise NoSketchError("There is no sketch.")
    return tuple(found)


def _touched_hunks(diff: str, first: int, last: int) -> str:
    """A diff's hunks that the lines touch, under the headers of their files."""
    lines = split_lines(diff)
    kept: list[str] = []
    header: list[str] = []
    for start, end, is_hunk in _parts(lines):
        if not is_hunk:
            header = lines[start:end]
        elif start <= last and first < end:
            kept += [*header, *lines[start:end]]
            header = []
    return "".join(kept)


def _parts(lines: Sequence[str]) -> list[tuple[int, int, bool]]:
    """The headers and hunks of a diff: first line, the line behind the last, and whether it is a hunk."""
    starts = [at for at, line in enumerate(lines) if line.startswith("@@") or _begins_file(lines, at)]
    return [(start, end, lines[start].startswith("@@")) for start, end in pairwise([*starts, len(lines)])]


def _begins_file(lines: Sequence[str], at: int) -> bool:
    return lines[at].startswith("--- ") and "".join(lines[at + 1 : at + 2]).startswith("+++ ")


def _sketched(block: Block, language: str) -> Sketched:
    header = "" if block.path else block.text.partition("\n")[0]
    named = _HEADER.fullmatch(header) if len(header) < 300 else None
    if named is None:
        return Sketched(block.path, block.text, language)
    return Sketched(named["path"], block.text, language, header)


def _word(info: str) -> str:
    return re.split(r"[\s{:]", info.lower().lstrip("{."), maxsplit=1)[0]


def _language(info: str) -> str:
    word = _word(info)
    return language_of(word) or language_of(path=f".{word}")
