"""Draws the loss of a run as a picture: its steps faint, their mean strong, held-out samples as dots.

python -m training.curve RUN/log.jsonl OUT.svg
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

WIDTH: Final = 640
HEIGHT: Final = 320
MARGIN: Final = 40
MEAN_OF: Final = 0.1  # of all steps go into each point of the mean
COLOURS: Final = ("#c2410c", "#1d4ed8", "#15803d", "#7e22ce")

Point = tuple[float, float]  # step, loss


def main() -> None:
    """Read a log and write the picture."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("log", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    entries = [json.loads(line) for line in args.log.read_text(encoding="utf-8").splitlines()]
    args.out.write_text(drawn(entries), encoding="utf-8")


def drawn(entries: Sequence[dict[str, Any]]) -> str:
    """The picture of a run's log as SVG."""
    steps = [(entry["step"], entry["loss"]) for entry in entries]
    held_out: dict[str, list[Point]] = {}
    for entry in entries:
        for name, judged in entry.get("held_out", {}).items():
            held_out.setdefault(name, []).append((entry["step"], judged["loss"]))
    last = max((step for step, _ in steps), default=1)
    top = max((loss for points in (steps, *held_out.values()) for _, loss in points), default=1.0)

    def at(point: Point) -> str:
        x = MARGIN + (WIDTH - 2 * MARGIN) * point[0] / last
        y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * point[1] / top
        return f"{x:.1f},{y:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif"'
        ' font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<path d="M{at((0, top))} L{at((0, 0))} L{at((last, 0))}" fill="none" stroke="black"/>',
        f'<text x="4" y="{MARGIN}">{top:.2f}</text><text x="4" y="{HEIGHT - MARGIN}">0</text>',
        f'<text x="{WIDTH - MARGIN}" y="{HEIGHT - MARGIN + 16}" text-anchor="end">step {last}</text>',
        f'<polyline points="{" ".join(map(at, steps))}" fill="none" stroke="#bbb"/>',
        f'<polyline points="{" ".join(map(at, mean(steps)))}" fill="none" stroke="black" stroke-width="2"/>',
    ]
    for index, (name, points) in enumerate(held_out.items()):
        colour = COLOURS[index % len(COLOURS)]
        for point in points:
            x, y = at(point).split(",")
            parts.append(f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>')
        y_name = MARGIN - 8 + 14 * index
        parts.append(
            f'<text x="{WIDTH - MARGIN}" y="{y_name}" text-anchor="end" fill="{colour}">{name}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def mean(points: Sequence[Point]) -> list[Point]:
    """Each point's mean with those before it."""
    window = max(round(MEAN_OF * len(points)), 1)
    losses = [loss for _, loss in points]
    return [
        (step, sum(losses[max(at - window, 0) : at]) / len(losses[max(at - window, 0) : at]))
        for at, (step, _) in enumerate(points, 1)
    ]


if __name__ == "__main__":
    main()
