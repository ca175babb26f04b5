"""Fingerprints, suppression, choice, risk and fixes, on findings of the real detector."""

from __future__ import annotations

import pytest

from bug_finder import words
from bug_finder.choose import Wish, choose, why_none
from bug_finder.finding import Finding
from bug_finder.fingerprint import fingerprint
from bug_finder.mend import mend
from bug_finder.reasons import Reason
from bug_finder.risk import level, reach
from bug_finder.suppress import Suppressions
from tests.bug_finder.samples import MENDED, SHAPES, WRONG, find, literal
from text.edits import apply

ALL = Wish(precision=0)


def test_the_sample_has_findings_with_and_without_a_fix() -> None:
    found = find(SHAPES)
    assert [each.function for each in sorted(found, key=lambda each: each.start)] == [
        "is_square",
        "same_size",
    ]
    assert literal().replacement == "=="
    assert all(SHAPES[: each.start].count("\n") == each.line for each in found)


@pytest.mark.parametrize(
    "moved",
    [
        "# a line before it\n\n" + SHAPES,
        SHAPES.replace("import math\n", "import math\nimport os\n\n\ndef other():\n    return os.name\n"),
        SHAPES.replace('    if shape is "square":', '    if  shape  is  "square" :'),
        SHAPES.replace("def is_square(shape):\n", "def is_square(shape):\n    print(shape)\n"),
        SHAPES.replace(WRONG + ":", WRONG + ":  # tacit: ignore[other]"),
        SHAPES.replace("\n", "\r\n"),
    ],
    ids=["down", "a function before it", "blanks", "the function grows", "a comment of ours", "line ends"],
)
def test_a_fingerprint_survives(moved: str) -> None:
    assert fingerprint(literal(moved), moved) == fingerprint(literal(), SHAPES)


@pytest.mark.parametrize(
    "other", [SHAPES.replace("is_square", "is_round"), SHAPES.replace('"square"', '"round"')]
)
def test_a_fingerprint_tells_findings_apart(other: str) -> None:
    assert fingerprint(literal(other), other) != fingerprint(literal(), SHAPES)
    assert len({fingerprint(each, SHAPES) for each in find(SHAPES)}) == 2


@pytest.mark.parametrize(
    ("comment", "ignored"),
    [
        ("# tacit: ignore", True),
        ("# tacit: ignore[{kind}]", True),
        ("# because. tacit:ignore [ other, {kind} ]", True),
        ("# tacit: ignore[other]", False),
        ("# tacit: ignored", False),
        ('"# tacit: ignore"', False),
    ],
)
@pytest.mark.parametrize("above", [False, True])
def test_a_comment_speaks_of_its_line_or_the_next(comment: str, ignored: bool, above: bool) -> None:
    comment = comment.format(kind=literal().kind)
    line = f"    if shape {WRONG}:"
    if above:
        new = f"    {comment}\n\n    # and more\n{line}"
    else:
        new = f"    if shape {WRONG}: {comment};" if comment.startswith('"') else f"{line}  {comment}"
    text = SHAPES.replace(line, new)
    finding = Finding(literal().kind, at := text.index(WRONG), at + 2, text[:at].count("\n"), "f", 0.9, "")
    assert Suppressions(text, "python").ignore(finding) is ignored


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("javascript", "function f(a) {\n  return a.b == a.b; // tacit: ignore\n}\n"),
        ("javascript", "function f(a) {\n  /* tacit: ignore */\n  return a.b == a.b;\n}\n"),
        ("go", "func f(a int) bool {\n\treturn a.b == a.b // tacit: ignore\n}\n"),
        ("rust", "fn f(a: i32) -> bool {\n    // tacit: ignore\n    a.b == a.b\n}\n"),
        ("java", "class A {\n  boolean f(int a) {\n    return a.b == a.b; // tacit: ignore\n  }\n}\n"),
        ("c", "int f(int a) {\n  return /* tacit: ignore */ a.b == a.b;\n}\n"),
        ("cpp", "int f(int a) {\n  /* why:\n     tacit: ignore */\n  return a.b == a.b;\n}\n"),
    ],
)
def test_comments_of_every_language(language: str, text: str) -> None:
    found = find(text, language)
    assert found
    assert not choose(found, text, language, ALL).shown
    assert choose(found, text.replace("tacit: ignore", "no comment"), language, ALL).shown


def test_each_that_is_not_shown_has_a_reason() -> None:
    found = find(SHAPES)
    best = max(each.probability for each in found)

    def hidden(wish: Wish = ALL, **more: object) -> dict[Reason, int]:
        chosen = choose(found, SHAPES, "python", wish, **more)  # type: ignore[arg-type]
        assert len(chosen.shown) + chosen.hidden.total() == len(found)
        return dict(chosen.hidden)

    assert hidden() == {}
    assert hidden(Wish(precision=best)) == {Reason.UNLIKELY: 1}
    assert hidden(Wish(0, frozenset(each.kind for each in found))) == {Reason.KIND_OFF: 2}
    assert hidden(Wish(0, most=1)) == {Reason.TOO_MANY: 1}
    assert hidden(dismissed={fingerprint(found[0], SHAPES)}) == {Reason.DISMISSED: 1}
    assert hidden(changed=[(0, 5)]) == {Reason.UNTOUCHED: 2}
    assert why_none(choose(found, SHAPES, "python", Wish(1.1))) is Reason.UNLIKELY
    assert why_none(choose([], SHAPES, "python", ALL)) is Reason.NOTHING


def test_the_most_probable_are_shown_first() -> None:
    shown = choose(find(SHAPES)[::-1], SHAPES, "python", ALL).shown
    assert [each.probability for each in shown] == sorted((e.probability for e in shown), reverse=True)


def test_a_fix_changes_its_place_and_breaks_nothing() -> None:
    finding = literal()
    edit = mend(finding, SHAPES, "python")
    assert edit
    assert apply(SHAPES, (edit,)) == SHAPES.replace(WRONG, MENDED)
    broken = Finding(finding.kind, finding.start, finding.end, finding.line, "f", 0.9, "", "== (")
    same = Finding(finding.kind, finding.start, finding.end, finding.line, "f", 0.9, "", "is")
    without = next(each for each in find(SHAPES) if each.replacement is None)
    assert [mend(each, SHAPES, "python") for each in (broken, same, without)] == [None] * 3


def test_what_reaches_further_speaks_louder() -> None:
    finding = Finding("k", 0, 1, 0, "Shape.area", 0.75, "")
    once, often = "def area(): ...\n", "def area(): ...\n" + "area()\n" * 20
    assert reach(finding, once, "tests/test_area.py") < reach(finding, once) < reach(finding, often)
    assert [level(finding, once, "a_test.go"), level(finding, once), level(finding, often)] == [
        "hint",
        "information",
        "warning",
    ]


def test_a_finding_in_words() -> None:
    finding = literal()
    said = words.message(finding, SHAPES)
    assert f"{finding.probability:.0%} sure" in said
    assert "Proposed: `==` instead of `is`." in said
