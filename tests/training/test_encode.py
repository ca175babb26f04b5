"""Training examples become the program's own prompts, and only what is asked for is learned."""

from __future__ import annotations

from pathlib import Path

import msgspec

from completion.prompt_next_edit_v1 import Format
from completion.prompt_next_edit_v1 import RecentEdit as Edit
from engine.tokenizer import BpeTokenizer
from tests.support.scripted import ScriptedModel, byte_tokenizer
from training.data.examples import Excerpt, FillInMiddle, NextEdit, Place, RecentEdit, Target
from training.data.shards import write_shard
from training.encode import END, LEARNED_LINES, drawn, fill_in_middle, learn_history, next_edit
from training.samples import Sample, Samples, batch

TOKENIZER: BpeTokenizer = byte_tokenizer()
FORM = Format(TOKENIZER)
LINES = tuple(f"line {n}" for n in range(1, 41))
EXAMPLE = NextEdit(
    repository="o/n",
    commit="c0ffee",
    language="python",
    cls="other",
    step=1,
    hunks=2,
    novel=0,
    edits=(RecentEdit("a.py", "--- a/a.py\n+++ b/a.py\n@@ -1,1 +1,1 @@\n-line one\n+line 1\n"),),
    cursor=Place("a.py", 1, 1, "cursor"),
    excerpts=(Excerpt("a.py", 1, LINES),),
    places=(
        Place("a.py", 5, 1, "near"),
        Place("a.py", 20, 2, "target"),
        Place("a.py", 30, 1, "later"),
        Place("a.py", 36, 1, "mention"),
    ),
    target=Target(1, ("line 20", "line 21"), ("better", "lines"), "near"),
)
CUT = FillInMiddle(
    repository="o/n",
    commit="c0ffee",
    path="a.py",
    language="python",
    kind="token",
    prefix="import os\n\n\ndef area(width, height):\n    return wid",
    middle="th * height",
    suffix="\n\n\nprint(area(2, 3))\n",
    skipped=0,
)


def text(ids: list[int]) -> str:
    model = ScriptedModel(lambda _: "")
    model.warm(ids)
    return model.prompts[0]


def shown(sample: Sample, branch: int) -> str:
    """One branch as text, with `«»` around what is learned."""
    text_, open_ = "", False
    for token, learned, of in zip(sample.ids, sample.learned, sample.branches, strict=True):
        if of == branch:
            text_ += ("«" if learned and not open_ else "»" if open_ and not learned else "") + text([token])
            open_ = learned
    return text_ + ("»" if open_ else "")


def branches(sample: Sample) -> list[str]:
    """Each branch as `shown`."""
    return [shown(sample, branch) for branch in range(1, max(sample.branches) + 1)]


def test_the_edits_are_the_trunk() -> None:
    sample = next_edit(EXAMPLE, FORM)
    trunk = [token for token, branch in zip(sample.ids, sample.branches, strict=True) if branch == 0]
    assert trunk == FORM.history([Edit(edit.path, edit.diff) for edit in EXAMPLE.edits])
    assert not any(sample.learned[: len(trunk)])


def test_the_target_is_learned_and_quiet_places_stay() -> None:
    shown = branches(next_edit(EXAMPLE, FORM))
    target = [branch for branch in shown if "better" in branch]
    quiet = [branch for branch in shown if "better" not in branch]
    assert len(target) == 1
    assert target[0].endswith("«-»line 20\n«-»line 21\n«+better\n+lines\n »")
    assert "<|file_sep|>a.py\nline 12\n" in target[0]
    assert len(quiet) == 2  # never the place of a later edit
    assert all(branch.endswith("« »") for branch in quiet)
    assert all(branch.count("«") == branch.count("« »") for branch in quiet)


def test_recent_edits_are_learned_from_the_second_hunk_on() -> None:
    more = "".join(f"+{n}\n" for n in range(LEARNED_LINES + 1))
    edits = (
        *EXAMPLE.edits,
        RecentEdit(
            "b.py",
            "--- a/b.py\n+++ b/b.py\n@@ -1,3 +1,3 @@\n a\n-old\n+new\n z\n@@ -9,1 +9,0 @@\n-gone\n b\n",
        ),
        RecentEdit("c.py", f"--- a/c.py\n+++ b/c.py\n@@ -1,0 +1,9 @@\n{more}"),
    )
    sample = learn_history(next_edit(msgspec.structs.replace(EXAMPLE, edits=edits), FORM), TOKENIZER)
    first, second, long = shown(sample, 0).split("<|file_sep|>")[1:]
    assert "«" not in first + long
    assert second == "--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n a\n-old\n«+new\n »z\n@@ -9 +9 @@\n-gone\n« »b\n"


def test_every_learned_token_survives_packing() -> None:
    made = Samples.of([next_edit(EXAMPLE, FORM)], {}, TOKENIZER.vocab_size)
    assert batch([[(0, 0)]], [made], 4096).learned.sum() == made.learned.sum()


def test_where_nothing_follows_every_place_stays() -> None:
    done = msgspec.structs.replace(EXAMPLE, target=None)
    shown = branches(next_edit(done, FORM))
    assert shown
    assert all("+" not in branch.partition("@@ ")[2].partition("@@\n")[2] for branch in shown)


def test_an_example_is_always_encoded_alike() -> None:
    assert next_edit(EXAMPLE, FORM) == next_edit(EXAMPLE, FORM)


def test_a_cut_is_asked_for_as_the_program_does() -> None:
    assert TOKENIZER.fim
    sample = fill_in_middle(CUT, TOKENIZER)
    asked = [token for token, learned in zip(sample.ids, sample.learned, strict=True) if not learned]
    answer = [token for token, learned in zip(sample.ids, sample.learned, strict=True) if learned]
    before, _, behind = text(asked).partition(f"<|fim_suffix|>{CUT.suffix}<|fim_middle|>")
    assert before.startswith("<|fim_prefix|>")
    assert not behind
    # The tail is learned too. Of the prefix's open word it has nothing: that is learned with the answer.
    tail = text(answer).removesuffix(f"width * height{END}")
    assert tail
    assert before.removeprefix("<|fim_prefix|>") + tail == CUT.prefix.removesuffix("wid")


def test_examples_are_drawn_evenly_and_always_alike(tmp_path: Path) -> None:
    shards = [tmp_path / "a.shard", tmp_path / "b.shard"]
    for number, shard in enumerate(shards):
        write_shard(shard, NextEdit, "r", [EXAMPLE] * (3 + 20 * number))
    assert len(list(drawn(shards, NextEdit, 8))) == 3 + 4
    assert len(list(drawn(shards, NextEdit, 1 << 62))) == 26
