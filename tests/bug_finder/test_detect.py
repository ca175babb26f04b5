from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

import bug_finder
from bug_finder.detect import LINES, Detector, recipe_of
from engine.cancel import Cancelled, CancelToken
from engine.paths import manifest_dir
from text.languages import LANGUAGES

DETECTOR = Detector.load()

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
    found = DETECTOR.functions(TEXT, "python")
    assert [(each.name, each.text.partition("\n")[0]) for each in found] == [
        ("B.f", "@a.b"),
        ("g", "def g(é, b):"),
    ]
    assert all(TEXT[each.start : each.end] == each.text for each in found)


def test_a_change_of_a_rule_is_another_recipe(tmp_path: Path) -> None:
    """What was found before it is not taken from the cache."""
    model, code = manifest_dir() / "bug_finder", tmp_path / "code"
    shutil.copytree(Path(bug_finder.__file__).parent, code)
    before = recipe_of(model, code)
    assert before == DETECTOR.recipe
    with (code / "checks" / "strings.py").open("a") as file:
        file.write("# another rule\n")
    assert recipe_of(model, code) != before


def test_findings_are_placed_in_the_whole_text_and_the_best_comes_first() -> None:
    found = DETECTOR.find(TEXT, "python")
    assert [each.probability for each in found] == sorted((each.probability for each in found), reverse=True)
    assert all(TEXT.count("\n", 0, each.start) == each.line for each in found)
    assert {("g", 10, "is", "=="), ("B.f", 7, "self.y", None)} <= {
        (each.function, each.line, TEXT[each.start : each.end], each.replacement) for each in found
    }


def test_only_the_spans_that_were_asked_for_are_read() -> None:
    second = DETECTOR.functions(TEXT, "python")[1]
    found = DETECTOR.find(TEXT, "python", [(second.start, second.end)])
    assert {each.function for each in found} == {"g"}
    assert found == [each for each in DETECTOR.find(TEXT, "python") if each.function == "g"]
    assert DETECTOR.find(TEXT, "python", []) == []


def test_probabilities_are_probabilities_and_no_function_has_many_findings() -> None:
    for judged in DETECTOR.judge(TEXT * 3, "python"):
        assert 0 <= judged.probability <= 1
        assert all(0 <= each.probability <= 1 for each in judged.findings)
        assert len({each.line for each in judged.findings}) <= LINES + 2  # of the network, and of the checks


def test_indentation_and_neighbours_change_nothing() -> None:
    alone = TEXT.partition("def g")[2]
    (one,) = DETECTOR.judge("def g" + alone, "python")
    two = DETECTOR.judge(TEXT, "python")[1]
    assert one.probability == pytest.approx(two.probability, abs=1e-5)
    deeper = "".join(f"    {line}" for line in ("def g" + alone).splitlines(keepends=True))
    (three,) = DETECTOR.judge("if x:\n" + deeper, "python")
    assert three.probability == pytest.approx(two.probability, abs=1e-5)


@pytest.mark.parametrize(
    "text", ["", "def", "def f(:", "x" * 50_000, "def f():\n" + "  x = (" * 900, "\x00\ud800"]
)
def test_bad_input_gives_no_error(text: str) -> None:
    for language in LANGUAGES:
        DETECTOR.judge(text, language, [(0, len(text))])


def test_another_language_has_no_findings() -> None:
    assert DETECTOR.find("a == a", "") == []


def test_it_obeys_its_cancel_token() -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        DETECTOR.find(TEXT, "python", cancel=token)


def test_a_function_of_any_length_takes_bounded_time() -> None:
    text = "def f(x):\n    return (" + "a, " * 13_000 + ")\n"
    started = time.process_time()
    (judged,) = DETECTOR.judge(text, "python")
    assert time.process_time() - started < 5  # half a second on a machine that has nothing else to do
    assert 0 <= judged.probability <= 1
