from __future__ import annotations

import pytest

from bench.bugs import predict
from bug_finder.detect import Detector

BUGGY = "def f(a, b):\n    c = a.x == b.x\n    return c and a.y == a.y\n"


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector.load()


def test_a_bug_case_is_judged_as_it_was_and_as_it_was_mended(detector: Detector) -> None:
    case = {"id": "1", "language": "python", "buggy": BUGGY, "fixed": BUGGY.replace("== a.y", "== b.y")}
    buggy, fixed = predict(case, detector)
    assert (buggy["id"], fixed["id"]) == ("1", "1#fixed")
    assert buggy["score"] > fixed["score"]
    assert 3 in buggy["lines"]


def test_a_clean_case_has_one_answer_and_every_answer_names_a_line(detector: Detector) -> None:
    for code in ("def f():\n    pass\n", "x", BUGGY):
        (answer,) = predict({"id": "2", "language": "python", "code": code}, detector)
        assert all(1 <= line <= code.count("\n") + 1 for line in answer["lines"])
        assert answer["lines"]
        assert answer["ms"] >= 0
