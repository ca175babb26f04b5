"""How fast the model has been on this machine, to tell what can be read before a deadline."""

from __future__ import annotations

from engine.model import Usage

_WEIGHT = 0.3  # of the newest request in the running average
_ENOUGH = 16  # tokens; fewer say more about the overhead than about the pace


class Pace:
    """A running average of the milliseconds that the model takes to read a token. Knows nothing at first."""

    def __init__(self) -> None:
        self.read_ms: float | None = None

    def learn(self, usage: Usage) -> None:
        """Take in what a request cost."""
        read = usage.prompt_tokens - usage.cached_tokens
        if read < _ENOUGH or usage.prefill_ms <= 0:
            return
        sample = usage.prefill_ms / read
        self.read_ms = sample if self.read_ms is None else self.read_ms + _WEIGHT * (sample - self.read_ms)

    def affordable(self, milliseconds: float) -> int | None:
        """Return how many tokens can be read in that time, None as long as nothing is known."""
        return None if self.read_ms is None else max(0, int(milliseconds / self.read_ms))
