"""Syntax trees by tree-sitter: is it well formed, what is the cursor in, what surrounds it.

Offsets are code points outside and bytes inside, converted by `text.positions.ByteMap`.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from text.edits import Edit, EditError, validate
from text.languages import grammar
from text.positions import ByteMap, to_utf8

if TYPE_CHECKING:
    import tree_sitter

Scope = Literal["code", "comment", "string"]

_COMMENTS = frozenset(
    ["comment", "line_comment", "block_comment", "html_comment", "hash_bang_line", "shebang"]
)
_STRINGS = frozenset(
    [
        "string",
        "string_literal",
        "raw_string_literal",
        "interpreted_string_literal",
        "system_lib_string",
        "template_string",
        "template_literal_type",
        "char_literal",
        "character_literal",
        "rune_literal",
        "regex",
    ]
)
# Code again, inside a string.
_HOLES = frozenset(["interpolation", "string_interpolation", "template_substitution", "template_type"])

# What stands around a definition and is part of it.
_WRAPPERS = frozenset(["decorated_definition", "export_statement", "template_declaration"])

# What opens a string or comment, and whether it may run over the end of its line.
_OPENERS: tuple[tuple[bytes, Scope, bool], ...] = (
    (b'"""', "string", True),
    (b"'''", "string", True),
    (b"`", "string", True),
    (b"/*", "comment", True),
    (b'"', "string", False),
    (b"'", "string", False),
)


class Node(NamedTuple):
    """A named node of the grammar over the text [start, end), in code points."""

    kind: str
    start: int
    end: int


class Syntax:
    """The syntax tree of one text."""

    def __init__(self, language: str, tree: tree_sitter.Tree, source: ByteMap) -> None:
        self.language = language
        self._tree = tree
        self._source = source
        self._data = source.parseable

    @property
    def has_error(self) -> bool:
        """Whether anything did not parse; immediate, where `error_count` has to search."""
        return self._tree.root_node.has_error

    @cached_property
    def error_count(self) -> int:
        """ERROR and MISSING nodes, each counted, also one inside another."""
        count = 0
        pending = [self._tree.root_node]
        while pending:
            node = pending.pop()
            if node.has_error:
                count += node.is_error or node.is_missing
                pending += node.children
        return count

    @cached_property
    def errors(self) -> list[tuple[int, int]]:
        """Where something did not parse, as [start, end), outermost only; empty for what is missing."""
        source = self._source
        return sorted(
            (source.offset(each.start_byte), source.offset(each.end_byte)) for each in self._errors()
        )

    @property
    def widest_error(self) -> int:
        """The most nodes that stand side by side in what did not parse."""
        return max((each.child_count for each in self._errors()), default=0)

    def _errors(self) -> Iterator[tree_sitter.Node]:
        pending = [self._tree.root_node]
        while pending:
            node = pending.pop()
            if node.is_error or node.is_missing:
                yield node
            elif node.has_error:
                pending += node.children

    def is_deeper_than(self, depth: int) -> bool:
        """Whether nodes stand in nodes more often than that."""
        cursor = self._tree.walk()
        while True:
            if cursor.goto_first_child():
                if cursor.depth > depth:
                    return True
                continue
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    return False

    def scope(self, offset: int) -> Scope:
        """What a character typed at `offset` would be part of.

        Where the end of a string or comment is still missing the tree knows neither: what opened it decides.
        """
        byte = self._source.byte(offset)
        for node in self._before(byte):
            inside = node.start_byte < byte < node.end_byte
            if node.type in _HOLES and inside:
                return "code"
            if node.type in _STRINGS and node.is_named and (inside or _lacks_its_end(node)):
                return "string"
            if node.type in _COMMENTS and (inside or self._runs_on(node)):
                return "comment"
        return self._unclosed(byte) if self.has_error else "code"

    def enclosing(self, offset: int) -> tuple[Node, ...]:
        """The nodes around the token that ends at `offset`, or else starts there; innermost first."""
        byte = self._source.byte(offset)
        ends_token = byte > 0 and not self._data[byte - 1 : byte].isspace()
        chain = self._before(byte) if ends_token else self._at(byte)
        return tuple(self._to_node(node) for node in chain if node.is_named)

    def definitions(self, kinds: Container[str]) -> Iterator[tuple[str, str, int, int, int]]:
        """The named nodes of these kinds as (kind, name, start, start of the name, end), outer before inner.

        A definition starts with its decorators and with `export`, if it has any.
        """
        cursor = self._tree.walk()
        outer: list[tree_sitter.Node] = []
        while cursor.node is not None:
            node = cursor.node
            if node.type in kinds and (name := _name_of(node)) is not None:
                start = outer[-1].start_byte if outer and outer[-1].type in _WRAPPERS else node.start_byte
                text = self._data[name.start_byte : name.end_byte].decode("utf-8", "replace")
                ends = self._source.offset(start), self._source.offset(name.start_byte)
                yield node.type, text, *ends, self._source.offset(node.end_byte)
            # What stands on one line may be a definition, but holds none that matters.
            if node.start_point.row < node.end_point.row and cursor.goto_first_child():
                outer.append(node)
                continue
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    return
                outer.pop()

    def _to_node(self, node: tree_sitter.Node) -> Node:
        return Node(node.type, self._source.offset(node.start_byte), self._source.offset(node.end_byte))

    def _before(self, byte: int) -> list[tree_sitter.Node]:
        """Every node that holds the byte before `byte`, innermost first; none at the start of the text."""
        return self._at(byte - 1) if byte else []

    def _at(self, byte: int) -> list[tree_sitter.Node]:
        """Every node that holds `byte`, innermost first, and always the root."""
        cursor = self._tree.walk()
        chain = []
        while cursor.node is not None:
            chain.append(cursor.node)
            if cursor.goto_first_child_for_byte(byte) is None or cursor.node.start_byte > byte:
                break
        return chain[::-1]

    def _runs_on(self, comment: tree_sitter.Node) -> bool:
        """Whether what is typed right behind a comment still belongs to it."""
        return not self._data[comment.start_byte : comment.end_byte].endswith((b"*/", b"-->", b"\n"))

    def _unclosed(self, byte: int) -> Scope:
        line = self._data.rfind(b"\n", 0, byte) + 1
        for opener, scope, over_lines in _OPENERS:
            at = self._data.rfind(opener, 0 if over_lines else line, byte)
            if at >= 0 and self._is_loose(at, opener):
                return "code" if self._in_hole(at, byte) else scope
        return "code"

    def _in_hole(self, opener: int, byte: int) -> bool:
        """Whether a brace of an interpolated string whose `opener` is loose stands open as well."""
        token = self._at(opener)[0]
        prefix = self._data[token.start_byte : token.end_byte].lower()
        hole = self._data.rfind(b"{", opener, byte)
        return (
            prefix.startswith((b"`", b"f", b"rf", b"t"))
            and hole > self._data.rfind(b"}", opener, byte)
            and self._is_loose(hole, b"{")
        )

    def _is_loose(self, byte: int, opener: bytes) -> bool:
        """Whether the token at `byte` is `opener` and belongs to nothing but what did not parse."""
        token, *around = self._at(byte)
        if opener == b"/*" and token.type == "/":  # these operators never follow each other in what parses
            return True
        return bool(around) and around[0].is_error and token.end_byte <= byte + len(opener)


def _name_of(node: tree_sitter.Node) -> tree_sitter.Node | None:
    """What a definition is called; in C inside one or more declarators, in Rust perhaps a type."""
    name = node.child_by_field_name("name") or node.child_by_field_name("type")
    inner = node.child_by_field_name("declarator")
    while name is None and inner is not None:
        if inner.type.endswith("identifier"):
            return inner
        inner = inner.child_by_field_name("declarator")
    return name


def _lacks_its_end(node: tree_sitter.Node) -> bool:
    return node.child_count > 0 and node.children[-1].is_missing


def parse(text: str, language: str, old: Syntax | None = None, edits: Sequence[Edit] = ()) -> Syntax | None:
    """The tree of `text`, or None for plain text ("").

    With `old`, the tree of the text before `edits`, only what changed is parsed anew; the tree is the one
    that a fresh parse gives, except that broken code may be recovered from in another way. Raises EditError
    where `edits` do not lead from the old text's length to this one's, and KeyError for an unknown language.
    """
    if not language:
        return None
    import tree_sitter

    parser = tree_sitter.Parser(grammar(language))
    source = ByteMap(text)
    if old is None or old.language != language:
        return Syntax(language, parser.parse(source.parseable), source)
    tree = old._tree.copy()
    for change in reversed(list(_changes(old, edits, len(text), source.parseable))):
        tree.edit(*change)
    return Syntax(language, parser.parse(source.parseable, tree), source)


_Point = tuple[int, int]


def _changes(
    old: Syntax, edits: Sequence[Edit], length: int, data: bytes
) -> Iterator[tuple[int, int, int, _Point, _Point, _Point]]:
    """The arguments of tree-sitter's `edit` for each edit, as if the ones before it were still to come."""
    validate(edits, len(old._source))
    if len(old._source) + sum(len(edit.new) - (edit.end - edit.start) for edit in edits) != length:
        raise EditError(f"the edits do not lead from {len(old._source)} characters to {length}")
    shift = done = 0
    for edit in edits:
        start, end = old._source.byte(edit.start), old._source.byte(edit.end)
        size = len(to_utf8(edit.new))
        if start > done and old._data[start - 1] in b"\r\n":
            # A \r is shown as \n or not by what follows it, which just changed.
            start -= 1
            size += 1
        first, last = _point(old._data, start), _point(old._data, end)
        rows, column = _point(data[start + shift : start + shift + size], size)
        yield start, end, start + size, first, last, (first[0] + rows, column if rows else first[1] + column)
        shift += size - (end - start)
        done = end


def _point(data: bytes, byte: int) -> _Point:
    return data.count(b"\n", 0, byte), byte - data.rfind(b"\n", 0, byte) - 1
