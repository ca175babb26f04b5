"""How long apply takes: sketches in every style, on files of 1,000 and of 10,000 lines.

The files are written by a formula, so that they are the same everywhere: classes with methods that differ in
some words and share others, as in real code. No model is run.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from typing import Any

from apply.apply import Applied, apply_sketch
from bench.report import summary
from bench.sketching.pair import Pair
from bench.sketching.styles import STYLES

SIZES = (1_000, 10_000)  # lines
ROUNDS = {1_000: 20, 10_000: 2}  # changes that are sketched in each style
WORDS = (
    "order",
    "price",
    "stock",
    "client",
    "parcel",
    "route",
    "driver",
    "invoice",
    "refund",
    "label",
    "coupon",
)


def measure(progress: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Milliseconds for each size, over all styles, and how many sketches were applied, not refused."""
    return {f"{size} lines": _measure(size, progress) for size in SIZES}


def _measure(size: int, progress: Callable[[], None]) -> dict[str, Any]:
    rng = random.Random(size)
    old = source(size)
    times: list[float] = []
    applied = 0
    for _ in range(ROUNDS[size]):
        pair = Pair(old, changed(old, rng), "python")
        for style in STYLES.values():
            sketch = style(pair, rng)
            if sketch is None:
                continue
            started = time.perf_counter()
            outcome = apply_sketch(old, sketch, "shop.py")
            times.append((time.perf_counter() - started) * 1000)
            applied += isinstance(outcome, Applied)
            progress()
    return {**summary(times), "applied": round(applied / len(times), 3)}


def source(size: int) -> str:
    """A Python file of about so many lines."""
    rng = random.Random(1)
    lines = ['"""A shop."""', "", "import math"]
    number = 0
    while len(lines) < size:
        number += 1
        one, other = rng.sample(WORDS, 2)
        if number % 8 == 1:
            lines += [
                "",
                "",
                f"class {one.title()}{number}:",
                f'    """Keeps every {one} and its {other}."""',
            ]
        lines += [
            "",
            f"    def {one}_{other}_{number}(self, {one}, limit={number}):",
            f'        """The {other} of `{one}`."""',
            f"        total = self.{other}_{one}({number * 17 % 101})",
            f"        for each in self.{one}s:",
            f"            if each.{other} > limit + {number % 7}:",
            f"                total += each.{other} * {number}",
            "            else:",
            f"                total += {one}.count({number * 31 % 97})",
            f"        self.{other}s.append({one}, {number * 7 % 89})",
            "        return math.floor(total)",
        ]
    return "\n".join(lines) + "\n"


def changed(text: str, rng: random.Random) -> str:
    """The text with a few lines put in, taken out and rewritten."""
    lines = text.split("\n")
    for at in sorted(rng.sample(range(10, len(lines) - 10), 3), reverse=True):
        while not re.match(r"        \w.*[^:]$", lines[at]):
            at -= 1
        name = f"{rng.choice(WORDS)}_{rng.randint(0, 999)}"
        if rng.random() < 0.5:
            lines.insert(at, f"        self.note('{name}', {rng.randint(0, 99)})")
        else:
            lines[at] = f"        {name} = self.measure({rng.randint(0, 99)})"
    return "\n".join(lines)
