"""The demo as a picture in a terminal: the code, what the server shows in it, and how fast it came."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from bench.editor import Editor
from lsp_server.demo import picture
from lsp_server.demo.captions import caption
from lsp_server.demo.moment import Kind, Moment
from lsp_server.demo.tally import Tally

LINES = 20
FRAME = 4  # the panel's two borders, the footer, and the line below it
KEY_SECONDS = 0.035
PAUSES: dict[Kind, float] = {
    "act": 1.5,
    "step": 0.9,
    "plain": KEY_SECONDS,
    "tab": 0.7,
    "next": 0.9,
    "jump": 0.8,
    "made": 0.5,
    "pass": 1.2,
    "sketch": 3.0,
    "exact": 3.0,
    "applied": 1.5,
    "refused": 4.0,
    "found": 3.0,
}
"""Seconds that a person looks."""
GREEN: frozenset[Kind] = frozenset(["tab", "made", "applied"])
BARS = "▁▂▃▄▅▆▇█"
SCALE_MS = 300.0


class Screen:
    """A live panel; `speed` 0 leaves the pauses out in which a person would look."""

    def __init__(self, console: Console, editor: Editor, tally: Tally, *, model: str, speed: float) -> None:
        self._editor = editor
        self._tally = tally
        self._model = model
        self._speed = speed
        self._act = ""
        self._title = ""
        self._sketch = ""
        self._recent: list[float] = []
        self._lines = max(5, min(LINES, console.height - FRAME))
        self._live = Live(console=console, auto_refresh=False, vertical_overflow="crop")

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def show(self, moment: Moment) -> None:
        """Draw the state after `moment` and leave it for as long as a person would."""
        if moment.kind == "act":
            self._act, self._title = moment.text.partition(":")[0], ""
        elif moment.kind == "step":
            self._title = moment.text
        elif moment.kind == "sketch":
            self._sketch = moment.text
        if moment.ms and not moment.typed_through and (moment.ghost or moment.kind != "key"):
            self._recent = [*self._recent, moment.ms][-32:]
        self._live.update(self._draw(moment), refresh=True)
        time.sleep(self._speed * self._pause(moment))

    def _pause(self, moment: Moment) -> float:
        if moment.kind == "key" and not moment.wanted:
            return max(0.0, KEY_SECONDS - moment.ms / 1000)
        return PAUSES.get(moment.kind, PAUSES["tab"])

    def _draw(self, moment: Moment) -> RenderableType:
        panel = Panel(
            self._content(moment),
            title=f"[bold]{self._act}[/]  {self._title}" if self._act else self._title,
            title_align="left",
            subtitle=f"[bold]{self._editor.name}[/]  [dim]{self._model}[/]",
            subtitle_align="right",
            border_style="green" if moment.kind in GREEN else "red" if moment.kind == "refused" else "blue",
        )
        return Group(panel, self._footer(moment))

    def _content(self, moment: Moment) -> Text:
        """What the panel holds: mostly the lines around the cursor."""
        editor = self._editor
        if moment.kind == "act" or not editor.name:
            return picture.window(Text(f"\n\n  {moment.text}", style="bold"), 0, self._lines)
        document = editor.document
        if moment.kind in ("sketch", "refused"):
            reason = moment.text if moment.kind == "refused" else ""
            return picture.window(picture.sketch(self._sketch, document.language, reason), 0, self._lines)
        if moment.kind == "found":
            return picture.window(picture.answers(moment.text, moment.hits), 0, self._lines)
        if moment.edits:
            shown = picture.change(document, moment.edits)
            line = document.position(moment.edits[0].start).line
            return picture.window(shown, line, self._lines)
        written = len(moment.text) if moment.kind in ("tab", "made") else 0
        shown = picture.code(document, editor.cursor, moment.ghost, written)
        return picture.window(shown, document.position(editor.cursor).line, self._lines)

    def _footer(self, moment: Moment) -> Text:
        line = Text("  ", no_wrap=True, overflow="crop")
        if moment.kind in ("tab", "made"):
            line.append(" Tab ", style="bold black on green")
        elif moment.wanted or moment.kind == "jump":
            line.append(" Tab ", style="bold black on yellow")
        else:
            line.append("     ")
        line.append(f"  {caption(moment)}".ljust(46))
        line.append(sparkline(self._recent), style="cyan")
        if self._tally.tabs:
            line.append(f"   {self._tally.tabbed_share:.0%} by Tab", style="bold")
        return line


def sparkline(milliseconds: list[float]) -> str:
    """One bar per latency; a full one stands for 300 ms or more."""
    steps = len(BARS) - 1
    return "".join(BARS[min(steps, int(ms / SCALE_MS * steps))] for ms in milliseconds)
