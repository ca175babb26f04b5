from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, wait

import pytest

from engine.cancel import CancelToken
from engine.lanes import Closed, Lane, Lanes, Superseded

LIMIT = 20.0  # seconds until a test that hangs fails
STEP = 0.001  # seconds between two looks at a cancel token


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    lanes = Lanes()
    yield lanes
    lanes.close()


class Gate:
    """Work that says when it has started, and goes on until it is opened or cancelled."""

    def __init__(self, result: object = None) -> None:
        self.started = threading.Semaphore(0)
        self.tokens: list[CancelToken] = []
        self._go = threading.Event()
        self._result = result

    def __call__(self, cancel: CancelToken) -> object:
        self.tokens.append(cancel)
        self.started.release()
        while not self._go.wait(STEP):
            cancel.check()
        return self._result

    def open(self) -> None:
        self._go.set()

    def wait_until_started(self) -> None:
        assert self.started.acquire(timeout=LIMIT)


def note(log: list[str], name: str) -> Callable[[CancelToken], str]:
    def work(_: CancelToken) -> str:
        log.append(name)
        return name

    return work


def wait_until_cancelled(cancel: CancelToken, started: threading.Event) -> None:
    started.set()
    never = threading.Event()
    while not cancel.cancelled:
        never.wait(STEP)


def busy(lanes: Lanes, lane: Lane = Lane.KEYSTROKE) -> Gate:
    """Occupy the worker, so that what is submitted next has to wait."""
    gate = Gate()
    lanes.submit(lane, gate, gate)
    gate.wait_until_started()
    return gate


def test_result_and_exception_reach_the_future(lanes: Lanes) -> None:
    def fail(_: CancelToken) -> None:
        raise LookupError("no such thing")

    assert lanes.submit(Lane.BUGS, "a", lambda _: 42).result(LIMIT) == 42
    with pytest.raises(LookupError, match="no such thing"):
        lanes.submit(Lane.BUGS, "a", fail).result(LIMIT)
    assert lanes.submit(Lane.BUGS, "a", lambda _: 43).result(LIMIT) == 43  # the worker survived


def test_urgent_lanes_first_and_submission_order_within_a_lane(lanes: Lanes) -> None:
    log: list[str] = []
    gate = busy(lanes)
    jobs = [
        (Lane.BUGS, "b"),
        (Lane.APPLY, "a"),
        (Lane.KEYSTROKE, "k1"),
        (Lane.KEYSTROKE, "k2"),
        (Lane.NEXT_EDIT, "n"),
    ]
    futures = [lanes.submit(lane, key, note(log, key)) for lane, key in jobs]
    assert lanes.load().waiting == {Lane.KEYSTROKE: 2, Lane.NEXT_EDIT: 1, Lane.APPLY: 1, Lane.BUGS: 1}
    gate.open()
    assert [future.result(LIMIT) for future in futures] == ["b", "a", "k1", "k2", "n"]
    assert log == ["k1", "k2", "n", "a", "b"]


def test_latest_wins_over_a_waiting_job(lanes: Lanes) -> None:
    log: list[str] = []
    gate = busy(lanes)
    old = lanes.submit(Lane.NEXT_EDIT, "doc", note(log, "old"))
    other = lanes.submit(Lane.NEXT_EDIT, "other doc", note(log, "other"))
    new = lanes.submit(Lane.NEXT_EDIT, "doc", note(log, "new"))
    with pytest.raises(Superseded):
        old.result(LIMIT)
    gate.open()
    assert (new.result(LIMIT), other.result(LIMIT)) == ("new", "other")
    assert sorted(log) == ["new", "other"]


def test_latest_wins_over_the_running_job(lanes: Lanes) -> None:
    gate = Gate()
    old = lanes.submit(Lane.KEYSTROKE, "doc", gate)
    gate.wait_until_started()
    new = lanes.submit(Lane.KEYSTROKE, "doc", lambda _: "new")
    with pytest.raises(Superseded):
        old.result(LIMIT)
    assert new.result(LIMIT) == "new"
    assert gate.tokens[0].cancelled


def test_a_job_of_the_same_lane_does_not_preempt(lanes: Lanes) -> None:
    gate = busy(lanes)
    other = lanes.submit(Lane.KEYSTROKE, "other", lambda _: "other")
    assert not gate.tokens[0].cancelled
    gate.open()
    assert other.result(LIMIT) == "other"


def test_preempted_job_starts_anew_before_its_lane_goes_on(lanes: Lanes) -> None:
    log: list[str] = []
    gate = Gate("read")
    slow = lanes.submit(Lane.BUGS, "slow", gate)
    gate.wait_until_started()
    later = lanes.submit(Lane.BUGS, "later", note(log, "later"))
    urgent = lanes.submit(Lane.KEYSTROKE, "doc", note(log, "urgent"))
    assert urgent.result(LIMIT) == "urgent"
    gate.wait_until_started()
    assert log == ["urgent"]
    assert lanes.load().running == Lane.BUGS
    gate.open()
    assert slow.result(LIMIT) == "read"
    assert later.result(LIMIT) == "later"
    assert gate.tokens[0].cancelled
    assert len(gate.tokens) == 2


def test_what_a_preempted_job_returns_is_dropped(lanes: Lanes) -> None:
    runs = iter(["partial", "whole"])
    started = threading.Event()

    def work(cancel: CancelToken) -> str:
        result = next(runs)
        if result == "partial":
            wait_until_cancelled(cancel, started)
        return result

    slow = lanes.submit(Lane.BUGS, "doc", work)
    assert started.wait(LIMIT)
    lanes.submit(Lane.KEYSTROKE, "doc", lambda _: None)
    assert slow.result(LIMIT) == "whole"


def test_an_error_of_a_preempted_job_is_its_outcome(lanes: Lanes) -> None:
    started = threading.Event()

    def work(cancel: CancelToken) -> None:
        wait_until_cancelled(cancel, started)
        raise LookupError

    slow = lanes.submit(Lane.BUGS, "doc", work)
    assert started.wait(LIMIT)
    lanes.submit(Lane.KEYSTROKE, "doc", lambda _: None)
    with pytest.raises(LookupError):
        slow.result(LIMIT)


def test_a_superseded_job_is_not_put_back(lanes: Lanes) -> None:
    gate = Gate()
    old = lanes.submit(Lane.BUGS, "doc", gate)
    gate.wait_until_started()
    new = lanes.submit(Lane.BUGS, "doc", lambda _: "new")
    lanes.submit(Lane.KEYSTROKE, "doc", lambda _: None).result(LIMIT)
    with pytest.raises(Superseded):
        old.result(LIMIT)
    assert new.result(LIMIT) == "new"
    assert len(gate.tokens) == 1


def test_cancelling_a_waiting_future(lanes: Lanes) -> None:
    log: list[str] = []
    gate = busy(lanes)
    future = lanes.submit(Lane.APPLY, "a", note(log, "a"))
    assert future.cancel()
    assert wait([future], LIMIT).done == {future}
    gate.open()
    lanes.submit(Lane.BUGS, "last", lambda _: None).result(LIMIT)
    assert log == []


def test_cancelling_a_running_future_cancels_its_token_and_frees_the_worker(lanes: Lanes) -> None:
    gate = Gate()
    future = lanes.submit(Lane.APPLY, "a", gate)
    gate.wait_until_started()
    assert future.cancel()
    with pytest.raises(CancelledError):
        future.result(LIMIT)
    assert lanes.submit(Lane.BUGS, "next", lambda _: 1).result(LIMIT) == 1
    assert gate.tokens[0].cancelled


def test_close_fails_what_is_left_and_joins() -> None:
    lanes = Lanes("closing")
    gate = Gate()
    running = lanes.submit(Lane.KEYSTROKE, "running", gate)
    gate.wait_until_started()
    waiting = lanes.submit(Lane.BUGS, "waiting", lambda _: None)
    lanes.close()
    lanes.close()
    for future in (running, waiting, lanes.submit(Lane.BUGS, "late", lambda _: None)):
        with pytest.raises(Closed):
            future.result(LIMIT)
    assert "closing" not in {thread.name for thread in threading.enumerate()}


def test_close_during_a_preemption_ends_the_preempted_job() -> None:
    lanes = Lanes()
    slow, urgent = Gate(), Gate()
    preempted = lanes.submit(Lane.BUGS, "slow", slow)
    slow.wait_until_started()
    lanes.submit(Lane.KEYSTROKE, "urgent", urgent)
    urgent.wait_until_started()
    lanes.close()
    with pytest.raises(Closed):
        preempted.result(LIMIT)


def test_many_submitters_every_future_settles(lanes: Lanes) -> None:
    futures = []
    lock = threading.Lock()

    def work(cancel: CancelToken) -> int:
        for _ in range(20):
            cancel.check()
        return 1

    def submit(seed: int) -> None:
        for n in range(200):
            future = lanes.submit(Lane((seed + n) % len(Lane)), n % 7, work)
            if n % 11 == 0:
                future.cancel()
            with lock:
                futures.append(future)

    threads = [threading.Thread(target=submit, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    done, waiting = wait(futures, LIMIT)
    assert not waiting
    assert len(done) == 800
    outcomes = {type(f.exception()) for f in done if not f.cancelled()}
    assert outcomes <= {type(None), Superseded}
