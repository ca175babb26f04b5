from __future__ import annotations

import random
import statistics
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.text.properties import steady
from tests.text.reference import ALPHABET, lines_of, offset_of, position_of
from text.document import Document
from text.edits import Edit, EditError, ReversedRangeError, apply
from text.lines import split_lines
from text.positions import Encoding, Position, column_from_units, units_from_column

DOCUMENTS = 10_000
EDITS = 5


def lines(document: Document) -> list[str]:
    return [document.line(index) for index in range(document.line_count)]


def random_text(rng: random.Random, length: int) -> str:
    return "".join(rng.choices(ALPHABET, k=rng.randrange(length)))


def random_range(rng: random.Random, line_count: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Line and units of two places in order, some of them outside the document."""
    places = [(rng.randrange(line_count + 2), rng.randrange(12)) for _ in range(2)]
    start, end = sorted(places)
    return start, end


def place(document: Document, line: int, units: int, encoding: Encoding) -> Position:
    """An LSP position as the server will read it."""
    text = document.line(line) if line < document.line_count else ""
    return Position(line, column_from_units(text, units, encoding))


@pytest.mark.slow
@pytest.mark.parametrize("block", [4, 512])
@pytest.mark.parametrize("encoding", Encoding)
def test_fuzz_against_the_reference(block: int, encoding: Encoding, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random documents, edited as clients of each encoding would; small blocks have many seams."""
    monkeypatch.setattr("text.lines.BLOCK", block)
    monkeypatch.setattr("text.document.BLOCK", block)
    rng = random.Random(f"{block} {encoding}")
    for _ in range(DOCUMENTS):
        text = random_text(rng, 60)
        document = Document.create("file:///x", text)
        for version in range(1, EDITS + 1):
            start, end = random_range(rng, document.line_count)
            new = random_text(rng, rng.choice([2, 2, 8, 60]))
            text = text[: offset_of(text, *start, encoding)] + new + text[offset_of(text, *end, encoding) :]
            document = document.replace(
                place(document, *start, encoding), place(document, *end, encoding), new, version
            )
            check(document, text, encoding, rng)


def check(document: Document, text: str, encoding: Encoding, rng: random.Random) -> None:
    """Everything that can be asked of a document, at a random place."""
    assert document.text == text
    assert lines(document) == lines_of(text)
    assert len(document) == len(text)
    start, end = sorted(rng.randrange(len(text) + 1) for _ in range(2))
    assert document.slice(start, end) == text[start:end]
    position = document.position(start)
    units = units_from_column(document.line(position.line), position.column, encoding)
    assert (position.line, units) == position_of(text, start, encoding)
    assert document.offset(place(document, position.line, units, encoding)) == offset_of(
        text, position.line, units, encoding
    )


TEXT = st.lists(st.sampled_from(ALPHABET)).map("".join)


@steady
@given(TEXT)
def test_lines_are_split_as_in_the_reference(text: str) -> None:
    assert split_lines(text) == lines_of(text)


@steady
@given(TEXT, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), TEXT), max_size=5))
def test_apply_agrees_with_the_algebra(text: str, raw: list[tuple[int, int, str]]) -> None:
    edits: list[Edit] = []
    for start, length, new in sorted(raw):
        edit = Edit(start, start + length, new)
        if edit.end <= len(text) and (not edits or edits[-1].end <= start):
            edits.append(edit)
    document = Document.create("file:///x", text, 1, "python").apply(edits, 2)
    assert document.text == apply(text, edits)
    assert lines(document) == lines_of(document.text)
    assert (document.uri, document.version, document.language) == ("file:///x", 2, "python")


@pytest.mark.parametrize(
    ("text", "start", "end", "new", "expected"),
    [
        ("a\rb", (1, 0), (1, 0), "\n", ["a\r\n", "b"]),  # \r and \n become one ending
        ("a\r\nb", (0, 1), (0, 1), "x", ["ax\r\n", "b"]),
        ("a\r", (9, 9), (9, 9), "\n", ["a\r\n", ""]),
        ("a\nb", (0, 1), (0, 1), "\r", ["a\r\n", "b"]),
        ("a\r\nb", (0, 1), (1, 0), "\r", ["a\r", "b"]),
        ("a\rb\nc", (1, 0), (1, 1), "", ["a\r\n", "c"]),  # a deletion joins them
        ("", (0, 0), (0, 0), "a\n", ["a\n", ""]),
        ("a\nb\n", (0, 0), (9, 0), "", [""]),
        ("a\n", (0, 7), (0, 9), "x", ["ax\n", ""]),
        ("a\n", (-1, 0), (0, -3), "x", ["xa\n", ""]),
    ],
)
def test_line_endings_at_the_edges_of_a_change(
    text: str, start: tuple[int, int], end: tuple[int, int], new: str, expected: list[str]
) -> None:
    document = Document.create("file:///x", text).replace(Position(*start), Position(*end), new, 1)
    assert lines(document) == expected


def test_an_edit_between_the_halves_of_an_ending() -> None:
    document = Document.create("file:///x", "a\r\nb").apply([Edit(2, 2, "x")], 1)
    assert lines(document) == ["a\r", "x\n", "b"]
    assert lines(document.apply([Edit(2, 3, "")], 2)) == ["a\r\n", "b"]


def test_a_change_leaves_the_old_document_alone() -> None:
    old = Document.create("file:///x", "one\ntwo\n", version=0)
    new = old.replace(Position(0, 0), Position(1, 0), "", version=0)
    assert (old.text, new.text) == ("one\ntwo\n", "two\n")


def test_positions_are_clamped() -> None:
    document = Document.create("file:///x", "ab\r\ncd")
    assert document.offset(Position(0, 99)) == 2
    assert document.offset(Position(99, 0)) == 6
    assert document.position(3) == Position(0, 2)
    assert document.position(99) == Position(1, 2)
    assert document.position(-1) == Position(0, 0)


def test_bad_requests_are_refused_by_name() -> None:
    document = Document.create("file:///x", "ab\ncd")
    with pytest.raises(ReversedRangeError, match="before it starts"):
        document.replace(Position(1, 0), Position(0, 1), "", 1)
    with pytest.raises(EditError):
        document.apply([Edit(0, 6, "")], 1)
    with pytest.raises(IndexError):
        document.line(2)
    with pytest.raises(IndexError):
        document.line(-1)


@pytest.mark.parametrize(
    ("text", "eol"),
    [
        ("", "\n"),
        ("a", "\n"),
        ("a\nb\r\nc\r\n", "\r\n"),
        ("a\r\nb\n", "\n"),
        ("a\rb\r", "\r"),
        ("\f\u2028\r\n", "\r\n"),
    ],
)
def test_eol_is_what_most_lines_have(text: str, eol: str) -> None:
    assert Document.create("file:///x", text).eol == eol


def test_blocks_neither_grow_nor_crumble() -> None:
    rng = random.Random(7)
    document = Document.create("file:///x", "line\n" * 20_000)
    for version in range(400):
        start = rng.randrange(document.line_count)
        end = start + rng.choice([0, 0, 5, 600])
        new = "new\n" * rng.choice([0, 0, 5, 550])
        document = document.replace(Position(start, 0), Position(end, 0), new, version)
    sizes = [len(block.lines) for block in document._blocks]
    assert max(sizes) <= 1024
    assert statistics.median(sizes) >= 128


def test_many_edits_at_once_are_one_rebuild() -> None:
    text = "abc\r\n" * 5000
    edits = [Edit(start, start + 1, "\r") for start in range(0, len(text), 5)]
    document = Document.create("file:///x", text).apply(edits, 1)
    assert document.text == apply(text, edits)
    assert document.line_count == 10_001


def test_typing_in_a_large_document_is_fast() -> None:
    document = Document.create("file:///x", "    value = compute(1, 'abc')  # é😀\n" * 50_000)
    rng = random.Random(1)
    times = []
    for version in range(300):
        at = Position(rng.randrange(50_000), 5)
        begun = time.perf_counter()
        document = document.replace(at, at, rng.choice("x\n"), version)
        times.append(time.perf_counter() - begun)
    assert statistics.median(times) <= 0.001
