from __future__ import annotations

from pathlib import Path

import pytest

from bench.sketching.styles import STYLES
from tests.training.history import History, module
from training.data.apply_triples import Builder, Limits
from training.data.build import Log
from training.data.examples import ApplyTriple
from training.data.exclusions import EvaluationText
from training.data.repositories import Source


@pytest.fixture
def history(tmp_path: Path) -> History:
    history = History(tmp_path)
    history.commit("Begin", {f"{name}.py": module() for name in "abcd"})
    for round_ in range(12):
        for name in "abcd":
            history.commit(f"Rename in {name}", {f"{name}.py": module(f"{name}_{round_}", "total", name)})
    return history


def built(history: History, evaluation: EvaluationText | None = None) -> tuple[list[ApplyTriple], Log]:
    log = Log(frozenset())
    builder = Builder(evaluation or EvaluationText(), Limits(min_lines=5))
    source = Source("owner/name", "Python", "MIT", history.head, "train")
    return list(builder.examples(source, history.bare, log)), log


def test_a_triple_is_a_file_before_and_after_its_commit(history: History) -> None:
    triples, _ = built(history)
    newest = triples[0]
    assert (newest.commit, newest.path) == (history.head, "d.py")
    assert newest.original == module("d_10", "total", "d")
    assert newest.expected == module("d_11", "total", "d")


def test_sketches_come_in_many_styles_and_hold_the_change(history: History) -> None:
    triples, _ = built(history)
    assert len({triple.style for triple in triples}) > 5
    for triple in triples:
        assert triple.style in {*STYLES, "other_file"}
        if triple.style in ("hunk_context", "unified", "whole_file"):
            new = set(triple.expected.split("\n")) - set(triple.original.split("\n"))
            assert all(line in triple.sketch for line in new)


def test_what_belongs_to_another_file_changes_nothing(history: History) -> None:
    mistaken = [triple for triple in built(history)[0] if triple.style == "other_file"]
    assert mistaken
    for triple in mistaken:
        assert triple.expected == triple.original


def test_the_same_every_time(history: History) -> None:
    assert built(history)[0] == built(history)[0]


def test_changes_seen_before_and_evaluation_files_are_left_out(history: History) -> None:
    history.commit("Back", {"d.py": module("d_10", "total", "d")})
    history.commit("And again", {"d.py": module("d_11", "total", "d")})
    triples, log = built(history)
    assert log.skipped["change seen before"] == 1
    left = built(history, EvaluationText(texts=[module("d_10", "total", "d")]))[0]
    assert any(triple.original == module("d_10", "total", "d") for triple in triples)
    assert left
    assert not any(triple.original == module("d_10", "total", "d") for triple in left)
