"""Predictions for next-edit cases where place and extent are given: what the lines become."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from completion.prompt_next_edit_v1 import HISTORY, Format, RecentEdit, View, ended, new_lines
from engine.drafts import NgramDrafter
from engine.model import Model

LONGEST: Final = 320  # tokens of an answer; the targets have at most twenty lines


def predict_at(case: Mapping[str, Any], model: Model, form: Format) -> dict[str, Any]:
    """Answer one case as the scorer reads it; raises KeyError where the case lacks a field.

    Where nothing is left to edit no place is given, and nothing is predicted.
    """
    target = case["target"]
    if target is None:
        return {"id": case["id"], "none": True}
    path, place, count = target["path"], target["start_line"], target["old_count"]
    lines = case["files"][path].split("\n")
    file = View(path, 1, lines[:-1] if lines[-1] == "" else lines)
    view, old = file.around(place), file.between(place, place + count)
    edits = [RecentEdit(edit["path"], edit["diff"]) for edit in case["recent_edits"]]
    started = time.perf_counter()
    room = model.context - LONGEST - len(form.rewrite([], view, place, old))
    if room < 0:
        return {"id": case["id"], "none": True}
    prompt = form.rewrite(edits, view, place, old, min(HISTORY, room))
    generation = model.generate(
        prompt, max_tokens=LONGEST, stop=lambda text: ended(_whole(text, count)), draft=NgramDrafter(prompt)
    )
    ms = (time.perf_counter() - started) * 1000
    new = new_lines(_whole(generation.text, count))
    where = {"path": path, "start_line": place, "old_count": count}
    return {"id": case["id"], **where, "new": new, "ms": round(ms, 1)}


def _whole(output: str, count: int) -> str:
    """The output with the mark of its first line, which an insertion's prompt holds already."""
    return output if count else f"+{output}"
