"""The server that has the model: it answers for others as well.

One thread accepts, one per guest reads; the work is done in the host's own lanes, where a guest's keystroke
outranks the host's next edit and waits for the host's keystroke. A guest has one job at a time, so that none
crowds out the others.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import socket
import threading
import time
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from typing import Final

from engine.cancel import Cancelled, CancelToken
from engine.lanes import Lane, Lanes
from engine.model import Model, never
from engine.sharing.wire import (
    Ask,
    Cancel,
    Done,
    Drafted,
    Failed,
    Goodbye,
    Heard,
    Hello,
    Lost,
    Wanted,
    Welcome,
    Wire,
    Written,
)

log = logging.getLogger("tacit.sharing")

PATIENCE_S: Final = 0.5
"""How long the model waits for a guest's word. Others wait with it, so a guest that hangs is hung up on."""


class Host:
    """Serves guests from a listening socket until it is closed."""

    def __init__(
        self, listening: socket.socket, model: Model, lanes: Lanes, version: str, folder: str
    ) -> None:
        """`folder`: of the converted model, for the guests' tokenizers."""
        self._listening = listening
        self._model = model
        self._lanes = lanes
        self._version = version
        self._welcome = Welcome(os.getpid(), model.context, folder)
        self._guests: set[Wire] = set()
        self._closed = False
        threading.Thread(target=self._accept, name="tacit-host", daemon=True).start()

    @property
    def guests(self) -> int:
        """How many there are."""
        return len(self._guests)

    def close(self) -> None:
        """Hang up on everybody, also on who is just coming in."""
        self._closed = True
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # else the thread would go on waiting in accept()
        self._listening.close()
        for guest in list(self._guests):
            guest.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                guest = Wire(self._listening.accept()[0])
                threading.Thread(target=self._serve, args=(guest,), name="tacit-guest", daemon=True).start()

    def _serve(self, guest: Wire) -> None:
        self._guests.add(guest)
        try:
            if not self._closed and self._meet(guest):
                self._listen(guest)
        except Lost as lost:
            log.debug("a guest has gone: %s", lost)
        finally:
            guest.close()
            self._guests.discard(guest)

    def _meet(self, guest: Wire) -> bool:
        hello = guest.from_guest()
        same = isinstance(hello, Hello) and hello.version == self._version
        guest.send(self._welcome if same else Goodbye(f"the host's version is {self._version}"))
        return same

    def _listen(self, guest: Wire) -> None:
        task: _Task | None = None
        try:
            while True:
                match guest.from_guest():
                    case Ask() as ask:
                        task = _Task(guest, ask)
                        task.start(self._lanes, self._model)
                    case Cancel(number) if task is not None and task.ask.number == number:
                        task.cancel()
                    case (Heard() | Drafted()) as word if task is not None:
                        task.words.put(word)
        finally:
            if task is not None:
                task.cancel()


class _Task:
    """What one guest asks for, as a job in the host's lanes."""

    def __init__(self, guest: Wire, ask: Ask) -> None:
        self.ask = ask
        self.words: queue.SimpleQueue[Heard | Drafted | None] = queue.SimpleQueue()  # None: no more
        self._guest = guest
        self._told = ""
        self._runs = 0
        self._late = None if ask.seconds is None else time.monotonic() + ask.seconds
        self._job: Future[Done] | None = None
        self._token: CancelToken | None = None  # while it runs
        self._unwanted = False

    def start(self, lanes: Lanes, model: Model) -> None:
        """Queue the job; whatever becomes of it, the guest is told."""
        self._job = lanes.submit(Lane(self.ask.lane), self._guest, lambda cancel: self._work(model, cancel))
        self._job.add_done_callback(self._settle)

    def cancel(self) -> None:
        """The guest does not want it any more. What was written until now serves its next request."""
        self._unwanted = True
        if self._token is not None:
            self._token.cancel("unwanted")
        elif self._job is not None:
            self._job.cancel()
        self.words.put(None)

    def _work(self, model: Model, cancel: CancelToken) -> Done:
        self._runs += 1
        self._token = cancel
        if self._unwanted:
            raise Cancelled
        if self._runs > 1:
            # The guest's view of the text cannot be wound back: it has to ask again.
            raise _Preempted
        ask = self.ask
        if ask.method == "warm":
            return Done(usage=model.warm(ask.prompt, cancel=cancel))
        if ask.method == "score":
            return Done(scores=model.score(ask.prompt, ask.continuation, cancel=cancel))
        generation = model.generate(
            ask.prompt,
            max_tokens=ask.max_tokens,
            stop=self._enough if ask.stops else never,
            heal=ask.heal,
            draft=self if ask.drafts else None,
            cancel=cancel,
            deadline=self._late,
        )
        return Done(generation=replace(generation, finish="cancelled") if self._unwanted else generation)

    def _enough(self, text: str) -> bool:
        self._guest.send(Written(text[len(self._told) :]))
        self._told = text
        word = self._word()
        return word is None or (isinstance(word, Heard) and word.enough)

    def draft(self, tokens: Sequence[int], limit: int) -> Sequence[int]:
        """The guest's drafts: see `engine.drafts.Drafter`."""
        self._guest.send(Wanted(list(tokens[len(self.ask.prompt) :]), limit))
        word = self._word()
        return word.tokens[:limit] if isinstance(word, Drafted) else ()

    def _word(self) -> Heard | Drafted | None:
        try:
            return self.words.get(timeout=PATIENCE_S)
        except queue.Empty:
            self._guest.close()
            raise Lost("the guest does not answer") from None

    def _settle(self, job: Future[Done]) -> None:
        try:
            answer: Done | Failed = job.result()
        except _Preempted:
            answer = Failed("preempted", "")
        except (CancelledError, Cancelled):
            answer = Failed("cancelled", "")
        except ValueError as error:
            answer = Failed("value", str(error))
        except Exception as error:
            answer = Failed("error", type(error).__name__)
        with contextlib.suppress(Lost):
            self._guest.send(answer)


class _Preempted(Exception):
    """More urgent work came between."""
