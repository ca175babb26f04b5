"""A file's own style, so that what is written into it looks as if its author had.

Read from the text alone, because code that is being written often does not parse: a small lexer sets comments
and strings apart, then every line that is indented deeper than the one before it votes for its step.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from text.document import Document

_SAMPLE = 32_768  # characters from the start of the file: enough to tell, and a millisecond or two to read

# What spans lines first, then comments to a line's end, then plain strings. Of what opens, only /* can be
# left open many times over, so only its search is bounded.
_ASIDE = re.compile(
    r"""
      \"{3}.*?\"{3} | '{3}.*?'{3} | `(?:\\.|[^`\\])*` | /\*.{,2000}?\*/
    | (?:\#|//)[^\n]*
    | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
    """,
    re.VERBOSE | re.DOTALL,
)
_INDENTED = re.compile(r"(?m)^([ \t]*)(\S.*?)[ \t]*$")

_DEFAULT_INDENT = {"go": "\t", "javascript": "  ", "typescript": "  ", "tsx": "  "}
_ONE_QUOTE = frozenset(["c", "cpp", "go", "java", "rust"])  # a single quote means something else there
_MARKUP = frozenset(["javascript", "tsx"])  # attributes there have quotes of their own: name="value"


class Style(NamedTuple):
    """How a file is written; where it does not tell, what is usual in its language."""

    indent: str  # one level: "\t" or some blanks
    eol: str  # "\n", "\r\n" or "\r"
    final_newline: bool
    quote: str  # '"' or "'"
    bom: bool


def style_of(source: Document | str) -> Style:
    """The style of a document, or of a text in no particular language."""
    document = Document.create("", source) if isinstance(source, str) else source
    indent, quote = _indent_and_quote(document.slice(0, _SAMPLE), document.language)
    return Style(
        indent=indent,
        eol=document.eol,
        final_newline=len(document) == 0 or document.slice(len(document) - 1, len(document)) in "\r\n",
        quote=quote,
        bom=document.slice(0, 1) == "\ufeff",
    )


@lru_cache(maxsize=64)
def _indent_and_quote(sample: str, language: str) -> tuple[str, str]:
    sample = sample.replace("\r\n", "\n").replace("\r", "\n")
    default = _DEFAULT_INDENT.get(language, " " * 4)
    return _indent(sample) or default, '"' if language in _ONE_QUOTE else _quote(sample, language)


def _indent(text: str) -> str:
    """The unit of indentation, or "" where nothing is indented."""
    lines = _INDENTED.findall(_ASIDE.sub(_without_inner_lines, text))
    tabs = sum(blanks.startswith("\t") for blanks, _ in lines)
    votes: Counter[int] = Counter()
    for step, weight in _steps(lines):
        votes[step] += weight
    if tabs and tabs >= sum(blanks.startswith("  ") for blanks, _ in lines):
        return "\t"
    return " " * max(votes, key=lambda step: (votes[step], -step), default=0)


def _steps(lines: list[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    """By how many blanks a line is deeper than the one before, and how much that tells."""
    depth, opener = 0, ""
    for blanks, code in lines:
        step = len(blanks) - depth
        if 1 <= step <= 8 and "\t" not in blanks:
            # A block steps by one unit; arguments often do, and other lines go on wherever they like.
            yield step, 4 if opener in ":{" else 2 if opener in "([" else 1
        depth, opener = len(blanks), code[-1]


def _without_inner_lines(aside: re.Match[str]) -> str:
    return "" if "\n" in aside[0] or aside[0][0] in "#/" else aside[0]


def _quote(text: str, language: str) -> str:
    counts = Counter(
        aside[0][0]
        for aside in _ASIDE.finditer(text)
        if aside[0][0] in "\"'"
        and not aside[0].startswith(('"""', "'''"))
        and not (language in _MARKUP and text[aside.start() - 1 : aside.start()] == "=")
        and not ("'" in aside[0] and '"' in aside[0])  # the other one would have had to be escaped
    )
    return "'" if counts["'"] > counts['"'] else '"'
