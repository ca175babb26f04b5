"""A model that another server has: to its user a `Model` like any other."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from engine.cancel import NEVER, Cancelled, CancelToken
from engine.errors import HostGone
from engine.lanes import TakenAway, current_lane
from engine.model import Generation, Tokenizer, Usage, never
from engine.sharing.wire import Ask, Cancel, Done, Drafted, Failed, Heard, Lost, Wanted, Wire, Written

if TYPE_CHECKING:
    from engine.drafts import Drafter

LOOK_S: Final = 0.01
"""How often a waiting request looks whether it is wanted still."""


class SharedModel:
    """See `engine.model.Model`. The host's lanes do the work, in the lane of the job that asks.

    Every method raises HostGone when the host is gone, and TakenAway, for the caller's lanes, where more
    urgent work has taken the model in the middle.
    """

    def __init__(
        self,
        wire: Wire,
        tokenizer: Tokenizer,
        context: int,
        on_gone: Callable[[], None],
        trained_for: Collection[str] = (),
    ) -> None:
        """`on_gone` is called once, from any thread."""
        self.tokenizer = tokenizer
        self.context = context
        self.trained_for = trained_for
        self._wire = wire
        self._on_gone = on_gone
        self._gone = False
        self._losing = threading.Lock()
        self._turn = threading.Lock()  # one request at a time
        self._number = 0
        # Who waits for the next request to learn that the host is gone has no model when it comes.
        threading.Thread(target=self._watch, name="tacit-host-watch", daemon=True).start()

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
        ask = Ask(
            number=0,
            method="generate",
            lane=current_lane(),
            prompt=list(prompt),
            max_tokens=max_tokens,
            heal=heal,
            stops=stop is not never,
            drafts=draft is not None,
            seconds=None if deadline is None else deadline - time.monotonic(),
        )
        try:
            done = self._ask(ask, cancel, stop, draft)
        except Cancelled:
            return Generation((), "", (), "cancelled", Usage(prompt_tokens=len(prompt)))
        assert done.generation is not None
        return done.generation

    def warm(self, prompt: Sequence[int], *, cancel: CancelToken = NEVER) -> Usage:
        """See `Model.warm`."""
        try:
            done = self._ask(Ask(0, "warm", current_lane(), list(prompt)), cancel)
        except Cancelled:
            return Usage(prompt_tokens=len(prompt))
        assert done.usage is not None
        return done.usage

    def score(
        self, prompt: Sequence[int], continuation: Sequence[int], *, cancel: CancelToken = NEVER
    ) -> list[float]:
        """See `Model.score`."""
        return self._ask(Ask(0, "score", current_lane(), list(prompt), list(continuation)), cancel).scores

    def close(self) -> None:
        """Leave the host."""
        self._gone = True
        self._wire.close()

    def _ask(
        self,
        ask: Ask,
        cancel: CancelToken,
        stop: Callable[[str], bool] = never,
        draft: Drafter | None = None,
    ) -> Done:
        with self._turn:
            self._number += 1
            ask = msgspec.structs.replace(ask, number=self._number)
            try:
                self._wire.send(ask)
                return self._converse(ask, cancel, stop, draft)
            except Lost:
                self._lose()
                cancel.check()
                raise HostGone from None

    def _converse(
        self, ask: Ask, cancel: CancelToken, stop: Callable[[str], bool], draft: Drafter | None
    ) -> Done:
        text, wanted = "", True
        while True:
            if wanted and cancel.cancelled:
                wanted = False
                self._wire.send(Cancel(ask.number))
            match self._wire.from_host(LOOK_S):
                case Written(more) if wanted:
                    text += more
                    with self._answering(ask.number):
                        word: Heard | Drafted = Heard(stop(text))
                    self._wire.send(word)
                case Wanted(tokens, limit) if wanted and draft is not None:
                    with self._answering(ask.number):
                        word = Drafted(list(draft.draft([*ask.prompt, *tokens], limit)))
                    self._wire.send(word)
                case Done() as done:
                    return done
                case Failed(kind, message):
                    cancel.check()
                    raise _error(kind, message)

    @contextlib.contextmanager
    def _answering(self, number: int) -> Iterator[None]:
        """The caller's code, which may raise; the host must not wait for a word that does not come."""
        try:
            yield
        except BaseException:
            self._wire.send(Cancel(number))
            while not isinstance(self._wire.from_host(LOOK_S), Done | Failed):
                pass
            raise

    def _watch(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed meanwhile
            self._wire.wait_for_end()
        self._lose()

    def _lose(self) -> None:
        with self._losing:
            known, self._gone = self._gone, True
        if not known:
            self._wire.close()
            self._on_gone()


def _error(kind: str, message: str) -> Exception:
    if kind == "preempted":
        return TakenAway()
    if kind == "cancelled":
        return Cancelled("the host has cancelled it")
    return ValueError(message) if kind == "value" else RuntimeError(f"the host failed: {message}")
