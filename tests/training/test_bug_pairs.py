from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.history import History
from text.syntax import parse
from training.data.bug_operators import KINDS
from training.data.bug_pairs import Builder, Limits, is_fix, kind_of
from training.data.build import Log
from training.data.examples import BugPair
from training.data.exclusions import EvaluationText
from training.data.git import Commit
from training.data.repositories import Source

PYTHON = """import os


class Shelf:
    def find(self, items, wanted):
        \"\"\"Return the place if a == b or not.\"\"\"
        for index in range(len(items) - 1):
            if items[index] == wanted and not self.closed:
                return index + self.offset
        return None
"""
GO = """package shelf

func Find(items []int, wanted int) int {
\tfor i := 0; i < len(items); i++ {
\t\tif items[i] == wanted && !closed {
\t\t\treturn i
\t\t}
\t}
\treturn -1
}
"""


@pytest.fixture
def history(tmp_path: Path) -> History:
    history = History(tmp_path)
    history.commit("Begin", {"shelf.py": PYTHON, "shelf.go": GO, "test_shelf.py": PYTHON})
    return history


def built(history: History, evaluation: EvaluationText | None = None) -> tuple[list[BugPair], Log]:
    log = Log(frozenset())
    builder = Builder(evaluation or EvaluationText(), Limits())
    source = Source("owner/name", "Python", "MIT", history.head, "train")
    return list(builder.examples(source, history.bare, log)), log


def test_injected_bugs_are_one_slip_in_the_body_and_parse(history: History) -> None:
    pairs, _ = built(history)
    assert {pair.path for pair in pairs} == {"shelf.py", "shelf.go"}
    for pair in pairs:
        syntax = parse(pair.buggy, pair.language)
        assert syntax
        assert not syntax.has_error
        assert pair.source == "injected"
        assert pair.kind in KINDS
        old, new = pair.fixed.split("\n"), pair.buggy.split("\n")
        changed = [at for at, lines in enumerate(zip(old, new, strict=True), 1) if lines[0] != lines[1]]
        assert changed == [pair.first]
        assert pair.first > 1
        assert '"""' not in old[pair.first - 1]
        assert pair.fixed[0] in "df"


def test_a_fix_gives_the_function_before_and_after(history: History) -> None:
    fixed = PYTHON.replace("len(items) - 1", "len(items)")
    commit = history.commit("Fix the last item", {"shelf.py": fixed, "test_shelf.py": PYTHON + "\nx = 1\n"})
    pair = built(history)[0][0]
    assert (pair.source, pair.commit, pair.function, pair.kind) == ("mined", commit, "find", "other")
    assert (pair.first, pair.count) == (3, 1)
    assert pair.buggy.split("\n")[2] == "    for index in range(len(items) - 1):"
    assert pair.fixed.split("\n")[2] == "    for index in range(len(items)):"


def test_other_commits_mend_nothing(history: History) -> None:
    two = PYTHON.replace("len(items) - 1", "len(items)").replace("return None", "return 0")
    history.commit("Fix two places", {"shelf.py": two})
    history.commit("Fix what is in no function", {"shelf.py": two.replace("import os", "import re")})
    history.commit(
        "Try something else", {"shelf.py": two.replace("import os", "import re").replace(" + ", " - ")}
    )
    pairs, log = built(history)
    assert {pair.source for pair in pairs} == {"injected"}
    assert log.skipped["fix of several places"] == 1
    assert log.skipped["fix of more than one statement, or outside functions"] == 1


def test_a_mended_word_of_documentation_is_no_fix(history: History) -> None:
    history.commit("Fix a wrong word", {"shelf.py": PYTHON.replace("Return the place", "Tell the place")})
    assert {pair.source for pair in built(history)[0]} == {"injected"}


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Fix crash on empty input", True),
        ("fix typo in docs", False),
        ("Add a page", False),
        ("Wrong sign", True),
    ],
)
def test_subjects(subject: str, expected: bool) -> None:
    assert is_fix(Commit("0" * 40, "Ada", "2024-01-01", subject, ())) is expected


def test_kinds_of_mined_fixes() -> None:
    assert kind_of("if a <= b:\n    pass", "if a < b:\n    pass") == "wrong_comparison"
    assert kind_of("f(a, b)", "f(b, a)") == "argument_swap"
    assert kind_of("f(a, b)", "g(a, b)") == "other"


def test_the_same_every_time(history: History) -> None:
    assert built(history)[0] == built(history)[0]


def test_functions_of_the_evaluation_are_left_out(history: History) -> None:
    method = "\n".join(PYTHON.split("\n")[4:])
    pairs, _ = built(history, EvaluationText(texts=[method]))
    assert {pair.path for pair in pairs} == {"shelf.go"}
