from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.history import History
from training.data.build import Log
from training.data.examples import SearchPair
from training.data.exclusions import EvaluationText
from training.data.repositories import Source
from training.data.search_pairs import Builder, clean_subject, first_sentence

PYTHON = '''def retry(call, attempts):
    """Call again until it works. Gives up in the end."""
    for _ in range(attempts):
        call()


def undocumented(x):
    y = x
    return y
'''
GO = """package a

// Flush writes what is left to the disk.
func Flush(file *File) error {
	file.write()
	return nil
}
"""


@pytest.fixture
def history(tmp_path: Path) -> History:
    history = History(tmp_path)
    history.commit("Begin", {"a.py": PYTHON, "b.go": GO, "vendor/c.py": PYTHON})
    history.commit("Wait between the attempts (#12)", {"a.py": PYTHON.replace("call()", "call(); wait()")})
    return history


def built(history: History, evaluation: EvaluationText | None = None) -> list[SearchPair]:
    source = Source("owner/name", "Python", "MIT", history.head, "train")
    return list(Builder(evaluation or EvaluationText()).examples(source, history.bare, Log(frozenset())))


def test_documentation_and_commits_with_their_functions(history: History) -> None:
    pairs = {(pair.kind, pair.query, pair.name) for pair in built(history)}
    assert pairs == {
        ("doc", "Call again until it works", "retry"),
        ("doc", "Flush writes what is left to the disk", "Flush"),
        ("commit", "Wait between the attempts", "retry"),
    }


def test_the_answer_does_not_hold_the_question(history: History) -> None:
    for pair in built(history):
        assert pair.query not in pair.code
        assert "Gives up" not in pair.code


def test_copies_of_evaluation_files_are_left_out(history: History) -> None:
    text = PYTHON.replace("call()", "call(); wait()")
    assert {pair.path for pair in built(history, EvaluationText([text, PYTHON]))} == {"b.go"}


def test_the_same_bytes_every_time(history: History) -> None:
    assert built(history) == built(history)


@pytest.mark.parametrize(
    ("doc", "sentence"),
    [
        ("Opens a file. Closes it.", "Opens a file"),
        ("Opens a file\n\nand more", "Opens a file"),
        ("Uses v1.2 of it", "Uses v1.2 of it"),
        ("Gets {@code x} of <b>it</b>\n@param x what", "Gets x of it"),
        ("@param x what", ""),
        ("", ""),
    ],
)
def test_first_sentence(doc: str, sentence: str) -> None:
    assert first_sentence(doc) == sentence


@pytest.mark.parametrize(
    ("subject", "cleaned"),
    [
        ("fix(http): close idle connections (#123)", "close idle connections"),
        ("[core] Read once.", "Read once"),
        ("Add retries", "Add retries"),
    ],
)
def test_clean_subject(subject: str, cleaned: str) -> None:
    assert clean_subject(subject) == cleaned
