"""What the guess may be of a model that reads from a script; real ones are measured, not tested."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from apply.apply import FileState, Refused, apply_sketch
from apply.formats.recognise import read_sketch
from apply.rewrite_guess import ModelGuess
from apply.rewrite_readings import likelihoods, readings
from apply.rewrite_verify import unexplained
from engine.cancel import NEVER, CancelToken
from tests.support.scripted import ScriptedModel
from text import edits
from text.edits import Edit

TWINS = """\
def first(items):
    result = []
    for item in items:
        result.append(item)
    return result


def second(items):
    result = []
    for item in items:
        result.append(item)
    return result
"""
ANYWHERE = """\
# ... existing code ...
    for item in items:
        check(item)
        result.append(item)
# ... existing code ...
"""


class Likes(ScriptedModel):
    """Finds text likely that follows a certain line."""

    def __init__(self, line: str) -> None:
        super().__init__({})
        self._line = line

    def score(
        self, prompt: Sequence[int], continuation: Sequence[int], *, cancel: CancelToken = NEVER
    ) -> list[float]:
        cancel.check()
        above, new = self.tokenizer.decode(prompt), self.tokenizer.decode(continuation)
        return [9.0 if self._line in above and "check(" in new else 0.0]


def state(text: str) -> FileState:
    return FileState(text, "python")


def test_every_place_is_a_reading() -> None:
    file = state(TWINS)
    (sketch,) = read_sketch(ANYWHERE, file.file.lines)
    found = list(readings(sketch, file.file, file.outline))
    places = {step.line for location in found for step in location.steps if step.what == "insert"}
    assert {3, 10} <= places


@pytest.mark.parametrize(("name", "likely"), [("def first", 0), ("def second", 1)])
def test_the_likelier_of_two_places(name: str, likely: int) -> None:
    new = "        check(item)\n        result.append(item)\n"
    head, body, tail = TWINS.partition("        result.append(item)\n")
    results = [head + new + tail, (head + body + tail.replace(body, new))]
    scores = likelihoods(TWINS, results, Likes(name))
    assert scores.index(max(scores)) == likely


def test_where_two_places_are_as_good_nothing_is_applied() -> None:
    plain = apply_sketch(TWINS, ANYWHERE, "x.py")
    assert isinstance(plain, Refused)
    assert "may belong at line" in plain.reason
    for name in ("def first", "def second"):
        assert apply_sketch(TWINS, ANYWHERE, "x.py", ModelGuess(Likes(name))) == plain


def test_what_all_results_share_is_not_scored() -> None:
    before = "a\nb\nc\nd\n"
    assert likelihoods(before, ["x\nb\nc\nd\n", "x\nb\nc\nd\n"], Likes("")) == [0, 0]


CALL = """\
def area(width, height):
    if width < 0:
        raise ValueError(width)
    return width * height


def show(shape):
    print(shape)
"""


def rewriting(text: str) -> ScriptedModel:
    return ScriptedModel(lambda prompt: f"{text}```" if prompt.endswith("assistant\n```\n") else "")


def complaint(after: str) -> str:
    before = state(CALL)
    (sketch,) = read_sketch(SKETCH, before.file.lines)
    result = state(after)
    return unexplained(sketch, before.file, result.file, result.syntax) or ""


SKETCH = """\
    if width < 0 or height < 0:
        raise ValueError(width)
    # ... existing code ...

def show(shape):
    print(shape.name)
"""
MEANT = CALL.replace("width < 0:", "width < 0 or height < 0:").replace("print(shape)", "print(shape.name)")


def test_what_the_sketch_says_is_explained() -> None:
    assert complaint(MEANT) == ""


@pytest.mark.parametrize(
    ("after", "wrong"),
    [
        (CALL, "for 'if width < 0 or height < 0:'"),
        (MEANT.replace("shape.name", "shape.title"), "for 'print(shape.name)'"),
        (MEANT.replace("    return width * height\n", ""), "'return width * height' goes"),
        (
            MEANT.replace("    return", "    log()\n    return"),
            "'log()', which",
        ),
        (MEANT.replace("        raise ValueError(width)\n", "        pass\n"), "ValueError(width)"),
    ],
)
def test_anything_else_is_not(after: str, wrong: str) -> None:
    assert after != MEANT
    assert wrong in complaint(after)


def test_a_rewriting_that_the_sketch_explains_is_the_guess() -> None:
    sketch = """\
def area(width, height):
    # ... existing code ...
    log(width)
    # ... existing code ...
"""
    head, tail = "def area(width, height):\n    if width < 0:\n", "    return width * height\n"
    body = "        raise ValueError(width)\n"
    meant = f"{head}{body}    log(width)\n{tail}"
    plain = apply_sketch(CALL, sketch, "x.py")
    assert isinstance(plain, Refused)
    hunks: list[Edit] = []
    for text in (meant, meant.replace("log(width)", "log(height)"), f"{head}    log(width)\n{tail}"):
        outcome = apply_sketch(CALL, sketch, "x.py", ModelGuess(rewriting(text), on_hunk=hunks.append))
        assert isinstance(outcome, Refused)
        assert outcome.reason == plain.reason
        guess = text + CALL[len(head + body + tail) :]
        assert outcome.preview == (guess if text is meant else plain.preview)
    assert edits.apply(CALL, hunks[:1]) == meant + CALL[len(head + body + tail) :]
