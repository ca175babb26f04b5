"""How property tests run: the same examples everywhere, and not judged by the clock of a busy machine."""

from __future__ import annotations

from hypothesis import settings

steady = settings(deadline=None, derandomize=True, max_examples=400)
