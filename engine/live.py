"""The live sequence: the tokens that are in the session's memory now, and the way back to earlier ones."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from cache.prefix import PrefixCache, common_length
from engine.session import Floats, Session

# A shorter tail is computed again in less time than it takes other, longer ones from the cache.
WORTH_KEEPING: Final = 64
# Only passes this long show what a token costs among many.
WORTH_TIMING: Final = 32


class LiveSequence:
    """Invariant: `tokens` are exactly those whose keys and values the session holds."""

    def __init__(self, session: Session, cache: PrefixCache) -> None:
        self.session = session
        self.cache = cache
        self.tokens: list[int] = []
        self.pace = 0.0  # seconds for a token of a prompt, as last seen

    def recall(self, prompt: Sequence[int], limit: int) -> int:
        """Make the longest known prefix of `prompt[:limit]` the live sequence and return its length.

        Its start is kept in place where it is live already; a longer one is copied from the cache. A
        long tail that has to give way is saved there.
        """
        kept = min(common_length(self.tokens, prompt), limit)
        match = self.cache.match(prompt[:limit])
        if len(self.tokens) - kept >= WORTH_KEEPING:
            self.cache.insert(self.tokens, self.session.read(0, len(self.tokens)))
        self.rollback(kept)
        done = 0
        for segment in match.segments:
            size = segment.shape[2]
            if done + size > kept:
                self.session.append(segment[:, :, max(kept - done, 0) :])
            done += size
        self.tokens.extend(prompt[kept : max(kept, match.length)])
        return len(self.tokens)

    def extend(self, ids: Sequence[int], rows: int = 1) -> Floats:
        """Append `ids` and return the logits after the last `rows` of them: see `Session.step`."""
        began = time.perf_counter()
        logits = self.session.step(ids, rows)
        if len(ids) >= WORTH_TIMING:
            self.pace = (time.perf_counter() - began) / len(ids)
        self.tokens.extend(ids)
        return logits

    def rollback(self, length: int) -> None:
        """Forget the tokens from position `length` on."""
        self.session.rollback(length)
        del self.tokens[length:]
