"""Files are read and cut in processes of their own: what a file does to a parser costs that file only.

A worker that dies, or works on one file for TIMEOUT seconds, is replaced, and what was waiting goes to the
new one. The file that it was at is reported as failed where it was too slow, or has ended a second worker:
the first may have been killed for reasons of its own.

Both directions of the pipe carry frames of msgpack (`engine.processes`): paths one way, `Parsed` the other,
in the same order.
"""

from __future__ import annotations

import collections
import contextlib
import select
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import msgspec
import psutil

from engine.processes import environment, framed, python_module, read_frame
from retrieval.chunk import Chunk, chunk_file
from retrieval.content import Reason, read
from text.secrets import secrets

TIMEOUT = 20.0  # seconds of processor time for one file; the slowest honest one takes one or two
AHEAD = 32  # files a worker is given before it has answered
MEMORY = 2 << 30  # bytes of address space of a worker


class Parsed(msgspec.Struct, frozen=True):
    """What became of one file."""

    path: str
    reason: Reason  # "" if it was cut, or else why it was not
    hash: bytes  # as `content.hash_of` gives it; zeros if it could not be read
    note: bytes  # as `content.note_of` gives it
    chunks: list[Chunk] | None  # None where the index has this content already
    lines: int = 0


def parse(root: Path, path: str) -> Parsed:
    """Read and cut one file, here and now."""
    content = read(root / path, path)
    if content.reason:
        return Parsed(path, content.reason, content.hash, content.note, [])
    chunks = chunk_file(path, content.text)
    chunks = without_secrets(chunks, content.text)
    return Parsed(path, "", content.hash, content.note, chunks, content.text.count("\n"))


def without_secrets(chunks: list[Chunk], text: str) -> list[Chunk]:
    """The chunks that no secret in `text` touches."""
    spans = list(secrets(text))
    if not spans:
        return chunks
    return [each for each in chunks if not any(start < each.end and each.start < end for start, end in spans)]


class Workers:
    """Some worker processes for one root; close it, or use it in a `with` block."""

    def __init__(self, root: Path, count: int = 1, timeout: float = TIMEOUT) -> None:
        self._root = root
        self._timeout = timeout
        self.closed = False
        self._workers = [_Worker(root) for _ in range(count)]
        self._suspects: set[str] = set()  # files that a worker has died over once

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes; who is waiting for answers gets no more."""
        self.closed = True
        for worker in self._workers:
            worker.end()

    def parse(self, paths: Iterable[str]) -> Iterator[Parsed]:
        """Read and cut files; the answers come in any order, one for each."""
        waiting = iter(paths)
        more = True
        while True:
            for worker in self._workers:
                while more and len(worker.given) < AHEAD:
                    path = next(waiting, None)
                    if path is None:
                        more = False
                        break
                    worker.give(path)
            busy = [worker for worker in self._workers if worker.given]
            if not busy or self.closed:
                return
            try:
                yield from self._answers(busy)
            except (OSError, ValueError):
                if not self.closed:  # by another thread, and the pipes with it
                    raise

    def _answers(self, busy: list[_Worker]) -> Iterator[Parsed]:
        """Those that are there, once there is one; a worker that is dead or stuck is replaced."""
        ready, _, _ = select.select([worker.output for worker in busy], [], [], self._timeout / 4)
        for worker in busy:
            if worker.output in ready:
                answer = worker.answer()
                if answer is not None:
                    yield answer
                elif worker.given[0] in self._suspects:
                    yield self._failed(worker, "crashed")
                else:
                    self._suspects.add(worker.given[0])
                    self._replace(worker, worker.given)
            elif worker.is_stuck(self._timeout):
                yield self._failed(worker, "too slow")

    def _replace(self, worker: _Worker, paths: Iterable[str]) -> None:
        """A new worker, for these."""
        if self.closed:
            raise ValueError("closed")
        worker.end()
        fresh = self._workers[self._workers.index(worker)] = _Worker(self._root)
        for path in paths:
            fresh.give(path)

    def _failed(self, worker: _Worker, reason: Reason) -> Parsed:
        """What is to be said of the file that the worker was at; the others go on without it."""
        culprit, *others = worker.given
        self._suspects.discard(culprit)
        self._replace(worker, others)
        content = read(self._root / culprit, culprit)
        return Parsed(culprit, reason, content.hash, content.note, [])


class _Worker:
    def __init__(self, root: Path) -> None:
        self._process = subprocess.Popen(
            python_module("retrieval.parsing", str(root)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,  # or else `select` would not see what has been read ahead
            env=environment(),
        )
        self._measured = psutil.Process(self._process.pid)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input: IO[bytes] = self._process.stdin
        self.output: IO[bytes] = self._process.stdout
        self.given: collections.deque[str] = collections.deque()
        self._since = 0.0, 0.0  # when it began with its file: by the clock, and in its own processor time

    def give(self, path: str) -> None:
        """Hand it one more file. AHEAD paths always fit into the pipe."""
        if not self.given:
            self._since = time.monotonic(), self._worked()
        self.given.append(path)
        with contextlib.suppress(OSError):  # it is dead, which reading from it will tell
            self._input.write(framed(msgspec.msgpack.encode(path)))

    def answer(self) -> Parsed | None:
        """The next answer, once there is some of it; None where the worker is dead."""
        message = read_frame(self.output)
        if message is None:
            return None
        self.given.popleft()
        self._since = time.monotonic(), self._worked()
        return _DECODER.decode(message)

    def is_stuck(self, timeout: float) -> bool:
        """Whether it has worked longer than `timeout` on its file; on a busy machine that takes longer."""
        clock, worked = self._since
        return self._worked() - worked > timeout or time.monotonic() - clock > 3 * timeout

    def _worked(self) -> float:
        try:
            times = self._measured.cpu_times()
        except psutil.Error:  # it is dead
            return 0.0
        return float(times.user + times.system)

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._input, self.output):
            with contextlib.suppress(OSError):
                pipe.close()


_DECODER = msgspec.msgpack.Decoder(Parsed)


def main(root: Path) -> None:
    """A worker: files in, chunks out, until the input ends."""
    _limit_memory()
    encoder = msgspec.msgpack.Encoder()
    while (message := read_frame(sys.stdin.buffer)) is not None:
        path = msgspec.msgpack.decode(message, type=str)
        try:
            parsed = parse(root, path)
        except (MemoryError, RecursionError, ValueError) as error:
            reason: Reason = "too large" if isinstance(error, MemoryError) else "crashed"
            content = read(root / path, path)
            parsed = Parsed(path, reason, content.hash, content.note, [])
        sys.stdout.buffer.write(framed(encoder.encode(parsed)))
        sys.stdout.buffer.flush()


def _limit_memory() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
