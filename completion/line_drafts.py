"""Drafts for a line: what was written elsewhere or before, but never beyond the line's end.

Code repeats its neighbours, and a model asked again at the next keystroke mostly repeats itself, so looking
up the last few tokens saves passes. A wrong draft costs time by its length, and most lines end where the
copied one does not: cut at the line's end, drafts save twice as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from completion.prompt import Encoder
from engine.drafts import NgramDrafter

_SHORTEST: Final = 2  # tokens that must agree


class LineDrafter:
    """An `engine.drafts.Drafter` that copies from `lookup`, at most to the next line end."""

    def __init__(self, lookup: Sequence[int], encoder: Encoder) -> None:
        self._copies = NgramDrafter(lookup, shortest=_SHORTEST)
        self._encoder = encoder

    def draft(self, tokens: Sequence[int], limit: int) -> Sequence[int]:
        """Return at most `limit` tokens that may follow `tokens`; may be empty."""
        copied = self._copies.draft(tokens, limit)
        for end, token in enumerate(copied, start=1):
            if b"\n" in self._encoder.token_bytes(token):
                return copied[:end]
        return copied
