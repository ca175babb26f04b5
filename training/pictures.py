"""Pictures of what a model says and how far that holds, as SVG: reliability, and precision over recall."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

_SIZE: Final = 400  # pixels of the square that is drawn in
_EDGE: Final = 50
_COLOURS: Final = ("#15803d", "#c2410c", "#1d4ed8", "#7e22ce", "#a16207", "#0f766e", "#be123c", "#52525b")


def reliability(tenths: Sequence[tuple[int, float, float]], title: str, probability: str) -> str:
    """The picture of (predictions, mean probability, share right) in each tenth; the area tells how many."""
    most = max((count for count, _, _ in tenths), default=1)
    shapes = [
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#888" stroke-dasharray="4 4"/>'
    ]
    for count, mean, share in tenths:
        if count:
            radius = 3 + 15 * (count / most) ** 0.5
            shapes.append(
                f'<circle cx="{_x(mean)}" cy="{_y(share)}" r="{radius:.1f}" fill="#2a6" fill-opacity="0.6">'
                f"<title>{count} predictions, mean {mean:.3f}, right {share:.3f}</title></circle>"
            )
    return _square(shapes, title, probability, "share that was right")


def precision_recall(curves: Mapping[str, Sequence[tuple[float, float]]], title: str) -> str:
    """The picture of each name's (recall, precision)."""
    shapes = []
    for number, (name, points) in enumerate(curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        path = " ".join(f"{_x(recall)},{_y(precision)}" for recall, precision in points)
        shapes.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        place = f'x="{_x(1) - 8}" y="{_y(1) + 18 + 16 * number}" text-anchor="end"'
        shapes.append(f'<text {place} fill="{colour}">{name}</text>')
    return _square(shapes, title, "recall", "precision")


def _square(shapes: Sequence[str], title: str, across: str, up: str) -> str:
    whole, inside = _SIZE + 2 * _EDGE, "\n".join([*_labels(), *shapes])
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" font-family="sans-serif"
 font-size="13">
<rect width="{whole}" height="{whole}" fill="white"/>
<rect x="{_EDGE}" y="{_EDGE}" width="{_SIZE}" height="{_SIZE}" fill="none" stroke="#888"/>
{inside}
<text x="{_x(0.5)}" y="{whole - 12}" text-anchor="middle">{across}</text>
<text transform="translate(14 {_y(0.5)}) rotate(-90)" text-anchor="middle">{up}</text>
<text x="{_x(0.5)}" y="28" text-anchor="middle">{title}</text>
</svg>
"""


def _labels() -> Iterator[str]:
    for number in range(0, 11, 2):
        label = f"{number / 10:.1f}"
        yield f'<text x="{_x(number / 10)}" y="{_y(0) + 18}" text-anchor="middle">{label}</text>'
        yield f'<text x="{_x(0) - 6}" y="{_y(number / 10) + 4}" text-anchor="end">{label}</text>'


def _x(value: float) -> float:
    return round(_EDGE + _SIZE * value, 1)


def _y(value: float) -> float:
    return round(_EDGE + _SIZE * (1 - value), 1)
