from __future__ import annotations

import random
import statistics
from pathlib import Path

import pytest

from bench.client import Client
from bench.editor import Editor
from bench.latency import WORKDAY, strokes
from bench.session import SessionError, keystrokes, load, pause_after, unpack
from lsp_server.cli.demo import SESSION
from text.languages import language_of
from text.syntax import parse


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("ab", ["a", "b"]),
        ("a:\n    b\n", ["a", ":", "\n    ", "b", "\n"]),
        ("\n\n\tx", ["\n", "\n\t", "x"]),
        ("x  \n", ["x", " ", " ", "\n"]),
        ("", []),
    ],
)
def test_a_new_line_brings_its_indentation(text: str, keys: list[str]) -> None:
    assert keystrokes(text) == keys


def test_the_gaps_are_as_long_as_was_asked_for() -> None:
    rng = random.Random(0)
    gaps = [pause_after("x", 0.12, rng) for _ in range(2000)]
    assert 0.11 < statistics.median(gaps) < 0.13
    assert all(gap > 0 for gap in gaps)
    assert statistics.median(pause_after("\n    ", 0.12, rng) for _ in range(2000)) > 0.25


def test_the_working_day_has_three_hundred_keys_of_every_kind(client: Client, tmp_path: Path) -> None:
    session = load(WORKDAY)
    keys = list(strokes(session, Editor(client, unpack(WORKDAY, session, tmp_path))))
    assert len(keys) == 300
    assert {"undo", "backspace", "move"} < set(keys)
    assert len(session.files) == 3


def test_what_the_demo_writes_is_right(client: Client, tmp_path: Path) -> None:
    session = load(SESSION)
    editor = Editor(client, unpack(SESSION, session, tmp_path))
    for _ in strokes(session, editor):
        pass
    for name in session.files:
        editor.visit(name)
        syntax = parse(editor.document.text, language_of(path=name))
        assert syntax is not None
        assert not syntax.has_error, name


@pytest.mark.parametrize(
    "text",
    ["folder = 1", "folder = 'x'\nstep = []", "folder = 'x'\n[[step]]\ntype = 'a'", "nonsense"],
)
def test_a_broken_session_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "session.toml"
    path.write_text(text)
    with pytest.raises(SessionError, match=r"session\.toml"):
        load(path)
