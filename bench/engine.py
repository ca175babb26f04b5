"""Speed of the engine alone, beside llama.cpp on the same weights file and as many threads.

Each contender lives in a process of its own, so that its memory can be told; they take turns, measurement by
measurement, so that whatever else the machine does falls on all of them. Every figure is a median.

    prefill    tokens per second when a prompt is read from nothing
    decode     milliseconds per token after 1,024 others, one by one
    keystroke  milliseconds for 1,024 tokens cached, 8 new, 16 written, one by one
    drafted    the same as the server does it: with drafts looked up in the prompt, to the same output
    verify     milliseconds for one pass over a draft after 1,024 tokens, with the scores of all its positions
"""

from __future__ import annotations

import contextlib
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil

from bench.peer import Peer, available
from bench.tasks import (
    CACHED,
    DECODED,
    DRAFTS,
    NEW,
    PREFILLS,
    WRITTEN,
    Contender,
    Task,
    new_tokens,
    perform,
    tasks,
)
from cache.prefix import PrefixCache
from completion.line_drafts import LineDrafter
from engine.converted import GRAPH, load_tokenizer
from engine.decode import CachedModel
from engine.session import Session

CONTEXT = 2560
DRAFTED = "drafted"  # the one task that is Tacit's alone
ATTEMPTS = 50
CHUNK = 256  # tokens per pass of a long prompt, as in engine.decode
SAMPLE = Path(__file__).parent / "sessions" / "workday"


def measure(
    converted: Path,
    gguf: Path | None,
    *,
    threads: int,
    rounds: int,
    progress: Callable[[], object] = lambda: None,
) -> dict[str, Any]:
    """Time Tacit on a converted model and, where both can be had, llama.cpp on its GGUF file.

    Return the figures by engine, and under "ratio" Tacit's keystroke over llama.cpp's, without and with
    drafts; or, where llama.cpp cannot go on, why. Call `progress` after each round. Raises RuntimeError where
    Tacit's engine cannot.
    """
    entrants = [Entrant("tacit", converted, threads)]
    if gguf is not None and available():
        entrants.append(Entrant("llama.cpp", gguf, threads))
    racers: list[_Racer] = []
    failed: dict[str, Any] = {}

    @contextlib.contextmanager
    def noting_failures(entrant: Entrant) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            if entrant.engine == "tacit":
                raise
            failed[entrant.engine] = {"failed": str(error)}

    def run(racer: _Racer, task: Task, turn: int) -> None:
        if racer.entrant.engine not in failed:
            with noting_failures(racer.entrant):
                # The first round wakes up memory and processor, and does not count.
                racer.run(task, counts=turn > 0)

    try:
        for entrant in entrants:
            with noting_failures(entrant):
                racers.append(_Racer(entrant))
        for turn in range(rounds + 1):
            for task in tasks(turn):
                for racer in racers:
                    run(racer, task, turn)
            run(racers[0], Task(DRAFTED, NEW, turn), turn)
            progress()
        figures = {
            each.entrant.engine: each.figures() for each in racers if each.entrant.engine not in failed
        }
    finally:
        for racer in racers:
            racer.close()
    if len(figures) == 2:
        theirs = figures["llama.cpp"]["keystroke_ms"]
        ratios = {
            "ratio": round(figures["tacit"]["keystroke_ms"] / theirs, 3),
            "ratio_drafted": round(figures["tacit"]["drafted_ms"] / theirs, 3),
        }
        return {**figures, **ratios}
    return figures | failed


@dataclass(frozen=True)
class Entrant:
    """Who is to be measured: "tacit" with a converted folder, or "llama.cpp" with a GGUF file."""

    engine: str
    weights: Path
    threads: int

    def enter(self) -> Contender:
        """Load it."""
        kind = Ours if self.engine == "tacit" else Peer
        return kind(self.weights, threads=self.threads, context=CONTEXT)


class Ours:
    """Tacit's engine: its session, read in the chunks in which it reads prompts."""

    def __init__(self, folder: Path, *, threads: int, context: int) -> None:
        self._session = Session(folder / GRAPH, threads=threads, capacity=context)
        self._tokenizer = load_tokenizer(folder)

    def tokenize(self, text: str) -> list[int]:
        """Tokens of plain text."""
        return self._tokenizer.encode(text)

    def rollback(self, length: int) -> None:
        """Forget every token from index `length` on."""
        self._session.rollback(length)

    def evaluate(self, tokens: Sequence[int]) -> int:
        """Append tokens; return the likeliest next one."""
        for start in range(0, len(tokens), CHUNK):
            logits = self._session.step(tokens[start : start + CHUNK])
        return int(logits[0].argmax())

    def write_with_drafts(self, code: Sequence[int], turn: int) -> float:
        """Return the milliseconds of a keystroke as the server answers it, but for the prompt."""
        self._session.rollback(0)
        model = CachedModel(self._session, PrefixCache(0), self._tokenizer)
        model.warm(code[:CACHED])
        for attempt in range(ATTEMPTS):
            prompt = [*code[:CACHED], *new_tokens(code, turn + attempt * ATTEMPTS, NEW)]
            drafter = LineDrafter(prompt, self._tokenizer)
            started = time.perf_counter()
            written = model.generate(prompt, max_tokens=WRITTEN, draft=drafter)
            ms = (time.perf_counter() - started) * 1000
            if len(written.tokens) == WRITTEN:  # else the model had less to say
                return ms
        raise RuntimeError("the model ends everything at once")

    def verify(self, tokens: Sequence[int]) -> Sequence[int]:
        """Append tokens; return the likeliest next one after each of them."""
        return [int(token) for token in self._session.step(tokens, rows=len(tokens)).argmax(-1)]


def sample() -> str:
    """Real code in three languages."""
    return "".join(path.read_text("utf-8") for path in sorted(SAMPLE.iterdir()) if path.is_file())


class _Racer:
    """A contender in its own process, and what it was timed at."""

    def __init__(self, entrant: Entrant) -> None:
        self.entrant = entrant
        self._times: dict[tuple[str, int], list[float]] = {}
        context = multiprocessing.get_context(
            "spawn"
        )  # A fork would take the parent's threads and memory along.
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_race, args=(entrant, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._load_ms, self._loaded_mb = self._receive()

    def run(self, task: Task, *, counts: bool) -> None:
        """Have one task timed."""
        self._pipe.send(task)
        ms = self._receive()
        if counts:
            self._times.setdefault((task.kind, task.size), []).append(ms)

    def figures(self) -> dict[str, Any]:
        """Medians, and the memory after everything."""
        median = {key: statistics.median(times) for key, times in self._times.items()}
        return {
            "weights": self.entrant.weights.name,
            "load_ms": round(self._load_ms, 1),
            "rss_loaded_mb": self._loaded_mb,
            "rss_mb": _memory_mb(self._process.pid),
            "rounds": len(self._times["keystroke", NEW]),
            "prefill_tokens_per_s": {
                str(size): round(1000 * size / median["prefill", size]) for size in PREFILLS
            },
            "decode_ms": round(median["decode", DECODED], 2),
            "keystroke_ms": round(median["keystroke", NEW], 1),
            **{f"{kind}_ms": round(ms, 1) for (kind, _), ms in median.items() if kind == DRAFTED},
            "keystroke_all_ms": [round(ms, 1) for ms in self._times["keystroke", NEW]],
            "verify_ms": {str(size): round(median["verify", size], 1) for size in DRAFTS},
        }

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()

    def _receive(self) -> Any:
        try:
            answer = self._pipe.recv()
        except EOFError:
            raise RuntimeError(f"{self.entrant.engine} ended before its answer") from None
        if isinstance(answer, str):
            raise RuntimeError(f"{self.entrant.engine}: {answer}")
        return answer


def _race(entrant: Entrant, pipe: Connection) -> None:
    """The contender's process: load, then do each task that comes, until the pipe closes."""
    try:
        started = time.perf_counter()
        contender = entrant.enter()
        pipe.send(((time.perf_counter() - started) * 1000, _memory_mb()))
        code = contender.tokenize(sample())
        while True:
            task = pipe.recv()
            if task.kind == DRAFTED and isinstance(contender, Ours):
                pipe.send(contender.write_with_drafts(code, task.turn))
            else:
                pipe.send(perform(contender, code, task))
    except (EOFError, BrokenPipeError):
        return
    except Exception as error:  # Whatever it is, the other side reports it by the engine's name.
        pipe.send(f"{type(error).__name__}: {error}")


def _memory_mb(pid: int | None = None) -> int:
    return round(int(psutil.Process(pid).memory_info().rss) / 1e6)
