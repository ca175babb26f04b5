"""Draws what models have learned over the tokens that they have seen, and says what more tokens would bring.

    python -m training.learning_curve training/log/learning_curve.tsv training/log/learning_curve.svg

Each line of the table is a measurement, in the order of the tokens: tier, what was measured, run, tokens,
value, and for shares of cases also how many there were, and how many of them the model of the line before did
not have right (mended), or did, as this one does not (broken). A line without tokens is of the base; no fit
knows it. A loss is fitted as a power of the tokens, a share of cases as a line over their logarithm, both by
least squares. How unsure a slope is follows for a loss from how far its points lie off the line, for a share
from what was mended and broken between the last two (a difference of paired shares).
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

WIDTH: Final = 420  # pixels of each half
HEIGHT: Final = 360
MARGIN: Final = 50
TOKENS: Final = (3e4, 1e8)  # from left to right
COLOURS: Final = ("#c2410c", "#1d4ed8", "#15803d", "#7e22ce", "#a16207", "#0f766e")
CERTAINTY: Final = 1.645  # standard errors to 5 and 95 %


@dataclass(frozen=True)
class Point:
    """One measurement: a loss in nats a token, or a share of `cases`."""

    run: str
    tokens: int
    value: float
    cases: int = 0
    mended: int = 0
    broken: int = 0


@dataclass(frozen=True)
class Curve:
    """What one tier learned of one thing. A share where its points count cases, otherwise a loss."""

    points: Sequence[Point]

    @property
    def trained(self) -> Sequence[Point]:
        """All but the base."""
        return [each for each in self.points if each.tokens]

    @property
    def is_share(self) -> bool:
        """Whether more is better."""
        return self.points[0].cases > 0

    def fit(self) -> tuple[float, float]:
        """Level and slope over log10 of the tokens: of the share, or of log10 of the loss."""
        values = [each.value if self.is_share else math.log10(each.value) for each in self.trained]
        slope, level = np.polyfit([math.log10(each.tokens) for each in self.trained], values, 1)
        return float(level), float(slope)

    def at(self, tokens: float) -> float:
        """What the fit says."""
        level, slope = self.fit()
        fitted = level + slope * math.log10(tokens)
        return fitted if self.is_share else 10**fitted

    def error(self) -> float:
        """The standard error of the slope."""
        across = np.log10([each.tokens for each in self.trained])
        if not self.is_share:
            off = [math.log10(each.value / self.at(each.tokens)) for each in self.trained]
            return math.sqrt(
                np.square(off).sum() / max(len(off) - 2, 1) / np.square(across - across.mean()).sum()
            )
        last = self.trained[-1]
        changed, gained = last.mended + last.broken, last.mended - last.broken
        return math.sqrt(changed - gained**2 / last.cases) / last.cases / float(across[-1] - across[-2])

    def tokens_for(self, value: float, errors: float = 0.0) -> float:
        """Where the fit, its slope so many standard errors steeper, comes to `value`; infinite for never."""
        last, (_, slope) = self.points[-1], self.fit()
        better = (slope if self.is_share else -slope) + errors * self.error()
        if better <= 0:
            return math.inf
        missing = value - last.value if self.is_share else math.log10(last.value / value)
        return last.tokens * 10 ** min(max(missing / better, 0.0), 300.0)


def main() -> None:
    """Write the picture and print the fits."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("table", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--want", nargs="*", default=[], metavar="TIER:MEASURE=VALUE", help="when is it reached?"
    )
    args = parser.parse_args()
    curves = read(args.table)
    args.out.write_text(drawn(curves), encoding="utf-8")
    for name, curve in curves.items():
        print(f"{name}: {said(curve)}")
    for wish in args.want:
        name, _, value = wish.partition("=")
        print(f"{name} = {value}: {foretold(curves[name], float(value))}")


def read(path: Path) -> dict[str, Curve]:
    """The curves by "tier:measure", in the order of the table."""
    found: dict[str, list[Point]] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            counts = (int(row[column] or 0) for column in ("cases", "mended", "broken"))
            point = Point(row["run"], int(row["tokens"]), float(row["value"]), *counts)
            found.setdefault(f"{row['tier']}:{row['measure']}", []).append(point)
    return {name: Curve(points) for name, points in found.items()}


def said(curve: Curve) -> str:
    """The fit in words."""
    _, slope = curve.fit()
    if curve.is_share:
        return f"{slope:+.3f} (standard error {curve.error():.3f}) for ten times the tokens"
    less = f"{1 - 2**slope:.1%} less for twice the tokens"
    return f"tokens^{slope:.3f} (standard error {curve.error():.3f}), {less}"


def foretold(curve: Curve, value: float) -> str:
    """When a value is reached, with the slope as fitted and at the edges of nine tenths of what it may be."""
    best, early, late = (curve.tokens_for(value, errors) for errors in (0.0, CERTAINTY, -CERTAINTY))
    return f"{_told(best)} tokens, between {_told(early)} and {_told(late)}"


def _told(tokens: float) -> str:
    return "never" if math.isinf(tokens) else f"{tokens:.1e}"


def drawn(curves: Mapping[str, Curve]) -> str:
    """The picture as SVG: losses on the left, both axes logarithmic, shares on the right."""
    losses = {name: curve for name, curve in curves.items() if not curve.is_share}
    shares = {name: curve for name, curve in curves.items() if curve.is_share}
    left = Panel(0, (0.3, 0.5, 1.0, 2.0), math.log10)
    right = Panel(WIDTH, (0.0, 0.1, 0.2, 0.3, 0.4, 0.5), float)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * WIDTH}" height="{HEIGHT}"'
        ' font-family="sans-serif" font-size="11">',
        '<rect width="100%" height="100%" fill="white"/>',
        *left.shapes(losses, "held-out loss, nats a token, over tokens seen"),
        *right.shapes(shares, "share of cases exactly right, over tokens seen"),
    ]
    return "\n".join([*parts, "</svg>", ""])


@dataclass(frozen=True)
class Panel:
    """Half of the picture: where it begins, the values that have a line, and how they are scaled."""

    left: int
    marks: Sequence[float]
    scale: Callable[[float], float]

    def at(self, tokens: float, value: float) -> tuple[float, float]:
        """The pixels of a measurement."""
        low, high = self.scale(self.marks[0]), self.scale(self.marks[-1])
        across = math.log10(tokens / TOKENS[0]) / math.log10(TOKENS[1] / TOKENS[0])
        up = (self.scale(value) - low) / (high - low)
        width, height = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
        return round(self.left + MARGIN + across * width, 1), round(HEIGHT - MARGIN - up * height, 1)

    def shapes(self, curves: Mapping[str, Curve], title: str) -> Iterator[str]:
        """Axes, points, the base hollow on the left, and the fits as far as the axis goes."""
        start, end = self.left + MARGIN, self.left + WIDTH - MARGIN
        for value in self.marks:
            y = self.at(TOKENS[0], value)[1]
            yield f'<line x1="{start}" y1="{y}" x2="{end}" y2="{y}" stroke="#ddd"/>'
            yield f'<text x="{start - 6}" y="{y + 4}" text-anchor="end">{value:g}</text>'
        for tokens, label in ((1e5, "100k"), (1e6, "1M"), (1e7, "10M"), (1e8, "100M")):
            x = self.at(tokens, self.marks[0])[0]
            yield f'<text x="{x}" y="{HEIGHT - MARGIN + 16}" text-anchor="middle">{label}</text>'
        yield f'<text x="{(start + end) / 2}" y="18" text-anchor="middle">{title}</text>'
        for number, (name, curve) in enumerate(curves.items()):
            colour = COLOURS[number % len(COLOURS)]
            fitted = [self.at(tokens, curve.at(tokens)) for tokens in (curve.trained[0].tokens, TOKENS[1])]
            line = " ".join(f"{x},{y}" for x, y in fitted)
            yield f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-dasharray="4 3"/>'
            for point in curve.points:
                x, y = self.at(point.tokens or TOKENS[0], point.value)
                fill = colour if point.tokens else "none"
                shape = f'<circle cx="{x}" cy="{y}" r="4" fill="{fill}" stroke="{colour}">'
                yield f"{shape}<title>{point.run}</title></circle>"
            text = name.replace(":", ", ")
            yield f'<text x="{end}" y="{34 + 14 * number}" text-anchor="end" fill="{colour}">{text}</text>'


if __name__ == "__main__":
    main()
