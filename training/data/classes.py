"""What kind of next edit it is, by its tokens and those of the edits before it: for balance and for cards.

The classes and their order are those of the evaluation set: the first that fits is taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cached_property

from training.data.changes import Hunk
from training.data.names import names_in

CLASSES = ("rename", "repeated", "import", "propagate-arg", "use-new-name", "drop-old-name", "other", "done")

_TOKEN = re.compile(r"[^\W\d]\w*|\d+|\S")
_IMPORT = re.compile(r"\s*(import|from|use|#\s*include|package|export .* from|const .*require\()\b.*")
# A name where only parameters, fields and keyword arguments stand: `self.name =`, `name=value`, `name: type`,
# and anything between the parentheses of a definition.
_FIELD = re.compile(r"\b(?:self|this)\.(\w+)\s*=|\b(\w+)=(?=[^=\s])|\b(\w+)\??:(?=\s*[^\s:=])")
_DEFINITION = re.compile(r"\b(?:def|fn|func|function|constructor|void)\b[^(]*\((.*)")
_ALIKE = 0.85
_COMPARED_TOKENS = 300  # beyond that, likeness is not worth its quadratic time


class Tokens:
    """The tokens of one hunk and what they say of it."""

    def __init__(self, hunk: Hunk) -> None:
        self.hunk = hunk

    @cached_property
    def old(self) -> list[str]:
        """Tokens of the old lines."""
        return _TOKEN.findall("\n".join(self.hunk.old))

    @cached_property
    def new(self) -> list[str]:
        """Tokens of the new lines."""
        return _TOKEN.findall("\n".join(self.hunk.new))

    @cached_property
    def old_names(self) -> set[str]:
        """Names in the old lines."""
        return names_in(self.hunk.old)

    @cached_property
    def new_names(self) -> set[str]:
        """Names in the new lines."""
        return names_in(self.hunk.new)

    @property
    def brought(self) -> set[str]:
        """Names that the hunk brings in."""
        return self.new_names - self.old_names

    @property
    def dropped(self) -> set[str]:
        """Names that the hunk removes."""
        return self.old_names - self.new_names

    @cached_property
    def substitutions(self) -> set[tuple[str, str]]:
        """(old token, new token) where the hunk does nothing but replace tokens one for one; else empty."""
        if len(self.old) != len(self.new):
            return set()
        return {pair for pair in zip(self.old, self.new, strict=True) if pair[0] != pair[1]}

    @cached_property
    def core(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The tokens removed and added, without what both sides begin and end with."""
        start = _common(self.old, self.new)
        shortest = min(len(self.old), len(self.new)) - start
        end = min(_common(self.old[::-1], self.new[::-1]), shortest)
        return tuple(self.old[start : len(self.old) - end]), tuple(self.new[start : len(self.new) - end])

    @cached_property
    def imports_only(self) -> bool:
        """Whether all its lines that hold anything are import lines."""
        lines = [line for line in (*self.hunk.old, *self.hunk.new) if line.strip()]
        return bool(lines) and all(_IMPORT.match(line) for line in lines)

    @cached_property
    def imported(self) -> set[str]:
        """Names that its new import lines bring in."""
        lines = [line for line in self.hunk.new if _IMPORT.match(line)]
        return names_in(lines) & self.brought if lines else set()

    @cached_property
    def declared(self) -> set[str]:
        """Names that it seems to bring in as parameters, fields or keyword arguments."""
        fields = {name for line in self.hunk.new for groups in _FIELD.findall(line) for name in groups}
        parameters = names_in(rest for line in self.hunk.new for rest in _DEFINITION.findall(line))
        return (fields | parameters) & self.brought


def class_of(target: Tokens, earlier: Sequence[Tokens]) -> str:
    """The class of `target` after the hunks `earlier`."""
    known = {pair for tokens in earlier for pair in tokens.substitutions}
    if target.substitutions and target.substitutions <= known:
        return "rename"
    if any(_repeats(target, tokens) for tokens in earlier):
        return "repeated"
    if target.imports_only or any(target.brought & tokens.imported for tokens in earlier):
        return "import"
    if any(target.brought & tokens.declared for tokens in earlier):
        return "propagate-arg"
    if any(target.brought & tokens.brought for tokens in earlier):
        return "use-new-name"
    if any(target.dropped & tokens.dropped for tokens in earlier):
        return "drop-old-name"
    return "other"


def _repeats(target: Tokens, earlier: Tokens) -> bool:
    if target.core == earlier.core:
        return True
    if not target.new or max(len(target.new), len(earlier.new)) > _COMPARED_TOKENS:
        return False
    matcher = SequenceMatcher(None, target.new, earlier.new, autojunk=False)
    likely = matcher.real_quick_ratio() > _ALIKE and matcher.quick_ratio() > _ALIKE
    return likely and matcher.ratio() > _ALIKE


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    """How many tokens both begin with."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
