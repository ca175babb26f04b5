"""Two texts as a unified diff."""

from __future__ import annotations

import difflib

from text.lines import split_lines


def unified(path: str, before: str, after: str) -> str:
    """The difference, with `path` in its header; empty where there is none."""
    old, new = (_lines(each) for each in (before, after))
    lines = difflib.unified_diff(old, new, f"a/{path}", f"b/{path}")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _lines(text: str) -> list[str]:
    """With their endings: files that differ in these alone differ."""
    lines = split_lines(text)
    return lines[:-1] if lines[-1] == "" else lines
