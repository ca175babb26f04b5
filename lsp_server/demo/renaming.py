"""The act of next edits: a change is begun by hand, and Tab carries it on, through this file and the next."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from bench.client import LspError
from bench.editor import Offered
from bench.session import keystrokes
from lsp_server.demo.hands import Hands
from lsp_server.demo.moment import Moment
from lsp_server.demo.script import Rename
from text.edits import apply

REPLY_LIMIT = 30.0
MOST_TABS = 12
NEAR = 1
"""Lines: what is farther from the cursor is jumped to first."""

LOOK_SECONDS = 0.3
"""No hand goes from place to place in less; changes in quicker succession are not one person's typing."""

SEEN_SECONDS = 0.6
"""Nobody decides in less; and what is gone sooner does not count as seen."""


def play_rename(rename: Rename, hands: Hands) -> Iterator[Moment]:
    """Write the new name, then take each next edit that does nothing but the rename."""
    hands.visit(rename.file)
    hands.find(rename.after)
    yield Moment("step", rename.title)
    time.sleep(LOOK_SECONDS)
    for _ in rename.old:
        hands.backspace()
        yield Moment("plain", "⌫")
    for key in keystrokes(rename.new):
        hands.insert(key)
        yield Moment("plain", key)
    for _ in range(MOST_TABS):
        moment, offered = _next(hands)
        if offered is None:
            return
        wanted = _is_of(rename, hands.document.text, offered)
        if offered.file != moment.text or _is_far(hands, offered):
            hands.cursor = offered.edit.start
            if wanted:
                line = hands.document.position(hands.cursor).line + 1
                yield Moment("jump", f"{offered.file}:{line}", ms=moment.ms, edits=moment.edits)
        yield Moment(
            "next", offered.file, ms=moment.ms, wanted=wanted, edits=moment.edits, asked=moment.asked
        )
        time.sleep(SEEN_SECONDS)
        if not wanted:
            yield Moment("pass", offered.file)
            return
        hands.make(offered)
        hands.cursor = offered.edit.start + len(offered.edit.new)
        yield Moment("made", offered.edit.new)


def _next(hands: Hands) -> tuple[Moment, Offered | None]:
    """What shows by itself; where nothing does, what shows when the person asks."""
    before = hands.name
    for wanted in (False, True):
        pending = hands.ask_next_edit(wanted=wanted)
        try:
            offered = hands.offered(pending.result(REPLY_LIMIT))
        except LspError:
            continue  # refused: there is nothing to show
        if offered:
            edits = (offered.edit,)
            return Moment("next", before, ms=pending.latency_ms, edits=edits, asked=wanted), offered
    return Moment("next", before), None


def _is_of(rename: Rename, text: str, offered: Offered) -> bool:
    """Whether the edit brings the name to some places and does nothing else."""
    old = re.compile(rf"\b{re.escape(rename.old)}\b")
    after = apply(text, [offered.edit])
    return after != text and old.sub(rename.new, after) == old.sub(rename.new, text)


def _is_far(hands: Hands, offered: Offered) -> bool:
    line = hands.document.position
    return abs(line(offered.edit.start).line - line(hands.cursor).line) > NEAR
