"""Lanes: one worker thread that does the most urgent model work first.

A job is named by its lane and key. Within a lane jobs run in the order of submission, the latest of a
key replacing an earlier one; across lanes the more urgent lane goes first, and takes the thread from a
running job of a less urgent one, which starts anew later.

    Superseded         a newer job with the same lane and key took this one's place
    Closed             the lanes were closed before the job was done
    TakenAway          a job raises it where another server's more urgent work took the model: it starts anew
"""

from __future__ import annotations

import contextlib
import enum
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from typing import Any, TypeVar

from engine.cancel import Cancelled, CancelToken

T = TypeVar("T")

_this_thread = threading.local()


class Lane(enum.IntEnum):
    """What a job is for; a smaller number goes first."""

    KEYSTROKE = 0
    NEXT_EDIT = 1
    APPLY = 2
    BUGS = 3


class Superseded(Exception):
    """A newer job with the same lane and key took this one's place."""


class Closed(Exception):
    """The lanes were closed before the job was done."""


class TakenAway(Exception):
    """More urgent work of another server has taken the model that both share: the job has to start anew."""


@dataclass(frozen=True, slots=True)
class Load:
    """What the worker is doing, for status displays."""

    running: Lane | None
    waiting: dict[Lane, int]


@dataclass(eq=False, slots=True)
class _Job:
    lane: Lane
    key: Hashable
    work: Callable[[CancelToken], Any]
    future: Future[Any] = field(default_factory=Future)
    token: CancelToken = field(default_factory=CancelToken)
    preempted: bool = False

    def stop(self, future: Future[Any]) -> None:
        """Done callback: a job whose future is settled, by whomever, has no reason to go on."""
        self.token.cancel("no longer wanted")
        self.work = _nothing  # whoever keeps the future need not keep a model and documents alive
        if future.cancelled():
            future.set_running_or_notify_cancel()  # else concurrent.futures.wait() would not see it


def _nothing(_: CancelToken) -> None:
    """The work of a job that is over."""


def current_lane() -> Lane:
    """The lane of the job that this thread does; a keystroke's outside of jobs."""
    lane: Lane = getattr(_this_thread, "lane", Lane.KEYSTROKE)
    return lane


class Lanes:
    """Runs jobs on one thread of its own. `submit` may be called from any thread.

    Invariant: a future stays pending until its outcome is known, so `future.cancel()` works at any
    time, and a settled future is the only sign that a job is over: its late result is dropped.
    """

    def __init__(self, name: str = "tacit-lanes") -> None:
        self._changed = threading.Condition()
        self._waiting: dict[Lane, dict[Hashable, _Job]] = {lane: {} for lane in Lane}
        self._running: _Job | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def submit(self, lane: Lane, key: Hashable, work: Callable[[CancelToken], T]) -> Future[T]:
        """Queue `work` and return its future.

        `work` may be run more than once (preempted, then anew) and should look at its token often: what
        it returns after the token was cancelled is dropped. The future raises what `work` raises,
        `Superseded`, `Closed`, or `CancelledError` after `future.cancel()`.
        """
        job = _Job(lane, key, work)
        job.future.add_done_callback(job.stop)
        with self._changed:
            if self._closed:
                _fail(job, Closed())
                return job.future
            older, running = self._waiting[lane].pop(key, None), self._running
            replaced = [older] if older else []
            preempted = None
            if running and running.lane == lane and running.key == key:
                replaced.append(running)
            elif running and running.lane > lane:
                running.preempted = True
                preempted = running.token  # under the lock: put back, the job will have a fresh one
            self._waiting[lane][key] = job
            self._changed.notify()
        for old in replaced:
            _fail(old, Superseded())
        if preempted:
            preempted.cancel("preempted")
        return job.future

    def load(self) -> Load:
        """Return what runs and how many jobs wait, per lane."""
        with self._changed:
            running = self._running.lane if self._running else None
            return Load(running, {lane: len(jobs) for lane, jobs in self._waiting.items() if jobs})

    def close(self) -> None:
        """Fail every job with `Closed`, stop the running one and join the thread. Idempotent."""
        with self._changed:
            self._closed = True
            jobs = [job for lane in self._waiting.values() for job in lane.values()]
            if self._running:
                jobs.append(self._running)
            for lane in self._waiting.values():
                lane.clear()
            self._changed.notify()
        for job in jobs:
            _fail(job, Closed())
        self._thread.join()

    def _serve(self) -> None:
        while job := self._next():
            self._do(job)
            del job  # else an idle worker would keep the last job's documents alive

    def _next(self) -> _Job | None:
        with self._changed:
            while not self._closed:
                for jobs in self._waiting.values():
                    while jobs:
                        job = jobs.pop(next(iter(jobs)))
                        if not job.future.done():
                            self._running = job
                            return job
                self._changed.wait()
            return None

    def _do(self, job: _Job) -> None:
        result, error = None, None
        _this_thread.lane = job.lane
        try:
            result = job.work(job.token)
        except BaseException as raised:
            error = raised
        with self._changed:
            self._running = None
            # A preempted job that ended before its token was raised has done all its work.
            preempted = job.preempted and job.token.cancelled
            broken_off = preempted and (error is None or isinstance(error, Cancelled))
            if not job.future.done() and (broken_off or isinstance(error, TakenAway)):
                job.preempted, job.token = False, CancelToken()
                self._waiting[job.lane] = {job.key: job, **self._waiting[job.lane]}
                return
        if error is not None:
            _fail(job, error)
        else:
            with contextlib.suppress(InvalidStateError):
                job.future.set_result(result)


def _fail(job: _Job, error: BaseException) -> None:
    with contextlib.suppress(InvalidStateError):
        job.future.set_exception(error)
