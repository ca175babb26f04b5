"""What the engine bench times, on anything that can read tokens and say which one is likeliest to follow."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

PREFILLS = (256, 1024, 2048)
DRAFTS = (16, 32, 64, 128)
CACHED, NEW, WRITTEN = 1024, 8, 16
DECODED = 32


class Contender(Protocol):
    """What a measurement needs of an engine."""

    def tokenize(self, text: str) -> list[int]:
        """Tokens of plain text."""

    def rollback(self, length: int) -> None:
        """Forget every token from index `length` on."""

    def evaluate(self, tokens: Sequence[int]) -> int:
        """Append tokens; return the likeliest next one."""

    def verify(self, tokens: Sequence[int]) -> Sequence[int]:
        """Append tokens; return the likeliest next one after each of them."""


@dataclass(frozen=True)
class Task:
    """One thing to be timed, `size` tokens large; `turn` makes each repetition's new tokens differ."""

    kind: str
    size: int
    turn: int


def tasks(turn: int) -> list[Task]:
    """All that is measured once in each round; prefills come first, the rest goes back to their start."""
    return [
        *(Task("prefill", size, turn) for size in PREFILLS),
        Task("decode", DECODED, turn),
        Task("keystroke", NEW, turn),
        *(Task("verify", size, turn) for size in DRAFTS),
    ]


def perform(contender: Contender, code: Sequence[int], task: Task) -> float:
    """Do `task` on tokens of real code and return the milliseconds that its timed part took.

    All but a prefill need a prefill of CACHED tokens or more before them.
    """
    if task.kind == "prefill":
        contender.rollback(0)
        return _time(lambda: contender.evaluate(code[: task.size]))
    contender.rollback(CACHED)
    new = new_tokens(code, task.turn, task.size)
    if task.kind == "verify":
        return _time(lambda: contender.verify(new))
    if task.kind == "keystroke":
        return _time(lambda: _write(contender, new, WRITTEN))
    token = contender.evaluate(new[:1])
    return _time(lambda: _write(contender, [token], task.size)) / task.size


def new_tokens(code: Sequence[int], turn: int, count: int) -> list[int]:
    """Other tokens for each turn, from behind the cached ones."""
    return [code[(CACHED + 97 * turn + i) % len(code)] for i in range(count)]


def _write(contender: Contender, tokens: Sequence[int], count: int) -> None:
    """Read `tokens` and write `count` greedily, end tokens or not; the last one is not read again."""
    token = contender.evaluate(tokens)
    for _ in range(count - 1):
        token = contender.evaluate([token])


def _time(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000
