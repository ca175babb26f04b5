"""The question and the answer of inline completion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from completion.prompt import Excerpt
from engine.model import Usage
from text.document import Document
from text.edits import Edit


@dataclass(frozen=True, slots=True)
class InlineRequest:
    """What is wanted: the text that belongs at `offset`. `path` is shown to the model."""

    document: Document
    offset: int
    path: str
    excerpts: tuple[Excerpt, ...] = ()  # of other files; a request takes those that `warm` has read
    automatic: bool = True  # the editor asked by itself, and not the user
    budget_ms: float = 300


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An edit of `version` of the document, from the cursor to the cursor or to the end of its line."""

    edit: Edit
    text: str
    version: int
    finish: str  # of the generation, see `engine.model`
    usage: Usage | None  # None when no model was run
    source: Literal["model", "typed-through", "next-edit"]
    confidence: float
