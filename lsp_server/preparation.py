"""The model's way from a name to something that answers, while the server is up and says how far it is.

    waiting -> choosing -> [preparing] -> loading -> ready
                  any of them -> failed, with a reason and a remedy; `tacit.retryModel` starts anew
    ready, with a model that another server has, and that server ends -> choosing
    ready <-> failed, with a model on another machine that is in trouble: it is asked again by and by
    ready, and memory is short -> loading -> ready, with a smaller model that is here already (`shrink`)

State changes on the loop thread. What takes long runs on a thread of its own or, for fetching and
converting, in a child process.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types

from completion.reasons import Reason, Silence
from engine.errors import ModelError
from engine.lanes import Lane
from lsp_server import loading
from lsp_server.background import call_on, give_back, in_thread
from lsp_server.choosing import choose
from lsp_server.config import Config
from lsp_server.logs import place_of
from lsp_server.progress import ProgressBar
from lsp_server.pull import Progress, pull
from lsp_server.reports import ModelReport

if TYPE_CHECKING:
    from completion.inline import InlineCompleter, InlineRequest
    from engine.model import Model
    from engine.remote.model import RemoteModel
    from engine.sharing.join import Joined
    from lsp_server.server import Server
    from text.document import Document

log = logging.getLogger("tacit.model")


@dataclass(frozen=True, slots=True)
class Ready:
    """A model, and what completes with it."""

    name: str
    tier: str
    model: Model
    completer: InlineCompleter
    where: str = ""  # if on another machine
    smaller: str = ""  # one that could take over for want of memory

    def request(
        self, document: Document, offset: int, path: str, automatic: bool, budget_ms: float
    ) -> InlineRequest:
        """What the completer wants to know. Here, because its module is imported together with the model."""
        from completion.inline import InlineRequest

        return InlineRequest(document, offset, path, automatic=automatic, budget_ms=budget_ms)


class ModelHost:
    """Holds the model, or knows why there is none."""

    def __init__(self, server: Server, given: Model | None = None) -> None:
        self.ready: Ready | None = None
        self.instead = ""
        """The smaller model that has taken over for want of memory."""
        self._server = server
        self._given = given
        self._attempt: asyncio.Task[None] | None = None
        self._joined: Joined | None = None
        self._failed = False
        self._trouble = ""  # of a remote model
        self._told: set[str] = set()

    @property
    def idle(self) -> bool:
        """Whether nothing was tried yet."""
        return self._attempt is None

    @property
    def settled(self) -> bool:
        """Whether there is a model, or there will be none for now."""
        return self.ready is not None or self._failed

    @property
    def guests(self) -> int:
        """How many other servers use this one's model."""
        return self._joined.guests if self._joined is not None else 0

    def start(self, instead: str = "") -> None:
        """Make the configured model ready, in the background, or `instead`; a running attempt is given up."""
        self.close()
        self.instead = instead
        self._failed = False
        self._trouble = ""
        self._attempt = self._server.protocol.spawn(self._run())

    def shrink(self) -> bool:
        """Have a smaller model of this machine take over, until `start`; False where there is none."""
        if self.ready is None or not self.ready.smaller:
            return False
        self.start(self.ready.smaller)
        return True

    def close(self) -> None:
        """Give up what is under way, the child process included, and part from other servers."""
        if self._attempt is not None:
            self._attempt.cancel()
        if self._joined is not None:
            self._joined.close()
            self._joined = None

    def configure(self, config: Config) -> None:
        """Use other settings from now on, with the model that there is."""
        if self.ready is not None:
            self.ready.completer.settings = loading.inline_settings(config)
            self.ready.completer.observe = self._server.prompts.observe if config.trace_prompts else None

    def silence(self) -> Silence:
        """Why there is nothing to answer with."""
        report = self._server.status.model
        reason = Reason.MODEL_FAILED if self._failed else Reason.NO_MODEL
        return Silence(reason, report.detail or report.phase)

    async def _run(self) -> None:
        try:
            await self._let_go()
            self.ready = await self._prepare()
            self.configure(self._server.config)  # Settings may have come meanwhile.
        except asyncio.CancelledError:
            if asyncio.current_task() is self._attempt:  # and not given up for another attempt
                self._report("waiting", detail="given up; the command `tacit.retryModel` starts anew")
            raise
        except Exception as error:
            self._fail(error)
            return
        elsewhere = self._joined.process if self._joined is not None else 0
        detail = f"shared, in process {elsewhere}" if elsewhere else self.ready.where
        if self.instead:
            detail = f"{detail}{detail and ', '}for want of memory"
        if not self._trouble:
            self._report("ready", self.ready.name, detail, self.ready.tier, elsewhere)
        # What was imported and loaded stays: full collections need not look at it again.
        gc.freeze()
        self._server.warmer.warm_latest()

    async def _let_go(self) -> None:
        """Make room, on the model's thread, before another one is loaded."""
        had, self.ready = self.ready is not None, None
        if had and self._given is None:
            gc.unfreeze()
            await asyncio.wrap_future(
                self._server.lanes.submit(Lane.NEXT_EDIT, "model", lambda _: give_back())
            )

    async def _prepare(self) -> Ready:
        config = self._server.config
        if self._given is not None:
            return Ready("given", "", self._given, loading.completer(config))
        self._report("choosing")
        name = self.instead or os.environ.get("TACIT_MODEL", "")
        if not name and (remote := await self._remote(config)):
            where = f"at {remote.endpoint.host}"
            return Ready(config.remote_model, "", remote, loading.completer(config), where)
        name = name or config.model
        if not name:
            name = await choose(config)
        if not await in_thread(lambda: loading.is_prepared(name)):
            if not config.download and not os.path.exists(name):
                raise ModelError(
                    f"the model {name} is not here, and fetching it is switched off",
                    f"Run `tacit models pull {name}`, then the command `tacit.retryModel`.",
                )
            await self._pull(name)
        self._report("loading", name)
        self._joined = await self._join(name, config)
        # Another server's model takes nothing of this one's memory.
        smaller = "" if self._joined.process else await in_thread(lambda: loading.smaller(name))
        tier, completer = loading.tier_of(name), loading.completer(config)
        return Ready(name, tier, self._joined.model, completer, smaller=smaller)

    async def _remote(self, config: Config) -> RemoteModel | None:
        """The model that another machine has, if the settings name one."""
        loop, attempt = asyncio.get_running_loop(), self._attempt

        def on_news(trouble: str) -> None:
            call_on(loop, self._hear, attempt, config.remote_model, trouble)

        return await in_thread(lambda: loading.remote(config, on_news))

    def _hear(self, attempt: asyncio.Task[None] | None, name: str, trouble: str) -> None:
        """A remote model's trouble has begun or is over. Each trouble is told once."""
        if attempt is not self._attempt:
            return
        self._trouble = trouble
        if not trouble:
            self._report("ready", name, self.ready.where if self.ready else "")
            return
        self._report("failed", name, trouble)
        if trouble not in self._told:
            self._told.add(trouble)
            self._server.show(types.MessageType.Error, f"Tacit shows no suggestions: {trouble}")

    async def _join(self, name: str, config: Config) -> Joined:
        loop = asyncio.get_running_loop()

        def on_gone() -> None:
            call_on(loop, self._lost, name)

        joining = in_thread(lambda: loading.join(name, config, self._server.lanes, on_gone))
        try:
            return await asyncio.shield(joining)
        except asyncio.CancelledError:
            joining.add_done_callback(_part)
            raise

    def _lost(self, name: str) -> None:
        """The server that had the model has ended."""
        if self.ready is not None and self.ready.name == name:
            log.info("model %s: the server that had it has ended", name)
            self.start(self.instead)

    async def _pull(self, name: str) -> None:
        self._report("preparing", name)
        bar = ProgressBar(self._server, f"Tacit: preparing {name}", cancel=self.close)

        def report(progress: Progress) -> None:
            bar.report(progress.sentence, progress.percent)
            percent = "" if progress.percent is None else f" {progress.percent} %"
            self._report("preparing", name, progress.sentence + percent)

        try:
            await pull(name, report)
        finally:
            bar.end()

    def _report(
        self, phase: str, name: str = "", detail: str = "", tier: str = "", elsewhere: int = 0
    ) -> None:
        if phase != self._server.status.model.phase:
            log.info("model %s: %s%s", name or "-", phase, detail and f", {detail}")
        self._server.status.set_model(ModelReport(phase, name, tier, detail, elsewhere))

    def _fail(self, error: Exception) -> None:
        """Say once what is wrong and how to mend it; the server stays up and silent."""
        self._failed = True
        message = str(error).rstrip(".") or type(error).__name__
        remedy = getattr(error, "remedy", "") or "`tacit doctor` looks for the cause."
        log.error("no model: %s (%s at %s)", message, type(error).__name__, place_of(error))
        log.debug("", exc_info=error)
        sentence = f"{message}. {remedy}"
        self._report("failed", self._server.status.model.name, sentence)
        self._server.show(types.MessageType.Error, f"Tacit shows no suggestions: {sentence}")


def _part(joining: asyncio.Future[Joined]) -> None:
    """Nobody waits any more for what was joined."""
    if not joining.cancelled() and joining.exception() is None:
        joining.result().close()
