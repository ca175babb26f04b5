from __future__ import annotations

import pytest

from bug_finder.detect import Detector
from engine.cancel import Cancelled, CancelToken

TEXT = """\
import a

class B:
    @a.b
    def f(self, x):
        def inner():
            return x
        return self.y == self.y

def g(é, b):
    return é is 1
"""


def test_functions_are_the_outer_ones_with_their_decorators_and_classes() -> None:
    found = Detector.load().functions(TEXT, "python")
    assert [(each.name, each.text.partition("\n")[0]) for each in found] == [
        ("B.f", "@a.b"),
        ("g", "def g(é, b):"),
    ]
    assert all(TEXT[each.start : each.end] == each.text for each in found)


def test_findings_are_placed_in_the_whole_text_and_the_best_comes_first() -> None:
    found = Detector.load().find(TEXT, "python")
    assert [(each.function, each.line, TEXT[each.start : each.end]) for each in found] == [
        ("g", 10, "is"),
        ("B.f", 7, "self.y"),
    ]


def test_only_the_spans_that_were_asked_for_are_read() -> None:
    detector = Detector.load()
    second = detector.functions(TEXT, "python")[1]
    assert [each.function for each in detector.find(TEXT, "python", [(second.start, second.end)])] == ["g"]
    assert detector.find(TEXT, "python", []) == []


def test_another_language_has_no_findings() -> None:
    assert Detector.load().find("a == a", "") == []


def test_it_obeys_its_cancel_token() -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        Detector.load().find(TEXT, "python", cancel=token)
