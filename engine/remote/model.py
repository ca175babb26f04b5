"""A model behind an OpenAI-compatible completions endpoint: to its user a `Model` like any other.

What a prompt shares with the one before stands at its beginning, so that the server's own prefix cache has
it. A request that is cancelled, late or long enough hangs up, and the server stops. A server that is in
trouble is left alone for a while (`breaker`).
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from engine.cancel import NEVER, Cancelled, CancelToken
from engine.errors import RemoteFailed
from engine.model import Finish, Generation, Usage, never, room
from engine.remote import Format
from engine.remote.breaker import REMEDY, Breaker
from engine.remote.choices import first_choice, likeliest, pieces
from engine.remote.endpoint import Endpoint
from engine.remote.exchange import EndpointError, Late
from engine.remote.spelling import Spelling, format_of, tokens_of

if TYPE_CHECKING:
    from engine.drafts import Drafter

READ_S: Final = 60.0  # that reading ahead may take
FIRST_S: Final = 60.0  # that the first word of all may take: some servers load a model when it is asked for
_LIKELIEST: Final = 5  # tokens to be told of: more is more than every server allows
MUTE: Final = 5  # requests in a row that end before the first word

# Not every server knows how probable its tokens are, and some refuse what they do not know.
_JUDGED: Final = {"logprobs": 1, "skip_special_tokens": False}
_WAYS: Final[tuple[Mapping[str, Any], ...]] = (_JUDGED, {"skip_special_tokens": False}, {})
_FINAL: Final = (0, 401, 403, 404, 429, 502, 503, 504)  # which no other way of asking would mend


class RemoteModel:
    """See `engine.model.Model`; beside what that raises, every method raises RemoteFailed.

    `on_news` is told, on the thread that asks, what the trouble is when it begins, and "" when it is over.
    Drafts are ignored: servers have their own. Where a server tells no probabilities, every token counts as
    certain.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        format: Format = "auto",
        *,
        context: int = 2048,
        on_news: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.endpoint = endpoint
        self.tokenizer = Spelling(format_of(endpoint.model) if format == "auto" else format)
        self.context = context
        self.trained_for = ()
        self._breaker = Breaker(f"{endpoint.model} at {endpoint.host}", on_news)
        self._way: Mapping[str, Any] | None = None
        self._mute = 0
        self._kept: tuple[str, Mapping[str, float]] = "", {}

    @property
    def trouble(self) -> str:
        """What is wrong with the server; "" while nothing is."""
        return self._breaker.trouble

    def try_out(self) -> None:
        """Find out how the server wants to be asked; what is wrong is `trouble` afterwards, and news."""
        with contextlib.suppress(RemoteFailed), self._breaker.asking():
            try:
                self._find_way(NEVER, FIRST_S)
            except Late as error:
                raise EndpointError(str(error)) from None

    def generate(
        self,
        prompt: Sequence[int],
        *,
        max_tokens: int,
        stop: Callable[[str], bool] = never,
        heal: str = "",
        draft: Drafter | None = None,
        cancel: CancelToken = NEVER,
        deadline: float | None = None,
    ) -> Generation:
        """See `Model.generate`."""
        limit = min(max_tokens, room(prompt, self.context))
        text, began = self.tokenizer.spelled(prompt), time.monotonic()
        until = deadline if deadline is not None else began + READ_S
        answer, finish = _Answer(heal, heal), None
        for sent in _ways_to_heal(heal):
            answer = _Answer(heal, sent)
            finish = self._write(text + sent, answer, limit, stop, cancel, until)
            if finish is not None:
                break
        first, now = answer.first or time.monotonic(), time.monotonic()
        usage = Usage(
            generated_tokens=len(answer.tokens),
            prefill_ms=(first - began) * 1e3,
            decode_ms=(now - first) * 1e3,
        )
        return Generation(tuple(answer.tokens), answer.text, tuple(answer.logprobs), finish or "eos", usage)

    def warm(self, prompt: Sequence[int], *, cancel: CancelToken = NEVER) -> Usage:
        """See `Model.warm`: the server reads the prompt, and keeps it if it keeps any."""
        room(prompt, self.context)
        with contextlib.suppress(Cancelled, Late), self._breaker.asking():
            for _ in self._choices(self.tokenizer.spelled(prompt), 1, cancel, READ_S):
                pass
        return Usage()

    def score(
        self, prompt: Sequence[int], continuation: Sequence[int], *, cancel: CancelToken = NEVER
    ) -> list[float]:
        """See `Model.score`: asks once for every token, among the likeliest that the server tells.

        One that is not among them counts as the least of them, and tokens that begin with it as itself.
        Raises RemoteFailed where the server tells none.
        """
        room([*prompt, *continuation], self.context)
        scores = []
        for place, token in enumerate(continuation):
            told = self._likeliest(self.tokenizer.spelled([*prompt, *continuation[:place]]), cancel)
            piece = self.tokenizer.decode([token])
            found = [logprob for text, logprob in told.items() if text.startswith(piece)]
            scores.append(_sum(found) if found else min(told.values()))
        return scores

    def _likeliest(self, text: str, cancel: CancelToken) -> Mapping[str, float]:
        """What the server holds likeliest after `text`; kept, for the next question is the same as a rule."""
        if self._kept[0] != text:
            with self._breaker.asking():
                told: dict[str, float] = {}
                for choice in self._choices(text, 1, cancel, READ_S, logprobs=_LIKELIEST):
                    told |= likeliest(choice)
            self._kept = text, told
        if not self._kept[1]:
            raise RemoteFailed("the endpoint tells no probabilities", REMEDY)
        return self._kept[1]

    def _write(
        self,
        text: str,
        answer: _Answer,
        max_tokens: int,
        stop: Callable[[str], bool],
        cancel: CancelToken,
        until: float,
    ) -> Finish | None:
        """Let the server continue `text`; None where it left what it owed."""
        try:
            with (
                self._breaker.asking(),
                contextlib.closing(
                    self._choices(text, max_tokens, cancel, until - time.monotonic())
                ) as choices,
            ):
                for choice in choices:
                    for piece, logprob in pieces(choice):
                        before = self.tokenizer.before_control(piece)
                        if before is not None and not before:
                            return "eos"
                        if not answer.take(piece if before is None else before, logprob):
                            return None
                        if stop(answer.text):
                            return "stop"
                        if before is not None:
                            return "eos"
                    if choice.get("finish_reason") == "length":
                        return "length"
                return "eos"
        except Cancelled:
            return "cancelled"
        except Late:
            return "deadline"

    def _choices(
        self, text: str, max_tokens: int, cancel: CancelToken, seconds: float, **more: Any
    ) -> Generator[Mapping[str, Any], None, None]:
        """The first choice of each event. Raises Late, Cancelled and EndpointError."""
        if self._way is None:
            self._find_way(cancel, seconds)
        body = {
            "prompt": text,
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": True,
            "stop": self.tokenizer.stops,
            **(self._way or {}),
            **more,
        }
        with contextlib.closing(
            self.endpoint.events("completions", body, cancel=cancel, seconds=seconds)
        ) as events:
            began = False
            try:
                for event in events:
                    began, self._mute = True, 0
                    yield first_choice(event)
            except Late:
                self._mute += not began
                if self._mute >= MUTE:
                    self._mute = 0
                    raise EndpointError("it never begins to answer before the time is over") from None
                raise

    def _find_way(self, cancel: CancelToken, seconds: float) -> None:
        for way in _WAYS:
            self._way = way
            try:
                for choice in self._choices("#", 1, cancel, seconds):
                    pieces(choice)
            except (EndpointError, Cancelled) as error:
                self._way = None
                if isinstance(error, Late | Cancelled) or error.status in _FINAL or way == _WAYS[-1]:
                    raise
            else:
                return


class _Answer:
    """What was written so far. It begins with `heal`, of which `sent` is part of the prompt again."""

    def __init__(self, heal: str, sent: str) -> None:
        self.text = sent
        self.tokens = tokens_of(sent)
        self.logprobs = [0.0] * len(self.tokens)
        self.first = 0.0  # when its first word came, in `time.monotonic` seconds
        self._owed = heal[len(sent) :]

    def take(self, piece: str, logprob: float) -> bool:
        """Add a token; False where it is not what is owed."""
        self.first = self.first or time.monotonic()
        if not piece.startswith(self._owed):
            return False
        self._owed = ""
        self.text += piece
        tokens = tokens_of(piece)
        self.tokens += tokens
        self.logprobs += [logprob, *[0.0] * (len(tokens) - 1)]
        return True


def _ways_to_heal(heal: str) -> tuple[str, ...]:
    """What of `heal` is sent: of blanks all but the last, which models write together with the next word.

    A server cannot be told how an answer is to begin. If it begins otherwise, everything is sent; so is every
    word at once, for many go on from its middle.
    """
    return (heal[:-1], heal) if heal.isspace() else (heal,)


def _sum(logprobs: Sequence[float]) -> float:
    return min(0.0, math.log(max(sum(map(math.exp, logprobs)), 1e-30)))
