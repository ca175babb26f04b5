"""The server's own record of what it did.

Counts, times and the last requests. Loop thread only, but for the file.
"""

from __future__ import annotations

import asyncio
import collections
import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterable

import msgspec

from engine.lanes import Load
from lsp_server import reports
from lsp_server.reports import (
    BudgetReport,
    FileFindings,
    IndexReport,
    ModelReport,
    Quantiles,
    Report,
    Request,
)

log = logging.getLogger("tacit.status")

KEPT = 50
"""Requests that `tacit why` can look back on."""

QUIET_S = 1.0
"""The least time between two writes of the file."""


class Status:
    """Counts what happens and writes it down, at most once a second and only after something happened."""

    def __init__(self, version: str) -> None:
        self.client = ""
        self.model = ModelReport()
        self.index = IndexReport()
        self.load: Callable[[], Load] = lambda: Load(None, {})
        self.open_documents: Callable[[], int] = lambda: 0
        self.budget: Callable[[], BudgetReport] = BudgetReport
        self.guests: Callable[[], int] = lambda: 0
        self.trace: Callable[[Request], None] = lambda _: None
        self._version = version
        self._started = time.time()
        self._number = 0
        self._shown: dict[str, Request] = {}  # by kind, the last
        self._requests: collections.deque[Request] = collections.deque(maxlen=KEPT)
        self._outcomes: collections.Counter[str] = collections.Counter()
        self._findings: dict[str, FileFindings] = {}
        self._stages: dict[str, collections.deque[float]] = {}
        self._prompt_tokens = self._cached_tokens = 0
        self._pending: asyncio.TimerHandle | None = None
        self._written = 0.0
        self._writable = True

    def record(self, request: Request) -> Request:
        """Note a request that was answered; it gets an id."""
        request = self.note(request)
        self._requests.append(request)
        self._outcomes[request.reason or request.outcome] += 1
        # A refusal at the door takes no time, and would make the figures look better than they are.
        worked = request.stages_ms or request.outcome == "shown"
        for stage, ms in {**request.stages_ms, "total": request.total_ms}.items() if worked else ():
            self._stages.setdefault(stage, collections.deque(maxlen=1000)).append(ms)
        self._prompt_tokens += request.prompt_tokens
        self._cached_tokens += request.cached_tokens
        self.touch()
        return request

    def note(self, entry: Request) -> Request:
        """Put an answer, of whatever kind, into the trace alone; it gets an id."""
        self._number += 1
        entry = msgspec.structs.replace(entry, id=f"{os.getpid():x}-{self._number}")
        if entry.outcome == "shown":
            self._shown[entry.kind] = entry
        self.trace(entry)
        return entry

    def settle(self, kind: str, outcome: str) -> None:
        """Put into the trace what became of what was shown last of this kind."""
        if shown := self._shown.pop(kind, None):
            now = time.time()
            self.note(
                Request(
                    at=now,
                    method="",
                    document=shown.document,
                    version=shown.version,
                    outcome=outcome,
                    total_ms=round((now - shown.at) * 1000, 1),
                    source=shown.source,
                    kind=kind,
                    about=shown.id,
                )
            )

    def found(self, findings: FileFindings) -> None:
        """Note what the bug finder made of a document."""
        self._findings.pop(findings.document, None)
        self._findings[findings.document] = findings
        while len(self._findings) > KEPT:
            del self._findings[next(iter(self._findings))]
        self.trace_findings(findings)
        self.touch()

    def trace_findings(self, findings: FileFindings) -> None:
        """Put into the trace alone what the bug finder made of a document, also if nobody sees it."""
        self.note(
            Request(
                at=findings.at,
                method="",
                document=findings.document,
                version=findings.version,
                outcome="shown" if findings.shown else "silent",
                total_ms=findings.ms,
                reason=findings.reason,
                sentence=findings.sentence,
                detail=findings.detail,
                kind="findings",
            )
        )

    def last(self) -> Request | None:
        """The newest request."""
        return self._requests[-1] if self._requests else None

    def set_model(self, model: ModelReport) -> None:
        """Note what became of the model."""
        self.model = model
        self.touch()

    def report(self) -> Report:
        """All of it, as plain values."""
        load = self.load()
        return Report(
            pid=os.getpid(),
            version=self._version,
            client=self.client,
            started=self._started,
            updated=time.time(),
            model=msgspec.structs.replace(self.model, guests=self.guests()),
            memory_mb=_memory_mb(),
            documents=self.open_documents(),
            running=load.running.name.lower() if load.running is not None else "",
            waiting={lane.name.lower(): count for lane, count in load.waiting.items()},
            prompt_tokens=self._prompt_tokens,
            cached_tokens=self._cached_tokens,
            stages={stage: quantiles(values) for stage, values in self._stages.items()},
            outcomes=dict(self._outcomes),
            requests=list(self._requests),
            index=self.index,
            budget=self.budget(),
            findings=list(self._findings.values()),
        )

    def touch(self) -> None:
        """Write the file soon."""
        if self._pending is None and self._writable:
            wait = max(0.05, self._written + QUIET_S - time.monotonic())
            self._pending = asyncio.get_running_loop().call_later(wait, self._write_soon)

    def close(self) -> None:
        """Take the file away: it speaks of running servers only."""
        self._writable = False
        if self._pending is not None:
            self._pending.cancel()
        reports.remove(os.getpid())

    def _write_soon(self) -> None:
        self._pending = None
        self._written = time.monotonic()
        # On a thread, because a disk may take its time.
        threading.Thread(target=self._write, args=(self.report(),), name="tacit-status", daemon=True).start()

    def _write(self, report: Report) -> None:
        try:
            reports.write(report)
        except OSError as error:
            if self._writable:
                log.warning("`tacit why` and `tacit status` will know nothing: %s", error.strerror)
            self._writable = False
            return
        if not self._writable:
            reports.remove(os.getpid())  # closed meanwhile


def quantiles(values: Iterable[float]) -> Quantiles:
    """By nearest rank: each is a value that occurred."""
    ranked = sorted(values)
    return Quantiles(p50=_at(ranked, 0.50), p99=_at(ranked, 0.99), count=len(ranked))


def _at(ranked: list[float], share: float) -> float:
    return round(ranked[max(0, math.ceil(len(ranked) * share) - 1)], 1)


def _memory_mb() -> float:
    import psutil

    return round(float(psutil.Process().memory_info().rss) / 1e6, 1)
