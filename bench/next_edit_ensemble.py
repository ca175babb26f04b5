"""Predictions for next-edit cases by the whole ensemble, through the code that the server runs."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from typing import Any

from completion.next_edit.ensemble import PRECISION, NextEdit, next_edit
from completion.next_edit.moment import Moment, changes_of
from completion.next_edit.proposal import Proposal, squeezed
from completion.next_edit.writing import Writer


def moment_of(case: Mapping[str, Any]) -> Moment:
    """The state that a case describes; raises KeyError where it lacks a field."""
    files = {
        path: _lines(text) for path, text in {**case["files"], **case.get("distractor_files", {})}.items()
    }
    changes = [change for edit in case["recent_edits"] for change in changes_of(edit["path"], edit["diff"])]
    return Moment(files, changes, case["cursor"]["path"], case["cursor"]["line"])


def predict(
    case: Mapping[str, Any],
    precision: float = PRECISION,
    writer: Writer | None = None,
    without: Collection[str] = (),
) -> dict[str, Any]:
    """Answer one case as the scorer reads it; a silence tells its reason under `why`."""
    moment = moment_of(case)
    started = time.perf_counter()
    answer = next_edit(moment, precision, writer=writer, without=without)
    ms = round((time.perf_counter() - started) * 1000, 1)
    if not isinstance(answer, NextEdit):
        return {"id": case["id"], "none": True, "why": answer.reason.value, "ms": ms}
    others = [_place(other) for other in answer.alternatives]
    found = {**_place(answer.proposal), "kind": answer.proposal.kind, "p": round(answer.probability, 3)}
    return {"id": case["id"], **found, "alternatives": others, "ms": ms}


def is_right(case: Mapping[str, Any], proposal: Proposal) -> bool:
    """Whether a proposal leaves the same file as the target does, blanks aside."""
    target = case["target"]
    if target is None or proposal.path != target["path"]:
        return False
    lines = _lines(case["files"][proposal.path])
    start, end = target["start_line"], target["start_line"] + target["old_count"]
    first, last = min(start, proposal.start), max(end, proposal.end)
    proposed = [*lines[first - 1 : proposal.start - 1], *proposal.new, *lines[proposal.end - 1 : last - 1]]
    wanted = [*lines[first - 1 : start - 1], *target["new"], *lines[end - 1 : last - 1]]
    return squeezed(proposed) == squeezed(wanted)


def is_near(case: Mapping[str, Any], place: Proposal) -> bool:
    """Whether a place is where the target is, give or take a line, as the scorer tells it."""
    target = case["target"]
    if target is None or place.path != target["path"]:
        return False
    first, last = target["start_line"], target["start_line"] + max(target["old_count"], 1) - 1
    start, end = place.start, place.start + max(place.old_count, 1) - 1
    return bool(first <= end + 1 and last >= start - 1 and end - start + 1 <= max(20, 3 * (last - first + 1)))


def _place(proposal: Proposal) -> dict[str, Any]:
    place = {"path": proposal.path, "start_line": proposal.start, "old_count": proposal.old_count}
    return {**place, "new": list(proposal.new)}


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines
