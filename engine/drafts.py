"""Drafts for speculative decoding: guesses of what the model is about to write.

A wrong draft costs one wider forward pass and never changes the output; see `engine.decode`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Drafter(Protocol):
    """Proposes the tokens that may come next."""

    def draft(self, tokens: Sequence[int], limit: int) -> Sequence[int]:
        """Return at most `limit` tokens that may follow `tokens` (prompt and output so far); may be empty."""
        ...
