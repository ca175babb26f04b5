from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import stat
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.cancel import CancelToken
from engine.drafts import NgramDrafter
from engine.errors import HostGone
from engine.lanes import Lane, Lanes
from engine.load import load_model
from engine.model import Model
from engine.paths import runtime_dir
from engine.sharing.guest import SharedModel
from engine.sharing.host import PATIENCE_S
from engine.sharing.join import Joined, join
from engine.sharing.wire import Ask, Hello, Wire
from tests.support.tiny_folder import tiny_folder

PROMPT = list(b"def area(width, height):\n    return width")

Joiner = Callable[..., Joined]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture
def joined(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Joiner]:
    """Makes servers of one user, each with lanes of its own, as far as the model is concerned."""
    monkeypatch.setenv("TACIT_STATE_DIR", str(tmp_path))
    made: list[tuple[Joined, Lanes]] = []

    def make(
        version: str = "1", on_gone: Callable[[], None] = lambda: None, lanes: Lanes | None = None
    ) -> Joined:
        lanes = lanes or Lanes()
        new = join(
            lambda: load_model(str(folder), threads=1, context=640),
            folder,
            lanes,
            context=640,
            version=version,
            on_gone=on_gone,
        )
        made.append((new, lanes))
        return new

    yield make
    for each, lanes in reversed(made):
        each.close()
        lanes.close()


def agree(one: Joined, other: Joined) -> bool:
    a, b = (each.model.generate(PROMPT, max_tokens=5).tokens for each in (one, other))
    return a == b and len(a) > 0


def test_a_guest_writes_what_the_host_would(joined: Joiner) -> None:
    host, guest = joined(), joined()
    models = host.model, guest.model
    assert (host.process, guest.process) == (0, os.getpid())
    assert [tuple(each.trained_for) for each in models] == [("p",), ("p",)]
    for most, heal, drafts in ((40, "", False), (40, "", True), (12, "wi", True), (1, "", False)):
        draft = NgramDrafter(PROMPT) if drafts else None
        answers = [each.generate(PROMPT, max_tokens=most, heal=heal, draft=draft) for each in models]
        assert answers[0].tokens == answers[1].tokens
        assert (answers[0].text, answers[0].finish) == (answers[1].text, answers[1].finish)
        assert answers[0].logprobs == pytest.approx(answers[1].logprobs, abs=1e-4)
    stopped = [
        m.generate(PROMPT, max_tokens=40, stop=lambda t: len(t) > 7) for m in (host.model, guest.model)
    ]
    assert stopped[0].text == stopped[1].text
    assert {each.finish for each in stopped} == {"stop"}
    assert guest.model.warm(PROMPT).prompt_tokens == len(PROMPT)
    assert guest.model.score(PROMPT, [1, 2]) == pytest.approx(host.model.score(PROMPT, [1, 2]), abs=1e-4)
    with pytest.raises(ValueError, match="no room"):
        guest.model.generate([1] * 700, max_tokens=1)
    assert guest.model.generate(PROMPT, max_tokens=3).tokens  # the guest is still welcome


def test_the_stop_of_a_caller_is_told_the_whole_text_so_far(joined: Joiner) -> None:
    joined()
    told: list[str] = []

    def stop(text: str) -> bool:
        told.append(text)
        return False

    answer = joined().model.generate(PROMPT, max_tokens=20, stop=stop)
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(told))
    assert told[-1] == answer.text


def test_a_deadline_and_a_cancellation_end_it(joined: Joiner) -> None:
    host, guest = joined(), joined()
    assert guest.model.generate(PROMPT, max_tokens=9, deadline=time.monotonic() - 1).finish == "deadline"
    cancel = CancelToken()

    def stop(_: str) -> bool:
        cancel.cancel()
        return False

    answer = guest.model.generate(PROMPT, max_tokens=500, stop=stop, cancel=cancel)
    assert answer.finish == "cancelled"
    assert answer.tokens  # for the next request's drafts
    assert agree(host, guest)


def test_a_callers_error_is_the_callers(joined: Joiner) -> None:
    def stop(_: str) -> bool:
        raise RuntimeError("mine")

    joined()
    guest = joined()
    with pytest.raises(RuntimeError, match="mine"):
        guest.model.generate(PROMPT, max_tokens=9, stop=stop)
    assert guest.model.generate(PROMPT, max_tokens=5).tokens


def test_a_hosts_keystroke_goes_before_a_guests_lesser_work_which_starts_anew(joined: Joiner) -> None:
    lanes, own = Lanes(), Lanes()
    joined(lanes=lanes)
    guest = joined(lanes=own)
    tries: list[int] = []
    begun, may_go_on = threading.Event(), threading.Event()

    def slow(_: str) -> bool:
        begun.set()
        return may_go_on.wait(0.05) and False

    def lesser(cancel: CancelToken) -> int:
        tries.append(1)
        return len(guest.model.generate(PROMPT, max_tokens=30, stop=slow, cancel=cancel).tokens)

    job = own.submit(Lane.NEXT_EDIT, "x", lesser)
    assert begun.wait(5)
    keystroke = lanes.submit(Lane.KEYSTROKE, "y", lambda _: len(tries))
    assert keystroke.result(5) == 1
    may_go_on.set()
    assert job.result(10) == 30
    assert len(tries) == 2


def test_of_many_guests_each_is_answered(joined: Joiner) -> None:
    host = joined()
    guests = [joined() for _ in range(4)]
    answers: list[tuple[int, ...]] = []

    def ask(model: Model) -> None:
        several = (model.generate(PROMPT, max_tokens=8, stop=lambda _: False) for _ in range(5))
        answers.extend(each.tokens for each in several)

    threads = [threading.Thread(target=ask, args=(guest.model,)) for guest in guests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == 20
    assert len(set(answers)) == 1
    assert host.guests == 4


def test_where_the_host_goes_a_guest_takes_over(joined: Joiner) -> None:
    gone = threading.Event()
    host, guest = joined(), joined(on_gone=gone.set)
    host.close()
    with pytest.raises(HostGone):
        guest.model.generate(PROMPT, max_tokens=5)
    assert gone.wait(5)
    heir = joined()
    assert heir.host is not None
    assert (
        joined().model.generate(PROMPT, max_tokens=5).tokens
        == heir.model.generate(PROMPT, max_tokens=5).tokens
    )


def test_an_idle_guest_notices_that_the_host_is_gone(joined: Joiner) -> None:
    gone = threading.Event()
    host, _guest = joined(), joined(on_gone=gone.set)
    assert not gone.wait(0.1)
    host.close()
    assert gone.wait(5)


def test_who_leaves_is_not_told_so(joined: Joiner) -> None:
    gone = threading.Event()
    joined()
    joined(on_gone=gone.set).close()
    assert not gone.wait(0.2)


def test_another_version_is_served_by_its_own_host(joined: Joiner) -> None:
    assert joined("1").host
    assert joined("2").host


def test_a_guest_that_hangs_does_not_hold_up_the_host(joined: Joiner) -> None:
    lanes = Lanes()
    joined(lanes=lanes)
    guest = joined()
    assert isinstance(guest.model, SharedModel)
    asked = Ask(1, "generate", Lane.KEYSTROKE, PROMPT, max_tokens=20, stops=True)
    guest.model._wire.send(asked)  # and never answers
    time.sleep(0.05)
    began = time.monotonic()
    assert lanes.submit(Lane.KEYSTROKE, "own", lambda _: 1).result(5) == 1
    assert time.monotonic() - began < PATIENCE_S + 1


def test_noise_on_the_socket_is_hung_up_on(joined: Joiner) -> None:
    host = joined()
    (path,) = runtime_dir().glob("*.sock")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    for noise in (b"\x05\x00\x00\x00hello", b"\xff\xff\xff\xff", b"GET / HTTP/1.1\r\n\r\n", b""):
        with socket.socket(socket.AF_UNIX) as end:
            end.settimeout(5)
            end.connect(str(path))
            end.sendall(noise)
            end.shutdown(socket.SHUT_WR)
            assert end.recv(100) == b""
    assert (
        joined().model.generate(PROMPT, max_tokens=5).tokens
        == host.model.generate(PROMPT, max_tokens=5).tokens
    )


def test_a_folder_that_others_may_write_to_is_not_used(joined: Joiner) -> None:
    joined().close()
    os.chmod(runtime_dir(), 0o755)
    alone = joined()
    assert alone.host is None
    assert alone.process == 0
    assert alone.model.generate(PROMPT, max_tokens=5).tokens


HOST = """
    import sys, time
    from pathlib import Path
    from engine.lanes import Lanes
    from engine.load import load_model
    from engine.sharing.join import join

    folder = Path(sys.argv[1])
    load = lambda: load_model(str(folder), threads=1, context=640)
    host = join(load, folder, Lanes(), context=640, version="1", on_gone=lambda: None)
    print("ready", flush=True)
    time.sleep(60)
"""


def test_a_guest_that_comes_while_the_host_closes_is_hung_up_on(joined: Joiner) -> None:
    host = joined().host
    assert host is not None
    guest, accepted = socket.socketpair()
    host.close()
    with guest:
        Wire(guest).send(Hello("1"))
        host._serve(Wire(accepted))  # as its thread does, which was started a moment before
        with contextlib.suppress(ConnectionResetError):  # as what it said was not read
            assert guest.recv(1) == b""


def test_a_host_that_is_killed_leaves_nothing_in_the_way(joined: Joiner, folder: Path) -> None:
    program = [sys.executable, "-c", textwrap.dedent(HOST), str(folder)]
    gone = threading.Event()
    with subprocess.Popen(program, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        guest = joined(on_gone=gone.set)
        assert guest.process == process.pid
        assert guest.model.generate(PROMPT, max_tokens=5).tokens

        def stop(_: str) -> bool:
            process.send_signal(signal.SIGKILL)
            return False

        with pytest.raises(HostGone):
            guest.model.generate(PROMPT, max_tokens=200, stop=stop)
    assert gone.wait(10)
    heir = joined()
    assert heir.host is not None
    assert heir.model.generate(PROMPT, max_tokens=5).tokens
