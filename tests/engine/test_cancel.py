from __future__ import annotations

import pytest

from engine.cancel import NEVER, Cancelled, CancelToken


def test_check_raises_with_the_first_reason() -> None:
    token = CancelToken()
    token.check()
    token.cancel("typed on")
    token.cancel("closed")
    assert token.cancelled
    with pytest.raises(Cancelled, match="typed on"):
        token.check()


def test_never_cannot_be_cancelled() -> None:
    with pytest.raises(RuntimeError):
        NEVER.cancel()
    assert not NEVER.cancelled
