"""From paths to what is in the files: content that the index has already is only hashed, the rest is cut."""

from __future__ import annotations

import contextlib
import itertools
import queue
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from retrieval.content import fingerprint
from retrieval.parsing import Parsed, Workers

WINDOW = 1000  # files that are compared with the index at a time
AHEAD = 200  # answers that wait to be taken while the workers go on


def read_all(
    root: Path,
    paths: Sequence[str],
    workers: Workers,
    known: Callable[[Collection[bytes]], set[bytes]],
    cancelled: Callable[[], bool],
) -> Iterator[Parsed]:
    """One `Parsed` for each path, in any order; once `cancelled`, the remaining ones are left out.

    `known` tells which of some hashes the index has, and is called on the caller's thread.
    """
    rest = iter(paths)

    def compared() -> tuple[list[Parsed], list[str]]:
        """The next window: what is known, and the paths of what is not."""
        window = [] if cancelled() else list(itertools.islice(rest, WINDOW))
        prints = {path: fingerprint(root / path, path) for path in window}
        have = known({each for each, _ in prints.values()})
        found = [Parsed(path, "", *each, None) for path, each in prints.items() if each[0] in have]
        return found, [path for path, each in prints.items() if each[0] not in have]

    try:
        found, unknown = compared()
        while found or unknown:
            cut = _in_thread(workers, unknown, cancelled)
            yield from found
            found, unknown = compared()  # while the workers are at it
            yield from cut
    except BaseException:
        # Questions that were asked would be answered to whoever asks next.
        workers.close()
        raise


def _in_thread(workers: Workers, paths: Sequence[str], cancelled: Callable[[], bool]) -> Iterator[Parsed]:
    """`workers.parse` on a thread that begins now and keeps AHEAD of who takes the answers."""
    answers: queue.Queue[Parsed | BaseException | None] = queue.Queue(AHEAD)

    def put(answer: Parsed | BaseException | None) -> None:
        while not workers.closed:
            with contextlib.suppress(queue.Full):
                return answers.put(answer, timeout=0.5)

    def run() -> None:
        try:
            for answer in workers.parse(itertools.takewhile(lambda _: not cancelled(), paths)):
                put(answer)
            put(None)
        except BaseException as error:
            put(error)

    threading.Thread(target=run, name="tacit-reading", daemon=True).start()
    return _taken(answers)


def _taken(answers: queue.Queue[Parsed | BaseException | None]) -> Iterator[Parsed]:
    while isinstance(answer := answers.get(), Parsed):
        yield answer
    if answer is not None:
        raise answer
