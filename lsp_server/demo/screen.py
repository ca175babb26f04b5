"""The replay as a picture in a terminal: the code, the ghost text, and how fast it came."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.syntax import Syntax
from rich.text import Text

from bench.editor import Editor
from lsp_server.demo.player import Moment
from lsp_server.demo.tally import Tally

LINES = 20
FRAME = 4  # the panel's two borders, the footer, and the line below it
THEME = "ansi_dark"  # The terminal's own colours.
KEY_SECONDS = 0.035
LOOK_SECONDS = 0.7
TITLE_SECONDS = 0.7
BARS = "▁▂▃▄▅▆▇█"
SCALE_MS = 300.0


class Screen:
    """A live panel; `speed` 0 leaves the pauses out in which a person would look."""

    def __init__(self, console: Console, editor: Editor, tally: Tally, *, model: str, speed: float) -> None:
        self._editor = editor
        self._tally = tally
        self._model = model
        self._speed = speed
        self._title = ""
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
        if moment.kind == "step":
            self._title = moment.text
        elif moment.kind == "key" and moment.ghost and not moment.typed_through:
            self._recent = [*self._recent, moment.ms][-32:]
        self._live.update(self._draw(moment), refresh=True)
        time.sleep(self._speed * self._pause(moment))

    def _pause(self, moment: Moment) -> float:
        if moment.kind == "step":
            return TITLE_SECONDS
        if moment.kind == "tab" or moment.wanted:
            return LOOK_SECONDS
        return max(0.0, KEY_SECONDS - moment.ms / 1000)

    def _draw(self, moment: Moment) -> RenderableType:
        code = Panel(
            self._code(moment),
            title=f"[bold]{self._editor.name}[/]  {self._title}",
            title_align="left",
            subtitle=f"[dim]{self._model}[/]",
            subtitle_align="right",
            border_style="green" if moment.kind == "tab" else "blue",
        )
        return Group(code, self._footer(moment))

    def _code(self, moment: Moment) -> Text:
        """The lines around the cursor, with the ghost text where it would go."""
        document, cursor = self._editor.document, self._editor.cursor
        syntax = Syntax("", document.language, theme=THEME, background_color="default")
        text = syntax.highlight(document.text)
        code = text[:cursor]
        if moment.kind == "tab":
            code.stylize("bold green", cursor - len(moment.text), cursor)
        code.append(moment.ghost, style="dim italic")
        code.append("▏" if not moment.ghost else "", style="blink")
        code.append_text(text[cursor:])
        code.expand_tabs(4)
        code.no_wrap = True
        lines = code.split("\n", allow_blank=True)
        at = document.position(cursor).line
        top = max(0, min(at - self._lines * 2 // 3, len(lines) - self._lines))
        window = list(lines[top : top + self._lines])
        return Text("\n").join([*window, *[Text()] * (self._lines - len(window))])

    def _footer(self, moment: Moment) -> Text:
        tally, line = self._tally, Text(" ", no_wrap=True, overflow="crop")
        if moment.kind == "tab":
            line.append(" Tab ", style="bold black on green")
        elif moment.wanted:
            line.append(" Tab ", style="bold black on yellow")
        else:
            line.append("     ")
        if moment.kind == "key" and moment.ghost:
            how = "still fits, no model call" if moment.typed_through else "from the model"
            line.append(f"  {moment.ms:4.0f} ms {how}".ljust(38))
        else:
            line.append("".ljust(38))
        line.append(sparkline(self._recent), style="cyan")
        line.append(f"   {tally.tabbed_share:.0%} by Tab", style="bold")
        return line


def sparkline(milliseconds: list[float]) -> str:
    """One bar per latency; a full one stands for 300 ms or more."""
    steps = len(BARS) - 1
    return "".join(BARS[min(steps, int(ms / SCALE_MS * steps))] for ms in milliseconds)
