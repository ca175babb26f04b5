"""Draws how reliable the gate's probabilities are, on repositories held out: docs/next-edit-reliability.svg.

    python -m training.next_edit_reliability

The figures stand in gate.json, where training/next_edit_gate.py has put them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from completion.next_edit.gate import weights
from training.pictures import reliability

OUT: Final = Path(__file__).parents[1] / "docs" / "next-edit-reliability.svg"


def drawn(tenths: Sequence[tuple[int, float, float]]) -> str:
    """The picture of (predictions, mean probability, share right) in each tenth."""
    return reliability(tenths, "Next edits on repositories held out", "the gate's probability")


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
