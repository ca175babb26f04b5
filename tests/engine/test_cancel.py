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


def test_calling_covers_exactly_its_block() -> None:
    calls: list[str] = []
    token = CancelToken()
    with token.calling(lambda: calls.append("early")):
        pass
    with token.calling(lambda: calls.append("during")):
        token.cancel()
    with token.calling(lambda: calls.append("late")):
        pass
    assert calls == ["during", "late"]


def test_never_cannot_be_cancelled() -> None:
    with pytest.raises(RuntimeError):
        NEVER.cancel()
    with NEVER.calling(lambda: None):
        assert not NEVER.cancelled
