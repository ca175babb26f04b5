"""An old question asked again: rendered by today's code, answered by the model."""

from __future__ import annotations

import difflib
import textwrap
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lsp_server import loading
from lsp_server.config import Config
from lsp_server.trace_prompts import Kept, text_of

if TYPE_CHECKING:
    from completion.prompt import Prompt
    from completion.request import InlineRequest
    from engine.model import Generation, Model

PATIENCE_MS = 600_000.0
"""There is nobody who types."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model made of a question: what it read and wrote, and what of that is shown, or why nothing."""

    prompt_version: str
    prompt: str
    written: str
    shown: str
    sentence: str

    @property
    def outcome(self) -> str:
        """What the user sees."""
        return self.shown or f"(nothing: {self.sentence})"


def then(kept: Kept) -> Answer:
    """What was answered when the question came."""
    return Answer(kept.prompt_version, kept.prompt, kept.written, kept.shown, kept.sentence)


def now(kept: Kept, model: Model) -> Answer:
    """What is answered today, with as much time as it takes and nothing that was read before."""
    from completion.inline import InlineRequest, Silence
    from text.document import Document

    completer = loading.completer(Config(max_lines=kept.max_lines, min_confidence=kept.min_confidence))
    completer.settings = replace(completer.settings, scopes_off=frozenset(kept.scopes_off))
    asked: list[tuple[Prompt, Generation]] = []

    def observe(_: InlineRequest, prompt: Prompt, generation: Generation) -> None:
        asked.append((prompt, generation))

    completer.observe = observe
    document = Document.create("file:///replayed", kept.text, 0, kept.language)
    request = InlineRequest(document, kept.offset, kept.path, budget_ms=PATIENCE_MS)
    outcome = completer.complete(request, model)
    shown, sentence = ("", outcome.reason.sentence) if isinstance(outcome, Silence) else (outcome.text, "")
    if not asked:
        return Answer("", "", "", shown, sentence)
    prompt, generation = asked[-1]
    return Answer(prompt.version, text_of(prompt, model.tokenizer), generation.text, shown, sentence)


def difference(old: Answer, new: Answer) -> list[str]:
    """Where the prompts differ, as a unified diff; empty where they do not."""
    lines = difflib.unified_diff(
        old.prompt.splitlines(),
        new.prompt.splitlines(),
        f"prompt then ({old.prompt_version})",
        f"prompt now ({new.prompt_version})",
        lineterm="",
        n=2,
    )
    return list(lines)


def beside(left: str, right: str, width: int) -> list[str]:
    """Two texts side by side, in lines of `width` characters."""
    column = max((width - 3) // 2, 20)
    columns = [
        [part for line in text.splitlines() or [""] for part in _parts(line, column)]
        for text in (left, right)
    ]
    height = max(map(len, columns))
    for each in columns:
        each.extend([""] * (height - len(each)))
    return [f"{a:<{column}} | {b}".rstrip() for a, b in zip(*columns, strict=True)]


def _parts(line: str, column: int) -> list[str]:
    line = line.expandtabs(4)
    return textwrap.wrap(line, column, drop_whitespace=False, replace_whitespace=False) or [""]
