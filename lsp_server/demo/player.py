"""Plays a recorded session against a live server: the typing is recorded, the answers are not."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from bench.client import Json, LspError, Pending
from bench.editor import Editor
from bench.session import Session, Step, keystrokes
from lsp_server.demo.moment import Moment

REPLY_LIMIT = 30.0
LOOK_SECONDS = 0.5
"""Nobody types in the instant of opening a file, at whatever speed; servers read it in that moment."""

SHORTEST_TAB = 2
"""Nobody reaches for Tab to save a single character."""


def play(steps: Sequence[Step], editor: Editor) -> Iterator[Moment]:
    """Type steps of a session, waiting for each answer; take ghost text that says what was to be typed.

    Raises ClientError or TimeoutError where the server fails.
    """
    for step in steps:
        if step.file:
            editor.visit(step.file)
        if step.after:
            editor.find(step.after)
        yield Moment("step", step.title)
        time.sleep(LOOK_SECONDS)
        yield from _type(step, editor)


def arrive(session: Session, editor: Editor) -> None:
    """Open the first file and put the cursor where the typing begins.

    Asking at once, as editors do there, tells the server where that is: it reads the place as soon as
    it can.
    """
    first = session.step[0]
    editor.visit(first.file)
    if first.after:
        editor.find(first.after)
    _result(editor.ask())


def is_wanted(ghost: str, rest: str) -> bool:
    """Whether a person about to write `rest` takes `ghost`: it is right, and ends where a word does."""
    if len(ghost) < SHORTEST_TAB or not rest.startswith(ghost):
        return False
    following = rest[len(ghost) : len(ghost) + 1]
    return not (ghost[-1].isalnum() and following.isalnum())


def _type(step: Step, editor: Editor) -> Iterator[Moment]:
    rest, expected = step.type, ""
    while rest:
        key = keystrokes(rest)[0]
        rest = rest[len(key) :]
        editor.insert(key)
        expected = expected[len(key) :] if expected.startswith(key) else ""
        pending = editor.ask()
        result = _result(pending)
        ghost = editor.ghost(result)
        wanted = is_wanted(ghost, rest)
        through = bool(ghost) and ghost == expected
        yield Moment("key", key, ghost, pending.latency_ms, wanted, through)
        expected = ghost
        if wanted:
            editor.accept(result)
            rest = rest[len(ghost) :]
            yield Moment("tab", ghost)


def _result(pending: Pending) -> Json:
    try:
        return pending.result(REPLY_LIMIT)
    except LspError:
        return None  # Refused: nothing to show for this key; the next one asks again.
