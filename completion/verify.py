"""The parser's word on a suggestion: it never adds a syntax error."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from completion.stop import Unit
from text.edits import Edit, apply
from text.syntax import Syntax, parse

# Nodes that hold statements; a statement that comes first in one starts where it starts.
_HOLDERS: Final = frozenset(
    [
        "ERROR",
        *["module", "program", "source_file", "translation_unit"],
        *["block", "statement_block", "compound_statement", "constructor_body", "switch_block"],
        *["class_body", "interface_body", "object_type", "declaration_list", "field_declaration_list"],
    ]
)


def choose(text: str, syntax: Syntax | None, edits: Iterable[Edit], *, mending: bool = False) -> Edit | None:
    """Return the first edit that leaves no syntax error, else the first that adds none, else None.

    `syntax` is the tree of `text`; without one (plain text) the first edit is taken. `mending`: where there
    are errors, an edit must leave fewer.
    """
    best: Edit | None = None
    for edit in edits:
        if syntax is None:
            return edit
        errors = _after(text, syntax, edit).error_count
        if errors == 0:
            return edit
        if best is None and errors <= syntax.error_count - mending:
            best = edit
    return best


def first_statement(text: str, syntax: Syntax | None, edit: Edit, unit: Unit, line_start: int) -> Edit:
    """Cut an edit of several lines at the end of the statement that begins at `line_start`, by the tree."""
    if syntax is None or unit is not Unit.STATEMENT or "\n" not in edit.new:
        return edit
    after = _after(text, syntax, edit)
    ends = [
        node.end
        for node in after.enclosing(line_start)
        if node.start == line_start and node.kind not in _HOLDERS
    ]
    length = max(ends, default=0) - edit.start
    if not 0 < length < len(edit.new) or edit.new[length] not in "\r\n":
        return edit
    return Edit(edit.start, edit.end, edit.new[:length])


def _after(text: str, syntax: Syntax, edit: Edit) -> Syntax:
    after = parse(apply(text, [edit]), syntax.language, syntax, [edit])
    if after is None:
        raise ValueError(f"no grammar for {syntax.language!r}, which has been parsed before")
    return after
