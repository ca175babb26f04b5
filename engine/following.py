"""Drafts that follow texts while they are being rewritten.

Most of a rewritten text is the original again, and most of the rest was given as a sketch. So the original is
drafted until the model departs from it; what it writes then is looked for in the original and in the other
texts, and the drafts go on from where it reads like the end of the output ("speculative edits"). How long
they may be is the decoder's to say: see `engine.decode`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from engine.drafts import LONGEST_CONTEXT, agreement

SHORTEST_AWAY: Final = 2  # tokens that must agree at another place than the next one; there, one will do
NEAR: Final = 8  # tokens: that a rewritten word, or a short insertion, may be long
TRUST: Final = 4  # drafted tokens for each that agrees


class FollowingDrafter:
    """An `engine.drafts.Drafter` for rewriting: follows `texts`, of which the first is the original.

    `begins` is where the output begins in the tokens that `draft` is given: the length of the prompt. One
    drafter serves one request.
    """

    def __init__(self, texts: Sequence[Sequence[int]], begins: int) -> None:
        self._texts = [np.asarray(text, np.int64) for text in texts]
        self._begins = begins
        self._due = [0] * len(texts)  # in each text, the token that came next when it was last followed
        self._following = 0
        self._seen = begins  # how many tokens there were then

    def draft(self, tokens: Sequence[int], limit: int) -> Sequence[int]:
        """Return at most `limit` tokens that may follow `tokens`; may be empty.

        The end of the output is looked for in all texts. The longest agreement counts; of places as good,
        the one where the output would be if all drafts were right, else the first one that is not behind it.
        """
        written = tokens[max(self._begins, len(tokens) - LONGEST_CONTEXT) :]
        if not written:
            return self._from(0, 0, limit)
        since = len(tokens) - self._seen
        found = [self._place(index, written, since) for index in range(len(self._texts))]
        best = max(range(len(found)), key=lambda index: (found[index][0], index == self._following))
        common, after = found[best]
        if not common:
            return ()
        self._following, self._due[best], self._seen = best, after, len(tokens)
        return self._from(best, after, min(limit, TRUST * common))

    def _from(self, index: int, start: int, count: int) -> list[int]:
        tokens: list[int] = self._texts[index][start : start + count].tolist()
        return tokens

    def _place(self, index: int, written: Sequence[int], since: int) -> tuple[int, int]:
        """How many tokens agree, and where the text goes on; nothing agrees where the first is 0."""
        places, common = agreement(self._texts[index], written)
        if not common:
            return 0, 0
        due = self._due[index]
        expected = due + since if index == self._following else due
        ahead = places[places + 1 >= due] + 1
        first = int(ahead[0] if len(ahead) else places[-1] + 1)
        after = expected if expected in ahead else first
        if common < SHORTEST_AWAY and not due <= after <= expected + NEAR:
            return 0, 0
        return common, after
