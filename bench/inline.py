"""Predictions for inline cases, through the very code that answers an editor.

A case is a file that is cut within a line. As in an editor, the file was open before the line was typed: the
model has been warmed with the file without the line, and what is timed is the answer at the cut. A case may
bring excerpts of other files (`bench.other_files`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from completion.inline import Excerpt, InlineCompleter, InlineRequest, InlineSettings, Silence
from engine.model import Model
from text.document import Document
from text.languages import language_of

UNHURRIED_MS = 60_000.0


@dataclass(frozen=True)
class Prediction:
    """What would be inserted at the cut, or "" and the code of the reason for silence."""

    id: str
    completion: str
    ms: float
    reason: str = ""

    def line(self) -> dict[str, Any]:
        """The prediction as the scorer reads it."""
        reason = {"reason": self.reason} if self.reason else {}
        return {"id": self.id, "completion": self.completion, "ms": round(self.ms, 1), **reason}


@dataclass(frozen=True)
class Conditions:
    """Under what conditions a suggestion counts: its settings, and the time it has."""

    settings: InlineSettings
    budget_ms: float

    @classmethod
    def unhurried(cls, settings: InlineSettings) -> Conditions:
        """Everything that the model would write, however unsure and however slowly."""
        return cls(replace(settings, min_confidence=0.0), UNHURRIED_MS)


def predict(case: Mapping[str, Any], model: Model, conditions: Conditions) -> Prediction:
    """Answer one case; raises KeyError where it lacks a field."""
    prefix, suffix, path = case["prefix"], case["suffix"], case["path"]
    language = language_of(path=path)
    completer = InlineCompleter(conditions.settings)
    line_start = max(prefix.rfind("\n"), prefix.rfind("\r")) + 1
    before = Document.create(f"file:///{path}", prefix[:line_start] + suffix, 0, language)
    excerpts = tuple(
        Excerpt(each["path"], each["text"], each["score"], each["line"]) for each in case.get("excerpts", ())
    )
    completer.warm(before, line_start, model, path=path, excerpts=excerpts)
    document = Document.create(before.uri, prefix + suffix, 1, language)
    request = InlineRequest(document, len(prefix), path, budget_ms=conditions.budget_ms)
    started = time.perf_counter()
    answer = completer.complete(request, model)
    ms = (time.perf_counter() - started) * 1000
    if isinstance(answer, Silence):
        return Prediction(case["id"], "", ms, answer.reason.name.lower())
    # A suggestion may begin before the cut, where it repeats what is typed, and end behind it.
    typed = document.slice(answer.edit.start, len(prefix))
    return Prediction(case["id"], answer.edit.new.removeprefix(typed), ms)
