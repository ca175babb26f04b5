from __future__ import annotations

import random

import pytest

from text.syntax import parse
from training.data.cuts import BLOCK_LINES, Cut, Lines, cuts

TEXT = '''\
import os

# A comment that nobody could guess, and another one behind it.
def first(items, limit):
    """What it does."""
    for item in items:
        if item > limit:
            print(item, os.sep)

            break
    return items[:limit]


def second(value):
    return first([value], limit=value + 1)
'''


def drawn(count: int = 400) -> list[Cut]:
    return list(cuts(TEXT, parse(TEXT, "python"), count, random.Random(1)))


def of(kind: str) -> list[Cut]:
    return [cut for cut in drawn() if cut.kind == kind]


def test_same_chance_same_cuts() -> None:
    assert drawn() == drawn()
    assert {cut.kind for cut in drawn()} == {"char", "token", "line", "block", "node"}


def test_no_cut_comes_twice() -> None:
    places = [(cut.start, cut.end) for cut in drawn()]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("kind", ["char", "token", "line"])
def test_one_line_cuts_end_with_their_line(kind: str) -> None:
    for cut in of(kind):
        assert "\n" not in TEXT[cut.start : cut.end]
        assert TEXT[cut.end] == "\n"


def test_lines_are_cut_behind_their_indentation() -> None:
    for cut in of("line"):
        assert not TEXT[: cut.start].rpartition("\n")[2].strip()
        assert not TEXT[cut.start].isspace()


def test_nodes_are_whole() -> None:
    texts = {TEXT[cut.start : cut.end] for cut in of("node")}
    assert "items[:limit]" in texts
    assert all(text == text.strip() and 8 <= len(text) <= 600 for text in texts)


def test_skipped_lines_belong_to_neither_side() -> None:
    assert any(cut.skipped for cut in drawn())
    for cut in drawn():
        gap = TEXT[cut.end : cut.resume]
        assert gap.count("\n") == cut.skipped
        assert cut.end == cut.resume or TEXT[cut.resume] == "\n"


@pytest.mark.parametrize(
    ("line", "last"),
    [("for item", "return items"), ("if item", "break"), ("print(", "break"), ("break", "break")],
)
def test_a_block_ends_where_indentation_falls(line: str, last: str) -> None:
    number = {text.strip(): index for index, text in enumerate(TEXT.split("\n"))}
    starts = {word: next(at for text, at in number.items() if text.startswith(word)) for word in (line, last)}
    assert Lines(TEXT).block_end(starts[line], BLOCK_LINES) == starts[last]


def test_a_block_is_no_longer_than_its_limit() -> None:
    assert Lines("x\n" * 40).block_end(5, BLOCK_LINES) == 5 + BLOCK_LINES


def test_comments_are_rare() -> None:
    comment = range(TEXT.index("# A") + 2, TEXT.index("def first"))
    with_syntax = sum(
        cut.start in comment for seed in range(40) for cut in _cuts(seed, parse(TEXT, "python"))
    )
    without = sum(cut.start in comment for seed in range(40) for cut in _cuts(seed, None))
    assert with_syntax < without / 3


def _cuts(seed: int, syntax: object) -> list[Cut]:
    return list(cuts(TEXT, syntax, 10, random.Random(seed)))  # type: ignore[arg-type]
