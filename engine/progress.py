"""How long-running preparation tells its caller how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import msgspec


class Progress(msgspec.Struct, frozen=True):
    """`done` of `total`: bytes while fetching and verifying, layers while converting."""

    stage: Literal["fetch", "verify", "convert"]
    done: int
    total: int
    detail: str = ""  # for people: which source, which file


DOING: Final = {"fetch": "downloading", "verify": "verifying", "convert": "converting"}
"""What people read of each stage."""

OnProgress = Callable[[Progress], None]


def ignore(_: Progress) -> None:
    """For callers who do not want to know."""
