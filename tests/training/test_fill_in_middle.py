from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.history import History, module
from training.data.build import Log
from training.data.examples import FillInMiddle
from training.data.exclusions import EvaluationText
from training.data.fill_in_middle import Builder, Limits
from training.data.repositories import Source

FILES = {
    "src/a.py": module(),
    "src/copy.py": module() + "\n",
    "src/b.ts": "export function f(x: number) {\n  return x + 1;\n}\n" * 20,
    "src/tiny.py": "x = 1\n",
    "src/c.kt": module(),
    "vendor/d.py": module("other"),
    "notes.txt": "text " * 200,
}


@pytest.fixture
def history(tmp_path: Path) -> History:
    history = History(tmp_path)
    history.commit("Begin", FILES)
    return history


def built(
    history: History, limits: Limits | None = None, evaluation: EvaluationText | None = None
) -> tuple[list[FillInMiddle], Log]:
    log = Log(frozenset())
    builder = Builder(evaluation or EvaluationText(), limits or Limits(min_bytes=50))
    source = Source("owner/name", "Python", "MIT", history.head, "train")
    return list(builder.examples(source, history.bare, log)), log


def test_pieces_make_up_their_file(history: History) -> None:
    examples, _ = built(history)
    assert {example.path for example in examples} <= {"src/a.py", "src/copy.py", "src/b.ts"}
    for example in examples:
        text = FILES[example.path]
        whole = example.prefix + example.middle + example.suffix
        if example.skipped:
            assert text.startswith(example.prefix + example.middle)
            assert text.rstrip("\n").endswith(example.suffix.rstrip("\n"))
        else:
            assert whole.rstrip("\n") == text.rstrip("\n")


def test_a_file_is_cut_once(history: History) -> None:
    examples, log = built(history)
    assert len({example.path for example in examples} & {"src/a.py", "src/copy.py"}) == 1
    assert log.skipped["file seen before"] == 1


def test_context_is_limited_to_whole_lines(history: History) -> None:
    examples, _ = built(history, Limits(min_bytes=50, prefix=100, suffix=60))
    for example in examples:
        assert len(example.prefix) <= 100
        assert len(example.suffix) <= 60
        text = FILES[example.path]
        at = text.index(example.prefix + example.middle)
        assert at == 0 or text[at - 1] == "\n" or "\n" not in example.prefix


def test_a_repository_is_cut_until_its_share_is_full(history: History) -> None:
    examples, log = built(history, Limits(min_bytes=50, per_repository=1))
    assert len({example.path for example in examples}) == 1
    assert log.counts["files"] == 1


def test_copies_of_evaluation_files_are_kept_out(history: History) -> None:
    examples, log = built(history, evaluation=EvaluationText(texts=[module()]))
    assert {example.path for example in examples} == {"src/b.ts"}
    assert log.skipped["copy of an evaluation file"] == 2
