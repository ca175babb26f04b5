"""What the bug finder says: a place, how probably it is wrong, why, and what might be meant."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is probably wrong in the text [start, end), in code points.

    `probability` is calibrated: of findings with .7 seven in ten would be mended by a maintainer. `line`
    counts from 0, `function` is a qualified name, `replacement` stands for [start, end) and is None where
    nothing is proposed.
    """

    kind: str
    start: int
    end: int
    line: int
    function: str
    probability: float
    message: str
    replacement: str | None = None
