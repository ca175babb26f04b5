from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apply import prompt_apply_v1
from apply.formats.recognise import read_sketch
from apply.rewrite import RewriteRequest, request_of, rewrite
from apply.rewrite_hunks import StableHunks
from engine.cancel import CancelToken
from tests.support.scripted import ScriptedModel, byte_tokenizer
from text.edits import Edit
from text.edits import apply as apply_edits

REGION = """\
def area(width, height):
    return width * height


def volume(width, height, depth):
    return area(width, height) * depth


def show(shape):
    print(shape.describe())
"""
SKETCH = """\
# ... existing code ...
def volume(width, height, depth=1):
    return area(width, height) * depth
# ... existing code ...
"""
RESULT = REGION.replace("depth):", "depth=1):")


def request() -> RewriteRequest:
    return request_of(REGION, read_sketch(SKETCH, REGION.splitlines())[0], SKETCH)


def model(answer: str) -> ScriptedModel:
    return ScriptedModel(lambda prompt: answer if prompt.endswith("assistant\n```\n") else "")


def test_the_rewriting_and_its_hunks() -> None:
    told: list[Edit] = []
    rewriting = rewrite(request(), model(RESULT + "```\nThat is it."), on_hunk=told.append)
    assert rewriting.text == RESULT
    assert list(rewriting.hunks) == told
    assert len(told) == 1
    assert apply_edits(REGION, told) == RESULT
    assert told[0].new == "def volume(width, height, depth=1):\n"


def test_the_model_sees_region_and_sketch_and_nothing_of_them_is_control() -> None:
    scripted = model(RESULT + "```")
    rewrite(request(), scripted)
    (prompt,) = scripted.prompts
    assert prompt.endswith(f"Code:\n```\n{REGION}```\nSketch:\n```\n{SKETCH}```\nassistant\n```\n")


def test_what_never_changes_comes_first() -> None:
    encoder = byte_tokenizer()
    fixed = prompt_apply_v1.fixed(encoder)
    one, other = (prompt_apply_v1.build(text, SKETCH, encoder) for text in ("a", "b"))
    assert one[: len(fixed)] == other[: len(fixed)] == fixed


def test_no_end_no_rewriting() -> None:
    assert rewrite(request(), model(RESULT * 3)).text is None


def test_an_unexpected_line_is_the_end() -> None:
    wrong = RESULT.replace("    return width * height\n", "    return 0\n\n")
    scripted = model(wrong + "```")
    rewriting = rewrite(request(), scripted, expected=lambda line: "return 0" not in line)
    assert (rewriting.text, rewriting.hunks) == (None, ())
    assert rewriting.usage.generated_tokens == len(wrong.partition("return 0\n")[0]) + len("return 0\n")


def test_cancelled() -> None:
    cancel = CancelToken()
    cancel.cancel()
    assert rewrite(request(), model(RESULT + "```"), cancel=cancel).text is None


def test_what_does_not_fit_the_context_is_an_error() -> None:
    with pytest.raises(ValueError, match="do not fit a context"):
        rewrite(request(), ScriptedModel({}, context=300))


def test_a_hunk_is_told_as_soon_as_the_rewriting_is_in_step_again() -> None:
    stream = StableHunks(REGION)
    told: list[tuple[int, Edit]] = []
    for length in range(len(RESULT) + 1):
        told += [(length, edit) for edit in stream.feed(RESULT[:length])]
    told += [(-1, edit) for edit in stream.finish(RESULT)]
    ((length, edit),) = told
    assert apply_edits(REGION, [edit]) == RESULT
    assert RESULT[:length].splitlines()[-1] == "    return area(width, height) * depth"


def test_fences_in_the_code_would_end_it() -> None:
    assert request().is_possible
    assert not request_of("x = '''\n```\n'''\n", read_sketch("y", [])[0], "y").is_possible


LINES = st.lists(st.sampled_from(["a\n", "b\n", "\n", "return the_value_of_it\n", "x = 1\n", "  }\n"]))


@given(original=LINES, output=LINES, cuts=st.lists(st.integers(0, 60)), ended=st.booleans())
def test_hunks_are_final_and_make_the_whole(
    original: list[str], output: list[str], cuts: list[int], ended: bool
) -> None:
    before, after = "".join(original), "".join(output) + ("" if ended else "tail")
    stream = StableHunks(before)
    edits = [edit for cut in sorted(cuts) for edit in stream.feed(after[:cut])]
    edits += stream.finish(after)
    assert apply_edits(before, edits) == after
    assert all(edit.new != before[edit.start : edit.end] for edit in edits)
