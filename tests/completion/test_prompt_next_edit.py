"""The next-edit prompt: its text, what places share, and how an answer is read."""

from __future__ import annotations

import difflib
import textwrap

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from completion import prompt_next_edit_v1
from completion.prompt import shared
from completion.prompt_next_edit_v1 import ADD, DROP, KEEP, Format, RecentEdit, View, ended, new_lines
from tests.support.scripted import ScriptedModel, byte_tokenizer

FORM = Format(byte_tokenizer())
PATH = "shop/cart.py"
NOW = """\
class Cart:
    def __init__(self):
        self.items = []
    def add(self, item, qty=1):
        self.items.append((item, qty))

    def total(self):
        return sum(item.price for item in self.items)

    def clear(self):
        self.items = []
""".splitlines()
EDITS = [
    RecentEdit(
        PATH,
        "--- a/shop/cart.py\n+++ b/shop/cart.py\n@@ -4,2 +4,2 @@\n-    def add(self, item):\n"
        "+    def add(self, item, qty=1):\n         self.items.append(item)\n",
    ),
    RecentEdit(
        PATH,
        "--- a/shop/cart.py\n+++ b/shop/cart.py\n@@ -4,2 +4,2 @@\n     def add(self, item, qty=1):\n"
        "-        self.items.append(item)\n+        self.items.append((item, qty))\n",
    ),
]
VIEW = View(PATH, 1, NOW)


def text(tokens: list[int]) -> str:
    model = ScriptedModel(lambda _: "")
    model.warm(tokens)
    return model.prompts[0]


def test_the_example_of_the_docstring_is_a_real_prompt() -> None:
    doc = prompt_next_edit_v1.__doc__ or ""
    shown = textwrap.dedent(doc[doc.index("    <file_sep>") : doc.index("The model writes")]).strip("\n")
    prompt = FORM.rewrite(EDITS, VIEW.around(8, margin=3), 8, NOW[7:8])
    answer = "+        return sum(item.price * qty for item, qty in self.items)"
    # Editors strip the blank that marks an empty line.
    lines = [line.rstrip() for line in (text(prompt) + answer).split("\n")]
    assert "\n".join(lines).replace("<|file_sep|>", "<file_sep>") == shown


def test_an_insertion_starts_with_its_mark() -> None:
    prompt = text(FORM.rewrite(EDITS, VIEW, 6, []))
    assert prompt.endswith("         self.items.append((item, qty))\n+")


def test_places_of_a_state_share_all_but_their_own_lines() -> None:
    first, second = (FORM.rewrite(EDITS, VIEW.around(place), place, ["x"]) for place in (2, 11))
    assert shared(first, second) >= len(FORM.history(EDITS))
    here, there = (FORM.history(EDITS) + FORM.view(VIEW) + FORM.lead(VIEW, place) for place in (8, 9))
    assert shared(here, there) >= len(FORM.history(EDITS) + FORM.view(VIEW))


def test_a_new_edit_leaves_the_history_before_it_alone() -> None:
    newer = [*EDITS, RecentEdit("shop/order.py", EDITS[0].diff)]
    assert FORM.history(newer)[: len(FORM.history(EDITS))] == FORM.history(EDITS)


def test_old_edits_leave_four_at_a_time() -> None:
    edits = [RecentEdit(PATH, f"@@ -{n},1 +{n},1 @@\n-old {n}\n+new {n}\n") for n in range(10, 60)]
    starts = []
    for count in range(1, len(edits) + 1):
        history = FORM.history(edits[:count], budget=400)
        assert len(history) <= 400
        assert text(history).endswith(f"+new {9 + count}\n")
        starts.append(text(history).split("\n")[2])
    assert len(set(starts)) <= 1 + len(edits) // 4


def test_one_long_edit_is_cut() -> None:
    long = RecentEdit(PATH, "@@ -1,0 +1,90 @@\n" + "".join(f"+line {n}\n" for n in range(90)))
    assert text(FORM.history([long], budget=10_000)).count("+line") == prompt_next_edit_v1.HUNK_LINES
    assert len(FORM.history([long], budget=50)) == 50
    assert FORM.history([long], budget=0) == []


def test_marks_stand_apart() -> None:
    """So that a line has the same tokens in the file, in a hunk and in the answer."""
    line = "    return x\n"
    for mark in (KEEP, DROP, ADD):
        assert FORM.lines(mark, ["    return x"]) == [FORM.marks[mark], *byte_tokenizer().encode(line)]


@pytest.mark.parametrize(
    ("output", "new", "end"),
    [
        ("", [], False),
        (" ", [], True),
        ("+a", [], False),
        ("+a\n", ["a"], False),
        ("+a\n+", ["a"], False),
        ("+a\n ", ["a"], True),
        ("-old\n+a\n+\n+b\n@", ["a", "", "b"], True),
        ("-old\n ", [], True),
        ("+a\n\n", ["a"], True),
        ("+a\n+b\rc\n x\n+d\n", ["a", "b\rc"], True),
    ],
)
def test_reading_an_answer(output: str, new: list[str], end: bool) -> None:
    assert new_lines(output) == new
    assert ended(output) is end


@given(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=9)))
def test_what_is_written_is_read(lines: list[str]) -> None:
    answer = FORM.lines(ADD, lines)
    output = byte_tokenizer().decode(answer)
    assert new_lines(output) == lines
    assert not ended(output)
    assert ended(output + KEEP)


@given(st.lists(st.sampled_from(["a", "b", " c", ""]), max_size=8), st.lists(st.sampled_from(["a", "d"])))
def test_every_unified_diff_is_taken_in(old: list[str], new: list[str]) -> None:
    diff = list(difflib.unified_diff(old, new, "a/x", "b/x", lineterm=""))
    assume(diff)
    history = text(FORM.history([RecentEdit("x", "\n".join(diff))], budget=10_000))
    changed = [line for line in diff[2:] if line.startswith(("+", "-"))]
    assert [line for line in history.split("\n")[2:] if line.startswith(("+", "-"))] == changed


def test_without_a_separator_the_format_is_text_alone() -> None:
    class Plain:
        encode = byte_tokenizer().encode
        token_bytes = byte_tokenizer().token_bytes

        def special(self, name: str) -> int | None:
            return None

    assert text(Format(Plain()).view(View("a.py", 1, ["x"]))) == "a.py\nx\n"


def test_a_view_keeps_to_its_lines() -> None:
    view = VIEW.around(4, margin=2)
    assert (view.start, list(view.lines)) == (2, NOW[1:6])
    assert list(view.between(5, 99)) == NOW[4:6]
    assert list(VIEW.around(11, margin=2).lines) == NOW[8:]
    assert VIEW.around(1, margin=1).start == 1
