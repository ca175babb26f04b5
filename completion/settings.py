"""The settings of inline completion, each with the value that measured best."""

from __future__ import annotations

from dataclasses import dataclass, field

from completion.window import Limits


@dataclass(frozen=True, slots=True)
class InlineSettings:
    """What a user may change, and the sizes that follow from the model."""

    min_confidence: float = 0.25  # of the first line, see `completion.confidence`
    max_lines: int = 12
    max_tokens: int = 160
    scopes_off: frozenset[str] = frozenset()  # of "comment", "string"
    limits: Limits = field(default_factory=Limits)
