"""Drafts for speculative decoding: guesses of what the model is about to write.

A wrong draft costs one wider forward pass and never changes the output; see `engine.decode`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]

LONGEST_CONTEXT: Final = 32  # tokens; a longer agreement says no more about what follows


class Drafter(Protocol):
    """Proposes the tokens that may come next."""

    def draft(self, tokens: Sequence[int], limit: int) -> Sequence[int]:
        """Return at most `limit` tokens that may follow `tokens` (prompt and output so far); may be empty."""
        ...


class NgramDrafter:
    """Prompt look-up: continues as a given text went on where it last read like the end of the output.

    After Saxena 2023, "Prompt Lookup Decoding". `lookup` holds the tokens to copy from, such as the
    prompt or the code that is being rewritten.
    """

    def __init__(self, lookup: Sequence[int], *, shortest: int = 2) -> None:
        """`shortest` is the number of tokens that must agree before a draft is made."""
        self._lookup = np.asarray(lookup, np.int64)
        self._shortest = shortest

    def draft(self, tokens: Sequence[int], limit: int) -> Sequence[int]:
        """Continue after the place with the longest common context; of several, after the last.

        The longer the agreement, the longer it can be trusted to go on: twice its length is drafted.
        """
        places, common = agreement(self._lookup, tokens)
        if common < self._shortest:
            return ()
        after = int(places[-1]) + 1
        following: list[int] = self._lookup[after : after + min(limit, 2 * common)].tolist()
        return following


def agreement(lookup: Ids, tokens: Sequence[int]) -> tuple[Ids, int]:
    """Where `lookup` reads most like the end of `tokens`: the places of the last common token, and how many
    tokens are common there, at most LONGEST_CONTEXT. After each place another token follows.
    """
    places = np.arange(len(lookup) - 1)
    common = 0
    for token in reversed(tokens[-LONGEST_CONTEXT:]):
        longer = places[lookup[places - common] == token]
        longer = longer[longer >= common]
        if not len(longer):
            break
        places, common = longer, common + 1
    return places, common
