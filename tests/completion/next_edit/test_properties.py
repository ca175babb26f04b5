"""Random sessions: what is proposed can be applied, keeps its place, and never takes back what was done.

    TACIT_SESSIONS=20000 pytest tests/completion/next_edit/test_properties.py

plays as many; without it, 300.
"""

from __future__ import annotations

import os
import random

import pytest

from completion.history import History
from completion.next_edit.ensemble import JUMP, NextEdit, next_edit, proposed
from completion.next_edit.moment import Moment
from completion.next_edit.proposal import Proposal, as_edit
from completion.next_edit.vetoes import reverts
from tests.completion.next_edit.support import lines_of
from text.edits import apply
from text.syntax import parse

BLOCKS = max(int(os.environ.get("TACIT_SESSIONS", "300")) // 50, 1)
NAMES = ("total", "count", "item_size", "maxAge", "path", "x")
LINES = (
    "import {a}",
    "from lib import {a}, {b}",
    "{a} = {b} + 1",
    "def {a}({b}, {c}=None):",
    "    return {a}({b}, {c})",
    "    self.{a} = {b}",
    "if {a} == {b}:",
    "    {a}({b}, {c})",
    "    {a}={b},",
    "# {a} of {b}",
    '"{a}": {b},',
    "",
)


def some_line(chance: random.Random) -> str:
    return chance.choice(LINES).format(a=chance.choice(NAMES), b=chance.choice(NAMES), c=chance.choice(NAMES))


def edited(chance: random.Random, text: str) -> str:
    """The text after one edit such as people make."""
    lines = lines_of(text)
    at = chance.randrange(len(lines) + 1)
    kind = chance.randrange(4)
    if kind == 0 and lines:
        old, new = chance.choice(NAMES), chance.choice(NAMES)
        at = min(at, len(lines) - 1)
        lines[at] = lines[at].replace(old, new)
    elif kind == 1 and lines:
        del lines[at : at + chance.randrange(1, 3)]
    elif kind == 2 and lines:
        at = min(at, len(lines) - 1)
        lines[at] = lines[at].replace(",", ", extra,", 1)
    else:
        lines[at:at] = [some_line(chance) for _ in range(chance.randrange(1, 3))]
    return "".join(f"{line}\n" for line in lines)


def session(seed: int) -> tuple[Moment, dict[str, str]]:
    chance = random.Random(seed)
    texts = {
        path: "".join(f"{some_line(chance)}\n" for _ in range(chance.randrange(1, 25)))
        for path in ("a.py", "b.py")
    }
    history = History()
    at = 0.0
    path, line = "a.py", 1
    for _ in range(chance.randrange(1, 6)):
        path = chance.choice(["a.py", "a.py", "b.py"])
        after = edited(chance, texts[path])
        at += chance.choice([0.5, 10.0])
        history.record(path, texts[path], after, at)
        texts[path] = after
        line = chance.randrange(len(lines_of(after)) + 1) + 1
    files = {name: lines_of(text) for name, text in texts.items()}
    return Moment(files, history.changes(), path, line), texts


@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_sessions(block: int) -> None:
    for seed in range(50 * block, 50 * block + 50):
        state, texts = session(seed)
        for one in proposed(state):
            lines = state.files[one.path]
            assert 1 <= one.start <= one.end <= len(lines) + 1, (seed, one)
            assert apply(texts[one.path], [as_edit(one, texts[one.path])]) == "".join(
                f"{line}\n" for line in one.result(lines)
            ), (seed, one)
        answer = next_edit(state, precision=0)
        if isinstance(answer, NextEdit) and answer.proposal.kind == JUMP:
            lines = state.files[answer.proposal.path]
            assert answer.proposal.result(lines) == lines, seed
        elif isinstance(answer, NextEdit):
            assert_harmless(state, answer.proposal, texts[answer.proposal.path], seed)


def assert_harmless(state: Moment, proposal: Proposal, text: str, seed: int) -> None:
    edit = as_edit(proposal, text)
    after = apply(text, [edit])
    assert after != text, seed
    assert after.startswith(text[: edit.start]), seed
    assert after.endswith(text[edit.end :]), seed
    assert not reverts(state, proposal), seed
    before_tree, after_tree = parse(text, "python"), parse(after, "python")
    assert before_tree
    assert after_tree
    assert after_tree.error_count <= before_tree.error_count, seed


def test_the_last_edit_survives_whatever_is_shown() -> None:
    """What the last change wrote stands in the text after the next edit too."""
    shown = 0
    for seed in range(300, 420):
        state, texts = session(seed)
        answer = next_edit(state, precision=0)
        if not isinstance(answer, NextEdit) or not state.recent:
            continue
        shown += 1
        last = state.recent[-1]
        proposal = answer.proposal
        if last.path != proposal.path or not last.new:
            continue
        after = proposal.result(lines_of(texts[last.path]))
        moved = len(proposal.new) - proposal.old_count if proposal.start < last.start else 0
        start = last.start - 1 + moved
        assert tuple(after[start : start + len(last.new)]) == last.new, seed
    assert shown > 30


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("final", [True, False])
def test_an_edit_keeps_the_files_line_ends(ending: str, final: bool) -> None:
    text = ending.join(["one", "two", "three"]) + (ending if final else "")
    lines = ["one", "two", "three"]
    for start in range(1, 5):
        for count in range(5 - start):
            for new in ((), ("new",), ("a", "b")):
                proposal = Proposal("a.py", start, count, new, "replace")
                after = apply(text, [as_edit(proposal, text)])
                wanted = proposal.result(lines)
                assert after == ending.join(wanted) + (ending if final and wanted else ""), proposal


def test_lines_that_are_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match="lines 3 to 4"):
        as_edit(Proposal("a.py", 3, 2, (), "delete"), "one\ntwo\nthree\n")
