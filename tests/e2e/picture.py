"""A terminal's screen as SVG: text in its colours, without the empty rows that editors fill windows with."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final
from xml.sax.saxutils import escape

WIDTH, HEIGHT, BASE = 8.4, 18.0, 13.0  # of a cell, and of its baseline, in pixels
BACKGROUND, FOREGROUND = "#1e1e2e", "#cdd6f4"
NAMES: Final = {
    "black": "#45475a",
    "red": "#f38ba8",
    "green": "#a6e3a1",
    "brown": "#f9e2af",
    "blue": "#89b4fa",
    "magenta": "#f5c2e7",
    "cyan": "#94e2d5",
    "white": "#bac2de",
    "brightblack": "#7f849c",
}


def svg(screen: Any) -> str:
    """A `pyte.Screen` as an SVG document."""
    texts = [text.strip().removeprefix("~") for text in screen.display]
    rows = [at for at in range(len(texts)) if any(texts[max(at - 2, 0) : at + 1])]
    width, height = screen.columns * WIDTH + 16, len(rows) * HEIGHT + 16
    drawn = "\n".join(
        row(screen.buffer[each], screen.columns, 8 + at * HEIGHT) for at, each in enumerate(rows)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
        f' font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">\n'
        f'<rect width="100%" height="100%" rx="6" fill="{BACKGROUND}"/>\n{drawn}\n</svg>\n'
    )


def row(cells: Any, columns: int, top: float) -> str:
    """A row at the height `top`, in runs of cells that look alike; an empty cell follows a wide one."""
    parts = []
    for (fore, back, bold, line), run in groupby(range(columns), key=lambda at: _look(cells[at])):
        places = list(run)
        text = "".join(cells[at].data for at in places)
        left, width = 8 + places[0] * WIDTH, len(places) * WIDTH
        if back != BACKGROUND:
            parts.append(
                f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{HEIGHT:g}" fill="{back}"/>'
            )
        if text.strip():
            more = ' font-weight="bold"' * bold + f' text-decoration="{line}"' * bool(line)
            parts.append(
                f'<text x="{left:g}" y="{top + BASE:g}" textLength="{width:g}" xml:space="preserve"'
                f' fill="{fore}"{more}>{escape(text)}</text>'
            )
    return "".join(parts)


def _look(cell: Any) -> tuple[str, str, bool, str]:
    fore, back = _colour(cell.fg, FOREGROUND), _colour(cell.bg, BACKGROUND)
    if cell.reverse:
        fore, back = back, fore
    return (
        fore,
        back,
        bool(cell.bold),
        "line-through" if cell.strikethrough else "underline" * cell.underscore,
    )


def _colour(name: str, default: str) -> str:
    """Pyte's name of a colour, or its six hexadecimal digits."""
    if name == "default":
        return default
    return NAMES.get(name) or NAMES.get(name.removeprefix("bright"), f"#{name}")
