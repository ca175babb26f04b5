"""`python -m tests.e2e.recording OUT.svg COMMAND...`: a program's screen as it runs, in an SVG that moves.

What is on the screen is looked at a few times a second; each row that differs is drawn once, and each frame
is a list of rows. `docs/screens/demo.svg` is `tacit demo` in this form.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any, Final

from tests.e2e.picture import BACKGROUND, HEIGHT, WIDTH, row
from tests.e2e.terminal import Terminal

ROWS, COLUMNS = 32, 96
LOOKS_A_SECOND: Final = 3
LONGEST: Final = 1.5
"""Seconds that one frame is shown at most: waiting for a model is not worth looking at."""
TYPING: Final = 0.5
"""Seconds below which a frame is one of somebody typing: these are shown twice as fast."""
LAST: Final = 6.0
"""Seconds for the last frame."""

Frame = tuple[str, ...]


def watch(command: list[str], seconds: float = 300) -> list[tuple[float, Frame]]:
    """When each frame appeared, in seconds, and its rows as SVG."""
    frames: list[tuple[float, Frame]] = []
    with Terminal(command, Path.cwd(), os.environ, ROWS, COLUMNS) as terminal:
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            try:
                terminal.read(1 / LOOKS_A_SECOND)
            except OSError:
                break
            frame = drawn(terminal.display)
            if not frames or frames[-1][1] != frame:
                frames.append((time.monotonic() - began, frame))
    return frames


def svg(frames: list[tuple[float, Frame]], columns: int = COLUMNS) -> str:
    """The frames one after the other, for ever."""
    shown = [each for each in frames if any(each[1])]
    starts, now = [], 0.0
    for (appeared, _), (gone, _) in zip(shown, [*shown[1:], (shown[-1][0] + LAST, ())], strict=True):
        starts.append(now)
        now += LAST if gone == shown[-1][0] + LAST else _shown_for(gone - appeared)
    numbers: dict[str, int] = {}
    pictures = []
    for number, (_, frame) in enumerate(shown):
        uses = "".join(
            f'<use href="#r{numbers.setdefault(each, len(numbers))}" y="{at * HEIGHT:g}"/>'
            for at, each in enumerate(frame)
            if each
        )
        begin, end = starts[number] / now, (starts[number + 1] / now if number + 1 < len(shown) else 1)
        pictures.append(f'<g visibility="hidden">{uses}{_visible(begin, end, now)}</g>')
    lowest = max(at for _, frame in shown for at, each in enumerate(frame) if each)
    width, height = columns * WIDTH + 16, (lowest + 1) * HEIGHT + 16
    rows = "\n".join(f'<g id="r{number}">{each}</g>' for each, number in numbers.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
        f' font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">\n'
        f'<rect width="100%" height="100%" rx="6" fill="{BACKGROUND}"/>\n<defs>\n{rows}\n</defs>\n'
        + "\n".join(pictures)
        + "\n</svg>\n"
    )


def _shown_for(seconds: float) -> float:
    return seconds / 2 if seconds < TYPING else min(seconds, LONGEST)


def _visible(begin: float, end: float, duration: float) -> str:
    """Shown from one moment to the other, as shares of the whole."""
    times, values = [0.0, begin, end], ["hidden", "visible", "hidden"]
    if begin == 0:
        times, values = times[1:], values[1:]
    if end == 1:
        times, values = times[:-1], values[:-1]
    told = ";".join(f"{each:.5f}".rstrip("0").rstrip(".") for each in times)
    return (
        f'<animate attributeName="visibility" calcMode="discrete" dur="{duration:.2f}s"'
        f' repeatCount="indefinite" values="{";".join(values)}" keyTimes="{told}"/>'
    )


def drawn(screen: Any, rows: int = ROWS) -> Frame:
    """The first rows of a `pyte.Screen` as SVG, each at the height 0; empty where a row is blank."""
    blank = [not text.strip() for text in screen.display]
    return tuple("" if blank[at] else row(screen.buffer[at], screen.columns, 8) for at in range(rows))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(svg(watch(sys.argv[2:])))
