"""What a file defines and where: functions and classes with their lines, by tree-sitter."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple

from apply.lines import FileLines
from text.syntax import Syntax

_FUNCTIONS = frozenset(
    [
        "function_definition",
        "function_declaration",
        "function_item",
        "function_signature_item",
        "generator_function_declaration",
        "method_declaration",
        "method_definition",
        "constructor_declaration",
    ]
)
_CLASSES = frozenset(
    [
        "class_definition",
        "class_declaration",
        "abstract_class_declaration",
        "class_specifier",
        "interface_declaration",
        "enum_declaration",
        "enum_item",
        "enum_specifier",
        "struct_item",
        "struct_specifier",
        "record_declaration",
        "trait_item",
        "impl_item",
        "type_spec",
        "mod_item",
        "namespace_definition",
    ]
)
_OTHERS = frozenset(
    [
        "variable_declarator",
        "type_alias_declaration",
        "const_item",
        "static_item",
        "preproc_def",
        "preproc_function_def",
    ]
)
KINDS = _FUNCTIONS | _CLASSES | _OTHERS

LONGEST = 300  # characters: no longer line is the beginning of a definition

_HEADER = re.compile(
    r"""^\s*(?:
        (?:async\s+)?def\s+\w | class\s+\w | func\s+[\w(]
      | (?:pub(?:\([\w:\ ]+\))?\s+)?(?:(?:async|unsafe|const|default|extern\s+"C")\s+)*
        (?:fn|struct|enum|trait|impl|mod)\b
      | (?:export\s+)?(?:default\s+)?(?:abstract\s+)?(?:async\s+)?
        (?:function\b\*?|class|interface|enum|namespace)\s*\w
      | (?!(?:if|for|while|switch|return|else|catch|try|do|new|await|throw|with|match|yield|case|assert)\b)
        (?:[\w<>\[\],.*&@:~#]+\s+)*[*&~#]*[\w:]+\s*\([^;=]*\)\s*
        (?:->\s*\S+\s*|:\s*[\w<>\[\]|\ ]+|throws\s+[\w,.\ ]+|const\s*)?\{
    )""",
    re.VERBOSE,
)


@lru_cache(maxsize=1 << 14)
def is_header(line: str) -> bool:
    """Whether a line looks like the beginning of a definition, in any of the languages."""
    return len(line) <= LONGEST and _HEADER.match(line) is not None


class Definition(NamedTuple):
    """A named part of a file: its lines [start, end), with decorators; `line` is the one that names it."""

    name: str
    start: int
    line: int
    end: int
    kind: str

    @property
    def is_function(self) -> bool:
        """Whether it is a function, and not a class, a type or a constant."""
        return self.kind in _FUNCTIONS

    @property
    def is_class(self) -> bool:
        """Whether it is a class or what its language has instead."""
        return self.kind in _CLASSES


class Outline:
    """The definitions of a file, and the statements that begin on its lines."""

    def __init__(self, file: FileLines, syntax: Syntax | None) -> None:
        self._file = file
        self._syntax = syntax

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate(map(len, self._file.ended), initial=0))

    def _line(self, offset: int) -> int:
        return bisect_right(self._starts, offset) - 1

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """Outer ones before inner ones."""
        if self._syntax is None:
            return ()
        return tuple(
            Definition(
                name, self._line(start), self._line(name_at), self._line(max(start, end - 1)) + 1, kind
            )
            for kind, name, start, name_at, end in self._syntax.definitions(KINDS)
        )

    @cached_property
    def local(self) -> frozenset[int]:
        """The lines that name a definition inside a function."""
        found = []
        end = 0
        for each in self.definitions:
            if each.line < end:
                found.append(each.line)
            elif each.is_function:
                end = each.end
        return frozenset(found)

    @cached_property
    def _by_line(self) -> dict[int, Definition]:
        return {each.line: each for each in reversed(self.definitions)}

    @cached_property
    def _by_name(self) -> dict[str, list[Definition]]:
        found: dict[str, list[Definition]] = defaultdict(list)
        for each in self.definitions:
            found[each.name].append(each)
        return found

    def header_at(self, line: int) -> Definition | None:
        """The definition that is named on a line."""
        return self._by_line.get(line)

    def named_by(self, text: str) -> list[Definition]:
        """The definitions whose first line `text` is likely to be: by name and first word."""
        first = re.match(r"\s*(\w+)", text)
        found = []
        for name in re.findall(r"(\w+)\s*(?:<[^<>]*>)?\s*[(:=\[{]|(?<=class )(\w+)|(?<=struct )(\w+)", text)[
            :2
        ]:
            for each in self._by_name.get(next(filter(None, name), ""), ()):
                line = self._file.lines[each.line]
                words = re.match(r"\s*(\w+)", line)
                alike = first and words and (first[1] == words[1] or {first[1], words[1]} <= _LOOSE_WORDS)
                if alike or (is_header(text) and is_header(line)):
                    found.append(each)
        return found

    def statement_end(self, line: int) -> int:
        """The line after the largest thing that begins on `line`, but the whole file."""
        if self._syntax is None:
            return line + 1
        text = self._file.lines[line]
        offset = self._starts[line] + len(text) - len(text.lstrip())
        ends = [node.end for node in self._syntax.enclosing(offset) if node.start == offset]
        end = self._line(max(max(ends, default=offset) - 1, offset)) + 1
        return end if end < len(self._file) or line > 0 else line + 1


_LOOSE_WORDS = frozenset(
    [
        "async",
        "export",
        "public",
        "private",
        "protected",
        "static",
        "pub",
        "def",
        "function",
        "default",
        "final",
        "abstract",
    ]
)
