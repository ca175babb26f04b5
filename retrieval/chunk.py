"""A file cut into chunks: its definitions, and what stands between them; the units of the index.

Chunks are in order, do not overlap, and every line with a word on it is in one of them. A chunk's hash and
fields but its position depend on the chunk alone and on what encloses it, so that an edit elsewhere in the
file leaves them as they are. Change RECIPE whenever the same file would be cut or described otherwise.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

import msgspec
import xxhash

from retrieval.describe import doc_of, signature_of
from text.languages import language_of
from text.lines import split_lines
from text.outline import Definition, Outline, outline
from text.positions import ByteMap

RECIPE = "chunk-1"
LINES = 60
CHARACTERS = 1800
LEAD = 3
DEPTH = 30  # definitions within definitions; what is deeper is part of what is around it


class Chunk(msgspec.Struct, frozen=True):
    """The code points [start, end) of a file, which are on the lines [start_line, end_line), from 0."""

    hash: bytes  # 16 bytes of xxh3 over the recipe, the language and all fields below but the last two
    start: int
    end: int
    start_line: int
    end_line: int
    kind: str  # function, method, class, module, type; block: code outside of these; text: no language
    name: str  # "" for blocks and text
    context: str  # qualified, with the name itself: "Class.method"; "" at top level
    signature: str  # on one line, without decorators and body; "" for blocks and text
    doc: str  # doc string or comment above, without its marks
    text: str
    part: int  # 0, or for the second and later pieces of one definition 1, 2, ...
    head: int = 0  # lines from its first to that of the definition, below comments; -1 where part > 0


def chunk_file(path: str, text: str, language: str | None = None) -> list[Chunk]:
    """Cut a file; `language` is one of `text.languages`, "" for plain text, None to go by `path`."""
    if language is None:
        language = _sniffed(language_of(path=path), text)
    return list(_Cutter(text, language).chunks())


_CPP_IN_A_HEADER = re.compile(r"^\s*(?:class|namespace|template|using|public:|private:)\b", re.MULTILINE)


def _sniffed(language: str, text: str) -> str:
    """C headers are C++ where they look like it."""
    return "cpp" if language == "c" and _CPP_IN_A_HEADER.search(text) else language


class _Scope(NamedTuple):
    """A definition on the lines [first, end), its comment above included, and what is defined within."""

    definition: Definition
    kind: str
    context: str
    first: int
    end: int
    inner: list[_Scope]


class _Cutter:
    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.language = language
        self.lines = split_lines(text)
        self.starts = list(accumulate(map(len, self.lines), initial=0))
        self.bytes = ByteMap(text)
        # By the line after a comment that has its lines for itself: the comment's first.
        self._comments: dict[int, int] = {}
        self.data = self.bytes.parseable

    def chunks(self) -> Iterator[Chunk]:
        yield from self._between(0, len(self.lines), self._scopes(), None)

    def _scopes(self) -> list[_Scope]:
        """The outermost definitions; one that begins on the line of another is part of that."""
        if not self.language:
            return []
        found = outline(self.data, self.language)
        self._note_comments(found)
        top: list[_Scope] = []
        around: list[_Scope] = []
        free = 0  # the first line after the definitions so far
        for each in found.definitions:
            while around and around[-1].definition.end <= each.start:
                free = max(free, around.pop().end)
            parent = around[-1] if around else None
            line = self._line(each.start)
            lowest = max(free, self._line(parent.definition.body) if parent else 0)
            inside = parent is not None and line <= self._line(parent.definition.start)
            if line < lowest or inside or len(around) > DEPTH:
                continue
            scope = _Scope(
                each,
                _kind(each, parent),
                _context(each, parent),
                self._comment_above(line, lowest),
                self._line(max(each.end - 1, each.start)) + 1,
                [],
            )
            (parent.inner if parent else top).append(scope)
            around.append(scope)
        return top

    def _note_comments(self, found: Outline) -> None:
        for start, end in found.comments:
            first = self._line(start)
            if not self.lines[first][: self.bytes.offset(start) - self.starts[first]].strip():
                self._comments[self._line(max(end - 1, start)) + 1] = first

    def _line(self, byte: int) -> int:
        return bisect_right(self.starts, self.bytes.offset(byte)) - 1

    def _comment_above(self, line: int, lowest: int) -> int:
        """The first line of the comments that end right above `line`."""
        while (above := self._comments.get(line, -1)) >= lowest:
            line = above
        return line

    def _between(
        self, first: int, end: int, scopes: Sequence[_Scope], owner: _Scope | None
    ) -> Iterator[Chunk]:
        """The lines [first, end): each of `scopes` for itself, and what lies between as the owner's."""
        part = 0
        for scope in scopes:
            start = scope.first if part == 0 and owner else self._lead(first, scope.first)
            for piece in self._pieces(first, start):
                yield self._chunk(piece, owner, part)
                part += 1
            whole = scope.kind not in ("class", "module") and self._fits(start, scope.end)
            yield from self._between(start, scope.end, [] if whole else scope.inner, scope)
            first = scope.end
        for piece in self._pieces(first, end):
            yield self._chunk(piece, owner, part)
            part += 1

    def _lead(self, first: int, line: int) -> int:
        """Where the lines that are no chunk of their own begin above the definition at `line`.

        They are LEAD at the most, none of them blank, with nothing but blank lines from `first` to them: such
        as the two lines that open a property and its getter.
        """
        while first < line and not self.lines[first].strip():
            first += 1
        return first if line - first <= LEAD and all(map(str.strip, self.lines[first:line])) else line

    def _fits(self, first: int, end: int) -> bool:
        return end - first <= LINES and self.starts[end] - self.starts[first] <= CHARACTERS

    def _pieces(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        """[first, end) as ranges of code points within the limits, without blank lines at their ends.

        A cut is made where lines are blank and little indented; which of several equal places it is, their
        text decides. So cuts beyond an edit fall where they fell before.
        """
        while first < end:
            stop = end if self._fits(first, end) else self._cut(first, end)
            text = self.text[self.starts[first] : self.starts[stop]]
            if _WORD.search(text):
                start = self.starts[first] + len(text) - len(text.lstrip("\r\n\f "))
                start = self.starts[bisect_right(self.starts, start) - 1]
                last = self.starts[first] + len(text.rstrip())
                yield from ((at, min(at + CHARACTERS, last)) for at in range(start, last, CHARACTERS))
            first = stop

    def _cut(self, first: int, end: int) -> int:
        """Where the piece from line `first` ends: the best place in the latter two thirds of what fits."""
        limit = bisect_right(self.starts, self.starts[first] + CHARACTERS) - 1
        limit = max(min(limit, first + LINES, end), first + 1)
        return max(range(first + 1 + (limit - first) // 3, limit + 1), key=self._worth, default=limit)

    def _worth(self, line: int) -> tuple[bool, int, int]:
        """How good it is to cut before `line`."""
        if line >= len(self.lines):
            return (True, 0, 0)
        text = self.lines[line]
        body = text.lstrip()
        return (
            bool(body) and not self.lines[line - 1].strip(),
            len(body) - len(text) if body else -1000,
            xxhash.xxh32_intdigest(body.encode("utf-8", "surrogatepass")),
        )

    def _chunk(self, piece: tuple[int, int], owner: _Scope | None, part: int) -> Chunk:
        start, end = piece
        text = self.text[start:end]
        kind, name, context, signature, doc = "block" if self.language else "text", "", "", "", ""
        head = -1 if part else 0
        if owner is not None:
            each = owner.definition
            kind, context = owner.kind, owner.context
            name = context.rpartition(".")[2]
            signature = signature_of(self.data[each.head : each.body])
            if part == 0:
                head = self._line(each.head) - bisect_right(self.starts, start) + 1
                above = self.text[
                    self.starts[self._comment_above(self._line(each.start), 0)] : self.bytes.offset(
                        each.start
                    )
                ]
                doc = doc_of(above, self.data[each.body : each.body + 4096], self.language)
        fields = (RECIPE, self.language, kind, context, signature, doc, text)
        key = "\0".join(fields).encode("utf-8", "surrogatepass")
        lines = bisect_right(self.starts, start) - 1, bisect_right(self.starts, max(start, end - 1))
        where = start, end, *lines
        return Chunk(
            xxhash.xxh3_128_digest(key), *where, kind, name, context, signature, doc, text, part, head
        )


def _kind(definition: Definition, parent: _Scope | None) -> str:
    in_type = parent is not None and parent.kind in ("class", "type")
    return "method" if definition.kind == "function" and (in_type or definition.owner) else definition.kind


def _context(definition: Definition, parent: _Scope | None) -> str:
    words = re.findall(r"[\w$~]+", definition.name)
    own = [word for word in words[:-1] if word not in _NO_SCOPES] + words[-1:]
    return ".".join(filter(None, [parent.context if parent else definition.owner, *own]))


_NO_SCOPES = frozenset(["this", "self", "prototype", "module", "exports"])
_WORD = re.compile(r"\w")
