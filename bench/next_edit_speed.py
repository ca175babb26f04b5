"""How long a next edit takes to find: the recorded session typed key by key, asking after each of them.

What is timed is the search alone, from the moment to the answer, as the server calls it: on symbols, and with
the model's word where the gate asks for one. The way over LSP is `tacit bench latency`'s.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from bench.report import summary
from bench.session import Session, keystrokes, load
from completion.history import History
from completion.next_edit.ensemble import PRECISION, NextEdit, next_edit
from completion.next_edit.gate import weights
from completion.next_edit.moment import Moment
from completion.next_edit.writing import Writer
from text.lines import split_lines

SESSION: Final = Path(__file__).parent / "sessions" / "workday.toml"
KEY_SECONDS: Final = 0.15  # between two keys, for the history, which groups them
STEP_SECONDS: Final = 4.0  # between two steps
BUDGET_MS: Final = 250.0  # of one search with the model, as in the server's configuration


def measure(
    writer: Writer | None = None, keys: int = 300, progress: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """Milliseconds of each search, on symbols and, where a `writer`'s word counts, with it."""
    asked = writer is not None and bool(weights().words)
    found: dict[str, list[float]] = {name: [] for name in ("symbols", "with the model")[: 1 + asked]}
    shown = 0
    for count, moment in enumerate(moments(SESSION, load(SESSION)), 1):
        for name, times in found.items():
            started = time.perf_counter()
            deadline = time.monotonic() + BUDGET_MS / 1000
            answer = next_edit(
                moment, PRECISION, writer=writer if name != "symbols" else None, deadline=deadline
            )
            times.append((time.perf_counter() - started) * 1000)
            shown += isinstance(answer, NextEdit)
        progress()
        if count == keys:
            break
    total = sum(map(len, found.values()))
    return {**{name: summary(times) for name, times in found.items()}, "shown": round(shown / total, 3)}


def moments(path: Path, session: Session) -> Iterator[Moment]:
    """The state after each key of the session."""
    folder = path.parent / session.folder
    texts = {name: (folder / name).read_text("utf-8") for name in session.files}
    history, now = History(), 0.0
    file, cursor, marked = session.files[0], 0, ("", 0)
    for step in session.step:
        now += STEP_SECONDS
        file = step.file or file
        if step.undo:
            before, (texts[file], cursor) = texts[file], marked
            history.record(file, before, texts[file], now)
            yield _moment(texts, history, file, cursor)
            continue
        if step.after:
            cursor = texts[file].index(step.after) + len(step.after)
        marked = texts[file], cursor
        for key in [*([""] * step.erase), *keystrokes(step.type)]:
            before = texts[file]
            start = cursor if key else max(cursor - 1, 0)
            texts[file] = before[:start] + key + before[cursor:]
            cursor = start + len(key)
            now += KEY_SECONDS
            history.record(file, before, texts[file], now)
            yield _moment(texts, history, file, cursor)


def _moment(texts: dict[str, str], history: History, file: str, cursor: int) -> Moment:
    files = {name: [line.rstrip("\r\n") for line in split_lines(text)] for name, text in texts.items()}
    return Moment(files, history.changes(), file, texts[file].count("\n", 0, cursor) + 1)
