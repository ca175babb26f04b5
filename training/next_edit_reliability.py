"""Draws how reliable the gate's probabilities are, on repositories held out: docs/next-edit-reliability.svg.

    python -m training.next_edit_reliability

The figures stand in gate.json, where training/next_edit_gate.py has put them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from completion.next_edit.gate import weights

OUT: Final = Path(__file__).parents[1] / "docs" / "next-edit-reliability.svg"
_SIZE: Final = 400  # pixels of the square that is drawn in
_EDGE: Final = 50


def drawn(tenths: Sequence[tuple[int, float, float]]) -> str:
    """The picture of (predictions, mean probability, share right) in each tenth; the area tells how many."""
    most = max((count for count, _, _ in tenths), default=1)
    shapes = "\n".join(_shapes(tenths, most))
    whole = _SIZE + 2 * _EDGE
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" font-family="sans-serif"
 font-size="13">
<rect width="{whole}" height="{whole}" fill="white"/>
<rect x="{_EDGE}" y="{_EDGE}" width="{_SIZE}" height="{_SIZE}" fill="none" stroke="#888"/>
<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#888" stroke-dasharray="4 4"/>
{shapes}
<text x="{_x(0.5)}" y="{whole - 12}" text-anchor="middle">the gate's probability</text>
<text transform="translate(14 {_y(0.5)}) rotate(-90)" text-anchor="middle">share that was right</text>
<text x="{_x(0.5)}" y="28" text-anchor="middle">Next edits on repositories held out</text>
</svg>
"""


def _shapes(tenths: Sequence[tuple[int, float, float]], most: int) -> Iterator[str]:
    for number in range(0, 11, 2):
        label = f"{number / 10:.1f}"
        yield f'<text x="{_x(number / 10)}" y="{_y(0) + 18}" text-anchor="middle">{label}</text>'
        yield f'<text x="{_x(0) - 6}" y="{_y(number / 10) + 4}" text-anchor="end">{label}</text>'
    for count, mean, share in tenths:
        if count:
            radius = 3 + 15 * (count / most) ** 0.5
            title = f"{count} predictions, mean {mean:.3f}, right {share:.3f}"
            yield (
                f'<circle cx="{_x(mean)}" cy="{_y(share)}" r="{radius:.1f}" fill="#2a6" '
                f'fill-opacity="0.6"><title>{title}</title></circle>'
            )


def _x(value: float) -> float:
    return round(_EDGE + _SIZE * value, 1)


def _y(value: float) -> float:
    return round(_EDGE + _SIZE * (1 - value), 1)


def main(argv: Sequence[str] | None = None) -> int:
    """Draw it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args(argv)
    tenths = weights().reliability
    if not tenths:
        print("gate.json holds no figures: run training.next_edit_gate first", file=sys.stderr)
        return 1
    arguments.out.write_text(drawn(tenths), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
