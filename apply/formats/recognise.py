"""From the text of one sketch to its rows, in whatever format it is."""

from __future__ import annotations

from collections.abc import Sequence

from apply.formats.code import read_code
from apply.formats.diff import is_diff, read_diff
from apply.formats.numbers import without_numbers
from apply.formats.search_replace import is_search_replace, read_search_replace
from apply.rows import Sketch


def read_sketch(text: str, file: Sequence[str]) -> tuple[Sketch, ...]:
    """The sketches in one block of an answer: several only where it holds several search blocks.

    `file` is the lines of the file that is to be changed, without their endings.
    """
    if is_search_replace(text):
        return read_search_replace(text, file)
    if is_diff(text):
        return (read_diff(text),)
    return (read_code(without_numbers(text, file), file),)
