"""The first answers read by a language model: how likely it finds the question below the code of each.

Query likelihood (Ponte and Croft 1998) with a completion model: a reader of code who is asked what a function
does will sooner say the words of the question if it does that. No token counts below FLOOR, so that one rare
name does not decide alone. An answer is some hundred tokens to read, ten of them take about two seconds of
processor time with half a billion parameters, so it is for who asks for it. WEIGHT and FLOOR were chosen on
repositories outside the public set; docs/EVALUATION.md has the gain.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

import msgspec

from engine.cancel import NEVER, CancelToken
from text.secrets import redacted

if TYPE_CHECKING:
    from engine.model import Model

MOST = 10  # answers that are read
LINES = 24  # of each that are worth handing over
CODE = 80  # tokens of them that are read
QUESTION = 48  # tokens of the question that count
FLOOR = -6.0  # nats of one token
WEIGHT = 0.08  # of a nat in a score of `retrieval.search`


class Read(NamedTuple):
    """What is read of an answer. The path tells the language and the subject; `text` may be cut off."""

    path: str
    context: str  # the qualified name
    text: str


class Scored(Protocol):
    """An answer, as a struct of msgspec."""

    @property
    def score(self) -> float:
        """By which answers are in order."""

    @property
    def why(self) -> dict[str, float]:
        """Feature -> its part of the score."""


T = TypeVar("T", bound=Scored)


def reranked(
    question: str,
    answers: Sequence[T],
    read: Callable[[T], Read],
    model: Model,
    *,
    until: float,
    cancel: CancelToken = NEVER,
) -> list[T]:
    """The answers, best first, with the feature "reading": 0 for the one that fits best, less for the others.

    No answer is begun after `until` (`time.monotonic` seconds). Those that are not read get the least that
    was found, so that they stay in their order behind. Where fewer than two were read, or a single word was
    asked, all is as it was. Raises Cancelled.
    """
    if len(question.split()) < 2:
        return list(answers)
    asked = model.tokenizer.encode(f" {redacted(question.strip())}")[:QUESTION]
    found: list[float] = []
    for answer in answers[:MOST]:
        if time.monotonic() >= until:
            break
        scores = model.score(_prompt(read(answer), model), asked, cancel=cancel)
        found.append(WEIGHT * sum(max(score, FLOOR) for score in scores))
    if len(found) < 2:
        return list(answers)
    best, least = max(found), min(found)
    parts = [part - best for part in (*found, *[least] * (len(answers) - len(found)))]
    judged = [_with(answer, part) for answer, part in zip(answers, parts, strict=True)]
    return sorted(judged, key=lambda answer: -answer.score)


def _with(answer: T, part: float) -> T:
    score, why = answer.score + part, {**answer.why, "reading": part}
    return msgspec.structs.replace(answer, score=score, why=why)  # type: ignore[type-var]


def _prompt(answer: Read, model: Model) -> list[int]:
    """The place, the code, and the beginning of a comment that says what it does."""
    encode = model.tokenizer.encode
    mark = "#" if answer.path.endswith((".py", ".pyi", ".rb", ".sh")) else "//"
    name = answer.context.rpartition(".")[2] or "this"
    return [
        *encode(f"{mark} {answer.path}: {answer.context}\n"),
        *encode(redacted(answer.text).rstrip())[:CODE],
        *encode(f"\n\n{mark} What {name} does:"),
    ]
